#include "tests/unit/suite.h"

#include "common/base/clock.h"
#include "common/codec/sync_session.h"
#include "common/codec/text.h"
#include "common/trust/card.h"
#include "common/trust/invite.h"
#include "common/trust/transcript.h"
#include "hub/enrol.h"
#include "hub/facts.h"
#include "hub/invitation.h"
#include "hub/writer.h"
#include "tests/unit/hub_place.h"

#define INVITE_ID "00112233445566778899aabbccddeeff"
#define HOUR_S    3600

/* An installation's keys by one seed, and the key that it enrols on. */
struct installation {
	uint8_t invite[ID_BYTES];
	uint8_t enrol_public[BOX_PUBLIC_BYTES];
	struct sync_enrol_req request;
	uint8_t transcript[HASH_BYTES];
};

static void
prove(const struct hub_place *p, struct installation *i)
{
	struct enrolment e = {0};
	const struct sync_enrol_req *q = &i->request;
	memcpy(e.invite, i->invite, ID_BYTES);
	memcpy(e.enrol_public, i->enrol_public, BOX_PUBLIC_BYTES);
	memcpy(e.hub_public, p->hub.transport_public, BOX_PUBLIC_BYTES);
	card_root_hash(e.root_hash, p->hub.root_public);
	memcpy(e.writer, q->writer, sizeof(e.writer));
	memcpy(e.transport, q->transport, sizeof(e.transport));
	memcpy(e.box, q->node, sizeof(e.box));
	memcpy(e.review, q->review, sizeof(e.review));
	memcpy(e.witness, q->witness, sizeof(e.witness));
	transcript_hash(i->transcript, &e);
	memcpy(i->request.proof, i->transcript, HASH_BYTES);
}

static void
install(const struct hub_place *p, uint8_t seed, struct installation *ret)
{
	struct installation i = {0};
	struct sync_enrol_req *q = &i.request;
	assert_true(text_unhex(i.invite, ID_BYTES, INVITE_ID));
	memset(i.enrol_public, 9, sizeof(i.enrol_public));
	memcpy(q->invite, i.invite, ID_BYTES);
	memset(q->writer, seed, sizeof(q->writer));
	memset(q->transport, seed + 1, sizeof(q->transport));
	memset(q->node, seed + 2, sizeof(q->node));
	memset(q->review, seed + 3, sizeof(q->review));
	memset(q->witness, seed + 4, sizeof(q->witness));
	memset(q->nonce, seed + 5, sizeof(q->nonce));
	q->name = view_text("example node");
	prove(p, &i);
	*ret = i;
}

struct invite_words {
	const char *id, *site;
	uint8_t key;
	int64_t expires_s;
};
static const struct invite_words good_invite = {
	INVITE_ID, "norway", 9, PLACE_NOW_S + 72 * HOUR_S};

static struct view
invite_body(struct buf *room, const struct invite_words *w)
{
	uint8_t key[BOX_PUBLIC_BYTES];
	char hex[2 * BOX_PUBLIC_BYTES + 1];
	memset(key, w->key, sizeof(key));
	text_hex(hex, key, sizeof(key));
	buf_init(room, 4096);
	buf_format(room,
		"{\"id\":\"%s\",\"site\":\"%s\",\"enrol_public\":\"%s\",\"expires_s\":%lld}",
		w->id, w->site, hex, (long long)w->expires_s);
	return buf_view(room);
}

static enum err
invite(struct hub_place *p, enum who by, const struct invite_words *w)
{
	OWNED_BUF struct buf room;
	return place_submit(p, by, "invite", w->id, invite_body(&room, w));
}

static enum err
admit(struct hub_place *p, enum who by, const uint8_t transcript[static HASH_BYTES])
{
	OWNED_BUF struct buf room;
	char hex[2 * HASH_BYTES + 1];
	text_hex(hex, transcript, HASH_BYTES);
	buf_init(&room, 4096);
	buf_format(&room, "{\"id\":\"" INVITE_ID "\",\"transcript\":\"%s\"}", hex);
	return place_submit(p, by, "admit", INVITE_ID, buf_view(&room));
}

/* One request; the words of a refusal. Copied, as the answer lends them. */
struct answer {
	enum sync_enrol_status status;
	char words[200];
	struct sync_enrol_ok ok;
};

