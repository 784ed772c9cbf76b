#include "hub/copies.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/trust/backupdir.h"

#include "hub/vault_check.h"
#include "hub/vault_scan.h"

#define KIND     "hub"
#define MS_PER_S 1000

static const char *const papers[] = {"hub.ini", "root.public", "vkey"};
static const char *const key_files[] = {"keys/service.key", "keys/keeper.key", "keys/holders"};
static const struct backupdir_keys keys = {
	"weir-hub-keys-v1\n", key_files, ARRAY_LEN(key_files)};

enum err
copies_begin(struct copies *c, const char *dir, const struct servicekey *service)
{
	*c = (struct copies){.dir = dir, .keys = service};
	enum err e = settings_load(&c->settings, dir);
	return e ? e
		 : note_key_make(
			   &c->log, c->settings.origin, NOTE_ED25519, service->log_public);
}

enum err
copies_vault(struct vault **ret, const struct copies *c, const char *dir)
{
	OWNED_MEM char *path = xasprintf("%s/vault", dir);
	const struct vault_limits limits = {.map_bytes = c->settings.map_bytes};
	return vault_open_lmdb(ret, path, c->keys->vault, &limits, true);
}

enum err
copies_check(const struct copies *c, const char *dir, bool read_data, struct findings *f,
	struct backup *heads)
{
	OWNED(vault) struct vault *v = NULL;
	OWNED_MEM char *journal = xasprintf("%s/journal", c->dir);
	enum err e = copies_vault(&v, c, dir);
	const struct vault_check ask = {.vault = v,
		.study = c->settings.study,
		.journal_dir = strcmp(dir, c->dir) == 0 && !heads ? journal : NULL,
		.log = &c->log,
		.read_data = read_data,
		.findings = f};
	return e ? e : vault_check(&ask, heads);
}

/* ---- backup ---- */

static enum err
copy_vault(const struct copies *c, const char *from, const char *to)
{
	OWNED(vault) struct vault *v = NULL;
	enum err e = copies_vault(&v, c, from);
	return e ? e : vault_copy(v, to);
}

static enum err
verify(const struct copies *c, const char *dir, struct findings *f, struct backup *ret)
{
	enum err e = copies_check(c, dir, true, f, ret);
	return e ? e : findings_check(f);
}

static enum err
fill(struct backup *ret, const struct copies *c, const char *aside, struct findings *f)
{
	OWNED_MEM char *to = xasprintf("%s/vault", aside);
	enum err e = copy_vault(c, c->dir, to);
	for (size_t i = 0; !e && i < ARRAY_LEN(papers); i++)
		e = backupdir_paper(c->dir, aside, papers[i]);
	if (!e)
		e = verify(c, aside, f, ret);
	(void)snprintf(ret->kind, sizeof(ret->kind), KIND);
	(void)snprintf(ret->study, sizeof(ret->study), "%s", c->settings.study);
	ret->made_s = clock_wall_ms() / MS_PER_S;
	return e ? e : backup_sign(aside, ret, c->keys->receipt);
}

enum err
copies_make(struct backup *ret, const struct copies *c, const char *to, struct findings *f)
{
	OWNED_MEM char *aside = NULL;
	enum err e = backupdir_begin(&aside, to);
	if (e)
		return e;
	e = fill(ret, c, aside, f);
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
	OWNED_BACKUP struct backup here = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	*ret = 0;
	if (copies_check(c, c->dir, false, &f, &here))
		return OK;
	*ret = backupdir_ahead(&here, copy);
	if ((*ret || here.leaves > copy->leaves) && !over_newer)
		return fail(E_CONFLICT,
			"the vault here has %" PRIu64 " entries and %" PRIu64
			" leaves of the log that the backup lacks: --over-newer puts the "
			"backup in its place",
			*ret, here.leaves - MIN(here.leaves, copy->leaves));
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

/* The hub's own vault, but without its journal: that this one is ahead is no finding here. */
static enum err
verify_restored(const struct copies *c, struct findings *f)
{
	OWNED_BACKUP struct backup heads = {.heads = NULL};
	return verify(c, c->dir, f, &heads);
}

enum err
copies_restore(const struct copies *c, const char *from, bool over_newer, struct findings *f,
	uint64_t *ret_ahead)
{
	OWNED_BACKUP struct backup copy = {.heads = NULL};
	struct backup expected = {.kind = KIND};
	*ret_ahead = 0;
	(void)snprintf(expected.study, sizeof(expected.study), "%s", c->settings.study);
	memcpy(expected.by, c->keys->receipt_public, sizeof(expected.by));
	enum err e = backup_read(&copy, from, &expected);
	if (!e)
		e = verify(c, from, f, NULL);
	if (!e)
		e = check_older(c, &copy, over_newer, ret_ahead);
	if (!e)
		e = put_in_place(c, from);
	return e ? e : verify_restored(c, f);
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
