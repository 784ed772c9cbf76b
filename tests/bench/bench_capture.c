/* bench_capture - answers into the site's vault: sealed, judged, kept, as sync does it.
 *
 * A capture is one filled form of an enrolled person with the consent given along: three entries,
 * two wraps of the participant key, one seal of the answers. Its pseudonym stands before the
 * clock starts.
 * Limit:       bare libsodium (two crypto_box_seal, one XChaCha20-Poly1305 of the same lengths)
 *              and bare LMDB puts of the same headers and parts, one commit for every 1,000.
 * Single:      one capture and its commit, beside fdatasync of as many bytes in an allocated file.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "node/capture.h"
#include "node/sync_keep.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_lmdb.h"

#define STUDY_DIR     WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define CAPTURE_COUNT 5000
#define GROUP_COUNT   1000
#define SINGLE_COUNT  300
#define MAP_BYTES     ((size_t)1 << 30)
#define MS_PER_S      1000
#define US_PER_S      1e6
#define CODE_BYTES    16
#define DISK_BYTES    4096
#define FILE_MODE     0600
#define ITEM_BYTES    ((size_t)64 * 1024)
#define PERMITS       "collect-direct,use-site-report,use-aggregate"
#define SITE          "norway"

struct bench {
	struct pack *pack;
	struct capture_site site;
	struct vault *vault;
	uint8_t writer[SIGN_PUBLIC_BYTES];
	struct buf rows; /* blobs: what one capture leaves in the vault, for the limit */
	size_t answers_bytes, wrap_bytes;
	double single[BENCH_RUNS_COUNT][SINGLE_COUNT];
	double flush[BENCH_RUNS_COUNT][SINGLE_COUNT];
};

/* people */

static void
code_of(char ret[static CODE_BYTES], unsigned number)
{
	static const char letters[] = "ANSU";
	(void)snprintf(ret, CODE_BYTES, "%c%04u", letters[number / 10000 % 4], number % 10000);
}

static void
person_of(uint8_t ret[static ID_BYTES], unsigned number)
{
	bench_fill(ret, ID_BYTES, number + 1);
}

static void
enrol(const struct bench *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char code[CODE_BYTES];
		uint8_t id[ID_BYTES];
		code_of(code, i);
		person_of(id, i);
		bench_must(vault_put(b->vault, VAULT_PEOPLE, view_text(code),
				   view_of(id, sizeof(id))),
			"enrol");
	}
	bench_must(vault_commit(b->vault), "enrol");
}

/* the program */

static void
capture(const struct bench *b, unsigned number, struct sync_keep *k)
{
	static const struct form_answer answers[] = {{"poverty", "1"}, {"religion", "yes"},
		{"degree", "no"}, {"age", "48"}, {"gender", "female"}};
	OWNED_BUF struct buf item;
	char codes[CONSENT_LIST_BYTES], code[CODE_BYTES];
	struct consent consent;
	int64_t now_s = clock_wall_ms() / MS_PER_S;
	const struct consent_given given = {"returned-questionnaire", PERMITS,
		b->pack->forms[0]->id, b->pack->forms[0]->version, now_s};
	buf_init(&item, ITEM_BYTES);
	bench_must(consent_give(&consent, codes, &given), "consent");
	code_of(code, number);
	struct form_answer filled[ARRAY_LEN(answers) + 1] = {{FORM_PARTICIPANT, code}};
	memcpy(filled + 1, answers, sizeof(answers));
	struct capture_record r = {.form = b->pack->forms[0],
		.code = code,
		.wave = "1",
		.group = "public",
		.answers = filled,
		.count = ARRAY_LEN(filled),
		.consent = &consent,
		.captured_s = now_s};
	person_of(r.participant, number);
	bench_must(capture_item(&item, &b->site, &r), "capture");
	bench_must(sync_keep_add(k, 1, buf_view(&item)), "keep");
}

