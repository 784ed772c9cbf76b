#include "tests/unit/wire_sample.h"

#include "tests/unit/suite.h"

struct wire_header
wire_sample_header(void)
{
	struct wire_header h = {.study = "example-study",
		.incarnation = 1,
		.lane = LANE_R,
		.seq = 2,
		.part_count = 2,
		.parts = {{.kind = PART_RULES, .length = 90},
			{.kind = PART_ANSWERS, .length = 296}}};
	memset(h.writer, 1, sizeof(h.writer));
	memset(h.prev, 2, sizeof(h.prev));
	memset(h.parts[0].hash, 3, WIRE_HASH_BYTES);
	memset(h.parts[1].hash, 4, WIRE_HASH_BYTES);
	return h;
}

static const char *const two_limits[] = {"HMB", "NCU"};
static const struct wire_permission two_permissions[] = {
	{.code = "collect-direct", .permit = true, .from_s = 1700000000},
	{.code = "use-aggregate",
		.from_s = 1700000000,
		.until_s = 1800000000,
		.limits = two_limits,
		.limit_count = 2},
};

struct wire_rules
wire_sample_record(void)
{
	struct wire_rules r = {.kind = RULES_RECORD,
		.form = "attitudes",
		.form_version = "1",
		.wave = "1995",
		.open_count = 1,
		.open = {{"wave", "1995"}},
		.captured_s = 1700000000};
	memset(r.salt, 5, sizeof(r.salt));
	memset(r.participant, 6, sizeof(r.participant));
	memset(r.instance, 7, sizeof(r.instance));
	memset(r.key_ref, 8, sizeof(r.key_ref));
	return r;
}

struct wire_rules
wire_sample_consent(void)
{
	struct wire_rules r = wire_sample_record();
	r.kind = RULES_CONSENT;
	r.open_count = 0;
	r.consent = (struct wire_consent){.event = "given",
		.grantor_role = "participant",
		.mode = "paper",
		.given_at_s = 1700000000,
		.permission_count = ARRAY_LEN(two_permissions),
		.permissions = two_permissions};
	return r;
}

struct wire_rules
wire_sample_opt_out(void)
{
	struct wire_rules r = wire_sample_record();
	r.kind = RULES_OPT_OUT;
	r.open_count = 0;
	r.opt_out = (struct wire_opt_out){1700000000, true, "MESH"};
	return r;
}

struct wire_rules
wire_sample_change(void)
{
	struct wire_rules r = wire_sample_consent();
	r.kind = RULES_CHANGE;
	r.consent.event = "changed";
	r.consent.level = "no-further-use";
	return r;
}

static struct wire_statement
wire_sample_statement(void)
{
	struct wire_statement s = {.study = "example-study",
		.kind = "manifest",
		.id = "1",
		.person = "p1",
		.time_s = 1700000000};
	memset(s.digest, 9, sizeof(s.digest));
	memset(s.nonce, 10, sizeof(s.nonce));
	return s;
}

static const struct wire_document two_documents[] = {
	{.name = "rules.ini", .hash = {1}, .length = 10},
	{.name = "study.ini", .hash = {2}, .length = 20},
};
static const struct wire_numbered_key two_keys[] = {
	{.number = 1, .public = {1}},
	{.number = 4, .public = {2}},
};

struct wire_manifest
wire_sample_manifest(void)
{
	struct wire_manifest m = {.study = "example-study",
		.number = 1,
		.document_count = 2,
		.documents = two_documents,
		.log_vkey = "example.test+00000000+AQ==",
		.intake_count = 2,
		.intake = two_keys,
		.time_s = 1700000000};
	memset(m.ledger_public, 11, WIRE_KEY_BYTES);
	m.ledger_number = 7;
	memset(m.receipt_public, 12, WIRE_KEY_BYTES);
	memset(m.release_public, 13, WIRE_KEY_BYTES);
	return m;
}

static struct wire_card
wire_sample_card(void)
{
	struct wire_card c = {.study = "example-study",
		.person = "p1",
		.name = "Example Person",
		.role_count = 2,
		.roles = {"owner", "officer"},
		.organisation = "Example Organisation",
		.time_s = 1700000000};
	memset(c.sign_public, 14, WIRE_KEY_BYTES);
	memset(c.box_public, 15, WIRE_KEY_BYTES);
	return c;
}

