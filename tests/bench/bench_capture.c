/* bench_capture - answers into the site's vault: sealed, judged, kept, as sync does it.
 *
 * Limit:       bare libsodium (two crypto_box_seal, one XChaCha20-Poly1305 of the same lengths)
 *              and bare LMDB puts of the same headers and parts, one commit for every 1,000.
 * Single:      one capture and its commit, beside the same limit with a commit each, and beside
 *              fdatasync of a page in an allocated file.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/mem.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_lmdb.h"
#include "tests/bench/bench_site.h"

#define CAPTURE_COUNT (5000 / BENCH_SCALE)
#define GROUP_COUNT   (1000 / BENCH_SCALE)
#define SINGLE_COUNT  (300 / BENCH_SCALE)
#define US_PER_S      1e6
#define DISK_BYTES    4096
#define FILE_MODE     0600
#define ROW_BYTES     ((size_t)64 * 1024)

/* Microseconds of single ones, by run. */
struct singles {
	double at[BENCH_RUNS_COUNT][SINGLE_COUNT];
	size_t runs;
};

struct bench {
	struct bench_site site;
	struct buf rows; /* blobs: what one capture leaves in the vault, for the limit */
	size_t answers_bytes, wrap_bytes;
	struct singles captured, limit, flushed;
};

/* the program */

static double
keep_all(void *arg, const char *dir)
{
	struct bench *b = arg;
	bench_site_open(&b->site, dir, CAPTURE_COUNT);
	double from = bench_now_s();
	for (unsigned first = 0; first < CAPTURE_COUNT; first += GROUP_COUNT)
		bench_site_keep(&b->site, first, GROUP_COUNT);
	double rate = CAPTURE_COUNT / (bench_now_s() - from);
	bench_site_close(&b->site);
	return rate;
}

static double
keep_singles(void *arg, const char *dir)
{
	struct bench *b = arg;
	double *at = b->captured.at[b->captured.runs++];
	bench_site_open(&b->site, dir, SINGLE_COUNT);
	for (unsigned i = 0; i < SINGLE_COUNT; i++) {
		double from = bench_now_s();
		bench_site_keep(&b->site, i, 1);
		at[i] = (bench_now_s() - from) * US_PER_S;
	}
	bench_site_close(&b->site);
	return 0;
}

/* what one capture leaves behind */

static void
add_row(struct bench *b, enum lane lane, uint64_t seq, unsigned kind, size_t *ret_bytes)
{
	OWNED_BUF struct buf row;
	struct vault *v = b->site.vault;
	buf_init(&row, ROW_BYTES);
	const struct vault_at at = vault_here(v, lane, seq);
	bench_must(kind ? vault_part(v, &at, (enum part_kind)kind, &row)
			: vault_header(v, &at, &row),
		"row");
	buf_blob(&b->rows, buf_view(&row));
	*ret_bytes = row.len;
}

static double
look_at_rows(void *arg, const char *dir)
{
	struct bench *b = arg;
	size_t bytes;
	bench_site_open(&b->site, dir, 1);
	bench_site_keep(&b->site, 0, 1);
	for (uint64_t seq = 1; seq <= 2; seq++) {
		add_row(b, LANE_C, seq, 0, &bytes);
		add_row(b, LANE_C, seq, PART_RULES, &bytes);
	}
	add_row(b, LANE_C, 1, PART_WRAP_STUDY, &b->wrap_bytes);
	add_row(b, LANE_C, 1, PART_WRAP_SITE, &bytes);
	add_row(b, LANE_R, 1, 0, &bytes);
	add_row(b, LANE_R, 1, PART_RULES, &bytes);
	add_row(b, LANE_R, 1, PART_ANSWERS, &b->answers_bytes);
	bench_must(buf_check(&b->rows, "rows"), "rows");
	bench_site_close(&b->site);
	return (double)b->rows.len;
}

/* the limits */

