#include "tests/unit/suite.h"

#include "common/trust/card.h"
#include "hub/approval.h"
#include "hub/hubkeys.h"
#include "hub/invitation.h"
#include "hub/person.h"
#include "hub/writer.h"
#include "tests/unit/hub_place.h"

static struct vault_txn *
turn(struct hub_place *p)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&p->hub, &t));
	return t;
}

/* What was put is there after the vault was closed and opened again. */
static struct vault_txn *
come_back(struct hub_place *p)
{
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
	place_close_hub(p);
	place_open_hub(p);
	return turn(p);
}

/* examples */

static struct writer
a_writer(uint8_t seed)
{
	struct writer w = {.site = "norway", .name = "example node", .admitted_s = PLACE_NOW_S};
	memset(w.public, seed, sizeof(w.public));
	memset(w.transport, seed + 1, sizeof(w.transport));
	memset(w.box, seed + 2, sizeof(w.box));
	memset(w.review, seed + 3, sizeof(w.review));
	memset(w.witness, seed + 4, sizeof(w.witness));
	return w;
}

static struct invitation
an_invitation(uint8_t seed)
{
	struct invitation i = {.site = "norway",
		.by = "researcher-1",
		.expires_s = PLACE_NOW_S + 3600,
		.state = INVITATION_CLAIMED,
		.failures = 3,
		.claimed = a_writer(seed)};
	memset(i.id, seed, sizeof(i.id));
	memset(i.enrol_public, seed + 5, sizeof(i.enrol_public));
	memset(i.transcript, seed + 6, sizeof(i.transcript));
	return i;
}

static struct approval
an_approval(const char *id)
{
	struct approval a = {.kind = "rec",
		.decision = "not-required",
		.reference = "EX-1",
		.reason = "an example \xe2\x80\x9creason\xe2\x80\x9d",
		.site = "norway",
		.from_s = PLACE_NOW_S,
		.until_s = PLACE_NOW_S + 1,
		.entered_by = "researcher-1",
		.verified_by = "officer-1",
		.entered_leaf = 7,
		.verified_leaf = 9};
	(void)snprintf(a.id, sizeof(a.id), "%s", id);
	memset(a.digest, 5, sizeof(a.digest));
	return a;
}

static void
put_person(struct hub_place *p, enum who w)
{
	OWNED_BUF struct buf card;
	struct wire_card c = place_card(p, w);
	buf_init(&card, WIRE_SIGNED_MAX_BYTES);
	assert_ok(card_make(&card, &c, p->sign[ROOT]));
	assert_ok(person_add(turn(p), c.person, buf_view(&card)));
}

/* there and back */

static void
writers_come_back_by_both_keys(void **state)
{
	struct hub_place *p = *state;
	struct writer w = a_writer(10), other = a_writer(40), got;
	assert_ok(writer_put(turn(p), &w));
	assert_ok(writer_put(turn(p), &other));
	struct vault_txn *t = come_back(p);
	assert_ok(writer_get(t, w.public, &got));
	assert_memory_equal(&got, &w, sizeof(w));
	assert_ok(writer_by_transport(t, other.transport, &got));
	assert_memory_equal(&got, &other, sizeof(other));
	assert_refused(
		writer_get(t, w.transport, &got), E_NOTFOUND, "no node with this writer key");
	assert_refused(writer_by_transport(t, w.public, &got), E_NOTFOUND,
		"no node with this transport");
}

static void
invitations_come_back_with_the_claiming_keys(void **state)
{
	struct hub_place *p = *state;
	struct invitation i = an_invitation(10), got;
	uint8_t unknown[ID_BYTES] = {1};
	assert_ok(invitation_put(turn(p), &i));
	struct vault_txn *t = come_back(p);
	assert_ok(invitation_get(t, i.id, &got));
	assert_memory_equal(got.id, i.id, sizeof(i.id));
	assert_memory_equal(got.enrol_public, i.enrol_public, sizeof(i.enrol_public));
	assert_memory_equal(got.transcript, i.transcript, sizeof(i.transcript));
	assert_memory_equal(&got.claimed, &i.claimed, sizeof(i.claimed));
	assert_string_equal(got.site, i.site);
	assert_string_equal(got.by, i.by);
	assert_int_equal(got.expires_s, i.expires_s);
	assert_int_equal(got.state, i.state);
	assert_int_equal(got.failures, i.failures);
	assert_refused(invitation_get(t, unknown, &got), E_NOTFOUND, "no such invitation");
}

