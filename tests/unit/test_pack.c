#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"
#include "common/study/pack_group.h"
#include "common/trust/crypto.h"

#define WVS          WEIR_SOURCE_DIR "/tests/data/wvs"
#define EXAMPLE_PACK WEIR_SOURCE_DIR "/ops/study/partnership"

static const char *const names[] = {
	"codebook.csv",
	"forms/attitudes/choices.csv",
	"forms/attitudes/settings.csv",
	"forms/attitudes/survey.csv",
	"rules.ini",
	"sites.csv",
	"study.ini",
};

static void
print_faults(const struct faults *f)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		print_message("%s\n", line);
	}
}

static bool
says(const struct faults *f, const char *what)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		if (strstr(line, what))
			return true;
	}
	return false;
}

static struct pack *
wvs(void)
{
	OWNED(faults) struct faults *f = faults_new();
	struct pack *p = NULL;
	if (pack_load(&p, WVS "/study", f) != OK || f->count)
		print_faults(f);
	assert_int_equal(f->count, 0);
	assert_non_null(p);
	return p;
}

static void
the_wvs_pack_loads_without_a_fault(void **state)
{
	(void)state;
	OWNED(pack) struct pack *p = wvs();
	assert_string_equal(p->id, "wvs-poverty");
	assert_string_equal(p->log_origin, "example.org/weir/wvs-poverty");
	assert_int_equal(p->site_count, 4);
	assert_string_equal(pack_site(p, "usa")->name, "United States of America");
	assert_int_equal(p->codebook->count, 8);
	assert_int_equal(p->level_count, 4);
	assert_string_equal(p->levels[3], "erase");
	assert_true(pack_is_code(p, "N0001"));
	assert_false(pack_is_code(p, "N00012"));
	assert_false(pack_is_code(p, "X0001"));
	assert_int_equal(pack_site(p, "usa")->needs_count, 2);
	assert_string_equal(pack_site(p, "usa")->needs[0], "rec");
	assert_string_equal(pack_site(p, "usa")->needs[1], "site_agreement");
	const struct form *f = pack_form(p, "attitudes");
	assert_true(f->coordinator_reads);
	assert_false(f->per_site);
	const char *group = NULL;
	assert_ok(pack_group_find(&group, p, f, NULL, 0));
	assert_string_equal(group, "public");
	assert_int_equal(p->profile.count_min, 10);
	assert_int_equal(p->profile.zero, PROFILE_ZERO_REVIEW);
	assert_int_equal(p->profile.least, PROFILE_LEAST_PEOPLE);
	assert_int_equal(p->profile.audit, PROFILE_AUDIT_EXACT);
	assert_int_equal(p->profile.audit_width, 10);
	assert_true(p->profile.audit_span == 0.5);
	assert_true(p->profile.linked && p->profile.complementary && p->profile.count_of_cells);
	assert_int_equal(p->profile.sites_min, 3);
	assert_int_equal(p->profile.approvers, 2);
}

static void
documents_come_back_in_order_and_as_they_were(void **state)
{
	(void)state;
	OWNED(pack) struct pack *p = wvs();
	size_t count = 0;
	const struct pack_document *d = pack_documents(p, &count);
	assert_int_equal(count, ARRAY_LEN(names));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(d[i].name, names[i]);
		OWNED_MEM char *path = xasprintf(WVS "/study/%s", names[i]);
		OWNED_MEM uint8_t *bytes = NULL;
		size_t len = 0;
		assert_ok(text_read_file(&bytes, &len, path, 1 << 20));
		assert_true(view_same(d[i].bytes, view_of(bytes, len)));
	}
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *again = NULL;
	assert_ok(pack_load_documents(&again, d, count, f));
	assert_memory_equal(
		rules_digest(again->rules), rules_digest(p->rules), RULES_DIGEST_BYTES);
}

