#include "hub/ledger.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/net/link.h"
#include "common/run/datadir.h"
#include "common/run/sandbox.h"
#include "common/run/supervisor.h"
#include "common/study/pack.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/audit.h"
#include "hub/bundles.h"
#include "hub/enrol.h"
#include "hub/erase.h"
#include "hub/erase_renew.h"
#include "hub/ingest.h"
#include "hub/ipc.h"
#include "hub/leaving_tick.h"
#include "hub/ledger_inside.h"
#include "hub/ledgerkeys.h"
#include "hub/release_desk.h"
#include "hub/renewal.h"
#include "hub/renewal_ledger.h"
#include "hub/scrub.h"
#include "hub/servicekey.h"
#include "hub/study.h"
#include "hub/unsaid_leaf.h"
#include "hub/vaultkeys.h"
#include "hub/versions.h"
#include "hub/waiver.h"

#define LOOK_EVERY_MS 250
#define TICK_EVERY_MS 1000
#define MS_PER_S      1000
#define DAY_S         86400

static void
ledger_done(struct ledger *l)
{
	hub_abort(&l->hub);
	ledger_drop_replies(l);
	mem_drop(&l->replies);
	scrub_free(l->hub.scrub);
	erase_free(l->hub.erase);
	bundles_free(l->bundles);
	ingest_free(l->ingest);
	release_desk_free(l->desk);
	link_free(l->commands);
	link_free(l->gate);
	link_free(l->keeper);
	link_free(l->web);
	reactor_free(l->reactor);
	link_context_free(l->context);
	audit_free(l->hub.audit);
	pack_free(l->hub.pack);
	versions_free(l->hub.versions);
	vault_free(l->hub.vault);
	numbered_free(l->hub.ledger_keys);
	servicekey_free(l->keys);
}

/* gate and keeper */

static void
on_gate(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct ingest_frame f;
	struct cursor c;
	uint16_t verb;
	(void)r;
	if (link_recv(l->gate, &m) || call_read(m->payload, &verb, &c))
		return;
	ledger_set_peer(&l->gate_peer, m->peer);
	if (verb == GATE_HELLO)
		l->hub.keys_changed = true;
	if (verb != GATE_FROM)
		return;
	f.routing = cursor_blob(&c);
	cursor_copy(&c, f.key, sizeof(f.key));
	f.bytes = cursor_blob(&c);
	if (!cursor_end(&c, "frame of a node"))
		ledger_note(l, ingest_frame(l->ingest, &f, clock_mono_ms()), "frame of a node");
}

/* Damage that keeps a renewal up is looked for at once, and fetched from the nodes. */
static void
see_renewed(struct ledger *l, struct cursor *c)
{
	const bool knew = erase_damaged(&l->hub) != 0;
	ledger_note(l, erase_renewed(l->hub.erase, c), "renewal of the keeper");
	if (!knew && erase_damaged(&l->hub) && l->hub.scrub)
		scrub_begin(l->hub.scrub);
}

static void
on_keeper(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct cursor c;
	uint16_t verb = 0;
	(void)r;
	if (link_recv(l->keeper, &m))
		return;
	ledger_set_peer(&l->keeper_peer, m->peer);
	if (!call_read(m->payload, &verb, &c) && verb == KEEPER_RENEWED)
		see_renewed(l, &c);
	else
		ledger_note(l, release_desk_frame(l->desk, m->payload), "frame of the keeper");
}

/* timers */

/* It writes nothing into the turn, so what it meets takes nothing of the turn with it. */
static void
look_at_releases(struct ledger *l)
{
	enum err e = release_desk_tick(l->desk);
	if (e == E_IO)
		ledger_note(l, e, "releases");
	else if (e)
		log_warn("ledger", "releases: %s", err_text());
}

