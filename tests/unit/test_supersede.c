#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/supersede.h"

struct place {
	char dir[32];
};

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	*state = p;
	return own_dir_make(p->dir, sizeof(p->dir), "super") ? 0 : -1;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static void
put(const struct place *p, const char *name, const char *content)
{
	OWNED_MEM char *path = xasprintf("%s/%s", p->dir, name);
	assert_ok(text_write_file(path, view_text(content), 0600));
}

static bool
is_there(const struct place *p, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s", p->dir, name);
	return access(path, F_OK) == 0;
}

static void
assert_content(const struct place *p, const char *name, const char *content)
{
	OWNED_MEM char *path = xasprintf("%s/%s", p->dir, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, 4096));
	assert_string_equal((const char *)bytes, content);
}

static const struct supersede_file both[] = {
	{"first", {(const uint8_t *)"new first", 9}},
	{"second", {(const uint8_t *)"new second", 10}},
};

static void
assert_clean(const struct place *p)
{
	static const char *const left[] = {
		"first.next", "second.next", "first.old", "second.old"};
	for (size_t i = 0; i < ARRAY_LEN(left); i++)
		assert_false(is_there(p, left[i]));
}

static void
both_files_are_new_and_the_old_bytes_are_zeros(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *first = xasprintf("%s/first", p->dir);
	OWNED_MEM char *held = xasprintf("%s/held", p->dir);
	put(p, "first", "old first");
	put(p, "second", "old second, longer");
	/* Another name of the old file shows what became of its bytes. */
	assert_int_equal(link(first, held), 0);
	assert_ok(supersede(p->dir, both, 2));
	assert_content(p, "first", "new first");
	assert_content(p, "second", "new second");
	assert_clean(p);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, held, 4096));
	assert_int_equal(len, 9);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(bytes[i], 0);
}

static void
files_that_were_not_there_are_made(void **state)
{
	const struct place *p = *state;
	assert_ok(supersede(p->dir, both, 2));
	assert_content(p, "first", "new first");
	assert_content(p, "second", "new second");
	assert_clean(p);
}

/* What a crash leaves at each step, and what has to stand after the recovery. */
static void
a_crash_at_any_step_leaves_all_old_or_all_new(void **state)
{
	static const struct {
		const char *first, *first_next, *first_old, *second, *second_next, *second_old;
		bool is_new;
	} steps[] = {
		{"old", "new", NULL, "old", NULL, NULL, false},
		{"old", "new", NULL, "old", "new", NULL, false},
		{"new", NULL, "old", "old", "new", "old", true},
		{"new", NULL, "old", "new", NULL, "old", true},
		{"new", NULL, NULL, "new", NULL, "old", true},
		{"new", NULL, NULL, "new", NULL, NULL, true},
		{"old", NULL, NULL, "old", NULL, NULL, false},
	};
	const struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const char *const names[] = {"first", "first.next", "first.old", "second",
			"second.next", "second.old"};
		const char *const contents[] = {steps[i].first, steps[i].first_next,
			steps[i].first_old, steps[i].second, steps[i].second_next,
			steps[i].second_old};
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (contents[k])
				put(p, names[k], contents[k]);
		assert_ok(supersede_recover(p->dir, both, 2));
		assert_content(p, "first", steps[i].is_new ? "new" : "old");
		assert_content(p, "second", steps[i].is_new ? "new" : "old");
		assert_clean(p);
	}
}

static void
a_second_name_of_what_is_in_force_loses_its_name_only(void **state)
{
	const struct place *p = *state;
	OWNED_MEM char *first = xasprintf("%s/first", p->dir);
	OWNED_MEM char *old = xasprintf("%s/first.old", p->dir);
	put(p, "first", "in force");
	put(p, "first.next", "given up");
	put(p, "second", "in force");
	assert_int_equal(link(first, old), 0);
	assert_ok(supersede_recover(p->dir, both, 2));
	assert_content(p, "first", "in force");
	assert_clean(p);
}

