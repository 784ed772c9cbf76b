/* bench_sync - records from nodes to the hub, kept, judged, logged, acknowledged, receipted.
 *
 * The hub is here: the ledger's rooms behind a CURVE socket, its turns as the ledger ends them
 * (the gate's hop between the two is left out). The nodes are bench_node, a process of its own:
 * their vaults are filled before the clock starts, which runs from connecting until the hub's
 * signed receipts cover everything. The last checkpoint is published when all is in, not up to
 * half a second later.
 * Limit:       as many bytes in frames as large over the same sockets, split into as many bare
 *              LMDB puts, one commit for whatever a turn brought, an answer for each frame.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/link.h"
#include "common/study/pack.h"

#include "hub/approval.h"
#include "hub/audit.h"
#include "hub/ingest.h"
#include "hub/tally.h"
#include "hub/writer.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/bench_lmdb.h"

#define STUDY_DIR        WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define SITE_NAME        "norway"
#define RECORD_COUNT     4000 /* of all nodes together */
#define ENTRIES_COUNT    3    /* of one record */
#define FRAME_BYTES      200000
#define MAP_BYTES        ((size_t)1 << 30)
#define PUBLISH_EVERY_MS 500
#define TICK_MS          1000
#define US_PER_S         1e6
#define PATH_BYTES       512
#define LINE_BYTES       64

struct far_side {
	FILE *pipe; /* of bench_node */
	char line[LINE_BYTES];
};

struct side {
	struct reactor *reactor;
	struct link_context *context;
	struct link *link;
	struct far_side far;
	/* the program */
	struct hub hub;
	struct ingest *ingest;
	int64_t published_ms;
	/* the limit */
	struct bench_lmdb *bare;
	size_t row_bytes;
	struct buf peers; /* blobs: who waits for an answer */
};

struct bench {
	unsigned nodes;
	char node_program[PATH_BYTES];
	size_t rows, row_bytes; /* of one run of the program, all together */
	double cpu_s[BENCH_RUNS_COUNT];
	size_t runs;
};

static double
cpu_s(void)
{
	struct rusage u;
	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / US_PER_S;
}

/* the socket */

static bool
admit(void *arg, const uint8_t client[static BOX_PUBLIC_BYTES])
{
	(void)arg;
	(void)client;
	return true;
}

static void
serve(struct side *s, reactor_fn *on_message)
{
	OWNED_SECRET struct secret *key = bench_secret(BENCH_HUB, BENCH_TRANSPORT);
	const struct link_server server = {
		.address = "tcp://127.0.0.1:*", .key = key, .admit = admit};
	bench_must(reactor_open(&s->reactor), "loop");
	s->context = link_context_new();
	bench_must(link_serve_curve(&s->link, s->context, &server), "serve");
	link_watch(s->link, s->reactor, on_message, s);
}

static void
on_far_side(struct reactor *r, void *arg)
{
	struct side *s = arg;
	if (!fgets(s->far.line, sizeof(s->far.line), s->far.pipe))
		bench_zero(1, "bench_node said nothing");
	reactor_stop(r);
}

/* Seconds that the far side measured. */
static double
run_against(struct side *s, const char *command)
{
	s->far.pipe = popen(command, "re");
	bench_zero(s->far.pipe == NULL, "bench_node");
	reactor_fd(s->reactor, fileno(s->far.pipe), REACTOR_READ, on_far_side, s);
	bench_must(reactor_run(s->reactor), "turn");
	reactor_fd_drop(s->reactor, fileno(s->far.pipe));
	bench_zero(pclose(s->far.pipe), "bench_node");
	link_free(s->link);
	reactor_free(s->reactor);
	link_context_free(s->context);
	return strtod(s->far.line, NULL);
}

/* the hub */

static void
on_frame(struct reactor *r, void *arg)
{
	struct side *s = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct ingest_frame f;
	(void)r;
	if (link_recv(s->link, &m))
		return;
	f.routing = m->peer;
	f.bytes = m->payload;
	bench_zero(!text_unhex(f.key, sizeof(f.key), m->user), "key of a node");
	bench_must(ingest_frame(s->ingest, &f, clock_mono_ms()), "frame");
}

