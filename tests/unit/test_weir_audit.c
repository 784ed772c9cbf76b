/* The real program, run on logs that are made here; its path is the first argument. */
#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"
#include "common/trust/note.h"
#include "common/trust/statement.h"
#include "common/trust/tlog.h"

#define LEAVES_COUNT      300
#define OUTPUT_MOST_BYTES 1000000
#define COSIGNED_S        1795305660

static const char *program_path;

struct fixture {
	char dir[32];
	char *log; /* directory of the log */
	char *key; /* text of its key */
	char *witness;
	struct note_key log_key, witness_key;
	struct secret *log_secret, *witness_secret;
	struct buf leaf;
	char *out;    /* what the last run printed, standard error too */
	bool strange; /* leaf 7 is not canonical */
};

static enum err
lend_leaf(void *arg, uint64_t index, struct view *ret)
{
	struct fixture *x = arg;
	OWNED_MEM char *id = xasprintf("leaf-%d", (int)index);
	struct leaf l = {.id = id,
		.t_s = 1795305600 + 60 * (int64_t)index,
		.site = index % 2 ? "site-one" : "site-two",
		.actor = "example-actor",
		.action = index == 5 ? "release.refused" : "record.arrived",
		.object_type = index == 5 ? "table" : "record",
		.decision = index == 5 ? "deny" : "permit",
		.rules = {2, {"R3", "R18"}},
		.reason_code = index == 5 ? "example-reason" : ""};
	buf_reset(&x->leaf);
	enum err e = leaf_write(&x->leaf, &l);
	if (x->strange && index == 7)
		buf_u8(&x->leaf, ' ');
	*ret = buf_view(&x->leaf);
	return e;
}

static char *
make_key(
	struct note_key *ret, struct secret **ret_secret, const char *name, enum note_type type)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	sign_keypair(public, ret_secret);
	assert_ok(note_key_make(ret, name, type, public));
	return note_key_text(ret);
}

static void
make_log(struct fixture *x, uint64_t size)
{
	OWNED(tlog) struct tlog *t = NULL;
	struct tlog_source from = {lend_leaf, NULL, x};
	struct note_checkpoint cp = {.origin = "log.example/study", .size = size};
	OWNED_BUF struct buf text, note;
	buf_init(&text, NOTE_MOST_BYTES);
	buf_init(&note, NOTE_MOST_BYTES);
	assert_ok(tlog_open(&t, x->log, &from, size));
	tlog_root(cp.root, t);
	assert_ok(note_checkpoint_text(&text, &cp));
	assert_ok(note_begin(&note, buf_view(&text)));
	assert_ok(note_sign(&note, buf_view(&text), &x->log_key, x->log_secret, 0));
	assert_ok(note_sign(
		&note, buf_view(&text), &x->witness_key, x->witness_secret, COSIGNED_S));
	assert_ok(tlog_publish(t, buf_view(&note)));
}

