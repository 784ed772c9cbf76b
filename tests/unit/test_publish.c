#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/trust/card.h"
#include "common/trust/manifest.h"
#include "hub/study.h"
#include "tests/unit/hub_place.h"

enum manifest_fault {
	WRONG_NUMBER,
	WRONG_ID,
	WRONG_PREVIOUS,
	OTHER_STUDY,
	OTHER_LEDGER_KEY,
	OTHER_RELEASE_KEY,
	OTHER_INTAKE,
	NOT_SENT,
	WRONG_LENGTH,
	WITHOUT_RULES,
};

static const struct {
	enum manifest_fault fault;
	enum err code;
	const char *words;
} bad_manifests[] = {
	{WRONG_NUMBER, E_CONFLICT, "the next one is 1, not 2"},
	{WRONG_ID, E_FORMAT, "number"},
	{OTHER_STUDY, E_DENIED, "this hub serves " PLACE_STUDY},
	{OTHER_LEDGER_KEY, E_DENIED, "other keys than this hub's"},
	{OTHER_RELEASE_KEY, E_DENIED, "other keys than this hub's"},
	{OTHER_INTAKE, E_DENIED, "other keys than this hub's"},
	{NOT_SENT, E_NOTFOUND, "which was not sent"},
	{WRONG_LENGTH, E_FORMAT, "of another length"},
	{WITHOUT_RULES, E_FORMAT, "rules.ini"},
};

static void
leave_out(struct place_manifest *m, const char *name)
{
	size_t kept = 0;
	for (size_t i = 0; i < m->m.document_count; i++)
		if (strcmp(m->documents[i].name, name) != 0)
			m->documents[kept++] = m->documents[i];
	m->m.document_count = kept;
}

static void
spoil(struct place_manifest *m, enum manifest_fault fault)
{
	switch (fault) {
	case WRONG_NUMBER:
		m->m.number = 2;
		memset(m->m.previous, 1, HASH_BYTES);
		break;
	case WRONG_PREVIOUS:
		m->m.previous[0] ^= 1;
		break;
	case OTHER_STUDY:
		(void)snprintf(m->m.study, sizeof(m->m.study), "other-study");
		break;
	case OTHER_LEDGER_KEY:
		m->m.ledger_public[0] ^= 1;
		break;
	case OTHER_RELEASE_KEY:
		m->m.release_public[0] ^= 1;
		break;
	case OTHER_INTAKE:
		m->intake.public[0] ^= 1;
		break;
	case NOT_SENT:
		m->documents[0].hash[0] ^= 1;
		break;
	case WRONG_LENGTH:
		m->documents[0].length++;
		break;
	case WITHOUT_RULES:
		leave_out(m, "rules.ini");
		break;
	case WRONG_ID:
		break;
	}
}

static void
refuses_manifests_that_nodes_would_not_take(void **state)
{
	struct hub_place *p = *state;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	place_send_documents(p);
	for (size_t i = 0; i < ARRAY_LEN(bad_manifests); i++) {
		bool id = bad_manifests[i].fault == WRONG_ID;
		place_manifest(p, 1, m);
		spoil(m, bad_manifests[i].fault);
		assert_refused(place_sign_manifest(
				       p, OFFICER_1, m->m.number == 2 || id ? "2" : "1", m),
			bad_manifests[i].code, bad_manifests[i].words);
	}
	assert_int_equal(p->hub.manifest_number, 0);
}

static void
a_manifest_is_put_in_force_by_a_second_officer(void **state)
{
	struct hub_place *p = *state;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	place_send_documents(p);
	place_manifest(p, 1, m);
	assert_ok(place_sign_manifest(p, OFFICER_1, "1", m));
	assert_int_equal(p->hub.manifest_number, 0);
	assert_refused(place_sign_manifest(p, OFFICER_1, "1", m), E_DENIED,
		"officer-1 proposed the manifest and cannot verify it");
	assert_ok(place_sign_manifest(p, OFFICER_2, "1", m));
	assert_int_equal(p->hub.manifest_number, 1);
	assert_true(study_has_site(&p->hub, "norway"));
}

static void
the_next_manifest_follows_the_one_in_force(void **state)
{
	struct hub_place *p = *state;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	place_publish(p);
	place_manifest(p, 2, m);
	spoil(m, WRONG_PREVIOUS);
	assert_refused(
		place_sign_manifest(p, OFFICER_1, "2", m), E_CONFLICT, "does not follow");
	place_manifest(p, 2, m);
	assert_ok(place_sign_manifest(p, OFFICER_2, "2", m));
	assert_ok(place_sign_manifest(p, OFFICER_1, "2", m));
	assert_int_equal(p->hub.manifest_number, 2);
}

