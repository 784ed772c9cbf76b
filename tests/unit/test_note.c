#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/note.h"

#define VECTOR_MOST_BYTES 4096
#define TIME_S            1795305660

/* tests/vectors/note.txt: two keys and the note that others' software made with them. */
struct example {
	uint8_t *bytes;
	struct view note;
	struct note_key log, witness;
};

static void
example_read(struct example *ret)
{
	size_t len = 0;
	assert_ok(text_read_file(&ret->bytes, &len, WEIR_SOURCE_DIR "/tests/vectors/note.txt",
		VECTOR_MOST_BYTES));
	char *first = (char *)ret->bytes, *second = strchr(first, '\n') + 1;
	char *note = strchr(second, '\n') + 1;
	ret->note = view_of(note, len - (size_t)(note - first));
	second[-1] = '\0';
	note[-1] = '\0';
	assert_ok(note_key_parse(&ret->log, first));
	assert_ok(note_key_parse(&ret->witness, second));
	OWNED_MEM char *log = note_key_text(&ret->log), *witness = note_key_text(&ret->witness);
	assert_string_equal(log, first);
	assert_string_equal(witness, second);
}

static void
example_secrets(struct secret **ret_log, struct secret **ret_witness)
{
	uint8_t seed[SIGN_SEED_BYTES], public[SIGN_PUBLIC_BYTES];
	memset(seed, 0x11, sizeof(seed));
	sign_from_seed(public, ret_log, seed);
	memset(seed, 0x22, sizeof(seed));
	sign_from_seed(public, ret_witness, seed);
}

static void
a_note_made_by_other_software_is_accepted(void **state)
{
	(void)state;
	struct example x;
	struct note n;
	struct note_checkpoint cp;
	int64_t time_s;
	example_read(&x);
	assert_ok(note_checkpoint_open(&cp, &n, x.note, &x.log));
	assert_string_equal(cp.origin, "log.example/study");
	assert_int_equal(cp.size, 300);
	uint8_t root[HASH_BYTES];
	struct view text = view_text("an example root");
	crypto_sha256(root, &text, 1);
	assert_memory_equal(cp.root, root, HASH_BYTES);
	assert_ok(note_check(&n, &x.witness, &time_s));
	assert_int_equal(time_s, TIME_S);
	free(x.bytes);
}

static void
our_note_is_the_same_to_the_byte(void **state)
{
	(void)state;
	struct example x;
	struct note n;
	struct note_checkpoint cp;
	OWNED_SECRET struct secret *log = NULL, *witness = NULL;
	OWNED_BUF struct buf text, out;
	buf_init(&text, NOTE_MOST_BYTES);
	buf_init(&out, NOTE_MOST_BYTES);
	example_read(&x);
	example_secrets(&log, &witness);
	assert_ok(note_checkpoint_open(&cp, &n, x.note, &x.log));
	assert_ok(note_checkpoint_text(&text, &cp));
	assert_ok(note_begin(&out, buf_view(&text)));
	assert_ok(note_sign(&out, buf_view(&text), &x.log, log, 0));
	assert_ok(note_sign(&out, buf_view(&text), &x.witness, witness, TIME_S));
	assert_true(view_same(buf_view(&out), x.note));
	assert_err(note_sign(&out, buf_view(&text), &x.log, witness, 0), E_AUTH);
	free(x.bytes);
}

static void
no_byte_of_a_note_can_change(void **state)
{
	(void)state;
	struct example x;
	example_read(&x);
	OWNED_MEM uint8_t *copy = xmemdup(x.note.at, x.note.len);
	for (size_t i = 0; i < x.note.len; i++) {
		struct note n;
		struct note_checkpoint cp;
		copy[i] ^= 1;
		struct view v = view_of(copy, x.note.len);
		bool log = note_checkpoint_open(&cp, &n, v, &x.log) == OK;
		bool witness = log && note_check(&n, &x.witness, NULL) == OK;
		if (log && witness)
			fail_msg("byte %zu can change", i);
		copy[i] ^= 1;
	}
	free(x.bytes);
}

static void
a_signature_of_another_key_is_not_found(void **state)
{
	(void)state;
	struct example x;
	struct note n;
	struct note_checkpoint cp;
	struct note_key other;
	example_read(&x);
	assert_ok(note_parse(&n, x.note));
	assert_ok(note_key_make(&other, "log.example/study", NOTE_ED25519, x.witness.public));
	assert_err(note_check(&n, &other, NULL), E_NOTFOUND);
	assert_err(note_checkpoint_open(&cp, &n, x.note, &other), E_NOTFOUND);
	/* Same name and id but other bytes: the key that was asked for does not fit. */
	other.id = x.log.id;
	assert_err(note_check(&n, &other, NULL), E_AUTH);
	free(x.bytes);
}

static void
a_checkpoint_of_another_log_is_refused(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL, *unused = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct note_key key;
	struct note n;
	struct note_checkpoint cp = {.origin = "other.example/log"};
	OWNED_BUF struct buf text, out;
	buf_init(&text, NOTE_MOST_BYTES);
	buf_init(&out, NOTE_MOST_BYTES);
	example_secrets(&secret, &unused);
	sign_public(public, secret);
	assert_ok(note_key_make(&key, "log.example/study", NOTE_ED25519, public));
	assert_ok(note_checkpoint_text(&text, &cp));
	assert_ok(note_begin(&out, buf_view(&text)));
	assert_ok(note_sign(&out, buf_view(&text), &key, secret, 0));
	assert_err(note_checkpoint_open(&cp, &n, buf_view(&out), &key), E_AUTH);
}