static struct answer
ask(struct hub_place *p, const struct installation *i)
{
	struct answer a = {0};
	OWNED_BUF struct buf room;
	buf_init(&room, 4096);
	assert_ok(enrol_request(&p->hub, i->enrol_public, &i->request, &a.ok, &room));
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
	a.status = a.ok.status;
	(void)snprintf(a.words, sizeof(a.words), "%.*s", (int)a.ok.words.len,
		(const char *)a.ok.words.at);
	assert_memory_equal(a.ok.nonce, i->request.nonce, sizeof(a.ok.nonce));
	return a;
}

static struct invitation
kept(struct hub_place *p)
{
	struct invitation i;
	struct vault_txn *t = NULL;
	uint8_t id[ID_BYTES];
	assert_true(text_unhex(id, ID_BYTES, INVITE_ID));
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(invitation_get(t, id, &i));
	return i;
}

static void
assert_refuses(struct hub_place *p, const struct installation *i, const char *words)
{
	struct answer a = ask(p, i);
	assert_int_equal(a.status, SYNC_ENROL_REFUSED);
	if (!strstr(a.words, words))
		fail_msg("\"%s\" is not in \"%s\"", words, a.words);
}

/* inviting */

static void
refuses_invitations_that_cannot_be(void **state)
{
	static const struct {
		enum err code;
		const char *words;
		struct invite_words w;
	} rows[] = {
		{E_NOTFOUND, "no site atlantis",
			{INVITE_ID, "atlantis", 9, PLACE_NOW_S + HOUR_S}},
		{E_FORMAT, "at most 72 hours",
			{INVITE_ID, "norway", 9, PLACE_NOW_S + 73 * HOUR_S}},
		{E_FORMAT, "at most 72 hours", {INVITE_ID, "norway", 9, PLACE_NOW_S}},
		{E_FORMAT, "not of its form", {"0011", "norway", 9, PLACE_NOW_S + HOUR_S}},
	};
	struct hub_place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_refused(
			invite(p, RESEARCHER_1, &rows[i].w), rows[i].code, rows[i].words);
	assert_refused(place_submit(p, RESEARCHER_1, "invite", INVITE_ID,
			       view_text("{\"id\":\"" INVITE_ID
					 "\",\"site\":\"norway\",\"admitted\":1}")),
		E_FORMAT, "invitation");
	OWNED_BUF struct buf room;
	assert_refused(
		place_submit(p, RESEARCHER_1, "invite", "ffffffffffffffffffffffffffffffff",
			invite_body(&room, &good_invite)),
		E_FORMAT, "not of its form");
	assert_false(p->hub.keys_changed);
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_true(p->hub.keys_changed);
	assert_refused(
		invite(p, RESEARCHER_2, &good_invite), E_CONFLICT, "with this id already");
	static const struct invite_words same_key = {
		"ffffffffffffffffffffffffffffffff", "sweden", 9, PLACE_NOW_S + HOUR_S};
	assert_refused(invite(p, RESEARCHER_2, &same_key), E_CONFLICT, "with this key already");
}

static void
refuses_invitations_before_a_study_is_in_force(void **state)
{
	struct hub_place *p = *state;
	assert_refused(invite(p, RESEARCHER_1, &good_invite), E_NOTFOUND, "keeper setup");
	place_set_up_keeper(p);
	assert_refused(invite(p, RESEARCHER_1, &good_invite), E_NOTFOUND, "no site norway");
}

/* requests */

static void
the_first_request_waits_until_a_second_person_lets_it_in(void **state)
{
	struct hub_place *p = *state;
	struct installation i;
	struct vault_txn *t = NULL;
	struct writer w;
	install(p, 20, &i);
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_int_equal(ask(p, &i).status, SYNC_ENROL_WAITING);
	uint64_t leaves = audit_size(p->hub.audit);
	assert_int_equal(ask(p, &i).status, SYNC_ENROL_WAITING); /* it asks each second */
	assert_int_equal(audit_size(p->hub.audit), leaves);
	assert_int_equal(kept(p).failures, 0);
	assert_refused(admit(p, RESEARCHER_1, i.transcript), E_DENIED, "cannot admit on it");
	assert_ok(admit(p, OFFICER_1, i.transcript));
	struct answer a = ask(p, &i);
	assert_int_equal(a.status, SYNC_ENROL_ADMITTED);
	assert_memory_equal(a.ok.root, p->hub.root_public, sizeof(a.ok.root));
	assert_memory_equal(a.ok.ledger, p->keys->box_public, sizeof(a.ok.ledger));
	assert_memory_equal(a.ok.receipt, p->keys->receipt_public, sizeof(a.ok.receipt));
	assert_int_equal(a.ok.manifest.number, 1);
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(writer_by_transport(t, i.request.transport, &w));
	assert_memory_equal(w.public, i.request.writer, sizeof(w.public));
	assert_memory_equal(w.box, i.request.node, sizeof(w.box));
	assert_string_equal(w.site, "norway");
	assert_string_equal(w.name, "example node");
	assert_int_equal(w.admitted_s, PLACE_NOW_S);
}

