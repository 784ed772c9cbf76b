/* bench_rejudge - every stored record of a hub judged anew, as a release does it.
 *
 * A vault of RECORDS_COUNT records, ten of each person, all of them permits (bench_people.h);
 * each is found by its ordinal and judged with judge_kept() for one use, as a freeze does it.
 * Seconds of the processor, as nothing has to be waited for once the pages are in memory;
 * filling is not part of it.
 * Limit:       the same rules parts, as long as they are at rest, read in the order of their
 *              keys from bare LMDB and opened with bare XChaCha20-Poly1305: what knowing them
 *              costs, before anything is judged.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/base/mem.h"

#include "hub/judge.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_hub.h"
#include "tests/bench/bench_lmdb.h"
#include "tests/bench/bench_people.h"

#define PERSONS_COUNT  (100000 / BENCH_SCALE)
#define RECORDS_EACH   10
#define RECORDS_COUNT  (PERSONS_COUNT * RECORDS_EACH)
#define TURN_COUNT     20000
#define NOW_MS         1900000000000LL
#define NONCE_BYTES    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define PLACED_BYTES   53 /* what a value of the vault is bound to: table and key */
#define ROW_MOST_BYTES 512

struct bench {
	size_t part_bytes; /* plain */
	uint64_t seen;     /* so that no work can be left out */
};

static double
processor_s(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
judge_one(struct bench *b, struct judge *j, struct vault_txn *t, uint32_t ordinal)
{
	static const struct judge_ask ask = {.action = RULES_AGGREGATE,
		.use = RULES_USE_POOLED,
		.true_at_ms = NOW_MS,
		.known_upto = UINT64_MAX};
	struct record r;
	struct judged judged;
	bench_must(record_get(t, ordinal, &r), "record");
	bench_must(judge_kept(j, &r, &ask, &judged), "judge");
	if (judged.verdict.outcome != RULES_PERMIT)
		bench_must(fail(E_FORMAT, "%s %s%s", judged.verdict.fired[0].rule,
				   judged.verdict.fired[0].reason, judged.reason),
			"verdict");
	b->seen++;
}

/* Seconds for all records. */
static double
rejudge(void *arg, const char *dir)
{
	static const struct bench_people people = {
		.persons = PERSONS_COUNT, .records = RECORDS_EACH};
	struct bench *b = arg;
	struct bench_hub hub = {.entries = 0};
	struct vault_txn *t;
	OWNED_BUF struct buf part;
	struct place p;
	bench_hub_open(&hub, dir, 1);
	bench_people_fill(&hub.hub, &people);
	bench_must(hub_txn(&hub.hub, &t), "begin");
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	bench_must(record_at(t, 0, &p), "record");
	bench_must(record_part(t, &p, PART_RULES, &part), "part");
	b->part_bytes = part.len;
	double from = processor_s();
	OWNED(judge) struct judge *j = NULL;
	bench_must(judge_new(&j, &hub.hub, t), "judge");
	for (uint32_t i = 0; i < RECORDS_COUNT; i++)
		judge_one(b, j, t, i);
	double took = processor_s() - from;
	hub_abort(&hub.hub);
	bench_hub_close(&hub);
	return took;
}

static double
read_bare(void *arg, const char *dir)
{
	struct bench *b = arg;
	uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES] = {1};
	uint8_t sealed[ROW_MOST_BYTES] = {0}, plain[ROW_MOST_BYTES] = {0};
	static const uint8_t placed[PLACED_BYTES];
	unsigned long long len = 0;
	struct bench_lmdb *rows = bench_lmdb_open(dir);
	for (uint32_t i = 0; i < RECORDS_COUNT; i++) {
		memcpy(sealed, &i, sizeof(i));
		bench_zero(crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES,
				   &len, plain, b->part_bytes, placed, sizeof(placed), NULL,
				   sealed, key),
			"seal");
		bench_lmdb_put(rows, view_of(sealed, NONCE_BYTES + (size_t)len));
		if ((i + 1) % TURN_COUNT == 0)
			bench_lmdb_commit(rows);
	}
	bench_lmdb_commit(rows);
	double from = processor_s();
	for (uint32_t i = 0; i < RECORDS_COUNT; i++) {
		struct view row = bench_lmdb_get(rows, i);
		bench_zero(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &len, NULL,
				   row.at + NONCE_BYTES, row.len - NONCE_BYTES, placed,
				   sizeof(placed), row.at, key),
			"open");
		b->seen += plain[0];
	}
	double took = processor_s() - from;
	bench_lmdb_free(rows);
	return took;
}

int
main(void)
{
	struct bench b = {.seen = 0};
	bench_must(crypto_init(), "crypto");
	double took = bench_once(rejudge, &b);
	double limit = bench_once(read_bare, &b);
	bench_line("rejudge_records", RECORDS_COUNT, "records");
	bench_line("rejudge_stored_s", took, "s");
	bench_line("rejudge_limit_s", limit, "s");
	bench_line("rejudge_ratio", took / limit, "of-limit");
	bench_say("%llu seen", (unsigned long long)b.seen);
	return 0;
}
