/* bench_erase - one person erased among many, at the hub.
 *
 * A vault of PERSONS_COUNT made-up people (bench_people.h), each with a consent, a wrapped key
 * and a record, and a keyring that took all keys over. One of them asked to be erased. Measured
 * is what the machines do until the receipt can say `erased`: the pieces in which the rows are
 * found and deleted, those in which the vault moves to a new file, and the keeper's new epoch.
 * What people and nodes do in between (a manifest, a backup, the nodes' word that they have it)
 * is left out, and so is the destruction of the old intake number, which rewrites one small
 * file.
 * Turns:       the ledger serves nobody while a piece lasts, and between two of them whoever
 *              waits; `longest` is the longest, with its commit. The keeper is a process of its
 *              own.
 * Limit:       mdb_env_copy2() with MDB_CP_COMPACT of the same environment, synced: no erasure
 *              that leaves nothing in free pages can do without.
 */
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/study/receipt.h"
#include "common/trust/statement.h"

#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/keeper_renew.h"
#include "hub/unseal.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_hub.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/bench_people.h"

#define PERSONS_COUNT (100000 / BENCH_SCALE)
#define ERASED_PERSON (PERSONS_COUNT / 2)
#define MAP_BYTES     ((size_t)8 << 30)
#define STEP_COUNT    5000
#define REPLY_BYTES   4096
#define PATH_BYTES    256
#define TABLES_MOST   64
#define SLOW_S        0.05 /* a piece that is told of */

struct bench {
	double rows_s, move_s, renew_s, copy_s, longest_s;
	size_t pieces;
	double bytes;
	uint64_t keys;
};

/* Nobody answers: the keeper's part is measured by itself. */
static enum err
send_nowhere(void *arg, struct view frame)
{
	(void)arg;
	(void)frame;
	return OK;
}

/* Longer than a turn of the ledger: filling. */
static void
take_keys(struct hub *h, const struct keeperkey *keys, struct keyring *ring)
{
	struct vault_txn *t;
	bench_must(vault_snapshot(&t, h->vault), "snapshot");
	const struct unseal_with with = {h->study, t, keys, ring};
	OWNED(unseal) struct unseal *u = unseal_new(&with);
	struct place p = {.incarnation = 1, .lane = LANE_C};
	bench_sign_public(p.writer, 1, BENCH_WRITER);
	for (uint32_t i = 0; i < PERSONS_COUNT; i++) {
		bool taken = false;
		p.seq = 2 * (uint64_t)i + 2; /* each person's key is behind the consent */
		bench_must(unseal_key(u, &p, ring, &taken), "key");
		bench_zero(!taken, "key");
		if ((i + 1) % STEP_COUNT == 0)
			bench_must(keyring_commit(ring), "keyring");
	}
	bench_must(keyring_commit(ring), "keyring");
	vault_txn_free(t);
}

static struct keeperkey *
make_keys(const char *dir)
{
	static const uint8_t none[SIGN_PUBLIC_BYTES];
	struct keeperkey_holder holders[2] = {{.person = "example-a"}, {.person = "example-b"}};
	OWNED_MEM char *path = xasprintf("%s/keys", dir);
	OWNED_MEM char *rings = xasprintf("%s/keyring", dir);
	struct keeperkey *k = keeperkey_new(none, none);
	secret_free(k->intake[0]);
	k->intake[0] = bench_secret(BENCH_STUDY, BENCH_BOX);
	bench_box_public(holders[0].box_public, 2, BENCH_BOX);
	bench_box_public(holders[1].box_public, 3, BENCH_BOX);
	bench_zero(mkdir(path, S_IRWXU), path);
	bench_zero(mkdir(rings, S_IRWXU), rings);
	bench_must(keeperkey_write(k, dir, holders, ARRAY_LEN(holders)), "keeper");
	return k;
}

static struct keyring *
open_keyring(const char *dir, const struct hub *h, const struct keeperkey *k)
{
	char path[PATH_BYTES];
	struct keyring *ring = NULL;
	bench_must(keyring_path(path, dir, k->epoch), "keyring");
	const struct keyring_config c = {path, h->study, k->epoch, k->epoch_key};
	bench_must(keyring_open(&ring, &c), "keyring");
	return ring;
}

static void
ask_for_it(struct hub *h)
{
	struct vault_txn *t;
	uint8_t person[ID_BYTES], instance[ID_BYTES] = {1};
	bench_people_id(person, ERASED_PERSON);
	bench_must(hub_txn(h, &t), "begin");
	erase_asked(h, &(struct erase_asking){person, instance, "example"});
	bench_must(hub_commit(h), "commit");
}

/* A piece and its commit, as the ledger has them between two turns. */
static double
piece(struct bench *b, struct hub *h, struct erase *e)
{
	double from = bench_now_s();
	bench_must(erase_step(e, true), "step");
	bench_must(hub_commit(h), "commit");
	double step_s = bench_now_s() - from;
	from = bench_now_s();
	bench_must(erase_between(e), "move");
	double move_s = bench_now_s() - from;
	b->longest_s = step_s > b->longest_s ? step_s : b->longest_s;
	b->longest_s = move_s > b->longest_s ? move_s : b->longest_s;
	b->rows_s += step_s;
	b->move_s += move_s;
	b->pieces++;
	return step_s + move_s;
}