static void
refuses_admissions_of_nobody_of_another_and_twice(void **state)
{
	struct hub_place *p = *state;
	struct installation i, other;
	install(p, 20, &i);
	install(p, 60, &other);
	assert_refused(admit(p, OFFICER_1, i.transcript), E_NOTFOUND, "no such invitation");
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_refused(admit(p, OFFICER_1, i.transcript), E_NOTFOUND, "nobody is waiting");
	assert_int_equal(ask(p, &i).status, SYNC_ENROL_WAITING);
	assert_refused(admit(p, OFFICER_1, other.transcript), E_DENIED, "another installation");
	assert_refused(place_submit(p, OFFICER_1, "admit", INVITE_ID, view_text("{}")),
		E_FORMAT, "admission");
	assert_ok(admit(p, OFFICER_1, i.transcript));
	assert_refused(admit(p, OFFICER_2, i.transcript), E_CONFLICT, "admitted already");
}

static void
refuses_to_admit_after_the_invitation_ended(void **state)
{
	struct hub_place *p = *state;
	struct installation i;
	install(p, 20, &i);
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_int_equal(ask(p, &i).status, SYNC_ENROL_WAITING);
	clock_freeze_wall_ms((good_invite.expires_s + 1) * 1000);
	assert_refused(admit(p, OFFICER_1, i.transcript), E_DENIED, "expired");
	assert_refuses(p, &i, "has expired");
}

static void
refuses_keys_that_another_node_has(void **state)
{
	struct hub_place *p = *state;
	struct installation first, second;
	struct vault_txn *t = NULL;
	struct writer w = {.site = "sweden", .admitted_s = PLACE_NOW_S};
	install(p, 20, &first);
	install(p, 60, &second);
	memset(w.public, 77, sizeof(w.public));
	memcpy(w.transport, second.request.transport, sizeof(w.transport));
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(writer_put(t, &w));
	assert_ok(hub_commit(&p->hub));
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_int_equal(ask(p, &second).status, SYNC_ENROL_WAITING);
	assert_refused(admit(p, OFFICER_1, second.transcript), E_CONFLICT, "key");
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(writer_by_transport(t, second.request.transport, &w));
	assert_string_equal(w.site, "sweden");
}

static void
refuses_requests_that_are_not_for_this_invitation(void **state)
{
	struct hub_place *p = *state;
	struct installation i, bad;
	OWNED_BUF struct buf room;
	struct sync_enrol_ok ok;
	install(p, 20, &i);
	buf_init(&room, 4096);
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	bad = i;
	bad.enrol_public[0] ^= 1;
	assert_err(
		enrol_request(&p->hub, bad.enrol_public, &bad.request, &ok, &room), E_NOTFOUND);
	bad = i;
	bad.request.invite[0] ^= 1;
	assert_refuses(p, &bad, "names another invitation");
	bad = i;
	bad.request.proof[0] ^= 1;
	assert_refuses(p, &bad, "do not see the same keys");
	bad = i;
	bad.request.review[0] ^= 1; /* somebody between them changed a key */
	assert_refuses(p, &bad, "do not see the same keys");
	assert_int_equal(kept(p).state, INVITATION_OPEN);
	clock_freeze_wall_ms(good_invite.expires_s * 1000);
	assert_refuses(p, &i, "has expired");
	assert_int_equal(kept(p).state, INVITATION_OPEN);
}

