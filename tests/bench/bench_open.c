/* bench_open - records out of the hub's vault: read, checked, opened, counted.
 *
 * The vault is filled by a node as bench_sync does it. Opening is done as the keeper does it, a
 * step and a commit of the keyring at a time: first with the wraps that came, then again with
 * the keyring that took them over. Judging each member anew, which the keeper does before, is
 * not part of it.
 * Limit:       XChaCha20-Poly1305 of as many texts of the same length, and a count of each:
 *              what opening would cost if nothing but the answers were stored.
 * Straw man:   LMDB and libsodium bare, over rows of the same lengths: what no reader of the
 *              format can do without. From the ordinal to the record's place, its header, the
 *              rules part (whose, which form, which key) and the answers part, each got and
 *              opened under the vault key; BLAKE2b of both parts; the key got and opened under
 *              the epoch key; the answers opened with it. First, the key comes out of its
 *              entry instead: place, header and wrap got and opened, BLAKE2b and the sealed box
 *              of the wrap, the key sealed and put, a commit a step. Left out, though the
 *              keeper does it: bounds and form of everything, whose key it is, the key's entry
 *              looked up again when the keyring has the key, the form's own checks.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/mem.h"

#include "hub/keeper_task.h"
#include "hub/opening.h"
#include "hub/record_instance.h"
#include "hub/unseal.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_hub.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/bench_lmdb.h"

#define RECORD_COUNT   (4000 / BENCH_SCALE)
#define SEALED_BYTES   296 /* the smallest bucket, which these answers fill */
#define ROW_MOST_BYTES 1024
#define PLACED_BYTES   60 /* what a value of the vault is bound to: table and key */
#define NONCE_BYTES    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define ANSWERS_COUNT  8
#define INTAKE_NUMBER  1
#define EVIDENCE_BYTES ((size_t)4 << 20)
#define DOCUMENT_BYTES ((size_t)16 << 20)

/* The rows of the vault that one record needs. */
enum row {
	ROW_PLACE,
	ROW_HEADER,
	ROW_RULES,
	ROW_ANSWERS,
	ROW_KEY_PLACE, /* these are of its key's entry */
	ROW_KEY_HEADER,
	ROW_WRAP,
	ROW_COUNT
};

struct bench {
	size_t row_bytes[ROW_COUNT]; /* plain, of the last record of one run of the program */
	double first[BENCH_RUNS_COUNT];
	double straw_first[BENCH_RUNS_COUNT];
	double tables_s[BENCH_RUNS_COUNT]; /* opening_close(): tabulate, protect, write */
	size_t runs, straw_runs;
};

/* the program */

static void
make_keys(struct keeperkey *k)
{
	*k = (struct keeperkey){.epoch = 1, .intake_count = 1};
	k->epoch_key = bench_secret(BENCH_STUDY, BENCH_WITNESS);
	k->intake_number[0] = INTAKE_NUMBER;
	k->intake[0] = bench_secret(BENCH_STUDY, BENCH_BOX);
}

static struct cohort_site *
list_sites(const struct pack *pack)
{
	struct cohort_site *sites = xcalloc(pack->site_count, sizeof(*sites));
	for (size_t i = 0; i < pack->site_count; i++) {
		(void)snprintf(sites[i].id, sizeof(sites[i].id), "%s", pack->sites[i].id);
		sites[i].state = strcmp(sites[i].id, BENCH_SITE_NAME) == 0 ? SITE_TAKES_PART
									   : SITE_NOT_IN_WAVE;
	}
	return sites;
}

static struct opening *
begin(const struct pack *pack, const struct cohort_site *sites)
{
	static const char *const indicators[] = {"W01"};
	struct opening *o = NULL;
	const struct opening_ask ask = {.pack = pack,
		.sites = sites,
		.site_count = pack->site_count,
		.indicators = indicators,
		.indicator_count = ARRAY_LEN(indicators)};
	bench_must(opening_new(&o, &ask), "opening");
	return o;
}

static void
close_opening(struct opening *o)
{
	OWNED_BUF struct buf document, evidence;
	const struct staged_head head = {.study = "wvs-poverty",
		.release = "bench",
		.purpose = "example",
		.author = "example-a",
		.manifest_number = 1,
		.count_bucket = "1000-9999",
		.wave = 1};
	buf_init(&document, DOCUMENT_BYTES);
	buf_init(&evidence, EVIDENCE_BYTES);
	bench_must(opening_close(o, &head, &document, &evidence), "tables");
}

