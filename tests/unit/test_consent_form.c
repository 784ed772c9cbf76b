#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/wire_answers.h"
#include "common/study/pack.h"
#include "common/trust/seal.h"
#include "node/capture.h"
#include "node/consent_form.h"
#include "node/import.h"
#include "node/sync_item.h"

#define PACK_DIR WEIR_SOURCE_DIR "/ops/study/partnership"
#define NOW_MS   INT64_C(1803000000000) /* 2027-02-19 */
#define CODE     "7KQF2M9T"
#define SECRET   "qzkvtrwplmxj"

/* The consent form of the example study, as a sheet of one row. */
struct room {
	struct pack *pack;
	struct capture_site site;
	struct secret *intake, *review;
};

static int
make_room(void **state)
{
	struct room *r = xcalloc(1, sizeof(*r));
	OWNED(faults) struct faults *faults = faults_new();
	if (crypto_init())
		return -1;
	assert_ok(pack_load(&r->pack, PACK_DIR, faults));
	r->site = (struct capture_site){.study = "partnership",
		.intake_number = 1,
		.review_number = 1,
		.zone = pack_zone(r->pack)};
	box_keypair(r->site.intake_public, &r->intake);
	box_keypair(r->site.review_public, &r->review);
	*state = r;
	return 0;
}

static int
drop_room(void **state)
{
	struct room *r = *state;
	pack_free(r->pack);
	secret_free(r->intake);
	secret_free(r->review);
	free(r);
	return 0;
}

struct answer {
	const char *name, *value;
};

static const struct answer agreed[] = {{"form_version_shown", "2.1"}, {"language", "en"},
	{"approached_by", "local-staff"}, {"approacher", "CD-34"}, {"taken_by", "AB-12"},
	{"mode", "written"}, {"given_by", "self"}, {"capacity", "presumed"}, {"event", "given"},
	{"permit_approach", "yes"}, {"permit_contact", "no"}, {"permit_collect_direct", "yes"},
	{"permit_collect_records", "no"}, {"permit_record_audio", "no"},
	{"permit_quote_verbatim", "no"}, {"permit_store_identifiable", "yes"},
	{"permit_use_site_report", "yes"}, {"permit_use_aggregate", "yes"},
	{"permit_link", "yes"}, {"permit_share_secondary", "no"},
	{"permit_recontact_other_study", "no"}, {"permit_inform_results", "yes"},
	{"permit_retain_after_loss_of_capacity", "yes"},
	{"given_at", "2027-02-03T10:15:00.000+00:00"}, {"valid_until", "2029-10-31"},
	{"person_name", SECRET}};

/* Of a refusal nothing behind the event is asked. */
static const struct answer refused[] = {{"form_version_shown", "2.1"}, {"language", "en"},
	{"approached_by", "care-team"}, {"taken_by", "AB-12"}, {"mode", "written"},
	{"given_by", "self"}, {"capacity", "presumed"}, {"event", "refused"},
	{"given_at", "2027-02-03T10:15:00.000+00:00"}};

static const char *
value_of(const struct answer *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].value;
	return "";
}

static enum err
read_row(struct room *r, const struct answer *list, size_t count, struct import **ret,
	struct faults *faults)
{
	OWNED_BUF struct buf csv;
	const struct form *f = pack_form(r->pack, "consent");
	buf_init(&csv, 65536);
	buf_format(&csv, "participant");
	for (size_t i = 0; i < f->field_count; i++)
		if (strcmp(f->fields[i].name, FORM_PARTICIPANT) != 0)
			buf_format(&csv, ",%s", f->fields[i].name);
	buf_format(&csv, "\n7kqf-2m9t");
	for (size_t i = 0; i < f->field_count; i++)
		if (strcmp(f->fields[i].name, FORM_PARTICIPANT) != 0)
			buf_format(&csv, ",%s", value_of(list, count, f->fields[i].name));
	buf_format(&csv, "\n");
	struct import_source s = {buf_view(&csv), "rows.csv", r->pack, f, NOW_MS, NULL, 0};
	return import_read(ret, &s, faults);
}

