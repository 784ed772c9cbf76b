#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "hub/export_ground.h"

static const uint8_t person[ID_BYTES] = {1, 2, 3};
static const struct wire_permission permits[] = {
	{.code = "use-aggregate", .permit = true, .from_s = 1795305600, .until_s = 1795392000},
	{.code = "link", .from_s = 1795305600}};

static struct wire_consent
said(const char *event, const char *assent, size_t permissions)
{
	return (struct wire_consent){.event = event,
		.assent = assent,
		.grantor_role = "self",
		.form = "consent",
		.form_version = "1",
		.mode = "written",
		.capacity = "presumed",
		.taken_by = "local-1",
		.approach_by = "local-staff",
		.level = "",
		.given_at_s = 1795305600,
		.permissions = permits,
		.permission_count = permissions};
}

static struct fhir_consent
version(const struct wire_consent *c)
{
	return (struct fhir_consent){.study = "example",
		.site = {"exa", "Example site"},
		.participant = person,
		.version = 1,
		.is_last = true,
		.consent = c,
		.entry = "01020304.1.C.1",
		.captured_s = 1795305600,
		.received_s = 1795305660};
}

struct row {
	const char *name;
	const char *event, *assent;
	bool is_change, is_followed, was_not_in, permits_nothing;
	const char *status, *subject;
};

static const struct row rows[] = {
	{"given is active", "given", "", .status = "active", .subject = "on-study"},
	{"given and followed is inactive", "given", "", .is_followed = true,
		.status = "inactive", .subject = "on-study"},
	{"reaffirmed is active", "reaffirmed", "", .status = "active", .subject = "on-study"},
	{"changed on a form is active", "changed", "", .status = "active",
		.subject = "on-study"},
	{"changed to nothing is active and off the study", "changed", "",
		.permits_nothing = true, .status = "active", .subject = "off-study"},
	{"a participation change is inactive", "changed", "", .is_change = true,
		.status = "inactive", .subject = "on-study"},
	{"a participation change to nothing is off the study", "changed", "", .is_change = true,
		.permits_nothing = true, .status = "inactive", .subject = "off-study"},
	{"refused is rejected", "refused", "", .was_not_in = true, .permits_nothing = true,
		.status = "rejected", .subject = "not-registered"},
	{"refused after having been in is off the study", "refused", "",
		.permits_nothing = true, .status = "rejected", .subject = "off-study"},
	{"supporting advice is active", "advice-supports", "given", .status = "active",
		.subject = "on-study"},
	{"advice against is rejected", "advice-against", "", .was_not_in = true,
		.permits_nothing = true, .status = "rejected", .subject = "not-registered"},
	{"dissent is rejected whatever a parent gives", "given", "dissent", .was_not_in = true,
		.permits_nothing = true, .status = "rejected", .subject = "not-registered"},
	{"requested is proposed", "requested", "", .was_not_in = true, .permits_nothing = true,
		.status = "proposed", .subject = "candidate"},
	{"expired is inactive", "expired", "", .status = "inactive", .subject = "off-study"},
	{"invalidated is entered in error", "invalidated", "", .status = "entered-in-error",
		.subject = "off-study"},
	{"an event of a later version is inactive", "praised", "", .status = "inactive",
		.subject = "on-study"},
};

static void
has_its_status(void **state)
{
	const struct row *r = *state;
	struct wire_consent c = said(r->event, r->assent, r->permits_nothing ? 0 : 2);
	struct fhir_consent v = version(&c);
	v.is_change = r->is_change;
	v.is_last = !r->is_followed;
	assert_string_equal(fhir_status(&v), r->status);
	assert_string_equal(fhir_subject_status(&v, !r->was_not_in), r->subject);
}

static char *
text_of(enum err (*put)(struct buf *out, const struct fhir_consent *c),
	const struct fhir_consent *c)
{
	OWNED_BUF struct buf out;
	buf_init(&out, 65536);
	assert_ok(put(&out, c));
	return xmemdup(out.at, out.len);
}

static void
denies_at_the_root_and_says_each_permission_below_with_its_period(void **state)
{
	struct wire_consent c = said("given", "", 2);
	struct fhir_consent v = version(&c);
	(void)state;
	OWNED_MEM char *text = text_of(fhir_put_consent, &v);
	assert_non_null(strstr(text, "\"provision\":{\"type\":\"deny\",\"period\":{\"start\":"
				     "\"2026-11-22T00:00:00Z\"}"));
	/* The end is the last second in which it holds. */
	assert_non_null(strstr(text,
		"{\"type\":\"permit\",\"period\":{\"start\":\"2026-11-22T00:00:00Z\","
		"\"end\":\"2026-11-22T23:59:59Z\"},\"code\":[{\"coding\":[{\"system\":"
		"\"urn:x-weir:permission\",\"code\":\"use-aggregate\"}]}]}"));
	assert_non_null(strstr(text,
		"{\"type\":\"deny\",\"period\":{\"start\":\"2026-11-22T00:00:00Z\"},"
		"\"code\":[{\"coding\":[{\"system\":\"urn:x-weir:permission\","
		"\"code\":\"link\"}]}]}"));
}

