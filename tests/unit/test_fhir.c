#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "hub/fhir.h"

static const uint8_t person[ID_BYTES] = {1, 2, 3};
static const struct wire_permission permits[] = {
	{"use-aggregate", true, 1795305600, 1795392000}, {"link", false, 1795305600, 0}};

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
		cmocka_unit_test(names_who_spoke_for_a_person_by_the_role_alone),
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
