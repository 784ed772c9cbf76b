#include "node/copies.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "node/vault_check.h"

#define KIND                "node"
#define KEYS_FORMAT         "weir-node-keys-v1\n"
#define KEYS_FILE_MAX_BYTES ((size_t)128 * 1024)
#define KEYS_MAX_BYTES      ((size_t)512 * 1024)
#define PAPER_MAX_BYTES     ((size_t)1 << 20)
#define BEFORE_MAX_COUNT    10000
#define MS_PER_S            1000

static const char *const papers[] = {"hub.card", "node.ini"};
static const char *const key_files[] = {"keys/service.key", "keys/review.key"};

enum err
copies_begin(struct copies *c, const char *dir)
{
	c->dir = dir;
	enum err e = settings_load(&c->settings, dir);
	return e ? e : hubcard_load(&c->card, dir);
}

enum err
copies_vault(struct vault **ret, const struct copies *c, const char *dir)
{
	struct vault_config config = {.dir = dir,
		.study = c->card.study,
		.map_bytes = c->settings.map_bytes,
		.read_only = true};
	memcpy(config.writer, c->card.writer, sizeof(config.writer));
	return vault_open(ret, &config);
}

/* ---- files ---- */

static enum err
copy_file(const char *from_dir, const char *to_dir, const char *name)
{
	OWNED_MEM char *from = xasprintf("%s/%s", from_dir, name);
	OWNED_MEM char *to = xasprintf("%s/%s", to_dir, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, from, PAPER_MAX_BYTES);
	return e ? e : text_write_file(to, view_of(bytes, len), 0600);
}

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

/* ---- backup ---- */

/* A copy that is not whole is worse than none: it is removed. */
static void
drop_aside(const char *aside)
{
	static const char *const names[] = {"vault/data.mdb", "vault/lock.mdb", "vault",
		"vault.new/data.mdb", "vault.new/lock.mdb", "vault.new", "backup.json",
		"backup.sig", "hub.card", "node.ini"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", aside, names[i]);
		(void)remove(path);
	}
	(void)remove(aside);
}

static enum err
copy_vault(const struct copies *c, const char *from, const char *to)
{
	OWNED(vault) struct vault *v = NULL;
	enum err e = copies_vault(&v, c, from);
	return e ? e : vault_copy(v, to);
}

/* Opens what lies in `dir` and looks at all of it. */
static enum err
verify(const struct copies *c, const char *dir, struct findings *f, struct backup *ret)
{
	OWNED(vault) struct vault *v = NULL;
	enum err e = copies_vault(&v, c, dir);
	if (!e)
		e = vault_check(v, true, f, ret);
	return e ? e : findings_check(f);
}

static enum err
fill(struct backup *ret, const struct copies *c, const char *aside, struct secret *writer,
	struct findings *f)
{
	OWNED_MEM char *to = xasprintf("%s/vault", aside);
	enum err e = copy_vault(c, c->dir, to);
	for (size_t i = 0; !e && i < ARRAY_LEN(papers); i++)
		e = copy_file(c->dir, aside, papers[i]);
	if (!e)
		e = verify(c, aside, f, ret);
	(void)snprintf(ret->kind, sizeof(ret->kind), KIND);
	(void)snprintf(ret->study, sizeof(ret->study), "%s", c->card.study);
	ret->made_s = clock_wall_ms() / MS_PER_S;
	return e ? e : backup_sign(aside, ret, writer);
}

enum err
copies_make(struct backup *ret, const struct copies *c, const char *to, struct secret *writer,
	struct findings *f)
{
	OWNED_MEM char *aside = xasprintf("%s.new", to);
	if (access(to, F_OK) == 0)
		return fail(
			E_CONFLICT, "%s is there already: a backup gets a new directory", to);
	drop_aside(aside);
	if (mkdir(aside, 0700))
		return fail(E_IO, "%s: %m", aside);
	enum err e = fill(ret, c, aside, writer, f);
	if (!e)
		e = sync_dir(aside);
	if (!e && rename(aside, to))
		e = fail(E_IO, "%s: %m", to);
	if (e) {
		OWNED_MEM char *words = xstrdup(err_text());
		drop_aside(aside);
		return fail(e, "%s", words);
	}
	return sync_above(to);
}

/* ---- restore ---- */

static uint64_t
entries_ahead(const struct backup *here, const struct backup *copy)
{
	uint64_t ahead = 0;
	for (size_t i = 0; i < here->head_count; i++) {
		const struct backup_head *h = &here->heads[i], *old = backup_head(copy, h);
		uint64_t seq = old ? old->seq : 0;
		ahead += h->seq > seq ? h->seq - seq : 0;
	}
	return ahead;
}