/* The act refuses such a card; who owns the vault's key could put it there. */
static void
put_card(struct hub_place *p, const struct wire_card *c)
{
	OWNED_BUF struct buf card, row;
	struct vault_txn *t = NULL;
	buf_init(&card, WIRE_SIGNED_MAX_BYTES);
	buf_init(&row, ROW_MAX_BYTES);
	assert_ok(card_make(&card, c, p->sign[ROOT]));
	buf_u8(&row, ROW_VERSION);
	buf_blob(&row, buf_view(&card));
	buf_u64(&row, 0);
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(vault_put_new(t, VAULT_PERSONS, view_text(c->person), buf_view(&row)));
	assert_ok(hub_commit(&p->hub));
}

static void
two_officers_with_one_key_are_one_person(void **state)
{
	struct hub_place *p = *state;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	OWNED_BUF struct buf bytes;
	struct wire_card c = place_card(p, OFFICER_1);
	buf_init(&bytes, WIRE_MANIFEST_MAX_BYTES);
	(void)snprintf(c.person, sizeof(c.person), "officer-3");
	put_card(p, &c);
	place_send_documents(p);
	place_manifest(p, 1, m);
	assert_ok(place_sign_manifest(p, OFFICER_1, "1", m));
	assert_ok(wire_manifest_pack(&bytes, &m->m));
	struct place_act a = {OFFICER_1, OFFICER_1, PLACE_STUDY, MANIFEST_KIND, "1",
		buf_view(&bytes), PLACE_NOW_S, NULL};
	assert_refused(place_submit_act(p, &a, "officer-3"), E_DENIED, "one person");
	assert_int_equal(p->hub.manifest_number, 0);
}

static void
a_node_can_open_what_is_offered_and_the_hub_finds_it_at_its_next_start(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf bytes;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	struct manifest_known known = {.study = PLACE_STUDY};
	struct vault_txn *t = NULL;
	struct sync_offer offer;
	uint8_t hash[HASH_BYTES];
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	place_publish(p);
	place_close_hub(p);
	place_open_hub(p);
	assert_false(study_has_site(&p->hub, "norway"));
	assert_ok(study_load(&p->hub));
	assert_true(study_has_site(&p->hub, "norway"));
	assert_ok(study_offer(&p->hub, &offer));
	assert_int_equal(offer.number, 1);
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(vault_get(t, VAULT_DOCUMENTS, view_of(offer.hash, HASH_BYTES), &bytes));
	card_root_hash(known.root_hash, p->public[ROOT]);
	assert_ok(manifest_open(&m, hash, buf_view(&bytes), &known));
	assert_int_equal(m->number, 1);
}

static void
a_turn_that_was_aborted_leaves_no_study_in_force(void **state)
{
	struct hub_place *p = *state;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	OWNED_BUF struct buf bytes, packed, reply;
	buf_init(&bytes, WIRE_MANIFEST_MAX_BYTES);
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, 4096);
	place_send_documents(p);
	place_manifest(p, 1, m);
	assert_ok(place_sign_manifest(p, OFFICER_1, "1", m));
	assert_ok(wire_manifest_pack(&bytes, &m->m));
	struct place_act a = {OFFICER_2, OFFICER_2, PLACE_STUDY, MANIFEST_KIND, "1",
		buf_view(&bytes), PLACE_NOW_S, NULL};
	place_sign(p, &a, "officer-2", &packed);
	assert_ok(acts_apply(&p->hub, buf_view(&packed), buf_view(&bytes), &reply));
	assert_true(study_has_site(&p->hub, "norway"));
	hub_abort(&p->hub);
	assert_ok(audit_aborted(p->hub.audit));
	assert_ok(study_load(&p->hub));
	assert_int_equal(p->hub.manifest_number, 0);
	assert_false(study_has_site(&p->hub, "norway"));
}

#define HUB_TEST(name) cmocka_unit_test_setup_teardown(name, make_hub_with_keeper, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(refuses_manifests_that_nodes_would_not_take),
		HUB_TEST(a_manifest_is_put_in_force_by_a_second_officer),
		HUB_TEST(the_next_manifest_follows_the_one_in_force),
		HUB_TEST(two_officers_with_one_key_are_one_person),
		HUB_TEST(
			a_node_can_open_what_is_offered_and_the_hub_finds_it_at_its_next_start),
		HUB_TEST(a_turn_that_was_aborted_leaves_no_study_in_force),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