static enum err
send_to(void *arg, struct view routing, struct view frame)
{
	struct side *s = arg;
	return link_send(s->link, routing, frame);
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct side *s = arg;
	(void)r;
	bench_must(ingest_tick(s->ingest, clock_mono_ms()), "tick");
}

static enum err
publish(struct side *s)
{
	struct audit *a = s->hub.audit;
	int64_t now_ms = clock_mono_ms();
	bool all = audit_size(a) >= RECORD_COUNT * ENTRIES_COUNT;
	if (!audit_is_behind(a) || (!all && now_ms - s->published_ms < PUBLISH_EVERY_MS))
		return OK;
	s->published_ms = now_ms;
	enum err e = audit_publish(a);
	return e ? e : ingest_published(s->ingest, now_ms);
}

/* As the ledger ends its turns. */
static enum err
end_turn(struct reactor *r, void *arg)
{
	struct side *s = arg;
	(void)r;
	enum err e = hub_commit(&s->hub);
	if (e)
		return e;
	audit_committed(s->hub.audit);
	e = ingest_committed(s->ingest, clock_mono_ms());
	return e ? e : publish(s);
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
	bench_must(vault_open_lmdb(&h->vault, vault, key, &limits, false), "vault");
	const struct audit_config c = {h->vault, log, journal, h->origin, seed};
	bench_must(audit_open(&h->audit, &c), "audit");
}

static void
open_hub(struct hub *h, const char *dir)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_SECRET struct secret *seed = bench_secret(BENCH_HUB, BENCH_WRITER);
	uint8_t public[SIGN_PUBLIC_BYTES];
	bench_must(pack_load(&h->pack, STUDY_DIR, faults), "study");
	(void)snprintf(h->study, sizeof(h->study), "%s", h->pack->id);
	h->origin = h->pack->log_origin;
	h->dir = dir;
	sign_from_seed(public, &h->receipt, secret_bytes(seed));
	h->box = bench_secret(BENCH_HUB, BENCH_BOX);
	box_public(h->box_public, h->box);
	open_vault(h, dir);
}

static void
close_hub(struct hub *h)
{
	audit_free(h->audit);
	vault_free(h->vault);
	pack_free(h->pack);
	secret_free(h->receipt);
	secret_free(h->box);
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
	approve(t, "site_agreement", "confirmed", SITE_NAME);
	for (unsigned i = 1; i <= count; i++) {
		struct writer w = {.admitted_s = 1};
		bench_sign_public(w.public, i, BENCH_WRITER);
		bench_sign_public(w.witness, i, BENCH_WITNESS);
		bench_box_public(w.transport, i, BENCH_TRANSPORT);
		bench_box_public(w.box, i, BENCH_BOX);
		bench_box_public(w.review, i, BENCH_BOX);
		(void)snprintf(w.site, sizeof(w.site), "%s", SITE_NAME);
		bench_must(writer_put(t, &w), "writer");
	}
	bench_must(hub_commit(h), "commit");
}

static enum err
add_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct bench *b = arg;
	(void)key;
	(void)ret_stop;
	b->rows++;
	b->row_bytes += value.len;
	return OK;
}

/* A benchmark of refusals would be no benchmark: every record has to be there and permitted. */
static void
check_kept(struct bench *b, struct hub *h)
{
	struct vault_txn *t;
	uint64_t permitted = 0;
	const struct vault_range entries = {.table = VAULT_ENTRIES};
	const struct vault_range parts = {.table = VAULT_PARTS};
	bench_must(hub_txn(h, &t), "begin");
	b->rows = b->row_bytes = 0;
	bench_must(vault_each(t, &entries, add_row, b), "entries");
	bench_zero(b->rows != RECORD_COUNT * ENTRIES_COUNT, "entries are missing");
	bench_must(vault_each(t, &parts, add_row, b), "parts");
	for (unsigned i = 1; i <= b->nodes; i++) {
		struct tally tally;
		uint8_t public[SIGN_PUBLIC_BYTES];
		bench_sign_public(public, i, BENCH_WRITER);
		bench_must(tally_get(t, public, &tally), "tally");
		for (size_t k = 0; k < tally.count; k++)
			permitted +=
				tally.at[k].outcome == RULES_PERMIT ? tally.at[k].records : 0;
	}
	hub_abort(h);
	bench_zero(permitted != RECORD_COUNT, "records were not permitted");
}

