#include "tests/unit/release_bench.h"

#include "hub/freeze.h"
#include "hub/leaving.h"
#include "hub/lineage_row.h"

#define PROPOSAL(id, sites)                                                                    \
	"{\"id\":\"" id "\",\"indicators\":[\"W01\"],\"purpose\":\"example\",\"wave\":1"       \
	",\"sites\":\"" sites "\"}"
#define TODAY "2026-11-22"

/* ---- what is recorded ---- */

static void
record_merger(struct release_bench *b, const char *day, const char *left, const char *right)
{
	struct vault_txn *t = NULL;
	struct lineage_row r = {.by = "researcher-1",
		.change = {.kind = LINEAGE_MERGE,
			.from_count = 2,
			.into = {"usa"},
			.into_count = 1}};
	(void)snprintf(r.change.day, sizeof(r.change.day), "%s", day);
	(void)snprintf(r.change.from[0], LINEAGE_ID_BYTES, "%s", left);
	(void)snprintf(r.change.from[1], LINEAGE_ID_BYTES, "%s", right);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(lineage_row_add(t, &r));
	assert_ok(hub_commit(&b->place->hub));
}

static void
record_leaving(struct release_bench *b, const char *site, enum leaving_data data)
{
	struct vault_txn *t = NULL;
	struct leaving l = {.number = 1,
		.data = data,
		.day = TODAY,
		.by = "researcher-1",
		.agreed_by = "overseer-1"};
	(void)snprintf(l.site, sizeof(l.site), "%s", site);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(leaving_put(t, &l));
	assert_ok(hub_commit(&b->place->hub));
}

static enum err
propose(struct release_bench *b, const char *id, const char *body)
{
	return bench_submit(b, AUTHOR, "release-propose", id, view_text(body));
}

static const char *
as_of(const struct cohort *c, const char *site)
{
	for (size_t i = 0; i < c->site_count; i++)
		if (strcmp(c->sites[i].id, site) == 0)
			return c->as ? c->as[i].as : site;
	return "";
}

/* ---- the cohort ---- */

static void
a_cohort_says_for_whom_each_site_counts(void **state)
{
	struct release_bench *b = *state;
	record_merger(b, "2026-03-01", "norway", "sweden");
	assert_refused(propose(b, "r1", PROPOSAL("r1", "yesterday")), E_FORMAT, "as-of");
	assert_ok(propose(b, "r1", PROPOSAL("r1", "as-of:2026-03-01")));
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	assert_string_equal(c->view, "as-of:2026-03-01");
	assert_string_equal(as_of(c, "norway"), "usa");
	assert_string_equal(as_of(c, "sweden"), "usa");
	assert_string_equal(as_of(c, "australia"), "australia");
	assert_int_equal(bitmap_count(c->members), 2 * PEOPLE_COUNT);
}

static void
a_cohort_without_a_view_is_as_it_always_was(void **state)
{
	struct release_bench *b = *state;
	record_merger(b, "2026-03-01", "norway", "sweden");
	assert_ok(propose(b, "r1", PROPOSAL("r1", "recorded")));
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	assert_null(c->as);
	assert_string_equal(as_of(c, "norway"), "norway");
}

/* ---- one cut of a wave ---- */

/* What one of two tables hides could be worked out from both, and each is judged alone. */
static void
a_wave_whose_tables_hide_anything_is_released_by_one_cut_only(void **state)
{
	struct release_bench *b = *state;
	record_merger(b, "2026-03-01", "norway", "sweden");
	assert_ok(propose(b, "r1", PROPOSAL("r1", "recorded")));
	assert_ok(propose(b, "r2", PROPOSAL("r2", "recorded")));
	assert_ok(propose(b, "r3", PROPOSAL("r3", "as-of:2026-02-28"))); /* the same cut */
	assert_refused(propose(b, "r4", PROPOSAL("r4", "as-of:2026-03-01")), E_DENIED,
		"names its sites otherwise");
	assert_refused(propose(b, "r4", PROPOSAL("r4", "lineage")), E_DENIED, "worked out");
}

static void
a_wave_whose_tables_hide_nothing_may_be_cut_in_every_way(void **state)
{
	struct release_bench *b = *state;
	record_merger(b, "2026-03-01", "norway", "sweden");
	b->place->hub.pack->profile.count_min = 0;
	b->place->hub.pack->profile.complementary = false;
	assert_ok(propose(b, "r1", PROPOSAL("r1", "recorded")));
	assert_ok(propose(b, "r2", PROPOSAL("r2", "as-of:2026-03-01")));
	assert_ok(propose(b, "r3", PROPOSAL("r3", "lineage")));
}

/* ---- until it is published ---- */