static void
keep_one_bare(const struct bench *b, struct bench_lmdb *l)
{
	static const uint8_t plain[ROW_BYTES], key[AEAD_KEY_BYTES];
	static uint8_t sealed[ROW_BYTES + AEAD_EXTRA_BYTES];
	uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
	size_t wrapped = b->wrap_bytes - crypto_box_SEALBYTES;
	struct cursor c = cursor_of(buf_view(&b->rows));
	bench_zero(crypto_box_seal(sealed, plain, wrapped, b->site.keys.intake_public), "box");
	bench_zero(crypto_box_seal(sealed, plain, wrapped, b->site.keys.review_public), "box");
	randombytes_buf(nonce, sizeof(nonce));
	bench_zero(crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain,
			   b->answers_bytes - AEAD_EXTRA_BYTES, NULL, 0, NULL, nonce, key),
		"seal");
	while (c.left)
		bench_lmdb_put(l, cursor_blob(&c));
}

static double
keep_bare(void *arg, const char *dir)
{
	const struct bench *b = arg;
	OWNED(bench_lmdb) struct bench_lmdb *l = bench_lmdb_open(dir);
	double from = bench_now_s();
	for (size_t i = 1; i <= CAPTURE_COUNT; i++) {
		keep_one_bare(b, l);
		if (i % GROUP_COUNT == 0)
			bench_lmdb_commit(l);
	}
	return CAPTURE_COUNT / (bench_now_s() - from);
}

static double
keep_singles_bare(void *arg, const char *dir)
{
	struct bench *b = arg;
	double *at = b->limit.at[b->limit.runs++];
	OWNED(bench_lmdb) struct bench_lmdb *l = bench_lmdb_open(dir);
	for (unsigned i = 0; i < SINGLE_COUNT; i++) {
		double from = bench_now_s();
		keep_one_bare(b, l);
		bench_lmdb_commit(l);
		at[i] = (bench_now_s() - from) * US_PER_S;
	}
	return 0;
}

static double
flush_singles(void *arg, const char *dir)
{
	static const uint8_t bytes[DISK_BYTES];
	struct bench *b = arg;
	double *at = b->flushed.at[b->flushed.runs++];
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
		at[i] = (bench_now_s() - from) * US_PER_S;
	}
	(void)close(fd);
	return 0;
}

/* Median over the runs of this share within a run. */
static double
over_runs(struct singles *s, double share)
{
	double values[BENCH_RUNS_COUNT];
	for (size_t i = 0; i < BENCH_RUNS_COUNT; i++)
		values[i] = bench_quantile(s->at[i], SINGLE_COUNT, share);
	return bench_median(values, BENCH_RUNS_COUNT);
}

static void
measure_singles(struct bench *b)
{
	for (size_t i = 0; i < BENCH_RUNS_COUNT; i++) {
		(void)bench_once(flush_singles, b);
		(void)bench_once(keep_singles_bare, b);
		(void)bench_once(keep_singles, b);
	}
	double flush = over_runs(&b->flushed, 0.5), limit = over_runs(&b->limit, 0.5);
	double half = over_runs(&b->captured, 0.5), most = over_runs(&b->captured, 0.99);
	bench_line("capture_p50", half, "us");
	bench_line("capture_p99", most, "us");
	bench_line("capture_limit_p50", limit, "us");
	bench_line("capture_ratio", half / limit, "of-limit");
	bench_line("fdatasync_p50", flush, "us");
	bench_line("capture_p50_flushes", half / flush, "of-fdatasync");
	bench_line("capture_p99_flushes", most / flush, "of-fdatasync");
}

int
main(void)
{
	OWNED_MEM struct bench *b = xcalloc(1, sizeof(*b));
	bench_must(crypto_init(), "crypto");
	bench_site_init(&b->site, 1);
	buf_init(&b->rows, ROW_BYTES);
	bench_line("capture_bytes", bench_once(look_at_rows, b), "B");
	const struct bench_pair all = {"captures_per_s", "captures_limit_per_s",
		"captures_ratio", "captures/s", keep_all, keep_bare, b};
	(void)bench_beside(&all);
	measure_singles(b);
	buf_done(&b->rows);
	bench_site_done(&b->site);
	return 0;
}