static int
set_up(void **state)
{
	struct fixture *x = xcalloc(1, sizeof(*x));
	buf_init(&x->leaf, LEAF_MOST_BYTES + 1);
	*state = x;
	if (!own_dir_make(x->dir, sizeof(x->dir), "audit"))
		return 1;
	x->log = xasprintf("%s/log", x->dir);
	x->key = make_key(&x->log_key, &x->log_secret, "log.example/study", NOTE_ED25519);
	x->witness = make_key(&x->witness_key, &x->witness_secret, "site-one.example/witness",
		NOTE_COSIGNATURE);
	make_log(x, LEAVES_COUNT);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct fixture *x = *state;
	(void)nftw(x->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	secret_free(x->log_secret);
	secret_free(x->witness_secret);
	buf_done(&x->leaf);
	free(x->log);
	free(x->key);
	free(x->witness);
	free(x->out);
	free(x);
	return 0;
}

/* Run with these arguments, NULL behind the last; keeps the output, gives the exit code. */
static int
run(struct fixture *x, const char *const *args)
{
	OWNED_MEM char *path = xasprintf("%s/out", x->dir);
	const char *argv[16] = {program_path};
	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (freopen(path, "w", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
			(void)execv(program_path, (char *const *)(void *)argv);
		_exit(127);
	}
	int status = 0;
	size_t len = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	free(take(x->out));
	assert_ok(text_read_file((uint8_t **)&x->out, &len, path, OUTPUT_MOST_BYTES));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define RUN(x, ...) run(x, (const char *const[]){__VA_ARGS__, NULL})

static void
says(const struct fixture *x, const char *text)
{
	if (!strstr(x->out, text))
		fail_msg("expected \"%s\" in:\n%s", text, x->out);
}

static void
a_good_log_is_verified_and_the_limit_is_told(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key), 0);
	says(x, "leaves 300 count\n");
	says(x, "checkpoint 300 ");
	says(x, "not witnessed\n");
	says(x, "not that everything that happened was logged\n");
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--witness", x->witness), 0);
	says(x, "cosigned site-one.example/witness 2026-11-22T00:01:00Z\n");
	assert_null(strstr(x->out, "not witnessed"));
}

/* A checkpoint of the first `size` leaves of this log or of another one, as a hub keeps it. */
static void
cosign_aside(struct fixture *x, uint64_t size, uint8_t flaw, struct note_key *key,
	struct secret *secret)
{
	OWNED(tile_tree) struct tile_tree *tree = tile_tree_new(x->log, LEAVES_COUNT);
	const struct merkle_source from = tile_tree_source(tree);
	struct note_checkpoint cp = {.origin = "log.example/study", .size = size};
	OWNED_BUF struct buf text, note;
	OWNED_MEM char *dir = xasprintf("%s/cosigned", x->log);
	OWNED_MEM char *path = xasprintf("%s/exa-3f2a91bc", dir);
	buf_init(&text, NOTE_MOST_BYTES);
	buf_init(&note, NOTE_MOST_BYTES);
	assert_ok(merkle_root_of(cp.root, &from, size));
	cp.root[0] ^= flaw;
	assert_ok(note_checkpoint_text(&text, &cp));
	assert_ok(note_begin(&note, buf_view(&text)));
	assert_ok(note_sign(&note, buf_view(&text), &x->log_key, x->log_secret, 0));
	assert_ok(note_sign(&note, buf_view(&text), key, secret, COSIGNED_S));
	(void)mkdir(dir, 0755);
	assert_ok(text_write_file(path, buf_view(&note), 0644));
}

/* Row 60: a site's node saw an earlier checkpoint, and the log continues it or does not. */
static void
a_witness_counts_by_the_checkpoint_it_saw_last(void **state)
{
	struct fixture *x = *state;
	struct note_key key;
	struct secret *secret;
	OWNED_MEM char *witness = make_key(&key, &secret, "exa/3f2a91bc", NOTE_COSIGNATURE);
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--witness", witness), 1);
	says(x, "witness exa/3f2a91bc: it has cosigned no checkpoint of this log");
	cosign_aside(x, 120, 0, &key, secret);
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--witness", witness), 0);
	says(x, "cosigned exa/3f2a91bc 2026-11-22T00:01:00Z up to leaf 120\n");
	cosign_aside(x, 120, 1, &key, secret);
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--witness", witness), 1);
	says(x, "not witnessed\n");
	secret_free(secret);
}

static void
a_key_can_stand_in_a_file(void **state)
{
	struct fixture *x = *state;
	OWNED_MEM char *path = xasprintf("%s/key", x->dir);
	OWNED_MEM char *line = xasprintf("%s\n", x->key);
	OWNED_MEM char *at = xasprintf("@%s", path);
	assert_ok(text_write_file(path, view_text(line), 0644));
	assert_int_equal(RUN(x, "verify", x->log, "--key", at), 0);
	assert_int_equal(RUN(x, "verify", x->log, "--key", "@/nonexistent/key"), 3);
}

static void
another_key_is_refused(void **state)
{
	struct fixture *x = *state;
	struct note_key key;
	OWNED_SECRET struct secret *secret = NULL;
	OWNED_MEM char *other = make_key(&key, &secret, "log.example/study", NOTE_ED25519);
	assert_int_equal(RUN(x, "verify", x->log, "--key", other), 1);
	says(x, "finding: checkpoint: ");
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->witness), 1);
	OWNED_SECRET struct secret *secret_two = NULL;
	OWNED_MEM char *nobody =
		make_key(&key, &secret_two, "site-two.example/witness", NOTE_COSIGNATURE);
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--witness", nobody), 1);
	says(x, "finding: checkpoint: witness site-two.example/witness: ");
	says(x, "not witnessed\n");
}