static void
a_wave_opens_and_closes_at_midnight_of_the_study(void **state)
{
	(void)state;
	OWNED(pack) struct pack *p = wvs();
	const struct form *f = pack_form(p, "attitudes");
	static const struct {
		const char *time;
		bool open;
	} rows[] = {{"2026-11-01T23:59:59Z", false}, {"2026-11-02T00:00:00Z", true},
		{"2046-12-31T23:59:59Z", true}, {"2047-01-01T00:00:00Z", false}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms;
		assert_true(clock_parse(rows[i].time, &ms));
		assert_int_equal(pack_wave_at(p, f, ms) != NULL, rows[i].open);
	}
}

static void
every_row_of_the_wvs_sites_is_of_its_form(void **state)
{
	(void)state;
	OWNED(pack) struct pack *p = wvs();
	const struct form *f = pack_form(p, "attitudes");
	size_t people = 0;
	for (size_t s = 0; s < p->site_count; s++) {
		OWNED_MEM char *path = xasprintf(WVS "/site_%s.csv", p->sites[s].id);
		OWNED_MEM uint8_t *bytes = NULL;
		OWNED(csv_sheet) struct csv_sheet *c = NULL;
		size_t len = 0;
		assert_ok(text_read_file(&bytes, &len, path, CSV_MAX_BYTES));
		assert_ok(csv_load(&c, view_of(bytes, len), path));
		for (size_t row = 0; row < csv_rows(c); row++) {
			struct form_answer answers[6];
			for (int k = 0; k < 6; k++)
				answers[k] = (struct form_answer){
					csv_column_name(c, (size_t)k), csv_cell(c, row, k)};
			assert_ok(form_check_answers(f, answers, 6, NULL));
			assert_true(pack_is_code(p, csv_cell(c, row, 0)));
			people++;
		}
	}
	assert_int_equal(people, 5381);
}

/* The pack with one text of one document put in place of another. */
static void
load_edited(const char *name, const char *old, const char *new, struct faults *f)
{
	struct pack_document documents[ARRAY_LEN(names)];
	uint8_t *bytes[ARRAY_LEN(names)] = {0};
	size_t len = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *path = xasprintf(WVS "/study/%s", names[i]);
		assert_ok(text_read_file(&bytes[i], &len, path, 1 << 20));
		if (strcmp(names[i], name) == 0) {
			char *at = strstr((char *)bytes[i], old);
			if (!at)
				fail_msg("'%s' is not in %s", old, name);
			*at = '\0';
			char *made =
				xasprintf("%s%s%s", (char *)bytes[i], new, at + strlen(old));
			free(bytes[i]);
			bytes[i] = (uint8_t *)made;
			len = strlen(made);
		}
		documents[i] = (struct pack_document){names[i], view_of(bytes[i], len)};
	}
	OWNED(pack) struct pack *p = NULL;
	enum err e = pack_load_documents(&p, documents, ARRAY_LEN(names), f);
	assert_err(e, f->errors ? E_FORMAT : OK);
	assert_int_equal(p == NULL, f->errors > 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		free(bytes[i]);
}

static void
a_file_of_keys_is_named_once_and_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *name, *old;
	} files[] = {{"rules.ini", "[R04]"}, {"study.ini", "[plan]"}};
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		OWNED(faults) struct faults *f = faults_new();
		load_edited(files[i].name, files[i].old, "neither this nor that", f);
		assert_true(f->errors > 0);
		OWNED_MEM char *line = faults_line(&f->items[0]);
		OWNED_MEM char *start = xasprintf("%s line ", files[i].name);
		assert_int_equal(strncmp(line, start, strlen(start)), 0);
		assert_null(strstr(line + strlen(start), files[i].name));
		assert_true(f->items[0].row > 1);
	}
}

static const char survey[] = "forms/attitudes/survey.csv";
static const char choices[] = "forms/attitudes/choices.csv";

