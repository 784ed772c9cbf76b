#include "tests/unit/hub_place.h"

#include "hub/forward_erase.h"

#define ROOM_BYTES ((size_t)1 << 20)
#define ROW_BYTES  65536

static struct forward *
journal_of(const struct hub_place *p)
{
	return audit_forward(p->hub.audit);
}

/* An example person's wish, as it stands. */
static struct forward_erasure
wish_of(uint8_t who)
{
	struct forward_erasure e = {.stopped_s = PLACE_NOW_S, .site = "norway"};
	memset(e.participant, who, sizeof(e.participant));
	memset(e.receipt, who, sizeof(e.receipt));
	return e;
}

static void
note(struct hub_place *p, const struct forward_erasure *e)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn_reserve(&p->hub, &t));
	forward_note_erasure(journal_of(p), e);
}

static const struct forward_erasure *
found(const struct hub_place *p, uint8_t who)
{
	const struct forward_erasure e = wish_of(who);
	return forward_erasure_of(journal_of(p), e.participant);
}

static void
commit(struct hub_place *p)
{
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
}

static void
open_again(struct hub_place *p)
{
	place_close_hub(p);
	place_open_hub(p);
}

/* commits that fail */

/* More than the vault may hold, so that the commit is refused. */
static void
overfill(struct hub_place *p)
{
	OWNED_MEM uint8_t *row = xcalloc(1, ROW_BYTES);
	enum err e = OK;
	for (uint8_t i = 0; !e && i < 4 * ROOM_BYTES / ROW_BYTES; i++) {
		const uint8_t key[] = {'x', i};
		e = vault_put(p->hub.txn, VAULT_META, view_of(key, sizeof(key)),
			view_of(row, ROW_BYTES));
	}
}

static void
what_a_refused_commit_would_have_done_is_not_done_at_the_next_start(void **state)
{
	struct hub_place *p = *state;
	struct forward_erasure first = wish_of(1), second = wish_of(2);
	struct vault_txn *t = NULL;
	note(p, &first);
	commit(p);
	p->limit_bytes = ROOM_BYTES;
	open_again(p);
	const uint64_t bytes = forward_bytes(journal_of(p)), turn = forward_turn(journal_of(p));
	assert_ok(hub_txn(&p->hub, &t));
	first.begun_s = PLACE_NOW_S;
	note(p, &first);
	overfill(p);
	assert_err(hub_commit(&p->hub), E_FULL);
	assert_int_equal(forward_bytes(journal_of(p)), bytes);
	assert_int_equal(forward_turn(journal_of(p)), turn);
	assert_int_equal(found(p, 1)->begun_s, 0);
	note(p, &second);
	commit(p);
	open_again(p);
	assert_int_equal(found(p, 1)->begun_s, 0);
	assert_non_null(found(p, 2));
	open_again(p);
	assert_non_null(found(p, 2));
}

/* crashes between the journal and the vault */

/* The turn's item is in the journal, the vault's commit never came. */
static void
crash(struct hub_place *p)
{
	OWNED_MEM char *keep = xasprintf("cp '%s/journal/journal' '%s/j'", p->dir, p->dir);
	OWNED_MEM char *back = xasprintf("mv '%s/j' '%s/journal/journal'", p->dir, p->dir);
	assert_ok(p->hub.keep(p->hub.keep_arg, p->hub.txn));
	assert_int_equal(system(keep), 0);
	place_close_hub(p);
	assert_int_equal(system(back), 0);
	place_open_hub(p);
}

static void
note_withdrawal(struct hub_place *p)
{
	const struct forward_withdrawal w = {.participant = {7}, .level = "no-further-use"};
	forward_note_withdrawal(journal_of(p), &w);
}

static void
a_decision_that_a_crash_cut_off_is_made_again_by_a_person(void **state)
{
	static const struct {
		const char *name;
		int64_t begun_before_s, begun_s, refused_s, gone_s;
		bool crashes;
		bool stays; /* decided */
	} rows[] = {
		{"granted", 0, 5, 0, 0, true, false},
		{"refused", 0, 0, 5, 0, true, false},
		{"granted and committed", 0, 5, 0, 0, false, true},
		{"granted before", 5, 5, 0, 0, true, true},
		{"gone", 5, 5, 0, 6, true, true},
	};
	struct hub_place *p = *state;
	for (uint8_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct forward_erasure e = wish_of((uint8_t)(i + 1));
		e.begun_s = rows[i].begun_before_s;
		note(p, &e);
		commit(p);
		e.begun_s = rows[i].begun_s;
		e.refused_s = rows[i].refused_s;
		e.gone_s = rows[i].gone_s;
		(void)snprintf(e.by, sizeof(e.by), "officer-1");
		note(p, &e);
		note_withdrawal(p);
		if (rows[i].crashes)
			crash(p);
		else
			commit(p);
		open_again(p);
		const struct forward_erasure *is = found(p, (uint8_t)(i + 1));
		size_t withdrawals;
		(void)forward_withdrawals(journal_of(p), &withdrawals);
		if ((is->begun_s || is->refused_s) != rows[i].stays ||
			(is->by[0] != '\0') != rows[i].stays)
			fail_msg("%s: decided or not", rows[i].name);
		if (withdrawals != (size_t)i + 1)
			fail_msg("%s: a withdrawal is lost", rows[i].name);
		if (!is->stopped_s || strcmp(is->site, "norway") != 0)
			fail_msg("%s: the wish is lost", rows[i].name);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_hub, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_a_refused_commit_would_have_done_is_not_done_at_the_next_start),
		CASE(a_decision_that_a_crash_cut_off_is_made_again_by_a_person),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
