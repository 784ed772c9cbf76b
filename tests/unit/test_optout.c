#include "tests/unit/keep_bench.h"

#include "common/study/pack.h"
#include "node/capture_said.h"
#include "tests/unit/pack_bench.h"

#define DAY_S 86400

/* What the national service said of N0001 that day. */
struct look {
	int64_t at_s;
	bool is_out;
};

static void
add_look(struct desk *d, struct look look)
{
	OWNED_BUF struct buf item;
	struct capture_opt_out o = {
		.code = "N0001", .said = {look.at_s, look.is_out, "MESH"}, .captured_s = NOW_S};
	buf_init(&item, ITEM_MAX_BYTES);
	person_of(d, o.code, o.participant);
	assert_ok(capture_opt_out_item(&item, &o));
	assert_ok(sync_keep_add(d->keep, 1, buf_view(&item)));
}

/* The support is in force as one of the papers of the bench. */
static void
open_without(struct desk *d, struct place *p)
{
	open_desk(d, p);
	pack_free(d->pack);
	d->pack = pack_bench_sound(pack_bench_without);
	d->terms.approvals[TERMS_BENCH_COUNT - 1].kind = "cag";
}

static void
assert_refused(struct desk *d, const char *words)
{
	struct sync_kept kept;
	assert_err(apply(d, &kept), E_DENIED);
	if (!strstr(err_text(), words))
		fail_msg("%s", err_text());
}

static void
a_record_without_consent_needs_a_look_that_found_nothing(void **state)
{
	static const struct {
		struct look look;  /* at_s 0: none */
		const char *words; /* "": it is kept */
	} rows[] = {
		{{0, false}, "R12: the national opt-out was not checked"},
		{{LATER_S - 30 * DAY_S, false},
			"R12: the last check of the national opt-out is too"},
		{{NOW_S - 10 * DAY_S, true}, "R12: the person has opted out"},
		{{NOW_S - 9 * DAY_S, false}, ""},
	};
	const struct row bare = {"N0001", "30", false, NULL};
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_without(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].look.at_s) {
			add_look(&d, rows[i].look);
			assert_ok(apply(&d, &kept));
			assert_int_equal(kept.entries, 1);
		}
		add(&d, bare);
		if (*rows[i].words)
			assert_refused(&d, rows[i].words);
		else
			assert_ok(apply(&d, &kept));
	}
	assert_entries(&d, 4, 1);
}

static void
a_look_just_within_the_time_counts(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_without(&d, *state);
	add_look(&d, (struct look){LATER_S - 30 * DAY_S + 1, false});
	add(&d, (struct row){"N0001", "30", false, NULL});
	assert_ok(apply(&d, &kept));
	assert_entries(&d, 2, 1);
}

static void
who_agrees_needs_no_look_and_stays_whatever_it_found(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_without(&d, *state);
	add_look(&d, (struct look){NOW_S - DAY_S, true});
	add(&d, (struct row){"N0001", "30", true, NULL});
	add(&d, (struct row){"N0002", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	assert_entries(&d, 5, 2);
}

static void
a_look_of_a_day_to_come_or_behind_a_later_one_is_refused(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_without(&d, *state);
	add_look(&d, (struct look){LATER_S + 1, false});
	assert_refused(&d, "on a day that is to come");
	add_look(&d, (struct look){LATER_S, false});
	assert_ok(apply(&d, &kept));
	add_look(&d, (struct look){LATER_S - 1, true});
	assert_refused(&d, "a later look at the opt-out is on file");
	add_look(&d, (struct look){LATER_S, true});
	assert_ok(apply(&d, &kept));
}

static void
a_study_by_consent_takes_no_look(void **state)
{
	OWNED_DESK struct desk d;
	open_desk(&d, *state);
	add_look(&d, (struct look){NOW_S, false});
	assert_refused(&d, "the study rests on consent");
}

/* As many as may come take no room from what the person says. */
static void
the_last_look_is_the_one_that_stands(void **state)
{
	OWNED_DESK struct desk d;
	OWNED(sync_consents) struct sync_consents *p = NULL;
	uint8_t person[ID_BYTES];
	struct sync_kept kept;
	open_without(&d, *state);
	for (int64_t i = 10; i >= 1; i--)
		add_look(&d, (struct look){NOW_S - i * DAY_S, i == 1});
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	person_of(&d, "N0001", person);
	assert_ok(sync_consents_read(&p, d.place->vault, person));
	assert_int_equal(p->part_count, 1);
	assert_true(p->has_opt_out && p->opt_out.opted_out);
	assert_int_equal(p->opt_out.checked_ms, (NOW_S - DAY_S) * INT64_C(1000));
}

static void
add_part(struct sync_consents *p, struct wire_rules r, enum err wanted)
{
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	memset(r.salt, 1, sizeof(r.salt));
	memset(r.instance, 2, sizeof(r.instance));
	memset(r.participant, 3, sizeof(r.participant));
	assert_ok(wire_rules_pack(&part, &r));
	assert_int_equal(sync_consents_add(p, buf_view(&part)), wanted);
}

static void
a_look_takes_no_room_from_the_last_version_of_a_consent(void **state)
{
	const struct wire_rules version = {
		.kind = RULES_CONSENT, .consent = {.event = "refused", .given_at_s = NOW_S}};
	const struct wire_rules look = {
		.kind = RULES_OPT_OUT, .opt_out = {.checked_at_s = NOW_S, .source = "MESH"}};
	OWNED(sync_consents) struct sync_consents *p = xcalloc(1, sizeof(*p));
	(void)state;
	for (size_t i = 0; i < SYNC_CONSENTS_MAX_COUNT; i++)
		add_part(p, version, OK);
	add_part(p, look, OK);
	assert_true(p->has_opt_out);
	add_part(p, version, E_FULL);
	assert_int_equal(p->part_count, SYNC_CONSENTS_MAX_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_record_without_consent_needs_a_look_that_found_nothing),
		at_a_node(a_look_just_within_the_time_counts),
		at_a_node(who_agrees_needs_no_look_and_stays_whatever_it_found),
		at_a_node(a_look_of_a_day_to_come_or_behind_a_later_one_is_refused),
		at_a_node(a_study_by_consent_takes_no_look),
		at_a_node(the_last_look_is_the_one_that_stands),
		cmocka_unit_test(a_look_takes_no_room_from_the_last_version_of_a_consent),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("optout", tests, NULL, NULL);
}
