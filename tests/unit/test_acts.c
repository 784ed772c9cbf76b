#include "tests/unit/suite.h"

#include "common/trust/card.h"
#include "common/trust/leaf.h"
#include "hub/approval.h"
#include "hub/hubkeys.h"
#include "hub/person.h"
#include "tests/unit/hub_place.h"

/* An approval's body with these words; lent by `room`. */
struct approval_words {
	const char *id, *kind, *decision, *reason, *site;
	int64_t from_s, until_s;
};

static struct view
approval_body(struct buf *room, const struct approval_words *w)
{
	buf_init(room, 4096);
	buf_format(room,
		"{\"id\":\"%s\",\"kind\":\"%s\",\"decision\":\"%s\",\"reference\":\"EX-1\","
		"\"reason\":\"%s\",\"site\":\"%s\",\"from_s\":%lld,\"until_s\":%lld}",
		w->id, w->kind, w->decision, w->reason, w->site, (long long)w->from_s,
		(long long)w->until_s);
	return buf_view(room);
}

static enum err
enter(struct hub_place *p, enum who by, const struct approval_words *w)
{
	OWNED_BUF struct buf room;
	return place_submit(p, by, "approval", w->id, approval_body(&room, w));
}

static enum err
verify(struct hub_place *p, enum who by, const struct approval_words *w)
{
	OWNED_BUF struct buf room;
	return place_submit(p, by, "approval-verify", w->id, approval_body(&room, w));
}

static const struct approval_words rec = {"rec-1", "rec", "favourable", "", "", PLACE_NOW_S, 0};

/* statements */

/* What a row leaves out is as in a good statement of that person. */
struct bad_statement {
	const char *name;
	enum err code;
	const char *words;
	enum who by;
	bool other_key;
	const char *person, *study, *kind, *id;
	const uint8_t *digest;
	int64_t off_s;
};

static const uint8_t other_digest[HASH_BYTES] = {1};
static const char long_id[] =
	"a123456789012345678901234567890123456789012345678901234567890123";

static const struct bad_statement bad_statements[] = {
	{"a signature by another key", E_AUTH, "not signed by officer-1", OFFICER_1,
		.other_key = true},
	{"another study", E_DENIED, "for another study", OFFICER_1, .study = "other-study"},
	{"other bytes", E_DENIED, "for other bytes", OFFICER_1, .digest = other_digest},
	{"too old", E_DENIED, "older than a day", OFFICER_1, .off_s = -86401},
	{"in the future", E_DENIED, "dated in the future", OFFICER_1, .off_s = 301},
	{"a person without the role", E_DENIED, "operator-1", OPERATOR_1, .off_s = 0},
	{"the root on an approval", E_DENIED, "root", ROOT, .off_s = 0},
	{"nobody of that name", E_NOTFOUND, "nobody of the study is called stranger", OFFICER_1,
		.person = "stranger"},
	{"in another's name", E_AUTH, "not signed by officer-2", OFFICER_1,
		.person = "officer-2"},
	{"in the root's name", E_AUTH, "not signed by root", OFFICER_1, .person = "root"},
	{"a kind that is not built", E_FORMAT, "no act of kind coup", OFFICER_1,
		.kind = "coup"},
	{"a release approved by a researcher", E_DENIED, "researcher-1", RESEARCHER_1,
		.kind = "release-approve"},
	{"a release proposed by an approver", E_DENIED, "approver-1", APPROVER_1,
		.kind = "release-propose"},
	{"a person added by an officer", E_DENIED, "officer-1", OFFICER_1, .kind = "person"},
	{"keys set up by an officer", E_DENIED, "officer-1", OFFICER_1, .kind = "keeper-setup"},
	{"a manifest by a researcher", E_DENIED, "researcher-1", RESEARCHER_1,
		.kind = "manifest"},
	{"an invitation by an approver", E_DENIED, "approver-1", APPROVER_1, .kind = "invite"},
	{"an admission by an operator", E_DENIED, "operator-1", OPERATOR_1, .kind = "admit"},
	{"an id that is too long", E_FORMAT, "id is too long", OFFICER_1, .id = long_id},
};

static struct place_act
act_of(const struct bad_statement *b, struct view body)
{
	return (struct place_act){.by = b->by,
		.signed_by = b->other_key ? APPROVER_1 : b->by,
		.study = b->study ? b->study : PLACE_STUDY,
		.kind = b->kind ? b->kind : "approval",
		.id = b->id ? b->id : "rec-1",
		.body = body,
		.time_s = PLACE_NOW_S + b->off_s,
		.digest = b->digest};
}

