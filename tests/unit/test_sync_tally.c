#include "tests/unit/submit_bench.h"

#include "common/study/counts.h"
#include "node/sync_tally.h"
#include "node/vault_erase.h"

/* A person who agreed and answered in the first wave, and what they said after that. */
#define CODE      "N0001"
#define SAID_MOST 3

struct said {
	const char *level, *event, *role, *capacity; /* a level, or a consent of this event */
	const char *permits;                         /* a code; NULL: none */
};

#define CHANGE(name)                                                                           \
	{                                                                                      \
		.level = (name)                                                                \
	}
#define REAFFIRMED                                                                             \
	{                                                                                      \
		NULL, "reaffirmed", "self", "presumed", "collect-direct"                       \
	}
#define REGAINED                                                                               \
	{                                                                                      \
		NULL, "given", "self", "regained", "collect-direct"                            \
	}
#define ADVICE                                                                                 \
	{                                                                                      \
		NULL, "advice-supports", "consultee-personal", "lost-during-study", NULL       \
	}
#define AGAINST                                                                                \
	{                                                                                      \
		NULL, "advice-against", "consultee-personal", "lost-during-study", NULL        \
	}
#define REFUSED                                                                                \
	{                                                                                      \
		NULL, "refused", "self", "presumed", NULL                                      \
	}
#define GIVEN                                                                                  \
	{                                                                                      \
		NULL, "given", "self", "presumed", "collect-direct"                            \
	}
#define NARROWED                                                                               \
	{                                                                                      \
		NULL, "changed", "self", "presumed", "collect-direct"                          \
	}
#define EMPTIED                                                                                \
	{                                                                                      \
		NULL, "changed", "self", "presumed", "use-aggregate"                           \
	}

static const struct row {
	const char *name;
	struct said said[SAID_MOST];
	const char *withdrawn; /* word of DETAIL; NULL: no row */
	bool taking_part;
	enum pack_objection objection;
} rows[] = {
	{"nothing more was said", {{0}}, NULL, true, 0},
	{"no contact is no withdrawal", {CHANGE("no-further-contact")}, NULL, true, 0},
	{"no more collection", {CHANGE("no-more-collection")}, "no-more-collection", false, 0},
	{"a death is none, and ends", {CHANGE("died")}, NULL, false, 0},
	{"a death behind one", {CHANGE("no-more-collection"), CHANGE("died")},
		"no-more-collection", false, 0},
	{"a death behind who came back", {CHANGE("objection"), REAFFIRMED, CHANGE("died")},
		"objection", false, 0},
	{"an objection given back", {CHANGE("objection"), REAFFIRMED}, "objection", true, 0},
	{"can decide again", {CHANGE("capacity-lost"), REGAINED}, "capacity-lost", true, 0},
	{"nobody looked whether", {CHANGE("capacity-lost"), GIVEN}, "capacity-lost", false, 0},
	{"a consultee advises", {CHANGE("capacity-lost"), ADVICE}, "capacity-lost", true, 0},
	{"advises against", {CHANGE("capacity-lost"), AGAINST}, "capacity-lost", false, 0},
	{"a wish taken back", {CHANGE("erase"), GIVEN}, "erase", true, 0},
	{"an end for good", {CHANGE("no-more-collection"), GIVEN}, "no-more-collection", false,
		0},
	{"the furthest first", {CHANGE("no-further-use"), CHANGE("no-more-collection")},
		"no-further-use", false, 0},
	{"the furthest last", {CHANGE("no-more-collection"), CHANGE("no-further-use")},
		"no-further-use", false, 0},
	{"the furthest between",
		{CHANGE("no-more-collection"), CHANGE("erase"), CHANGE("no-further-use")},
		"erase", false, 0},
	{"as far as each other", {CHANGE("objection"), CHANGE("no-further-use")}, "objection",
		false, 0},
	{"an objection here takes less", {CHANGE("objection"), CHANGE("no-further-use")},
		"no-further-use", false, PACK_OBJECTION_COLLECTION},
	{"a refusal", {REFUSED}, "refused", false, 0},
	{"a refusal reaches further", {REFUSED, CHANGE("no-more-collection")}, "refused", false,
		0},
	{"agreed after a refusal", {REFUSED, GIVEN}, "refused", true, 0},
	{"agreed to less", {NARROWED}, "changed", true, 0},
	{"agreed to no more questions", {EMPTIED}, "changed", false, 0},
};

