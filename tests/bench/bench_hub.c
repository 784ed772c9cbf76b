#include "tests/bench/bench_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack.h"

#include "hub/approval.h"
#include "hub/vaultkeys.h"
#include "hub/writer.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"

#define MAP_BYTES        ((size_t)8 << 30)
#define PUBLISH_EVERY_MS 500
#define TICK_MS          1000

/* opening */

static enum err
send_to(void *arg, struct view routing, struct view frame)
{
	struct bench_hub *b = arg;
	return link_send(b->far.link, routing, frame);
}

static void
open_vault(struct hub *h, const char *dir)
{
	const struct vault_limits limits = {.map_bytes = MAP_BYTES};
	OWNED_SECRET struct secret *key = secret_new(AEAD_KEY_BYTES);
	OWNED_SECRET struct secret *seed = bench_secret(BENCH_HUB, BENCH_WITNESS);
	OWNED_MEM char *vault = xasprintf("%s/hub", dir);
	OWNED_MEM char *log = xasprintf("%s/log", dir);
	OWNED_MEM char *journal = xasprintf("%s/journal", dir);
	const struct vaultkeys keys = {dir, key};
	bench_must(vaultkeys_make(&keys), "vault keys");
	bench_must(vault_open_lmdb(&h->vault, vault, &keys, &limits, false), "vault");
	const struct audit_config c = {h->vault, log, journal, h->origin, seed, false, NULL};
	bench_must(audit_open(&h->audit, &c), "audit");
	audit_watch(h->audit, h);
}

static void
open_hub(struct hub *h, const char *dir)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_SECRET struct secret *seed = bench_secret(BENCH_HUB, BENCH_WRITER);
	uint8_t public[SIGN_PUBLIC_BYTES];
	bench_must(pack_load(&h->pack, BENCH_STUDY_DIR, faults), "study");
	(void)snprintf(h->study, sizeof(h->study), "%s", h->pack->id);
	h->origin = h->pack->log_origin;
	h->dir = dir;
	sign_from_seed(public, &h->receipt, secret_bytes(seed));
	h->box = bench_secret(BENCH_HUB, BENCH_BOX);
	box_public(h->box_public, h->box);
	open_vault(h, dir);
}

static void
approve(struct vault_txn *t, const char *kind, const char *decision, const char *site)
{
	struct approval a = {.from_s = 1};
	(void)snprintf(a.id, sizeof(a.id), "%s", kind);
	(void)snprintf(a.kind, sizeof(a.kind), "%s", kind);
	(void)snprintf(a.decision, sizeof(a.decision), "%s", decision);
	(void)snprintf(a.site, sizeof(a.site), "%s", site);
	(void)snprintf(a.entered_by, sizeof(a.entered_by), "example-a");
	(void)snprintf(a.verified_by, sizeof(a.verified_by), "example-b");
	bench_must(approval_put(t, &a), "approval");
}

static void
admit_nodes(struct hub *h, unsigned count)
{
	struct vault_txn *t;
	bench_must(hub_txn(h, &t), "begin");
	approve(t, "rec", "favourable", "");
	approve(t, "site_agreement", "confirmed", BENCH_SITE_NAME);
	for (unsigned i = 1; i <= count; i++) {
		struct writer w = {.admitted_s = 1};
		bench_sign_public(w.public, i, BENCH_WRITER);
		bench_sign_public(w.witness, i, BENCH_WITNESS);
		bench_box_public(w.transport, i, BENCH_TRANSPORT);
		bench_box_public(w.box, i, BENCH_BOX);
		bench_box_public(w.review, i, BENCH_BOX);
		(void)snprintf(w.site, sizeof(w.site), "%s", BENCH_SITE_NAME);
		bench_must(writer_put(t, &w), "writer");
	}
	bench_must(hub_commit(h), "commit");
}

void
bench_hub_open(struct bench_hub *b, const char *dir, unsigned nodes)
{
	open_hub(&b->hub, dir);
	admit_nodes(&b->hub, nodes);
	b->ingest = ingest_new(&b->hub, send_to, b);
}

void
bench_hub_close(struct bench_hub *b)
{
	struct hub *h = &b->hub;
	ingest_free(b->ingest);
	audit_free(h->audit);
	vault_free(h->vault);
	pack_free(h->pack);
	secret_free(h->receipt);
	secret_free(h->box);
}

/* turns */

static void
on_frame(struct reactor *r, void *arg)
{
	struct bench_hub *b = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct ingest_frame f;
	(void)r;
	if (link_recv(b->far.link, &m))
		return;
	f.routing = m->peer;
	f.bytes = m->payload;
	bench_zero(!text_unhex(f.key, sizeof(f.key), m->user), "key of a node");
	bench_must(ingest_frame(b->ingest, &f, clock_mono_ms()), "frame");
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct bench_hub *b = arg;
	(void)r;
	bench_must(ingest_tick(b->ingest, clock_mono_ms()), "tick");
}

static enum err
publish(struct bench_hub *b)
{
	struct audit *a = b->hub.audit;
	int64_t now_ms = clock_mono_ms();
	bool all = audit_size(a) >= b->entries;
	if (!audit_is_behind(a) || (!all && now_ms - b->published_ms < PUBLISH_EVERY_MS))
		return OK;
	b->published_ms = now_ms;
	enum err e = audit_publish(a);
	return e ? e : ingest_published(b->ingest, now_ms);
}

/* As the ledger ends its turns. */
static enum err
end_turn(struct reactor *r, void *arg)
{
	struct bench_hub *b = arg;
	(void)r;
	enum err e = hub_commit(&b->hub);
	if (e)
		return e;
	audit_committed(b->hub.audit);
	e = ingest_committed(b->ingest, clock_mono_ms());
	return e ? e : publish(b);
}

/* nodes */

void
bench_hub_fill_nodes(const char *dir, unsigned nodes, unsigned records)
{
	for (unsigned i = 1; i <= nodes; i++) {
		OWNED_MEM char *arguments =
			xasprintf("make '%s/%u' %u %u", dir, i, i, records / nodes);
		OWNED_MEM char *command = bench_node_command(arguments);
		bench_zero(system(command), "bench_node make");
	}
	sync();
}

double
bench_hub_take(struct bench_hub *b, const char *dir, unsigned nodes, unsigned records)
{
	b->entries = (uint64_t)records * BENCH_ENTRIES;
	bench_far_open(&b->far, on_frame, b);
	(void)reactor_timer(b->far.reactor, TICK_MS, TICK_MS, on_tick, b);
	reactor_before_sleep(b->far.reactor, end_turn, b);
	return bench_far_run(&b->far, "send %s '%s' %u", link_address(b->far.link), dir, nodes);
}