static void
show(const struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		OWNED_MEM char *line = faults_line(&faults->items[i]);
		print_message("%s\n", line);
	}
}

/* The consent entry that the row becomes. */
static void
capture(struct room *r, const struct answer *list, size_t count, struct capture_sealed *ret,
	struct sync_item *ret_item)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(import) struct import *i = NULL;
	OWNED_BY(import_filled_done) struct import_filled filled;
	enum err e = read_row(r, list, count, &i, faults);
	show(faults);
	assert_ok(e);
	assert_ok(import_fill(i, 0, NOW_MS, &filled));
	assert_true(filled.checked);
	struct capture_record record = {.form = pack_form(r->pack, "consent"),
		.code = CODE,
		.wave = "",
		.group = "",
		.answers = filled.answers,
		.count = filled.count,
		.captured_s = NOW_MS / 1000,
		.checked = true};
	memset(record.participant, 5, ID_BYTES);
	assert_ok(capture_seal(ret, &r->site, &record));
	struct cursor c = cursor_of(buf_view(&ret->item));
	assert_ok(sync_item_read(&c, ret_item));
	memset(ret_item->participant, 5, ID_BYTES);
	assert_ok(sync_item_check(ret_item));
	assert_int_equal(ret_item->entry_count, 2);
	assert_int_equal(ret_item->entries[1].rules->kind, RULES_CONSENT);
}

static const struct wire_permission *
permission(const struct wire_consent *c, const char *code)
{
	for (size_t i = 0; i < c->permission_count; i++)
		if (strcmp(c->permissions[i].code, code) == 0)
			return &c->permissions[i];
	fail_msg("there is no permission %s", code);
	return NULL;
}

static void
fills_the_consent_record(void **state)
{
	struct room *r = *state;
	OWNED_SEALED struct capture_sealed sealed;
	OWNED_ITEM struct sync_item item;
	capture(r, agreed, ARRAY_LEN(agreed), &sealed, &item);
	const struct wire_rules *rules = item.entries[1].rules;
	const struct wire_consent *c = &rules->consent;
	assert_string_equal(c->event, "given");
	assert_string_equal(c->grantor_role, "self");
	assert_string_equal(c->form_version, "2.1");
	assert_string_equal(c->mode, "written");
	assert_string_equal(c->capacity, "presumed");
	assert_string_equal(c->assent, "");
	assert_string_equal(c->taken_by, "AB-12");
	assert_string_equal(c->approach_by, "local-staff");
	assert_string_equal(c->approacher, "CD-34");
	assert_int_equal(c->given_at_s, 1801649700);    /* 2027-02-03 10:15 UTC */
	assert_int_equal(c->valid_until_s, 1888185600); /* 2029-11-01 00:00 London */
	assert_int_equal(c->permission_count, 14);
	assert_true(permission(c, "collect-direct")->permit);
	assert_false(permission(c, "contact")->permit);
	assert_int_equal(permission(c, "link")->from_s, c->given_at_s);
	assert_int_equal(permission(c, "link")->until_s, c->valid_until_s);
	assert_int_equal(permission(c, "link")->limit_count, 0);
	assert_int_equal(permission(c, "share-secondary")->limit_count, 3);
	assert_string_equal(permission(c, "share-secondary")->limits[0], "HMB");
	assert_string_equal(permission(c, "share-secondary")->limits[2], "IRB");
	assert_int_equal(rules->open_count, 0);
	assert_false(wire_is_zero(rules->key_ref, ID_BYTES));
}