static void
approvals_come_back_whole(void **state)
{
	struct hub_place *p = *state;
	struct approval a = an_approval("rec-1"), got;
	assert_ok(approval_put(turn(p), &a));
	struct vault_txn *t = come_back(p);
	assert_ok(approval_get(t, "rec-1", &got));
	assert_memory_equal(&got, &a, sizeof(a));
	assert_refused(approval_get(t, "rec-2", &got), E_NOTFOUND, "no approval rec-2");
}

static void
persons_come_back_as_their_cards_say(void **state)
{
	struct hub_place *p = *state;
	struct person got;
	OWNED_BUF struct buf card;
	buf_init(&card, 8192);
	put_person(p, OFFICER_1);
	struct vault_txn *t = come_back(p);
	assert_ok(person_get(t, "officer-1", &got));
	assert_string_equal(got.id, "officer-1");
	assert_string_equal(got.name, "Example officer-1");
	assert_string_equal(got.organisation, "Example organisation");
	assert_memory_equal(got.sign_public, p->public[OFFICER_1], SIGN_PUBLIC_BYTES);
	assert_int_equal(got.role_count, 1);
	assert_true(person_has_role(&got, "officer"));
	assert_false(person_has_role(&got, "approver"));
	assert_int_equal(got.revoked_s, 0);
	assert_ok(person_card(t, "officer-1", &card));
	assert_true(card.len > 0);
	assert_refused(person_get(t, "stranger", &got), E_NOTFOUND,
		"nobody of the study is called stranger");
	assert_refused(person_card(t, "stranger", &card), E_NOTFOUND,
		"nobody of the study is called stranger");
}