/* As an officer says it. */
static void
grant(struct hub *h, struct buf *reply)
{
	OWNED_SECRET struct secret *key = NULL;
	OWNED_BUF struct buf said, body;
	const struct statement_about about = {"example", "erase-run", "1", {0}};
	uint8_t public[SIGN_PUBLIC_BYTES];
	const uint8_t instance[ID_BYTES] = {1};
	char number[RECEIPT_BYTES];
	buf_init(&said, WIRE_SIGNED_MAX_BYTES);
	buf_init(&body, REPLY_BYTES);
	receipt_number(number, instance);
	buf_format(&body, "{\"receipts\":[\"%s\"]}", number);
	sign_keypair(public, &key);
	bench_must(statement_make(&said, &about, "officer", 1, key), "statement");
	const struct act act = {.id = "1",
		.body = buf_view(&body),
		.signed_statement = buf_view(&said),
		.by = {.id = "officer", .organisation = "example"},
		.role = "officer"};
	struct vault_txn *t = NULL;
	bench_must(hub_txn(h, &t), "turn");
	bench_must(erase_run(h, &act, reply), "erase");
}

static void
erase_one(struct bench *b, struct hub *h)
{
	OWNED(erase) struct erase *e = erase_new(h, send_nowhere, NULL);
	OWNED_BUF struct buf reply;
	buf_init(&reply, REPLY_BYTES);
	ask_for_it(h);
	h->erase = e;
	grant(h, &reply);
	bench_must(hub_commit(h), "commit");
	bench_say("bench: erase: %.*s", (int)reply.len, (const char *)reply.at);
	while (erase_is_busy(e)) {
		double took_s = piece(b, h, e);
		if (took_s > SLOW_S)
			bench_say("bench: erase: piece %zu took %.0f ms", b->pieces,
				took_s * 1e3);
	}
	h->erase = NULL;
}

static void
renew(struct bench *b, struct hub *h, const char *dir, struct keeperkey *k,
	struct keyring **ring)
{
	struct keeper_renewed done;
	const struct keeper_renew ask = {
		.dir = dir, .study = h->study, .vault = h->vault, .makes_intake = true};
	double from = bench_now_s();
	bench_must(keeper_renew(&ask, k, ring, &done), "renewal");
	b->renew_s = bench_now_s() - from;
	b->keys = done.keys;
	bench_zero(done.lost != 0 || done.keys != PERSONS_COUNT - 1, "keys of the new epoch");
}

/* Bare, of the environment that the hub left. */
static void
copy_bare(struct bench *b, const char *dir)
{
	OWNED_MEM char *from_dir = xasprintf("%s/hub", dir);
	OWNED_MEM char *path = xasprintf("%s/copy.mdb", dir);
	MDB_env *env = NULL;
	struct stat st;
	bench_zero(mdb_env_create(&env), "lmdb");
	bench_zero(mdb_env_set_mapsize(env, MAP_BYTES), "lmdb map");
	bench_zero(mdb_env_set_maxdbs(env, TABLES_MOST), "lmdb tables");
	bench_zero(mdb_env_open(env, from_dir, MDB_RDONLY, S_IRUSR | S_IWUSR), "lmdb open");
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	double from = bench_now_s();
	bench_zero(mdb_env_copyfd2(env, fd, MDB_CP_COMPACT), "lmdb copy");
	bench_zero(fsync(fd), "fsync");
	b->copy_s = bench_now_s() - from;
	bench_zero(fstat(fd, &st), "stat");
	b->bytes = (double)st.st_size;
	(void)close(fd);
	mdb_env_close(env);
}

static double
erase_among(void *arg, const char *dir)
{
	static const struct bench_people people = {
		.persons = PERSONS_COUNT, .records = 1, .keys = true, .answers = true};
	struct bench *b = arg;
	struct bench_hub hub = {.entries = 0};
	OWNED_MEM char *keeper = xasprintf("%s/keeper", dir);
	bench_zero(mkdir(keeper, S_IRWXU), keeper);
	bench_hub_open(&hub, dir, 1);
	bench_say("bench: erase: filling");
	bench_people_fill(&hub.hub, &people);
	OWNED(keeperkey) struct keeperkey *keys = make_keys(keeper);
	OWNED(keyring) struct keyring *ring = open_keyring(keeper, &hub.hub, keys);
	take_keys(&hub.hub, keys, ring);
	erase_one(b, &hub.hub);
	renew(b, &hub.hub, keeper, keys, &ring);
	bench_hub_close(&hub);
	copy_bare(b, dir);
	return b->rows_s + b->move_s + b->renew_s;
}

int
main(void)
{
	struct bench b = {.keys = 0};
	bench_must(crypto_init(), "crypto");
	double total = bench_once(erase_among, &b);
	bench_line("erase_persons", PERSONS_COUNT, "persons");
	bench_line("erase_vault_megabytes", b.bytes / 1e6, "MB");
	bench_line("erase_s", total, "s");
	bench_line("erase_rows_s", b.rows_s, "s");
	bench_line("erase_move_s", b.move_s, "s");
	bench_line("erase_renew_s", b.renew_s, "s");
	bench_line("erase_pieces", (double)b.pieces, "pieces");
	bench_line("erase_longest_turn_s", b.longest_s, "s");
	bench_line("erase_copy_limit_s", b.copy_s, "s");
	bench_line("erase_ratio", total / b.copy_s, "of-limit");
	return 0;
}
