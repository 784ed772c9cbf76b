#include "hub/copies.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/trust/backupdir.h"
#include "common/trust/backupjob.h"

#include "hub/keyring.h"
#include "hub/vault_check.h"
#include "hub/vault_move.h"
#include "hub/vault_scan.h"
#include "hub/vaultkeys.h"

#define KIND "hub"

static const char *const papers[] = {"hub.ini", "root.public", "vkey"};

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
	const struct vaultkeys at = {c->dir, c->keys->vault};
	return vault_open_lmdb(ret, path, &at, &limits, true);
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
	if (!e)
		e = vault_check(&ask, heads);
	if (!e && heads)
		heads->vault_key = vault_key_number(v);
	return e;
}

static enum err
copy_vault(const void *arg, const char *from, const char *to)
{
	OWNED(vault) struct vault *v = NULL;
	enum err e = copies_vault(&v, arg, from);
	return e ? e : vault_copy(v, to);
}

/* Where heads are asked for, the vault is not held against the journal: that the journal is
 * ahead of what was just restored is no finding. */
static enum err
check_vault(const void *arg, const char *dir, bool read_data, struct findings *f,
	struct backup *heads)
{
	return copies_check(arg, dir, read_data, f, heads);
}

static enum err
read_keyring(const char *dir, struct backup_keyring *ret)
{
	struct keyring_found found;
	enum err e = keyring_read_all(&found, dir);
	*ret = (struct backup_keyring){.epoch = found.epoch, .keys = found.keys};
	memcpy(ret->digest, found.digest, sizeof(ret->digest));
	return e;
}

/* The copy is what is read, not what it was made of. */
static enum err
copy_keyring(const void *arg, const char *aside, struct backup *paper)
{
	const struct copies *c = arg;
	enum err e = keyring_copy_all(c->dir, aside);
	return e ? e : read_keyring(aside, &paper->keyring);
}

static enum err
check_keyring(const char *dir, const struct backup *paper)
{
	struct backup_keyring found;
	enum err e = read_keyring(dir, &found);
	if (!e && (found.epoch != paper->keyring.epoch || found.keys != paper->keyring.keys ||
			  memcmp(found.digest, paper->keyring.digest, HASH_BYTES) != 0))
		e = fail(E_AUTH, "%s/keyring is not the one that the backup was signed with",
			dir);
	return e;
}

static struct backupjob
job(const struct copies *c)
{
	return (struct backupjob){.kind = KIND,
		.dir = c->dir,
		.study = c->settings.study,
		.by = c->keys->receipt_public,
		.papers = papers,
		.paper_count = ARRAY_LEN(papers),
		.copy = copy_vault,
		.check = check_vault,
		.beside = copy_keyring,
		.arg = c};
}

enum err
copies_make(struct backup *ret, const struct copies *c, const char *to, struct findings *f)
{
	const struct backupjob j = job(c);
	return backupjob_make(ret, &j, to, c->keys->receipt, f);
}

enum err
copies_paper(struct backup *ret, const struct copies *c, const char *from)
{
	struct backup expected = {.kind = KIND};
	(void)snprintf(expected.study, sizeof(expected.study), "%s", c->settings.study);
	memcpy(expected.by, c->keys->receipt_public, sizeof(expected.by));
	enum err e = backup_read(ret, from, &expected);
	return e ? e : check_keyring(from, ret);
}

enum err
copies_restore(const struct copies *c, const char *from, bool over_newer, struct findings *f,
	uint64_t *ret_ahead)
{
	const struct backupjob j = job(c);
	OWNED_BACKUP struct backup paper = {.heads = NULL};
	enum err e = copies_paper(&paper, c, from);
	if (!e)
		e = backupjob_restore(&j, from, over_newer, f, ret_ahead);
	return e ? e : keyring_copy_all(from, c->dir);
}