static void
a_second_installation_is_refused_counted_and_kills_the_invitation(void **state)
{
	struct hub_place *p = *state;
	struct installation first, second;
	install(p, 20, &first);
	install(p, 60, &second);
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_int_equal(ask(p, &first).status, SYNC_ENROL_WAITING);
	for (uint32_t i = 1; i <= INVITATION_FAILURES_MAX_COUNT; i++) {
		uint64_t leaves = audit_size(p->hub.audit);
		assert_refuses(p, &second, "used before, by another installation");
		assert_int_equal(kept(p).failures, i);
		assert_int_equal(audit_size(p->hub.audit), leaves + 1);
	}
	assert_int_equal(kept(p).state, INVITATION_DEAD);
	uint64_t leaves = audit_size(p->hub.audit);
	assert_refuses(p, &first, "dead after too many attempts");
	assert_refuses(p, &second, "dead after too many attempts");
	assert_int_equal(audit_size(p->hub.audit), leaves); /* the log does not grow by it */
	assert_refused(admit(p, OFFICER_1, first.transcript), E_NOTFOUND, "nobody is waiting");
}

static void
an_invitation_that_was_used_answers_its_own_node_only_and_however_late(void **state)
{
	struct hub_place *p = *state;
	struct installation first, second;
	install(p, 20, &first);
	install(p, 60, &second);
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_int_equal(ask(p, &first).status, SYNC_ENROL_WAITING);
	assert_ok(admit(p, OFFICER_1, first.transcript));
	assert_refuses(p, &second, "was used before");
	clock_freeze_wall_ms((good_invite.expires_s + HOUR_S) * 1000);
	assert_int_equal(ask(p, &first).status, SYNC_ENROL_ADMITTED);
}

/* keys of the gate */

struct key_list {
	size_t count;
	uint8_t keys[8][BOX_PUBLIC_BYTES];
};

static enum err
note_key(void *arg, const uint8_t key[static BOX_PUBLIC_BYTES])
{
	struct key_list *l = arg;
	assert_in_range(l->count, 0, ARRAY_LEN(l->keys) - 1);
	memcpy(l->keys[l->count++], key, BOX_PUBLIC_BYTES);
	return OK;
}

static void
the_gate_lets_in_nodes_and_invitations_and_no_revoked_node(void **state)
{
	struct hub_place *p = *state;
	struct installation i;
	struct vault_txn *t = NULL;
	struct writer w;
	struct key_list before = {0}, during = {0}, after = {0};
	install(p, 20, &i);
	assert_ok(enrol_keys(&p->hub, note_key, &before));
	assert_int_equal(before.count, 0);
	assert_ok(hub_commit(&p->hub));
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_int_equal(ask(p, &i).status, SYNC_ENROL_WAITING);
	assert_ok(admit(p, OFFICER_1, i.transcript));
	assert_ok(enrol_keys(&p->hub, note_key, &during));
	assert_int_equal(during.count, 2);
	assert_memory_equal(during.keys[0], i.request.transport, BOX_PUBLIC_BYTES);
	assert_memory_equal(during.keys[1], i.enrol_public, BOX_PUBLIC_BYTES);
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(writer_get(t, i.request.writer, &w));
	w.revoked_s = PLACE_NOW_S;
	assert_ok(writer_put(t, &w));
	assert_ok(enrol_keys(&p->hub, note_key, &after));
	assert_int_equal(after.count, 1);
}

/* questions */

static void
answers_every_question_of_the_commands_also_when_the_vault_is_full(void **state)
{
	static const struct {
		const char *question, *words;
	} rows[] = {
		{"facts", "\"manifest\":1,"},
		{"facts", "\"id\":\"officer-1\""},
		{"approvals", "{\"approvals\":[]}"},
		{"pack", "{\"number\":1,\"documents\":[{\"name\":\"codebook.csv\",\"hash\":"},
		{"invites",
			"\"id\":\"" INVITE_ID "\",\"site\":\"norway\",\"by\":\"researcher-1\","
			"\"state\":\"claimed\",\"name\":\"example node\""},
	};
	struct hub_place *p = *state;
	struct installation i;
	struct vault_txn *t = NULL;
	OWNED(json) struct json *none = NULL;
	assert_ok(json_parse(&none, view_text("{}"), 64));
	install(p, 20, &i);
	assert_ok(invite(p, RESEARCHER_1, &good_invite));
	assert_int_equal(ask(p, &i).status, SYNC_ENROL_WAITING);
	for (int full = 0; full < 2; full++)
		for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
			OWNED_BUF struct buf reply;
			OWNED(json) struct json *tree = NULL;
			buf_init(&reply, 65536);
			assert_ok(hub_txn_reserve(&p->hub, &t));
			p->hub.on_reserve = full;
			assert_ok(facts_answer(&p->hub, rows[k].question, none, &reply));
			hub_abort(&p->hub);
			assert_ok(json_parse(&tree, buf_view(&reply), 65536));
			buf_u8(&reply, 0);
			if (!strstr((const char *)reply.at, rows[k].words))
				fail_msg("%s: %s", rows[k].question, (const char *)reply.at);
		}
	OWNED_BUF struct buf reply;
	buf_init(&reply, 65536);
	assert_refused(
		facts_answer(&p->hub, "proposal", none, &reply), E_NOTFOUND, "no manifest");
	assert_refused(facts_answer(&p->hub, "weather", none, &reply), E_NOTFOUND,
		"there is no question weather");
}