static void
make_nodes(const struct bench *b, const char *dir)
{
	for (unsigned i = 1; i <= b->nodes; i++) {
		OWNED_MEM char *command = xasprintf("'%s' make '%s/%u' %u %u", b->node_program,
			dir, i, i, RECORD_COUNT / b->nodes);
		bench_zero(system(command), "bench_node make");
	}
	sync();
}

static double
send_records(void *arg, const char *dir)
{
	struct bench *b = arg;
	OWNED_MEM struct side *s = xcalloc(1, sizeof(*s));
	make_nodes(b, dir);
	open_hub(&s->hub, dir);
	admit_nodes(&s->hub, b->nodes);
	s->ingest = ingest_new(&s->hub, send_to, s);
	serve(s, on_frame);
	(void)reactor_timer(s->reactor, TICK_MS, TICK_MS, on_tick, s);
	reactor_before_sleep(s->reactor, end_turn, s);
	OWNED_MEM char *command = xasprintf(
		"'%s' send %s '%s' %u", b->node_program, link_address(s->link), dir, b->nodes);
	double from = cpu_s();
	double seconds = run_against(s, command);
	b->cpu_s[b->runs++] = cpu_s() - from;
	check_kept(b, &s->hub);
	ingest_free(s->ingest);
	close_hub(&s->hub);
	return RECORD_COUNT / seconds;
}

/* the limit */

static void
on_bare(struct reactor *r, void *arg)
{
	struct side *s = arg;
	OWNED(link_message) struct link_message *m = NULL;
	(void)r;
	if (link_recv(s->link, &m))
		return;
	struct cursor c = cursor_of(m->payload);
	while (c.left)
		bench_lmdb_put(s->bare, cursor_bytes(&c, MIN(c.left, s->row_bytes)));
	buf_blob(&s->peers, m->peer);
}

static enum err
end_bare(struct reactor *r, void *arg)
{
	static const uint8_t answer[] = {1};
	struct side *s = arg;
	struct cursor c = cursor_of(buf_view(&s->peers));
	enum err e = OK;
	(void)r;
	bench_lmdb_commit(s->bare);
	while (!e && c.left)
		e = link_send(s->link, cursor_blob(&c), view_of(answer, sizeof(answer)));
	buf_reset(&s->peers);
	return e;
}

static double
send_bare(void *arg, const char *dir)
{
	struct bench *b = arg;
	OWNED_MEM struct side *s = xcalloc(1, sizeof(*s));
	size_t frames = b->row_bytes / FRAME_BYTES / b->nodes + 1;
	size_t bytes = b->row_bytes / frames / b->nodes;
	s->bare = bench_lmdb_open(dir);
	s->row_bytes = b->row_bytes / b->rows;
	buf_init(&s->peers, FRAME_BYTES);
	serve(s, on_bare);
	reactor_before_sleep(s->reactor, end_bare, s);
	OWNED_MEM char *command = xasprintf("'%s' bare %s %u %zu %zu", b->node_program,
		link_address(s->link), b->nodes, frames, bytes);
	double seconds = run_against(s, command);
	buf_done(&s->peers);
	bench_lmdb_free(s->bare);
	return RECORD_COUNT / seconds;
}

static void
find_node_program(char ret[static PATH_BYTES])
{
	char self[PATH_BYTES] = "";
	bench_zero(readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0, "own path");
	(void)snprintf(ret, PATH_BYTES, "%s/bench_node", dirname(self));
}

int
main(void)
{
	struct bench one = {.nodes = 1}, eight = {.nodes = 8};
	bench_must(crypto_init(), "crypto");
	find_node_program(one.node_program);
	find_node_program(eight.node_program);
	const struct bench_pair with_one = {"sync_records_per_s", "sync_limit_per_s",
		"sync_ratio", "records/s", send_records, send_bare, &one};
	const struct bench_pair with_eight = {"sync_8_nodes_records_per_s",
		"sync_8_nodes_limit_per_s", "sync_8_nodes_ratio", "records/s", send_records,
		send_bare, &eight};
	bench_beside(&with_one);
	bench_line("sync_hub_cpu", bench_median(one.cpu_s, one.runs) * US_PER_S / RECORD_COUNT,
		"us/record");
	bench_beside(&with_eight);
	return 0;
}