static const char *const both_names[] = {"first", "second"};

static void
a_reader_gets_what_is_there_and_waits_for_nothing_else(void **state)
{
	const struct place *p = *state;
	struct supersede_content c[2];
	put(p, "second", "in force");
	assert_ok(supersede_read(c, p->dir, both_names, 2, 4096));
	assert_null(c[0].bytes);
	assert_string_equal((const char *)c[1].bytes, "in force");
	supersede_read_done(c, 2);
	put(p, "second", "longer than it may be");
	assert_err(supersede_read(c, p->dir, both_names, 2, 8), E_FULL);
	assert_null(c[1].bytes);
}

/* Between the two a crash left one new and one old. */
static void
a_reader_takes_no_file_of_before_beside_one_of_after(void **state)
{
	const struct place *p = *state;
	struct supersede_content c[2];
	put(p, "first", "new");
	put(p, "first.old", "old");
	put(p, "second", "old");
	put(p, "second.next", "new");
	assert_err(supersede_read(c, p->dir, both_names, 2, 4096), E_BUSY);
	assert_null(c[0].bytes);
	assert_ok(supersede_recover(p->dir, both, 2));
	assert_ok(supersede_read(c, p->dir, both_names, 2, 4096));
	assert_string_equal((const char *)c[1].bytes, "new");
	supersede_read_done(c, 2);
}

#define LONG_BYTES ((size_t)96 * 1024)

/* The whole file is one letter, both files the same one. */
static enum err
replace_by(const char *dir, uint8_t letter)
{
	OWNED_MEM uint8_t *bytes = xcalloc(1, LONG_BYTES);
	memset(bytes, letter, LONG_BYTES);
	const struct supersede_file files[] = {
		{"first", view_of(bytes, LONG_BYTES)}, {"second", view_of(bytes, LONG_BYTES)}};
	return supersede(dir, files, 2);
}

static void
assert_one_letter(const struct supersede_content *c, uint8_t letter)
{
	assert_int_equal(c->len, LONG_BYTES);
	assert_true(letter == 'a' || letter == 'b');
	for (size_t i = 0; i < c->len; i++)
		if (c->bytes[i] != letter)
			fail_msg("byte %zu is %02x", i, c->bytes[i]);
}

/* Until its parent ends it, or has ended. */
static void
replace_again_and_again(const struct place *p, pid_t parent)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	for (int i = 0; getppid() == parent; i++) {
		if (replace_by(p->dir, i % 2 ? 'a' : 'b'))
			_exit(1);
		(void)nanosleep(&pause, NULL);
	}
	_exit(0);
}

static void
a_reader_beside_the_writer_never_sees_half_of_it(void **state)
{
	const struct place *p = *state;
	const pid_t self = getpid();
	assert_ok(replace_by(p->dir, 'a'));
	const pid_t writer = fork();
	assert_true(writer >= 0);
	if (writer == 0)
		replace_again_and_again(p, self);
	for (int i = 0; i < 100; i++) {
		struct supersede_content c[2];
		assert_ok(supersede_read(c, p->dir, both_names, 2, LONG_BYTES));
		assert_one_letter(&c[0], c[0].bytes[0]);
		assert_one_letter(&c[1], c[0].bytes[0]);
		supersede_read_done(c, 2);
	}
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_files_are_new_and_the_old_bytes_are_zeros),
		TEST(files_that_were_not_there_are_made),
		TEST(a_crash_at_any_step_leaves_all_old_or_all_new),
		TEST(a_reader_gets_what_is_there_and_waits_for_nothing_else),
		TEST(a_reader_takes_no_file_of_before_beside_one_of_after),
		TEST(a_reader_beside_the_writer_never_sees_half_of_it),
		TEST(a_second_name_of_what_is_in_force_loses_its_name_only),
	};
	return cmocka_run_group_tests_name("supersede", tests, NULL, NULL);
}
