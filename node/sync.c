#include "node/sync.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/run/datadir.h"
#include "common/run/supervisor.h"

#include "node/settings.h"
#include "node/sync_ipc.h"
#include "node/vault_erase.h"
#include "node/vault_prune.h"

#define VAULT_TICK_MS    1000
#define DAY_S            86400
#define PRUNE_TURN_COUNT 200
#define ROW_KEY_PERSONAL "weir-row-key-v1"

struct sync {
	struct hubcard card;
	struct settings settings;
	struct sync_link_site site;
	struct sync_link *link;
	struct link *socket; /* until the door has it */
	struct sync_ipc *door;
	struct sync_scrub *scrub;
	struct reactor *reactor;
	struct link_context *context;
	struct vault *vault;
	struct sync_config *config;
};

static enum err
flush(void *arg)
{
	struct sync *s = arg;
	return sync_link_flush(s->link);
}

/* No room is no reason to end: the turn is taken back, and who asked for it is told. */
static enum err
take_back(struct sync *s, enum err why)
{
	log_error("sync", "%s", err_text());
	vault_abort(s->vault);
	sync_ipc_committed(s->door, why);
	return sync_link_failed(s->link);
}

static enum err
before_sleep(struct reactor *r, void *arg)
{
	struct sync *s = arg;
	(void)r;
	enum err e = sync_ipc_error(s->door);
	if (!e)
		e = sync_link_error(s->link);
	if (!e)
		e = flush(s);
	if (!e)
		sync_ipc_committed(s->door, OK);
	else if (e == E_FULL)
		e = take_back(s, e);
	sync_link_settle(s->link);
	return e;
}

/* The hub holds it in every backup that it may be restored from: nobody asks for it again. */
static enum err
prune(struct sync *s)
{
	struct vault_mark m;
	uint64_t count;
	enum err e = vault_mark_get(s->vault, LANE_R, &m);
	return e ? e
		 : vault_prune(s->vault, MIN(m.retained, m.at_hub), PRUNE_TURN_COUNT, &count);
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct sync *s = arg;
	(void)r;
	if (vault_tick(s->vault, clock_mono_ms()))
		log_warn("sync", "%s", err_text());
	if (sync_ipc_tick(s->door))
		log_warn("sync", "%s", err_text());
	if (sync_scrub_tick(s->scrub, clock_mono_ms()))
		log_warn("sync", "%s", err_text());
	if (s->settings.prunes && prune(s))
		log_warn("sync", "%s", err_text());
}

/* The socket's lock comes first: whoever has it is the vault's one writer. */
static enum err
take_door(struct sync *s, const struct sync_setup *setup)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, setup->dir, "run/sync.sock");
	if (!e)
		e = reactor_open(&s->reactor);
	if (e)
		return e;
	s->context = link_context_new();
	return link_serve_ipc(&s->socket, s->context, path);
}

/* A vault that was lost and is made anew beside the same keys finds the same people under the
 * same codes. */
static void
make_row_key(uint8_t ret[static HASH_BYTES], const struct sitekeys *keys)
{
	crypto_hash_one(ret, ROW_KEY_PERSONAL,
		view_of(secret_bytes(keys->writer), secret_len(keys->writer)));
}

static enum err
open_stores(struct sync *s, const struct sync_setup *setup)
{
	uint8_t row_key[HASH_BYTES];
	struct vault_config c = {.dir = setup->dir,
		.study = s->card.study,
		.map_bytes = s->settings.map_bytes,
		.floor_bytes = s->settings.floor_bytes};
	memcpy(c.writer, setup->keys->writer_public, sizeof(c.writer));
	if (memcmp(s->card.writer, c.writer, sizeof(c.writer)) != 0)
		return fail(E_CONFLICT,
			"hub.card and keys/service.key are of different installations");
	make_row_key(row_key, setup->keys);
	c.row_key = row_key;
	enum err e = vault_open(&s->vault, &c);
	crypto_wipe(row_key, sizeof(row_key));
	if (e)
		return e;
	e = vault_settle_compact(s->vault);
	if (e == E_FULL) {
		log_warn("sync", "the vault cannot move yet: %s", err_text());
		e = OK;
	}
	return e ? e : sync_config_open(&s->config, s->vault, &s->card);
}

static enum err
open_links(struct sync *s, const struct sync_setup *setup)
{
	s->site = (struct sync_link_site){.dir = setup->dir,
		.card = &s->card,
		.keys = setup->keys,
		.vault = s->vault,
		.config = s->config,
		.context = s->context,
		.reactor = s->reactor,
		.rules = &s->settings.pace,
		.socks = s->settings.socks,
		.names = setup->names};
	enum err e = sync_link_open(&s->link, &s->site);
	if (e)
		return e;
	s->scrub = sync_scrub_new(s->vault, s->link, s->settings.scrub_days * DAY_S);
	struct sync_ipc_setup door = {.door = take(s->socket),
		.site = s->site,
		.link = s->link,
		.scrub = s->scrub,
		.flush = flush,
		.arg = s};
	s->door = sync_ipc_new(&door);
	return OK;
}

static void
close_all(struct sync *s)
{
	sync_ipc_free(s->door);
	sync_scrub_free(s->scrub);
	link_free(s->socket);
	sync_link_free(s->link);
	sync_config_free(s->config);
	vault_free(s->vault);
	reactor_free(s->reactor);
	link_context_free(s->context);
}

enum err
sync_run(const struct sync_setup *setup)
{
	OWNED_BY(close_all) struct sync s = {.vault = NULL};
	enum err e = settings_load(&s.settings, setup->dir);
	if (!e)
		e = hubcard_load(&s.card, setup->dir);
	if (!e)
		e = take_door(&s, setup);
	if (!e)
		e = open_stores(&s, setup);
	if (!e)
		e = open_links(&s, setup);
	if (!e && setup->confine)
		e = setup->confine(setup->arg);
	if (e)
		return e;
	reactor_before_sleep(s.reactor, before_sleep, &s);
	(void)reactor_timer(s.reactor, VAULT_TICK_MS, VAULT_TICK_MS, on_tick, &s);
	supervisor_child_ready();
	return reactor_run(s.reactor);
}