static void
say(struct door *d, const struct said *s)
{
	const struct wire_permission may[] = {{.code = s->permits, .permit = true}};
	struct wire_rules consent = {.kind = RULES_CONSENT,
		.captured_s = d->now_s,
		.consent = {.event = s->event,
			.grantor_role = s->role,
			.capacity = s->capacity,
			.mode = "written",
			.given_at_s = d->now_s,
			.permissions = may,
			.permission_count = s->permits ? 1 : 0}};
	if (s->level)
		put_change(d, CODE, s->level);
	else
		put_rules(d, CODE, &consent);
}

static void
add_up(struct door *d, struct sync_tally *t)
{
	const struct sync_judge j = judge_of(d);
	assert_ok(sync_tally_people(t, &j));
	sync_tally_sort(t);
}

/* The only row of this name, one person; NULL: none. */
static const char *
key_of(const struct sync_tally *t, const char *name)
{
	const char *found = NULL;
	char part[64];
	(void)snprintf(part, sizeof(part), "/%s/", name);
	for (size_t i = 0; i < t->count; i++) {
		if (!strstr(t->rows[i].key, part))
			continue;
		assert_null(found);
		assert_int_equal(t->rows[i].number, 1);
		found = t->rows[i].key;
	}
	return found;
}

static void
try_row(struct door *d, const struct row *row)
{
	OWNED_TALLY struct sync_tally t = {.rows = NULL};
	char detail[64];
	d->pack->objection = row->objection;
	agree(d, CODE, PERMIT);
	assert_outcome(d, (struct sent){.code = CODE}, SUBMIT_NEW);
	for (size_t i = 0; i < SAID_MOST && (row->said[i].level || row->said[i].event); i++) {
		d->now_s += DAY_S;
		say(d, &row->said[i]);
	}
	add_up(d, &t);
	assert_non_null(key_of(&t, COUNTS_CONSENTED));
	assert_non_null(key_of(&t, COUNTS_COMPLETED));
	const char *key = key_of(&t, COUNTS_WITHDRAWN);
	const char *last = key ? strrchr(key, '/') : NULL;
	(void)snprintf(detail, sizeof(detail), "/after-%s", row->withdrawn);
	if (row->withdrawn ? !last || strcmp(last, detail) != 0 : key != NULL)
		fail_msg("%s: withdrawn: %s", row->name, key ? key : "no row");
	if ((key_of(&t, COUNTS_SEEN_EARLIER) != NULL) != row->taking_part)
		fail_msg("%s: taking part", row->name);
}

static void
who_took_back_is_counted_by_the_furthest_and_who_came_back_takes_part(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_DOOR struct door d;
		if (i > 0) {
			assert_int_equal(drop_place(state), 0);
			assert_int_equal(make_place(state), 0);
		}
		open_door(&d, *state);
		try_row(&d, &rows[i]);
	}
}

/* Its rows are still there when the count comes in between. */
static void
who_is_being_erased_takes_no_part_and_stops_no_count(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_TALLY struct sync_tally t = {.rows = NULL};
	open_door(&d, *state);
	struct vault *v = d.place->vault;
	agree(&d, CODE, PERMIT);
	const struct vault_at agreed = AT(v, LANE_C, vault_committed(v, LANE_C).seq);
	assert_outcome(&d, (struct sent){.code = CODE}, SUBMIT_NEW);
	put_change(&d, CODE, "erase");
	assert_ok(vault_erase(v, &agreed));
	assert_ok(vault_commit(v));
	add_up(&d, &t);
	assert_non_null(key_of(&t, COUNTS_COMPLETED));
	assert_null(key_of(&t, COUNTS_SEEN_EARLIER));
}

static void
who_never_agreed_is_in_no_row(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_TALLY struct sync_tally t = {.rows = NULL};
	static const struct said refused = REFUSED;
	open_door(&d, *state);
	say(&d, &refused);
	add_up(&d, &t);
	assert_null(key_of(&t, COUNTS_CONSENTED));
	assert_null(key_of(&t, COUNTS_WITHDRAWN));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(
			who_took_back_is_counted_by_the_furthest_and_who_came_back_takes_part),
		at_a_node(who_is_being_erased_takes_no_part_and_stops_no_count),
		at_a_node(who_never_agreed_is_in_no_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