static void
seals_what_goes_to_the_study_and_keeps_the_name_at_the_site(void **state)
{
	struct room *r = *state;
	OWNED_SEALED struct capture_sealed sealed;
	OWNED_ITEM struct sync_item item;
	OWNED_BUF struct buf plain, local;
	OWNED(wire_answers) struct wire_answers *answers = NULL;
	capture(r, agreed, ARRAY_LEN(agreed), &sealed, &item);
	buf_init(&plain, WIRE_ANSWERS_MAX_BYTES);
	buf_init(&local, 65536);
	struct seal_context context = {.study = "partnership",
		.form = "consent",
		.form_version = pack_form(r->pack, "consent")->version,
		.class = SEAL_BOTH};
	memset(context.participant, 5, ID_BYTES);
	memcpy(context.instance, sealed.instance, ID_BYTES);
	assert_int_equal(item.entries[1].parts[1].kind, PART_DETAIL);
	assert_ok(seal_open_answers(
		&plain, item.entries[1].parts[1].bytes, &context, sealed.key));
	assert_ok(wire_answers_unpack(&answers, buf_view(&plain)));
	bool language = false, receipt = false, shown = false;
	for (size_t i = 0; i < answers->count; i++) {
		const struct wire_answer *a = &answers->answers[i];
		language = language || strcmp(a->path, "about/language") == 0;
		receipt = receipt || strcmp(a->path, "@receipt") == 0;
		shown = shown || strcmp(a->path, "@form") == 0;
		assert_null(strstr(a->value, SECRET));
		assert_null(strstr(a->path, "permit_"));
	}
	assert_true(language && receipt && shown);
	/* The site part opens for the review key alone: version, number, box. */
	struct view box = view_of(sealed.site_part.at + 5, sealed.site_part.len - 5);
	assert_err(box_open(&local, box, r->intake), E_AUTH);
	assert_ok(box_open(&local, box, r->review));
	assert_non_null(memmem(local.at, local.len, SECRET, strlen(SECRET)));
	buf_wipe(&plain);
	buf_wipe(&local);
}

static void
a_refusal_permits_nothing(void **state)
{
	struct room *r = *state;
	OWNED_SEALED struct capture_sealed sealed;
	OWNED_ITEM struct sync_item item;
	capture(r, refused, ARRAY_LEN(refused), &sealed, &item);
	const struct wire_consent *c = &item.entries[1].rules->consent;
	assert_string_equal(c->event, "refused");
	for (size_t i = 0; i < c->permission_count; i++)
		assert_false(c->permissions[i].permit);
}

/* What a form of somebody else's might let through is refused here all the same. */
static void
an_event_that_refuses_beats_every_yes(void **state)
{
	struct room *r = *state;
	static const struct {
		const char *event, *assent;
	} rows[] = {{"refused", ""}, {"advice-against", ""}, {"given", "dissent"}};
	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		OWNED_CELLS struct capture_cells cells = {0};
		struct consent consent;
		const struct form *f = pack_form(r->pack, "consent");
		const struct form_answer answers[] = {{"giver/event", rows[k].event},
			{"giver/assent", rows[k].assent}, {"about/mode", "written"},
			{"signed/given_at", "2027-02-03T10:15:00Z"},
			{"permissions/permit_collect_direct", "yes"}};
		assert_ok(capture_cells_read(&cells, f, answers, ARRAY_LEN(answers), true));
		assert_ok(consent_form_read(&consent, f, &cells, "Europe/London"));
		assert_false(permission(&consent.wire, "collect-direct")->permit);
	}
}

static void
says_which_item_it_lacks(void **state)
{
	struct room *r = *state;
	static const struct form_answer answers[] = {{"giver/event", "given"},
		{"about/mode", "written"}, {"signed/given_at", "yesterday"}};
	OWNED_CELLS struct capture_cells cells = {0};
	struct consent consent;
	const struct form *f = pack_form(r->pack, "consent");
	assert_ok(capture_cells_read(&cells, f, answers, ARRAY_LEN(answers), true));
	assert_err(consent_form_read(&consent, f, &cells, "Europe/London"), E_FORMAT);
	assert_non_null(strstr(err_text(), "given_at"));
	assert_null(strstr(err_text(), "yesterday"));
}

