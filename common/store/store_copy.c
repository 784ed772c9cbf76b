#include <fcntl.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/store/envdir.h"
#include "common/store/store.h"
#include "common/store/store_inside.h"

#define FILE_MODE 0600

static void
close_drop(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* LMDB reads in a snapshot of its own and writes the pages of that moment in their order. */
static enum err
copy_into(const struct store *s, const char *dir)
{
	OWNED_MEM char *path = xasprintf("%s/data.mdb", dir);
	OWNED_BY(close_drop)
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return fail(E_IO, "%s: %m", path);
	int rc = mdb_env_copyfd2(s->env, fd, MDB_CP_COMPACT);
	return rc ? store_fail(s->dir, rc, "copy") : OK;
}

enum err
store_copy(struct store *s, const char *dir)
{
	if (access(dir, F_OK) == 0)
		return fail(E_CONFLICT, "%s is there already", dir);
	OWNED_MEM char *aside = NULL;
	enum err e = envdir_begin(&aside, dir);
	if (!e)
		e = copy_into(s, aside);
	return e ? e : envdir_publish(aside, dir);
}

static enum err
copy_and_move(struct store *s)
{
	OWNED_BY(close_drop) int fd = -1;
	enum err e = envdir_begin_move(&fd, s->dir);
	if (e)
		return e;
	int rc = mdb_env_copyfd2(s->env, fd, MDB_CP_COMPACT);
	return rc ? store_fail(s->dir, rc, "compact") : envdir_move(fd, s->dir);
}

enum err
store_compact(struct store *s)
{
	if (s->read_only)
		return fail(E_DENIED, "%s is opened to read only", s->dir);
	if (s->broken)
		return fail(
			E_IO, "%s: an earlier commit failed: start the program again", s->dir);
	if (s->open_count)
		return fail(E_BUSY, "%s: a transaction is open", s->dir);
	/* A move that stopped half way leaves files that do not belong together open here: it
	 * is
	 * opened anew whatever came out. */
	enum err e = copy_and_move(s);
	enum err opened = store_reopen(s);
	return opened ? E_IO : e;
}