static void
keep(const struct bench *b, unsigned first, unsigned count)
{
	OWNED(sync_keep) struct sync_keep *k = sync_keep_new();
	struct sync_kept kept;
	for (unsigned i = 0; i < count; i++)
		capture(b, first + i, k);
	const struct sync_judge judge = {b->vault, b->pack, SITE, clock_wall_ms()};
	bench_must(sync_keep_apply(k, &judge, &kept), "keep");
	bench_must(vault_commit(b->vault), "commit");
}

static void
open_vault(struct bench *b, const char *dir)
{
	struct vault_config c = {.dir = dir, .study = b->pack->id, .map_bytes = MAP_BYTES};
	memcpy(c.writer, b->writer, sizeof(c.writer));
	bench_must(vault_open(&b->vault, &c), "vault");
	memcpy(b->site.row_key, vault_row_key(b->vault), HASH_BYTES);
}

static double
keep_all(void *arg, const char *dir)
{
	struct bench *b = arg;
	open_vault(b, dir);
	enrol(b, CAPTURE_COUNT);
	double from = bench_now_s();
	for (unsigned first = 0; first < CAPTURE_COUNT; first += GROUP_COUNT)
		keep(b, first, GROUP_COUNT);
	double rate = CAPTURE_COUNT / (bench_now_s() - from);
	vault_free(take(b->vault));
	return rate;
}

static double
keep_singles(void *arg, const char *dir)
{
	static size_t run;
	struct bench *b = arg;
	open_vault(b, dir);
	enrol(b, SINGLE_COUNT);
	for (unsigned i = 0; i < SINGLE_COUNT; i++) {
		double from = bench_now_s();
		keep(b, i, 1);
		b->single[run][i] = (bench_now_s() - from) * US_PER_S;
	}
	vault_free(take(b->vault));
	run++;
	return 0;
}

/* what one capture leaves behind */

static void
add_row(struct bench *b, enum lane lane, uint64_t seq, enum part_kind kind, size_t *ret_bytes)
{
	OWNED_BUF struct buf part;
	buf_init(&part, ITEM_BYTES);
	enum err e = kind ? vault_part(b->vault, lane, seq, kind, &part)
			  : vault_header(b->vault, lane, seq, &part);
	bench_must(e, "row");
	buf_blob(&b->rows, buf_view(&part));
	if (ret_bytes)
		*ret_bytes = part.len;
}

static double
look_at_rows(void *arg, const char *dir)
{
	struct bench *b = arg;
	open_vault(b, dir);
	enrol(b, 1);
	keep(b, 0, 1);
	for (uint64_t seq = 1; seq <= 2; seq++) {
		add_row(b, LANE_C, seq, 0, NULL);
		add_row(b, LANE_C, seq, PART_RULES, NULL);
	}
	add_row(b, LANE_C, 1, PART_WRAP_STUDY, &b->wrap_bytes);
	add_row(b, LANE_C, 1, PART_WRAP_SITE, NULL);
	add_row(b, LANE_R, 1, 0, NULL);
	add_row(b, LANE_R, 1, PART_RULES, NULL);
	add_row(b, LANE_R, 1, PART_ANSWERS, &b->answers_bytes);
	bench_must(buf_check(&b->rows, "rows"), "rows");
	vault_free(take(b->vault));
	return 0;
}

/* the limits */

static void
seal_bare(const struct bench *b)
{
	static const uint8_t plain[ITEM_BYTES], key[AEAD_KEY_BYTES];
	static uint8_t sealed[ITEM_BYTES + AEAD_EXTRA_BYTES];
	uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
	size_t wrapped = b->wrap_bytes - crypto_box_SEALBYTES;
	bench_zero(crypto_box_seal(sealed, plain, wrapped, b->site.intake_public), "box");
	bench_zero(crypto_box_seal(sealed, plain, wrapped, b->site.review_public), "box");
	randombytes_buf(nonce, sizeof(nonce));
	bench_zero(crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain,
			   b->answers_bytes - AEAD_EXTRA_BYTES, NULL, 0, NULL, nonce, key),
		"seal");
}