/* Answers beside those every row has: event, mode and given_at, which stand first. */
struct said {
	const char *name; /* of the row */
	const char *event, *mode;
	struct form_answer more[4];
	const char *item; /* that is named; NULL: it is taken */
};

static const struct said sayings[] = {
	{"a plain agreement", "given", "written", {{0}}, NULL},
	{"asked, not answered yet", "requested", "written", {{0}}, NULL},
	{"found to be no consent", "invalidated", "written", {{0}}, NULL},
	{"an event that is none", "agreed", "written", {{0}}, "event"},
	{"a mode that is none", "given", "telepathy", {{0}}, "mode"},
	{"somebody unknown", "given", "written", {{"giver/given_by", "neighbour"}}, "given_by"},
	{"a capacity that is none", "given", "written", {{"giver/capacity", "fine"}},
		"capacity"},
	{"an assent that is none", "given", "written", {{"giver/assent", "maybe"}}, "assent"},
	{"an approach that is none", "given", "written", {{"about/approached_by", "advert"}},
		"approached_by"},
	{"spoken, with a witness", "given", "verbal-witnessed", {{"about/witness", "W."}},
		NULL},
	{"spoken, without a witness", "given", "verbal-witnessed", {{0}}, "witness"},
	{"who cannot read, with a witness", "given", "written",
		{{"giver/given_by", "witness-for-illiterate"}, {"about/witness", "W."}}, NULL},
	{"who cannot read, without a witness", "given", "written",
		{{"giver/given_by", "witness-for-illiterate"}}, "witness"},
	{"a consultee advises (D-85)", "advice-supports", "written",
		{{"giver/given_by", "consultee-personal"}, {"giver/capacity", "assessed-lacks"},
			{"giver/capacity_date", "2027-02-01"}},
		NULL},
	{"a consultee agrees (D-85)", "given", "written",
		{{"giver/given_by", "consultee-nominated"},
			{"giver/capacity", "assessed-lacks"},
			{"giver/capacity_date", "2027-02-01"}},
		"event"},
	{"the person advises (D-85)", "advice-supports", "written",
		{{"giver/given_by", "self"}}, "event"},
	{"a consultee for who can decide (D-85)", "advice-supports", "written",
		{{"giver/given_by", "consultee-personal"}, {"giver/capacity", "presumed"}},
		"capacity"},
	{"an assessment without its day (D-85)", "advice-supports", "written",
		{{"giver/given_by", "consultee-personal"},
			{"giver/capacity", "lost-during-study"}},
		"capacity_date"},
	{"a parent (D-83)", "given", "written",
		{{"giver/given_by", "parent"}, {"giver/assent", "given"},
			{"giver/turns_sixteen", "2028-05-06"}},
		NULL},
	{"a parent, the day of sixteen is not said (D-83)", "given", "written",
		{{"giver/given_by", "parent"}, {"giver/assent", "given"}}, "turns_sixteen"},
	{"a parent of one who is sixteen today (D-83)", "given", "written",
		{{"giver/given_by", "parent"}, {"giver/assent", "given"},
			{"giver/turns_sixteen", "2027-02-03"}},
		"turns_sixteen"},
	{"a parent refuses (D-83)", "refused", "written", {{"giver/given_by", "parent"}}, NULL},
	{"a parent of one who is sixteen refuses (D-83)", "refused", "written",
		{{"giver/given_by", "parent"}, {"giver/turns_sixteen", "2027-02-03"}}, NULL},
	{"a parent refuses, on a day that is none (D-83)", "refused", "written",
		{{"giver/given_by", "parent"}, {"giver/turns_sixteen", "soon"}},
		"turns_sixteen"},
};

