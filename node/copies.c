#include "node/copies.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/trust/backupdir.h"

#include "node/vault_check.h"

#define KIND     "node"
#define MS_PER_S 1000

static const char *const papers[] = {"hub.card", "node.ini"};
static const char *const key_files[] = {"keys/service.key", "keys/review.key"};
static const struct backupdir_keys keys = {
	"weir-node-keys-v1\n", key_files, ARRAY_LEN(key_files)};

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

/* ---- backup ---- */

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
		e = backupdir_paper(c->dir, aside, papers[i]);
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
	OWNED_MEM char *aside = NULL;
	enum err e = backupdir_begin(&aside, to);
	if (e)
		return e;
	e = fill(ret, c, aside, writer, f);
	if (!e)
		e = backupdir_publish(aside, to);
	if (e)
		backupdir_drop(aside);
	return e;
}

/* ---- restore ---- */

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
	*ret = backupdir_ahead(&here, copy);
	if (*ret && !over_newer)
		return fail(E_CONFLICT,
			"the vault here has %" PRIu64 " entries that the backup lacks: "
			"--over-newer puts the backup in its place",
			*ret);
	return OK;
}

static enum err
put_in_place(const struct copies *c, const char *from)
{
	OWNED_MEM char *fresh = NULL;
	enum err e = backupdir_fresh(&fresh, c->dir);
	if (!e)
		e = copy_vault(c, from, fresh);
	return e ? e : backupdir_replace(c->dir, fresh);
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

enum err
copies_keys_write(const char *dir, const char *file, const char *apart)
{
	return backupdir_keys_write(&keys, dir, file, apart);
}

enum err
copies_keys_restore(const char *dir, const char *file)
{
	enum err e = datadir_make(dir, "keys");
	return e ? e : backupdir_keys_restore(&keys, dir, file);
}