enum err
wire_sample_unpack_header(struct view v)
{
	struct wire_header h;
	return wire_header_unpack(&h, v);
}

enum err
wire_sample_unpack_rules(struct view v)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	return wire_rules_unpack(&r, v);
}

enum err
wire_sample_unpack_answers(struct view v)
{
	OWNED(wire_answers) struct wire_answers *a = NULL;
	return wire_answers_unpack(&a, v);
}

enum err
wire_sample_unpack_act(struct view v)
{
	struct view json;
	return wire_act_unpack(&json, v);
}

enum err
wire_sample_unpack_statement(struct view v)
{
	struct wire_statement s;
	return wire_statement_unpack(&s, v);
}

enum err
wire_sample_unpack_signed(struct view v)
{
	struct wire_signed s;
	return wire_signed_unpack(&s, v);
}

enum err
wire_sample_unpack_manifest(struct view v)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	return wire_manifest_unpack(&m, v);
}

enum err
wire_sample_unpack_card(struct view v)
{
	struct wire_card c;
	return wire_card_unpack(&c, v);
}

static enum err
wire_sample_unpack_hub_keys(struct view v)
{
	struct wire_hub_keys k;
	return wire_hub_keys_unpack(&k, v);
}

enum err
wire_sample_unpack_signed_manifest(struct view v)
{
	OWNED(wire_signed_manifest) struct wire_signed_manifest *m = NULL;
	return wire_signed_manifest_unpack(&m, v);
}

const struct wire_answer wire_sample_answers[WIRE_SAMPLE_ANSWERS_COUNT] = {
	{"/data/age", "44"}, {"/data/note", ""}};

static void
pack_rules(struct buf *out, struct wire_rules r)
{
	assert_ok(wire_rules_pack(out, &r));
}

bool
wire_sample(size_t i, struct buf *out, wire_sample_unpack **ret)
{
	struct wire_header h = wire_sample_header();
	struct wire_statement s = wire_sample_statement();
	struct wire_manifest m = wire_sample_manifest();
	struct wire_card c = wire_sample_card();
	struct wire_hub_keys k = {.study = "example-study", .log_vkey = "x+y+z"};
	struct wire_answers a = {"attitudes", "1", "uuid:example", 2, wire_sample_answers, 0};
	struct wire_signed g = {.body = view_text("signed"), .signature = {1}};
	struct wire_signed_manifest sm = {.manifest = view_text("bytes"),
		.statement_count = 2,
		.statements = {g, g},
		.card_count = 2,
		.cards = {g, g},
		.root_public = {1},
		.hub_keys = g};
	wire_sample_unpack *const all[] = {wire_sample_unpack_header, wire_sample_unpack_rules,
		wire_sample_unpack_rules, wire_sample_unpack_rules, wire_sample_unpack_answers,
		wire_sample_unpack_act, wire_sample_unpack_statement, wire_sample_unpack_signed,
		wire_sample_unpack_manifest, wire_sample_unpack_card,
		wire_sample_unpack_hub_keys, wire_sample_unpack_signed_manifest};
	if (i >= ARRAY_LEN(all))
		return false;
	*ret = all[i];
	buf_reset(out);
	if (i == 0)
		assert_ok(wire_header_pack(out, &h));
	else if (i <= 3)
		pack_rules(out, i == 1   ? wire_sample_record()
				: i == 2 ? wire_sample_consent()
					 : wire_sample_change());
	else if (i == 4)
		assert_ok(wire_answers_pack(out, &a));
	else if (i == 5)
		assert_ok(wire_act_pack(out, view_text("{\"v\":1}")));
	else if (i == 6)
		assert_ok(wire_statement_pack(out, &s));
	else if (i == 7)
		assert_ok(wire_signed_pack(out, &g));
	else if (i == 8)
		assert_ok(wire_manifest_pack(out, &m));
	else if (i == 9)
		assert_ok(wire_card_pack(out, &c));
	else if (i == 10)
		assert_ok(wire_hub_keys_pack(out, &k));
	else
		assert_ok(wire_signed_manifest_pack(out, &sm));
	return true;
}

enum err
wire_sample_try(wire_sample_unpack *unpack, const uint8_t *at, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	if (len)
		memcpy(copy, at, len);
	enum err e = unpack(view_of(copy, len));
	free(copy);
	return e;
}
