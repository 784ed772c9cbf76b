#include "tests/unit/suite.h"

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "node/import_when.h"

/* Its form takes records of wave 1 from 2026-11-02 to 2046-12-31, of London. */
#define PACK_DIR WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define HEADER   "participant,poverty,religion,degree,age,gender"
#define CELLS    ",1,yes,no,44,female"
#define NOW      "2027-01-10T12:00:00Z"

static int
load_study(void **state)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct pack *pack = NULL;
	assert_ok(pack_load(&pack, PACK_DIR, faults));
	*state = pack;
	return 0;
}

static int
drop_study(void **state)
{
	pack_free(*state);
	return 0;
}

static int64_t
second(const char *text)
{
	int64_t ms = 0;
	assert_true(clock_parse(text, &ms));
	return ms / 1000;
}

/* Two rows; cell NULL: the sheet has no such column. */
static void
read_sheet(struct pack *pack, const char *first, const char *other, struct import **ret)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_MEM char *text =
		first ? xasprintf(HEADER ",filled_in\nA0001" CELLS ",%s\nA0002" CELLS ",%s\n",
				first, other)
		      : xstrdup(HEADER "\nA0001" CELLS "\nA0002" CELLS "\n");
	struct import_source s = {view_text(text), "rows.csv", pack,
		pack_form(pack, "attitudes"), second(NOW) * 1000, NULL, 0};
	assert_ok(import_read(ret, &s, faults));
}

/* at: of the second row; NULL is now. words: why not. */
static const struct row {
	const char *name, *first, *other, *day;
	int64_t wave;
	enum err result;
	const char *words;
	bool said;
	const char *at;
} rows[] = {
	{"nobody says it", NULL, NULL, NULL, 0, OK, NULL, false, NULL},
	{"who brings it says it", NULL, NULL, "2026-12-24", 0, OK, NULL, true,
		"2026-12-24T23:59:59Z"},
	{"the row says it", "2027-01-03", "2026-12-24 10:30", NULL, 0, OK, NULL, true,
		"2026-12-24T10:30:00Z"},
	{"a row that does not goes by the day", "2027-01-03", "", "2026-12-24", 0, OK, NULL,
		true, "2026-12-24T23:59:59Z"},
	{"a row that does not goes by now", "2027-01-03", "", NULL, 0, OK, NULL, false, NULL},
	{"the first day of the wave", "", "2026-11-02", NULL, 0, OK, NULL, true,
		"2026-11-02T23:59:59Z"},
	{"the day before it", "", "2026-11-01", NULL, 0, E_DENIED,
		"row 3: form attitudes takes no records then: no wave of it is open", true,
		NULL},
	{"the day before it, of all", NULL, NULL, "2026-11-01", 0, E_DENIED,
		"--filled-in: form attitudes takes no records then", true, NULL},
	{"the day before it, with the wave", "2026-11-01", "", NULL, 1, E_DENIED,
		"row 2: form attitudes takes no records of wave 1 then", true, NULL},
	{"a wave that is none", NULL, NULL, NULL, 7, E_NOTFOUND, "has no wave 7", false, NULL},
	{"tomorrow", "", "2027-01-11", NULL, 0, E_FORMAT,
		"row 3: nothing is filled in later than now", true, NULL},
	{"tomorrow, of all", NULL, NULL, "2027-01-11", 0, E_FORMAT,
		"--filled-in: nothing is filled in later than now", true, NULL},
	{"a second from now", "2027-01-10T12:00:01", "", NULL, 0, E_FORMAT,
		"row 2: nothing is filled in later than now", true, NULL},
	{"a word", "", "soon", NULL, 0, E_FORMAT, "row 3: this is no day", true, NULL},
};

static void
finds_when_each_row_was_filled_in(void **state)
{
	struct pack *pack = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		OWNED(import) struct import *sheet = NULL;
		struct import_when when[2] = {{.at_s = 0}};
		read_sheet(pack, r->first, r->other, &sheet);
		struct import_when_ask ask = {pack, pack_form(pack, "attitudes"), sheet, r->day,
			r->wave, second(NOW)};
		enum err e = import_when_find(when, &ask);
		if (e != r->result || (e && !strstr(err_text(), r->words)))
			fail_msg("%s: %s: %s", r->name, err_word(e), err_text());
		if (e)
			continue;
		int64_t wanted_s = second(r->at ? r->at : NOW);
		if (when[1].at_s != wanted_s || when[1].said != r->said ||
			strcmp(when[1].wave, "1") != 0)
			fail_msg("%s: %lld, said %d, wave '%s'", r->name,
				(long long)when[1].at_s, when[1].said, when[1].wave);
	}
}

/* It opens the site (R23): nobody says afterwards that it was there before. */
static void
a_record_about_the_site_counts_from_when_it_is_entered(void **state)
{
	static const struct {
		const char *cell, *day;
		enum err result;
	} of[] = {
		{NULL, NULL, OK},
		{"", NULL, OK},
		{"2026-12-24", NULL, E_FORMAT},
		{NULL, "2026-12-24", E_FORMAT},
	};
	struct pack *pack = *state;
	struct form about_site = *pack_form(pack, "attitudes");
	about_site.per_site = true;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		OWNED(import) struct import *sheet = NULL;
		struct import_when when[2] = {{.at_s = 0}};
		read_sheet(pack, of[i].cell, of[i].cell, &sheet);
		const struct import_when_ask ask = {
			pack, &about_site, sheet, of[i].day, 0, second(NOW)};
		const enum err e = import_when_find(when, &ask);
		if (e != of[i].result || (!e && (when[1].said || when[1].at_s != second(NOW))))
			fail_msg("row %zu: %s", i, err_word(e));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_when_each_row_was_filled_in),
		cmocka_unit_test(a_record_about_the_site_counts_from_when_it_is_entered),
	};
	return cmocka_run_group_tests(tests, load_study, drop_study);
}
