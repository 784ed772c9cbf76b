/* bench_sync - records from nodes to the hub, kept, judged, logged, acknowledged, receipted.
 *
 * The hub is here (bench_hub). The nodes are bench_node, a process of its own: their vaults are
 * filled before the clock starts, which runs from connecting until the hub's signed receipts
 * cover everything. The last checkpoint is published when all is in, not up to half a second
 * later.
 * Limit:       as many bytes in frames as large over the same sockets, split into as many bare
 *              LMDB puts, one commit for whatever a turn brought, an answer for each frame.
 * Straw man:   the same and the duties that the design sets, done bare: BLAKE2b and sealing of
 *              each row; for each entry a leaf of the usual length (SHA-256, sealed), its hash
 *              and a verdict (both sealed).
 */
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>

#include "common/base/mem.h"

#include "hub/place.h"
#include "hub/tally.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_hub.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/bench_lmdb.h"

#define RECORD_COUNT    (4000 / BENCH_SCALE) /* of all nodes together */
#define ROWS_PER_ENTRY  3
#define FRAME_BYTES     200000
#define LEAF_BYTES      800
#define VERDICT_BYTES   120
#define PIECE_MAX_BYTES 4096
#define US_PER_S        1e6

struct bench {
	unsigned nodes;
	size_t rows, row_bytes; /* of one run of the program, all together */
	double cpu_s[BENCH_RUNS_COUNT], straw_cpu_s[BENCH_RUNS_COUNT];
	size_t runs, straw_runs;
};

/* The limit's and the straw man's side of the sockets. */
struct bare {
	struct bench_far far;
	struct bench_lmdb *store;
	bool has_duties;
	size_t row_bytes;
	uint64_t rows;
	struct buf peers; /* blobs: who waits for an answer */
};

static double
cpu_s(void)
{
	struct rusage u;
	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / US_PER_S;
}

/* the program */

/* Of an import there is an act, too, which is no entry of a record. */
static enum err
add_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct bench *b = arg;
	(void)ret_stop;
	if (key.at[PLACE_LANE_BYTES - 1] == LANE_A)
		return OK;
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
	bench_zero(b->rows != RECORD_COUNT * BENCH_ENTRIES, "entries are missing");
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

static double
send_records(void *arg, const char *dir)
{
	struct bench *b = arg;
	OWNED_MEM struct bench_hub *h = xcalloc(1, sizeof(*h));
	bench_hub_fill_nodes(dir, b->nodes, RECORD_COUNT);
	bench_hub_open(h, dir, b->nodes);
	double from = cpu_s();
	double seconds = bench_hub_take(h, dir, b->nodes, RECORD_COUNT);
	b->cpu_s[b->runs++] = cpu_s() - from;
	check_kept(b, &h->hub);
	bench_hub_close(h);
	return RECORD_COUNT / seconds;
}

/* bare */

