#include "tests/unit/hub_place.h"

#include "common/net/call.h"
#include "hub/ingest.h"
#include "hub/ledger_inside.h"

/* A ledger without sockets: nothing it says leaves. */
struct turn {
	struct hub_place *place;
	struct ledger ledger;
};

static enum err
carry_nothing(void *arg, struct view routing, struct view frame)
{
	(void)arg;
	(void)routing;
	(void)frame;
	return OK;
}

static int
make_turn(void **state)
{
	struct turn *t = xcalloc(1, sizeof(*t));
	void *place = NULL;
	if (make_hub_with_keeper(&place))
		return -1;
	t->place = place;
	t->ledger.hub = t->place->hub;
	t->ledger.ingest = ingest_new(&t->ledger.hub, carry_nothing, NULL);
	*state = t;
	return ledger_keep_turn(&t->ledger) ? -1 : 0;
}

static int
drop_turn(void **state)
{
	struct turn *t = *state;
	void *place = t->place;
	ledger_drop_replies(&t->ledger);
	free(t->ledger.replies);
	ingest_free(t->ledger.ingest);
	t->place->hub = t->ledger.hub;
	free(t);
	return drop_hub(&place);
}

static void
spoil(struct turn *t)
{
	ledger_note(&t->ledger, fail(E_FULL, "example"), "a frame of a node");
	assert_ok(ledger_keep_turn(&t->ledger));
}

static void
sign_manifest(struct turn *t, enum who by, const struct place_manifest *m)
{
	OWNED_BUF struct buf body, packed, reply;
	struct place_act a = {by, by, PLACE_STUDY, MANIFEST_KIND, "1", {NULL, 0}, 0, NULL};
	buf_init(&body, WIRE_MANIFEST_MAX_BYTES);
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, 65536);
	assert_ok(wire_manifest_pack(&body, &m->m));
	a.body = buf_view(&body);
	a.time_s = clock_wall_ms() / 1000;
	place_sign(t->place, &a, who_is[by].id, &packed);
	assert_ok(acts_apply(&t->ledger.hub, buf_view(&packed), a.body, &reply));
}

/* Frames behind an act share its turn; one that meets a full disk takes the act back. */
static void
a_study_that_was_not_kept_is_not_in_force(void **state)
{
	struct turn *t = *state;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	place_send_documents(t->place);
	place_manifest(t->place, 1, m);
	sign_manifest(t, OFFICER_1, m);
	assert_ok(ledger_keep_turn(&t->ledger));
	sign_manifest(t, OFFICER_2, m);
	assert_int_equal(t->ledger.hub.manifest_number, 1);
	spoil(t);
	assert_int_equal(t->ledger.hub.manifest_number, 0);
	assert_null(t->ledger.hub.pack);
	assert_null(t->ledger.hub.txn);
	sign_manifest(t, OFFICER_2, m);
	assert_ok(ledger_keep_turn(&t->ledger));
	spoil(t);
	assert_int_equal(t->ledger.hub.manifest_number, 1);
	assert_non_null(t->ledger.hub.pack);
}

static enum err
answer_at(const struct turn *t, size_t i)
{
	struct cursor c;
	return call_read_answer(buf_view(&t->ledger.replies[i].frame), &c);
}

static void
who_was_kept_is_not_told_otherwise(void **state)
{
	struct turn *t = *state;
	call_answer(ledger_add_reply(&t->ledger, t->ledger.commands, view_text("first")), OK);
	assert_ok(ledger_keep_turn(&t->ledger));
	call_answer(ledger_add_reply(&t->ledger, t->ledger.commands, view_text("second")), OK);
	spoil(t);
	assert_ok(answer_at(t, 0));
	assert_refused(answer_at(t, 1), E_FULL, "nothing was changed");
}

#define in_a_turn(test) cmocka_unit_test_setup_teardown(test, make_turn, drop_turn)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_turn(a_study_that_was_not_kept_is_not_in_force),
		in_a_turn(who_was_kept_is_not_told_otherwise),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