static const struct {
	const char *name, *old, *new, *says;
} edits[] = {
	{"study.ini", "kind = research", "kind = fun",
		"study.ini line 9, key kind: one of these is wanted"},
	{"study.ini", "protocol = 1", "protocoll = 1",
		"study.ini line 11, key protocoll: this key"},
	{"study.ini", "[plan]", "[plans]",
		"study.ini line 27: the section [plans] is not known"},
	{"study.ini", "attitudes.opens", "attitude.opens",
		"key attitude.opens: this key is not known"},
	{"study.ini", "2046-12-31", "2026-11-01",
		"key attitudes.closes: closes before it opens"},
	{"study.ini", "2046-12-31", "2046-02-30", "key attitudes.closes: not a day"},
	{"study.ini", "design = baseline", "design = baseline\nseason = In Winter",
		"key season: a season is a word"},
	{"study.ini", "records = one", "records = one\nreconsent = none",
		"key reconsent: only a form with permissions"},
	{"study.ini", "records = one", "records = one\nreconsent = soon",
		"key reconsent: one of these is wanted"},
	{"study.ini", "confidentiality = consent", "confidentiality = s251",
		"key basis: section 251 support needs [R12]"},
	{"study.ini", "confidentiality = consent", "confidentiality = s251",
		"sites.csv, column approvals: site australia does not need 'cag'"},
	{"study.ini", "confidentiality = consent", "confidentiality = anonymised",
		"key confidentiality: anything but 'consent'"},
	{"study.ini", "records = one", "records = one\ndata = rumours",
		"key data: one of these is wanted"},
	{"study.ini", "where =", "where = agee > 3", "key where: "},
	{"study.ini", "site_reads = coordinator", "",
		"key site_reads: [form.attitudes] needs this key"},
	{"study.ini", "needs = rec site_agreement", "needs = rec dpia",
		"sites.csv row 2, column approvals: 'dpia' is missing"},
	{"study.ini", "code.pattern = [", "code.pattern = ([", "key code.pattern: not a POSIX"},
	{"study.ini", "levels = no-further-contact", "levels = nothing",
		"key levels: 'nothing' is none"},
	{"study.ini", "pooling = records", "pooling = heaps", "key pooling: one of these"},
	{"study.ini", "pooling = records", "pooling = records\nquartiles = 6",
		"key quartiles: anything but rule 7"},
	{"study.ini", "[log]", "[phase2]\nlist.cutoff = 20\n[log]",
		"key list.cutoff: a whole number"},
	{"study.ini", "[log]", "[quality]\nresponse.warn = 120 percent\n[log]",
		"key response.warn: more than 100"},
	{"study.ini", "confidentiality = consent",
		"confidentiality = consent\nretention.audit = long",
		"key retention.audit: a time is wanted"},
	{"study.ini", "confidentiality = consent", "confidentiality = consent\nconfirmed_by =",
		"key confirmed_by: warning: nobody has confirmed"},
	{"study.ini", "confidentiality = consent",
		"confidentiality = consent\nstorage = a server\x7f",
		"key storage: has characters that no paper prints"},
	{"study.ini", "records = one", "records = one\neligible = people",
		"sites.csv row 1, column people"},
	{"study.ini", "Europe/London", "Mars/Crater", "key time_zone: this time zone"},
	{"study.ini", "country = GB", "country = GB\nmanifest_days = 13",
		"key manifest_days: is from 14 to 366"},
	{"study.ini", "country = GB", "country = GB\nmanifest_days = 367",
		"key manifest_days: is from 14 to 366"},
	{"study.ini", "country = GB", "country = GB\nmanifest_days = 60 days",
		"key manifest_days: a whole number"},
	{"study.ini", "form = attitudes", "form = attitude", "key form: there is no form"},
	{"rules.ini", "accept = given reaffirmed changed\n",
		"accept = given reaffirmed changed\nchild.needs = given\nchild.groups = "
		"chidl\n",
		"key child.groups: study.ini has no [group.chidl]"},
	{"rules.ini", "outcome = deny", "outcome = maybe",
		"rules.ini line 19, key outcome: one of"},
	{"rules.ini", "signatures = 2", "signatures = 3",
		"key signatures: two officers sign; any other number is not built"},
	{"rules.ini", "signatures = 2", "signatures = 1",
		"key signatures: two officers sign; any other number is not built"},
	{"rules.ini", "[R04]", "[R24]", "there is no section [R24]"},
	{"rules.ini", "stop = suspended withdrawn", "halt = suspended", "key halt: this key"},
	{"rules.ini", "unlisted = off", "unlisted = maybe", "key unlisted: one of"},
	{"rules.ini", "consent.until = valid_until",
		"consent.until = valid_until\nretention = legal.retention.answers",
		"key retention.answers: [R10] of rules.ini asks for it"},
	{"rules.ini", "count.min = 10 people", "count.min = 10",
		"key count.min: a whole number"},
	{"rules.ini", "round.base = 0", "round.base = 5",
		"key round.base: warning: rounding is not built"},
	{"rules.ini", "audit.span = 0.50", "audit.span = 1.5", "key audit.span: a share"},
	{"rules.ini", "linked = yes", "linked = true", "key linked: yes or no"},
	{"rules.ini", "approvers = 2 people", "approvers = 1 people",
		"key approvers: a release"},
	{"rules.ini", "approval.survey", "approval.council",
		"sites.csv row 2, column kind: rules.ini"},
	{"sites.csv", "norway,Norway,no", "australia,Norway,no",
		"sites.csv row 3, column id: the id"},
	{"sites.csv", "sweden,Sweden,no,survey", "sweden,Sweden,no,nhs",
		"sites.csv row 4, column kind"},
	{"sites.csv", "region,", "county,",
		"sites.csv row 1, column county: this column is not known"},
	{"codebook.csv", "value(age),,15", "mean(agee),,15",
		"codebook.csv row 5, column derivation: "},
	{"codebook.csv", "poverty = 1,,", "poverty = 4,,",
		"codebook.csv row 3, column derivation: 4 is not a choice of the list"},
	{"codebook.csv", "value(poverty),,1", "value(povery),,1",
		"codebook.csv row 2, column derivation: there is no item 'povery'"},
	{"codebook.csv", "value(poverty),,1", "value(participant),,1",
		"codebook.csv row 2, column derivation: participant: no words"},
	{"codebook.csv", "gender x degree,1", "gender x age,1",
		"codebook.csv row 6, column by: 'age' has no choice list"},
	{"codebook.csv", "n;mean;sd,people", "n;mean;alpha,people",
		"codebook.csv row 5, column statistics: alpha is of"},
	{"codebook.csv", "n;mean;sd,people", "n;mean;count,people", "'count' does not fit"},
	{"codebook.csv", "n;mean;sd,people", "mean;n,people", "n has to be the first"},
	{"codebook.csv", "\nW02,", "\nW01,", "codebook.csv row 3, column id: the id 'W01'"},
	{"codebook.csv", "study,public,", "study,staff,",
		"codebook.csv row 2, column stakeholder: study.ini has no group 'staff'"},
	{"codebook.csv", "10,skip,", "0,skip,", "codebook.csv row 2, column min_n"},
	{survey, "integer,age", "interger,age",
		"survey.csv row 6, column type: there is no type 'interger'"},
	{survey, "integer,age", "integer,Age", "survey.csv row 6, column name: a name is"},
	{survey, "select_one gender", "select_one sex",
		"row 7, column type: there is no choice list"},
	{survey, ". >= 15 and", ". >= 15 xor", "'xor' stands where an operator"},
	{survey, "regex(., ", "regexp(., ", "regexp() is no function of ODK"},
	{survey, "How old are you?,,,,", "How old are you?,,yes,,",
		"row 6, column required: a number or text asked of a person"},
	{survey, "Gender,,,,", "Gender,,yes,,",
		"row 7, column required: a compulsory question"},
	{survey, "pseudonym,site,", "pseudonym,hub,",
		"row 2, column weir_goes: the study code"},
	{survey, "code,,yes,", "code,,,", "row 2, column required: the study code has to be"},
	{survey, "How old are you?,,,,", "How old are you?,,open,,",
		"row 6, column required: required: a path leads to no node"},
	{survey, "quasi,hub,,\nselect_one gender", "quasi,open,,\nselect_one gender",
		"row 6, column weir_goes: only 'wave' and select_one"},
	{survey, "quasi,hub,,\nselect_one gender", "quasi,,,\nselect_one gender",
		"row 6, column weir_goes: this cell is empty"},
	{survey, "text,participant", "text,person", "key per: a form about a person needs"},
	{survey, ",relevant,", ",relevent,",
		"row 1, column relevent: this column is not known"},
	{choices, "poverty,2,About right", "poverty,1,About right",
		"choices.csv row 3, column name: the list 'poverty' has the code '1' twice"},
	{choices, "gender,male,Male", "gender,male", "choices.csv: row 8: 2 cells"},
	{"forms/attitudes/settings.csv", ",attitudes,", ",attitude,",
		"settings.csv row 2, column form_id: has to be 'attitudes'"},
};

