/* Persons whom the hub names as erased, in a vault that a backup brought back; and what the
 * desk waits for then. */
#include "tests/unit/erase_bench.h"

#include "node/mark.h"
#include "node/putback.h"
#include "node/sync_named.h"
#include "node/vault_check.h"
#include "node/vault_erase.h"
#include "node/vault_prune.h"

static struct terms_gone
gone_of(struct desk_site *s, const char *code)
{
	struct terms_gone g = {.start = {1, 2, 3, 4, 5}, .stopped_s = NOW_S};
	uint8_t person[ID_BYTES];
	pseudonym_make(person, s->door.place->vault, view_text(code));
	terms_mark(g.mark, person);
	return g;
}

static struct sync_named_done
tell(struct desk_site *s, const char *code)
{
	const struct sync_judge j = judge_of(&s->door);
	const struct sync_erase_ask ask = erase_ask(s, &j);
	const struct terms_gone others[] = {{.mark = {9}}, gone_of(s, code), {.mark = {255}}};
	struct sync_named_done done;
	assert_ok(sync_named_run(&ask, others, ARRAY_LEN(others), &done));
	return done;
}

static void
assert_whole(struct desk_site *s)
{
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	assert_ok(vault_check(s->door.place->vault, true, &f, NULL));
	assert_int_equal(f.count, 0);
}

static void
who_is_named_is_deleted_once_and_nobody_else(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_BUF struct buf part;
	uint8_t instance[ID_BYTES];
	bool erased = false;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	struct vault *v = s.door.place->vault;
	buf_init(&part, TEXT_MAX);
	struct sync_named_done done = tell(&s, "N0001");
	assert_int_equal(done.deleted, 1);
	assert_int_equal(done.waiting, 0);
	const struct vault_at gone = vault_here(v, LANE_R, 2), stays = vault_here(v, LANE_R, 1);
	assert_ok(vault_is_erased(v, &gone, &erased));
	assert_true(erased);
	assert_err(vault_part(v, &gone, PART_RULES, &part), E_NOTFOUND);
	assert_ok(vault_part(v, &stays, PART_ANSWERS, &part));
	assert_err(mark_check(v, view_text("N0001")), E_DENIED);
	assert_ok(mark_check(v, view_text("N0002")));
	assert_int_equal(erase_wanted(&s), 2);
	assert_whole(&s);
	assert_int_equal(tell(&s, "N0001").deleted, 0);
	assert_ok(erase_renew(&s));
	assert_int_equal(erase_wanted(&s), 0);
}

static void
a_code_that_no_row_knows_is_refused_once_its_holder_is_named(void **state)
{
	OWNED_SITE struct desk_site s;
	erase_open_site(&s, *state);
	assert_int_equal(tell(&s, "N0009").deleted, 0);
	assert_err(mark_check(s.door.place->vault, view_text("N0009")), E_DENIED);
	assert_ok(mark_check(s.door.place->vault, view_text("N0008")));
}

static void
nobody_is_deleted_whose_entries_are_on_their_way(void **state)
{
	OWNED_SITE struct desk_site s;
	uint8_t instance[ID_BYTES];
	struct vault_mark m;
	bool erased = true;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	struct vault *v = s.door.place->vault;
	const struct vault_at at = vault_here(v, LANE_R, 2);
	assert_ok(vault_mark_get(v, LANE_C, &m));
	m.at_hub--;
	assert_ok(vault_mark_put(v, LANE_C, &m));
	assert_ok(vault_commit(v));
	struct sync_named_done done = tell(&s, "N0001");
	assert_int_equal(done.deleted, 0);
	assert_int_equal(done.waiting, 1);
	assert_ok(vault_is_erased(v, &at, &erased));
	assert_false(erased);
	assert_err(mark_check(v, view_text("N0001")), E_DENIED);
	m.at_hub++;
	assert_ok(vault_mark_put(v, LANE_C, &m));
	assert_ok(vault_commit(v));
	assert_int_equal(tell(&s, "N0001").deleted, 1);
}

static void
the_desk_waits_for_the_hub_and_for_what_it_named(void **state)
{
	OWNED_SITE struct desk_site s;
	enum putback now;
	erase_open_site(&s, *state);
	struct vault *v = s.door.place->vault;
	assert_ok(putback_check(v));
	assert_ok(putback_hear(v));
	assert_ok(putback_state(v, &now));
	assert_int_equal(now, PUTBACK_NOT);
	assert_ok(putback_begin(v));
	assert_err(putback_check(v), E_BUSY);
	assert_ok(putback_hear(v));
	assert_err(putback_check(v), E_BUSY);
	assert_ok(putback_state(v, &now));
	assert_int_equal(now, PUTBACK_HEARD);
	assert_ok(putback_end(v));
	assert_ok(putback_check(v));
	vault_abort(v);
}

/* Answers that the site may read are no burden to get rid of: nobody else shows them here. */
static void
answers_that_the_site_can_read_are_not_pruned(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_BUF struct buf part;
	uint8_t instance[ID_BYTES];
	uint64_t count = 0;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	struct vault *v = s.door.place->vault;
	const struct vault_at at = vault_here(v, LANE_R, 1);
	buf_init(&part, TEXT_MAX);
	assert_ok(vault_prune(v, 2, 10, &count));
	assert_int_equal(count, 2);
	assert_ok(vault_part(v, &at, PART_ANSWERS, &part));
	assert_ok(vault_commit(v));
	assert_whole(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_named_is_deleted_once_and_nobody_else),
		TEST(a_code_that_no_row_knows_is_refused_once_its_holder_is_named),
		TEST(nobody_is_deleted_whose_entries_are_on_their_way),
		TEST(the_desk_waits_for_the_hub_and_for_what_it_named),
		TEST(answers_that_the_site_can_read_are_not_pruned),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("named", tests, NULL, NULL);
}