/* Every call of a timer makes a turn, and so lets the log be published. */
static void
on_look(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	(void)r;
	if (!l->is_desk_due)
		return;
	l->is_desk_due = false;
	look_at_releases(l);
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	int64_t now_ms = clock_mono_ms();
	(void)r;
	ledger_note(l, vault_tick(l->hub.vault, now_ms), "vault");
	ledger_note(l, ingest_tick(l->ingest, now_ms), "sessions");
	ledger_note(l, bundles_tick(l->bundles, now_ms), "bundles");
	if (!l->is_spoiled)
		ledger_note(l, scrub_tick(l->hub.scrub, now_ms), "scrub");
	if (!l->is_spoiled)
		ledger_note(l, erase_tick(l->hub.erase, release_desk_keeper_is_open(l->desk)),
			"erasures");
	if (!l->is_spoiled)
		ledger_note(l, leaving_tick(&l->hub), "sites that left");
	if (!l->is_spoiled)
		ledger_note(l, renewal_ledger_tick(&l->hub), "ledger keys");
	look_at_releases(l);
}

/* start */

static enum err
serve(struct ledger *l, const char *name, struct link **ret)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, l->hub.dir, name);
	return e ? e : link_serve_ipc(ret, l->context, path);
}

/* The commands' socket comes first: its lock keeps a second ledger away from vault and
 * journal. */
static enum err
open_sockets(struct ledger *l)
{
	enum err e = reactor_open(&l->reactor);
	if (e)
		return e;
	l->context = link_context_new();
	e = serve(l, "run/cmd/ledger.sock", &l->commands);
	if (!e)
		e = serve(l, "run/gate/ledger.sock", &l->gate);
	if (!e)
		e = serve(l, "run/keeper/ledger.sock", &l->keeper);
	if (!e)
		e = serve(l, "run/web/ledger.sock", &l->web);
	return e;
}

/* Without its journal the ledger starts only on an officer's word. */
static enum err
open_log(struct ledger *l, const struct audit_config *config)
{
	bool is_lost = false;
	struct audit_config c = *config;
	c.ret_journal_lost = &is_lost;
	enum err e = audit_open(&l->hub.audit, &c);
	if (!e)
		waiver_drop(&l->hub);
	if (!e || !is_lost)
		return e;
	OWNED_MEM char *words = xstrdup(err_text());
	c.begins_journal = waiver_check(&l->hub) == OK;
	if (!c.begins_journal && waiver_ask(&l->hub))
		log_warn("ledger", "the loss cannot be noted: %s", err_text());
	return c.begins_journal ? audit_open(&l->hub.audit, &c)
				: fail(e,
					  "%s; if the journal is gone for good, an officer "
					  "waives it: weir-hub recovery journal --reason TEXT "
					  "--by OFFICER, and then start again",
					  words);
}

static enum err
open_stores(struct ledger *l, const struct settings *s)
{
	char vault[DATADIR_PATH_BYTES], log[DATADIR_PATH_BYTES], journal[DATADIR_PATH_BYTES];
	const struct vault_limits limits = {
		.map_bytes = s->map_bytes, .floor_bytes = s->floor_bytes};
	struct audit_config c = {.log_dir = log,
		.journal_dir = journal,
		.origin = s->origin,
		.log_seed = l->keys->log_seed};
	enum err e = datadir_path(vault, l->hub.dir, "vault");
	if (!e)
		e = datadir_path(log, l->hub.dir, "log");
	if (!e)
		e = datadir_path(journal, l->hub.dir, "journal");
	const struct vaultkeys keys = {l->hub.dir, l->keys->vault};
	if (!e)
		e = vaultkeys_recover(&keys);
	if (!e)
		e = vault_open_lmdb(&l->hub.vault, vault, &keys, &limits, false);
	c.vault = l->hub.vault;
	if (!e)
		e = open_log(l, &c);
	if (!e)
		audit_watch(l->hub.audit, &l->hub);
	return e;
}

/* Own files only: the vault is open by now, so that its directory need not be made later. */
static enum err
confine_to(const char *dir)
{
	static const char *const names[] = {
		"vault", "vaultkeys", "log", "journal", "shelf", "run", "ledger"};
	char room[ARRAY_LEN(names)][DATADIR_PATH_BYTES];
	struct sandbox_path paths[ARRAY_LEN(names)];
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(names); i++) {
		e = datadir_path(room[i], dir, names[i]);
		paths[i] = (struct sandbox_path){
			room[i], SANDBOX_READ | SANDBOX_WRITE | SANDBOX_OPTIONAL};
	}
	return e ? e : sandbox_confine(paths, ARRAY_LEN(paths), false);
}