static void
put_sealed(struct bare *s, struct view row)
{
	static const uint8_t key[AEAD_KEY_BYTES];
	uint8_t sealed[PIECE_MAX_BYTES + AEAD_EXTRA_BYTES];
	unsigned long long len;
	randombytes_buf(sealed, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
	bench_zero(crypto_aead_xchacha20poly1305_ietf_encrypt(
			   sealed + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, &len, row.at,
			   MIN(row.len, (size_t)PIECE_MAX_BYTES), NULL, 0, NULL, sealed, key),
		"seal");
	bench_lmdb_put(s->store, view_of(sealed, row.len + AEAD_EXTRA_BYTES));
}

static void
do_duties(struct bare *s, struct view row)
{
	static const uint8_t leaf[LEAF_BYTES];
	uint8_t hash[crypto_hash_sha256_BYTES];
	bench_zero(crypto_generichash(hash, sizeof(hash), row.at, row.len, NULL, 0), "blake2b");
	put_sealed(s, row);
	if (++s->rows % ROWS_PER_ENTRY)
		return;
	crypto_hash_sha256(hash, leaf, sizeof(leaf));
	put_sealed(s, view_of(leaf, sizeof(leaf)));
	put_sealed(s, view_of(hash, sizeof(hash)));
	put_sealed(s, view_of(leaf, VERDICT_BYTES));
}

static void
on_bare(struct reactor *r, void *arg)
{
	struct bare *s = arg;
	OWNED(link_message) struct link_message *m = NULL;
	(void)r;
	if (link_recv(s->far.link, &m))
		return;
	struct cursor c = cursor_of(m->payload);
	while (c.left) {
		struct view row = cursor_bytes(&c, MIN(c.left, s->row_bytes));
		if (s->has_duties)
			do_duties(s, row);
		else
			bench_lmdb_put(s->store, row);
	}
	buf_blob(&s->peers, m->peer);
}

static enum err
end_bare(struct reactor *r, void *arg)
{
	static const uint8_t answer[] = {1};
	struct bare *s = arg;
	struct cursor c = cursor_of(buf_view(&s->peers));
	enum err e = OK;
	(void)r;
	bench_lmdb_commit(s->store);
	while (!e && c.left)
		e = link_send(s->far.link, cursor_blob(&c), view_of(answer, sizeof(answer)));
	buf_reset(&s->peers);
	return e;
}

static double
take_bare(const struct bench *b, const char *dir, bool has_duties)
{
	OWNED_MEM struct bare *s = xcalloc(1, sizeof(*s));
	size_t frames = b->row_bytes / FRAME_BYTES / b->nodes + 1;
	size_t bytes = b->row_bytes / frames / b->nodes;
	s->has_duties = has_duties;
	s->store = bench_lmdb_open(dir);
	s->row_bytes = b->row_bytes / b->rows;
	buf_init(&s->peers, FRAME_BYTES);
	bench_far_open(&s->far, on_bare, s);
	reactor_before_sleep(s->far.reactor, end_bare, s);
	double seconds = bench_far_run(&s->far, "bare %s %u %zu %zu", link_address(s->far.link),
		b->nodes, frames, bytes);
	buf_done(&s->peers);
	bench_lmdb_free(s->store);
	return RECORD_COUNT / seconds;
}

static double
take_limit(void *arg, const char *dir)
{
	return take_bare(arg, dir, false);
}

static double
take_straw(void *arg, const char *dir)
{
	struct bench *b = arg;
	double from = cpu_s();
	double rate = take_bare(b, dir, true);
	b->straw_cpu_s[b->straw_runs++] = cpu_s() - from;
	return rate;
}

static void
line(const char *prefix, const char *name, double value, const char *unit)
{
	OWNED_MEM char *whole = xasprintf("%s%s", prefix, name);
	bench_line(whole, value, unit);
}

/* CPU is what stays comparable when somebody else uses the machine, too. */
static void
tell_straw(const char *prefix, struct bench *b, double made)
{
	double straws[BENCH_RUNS_COUNT];
	for (size_t i = 0; i < BENCH_RUNS_COUNT; i++)
		straws[i] = bench_once(take_straw, b);
	double straw = bench_median(straws, BENCH_RUNS_COUNT);
	double cpu = bench_median(b->cpu_s, b->runs);
	double straw_cpu = bench_median(b->straw_cpu_s, b->straw_runs);
	line(prefix, "straw_per_s", straw, "records/s");
	line(prefix, "straw_ratio", made / straw, "of-straw-man");
	line(prefix, "hub_cpu", cpu * US_PER_S / RECORD_COUNT, "us/record");
	line(prefix, "straw_cpu", straw_cpu * US_PER_S / RECORD_COUNT, "us/record");
	line(prefix, "cpu_ratio", cpu / straw_cpu, "of-straw-man");
}

static void
measure(const char *prefix, struct bench *b)
{
	OWNED_MEM char *name = xasprintf("%srecords_per_s", prefix);
	OWNED_MEM char *limit = xasprintf("%slimit_per_s", prefix);
	OWNED_MEM char *ratio = xasprintf("%sratio", prefix);
	const struct bench_pair pair = {
		name, limit, ratio, "records/s", send_records, take_limit, b};
	tell_straw(prefix, b, bench_beside(&pair));
}

int
main(void)
{
	struct bench one = {.nodes = 1}, eight = {.nodes = 8};
	bench_must(crypto_init(), "crypto");
	measure("sync_", &one);
	measure("sync_8_nodes_", &eight);
	return 0;
}