static void
refuses_statements_that_do_not_hold(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf room;
	struct view body = approval_body(&room, &rec);
	for (size_t i = 0; i < ARRAY_LEN(bad_statements); i++) {
		const struct bad_statement *b = &bad_statements[i];
		struct place_act a = act_of(b, body);
		enum err e = place_submit_act(p, &a, b->person ? b->person : who_is[b->by].id);
		if (e != b->code || !strstr(err_text(), b->words))
			fail_msg("%s: %s: %s", b->name, err_word(e), err_text());
	}
	assert_ok(enter(p, OFFICER_1, &rec)); /* the same, with nothing wrong */
}

static void
takes_statements_up_to_a_day_old_and_five_minutes_ahead(void **state)
{
	struct hub_place *p = *state;
	static const int64_t off_s[] = {-86400, 300};
	for (size_t i = 0; i < ARRAY_LEN(off_s); i++) {
		OWNED_BUF struct buf room;
		char id[8];
		(void)snprintf(id, sizeof(id), "rec-%zu", i);
		struct approval_words w = {id, "rec", "favourable", "", "", PLACE_NOW_S, 0};
		struct place_act a = {OFFICER_1, OFFICER_1, PLACE_STUDY, "approval", id,
			approval_body(&room, &w), PLACE_NOW_S + off_s[i], NULL};
		assert_ok(place_submit_act(p, &a, "officer-1"));
	}
}

static void
refuses_a_statement_that_was_used_before(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf room, packed, reply;
	struct place_act a = {OFFICER_1, OFFICER_1, PLACE_STUDY, "approval", "rec-1",
		approval_body(&room, &rec), PLACE_NOW_S, NULL};
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, 4096);
	place_sign(p, &a, "officer-1", &packed);
	assert_ok(place_submit_packed(p, buf_view(&packed), a.body, &reply));
	assert_refused(place_submit_packed(p, buf_view(&packed), a.body, &reply), E_CONFLICT,
		"used before");
}

static void
refuses_bytes_that_are_no_statement_and_bodies_that_are_too_long(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf reply, body;
	buf_init(&reply, 4096);
	buf_init(&body, 65536);
	assert_err(place_submit_packed(p, view_text("nothing"), view_text("{}"), &reply),
		E_FORMAT);
	for (size_t i = 0; i < 8193; i++)
		buf_u8(&body, ' ');
	assert_refused(place_submit(p, OFFICER_1, "approval", "rec-1", buf_view(&body)),
		E_FORMAT, "body of approval is too long");
}

static void
refuses_a_person_who_left(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf row, card;
	struct vault_txn *t = NULL;
	buf_init(&row, 8192);
	buf_init(&card, 8192);
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(person_card(t, "officer-1", &card));
	buf_u8(&row, ROW_VERSION);
	buf_blob(&row, buf_view(&card));
	buf_u64(&row, PLACE_NOW_S - 1);
	assert_ok(vault_put(t, VAULT_PERSONS, view_text("officer-1"), buf_view(&row)));
	assert_refused(enter(p, OFFICER_1, &rec), E_DENIED, "officer-1 is no longer in office");
}

/* persons */

static void
refuses_cards_that_would_not_be_read_again(void **state)
{
	struct hub_place *p = *state;
	struct wire_card good = place_card(p, OFFICER_1), c = good;
	c.role_count = PERSON_ROLES_COUNT + 1;
	for (size_t i = 0; i < c.role_count; i++)
		(void)snprintf(c.roles[i], sizeof(c.roles[i]), "role-%zu", i);
	assert_refused(place_add_card(p, &c), E_FORMAT, "roles");
	c = good;
	memset(c.name, 'n', ROW_TEXT_BYTES);
	assert_refused(place_add_card(p, &c), E_FORMAT, "too long");
	c = good;
	memset(c.roles[0], 'r', 40);
	assert_refused(place_add_card(p, &c), E_FORMAT, "role");
	c = good;
	(void)snprintf(c.organisation, sizeof(c.organisation), "Example\norganisation");
	assert_err(place_add_card(p, &c), E_FORMAT);
	c = good;
	memset(c.organisation, 0, sizeof(c.organisation));
	assert_refused(place_add_card(p, &c), E_FORMAT, "names no organisation");
	assert_ok(place_add_card(p, &good));
}