static void
each_edit_of_the_pack_is_named_with_its_place(void **state)
{
	(void)state;
	size_t unsaid = 0;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		OWNED(faults) struct faults *f = faults_new();
		load_edited(edits[i].name, edits[i].old, edits[i].new, f);
		if (says(f, edits[i].says))
			continue;
		unsaid++;
		print_message("edit '%s': nothing says '%s'\n", edits[i].new, edits[i].says);
		print_faults(f);
	}
	assert_int_equal(unsaid, 0);
}

static void
a_site_collects_so_many_days_without_the_hub(void **state)
{
	static const char *const taken[] = {
		"country = GB\nmanifest_days = 14", "country = GB\nmanifest_days = 366"};
	OWNED(pack) struct pack *left_out = wvs();
	(void)state;
	assert_int_equal(left_out->in_force_s, 60 * 86400);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		OWNED(faults) struct faults *f = faults_new();
		load_edited("study.ini", "country = GB", taken[i], f);
		assert_int_equal(f->errors, 0);
	}
}

static void
a_body_that_has_to_countersign_is_a_warning(void **state)
{
	(void)state;
	OWNED(faults) struct faults *f = faults_new();
	load_edited("rules.ini", "[disclosure]",
		"[R21]\ntitle = Witnessed\non = yes\noutcome = hold\nactions = release\n"
		"checkpoint.within = 30 days\nquorum.sites = 2 sites\n"
		"quorum.also = ethics-office\n\n[disclosure]",
		f);
	assert_int_equal(f->errors, 0);
	assert_int_equal(f->count, 1);
	assert_true(f->items[0].warning);
	assert_non_null(strstr(f->items[0].reason, "no body can countersign"));
}