static void
a_changed_leaf_is_named(void **state)
{
	struct fixture *x = *state;
	OWNED_MEM char *path = xasprintf("%s/tile/entries/000", x->log);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, OUTPUT_MOST_BYTES));
	char *word = memmem(bytes, len, "release.refused", 15);
	assert_non_null(word);
	memcpy(word, "release.granted", 15);
	assert_ok(text_write_file(path, view_of(bytes, len), 0644));
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key), 1);
	says(x, "finding: tile/entries/000 leaf 5 does not fit its hash in tile/0/000\n");
	assert_int_equal(RUN(x, "list", x->log, "--key", x->key), 1);
	assert_null(strstr(x->out, "release.granted"));
}

static void
a_leaf_that_is_not_canonical_is_named(void **state)
{
	struct fixture *x = *state;
	(void)nftw(x->log, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	x->strange = true;
	make_log(x, 20);
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key), 1);
	says(x, "finding: leaf 7: leaf: not canonical");
}

static void
a_log_has_to_continue_what_was_seen(void **state)
{
	struct fixture *x = *state;
	OWNED_MEM char *kept = xasprintf("%s/kept", x->dir);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(tile_read_checkpoint(&bytes, &len, x->log));
	assert_ok(text_write_file(kept, view_of(bytes, len), 0644));
	make_log(x, LEAVES_COUNT + 50);
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--old", kept), 0);
	(void)nftw(x->log, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	x->strange = true;
	make_log(x, LEAVES_COUNT + 50);
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--old", kept), 1);
	says(x, "finding: earlier checkpoint of 300 leaves: ");
}

static void
what_cannot_be_read_is_no_refusal(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(RUN(x, "verify", "/nonexistent", "--key", x->key), 3);
	assert_int_equal(RUN(x, "verify", x->log), 2);
	assert_int_equal(RUN(x, "verify"), 2);
	assert_int_equal(RUN(x, "frobnicate"), 2);
}

static void
verdicts_are_told_to_programs_too(void **state)
{
	struct fixture *x = *state;
	int64_t n;
	bool ok, witnessed;
	OWNED(json) struct json *j = NULL;
	assert_int_equal(RUN(x, "verify", x->log, "--key", x->key, "--json"), 0);
	assert_ok(json_parse(&j, view_text(x->out), OUTPUT_MOST_BYTES));
	assert_ok(json_get_int(j, "leaves", 300, 300, &n));
	assert_ok(json_get_bool(j, "ok", &ok));
	assert_ok(json_get_bool(j, "witnessed", &witnessed));
	assert_true(ok);
	assert_false(witnessed);
	assert_true(json_has(j, "limit"));
}

static size_t
lines(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void
leaves_are_listed_by_what_is_asked_for(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(RUN(x, "list", x->log, "--key", x->key), 0);
	assert_int_equal(lines(x->out), 1 + LEAVES_COUNT);
	assert_int_equal(RUN(x, "list", x->log, "--key", x->key, "--object", "table"), 0);
	assert_int_equal(lines(x->out), 2);
	says(x, "release.refused");
	says(x, "deny      R3,R18");
	says(x, "example-reason");
	assert_int_equal(RUN(x, "list", x->log, "--key", x->key, "--site", "site-one"), 0);
	assert_int_equal(lines(x->out), 1 + LEAVES_COUNT / 2);
	assert_int_equal(RUN(x, "list", x->log, "--key", x->key, "--action", "none"), 0);
	assert_int_equal(lines(x->out), 2);
	says(x, "is one of these");
	assert_int_equal(
		RUN(x, "list", x->log, "--key", x->key, "--from", "299", "--count", "5"), 0);
	assert_int_equal(lines(x->out), 2);
	assert_int_equal(RUN(x, "list", x->log, "--from", "255", "--count", "2"), 0);
	says(x, "not verified");
	says(x, "     255  2026-11-22T04:15:00Z");
	says(x, "     256  2026-11-22T04:16:00Z");
}

static void
a_list_for_programs_is_one_document(void **state)
{
	struct fixture *x = *state;
	OWNED(json) struct json *j = NULL;
	const struct json *row;
	const char *text;
	assert_int_equal(RUN(x, "list", x->log, "--key", x->key, "--json"), 0);
	assert_ok(json_parse(&j, view_text(x->out), OUTPUT_MOST_BYTES));
	assert_int_equal(json_count(j), LEAVES_COUNT);
	assert_ok(json_item_object(j, 5, "row", &row));
	assert_ok(json_get_text(row, "action", 100, &text));
	assert_string_equal(text, "release.refused");
}

static void
a_leaf_is_proved_for_others(void **state)
{
	struct fixture *x = *state;
	assert_int_equal(RUN(x, "prove", x->log, "5", "--key", x->key), 0);
	assert_memory_equal(x->out, "c2sp.org/tlog-proof@v1\nindex 5\n", 31);
	/* 300 leaves: nine hashes, an empty line, three lines of text, an empty line, two
	 * names. */
	assert_int_equal(lines(x->out), 2 + 9 + 1 + 3 + 1 + 2);
	assert_int_equal(RUN(x, "prove", x->log, "300", "--key", x->key), 1);
	assert_int_equal(RUN(x, "prove", x->log, "x", "--key", x->key), 2);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* A paper is kept for years: what was printed before a member came is read as well. */
static void
a_receipt_of_an_erasure_says_who_decided_where_it_was_written(void **state)
{
	static const struct {
		const char *members, *says, *says_not;
	} rows[] = {
		{"", "receipt A1", "decided by"},
		{"\"decided_by\":\"officer-1\",\"reason\":\"\",", "decided by officer-1",
			":  "},
		{"\"decided_by\":\"officer-1\",\"reason\":\"a court\",",
			"decided by officer-1: a court", "not signed"},
	};
	struct fixture *x = *state;
	OWNED_MEM char *keys = xasprintf("%s/keys", x->dir);
	OWNED_MEM char *path = xasprintf("%s/receipt", x->dir);
	uint8_t public[SIGN_PUBLIC_BYTES], signature[SIGNATURE_BYTES];
	char hex[2 * SIGNATURE_BYTES + 1];
	sign_public(public, x->log_secret);
	text_hex(hex, public, sizeof(public));
	OWNED_MEM char *line = xasprintf("hub %s\n", hex);
	write_text(keys, line);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *paper = xasprintf(
			"{\"study\":\"example\",\"receipt\":\"A1\",\"state\":\"gone\","
			"\"stopped_s\":5,%s\"erased_s\":0,\"could_open\":\"nobody\","
			"\"site_paper\":\"\",\"site_writer\":\"\",\"site_signature\":\"\"}",
			rows[i].members);
		signed_make(signature, "weir-erased-v1", view_text(paper), x->log_secret);
		text_hex(hex, signature, sizeof(signature));
		OWNED_MEM char *both = xasprintf("%s\n%s\n", paper, hex);
		write_text(path, both);
		const char *args[] = {"receipt", path, "--keys", keys, NULL};
		if (run(x, args) != 0 || !strstr(x->out, rows[i].says) ||
			strstr(x->out, rows[i].says_not))
			fail_msg("row %zu: %s", i, x->out);
	}
}

/* Who holds the wrong file in hands is told that, and not sent to look for keys. */
static void
what_is_no_receipt_is_said_before_the_keys_are_looked_for(void **state)
{
	static const struct {
		const char *text; /* NULL: there is no file */
		const char *says;
	} rows[] = {
		{NULL, "receipt"},
		{"", "this is no receipt"},
		{"{\"study\":\"example\"}\n", "this is no receipt"},
		{"{\"study\":\"example\"}\nno signature\n", "this is no receipt"},
	};
	struct fixture *x = *state;
	OWNED_MEM char *keys = xasprintf("%s/none", x->dir);
	OWNED_MEM char *path = xasprintf("%s/receipt", x->dir);
	const char *args[] = {"receipt", path, "--keys", keys, NULL};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].text)
			write_text(path, rows[i].text);
		if (run(x, args) != 1 || !strstr(x->out, rows[i].says) || strstr(x->out, keys))
			fail_msg("row %zu: %s", i, x->out);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2 || crypto_init())
		return 1;
	program_path = argv[1];
	const struct CMUnitTest tests[] = {
		WITH(a_good_log_is_verified_and_the_limit_is_told),
		WITH(a_witness_counts_by_the_checkpoint_it_saw_last),
		WITH(a_key_can_stand_in_a_file),
		WITH(a_receipt_of_an_erasure_says_who_decided_where_it_was_written),
		WITH(what_is_no_receipt_is_said_before_the_keys_are_looked_for),
		WITH(another_key_is_refused),
		WITH(a_changed_leaf_is_named),
		WITH(a_leaf_that_is_not_canonical_is_named),
		WITH(a_log_has_to_continue_what_was_seen),
		WITH(what_cannot_be_read_is_no_refusal),
		WITH(verdicts_are_told_to_programs_too),
		WITH(leaves_are_listed_by_what_is_asked_for),
		WITH(a_list_for_programs_is_one_document),
		WITH(a_leaf_is_proved_for_others),
	};
	return cmocka_run_group_tests_name("weir_audit", tests, NULL, NULL);
}
