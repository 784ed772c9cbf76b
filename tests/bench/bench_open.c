/* bench_open - records out of the hub's vault: read, checked, opened, counted.
 *
 * The vault is filled by a node as bench_sync does it. Opening is done as the keeper does it, a
 * piece and a commit of the keyring at a time: first with the wraps that came, then again with
 * the keyring that took them over.
 * Limit:       XChaCha20-Poly1305 of as many texts of the same length, and a count of each.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#include "hub/opening.h"
#include "hub/unseal.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_hub.h"
#include "tests/bench/bench_keys.h"

#define RECORD_COUNT   4000
#define PIECE_COUNT    256
#define SEALED_BYTES   296 /* the smallest bucket, which these answers fill */
#define ANSWERS_COUNT  8
#define INTAKE_NUMBER  1
#define EVIDENCE_BYTES ((size_t)4 << 20)
#define DOCUMENT_BYTES ((size_t)16 << 20)

struct bench {
	double first[BENCH_RUNS_COUNT];
	double tables_s[BENCH_RUNS_COUNT]; /* opening_close(): tabulate, protect, write */
	size_t runs;
};

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
	const struct opening_ask ask = {
		pack, sites, pack->site_count, indicators, ARRAY_LEN(indicators)};
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

/* Opens and counts all; gives the seconds. */
static double
open_all(const struct unseal *u, struct opening *o)
{
	double from = bench_now_s();
	for (uint32_t i = 0; i < RECORD_COUNT; i++) {
		OWNED_UNSEALED struct unsealed r = {.entry = ""};
		bench_must(unseal_record(u, i, &r), "record");
		bench_must(opening_add(o, r.site, r.rules, r.answers), "record");
		if ((i + 1) % PIECE_COUNT == 0 || i + 1 == RECORD_COUNT)
			bench_must(keyring_commit(u->keyring), "keyring");
	}
	return bench_now_s() - from;
}

static double
open_twice(struct bench *b, const struct unseal *u, const struct pack *pack)
{
	OWNED_MEM struct cohort_site *sites = list_sites(pack);
	struct opening *first = begin(pack, sites), *again = begin(pack, sites);
	b->first[b->runs] = RECORD_COUNT / open_all(u, first);
	opening_free(first);
	double seconds = open_all(u, again);
	double from = bench_now_s();
	close_opening(again);
	b->tables_s[b->runs++] = bench_now_s() - from;
	opening_free(again);
	return RECORD_COUNT / seconds;
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
	const struct unseal u = {h->hub.study, snapshot, &keys, keyring};
	double rate = open_twice(arg, &u, h->hub.pack);
	vault_txn_free(take(snapshot));
	keyring_free(take(keyring));
	bench_hub_close(h);
	secret_free(keys.epoch_key);
	secret_free(keys.intake[0]);
	return rate;
}

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

int
main(void)
{
	struct bench b = {.runs = 0};
	bench_must(crypto_init(), "crypto");
	const struct bench_pair pair = {"opened_records_per_s", "opened_limit_per_s",
		"opened_ratio", "records/s", open_records, open_bare, &b};
	(void)bench_beside(&pair);
	bench_line("opened_first_records_per_s", bench_median(b.first, b.runs), "records/s");
	bench_line("opened_tables", bench_median(b.tables_s, b.runs) * 1e3, "ms");
	return 0;
}
