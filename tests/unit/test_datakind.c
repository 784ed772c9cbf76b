#include "tests/unit/suite.h"

#include <string.h>

#include "common/study/datakind.h"

#define FILES_COUNT 3

/* A form with these files, "" none: P picture, S sound, R pictures in a repeat; small letters
 * stay at the site. */
struct bench {
	struct form form;
	struct form_field fields[FILES_COUNT];
};

static void
make_form(struct bench *b, const char *files, bool from_records)
{
	const size_t count = strlen(files);
	assert_in_range(count, 0, FILES_COUNT);
	*b = (struct bench){.form = {.fields = b->fields,
				    .field_count = count,
				    .from_records = from_records}};
	for (size_t i = 0; i < count; i++)
		b->fields[i] = (struct form_field){.type = FORM_BINARY,
			.goes = strchr("psr", files[i]) ? FORM_SITE : FORM_HUB,
			.repeat = strchr("Rr", files[i]) ? 0 : -1,
			.sound = strchr("Ss", files[i]) != NULL};
}

static void
sound_at_the_site_is_asked_for_there(void **state)
{
	static const struct {
		const char *files;
		bool from_records, says_sound, has_files;
		const char *kind;
	} rows[] = {
		{"", false, false, false, "answers"},
		{"S", false, true, false, "audio"},
		{"S", false, false, true, "answers"}, /* a file, and none of its questions */
		{"p", false, false, true, "answers"},
		{"s", false, false, false, "answers"},
		{"s", false, false, true, "audio"},
		{"ps", false, false, true, "audio"}, /* nobody here can tell which it is */
		{"s", true, false, true, "records"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b;
		const struct wire_rules r = {.sound = rows[i].says_sound};
		make_form(&b, rows[i].files, rows[i].from_records);
		const char *kind = datakind_at_site(&b.form, &r, rows[i].has_files);
		if (strcmp(kind, rows[i].kind) != 0)
			fail_msg("row %zu: %s", i, kind);
	}
}

static void
files_are_held_against_what_is_said_of_sound(void **state)
{
	static const struct {
		const char *files;
		bool says_sound;
		size_t count;
		bool contradicts;
	} rows[] = {
		{"", true, 0, true},
		{"", false, 0, false},
		{"P", true, 1, true},
		{"s", true, 1, true}, /* it stays at the site */
		{"P", false, 1, false},
		{"S", true, 1, false},
		{"S", true, 0, false}, /* it never came */
		{"S", false, 0, false},
		{"S", false, 1, true},
		{"PS", false, 1, false},
		{"PS", false, 2, true},
		{"PS", true, 2, false},
		{"RS", false, 2, false}, /* both may be pictures */
		{"pS", false, 1, true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b;
		const struct wire_rules r = {.sound = rows[i].says_sound};
		make_form(&b, rows[i].files, false);
		const char *why = datakind_contradicts(&b.form, &r, rows[i].count);
		if ((why != NULL) != rows[i].contradicts)
			fail_msg("row %zu: %s", i, why ? why : "nothing");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_at_the_site_is_asked_for_there),
		cmocka_unit_test(files_are_held_against_what_is_said_of_sound),
	};
	return cmocka_run_group_tests_name("datakind", tests, NULL, NULL);
}