static void
refuses_cards_of_others(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf by_root, by_officer;
	struct wire_card c = place_card(p, OFFICER_1);
	buf_init(&by_root, 8192);
	buf_init(&by_officer, 8192);
	assert_ok(card_make(&by_root, &c, p->sign[ROOT]));
	assert_ok(card_make(&by_officer, &c, p->sign[OFFICER_1]));
	assert_refused(place_submit(p, ROOT, "person", "officer-2", buf_view(&by_root)),
		E_DENIED, "for another person");
	assert_err(place_submit(p, ROOT, "person", "officer-1", buf_view(&by_officer)), E_AUTH);
	(void)snprintf(c.study, sizeof(c.study), "other-study");
	assert_refused(place_add_card(p, &c), E_DENIED, "another study");
	c = place_card(p, OFFICER_1);
	(void)snprintf(c.person, sizeof(c.person), "root");
	assert_err(place_add_card(p, &c), E_DENIED);
	(void)snprintf(c.person, sizeof(c.person), "a\",\"b\":\"");
	assert_refused(place_add_card(p, &c), E_FORMAT, "id");
	c = place_card(p, OFFICER_1);
	assert_ok(place_add_card(p, &c));
	assert_refused(
		place_add_card(p, &c), E_CONFLICT, "there is a person officer-1 already");
	/* Under a second name the same hand could sign twice. */
	(void)snprintf(c.person, sizeof(c.person), "officer-9");
	assert_refused(place_add_card(p, &c), E_CONFLICT, "another person has the key");
	memcpy(c.sign_public, p->public[ROOT], sizeof(c.sign_public));
	assert_refused(place_add_card(p, &c), E_CONFLICT, "study root");
}

/* keeper setup */

static void
refuses_keys_that_are_not_of_this_hub(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf body;
	struct wire_hub_keys good = hub_place_keys(p), k = good;
	buf_init(&body, 16384);
	k.receipt_public[0] ^= 1;
	place_setup_body(p, &k, 1, &body);
	assert_refused(place_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)), E_DENIED,
		"other keys than this hub's");
	buf_reset(&body);
	k = good;
	k.log_vkey[strlen(k.log_vkey) - 2] ^= 1;
	place_setup_body(p, &k, 1, &body);
	assert_refused(place_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)), E_DENIED,
		"other keys than this hub's");
	buf_reset(&body);
	k = good;
	(void)snprintf(k.study, sizeof(k.study), "other-study");
	place_setup_body(p, &k, 1, &body);
	assert_err(place_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)), E_DENIED);
}

static void
refuses_a_setup_that_would_not_be_read_again(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf body;
	struct wire_hub_keys k = hub_place_keys(p);
	buf_init(&body, 16384);
	place_setup_body(p, &k, 0, &body); /* numbers are from 1 */
	assert_err(place_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)), E_FORMAT);
	buf_reset(&body);
	place_setup_body(p, &k, 1, &body);
	buf_u8(&body, 0);
	assert_err(place_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)), E_FORMAT);
	struct view cut = view_of(body.at, body.len - 2);
	assert_err(place_submit(p, ROOT, "keeper-setup", "1", cut), E_FORMAT);
	place_set_up_keeper(p);
	buf_reset(&body);
	place_setup_body(p, &k, 1, &body);
	assert_refused(place_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)), E_CONFLICT,
		"there is a keeper already");
}

/* approvals */

static void
refuses_approvals_that_say_too_little(void **state)
{
	static const struct {
		enum err code;
		const char *words;
		struct approval_words w;
	} rows[] = {
		{E_NOTFOUND, "no site atlantis",
			{"a1", "rec", "favourable", "", "atlantis", PLACE_NOW_S, 0}},
		{E_FORMAT, "needs a reason",
			{"a1", "rec", "not-required", "", "", PLACE_NOW_S, 0}},
		{E_FORMAT, "ends before", {"a1", "rec", "favourable", "", "", PLACE_NOW_S, 5}},
		{E_FORMAT, "from_s", {"a1", "rec", "favourable", "", "", 0, 0}},
		{E_FORMAT, "kind or decision",
			{"a1", "REC", "favourable", "", "", PLACE_NOW_S, 0}},
		{E_FORMAT, "kind or decision", {"a1", "rec", "", "", "", PLACE_NOW_S, 0}},
		{E_FORMAT, "id", {"A1", "rec", "favourable", "", "", PLACE_NOW_S, 0}},
	};
	struct hub_place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_refused(enter(p, RESEARCHER_1, &rows[i].w), rows[i].code, rows[i].words);
	OWNED_BUF struct buf room;
	assert_refused(
		place_submit(p, RESEARCHER_1, "approval", "rec-2", approval_body(&room, &rec)),
		E_FORMAT, "id");
	assert_refused(place_submit(p, RESEARCHER_1, "approval", "a1", view_text("{\"id\":1}")),
		E_FORMAT, "approval");
	static const struct approval_words reasoned = {
		"a1", "rec", "not-required", "an audit of a service", "norway", PLACE_NOW_S, 0};
	assert_ok(enter(p, RESEARCHER_1, &reasoned));
	assert_refused(
		enter(p, RESEARCHER_2, &reasoned), E_CONFLICT, "there is an approval a1");
}