static enum err
ask_document(struct hub_place *p, const char *args, struct buf *reply)
{
	OWNED(json) struct json *tree = NULL;
	assert_ok(json_parse(&tree, view_text(args), 256));
	buf_reset(reply);
	enum err e = facts_answer(&p->hub, "document", tree, reply);
	hub_abort(&p->hub);
	buf_u8(reply, 0);
	return e;
}

static void
hands_out_documents_piece_by_piece(void **state)
{
	struct hub_place *p = *state;
	size_t count;
	const struct pack_document *d = pack_documents(p->pack, &count);
	uint8_t hash[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	OWNED_BUF struct buf reply;
	buf_init(&reply, 65536);
	manifest_document_hash(hash, d[0].bytes);
	text_hex(hex, hash, sizeof(hash));
	OWNED_MEM char *whole = xasprintf("{\"hash\":\"%s\",\"from\":0}", hex);
	OWNED_MEM char *past = xasprintf("{\"hash\":\"%s\",\"from\":1000000}", hex);
	OWNED_MEM char *base64 = text_base64(d[0].bytes);
	assert_ok(ask_document(p, whole, &reply));
	assert_non_null(strstr((const char *)reply.at, base64));
	assert_ok(ask_document(p, past, &reply));
	assert_non_null(strstr((const char *)reply.at, "\"bytes\":\"\""));
	hex[0] = hex[0] == '0' ? '1' : '0';
	OWNED_MEM char *other = xasprintf("{\"hash\":\"%s\",\"from\":0}", hex);
	assert_refused(ask_document(p, other, &reply), E_NOTFOUND, "no such document");
	assert_refused(ask_document(p, "{\"hash\":\"zz\",\"from\":0}", &reply), E_FORMAT,
		"the hash is not of its form");
	assert_err(ask_document(p, "{}", &reply), E_FORMAT);
}

/* the transcript */

static void
every_field_of_the_transcript_counts(void **state)
{
	(void)state;
	union {
		struct enrolment e;
		uint8_t bytes[sizeof(struct enrolment)];
	} u = {.bytes = {0}};
	uint8_t first[HASH_BYTES], other[HASH_BYTES];
	char groups[INVITE_GROUPS_BYTES], other_groups[INVITE_GROUPS_BYTES];
	transcript_hash(first, &u.e);
	invite_groups(groups, first);
	for (size_t i = 0; i < sizeof(u.bytes); i += ID_BYTES) {
		u.bytes[i] ^= 1;
		transcript_hash(other, &u.e);
		u.bytes[i] ^= 1;
		invite_groups(other_groups, other);
		assert_memory_not_equal(first, other, HASH_BYTES);
		assert_string_not_equal(groups, other_groups);
	}
}

#define HUB_TEST(name) cmocka_unit_test_setup_teardown(name, make_hub_in_force, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(refuses_invitations_that_cannot_be),
		cmocka_unit_test_setup_teardown(refuses_invitations_before_a_study_is_in_force,
			make_hub_with_persons, drop_hub),
		HUB_TEST(the_first_request_waits_until_a_second_person_lets_it_in),
		HUB_TEST(refuses_admissions_of_nobody_of_another_and_twice),
		HUB_TEST(refuses_to_admit_after_the_invitation_ended),
		HUB_TEST(refuses_keys_that_another_node_has),
		HUB_TEST(refuses_requests_that_are_not_for_this_invitation),
		HUB_TEST(a_second_installation_is_refused_counted_and_kills_the_invitation),
		HUB_TEST(
			an_invitation_that_was_used_answers_its_own_node_only_and_however_late),
		HUB_TEST(the_gate_lets_in_nodes_and_invitations_and_no_revoked_node),
		HUB_TEST(answers_every_question_of_the_commands_also_when_the_vault_is_full),
		HUB_TEST(hands_out_documents_piece_by_piece),
		cmocka_unit_test(every_field_of_the_transcript_counts),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("enrol", tests, NULL, NULL);
}