/* Reference governance 1.2: duo[]. */
static void
limits_on_other_research_are_purposes_of_the_permission(void **state)
{
	static const char *const limits[] = {"DS=MONDO_0004975", "teapots"};
	const struct wire_permission shares = {.code = "share-secondary",
		.permit = true,
		.limits = limits,
		.limit_count = ARRAY_LEN(limits)};
	struct wire_consent c = said("given", "", 2);
	c.permissions = &shares;
	c.permission_count = 1;
	struct fhir_consent v = version(&c);
	(void)state;
	OWNED_MEM char *text = text_of(fhir_put_consent, &v);
	assert_non_null(strstr(text,
		"{\"type\":\"permit\",\"purpose\":["
		"{\"system\":\"http://purl.obolibrary.org/obo/"
		"duo.owl\",\"code\":\"DUO:0000007\","
		"\"display\":\"DS=MONDO_0004975\"},"
		"{\"system\":\"urn:x-weir:limit\",\"code\":\"teapots\",\"display\":\"teapots\"}"
		"],\"code\":[{\"coding\":[{\"system\":\"urn:x-weir:permission\","
		"\"code\":\"share-secondary\"}]}]}"));
}

/* Reference governance 1.2: fields that are the same for all, and those of the one consent. */
static void
says_what_the_study_says_of_every_consent_and_nothing_it_does_not_say(void **state)
{
	static char *const in[] = {"2.1", "Example University", "nobody else", "a server",
		"10 years", "6(1)(e)", "9(2)(j)", "Schedule 1", "England and Wales"};
	static const char *const as[] = {"protocol-version", "controllers", "recipients",
		"storage-location", "retention", "gdpr-art6", "gdpr-art9", "dpa2018",
		"jurisdiction"};
	struct pack_legal legal = {
		in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7], in[8]};
	struct wire_consent c = said("given", "", 2);
	struct fhir_consent v = version(&c);
	(void)state;
	OWNED_MEM char *bare = text_of(fhir_put_consent, &v);
	v.legal = &legal;
	v.basis = "consent";
	v.receipt = "7KQF-2M9T-C";
	v.delegation = "31";
	OWNED_MEM char *full = text_of(fhir_put_consent, &v);
	for (size_t i = 0; i < ARRAY_LEN(as); i++) {
		OWNED_MEM char *text = xasprintf(
			"{\"url\":\"urn:x-weir:%s\",\"valueString\":\"%s\"}", as[i], in[i]);
		if (!strstr(full, text) || strstr(bare, as[i]))
			fail_msg("%s", as[i]);
	}
	assert_non_null(
		strstr(full, "urn:x-weir:confidentiality\",\"valueString\":\"consent\""));
	assert_non_null(strstr(full, "urn:x-weir:receipt\",\"valueString\":\"7KQF-2M9T-C\""));
	assert_non_null(strstr(full, "urn:x-weir:delegation-leaf\",\"valueString\":\"31\""));
	assert_non_null(strstr(bare, "urn:x-weir:schema-version\",\"valueString\":\"1\""));
	assert_null(strstr(bare, "delegation-leaf"));
}