static void
an_approval_is_verified_once_by_another_person_over_the_same_bytes(void **state)
{
	struct hub_place *p = *state;
	struct approval_words other = rec;
	struct vault_txn *t = NULL;
	struct approval a;
	other.decision = "suspended";
	assert_refused(verify(p, OFFICER_1, &rec), E_NOTFOUND, "no approval rec-1");
	assert_ok(enter(p, RESEARCHER_1, &rec));
	assert_refused(verify(p, RESEARCHER_1, &rec), E_DENIED,
		"researcher-1 entered it and cannot verify it");
	assert_refused(verify(p, OFFICER_1, &other), E_DENIED, "other bytes than were entered");
	assert_ok(verify(p, OFFICER_1, &rec));
	assert_refused(
		verify(p, OFFICER_2, &rec), E_CONFLICT, "verified already, by officer-1");
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(approval_get(t, "rec-1", &a));
	assert_string_equal(a.entered_by, "researcher-1");
	assert_string_equal(a.verified_by, "officer-1");
	assert_int_equal(a.verified_leaf, a.entered_leaf + 1);
	assert_int_equal(audit_size(p->hub.audit), a.verified_leaf + 1);
}

static void
the_leaf_names_the_role_in_which_the_person_acted(void **state)
{
	struct hub_place *p = *state;
	struct wire_card c = place_card(p, OPERATOR_1);
	struct vault_txn *t = NULL;
	OWNED_BUF struct buf bytes;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	uint8_t key[8] = {0};
	buf_init(&bytes, LEAF_MOST_BYTES);
	/* As an office in two roles has it: the second one is what an approval needs. */
	secret_free(p->sign[OPERATOR_1]);
	sign_keypair(c.sign_public, &p->sign[OPERATOR_1]);
	(void)snprintf(c.person, sizeof(c.person), "example-2");
	(void)snprintf(c.roles[1], sizeof(c.roles[1]), "officer");
	c.role_count = 2;
	assert_ok(place_add_card(p, &c));
	OWNED_BUF struct buf room;
	struct place_act a = {OPERATOR_1, OPERATOR_1, PLACE_STUDY, "approval", "rec-1",
		approval_body(&room, &rec), PLACE_NOW_S, NULL};
	assert_ok(place_submit_act(p, &a, "example-2"));
	key[7] = (uint8_t)(audit_size(p->hub.audit) - 1);
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(vault_get(t, VAULT_LEAVES, view_of(key, sizeof(key)), &bytes));
	assert_ok(leaf_parse(&leaf, &tree, buf_view(&bytes)));
	assert_string_equal(leaf.action, "approval-entered");
	assert_string_equal(leaf.actor, "example-2");
	assert_string_equal(leaf.role, "officer");
}

#define HUB_TEST(name, make) cmocka_unit_test_setup_teardown(name, make, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(refuses_statements_that_do_not_hold, make_hub_in_force),
		HUB_TEST(takes_statements_up_to_a_day_old_and_five_minutes_ahead,
			make_hub_in_force),
		HUB_TEST(refuses_a_statement_that_was_used_before, make_hub_in_force),
		HUB_TEST(refuses_bytes_that_are_no_statement_and_bodies_that_are_too_long,
			make_hub_in_force),
		HUB_TEST(refuses_a_person_who_left, make_hub_in_force),
		HUB_TEST(refuses_cards_that_would_not_be_read_again, make_hub),
		HUB_TEST(refuses_cards_of_others, make_hub),
		HUB_TEST(refuses_keys_that_are_not_of_this_hub, make_hub),
		HUB_TEST(refuses_a_setup_that_would_not_be_read_again, make_hub),
		HUB_TEST(refuses_approvals_that_say_too_little, make_hub_in_force),
		HUB_TEST(an_approval_is_verified_once_by_another_person_over_the_same_bytes,
			make_hub_in_force),
		HUB_TEST(the_leaf_names_the_role_in_which_the_person_acted, make_hub_in_force),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("acts", tests, NULL, NULL);
}