static void
open_step(const struct unseal_with *with, struct opening *o, uint32_t from)
{
	OWNED(unseal) struct unseal *u = unseal_new(with);
	for (uint32_t i = from; i < MIN(from + KEEPER_TASK_STEP_COUNT, RECORD_COUNT); i++) {
		OWNED_UNSEALED struct unsealed r = {.rules = NULL};
		bench_must(unseal_record(u, i, &r), "record");
		bench_must(opening_add(o, r.site, r.rules, r.answers), "record");
	}
	bench_must(keyring_commit(with->keyring), "keyring");
}

/* Opens and counts all; gives the seconds. */
static double
open_all(const struct unseal_with *with, struct opening *o)
{
	double from = bench_now_s();
	for (uint32_t i = 0; i < RECORD_COUNT; i += KEEPER_TASK_STEP_COUNT)
		open_step(with, o, i);
	return bench_now_s() - from;
}

static double
open_twice(struct bench *b, const struct unseal_with *with, const struct pack *pack)
{
	OWNED_MEM struct cohort_site *sites = list_sites(pack);
	struct opening *first = begin(pack, sites), *again = begin(pack, sites);
	b->first[b->runs] = RECORD_COUNT / open_all(with, first);
	opening_free(first);
	double seconds = open_all(with, again);
	double from = bench_now_s();
	close_opening(again);
	b->tables_s[b->runs++] = bench_now_s() - from;
	opening_free(again);
	return RECORD_COUNT / seconds;
}

static void
measure_row(struct bench *b, enum row row, const struct buf *value)
{
	b->row_bytes[row] = value->len;
	bench_zero(value->len > ROW_MOST_BYTES, "a row is longer than the straw man's");
}

static void
measure_part(struct bench *b, enum row row, struct vault_txn *t, const struct place *p)
{
	static const enum part_kind kinds[ROW_COUNT] = {[ROW_RULES] = PART_RULES,
		[ROW_ANSWERS] = PART_ANSWERS,
		[ROW_WRAP] = PART_WRAP_STUDY};
	OWNED_BUF struct buf value;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&value, RECORD_PART_MAX_BYTES);
	place_key(key, p);
	if (kinds[row])
		bench_must(record_part(t, p, (uint8_t)kinds[row], &value), "part");
	else
		bench_must(vault_get(t, VAULT_ENTRIES, view_of(key, sizeof(key)), &value),
			"entry");
	measure_row(b, row, &value);
}

/* All records of this benchmark are of one length, give or take the digits of numbers. */
static void
measure_rows(struct bench *b, const struct unseal_with *with)
{
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	OWNED_BUF struct buf row;
	struct place p, key;
	bench_must(record_at(with->txn, RECORD_COUNT - 1, &p), "place");
	bench_must(record_rules(with->txn, &p, &rules), "rules part");
	bench_must(record_instance_get(with->txn, rules->key_ref, &key), "key");
	b->row_bytes[ROW_KEY_PLACE] = PLACE_KEY_BYTES;
	buf_init(&row, ROW_MOST_BYTES);
	bench_must(vault_last(with->txn, VAULT_RECORDS, view_of(NULL, 0), NULL, &row), "row");
	measure_row(b, ROW_PLACE, &row);
	measure_part(b, ROW_HEADER, with->txn, &p);
	measure_part(b, ROW_RULES, with->txn, &p);
	measure_part(b, ROW_ANSWERS, with->txn, &p);
	measure_part(b, ROW_KEY_HEADER, with->txn, &key);
	measure_part(b, ROW_WRAP, with->txn, &key);
}