static void
all_faults_are_listed_not_just_the_first(void **state)
{
	(void)state;
	OWNED(faults) struct faults *f = faults_new();
	load_edited(survey, "integer,age", "interger,age", f);
	assert_true(says(f, "survey.csv row 6, column type"));
	assert_true(says(f, "codebook.csv row 5, column derivation: there is no item 'age'"));
	assert_true(says(f, "codebook.csv row 9, column derivation: there is no item 'age'"));
}

static void
missing_and_foreign_documents_are_named(void **state)
{
	(void)state;
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *p = NULL;
	const struct pack_document odd[] = {
		{"../etc/passwd", view_text("x")}, {"forms/../survey.csv", view_text("x")}};
	assert_err(pack_load_documents(&p, odd, 2, f), E_FORMAT);
	assert_int_equal(f->errors, 2 + 4 + 1);
	assert_string_equal(f->items[0].reason, "is no part of a study pack");
	OWNED(faults) struct faults *g = faults_new();
	assert_err(pack_load(&p, "/nonexistent", g), E_NOTFOUND);
}

/* The pack of the WVS with its form in other files. */
static enum err
load_with(const struct pack_document *forms, size_t count, struct pack **ret, struct faults *f)
{
	static const char *const others[] = {
		"codebook.csv", "rules.ini", "sites.csv", "study.ini"};
	struct pack_document documents[8];
	uint8_t *bytes[ARRAY_LEN(others)] = {0};
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		size_t len = 0;
		OWNED_MEM char *path = xasprintf(WVS "/study/%s", others[i]);
		assert_ok(text_read_file(&bytes[i], &len, path, 1 << 20));
		documents[i] = (struct pack_document){others[i], view_of(bytes[i], len)};
	}
	memcpy(documents + ARRAY_LEN(others), forms, count * sizeof(*forms));
	enum err e = pack_load_documents(ret, documents, ARRAY_LEN(others) + count, f);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		free(bytes[i]);
	return e;
}