static enum err
holds(struct release_bench *b)
{
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	const struct freeze_use use = {.true_at_ms = clock_wall_ms(),
		.author = "author-1",
		.role = "researcher",
		.purpose = "example"};
	const enum err e = freeze_holds(&b->place->hub, c, &use);
	hub_abort(&b->place->hub);
	return e;
}

static void
what_is_recorded_of_sites_since_the_freeze_stops_the_release(void **state)
{
	struct release_bench *b = *state;
	record_merger(b, "2026-03-01", "norway", "sweden");
	assert_ok(propose(b, "r1", PROPOSAL("r1", "as-of:2026-10-01")));
	assert_ok(holds(b));
	record_merger(b, "2026-09-01", "australia", "usa");
	assert_refused(holds(b), E_CONFLICT, "a change of sites");
}

static void
what_happens_to_sites_after_the_day_of_a_view_does_not_stop_it(void **state)
{
	struct release_bench *b = *state;
	record_merger(b, "2026-03-01", "norway", "sweden");
	assert_ok(propose(b, "r1", PROPOSAL("r1", "as-of:2026-10-01")));
	record_merger(b, "2026-12-01", "australia", "usa");
	assert_ok(holds(b));
}

/* D-15: later totals follow the choice; what was frozen before is not released after it. */
static void
d15_what_was_frozen_goes_on_only_if_the_data_of_who_left_are_kept(void **state)
{
	struct release_bench *b = *state;
	assert_ok(propose(b, "r1", PROPOSAL("r1", "recorded")));
	record_leaving(b, "sweden", LEAVING_KEEP);
	assert_ok(holds(b));
	record_leaving(b, "sweden", LEAVING_STOP);
	assert_refused(holds(b), E_CONFLICT, "changed since the freeze");
}

static void
d15_a_site_whose_data_are_not_used_is_not_in_the_wave(void **state)
{
	struct release_bench *b = *state;
	record_leaving(b, "sweden", LEAVING_ERASE);
	assert_ok(propose(b, "r1", PROPOSAL("r1", "recorded")));
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	assert_int_equal(bitmap_count(c->members), PEOPLE_COUNT);
	for (size_t i = 0; i < c->site_count; i++)
		assert_int_equal(c->sites[i].state, strcmp(c->sites[i].id, "norway") == 0
							    ? SITE_TAKES_PART
							    : SITE_NOT_IN_WAVE);
}

/* ---- the keeper ---- */

static enum err
check_warrant(struct release_bench *b, struct warrant **ret)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	const struct hub *h = &b->place->hub;
	OWNED(keeperkey)
	struct keeperkey *keys = keeperkey_new(h->root_public, b->place->keys->log_public);
	struct warrant_task task;
	struct cursor c;
	uint16_t verb;
	assert_ok(call_read(buf_view(&b->task), &verb, &c));
	assert_ok(warrant_task_read(&c, &task));
	assert_ok(vault_snapshot(&t, h->vault));
	const struct warrant_known known = {PLACE_STUDY, PLACE_ORIGIN, keys, t};
	return warrant_check(ret, &task, &known);
}

static void
the_keeper_works_the_cut_out_itself(void **state)
{
	struct release_bench *b = *state;
	OWNED(warrant) struct warrant *good = NULL, *bad = NULL;
	record_merger(b, "2026-03-01", "norway", "sweden");
	assert_ok(propose(b, "r1", PROPOSAL("r1", "lineage")));
	bench_checkpoint(b);
	bench_open_keeper(b);
	assert_ok(check_warrant(b, &good));
	assert_string_equal(good->cut->view, "lineage");
	assert_int_equal(good->cut->printed_count, 2);
	assert_string_equal(good->cut->printed[1].id, "norway+sweden+usa");
	record_merger(b, "2026-05-01", "australia", "usa");
	assert_refused(check_warrant(b, &bad), E_CONFLICT, "count for others");
}

#define on_a_bench(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, make_release_bench, drop_release_bench)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_a_bench(a_cohort_says_for_whom_each_site_counts),
		on_a_bench(a_cohort_without_a_view_is_as_it_always_was),
		on_a_bench(a_wave_whose_tables_hide_anything_is_released_by_one_cut_only),
		on_a_bench(a_wave_whose_tables_hide_nothing_may_be_cut_in_every_way),
		on_a_bench(what_is_recorded_of_sites_since_the_freeze_stops_the_release),
		on_a_bench(what_happens_to_sites_after_the_day_of_a_view_does_not_stop_it),
		on_a_bench(d15_what_was_frozen_goes_on_only_if_the_data_of_who_left_are_kept),
		on_a_bench(d15_a_site_whose_data_are_not_used_is_not_in_the_wave),
		on_a_bench(the_keeper_works_the_cut_out_itself),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