static double
open_records(void *arg, const char *dir)
{
	OWNED_MEM struct bench_hub *h = xcalloc(1, sizeof(*h));
	OWNED(keyring) struct keyring *keyring = NULL;
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	struct keeperkey keys;
	OWNED_MEM char *ring = xasprintf("%s/keyring", dir);
	make_keys(&keys);
	bench_hub_fill_nodes(dir, 1, RECORD_COUNT);
	bench_hub_open(h, dir, 1);
	(void)bench_hub_take(h, dir, 1, RECORD_COUNT);
	const struct keyring_config c = {ring, h->hub.study, keys.epoch, keys.epoch_key};
	bench_must(keyring_open(&keyring, &c), "keyring");
	bench_must(vault_snapshot(&snapshot, h->hub.vault), "snapshot");
	const struct unseal_with with = {h->hub.study, snapshot, &keys, keyring};
	measure_rows(arg, &with);
	double rate = open_twice(arg, &with, h->hub.pack);
	vault_txn_free(take(snapshot));
	keyring_free(take(keyring));
	bench_hub_close(h);
	secret_free(keys.epoch_key);
	secret_free(keys.intake[0]);
	return rate;
}

/* bare */

static double
open_bare(void *arg, const char *dir)
{
	static const uint8_t key[AEAD_KEY_BYTES];
	static uint8_t sealed[SEALED_BYTES];
	size_t nonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
	uint8_t plain[SEALED_BYTES] = {0};
	uint64_t counts[ANSWERS_COUNT] = {0};
	(void)arg;
	(void)dir;
	bench_zero(crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + nonce, NULL, plain,
			   SEALED_BYTES - AEAD_EXTRA_BYTES, NULL, 0, NULL, sealed, key),
		"seal");
	double from = bench_now_s();
	for (unsigned i = 0; i < RECORD_COUNT; i++) {
		bench_zero(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
				   sealed + nonce, SEALED_BYTES - nonce, NULL, 0, sealed, key),
			"open");
		counts[plain[i % ANSWERS_COUNT] % ANSWERS_COUNT]++;
	}
	double seconds = bench_now_s() - from;
	bench_zero(counts[0] != RECORD_COUNT, "count");
	return RECORD_COUNT / seconds;
}

/* straw man */

struct straw {
	const struct bench *bench;
	struct bench_lmdb *rows; /* ROW_COUNT for each record */
	struct bench_lmdb *ring; /* one for each record */
	uint8_t key[AEAD_KEY_BYTES];
	uint8_t box_public[BOX_PUBLIC_BYTES], box_secret[BOX_SECRET_BYTES];
	uint8_t placed[PLACED_BYTES];
	/* Here, so that no function clears them anew. */
	uint8_t row[ROW_MOST_BYTES], opened[ROW_MOST_BYTES];
	uint64_t counts[ANSWERS_COUNT];
};

static size_t
seal_bare(const struct straw *s, uint8_t *ret, const uint8_t *plain, size_t len)
{
	unsigned long long sealed_len = 0;
	randombytes_buf(ret, NONCE_BYTES);
	bench_zero(crypto_aead_xchacha20poly1305_ietf_encrypt(ret + NONCE_BYTES, &sealed_len,
			   plain, len, s->placed, sizeof(s->placed), NULL, ret, s->key),
		"seal");
	return NONCE_BYTES + (size_t)sealed_len;
}

static void
unseal_bare(const struct straw *s, uint8_t *ret, struct view sealed)
{
	bench_zero(crypto_aead_xchacha20poly1305_ietf_decrypt(ret, NULL, NULL,
			   sealed.at + NONCE_BYTES, sealed.len - NONCE_BYTES, s->placed,
			   sizeof(s->placed), sealed.at, s->key),
		"open");
}

/* The answers part and the wrap open again, the other rows are zeros. */
static void
fill_straw(struct straw *s)
{
	const size_t *bytes = s->bench->row_bytes;
	for (size_t i = 0; i < (size_t)RECORD_COUNT * ROW_COUNT; i++) {
		enum row row = (enum row)(i % ROW_COUNT);
		uint8_t plain[ROW_MOST_BYTES] = {0}, inside[ROW_MOST_BYTES] = {0};
		uint8_t sealed[ROW_MOST_BYTES + AEAD_EXTRA_BYTES];
		if (row == ROW_ANSWERS)
			(void)seal_bare(s, plain, inside, bytes[row] - AEAD_EXTRA_BYTES);
		if (row == ROW_WRAP)
			bench_zero(crypto_box_seal(plain, inside, bytes[row] - BOX_EXTRA_BYTES,
					   s->box_public),
				"box");
		bench_lmdb_put(
			s->rows, view_of(sealed, seal_bare(s, sealed, plain, bytes[row])));
	}
	bench_lmdb_commit(s->rows);
}

