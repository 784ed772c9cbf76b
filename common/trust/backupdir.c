#include "common/trust/backupdir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define PAPER_MAX_BYTES  ((size_t)1 << 20)
#define BEFORE_MAX_COUNT 1000
#define BEFORE_NAME      "vault.before-"
#define FRESH_NAME       "vault.restored"

/* The renames in a directory are kept when this is OK. */
static enum err
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = fd < 0 || fsync(fd) ? fail(E_IO, "%s: %m", dir) : OK;
	if (fd >= 0)
		(void)close(fd);
	return e;
}

static enum err
sync_above(const char *path)
{
	OWNED_MEM char *above = xasprintf("%s/..", path);
	return sync_dir(above);
}

/* ---- aside ---- */

void
backupdir_drop(const char *aside)
{
	static const char *const names[] = {"vault/data.mdb", "vault/lock.mdb", "vault",
		"vault.new/data.mdb", "vault.new/lock.mdb", "vault.new", "backup.json",
		"backup.sig", "hub.card", "node.ini", "hub.ini", "root.public", "vkey"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", aside, names[i]);
		(void)remove(path);
	}
	(void)remove(aside);
}

enum err
backupdir_begin(char **ret_aside, const char *to)
{
	OWNED_MEM char *aside = xasprintf("%s.new", to);
	*ret_aside = NULL;
	if (access(to, F_OK) == 0)
		return fail(
			E_CONFLICT, "%s is there already: a backup gets a new directory", to);
	backupdir_drop(aside);
	if (mkdir(aside, 0700))
		return fail(E_IO, "%s: %m", aside);
	*ret_aside = take(aside);
	return OK;
}

enum err
backupdir_publish(const char *aside, const char *to)
{
	enum err e = sync_dir(aside);
	if (!e && rename(aside, to))
		e = fail(E_IO, "%s: %m", to);
	return e ? e : sync_above(to);
}

enum err
backupdir_paper(const char *from_dir, const char *to_dir, const char *name)
{
	OWNED_MEM char *from = xasprintf("%s/%s", from_dir, name);
	OWNED_MEM char *to = xasprintf("%s/%s", to_dir, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, from, PAPER_MAX_BYTES);
	return e ? e : text_write_file(to, view_of(bytes, len), 0600);
}

enum err
backupdir_bring(const char *from_dir, const char *to_dir, const char *name)
{
	OWNED_MEM char *to = xasprintf("%s/%s", to_dir, name);
	return access(to, F_OK) == 0 ? OK : backupdir_paper(from_dir, to_dir, name);
}

/* ---- in place ---- */

enum err
backupdir_fresh(char **ret, const char *dir)
{
	OWNED_MEM char *fresh = xasprintf("%s/" FRESH_NAME, dir);
	OWNED_MEM char *data = xasprintf("%s/data.mdb", fresh);
	OWNED_MEM char *lock = xasprintf("%s/lock.mdb", fresh);
	(void)remove(data);
	(void)remove(lock);
	(void)remove(fresh);
	*ret = NULL;
	if (access(fresh, F_OK) == 0)
		return fail(E_CONFLICT, "%s is in the way", fresh);
	*ret = take(fresh);
	return OK;
}

static enum err
put_aside(const char *dir, const char *vault)
{
	if (access(vault, F_OK))
		return OK;
	for (int i = 1; i < BEFORE_MAX_COUNT; i++) {
		OWNED_MEM char *before = xasprintf("%s/" BEFORE_NAME "%d", dir, i);
		if (access(before, F_OK) == 0)
			continue;
		return rename(vault, before) ? fail(E_IO, "%s: %m", before) : OK;
	}
	return fail(E_FULL, "%s holds too many replaced vaults", dir);
}

static bool
lies_there(const char *dir, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

bool
backupdir_beside(const char *dir, char ret[static BACKUPDIR_NAME_BYTES])
{
	(void)snprintf(ret, BACKUPDIR_NAME_BYTES, "%s", FRESH_NAME);
	if (lies_there(dir, ret))
		return true;
	for (int i = 1; i < BEFORE_MAX_COUNT; i++) {
		(void)snprintf(ret, BACKUPDIR_NAME_BYTES, "%s%d", BEFORE_NAME, i);
		if (lies_there(dir, ret))
			return true;
	}
	ret[0] = '\0';
	return false;
}

enum err
backupdir_replace(const char *dir, const char *fresh)
{
	OWNED_MEM char *vault = xasprintf("%s/vault", dir);
	enum err e = put_aside(dir, vault);
	if (!e && rename(fresh, vault))
		e = fail(E_IO, "%s: %m", vault);
	return e ? e : sync_dir(dir);
}

uint64_t
backupdir_ahead(const struct backup *here, const struct backup *copy)
{
	uint64_t ahead = 0;
	for (size_t i = 0; i < here->head_count; i++) {
		const struct backup_head *h = &here->heads[i], *old = backup_head(copy, h);
		uint64_t seq = old ? old->seq : 0;
		ahead += h->seq > seq ? h->seq - seq : 0;
	}
	return ahead;
}