/* The first leaf of a life of this process; it also makes sure that there is a checkpoint. */
static enum err
begin_log(struct ledger *l)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	struct vault_txn *t;
	acts_leaf(&leaf, &room, &none, "hub-started");
	leaf.actor = "ledger";
	leaf.object_type = "hub";
	leaf.outcome = "done";
	enum err e = hub_txn_reserve(&l->hub, &t);
	if (!e)
		e = audit_add(l->hub.audit, t, &leaf, NULL);
	if (!e)
		e = study_load(&l->hub);
	if (!e)
		e = renewal_begin(&l->hub);
	if (!e)
		e = renewal_ledger_begin(&l->hub);
	return e ? e : waiver_apply(&l->hub);
}

static void
fill_hub(struct ledger *l, const char *dir, const struct settings *s)
{
	struct hub *h = &l->hub;
	h->dir = dir;
	h->origin = s->origin;
	memcpy(h->study, s->study, sizeof(h->study));
	h->receipt = l->keys->receipt;
	h->box = l->keys->box;
	memcpy(h->box_public, l->keys->box_public, sizeof(h->box_public));
	memcpy(h->transport_public, l->keys->transport_public, sizeof(h->transport_public));
	secret_free(take(l->keys->transport));
	l->started_s = clock_wall_ms() / MS_PER_S;
}

static enum err
start_rooms(struct ledger *l)
{
	l->ingest = ingest_new(&l->hub, ledger_to_gate, l);
	l->hub.scrub = scrub_new(&l->hub, l->ingest, l->scrub_every_s);
	l->bundles = bundles_new(&l->hub, l->ingest);
	l->hub.erase = erase_new(&l->hub, ledger_to_keeper, l);
	l->desk = release_desk_new(&l->hub, ledger_to_keeper, l);
	enum err e = begin_log(l);
	if (!e)
		e = unsaid_leaf_start(&l->hub);
	if (!e)
		e = erase_start(l->hub.erase);
	if (!e)
		e = ingest_tick(l->ingest, clock_mono_ms());
	if (!e)
		e = ledger_keep_turn(l);
	if (e)
		return e;
	link_watch(l->commands, l->reactor, ledger_on_command, l);
	link_watch(l->gate, l->reactor, on_gate, l);
	link_watch(l->keeper, l->reactor, on_keeper, l);
	link_watch(l->web, l->reactor, ledger_on_web, l);
	(void)reactor_timer(l->reactor, LOOK_EVERY_MS, LOOK_EVERY_MS, on_look, l);
	(void)reactor_timer(l->reactor, TICK_EVERY_MS, TICK_EVERY_MS, on_tick, l);
	reactor_before_sleep(l->reactor, ledger_before_sleep, l);
	return OK;
}

enum err
ledger_run(const char *dir, const struct settings *s, struct secret *keys, bool confine)
{
	OWNED_BY(ledger_done) struct ledger l = {.published_ms = 0};
	enum err e = sandbox_harden();
	if (!e)
		e = servicekey_from(&l.keys, secret_view(keys));
	if (e)
		return e;
	fill_hub(&l, dir, s);
	l.scrub_every_s = s->scrub_days * DAY_S;
	l.hub.renew_days = s->renew_days;
	e = settings_root(l.hub.root_public, dir);
	if (!e)
		e = open_sockets(&l);
	if (!e)
		e = open_stores(&l, s);
	if (!e)
		e = datadir_make(dir, "ledger");
	if (!e)
		e = renewal_ledger_open(&l.hub, l.keys->vault);
	if (!e && confine)
		e = confine_to(dir);
	if (!e)
		e = start_rooms(&l);
	if (e)
		return e;
	supervisor_child_ready();
	e = reactor_run(l.reactor);
	/* The log is brought up to date before the process goes; what fails is done at the
	 * start. */
	if (!e)
		e = audit_publish(l.hub.audit);
	return e;
}