static void
key_names_hold_no_blank_and_no_plus(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "a b", "a+b", "a\tb", "a\nb", "a\x7f",
		"a\302\240b", "a\xe2\x80\x83", "\xe3\x80\x80", "a\xff"};
	const uint8_t public[SIGN_PUBLIC_BYTES] = {1};
	struct note_key key;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_err(note_key_make(&key, bad[i], NOTE_ED25519, public), E_FORMAT);
	char longest[NOTE_NAME_MOST_BYTES + 2];
	memset(longest, 'n', sizeof(longest));
	longest[NOTE_NAME_MOST_BYTES + 1] = '\0';
	assert_err(note_key_make(&key, longest, NOTE_ED25519, public), E_FORMAT);
	longest[NOTE_NAME_MOST_BYTES] = '\0';
	assert_ok(note_key_make(&key, longest, NOTE_ED25519, public));
}

static void
key_texts_are_read_strictly(void **state)
{
	(void)state;
	static const char good[] =
		"log.example/study+ded782e7+AdBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3";
	static const char *const bad[] = {"", "log.example/study", "log.example/study+ded782e7",
		"other.example/log+ded782e7+AdBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3",
		"log.example/study+ded782e8+AdBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3",
		"log.example/study+ded782e7+BNBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3",
		"log.example/study+ded782e7+AtBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3",
		"log.example/study+ded782e7+AdBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJ",
		"log.example/study+ded782e7+AdBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3 ",
		"+ded782e7+AdBKsjJ0K7SrOhNovUYV5ObQIkq3GgFrr4UgozLJd4c3"};
	struct note_key key;
	assert_ok(note_key_parse(&key, good));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (note_key_parse(&key, bad[i]) != E_FORMAT)
			fail_msg("was not refused: %s", bad[i]);
}

static void
malformed_notes_are_refused(void **state)
{
	(void)state;
#define LINE "\xe2\x80\x94 a AAAAAAE=\n"
	static const char *const bad[] = {"", "text", "text\n", "text\n\n", "\n\n" LINE "x\n",
		"text\n" LINE, "text\n\n" LINE "\n", "text\n\n- a AAAAAAE=\n",
		"text\n\n\xe2\x80\x94 a\n", "text\n\n\xe2\x80\x94 a AAAA\n",
		"text\n\n\xe2\x80\x94 a AAAAAA==\n", "text\n\n\xe2\x80\x94  AAAAAAE=\n",
		"text\n\n\xe2\x80\x94 a+b AAAAAAE=\n", "te\txt\n\n" LINE, "te\rxt\n\n" LINE,
		"\xff\n\n" LINE, "text\n\n\xe2\x80\x94 a AAAAAAE= \n"};
	struct note n;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (note_parse(&n, view_text(bad[i])) != E_FORMAT)
			fail_msg("was not refused: row %zu", i);
	assert_ok(note_parse(&n, view_text("text\n\nmore\n\n" LINE LINE)));
	assert_int_equal(n.count, 2);
	assert_int_equal(n.text.len, strlen("text\n\nmore\n"));
}

static void
notes_are_bounded(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	struct note n;
	buf_init(&b, 2 * NOTE_MOST_BYTES);
	buf_add(&b, "t\n\n", 3);
	for (int i = 0; i < NOTE_SIGNATURES_MOST_COUNT; i++)
		buf_add(&b, LINE, sizeof(LINE) - 1);
	assert_ok(note_parse(&n, buf_view(&b)));
	buf_add(&b, LINE, sizeof(LINE) - 1);
	assert_err(note_parse(&n, buf_view(&b)), E_FORMAT);
	buf_reset(&b);
	while (b.len <= NOTE_MOST_BYTES)
		buf_add(&b, "text\n", 5);
	buf_add(&b, "\n" LINE, sizeof(LINE));
	assert_err(note_parse(&n, buf_view(&b)), E_FORMAT);
}

static void
checkpoints_are_read_strictly(void **state)
{
	(void)state;
#define ROOT "RFMg+jgCPHQylnyP5G3mUYUXVcpL0y0Gr+BZofV4Z1Y=\n"
	static const char *const bad[] = {"o\n1\n", "o\n1", "o\n-1\n" ROOT, "o\n01\n" ROOT,
		"o\n1x\n" ROOT, "\n1\n" ROOT, "o o\n1\n" ROOT, "o\n1\nAAAA\n",
		"o\n1\n" ROOT "\n", "o\n9223372036854775808\n" ROOT, "o\n1\n" ROOT "more"};
	struct note_checkpoint cp;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (note_checkpoint_parse(&cp, view_text(bad[i])) != E_FORMAT)
			fail_msg("was not refused: row %zu", i);
	assert_ok(note_checkpoint_parse(&cp, view_text("o\n0\n" ROOT "extension\n")));
	assert_int_equal(cp.size, 0);
}

int
main(void)
{
	if (crypto_init())
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_made_by_other_software_is_accepted),
		cmocka_unit_test(our_note_is_the_same_to_the_byte),
		cmocka_unit_test(no_byte_of_a_note_can_change),
		cmocka_unit_test(a_signature_of_another_key_is_not_found),
		cmocka_unit_test(a_checkpoint_of_another_log_is_refused),
		cmocka_unit_test(key_names_hold_no_blank_and_no_plus),
		cmocka_unit_test(key_texts_are_read_strictly),
		cmocka_unit_test(malformed_notes_are_refused),
		cmocka_unit_test(notes_are_bounded),
		cmocka_unit_test(checkpoints_are_read_strictly),
	};
	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