static enum err
read_said(struct room *r, const struct said *row, struct consent *ret,
	struct capture_cells *cells)
{
	struct form_answer answers[7] = {{"giver/event", row->event}, {"about/mode", row->mode},
		{"signed/given_at", "2027-02-03T10:15:00Z"}};
	const struct form *f = pack_form(r->pack, "consent");
	size_t count = 3;
	for (size_t i = 0; i < ARRAY_LEN(row->more) && row->more[i].name; i++)
		answers[count++] = row->more[i];
	assert_ok(capture_cells_read(cells, f, answers, count, true));
	return consent_form_read(ret, f, cells, "Europe/London");
}

static void
what_is_not_known_or_does_not_go_together_is_refused_by_name(void **state)
{
	struct room *r = *state;
	for (size_t i = 0; i < ARRAY_LEN(sayings); i++) {
		const struct said *row = &sayings[i];
		OWNED_CELLS struct capture_cells cells = {0};
		struct consent consent;
		const enum err e = read_said(r, row, &consent, &cells);
		const bool named = row->item && e == E_FORMAT &&
				   strncmp(err_text(), row->item, strlen(row->item)) == 0;
		if (row->item ? !named : e != OK)
			fail_msg("%s: %s", row->name, e ? err_text() : "was taken");
	}
}

static void
what_a_parent_said_ends_at_sixteen(void **state)
{
	static const struct {
		const char *event, *until, *sixteen;
		int64_t end_s, own_s;
	} rows[] = {
		{"given", "2029-10-31", "2028-05-06", 1841180400,
			1888185600}, /* 2028-05-06 00:00 London, summer */
		{"given", "2028-01-31", "2028-05-06", 1841180400,
			1832976000}, /* 2028-02-01 00:00 London */
		{"given", "2028-05-05", "2028-05-06", 1841180400, 1841180399},
		{"given", "", "2028-05-06", 1841180400, 0},
		{"refused", "", "2028-05-06", 1841180400, 0},
		{"refused", "", "", 0, 0},
	};
	struct room *r = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct said row = {"", rows[i].event, "written",
			{{"giver/given_by", "parent"}, {"giver/assent", "given"},
				{"giver/turns_sixteen", rows[i].sixteen},
				{"signed/valid_until", rows[i].until}},
			NULL};
		OWNED_CELLS struct capture_cells cells = {0};
		struct consent consent;
		assert_ok(read_said(r, &row, &consent, &cells));
		assert_int_equal(consent.wire.valid_until_s, rows[i].end_s);
		assert_true(consent.wire.permission_count > 0);
		for (size_t k = 0; k < consent.wire.permission_count; k++)
			assert_int_equal(consent.permissions[k].until_s, rows[i].own_s);
	}
}

static void
a_sheet_is_held_against_the_whole_form(void **state)
{
	struct room *r = *state;
	/* A consultee is asked only about a person who cannot decide. */
	struct answer wrong[ARRAY_LEN(agreed)];
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(import) struct import *i = NULL;
	memcpy(wrong, agreed, sizeof(agreed));
	for (size_t k = 0; k < ARRAY_LEN(wrong); k++)
		if (strcmp(wrong[k].name, "capacity") == 0)
			wrong[k].value = "assessed-lacks";
	assert_err(read_row(r, wrong, ARRAY_LEN(wrong), &i, faults), E_FORMAT);
	assert_true(faults->errors > 0);
	assert_int_equal(faults->items[0].row, 2);
	assert_non_null(strstr(faults->items[0].column, "capacity"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_the_consent_record),
		cmocka_unit_test(seals_what_goes_to_the_study_and_keeps_the_name_at_the_site),
		cmocka_unit_test(a_refusal_permits_nothing),
		cmocka_unit_test(an_event_that_refuses_beats_every_yes),
		cmocka_unit_test(says_which_item_it_lacks),
		cmocka_unit_test(what_is_not_known_or_does_not_go_together_is_refused_by_name),
		cmocka_unit_test(what_a_parent_said_ends_at_sixteen),
		cmocka_unit_test(a_sheet_is_held_against_the_whole_form),
	};
	return cmocka_run_group_tests(tests, make_room, drop_room);
}