static void
get_row(struct straw *s, size_t record, enum row row)
{
	uint8_t hash[HASH_BYTES];
	unseal_bare(s, s->row, bench_lmdb_get(s->rows, record * ROW_COUNT + row));
	if (row == ROW_RULES || row == ROW_ANSWERS || row == ROW_WRAP)
		bench_zero(crypto_generichash(hash, sizeof(hash), s->row,
				   s->bench->row_bytes[row], NULL, 0),
			"blake2b");
}

static void
take_key(struct straw *s, size_t record)
{
	uint8_t sealed[AEAD_KEY_BYTES + AEAD_EXTRA_BYTES];
	get_row(s, record, ROW_KEY_PLACE);
	get_row(s, record, ROW_KEY_HEADER);
	get_row(s, record, ROW_WRAP);
	bench_zero(crypto_box_seal_open(s->opened, s->row, s->bench->row_bytes[ROW_WRAP],
			   s->box_public, s->box_secret),
		"box");
	bench_lmdb_put(
		s->ring, view_of(sealed, seal_bare(s, sealed, s->opened, AEAD_KEY_BYTES)));
}

static double
open_straws(struct straw *s, bool first)
{
	double from = bench_now_s();
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		get_row(s, i, ROW_PLACE);
		get_row(s, i, ROW_HEADER);
		get_row(s, i, ROW_RULES);
		if (first)
			take_key(s, i);
		else
			unseal_bare(s, s->opened, bench_lmdb_get(s->ring, i));
		get_row(s, i, ROW_ANSWERS);
		unseal_bare(s, s->opened, view_of(s->row, s->bench->row_bytes[ROW_ANSWERS]));
		s->counts[s->opened[i % ANSWERS_COUNT] % ANSWERS_COUNT]++;
		if (first && (i + 1) % KEEPER_TASK_STEP_COUNT == 0)
			bench_lmdb_commit(s->ring);
	}
	bench_lmdb_commit(s->ring);
	return RECORD_COUNT / (bench_now_s() - from);
}

static double
open_straw(void *arg, const char *dir)
{
	struct bench *b = arg;
	OWNED_MEM struct straw *s = xcalloc(1, sizeof(*s));
	OWNED_MEM char *rows = xasprintf("%s/rows", dir), *ring = xasprintf("%s/ring", dir);
	bench_zero(mkdir(rows, S_IRWXU), rows);
	bench_zero(mkdir(ring, S_IRWXU), ring);
	s->bench = b;
	s->rows = bench_lmdb_open(rows);
	s->ring = bench_lmdb_open(ring);
	bench_zero(crypto_box_keypair(s->box_public, s->box_secret), "key pair");
	fill_straw(s);
	b->straw_first[b->straw_runs++] = open_straws(s, true);
	double rate = open_straws(s, false);
	bench_lmdb_free(s->rows);
	bench_lmdb_free(s->ring);
	return rate;
}

static void
tell_straw(struct bench *b, double opened)
{
	double straws[BENCH_RUNS_COUNT];
	for (size_t i = 0; i < BENCH_RUNS_COUNT; i++)
		straws[i] = bench_once(open_straw, b);
	double straw = bench_median(straws, BENCH_RUNS_COUNT);
	double first = bench_median(b->first, b->runs);
	double straw_first = bench_median(b->straw_first, b->straw_runs);
	bench_line("opened_straw_per_s", straw, "records/s");
	bench_line("opened_straw_ratio", opened / straw, "of-straw-man");
	bench_line("opened_first_records_per_s", first, "records/s");
	bench_line("opened_first_straw_per_s", straw_first, "records/s");
	bench_line("opened_first_straw_ratio", first / straw_first, "of-straw-man");
}

int
main(void)
{
	struct bench b = {.runs = 0};
	bench_must(crypto_init(), "crypto");
	const struct bench_pair pair = {"opened_records_per_s", "opened_limit_per_s",
		"opened_ratio", "records/s", open_records, open_bare, &b};
	tell_straw(&b, bench_beside(&pair));
	bench_line("opened_tables", bench_median(b.tables_s, b.runs) * 1e3, "ms");
	return 0;
}