static void
hub_keys_come_back_with_their_intake_keys(void **state)
{
	struct hub_place *p = *state;
	struct hubkeys got;
	OWNED_BUF struct buf body, keys;
	struct wire_hub_keys k = hub_place_keys(p);
	buf_init(&body, 16384);
	buf_init(&keys, 8192);
	assert_refused(hubkeys_get(turn(p), &got), E_NOTFOUND, "weir-hub keeper setup");
	assert_refused(hubkeys_signed(turn(p), &keys), E_NOTFOUND, "weir-hub keeper setup");
	place_setup_body(p, &k, 7, &body);
	assert_ok(hubkeys_put(turn(p), buf_view(&body)));
	struct vault_txn *t = come_back(p);
	assert_ok(hubkeys_get(t, &got));
	assert_memory_equal(got.receipt_public, k.receipt_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(got.release_public, k.release_public, SIGN_PUBLIC_BYTES);
	assert_string_equal(got.log_vkey, k.log_vkey);
	assert_int_equal(got.intake_count, 1);
	assert_int_equal(got.intake[0].number, 7);
	assert_memory_equal(got.intake[0].public, p->intake_public, BOX_PUBLIC_BYTES);
	assert_ok(hubkeys_signed(t, &keys));
	struct wire_signed s;
	assert_ok(wire_signed_unpack(&s, buf_view(&keys)));
}

static enum err
count_writer(void *arg, const struct writer *w)
{
	size_t *count = arg;
	(void)w;
	(*count)++;
	return OK;
}

static enum err
count_invitation(void *arg, const struct invitation *i)
{
	size_t *count = arg;
	(void)i;
	(*count)++;
	return OK;
}

static enum err
count_approval(void *arg, const struct approval *a)
{
	size_t *count = arg;
	(void)a;
	(*count)++;
	return OK;
}

static enum err
count_person(void *arg, const struct person *p, struct view card)
{
	size_t *count = arg;
	assert_true(p->id[0] && card.len);
	(*count)++;
	return OK;
}

static void
each_row_is_seen_once(void **state)
{
	struct hub_place *p = *state;
	size_t writers = 0, invitations = 0, approvals = 0, persons = 0;
	struct writer w[] = {a_writer(10), a_writer(40)};
	struct invitation i[] = {an_invitation(10), an_invitation(40)};
	struct approval a[] = {an_approval("rec-1"), an_approval("rec-2")};
	for (size_t k = 0; k < 2; k++) {
		assert_ok(writer_put(turn(p), &w[k]));
		assert_ok(invitation_put(turn(p), &i[k]));
		assert_ok(approval_put(turn(p), &a[k]));
		put_person(p, k ? OFFICER_1 : OFFICER_2);
	}
	assert_ok(writer_each(turn(p), count_writer, &writers));
	assert_ok(invitation_each(turn(p), count_invitation, &invitations));
	assert_ok(approval_each(turn(p), count_approval, &approvals));
	assert_ok(person_each(turn(p), count_person, &persons));
	assert_int_equal(writers, 2);
	assert_int_equal(invitations, 2);
	assert_int_equal(approvals, 2);
	assert_int_equal(persons, 2);
}

/* damage: a value that the vault opens and the room does not take */

enum damage { CUT, LONGER, VERSION, EMPTY, DAMAGES };

static void
spoil(struct buf *value, enum damage d)
{
	switch (d) {
	case CUT:
		value->len--;
		break;
	case LONGER:
		buf_u8(value, 0);
		break;
	case VERSION:
		value->at[0]++;
		break;
	case EMPTY:
		value->len = 0;
		break;
	case DAMAGES:
		break;
	}
}

/* Spoils the row, runs the reader in this turn, forgets the turn. */
static void
assert_damage_is_found(struct hub_place *p, enum vault_table table, struct view key,
	enum err (*read)(struct vault_txn *t))
{
	assert_ok(hub_commit(&p->hub));
	for (enum damage d = CUT; d < DAMAGES; d++) {
		OWNED_BUF struct buf value;
		buf_init(&value, ROW_MAX_BYTES);
		struct vault_txn *t = turn(p);
		assert_ok(vault_get(t, table, key, &value));
		assert_ok(read(t));
		spoil(&value, d);
		assert_ok(vault_put(t, table, key, buf_view(&value)));
		assert_err(read(t), E_FORMAT);
		hub_abort(&p->hub);
	}
}

static enum err
read_writer(struct vault_txn *t)
{
	struct writer w = a_writer(10), got;
	size_t count = 0;
	enum err e = writer_get(t, w.public, &got);
	assert_err(writer_each(t, count_writer, &count), e);
	return e;
}

static enum err
read_transport(struct vault_txn *t)
{
	struct writer w = a_writer(10), got;
	return writer_by_transport(t, w.transport, &got);
}

static enum err
read_invitation(struct vault_txn *t)
{
	struct invitation i = an_invitation(10), got;
	size_t count = 0;
	enum err e = invitation_get(t, i.id, &got);
	assert_err(invitation_each(t, count_invitation, &count), e);
	return e;
}

static enum err
read_approval(struct vault_txn *t)
{
	struct approval got;
	size_t count = 0;
	enum err e = approval_get(t, "rec-1", &got);
	assert_err(approval_each(t, count_approval, &count), e);
	return e;
}

static enum err
read_person(struct vault_txn *t)
{
	struct person got;
	OWNED_BUF struct buf card;
	size_t count = 0;
	buf_init(&card, 8192);
	enum err e = person_get(t, "officer-1", &got);
	assert_err(person_each(t, count_person, &count), e);
	assert_err(person_card(t, "officer-1", &card), e);
	return e;
}

static enum err
read_keys(struct vault_txn *t)
{
	struct hubkeys got;
	return hubkeys_get(t, &got);
}

static void
damaged_rows_are_found_and_not_taken_for_missing(void **state)
{
	struct hub_place *p = *state;
	struct writer w = a_writer(10);
	struct invitation i = an_invitation(10);
	struct approval a = an_approval("rec-1");
	struct wire_hub_keys k = hub_place_keys(p);
	OWNED_BUF struct buf body;
	uint8_t by_public[33] = {'w'};
	buf_init(&body, 16384);
	memcpy(by_public + 1, w.public, sizeof(w.public));
	place_setup_body(p, &k, 1, &body);
	assert_ok(writer_put(turn(p), &w));
	assert_ok(invitation_put(turn(p), &i));
	assert_ok(approval_put(turn(p), &a));
	assert_ok(hubkeys_put(turn(p), buf_view(&body)));
	put_person(p, OFFICER_1);
	assert_damage_is_found(
		p, VAULT_WRITERS, view_of(by_public, sizeof(by_public)), read_writer);
	assert_damage_is_found(p, VAULT_INVITES, view_of(i.id, sizeof(i.id)), read_invitation);
	assert_damage_is_found(p, VAULT_APPROVALS, view_text("rec-1"), read_approval);
	assert_damage_is_found(p, VAULT_PERSONS, view_text("officer-1"), read_person);
	assert_damage_is_found(p, VAULT_META, view_text("keys"), read_keys);
}

static void
a_transport_row_that_names_no_writer_key_is_damaged(void **state)
{
	struct hub_place *p = *state;
	struct writer w = a_writer(10);
	uint8_t key[33] = {'t'};
	memcpy(key + 1, w.transport, sizeof(w.transport));
	assert_ok(writer_put(turn(p), &w));
	assert_ok(vault_put(
		turn(p), VAULT_WRITERS, view_of(key, sizeof(key)), view_text("short")));
	assert_err(read_transport(turn(p)), E_FORMAT);
	assert_ok(vault_put(turn(p), VAULT_WRITERS, view_of(key, sizeof(key)),
		view_text("0123456789abcdef0123456789abcdef0")));
	assert_err(read_transport(turn(p)), E_FORMAT);
}

static void
an_invitation_has_one_of_its_four_states(void **state)
{
	struct hub_place *p = *state;
	static const struct {
		uint8_t state;
		enum err code;
	} rows[] = {{0, E_FORMAT}, {INVITATION_OPEN, OK}, {INVITATION_DEAD, OK},
		{INVITATION_DEAD + 1, E_FORMAT}};
	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		struct invitation i = an_invitation(10), got;
		i.state = rows[k].state;
		assert_ok(invitation_put(turn(p), &i));
		assert_err(invitation_get(turn(p), i.id, &got), rows[k].code);
	}
}

