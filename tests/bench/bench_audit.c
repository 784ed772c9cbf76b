/* bench_audit - leaves into the hub's log: vault, tiles, checkpoint and journal for every 256,
 * and the check of the whole log afterwards.
 *
 * Limit of adding:    SHA-256 of each leaf, a bare LMDB put, one commit for every 256, and the
 *                     same bytes written to a file with one fsync, since the log is files, too.
 * Limit of verifying: SHA-256 over the same bytes and over one pair of hashes for each leaf.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "common/trust/tlogcheck.h"

#include "hub/audit.h"
#include "hub/vaultkeys.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_lmdb.h"

#define LEAVES_COUNT    (20480 / BENCH_SCALE)
#define GROUP_COUNT     256
#define MAP_BYTES       ((size_t)1 << 30)
#define ORIGIN          "example.org/weir/bench"
#define FILE_MODE       0600
#define WRITE_MAX_BYTES ((size_t)1 << 20)
#define T_S             1795305600
#define TEXT_BYTES      80

struct bench {
	struct note_checkpoint cp;
	char log[BENCH_PATH_BYTES + 8];
	struct buf leaf; /* one as it stands in the log */
	double verify[BENCH_RUNS_COUNT];
	double verify_bare[BENCH_RUNS_COUNT];
	size_t runs;
};

/* A leaf as a record that came makes it. */
static void
make_leaf(struct leaf *ret, char text[static TEXT_BYTES], unsigned number)
{
	static const char hex[] =
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	(void)snprintf(text, TEXT_BYTES, "3f2a91bc.1.R.%u", number);
	*ret = (struct leaf){.id = text,
		.t_s = T_S,
		.site = "site-a",
		.actor = "sync",
		.role = "node",
		.key_id = "3f2a91bc",
		.action = "record-received",
		.object_type = "record",
		.object_commit = hex,
		.person_commit = hex,
		.decision = "permit",
		.ruleset_sha256 = hex,
		.outcome = "kept",
		.request_id = text};
}

static void
add_group(struct vault *v, struct audit *a, unsigned first)
{
	struct vault_txn *t;
	bench_must(vault_begin(&t, v), "begin");
	for (unsigned i = 0; i < GROUP_COUNT; i++) {
		char text[TEXT_BYTES];
		struct leaf l;
		make_leaf(&l, text, first + i);
		bench_must(audit_add(a, t, &l, NULL), "leaf");
	}
	bench_must(vault_commit(t), "commit");
	audit_committed(a);
	bench_must(audit_publish(a), "publish");
}

static double
verify(struct bench *b)
{
	const struct tlogcheck nobody = {NULL, NULL, NULL};
	double from = bench_now_s();
	bench_must(tlogcheck_run(b->log, &b->cp, &nobody), "verify");
	return LEAVES_COUNT / (bench_now_s() - from);
}

static double
verify_bare(const struct bench *b)
{
	uint8_t hash[2 * crypto_hash_sha256_BYTES] = {0};
	double from = bench_now_s();
	for (unsigned i = 0; i < LEAVES_COUNT; i++) {
		crypto_hash_sha256(hash, b->leaf.at, b->leaf.len);
		crypto_hash_sha256(hash, hash, sizeof(hash));
	}
	return LEAVES_COUNT / (bench_now_s() - from);
}

static void
read_checkpoint(struct bench *b, struct audit *a)
{
	OWNED_BUF struct buf bytes;
	struct note note;
	buf_init(&bytes, NOTE_MOST_BYTES);
	bench_must(audit_checkpoint(a, &bytes), "checkpoint");
	bench_must(note_checkpoint_open(&b->cp, &note, buf_view(&bytes), audit_key(a)),
		"checkpoint");
}

static double
add_leaves(void *arg, const char *dir)
{
	struct bench *b = arg;
	char vault_dir[BENCH_PATH_BYTES + 8], journal[BENCH_PATH_BYTES + 8];
	OWNED_SECRET struct secret *key = secret_new(AEAD_KEY_BYTES);
	OWNED_SECRET struct secret *seed = secret_new(SIGN_SEED_BYTES);
	OWNED(vault) struct vault *v = NULL;
	OWNED(audit) struct audit *a = NULL;
	const struct vault_limits limits = {.map_bytes = MAP_BYTES};
	(void)snprintf(vault_dir, sizeof(vault_dir), "%s/vault", dir);
	(void)snprintf(journal, sizeof(journal), "%s/journal", dir);
	(void)snprintf(b->log, sizeof(b->log), "%s/log", dir);
	const struct vaultkeys keys = {dir, key};
	bench_must(vaultkeys_make(&keys), "vault keys");
	bench_must(vault_open_lmdb(&v, vault_dir, &keys, &limits, false), "vault");
	const struct audit_config c = {v, b->log, journal, ORIGIN, seed, false, NULL};
	bench_must(audit_open(&a, &c), "audit");
	double from = bench_now_s();
	for (unsigned first = 0; first < LEAVES_COUNT; first += GROUP_COUNT)
		add_group(v, a, first);
	double rate = LEAVES_COUNT / (bench_now_s() - from);
	read_checkpoint(b, a);
	b->verify_bare[b->runs] = verify_bare(b);
	b->verify[b->runs++] = verify(b);
	return rate;
}

static double
add_bare(void *arg, const char *dir)
{
	const struct bench *b = arg;
	char path[BENCH_PATH_BYTES + 8];
	OWNED(bench_lmdb) struct bench_lmdb *l = bench_lmdb_open(dir);
	OWNED_BUF struct buf file;
	(void)snprintf(path, sizeof(path), "%s/bytes", dir);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, FILE_MODE);
	buf_init(&file, WRITE_MAX_BYTES);
	double from = bench_now_s();
	for (size_t i = 1; i <= LEAVES_COUNT; i++) {
		uint8_t hash[crypto_hash_sha256_BYTES];
		crypto_hash_sha256(hash, b->leaf.at, b->leaf.len);
		bench_lmdb_put(l, buf_view(&b->leaf));
		buf_add_view(&file, buf_view(&b->leaf));
		if (i % GROUP_COUNT)
			continue;
		bench_lmdb_commit(l);
		bench_zero(write(fd, file.at, file.len) != (ssize_t)file.len, "write");
		bench_zero(fsync(fd), "fsync");
		buf_reset(&file);
	}
	double rate = LEAVES_COUNT / (bench_now_s() - from);
	(void)close(fd);
	return rate;
}

int
main(void)
{
	struct bench b = {.runs = 0};
	struct leaf l;
	char text[TEXT_BYTES];
	bench_must(crypto_init(), "crypto");
	buf_init(&b.leaf, LEAF_MOST_BYTES);
	make_leaf(&l, text, LEAVES_COUNT / 2);
	bench_must(leaf_write(&b.leaf, &l), "leaf");
	const struct bench_pair add = {"audit_leaves_per_s", "audit_limit_per_s", "audit_ratio",
		"leaves/s", add_leaves, add_bare, &b};
	(void)bench_beside(&add);
	double checked = bench_median(b.verify, b.runs);
	double bare = bench_median(b.verify_bare, b.runs);
	bench_line("audit_verified_per_s", checked, "leaves/s");
	bench_line("audit_verify_limit_per_s", bare, "leaves/s");
	bench_line("audit_verify_ratio", checked / bare, "of-limit");
	buf_done(&b.leaf);
	return 0;
}