/* A vault here that cannot be read holds nothing against a backup; it is kept aside anyway. */
static enum err
check_older(const struct copies *c, const struct backup *copy, bool over_newer, uint64_t *ret)
{
	OWNED(vault) struct vault *v = NULL;
	OWNED_BACKUP struct backup here = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	*ret = 0;
	if (copies_vault(&v, c, c->dir) || vault_check(v, false, &f, &here))
		return OK;
	*ret = entries_ahead(&here, copy);
	if (*ret && !over_newer)
		return fail(E_CONFLICT,
			"the vault here has %" PRIu64 " entries that the backup lacks: "
			"--over-newer puts the backup in its place",
			*ret);
	return OK;
}

static enum err
put_aside(const struct copies *c)
{
	OWNED_MEM char *vault = xasprintf("%s/vault", c->dir);
	if (access(vault, F_OK))
		return OK;
	for (int i = 1; i < BEFORE_MAX_COUNT; i++) {
		OWNED_MEM char *before = xasprintf("%s/vault.before-%d", c->dir, i);
		if (access(before, F_OK) == 0)
			continue;
		return rename(vault, before) ? fail(E_IO, "%s: %m", before) : OK;
	}
	return fail(E_FULL, "%s holds too many replaced vaults", c->dir);
}

static enum err
put_in_place(const struct copies *c, const char *from)
{
	OWNED_MEM char *fresh = xasprintf("%s/vault.restored", c->dir);
	OWNED_MEM char *data = xasprintf("%s/data.mdb", fresh);
	OWNED_MEM char *lock = xasprintf("%s/lock.mdb", fresh);
	OWNED_MEM char *vault = xasprintf("%s/vault", c->dir);
	(void)remove(data);
	(void)remove(lock);
	(void)remove(fresh);
	enum err e = copy_vault(c, from, fresh);
	if (!e)
		e = put_aside(c);
	if (!e && rename(fresh, vault))
		e = fail(E_IO, "%s: %m", vault);
	return e ? e : sync_dir(c->dir);
}

enum err
copies_restore(const struct copies *c, const char *from, bool over_newer, struct findings *f,
	uint64_t *ret_ahead)
{
	OWNED_BACKUP struct backup copy = {.heads = NULL};
	struct backup expected = {.kind = KIND};
	*ret_ahead = 0;
	(void)snprintf(expected.study, sizeof(expected.study), "%s", c->card.study);
	memcpy(expected.by, c->card.writer, sizeof(expected.by));
	enum err e = backup_read(&copy, from, &expected);
	if (!e)
		e = verify(c, from, f, NULL);
	if (!e)
		e = check_older(c, &copy, over_newer, ret_ahead);
	if (!e)
		e = put_in_place(c, from);
	return e ? e : verify(c, c->dir, f, NULL);
}

/* ---- keys ---- */

static enum err
refuse_inside(const char *file, const char *apart)
{
	size_t n = strlen(apart);
	while (n > 1 && apart[n - 1] == '/')
		n--;
	if (strncmp(file, apart, n) == 0 && (file[n] == '/' || file[n] == '\0'))
		return fail(E_CONFLICT,
			"the keys do not go into the directory of the backup: who "
			"has both needs only the passphrases");
	if (access(file, F_OK) == 0)
		return fail(E_CONFLICT, "%s is there already", file);
	return OK;
}

enum err
copies_keys_write(const char *dir, const char *file, const char *apart)
{
	OWNED_BUF struct buf out;
	buf_init(&out, KEYS_MAX_BYTES);
	enum err e = refuse_inside(file, apart);
	buf_add_view(&out, view_text(KEYS_FORMAT));
	for (size_t i = 0; !e && i < ARRAY_LEN(key_files); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", dir, key_files[i]);
		OWNED_MEM uint8_t *bytes = NULL;
		size_t len = 0;
		e = text_read_file(&bytes, &len, path, KEYS_FILE_MAX_BYTES);
		if (e == E_NOTFOUND)
			e = OK;
		buf_blob(&out, view_of(bytes, len));
	}
	if (!e)
		e = buf_check(&out, "keys");
	return e ? e : text_write_file(file, buf_view(&out), 0600);
}

static enum err
restore_key(const char *dir, const char *name, struct view bytes)
{
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	if (!bytes.len || access(path, F_OK) == 0)
		return OK;
	return text_write_file(path, bytes, 0600);
}

enum err
copies_keys_restore(const char *dir, const char *file)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0, magic = strlen(KEYS_FORMAT);
	struct view blobs[ARRAY_LEN(key_files)];
	enum err e = text_read_file(&bytes, &len, file, KEYS_MAX_BYTES);
	if (e)
		return e;
	if (len < magic || memcmp(bytes, KEYS_FORMAT, magic) != 0)
		return fail(E_FORMAT, "%s is no copy of a node's keys", file);
	struct cursor c = cursor_of(view_of(bytes + magic, len - magic));
	for (size_t i = 0; i < ARRAY_LEN(blobs); i++)
		blobs[i] = cursor_blob(&c);
	e = cursor_end(&c, "copy of the keys");
	if (!e)
		e = settings_make_dir(dir, "keys");
	for (size_t i = 0; !e && i < ARRAY_LEN(blobs); i++)
		e = restore_key(dir, key_files[i], blobs[i]);
	return e;
}