static void
a_form_may_be_a_ready_xform_with_files_beside_it(void **state)
{
	(void)state;
	OWNED(pack) struct pack *first = wvs();
	const struct view xml = buf_view(first->forms[0]->xml);
	const struct pack_document forms[] = {{"forms/attitudes.xml", xml},
		{"forms/attitudes/logo.png", view_text("a picture")}};
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *p = NULL;
	assert_ok(load_with(forms, ARRAY_LEN(forms), &p, f));
	assert_int_equal(f->count, 0);
	assert_int_equal(p->forms[0]->field_count, first->forms[0]->field_count);
	assert_int_equal(p->forms[0]->fields[0].goes, FORM_SITE);
	assert_true(view_same(buf_view(p->forms[0]->xml), xml));
}

static void
where_a_form_stands_has_to_be_plain(void **state)
{
	(void)state;
	OWNED(pack) struct pack *first = wvs();
	const struct view xml = buf_view(first->forms[0]->xml);
	const struct view words = view_text("type,name,label\n");
	const struct {
		struct pack_document forms[2];
		size_t count;
		const char *says;
	} rows[] = {
		{{{"forms/attitudes.xml", xml}, {"forms/attitudes/attitudes.xml", xml}}, 2,
			"forms/attitudes/attitudes.xml: the form is in forms/attitudes.xml "
			"already"},
		{{{"forms/attitudes.xml", xml}, {"forms/attitudes/survey.csv", words}}, 2,
			"forms/attitudes/survey.csv: the form is in forms/attitudes.xml "
			"already"},
		{{{"forms/attitudes/list.csv", words}}, 1,
			"forms/attitudes: there is no form here"},
		{{{"forms/other.xml", xml}}, 1,
			"forms/other.xml: the id of the form has to be 'other'"},
		{{{"forms/attitudes.xlsx", xml}}, 1, "forms/attitudes.xlsx: not a .xlsx"},
		{{{"forms/attitudes.xml", view_text("<a/>")}}, 1, "forms/attitudes.xml"},
		{{{"forms/attitudes.doc", xml}}, 1, "forms/attitudes.doc: is no part"},
		{{{"forms/attitudes/a b.csv", words}}, 1,
			"forms/attitudes/a b.csv: is no part"},
		{{{"forms/attitudes/a/b.csv", words}}, 1,
			"forms/attitudes/a/b.csv: is no part"},
		{{{"forms/attitudes/.hidden", words}}, 1,
			"forms/attitudes/.hidden: is no part"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		OWNED(pack) struct pack *p = NULL;
		assert_err(load_with(rows[i].forms, rows[i].count, &p, f), E_FORMAT);
		if (!says(f, rows[i].says)) {
			print_faults(f);
			fail_msg("nothing says '%s'", rows[i].says);
		}
	}
}

/* What the study asks for and this version does not do is a warning; nothing else is wrong. */
static void
what_every_consent_has_in_common_is_read_as_it_stands(void **state)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(pack) struct pack *p = NULL;
	OWNED(pack) struct pack *silent = wvs();
	(void)state;
	assert_ok(pack_load(&p, EXAMPLE_PACK, faults));
	const struct {
		const char *is, *silent, *expected;
	} rows[] = {
		{p->legal.protocol, silent->legal.protocol, "0.1"},
		{p->legal.controllers, silent->legal.controllers, "Example University"},
		{p->legal.recipients, silent->legal.recipients,
			"everybody reads totals; nobody is given a person's answers"},
		{p->legal.storage, silent->legal.storage,
			"the study's server in England, sealed, and sealed copies at each "
			"site"},
		{p->legal.retention, silent->legal.retention, "10 years"},
		{p->legal.art6, silent->legal.art6, "6(1)(e)"},
		{p->legal.art9, silent->legal.art9, "9(2)(j)"},
		{p->legal.dpa2018, silent->legal.dpa2018, "Schedule 1 Part 1 paragraph 4"},
		{p->legal.jurisdiction, silent->legal.jurisdiction, "England and Wales"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(rows[i].is, rows[i].expected);
		assert_string_equal(rows[i].silent, i ? "" : "1");
	}
}

static void
the_example_pack_loads_with_warnings(void **state)
{
	(void)state;
	static const char *const warned[] = {"study.ini line 67, key confirmed_by: warning",
		"key warn: warning: nobody is reminded",
		"key dominance.sites: warning: dominance is not built",
		"forms/user_p2/survey.csv row 35, column hint: warning"};
	if (access(EXAMPLE_PACK "/study.ini", R_OK) != 0)
		skip();
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *p = NULL;
	if (pack_load(&p, EXAMPLE_PACK, f) != OK)
		print_faults(f);
	assert_non_null(p);
	for (size_t i = 0; i < ARRAY_LEN(warned); i++)
		if (!says(f, warned[i]))
			fail_msg("nothing says '%s'", warned[i]);
	assert_false(says(f, "cannot decide"));
	assert_int_equal(p->form_count, 4);
	assert_int_equal(p->codebook->count, 84);
	const struct form *user = pack_form(p, "user_p2");
	assert_int_equal(user->repeat_count, 2);
	assert_int_equal(user->file_count, 2);
	assert_int_equal(user->fields[form_field(user, "outcome_count")].goes, FORM_SITE);
	const struct form *consent = pack_form(p, "consent");
	assert_string_equal(
		consent->fields[form_field(consent, "permit_link")].permission, "link");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wvs_pack_loads_without_a_fault),
		cmocka_unit_test(documents_come_back_in_order_and_as_they_were),
		cmocka_unit_test(a_wave_opens_and_closes_at_midnight_of_the_study),
		cmocka_unit_test(every_row_of_the_wvs_sites_is_of_its_form),
		cmocka_unit_test(each_edit_of_the_pack_is_named_with_its_place),
		cmocka_unit_test(a_site_collects_so_many_days_without_the_hub),
		cmocka_unit_test(a_body_that_has_to_countersign_is_a_warning),
		cmocka_unit_test(all_faults_are_listed_not_just_the_first),
		cmocka_unit_test(missing_and_foreign_documents_are_named),
		cmocka_unit_test(a_form_may_be_a_ready_xform_with_files_beside_it),
		cmocka_unit_test(where_a_form_stands_has_to_be_plain),
		cmocka_unit_test(a_file_of_keys_is_named_once_and_with_its_line),
		cmocka_unit_test(what_every_consent_has_in_common_is_read_as_it_stands),
		cmocka_unit_test(the_example_pack_loads_with_warnings),
	};
	if (crypto_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