static void
damage_is_not_written_over(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf body;
	buf_init(&body, 4096);
	place_add_persons(p);
	assert_ok(vault_put(turn(p), VAULT_APPROVALS, view_text("rec-1"), view_text("?")));
	buf_format(&body, "{\"id\":\"rec-1\",\"kind\":\"rec\",\"decision\":\"favourable\","
			  "\"reference\":\"\","
			  "\"reason\":\"\",\"site\":\"\",\"from_s\":1,\"until_s\":0}");
	assert_refused(place_submit(p, OFFICER_1, "approval", "rec-1", buf_view(&body)),
		E_FORMAT, "a row of the hub is damaged: approval");
}

#define HUB_TEST(name) cmocka_unit_test_setup_teardown(name, make_hub, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(writers_come_back_by_both_keys),
		HUB_TEST(invitations_come_back_with_the_claiming_keys),
		HUB_TEST(approvals_come_back_whole),
		HUB_TEST(persons_come_back_as_their_cards_say),
		HUB_TEST(hub_keys_come_back_with_their_intake_keys),
		HUB_TEST(each_row_is_seen_once),
		HUB_TEST(damaged_rows_are_found_and_not_taken_for_missing),
		HUB_TEST(a_transport_row_that_names_no_writer_key_is_damaged),
		HUB_TEST(an_invitation_has_one_of_its_four_states),
		HUB_TEST(damage_is_not_written_over),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("hubrows", tests, NULL, NULL);
}
