#include "tests/unit/submit_bench.h"

#include "common/codec/json.h"
#include "common/codec/wire_rules.h"
#include "common/study/receipt.h"
#include "node/sync_needs.h"

#define HOLDS_COUNT 25
#define SHOWN_COUNT 20

struct asked {
	struct json *tree;
	const struct json *terms;
};

static void
asked_done(struct asked *a)
{
	json_free(a->tree);
}
#define OWNED_ASKED OWNED_BY(asked_done)

/* What status says of the terms. */
static void
ask(struct door *d, struct asked *ret)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	const struct sync_judge j = judge_of(d);
	buf_init(&out, REQUEST_MAX);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	assert_ok(sync_needs_write(&j, &w));
	json_put_close(&w);
	assert_ok(json_end(&w, "status"));
	assert_ok(json_parse(&ret->tree, buf_view(&out), REQUEST_MAX));
	assert_ok(json_get_object(ret->tree, "terms", &ret->terms));
}

static size_t
confirm_count(struct door *d)
{
	OWNED_ASKED struct asked a = {NULL, NULL};
	const struct json *list = NULL;
	ask(d, &a);
	assert_ok(json_get_array(a.terms, "confirm", HOLDS_COUNT, &list));
	return json_count(list);
}

struct said {
	const char *code, *level;
	int64_t given_s;
};

/* A change of the person; its instance is what the receipt is of. */
static void
change(struct door *d, const struct said *s, uint8_t ret_instance[static ID_BYTES])
{
	OWNED_BUF struct buf part;
	OWNED_ITEM struct sync_item t = {.entry_count = 1};
	struct wire_rules rules = {.kind = RULES_CHANGE,
		.captured_s = d->now_s,
		.consent = {.event = "changed",
			.level = (char *)(uintptr_t)s->level,
			.given_at_s = s->given_s}};
	buf_init(&t.changed_rules, 1);
	buf_init(&t.roots, 1);
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	person_of(d, s->code, rules.participant);
	crypto_random(rules.salt, sizeof(rules.salt));
	crypto_random(rules.instance, sizeof(rules.instance));
	memcpy(ret_instance, rules.instance, ID_BYTES);
	assert_ok(wire_rules_pack(&part, &rules));
	assert_ok(wire_rules_unpack(&t.entries[0].rules, buf_view(&part)));
	t.entries[0].lane = LANE_C;
	t.entries[0].part_count = 1;
	t.entries[0].parts[0] = (struct entry_part){PART_RULES, buf_view(&part)};
	assert_ok(sync_item_put(d->place->vault, &t));
	assert_ok(vault_commit(d->place->vault));
}

static void
whom_the_site_is_asked_about_until_it_has_said_something_since(void **state)
{
	static const struct {
		struct said said;
		size_t asked; /* still */
	} rows[] = {
		{{"N0001", "no-further-contact", NOW_S - 2}, 1}, /* before the hold */
		{{"N0002", "no-further-contact", NOW_S}, 0},
		/* nobody can be asked any more */
		{{"N0003", WIRE_LEVEL_DIED, NOW_S - (int64_t)9 * DAY_S}, 0},
	};
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct said before = {
			rows[i].said.code, "no-further-contact", NOW_S - (int64_t)30 * DAY_S};
		uint8_t first[ID_BYTES], second[ID_BYTES];
		struct terms_hold hold = {.placed_s = NOW_S - 1};
		change(&d, &before, first);
		receipt_number(hold.number, first);
		d.terms.terms.holds = &hold;
		d.terms.terms.hold_count = 1;
		assert_int_equal(confirm_count(&d), 1);
		change(&d, &rows[i].said, second);
		if (confirm_count(&d) != rows[i].asked)
			fail_msg("row %zu", i);
	}
}

static void
who_is_not_shown_is_counted(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_ASKED struct asked a = {NULL, NULL};
	struct terms_hold holds[HOLDS_COUNT];
	int64_t more = 0;
	open_door(&d, *state);
	for (size_t i = 0; i < HOLDS_COUNT; i++) {
		const uint8_t instance[ID_BYTES] = {(uint8_t)i, 1};
		holds[i].placed_s = NOW_S;
		receipt_number(holds[i].number, instance);
	}
	d.terms.terms.holds = holds;
	d.terms.terms.hold_count = HOLDS_COUNT;
	assert_int_equal(confirm_count(&d), SHOWN_COUNT);
	ask(&d, &a);
	assert_ok(json_get_int(a.terms, "confirm_more", 0, HOLDS_COUNT, &more));
	assert_int_equal(more, HOLDS_COUNT - SHOWN_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(whom_the_site_is_asked_about_until_it_has_said_something_since),
		at_a_node(who_is_not_shown_is_counted),
	};
	return cmocka_run_group_tests_name("sync_needs", tests, NULL, NULL);
}