static void
names_the_line_of_the_delegation_log_that_covers_who_took_it(void **state)
{
	enum { DAY_MS = 86400000 };
	const int64_t given_ms = INT64_C(1795305600000);
	static const struct {
		const char *name, *person, *site, *task;
		int from_days, until_days; /* from the day it was given */
		bool is_change, is_named;
	} lines[] = {
		{"covers it", "local-1", "exa", "consent", -1, 1, .is_named = true},
		{"has no end", "local-1", "exa", "consent", 0, 0, .is_named = true},
		{"of somebody else", "local-2", "exa", "consent", -1, 1, .is_named = false},
		{"of another site", "local-1", "exb", "consent", -1, 1, .is_named = false},
		{"for another task", "local-1", "exa", "collect", -1, 1, .is_named = false},
		{"began later", "local-1", "exa", "consent", 1, 2, .is_named = false},
		{"was over", "local-1", "exa", "consent", -2, -1, .is_named = false},
		{"of a change", "local-1", "exa", "consent", -1, 1, .is_change = true},
	};
	const struct hub hub = {.versions = NULL};
	const uint8_t instance[ID_BYTES] = {7};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct wire_consent c = said("given", "", 2);
		struct fhir_consent v = version(&c);
		struct export_ground ground;
		char receipt[RECEIPT_BYTES];
		struct rules_duty duty = {lines[i].person, lines[i].site, lines[i].task,
			given_ms + lines[i].from_days * (int64_t)DAY_MS,
			lines[i].until_days ? given_ms + lines[i].until_days * (int64_t)DAY_MS
					    : 0,
			31};
		const struct delegation log = {.duties = &duty, .count = 1};
		v.is_change = lines[i].is_change;
		export_ground_fill(&ground, &v, instance, &hub, &log);
		receipt_number(receipt, instance);
		if (strcmp(v.delegation, lines[i].is_named ? "31" : "") != 0)
			fail_msg("%s: '%s'", lines[i].name, v.delegation);
		assert_string_equal(v.receipt, receipt);
		assert_null(v.legal);
		export_ground_fill(&ground, &v, NULL, &hub, &log);
		assert_string_equal(v.receipt, "");
	}
}

static void
names_who_spoke_for_a_person_by_the_role_alone(void **state)
{
	struct wire_consent c = said("advice-supports", "given", 2);
	struct fhir_consent v = version(&c);
	(void)state;
	c.grantor_role = "consultee-personal";
	OWNED_MEM char *text = text_of(fhir_put_consent, &v);
	assert_non_null(strstr(text, "\"performer\":[{\"type\":\"RelatedPerson\",\"display\":"
				     "\"consultee-personal\"}]"));
}

static void
names_who_approached_but_not_again_at_a_change(void **state)
{
	static const char approached[] = "{\"extension\":[{\"url\":\"urn:x-weir:task\","
					 "\"valueString\":\"approach\"}],"
					 "\"who\":{\"type\":\"Practitioner\"";
	struct wire_consent c = said("given", "", 2);
	struct fhir_consent v = version(&c);
	(void)state;
	OWNED_MEM char *nobody = text_of(fhir_put_provenance, &v);
	assert_null(strstr(nobody, "urn:x-weir:task"));
	c.approacher = "local-7";
	OWNED_MEM char *somebody = text_of(fhir_put_provenance, &v);
	assert_non_null(strstr(somebody, approached));
	assert_non_null(strstr(somebody, "\"value\":\"local-7\""));
	v.is_change = true;
	OWNED_MEM char *change = text_of(fhir_put_provenance, &v);
	assert_null(strstr(change, "local-7"));
}

static void
has_a_signature_only_where_a_head_was_signed(void **state)
{
	struct wire_consent c = said("given", "", 2);
	struct fhir_consent v = version(&c);
	(void)state;
	OWNED_MEM char *without = text_of(fhir_put_provenance, &v);
	assert_null(strstr(without, "\"signature\""));
	v.head.signature[0] = 1;
	OWNED_MEM char *with = text_of(fhir_put_provenance, &v);
	assert_non_null(strstr(with, "\"signature\":[{\"type\":"));
}

static void
gives_the_same_bytes_for_the_same_facts_and_others_for_another_person(void **state)
{
	static const uint8_t other[ID_BYTES] = {9};
	struct wire_consent c = said("given", "", 2);
	struct fhir_consent v = version(&c);
	(void)state;
	OWNED_MEM char *first = text_of(fhir_put_consent, &v);
	OWNED_MEM char *again = text_of(fhir_put_consent, &v);
	v.participant = other;
	OWNED_MEM char *another = text_of(fhir_put_consent, &v);
	assert_string_equal(first, again);
	assert_string_not_equal(first, another);
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(
			denies_at_the_root_and_says_each_permission_below_with_its_period),
		cmocka_unit_test(limits_on_other_research_are_purposes_of_the_permission),
		cmocka_unit_test(
			says_what_the_study_says_of_every_consent_and_nothing_it_does_not_say),
		cmocka_unit_test(names_the_line_of_the_delegation_log_that_covers_who_took_it),
		cmocka_unit_test(names_who_spoke_for_a_person_by_the_role_alone),
		cmocka_unit_test(names_who_approached_but_not_again_at_a_change),
		cmocka_unit_test(has_a_signature_only_where_a_head_was_signed),
		cmocka_unit_test(
			gives_the_same_bytes_for_the_same_facts_and_others_for_another_person),
	};
	struct CMUnitTest tests[ARRAY_LEN(rows)];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i] = (struct CMUnitTest){
			rows[i].name, has_its_status, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) +
	       cmocka_run_group_tests(others, NULL, NULL);
}
