#include "node/copies.h"

#include <string.h>

#include "common/run/datadir.h"
#include "common/run/keycopy.h"
#include "common/trust/backupdir.h"
#include "common/trust/backupjob.h"

#include "node/putback.h"
#include "node/vault_check.h"

#define KIND "node"

static const char *const papers[] = {"hub.card", "node.ini"};
static const char *const key_files[] = {"keys/service.key", "desk/review.key"};
static const struct keycopy keys = {"weir-node-keys-v1\n", key_files, ARRAY_LEN(key_files)};

enum err
copies_begin(struct copies *c, const char *dir)
{
	c->dir = dir;
	enum err e = settings_load(&c->settings, dir);
	return e ? e : hubcard_load(&c->card, dir);
}

static struct vault_config
config_of(const struct copies *c, const char *dir)
{
	struct vault_config config = {
		.dir = dir, .study = c->card.study, .map_bytes = c->settings.map_bytes};
	memcpy(config.writer, c->card.writer, sizeof(config.writer));
	return config;
}

enum err
copies_vault(struct vault **ret, const struct copies *c, const char *dir)
{
	struct vault_config config = config_of(c, dir);
	config.read_only = true;
	return vault_open(ret, &config);
}

enum err
copies_put_back(const struct copies *c)
{
	OWNED(vault) struct vault *v = NULL;
	struct vault_config config = config_of(c, c->dir);
	config.floor_bytes = c->settings.floor_bytes;
	enum err e = vault_open(&v, &config);
	if (!e)
		e = putback_begin(v);
	return e ? e : vault_commit(v);
}

static enum err
copy_vault(const void *arg, const char *from, const char *to)
{
	OWNED(vault) struct vault *v = NULL;
	enum err e = copies_vault(&v, arg, from);
	return e ? e : vault_copy(v, to);
}

static enum err
check_vault(const void *arg, const char *dir, bool read_data, struct findings *f,
	struct backup *heads)
{
	OWNED(vault) struct vault *v = NULL;
	enum err e = copies_vault(&v, arg, dir);
	return e ? e : vault_check(v, read_data, f, heads);
}

static struct backupjob
job(const struct copies *c)
{
	return (struct backupjob){.kind = KIND,
		.dir = c->dir,
		.study = c->card.study,
		.by = c->card.writer,
		.papers = papers,
		.paper_count = ARRAY_LEN(papers),
		.copy = copy_vault,
		.check = check_vault,
		.arg = c};
}

enum err
copies_make(struct backup *ret, const struct copies *c, const char *to, struct secret *writer,
	struct findings *f)
{
	const struct backupjob j = job(c);
	return backupjob_make(ret, &j, to, writer, f);
}

enum err
copies_restore(const struct copies *c, const char *from, bool over_newer, struct findings *f,
	uint64_t *ret_ahead)
{
	const struct backupjob j = job(c);
	return backupjob_restore(&j, from, over_newer, f, ret_ahead);
}

enum err
copies_keys_write(const char *dir, const char *file)
{
	OWNED_KEYS struct keycopy_held held = {.files = {{NULL, 0}}};
	enum err e = keycopy_read(&held, &keys, dir);
	return e ? e : keycopy_write(&held, &keys, file);
}

enum err
copies_keys_restore(const char *dir, const char *file)
{
	enum err e = datadir_make(dir, "keys");
	if (!e)
		e = datadir_make(dir, "desk");
	return e ? e : keycopy_restore(&keys, dir, file);
}