static double
keep_bare(void *arg, const char *dir)
{
	struct bench *b = arg;
	OWNED(bench_lmdb) struct bench_lmdb *l = bench_lmdb_open(dir);
	double from = bench_now_s();
	for (size_t i = 1; i <= CAPTURE_COUNT; i++) {
		struct cursor c = cursor_of(buf_view(&b->rows));
		seal_bare(b);
		while (c.left)
			bench_lmdb_put(l, cursor_blob(&c));
		if (i % GROUP_COUNT == 0)
			bench_lmdb_commit(l);
	}
	return CAPTURE_COUNT / (bench_now_s() - from);
}

static double
flush_bare(void *arg, const char *dir)
{
	static size_t run;
	struct bench *b = arg;
	static const uint8_t bytes[DISK_BYTES];
	char path[BENCH_PATH_BYTES + 8];
	(void)snprintf(path, sizeof(path), "%s/bytes", dir);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, FILE_MODE);
	for (unsigned i = 0; i < SINGLE_COUNT; i++)
		bench_zero(write(fd, bytes, sizeof(bytes)) != sizeof(bytes), "write");
	bench_zero(fsync(fd), "fsync");
	for (unsigned i = 0; i < SINGLE_COUNT; i++) {
		double from = bench_now_s();
		bench_zero(pwrite(fd, bytes, sizeof(bytes), i * DISK_BYTES) != sizeof(bytes),
			"write");
		bench_zero(fdatasync(fd), "fdatasync");
		b->flush[run][i] = (bench_now_s() - from) * US_PER_S;
	}
	(void)close(fd);
	run++;
	return 0;
}

static void
measure_singles(struct bench *b)
{
	double p50[BENCH_RUNS_COUNT], p99[BENCH_RUNS_COUNT], flush[BENCH_RUNS_COUNT];
	for (size_t i = 0; i < BENCH_RUNS_COUNT; i++) {
		(void)bench_once(flush_bare, b);
		(void)bench_once(keep_singles, b);
		flush[i] = bench_median(b->flush[i], SINGLE_COUNT);
		p50[i] = bench_median(b->single[i], SINGLE_COUNT);
		p99[i] = bench_quantile(b->single[i], SINGLE_COUNT, 0.99);
	}
	double limit = bench_median(flush, BENCH_RUNS_COUNT);
	double half = bench_median(p50, BENCH_RUNS_COUNT);
	double most = bench_median(p99, BENCH_RUNS_COUNT);
	bench_line("capture_p50", half, "us");
	bench_line("capture_p99", most, "us");
	bench_line("fdatasync_p50", limit, "us");
	bench_line("capture_p50_ratio", half / limit, "times-fdatasync");
	bench_line("capture_p99_ratio", most / limit, "times-fdatasync");
}

static void
make_site(struct bench *b)
{
	struct secret *intake = NULL, *review = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	bench_must(pack_load(&b->pack, STUDY_DIR, faults), "study");
	b->site.study = b->pack->id;
	b->site.intake_number = b->site.review_number = 1;
	box_keypair(b->site.intake_public, &intake);
	box_keypair(b->site.review_public, &review);
	secret_free(intake);
	secret_free(review);
	bench_fill(b->writer, sizeof(b->writer), 1);
}

int
main(void)
{
	OWNED_MEM struct bench *b = xcalloc(1, sizeof(*b));
	bench_must(crypto_init(), "crypto");
	make_site(b);
	buf_init(&b->rows, ITEM_BYTES);
	(void)bench_once(look_at_rows, b);
	bench_line("capture_bytes", (double)b->rows.len, "B");
	const struct bench_pair all = {"captures_per_s", "captures_limit_per_s",
		"captures_ratio", "captures/s", keep_all, keep_bare, b};
	bench_beside(&all);
	measure_singles(b);
	buf_done(&b->rows);
	pack_free(b->pack);
	return 0;
}
