#include "tests/unit/suite.h"

#include "common/study/receipt.h"
#include "hub/hold.h"
#include "hub/leaving.h"
#include "hub/lineage_row.h"
#include "hub/record.h"
#include "hub/unsaid_leaf.h"
#include "hub/vault_scan.h"
#include "tests/unit/judge_bench.h"

#define TODAY            "2026-11-22"
#define PERSON           1
#define CONSENT_INSTANCE 1
#define OVERSEER         "overseer-1"

/* ---- the place ---- */

static struct vault_txn *
turn(struct bench *b)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	return t;
}

static void
copy_vault(struct bench *b)
{
	OWNED_MEM char *copy = xasprintf("%s/copy", b->place->dir);
	assert_ok(vault_copy(b->place->hub.vault, copy));
}

static void
open_again(struct bench *b)
{
	place_close_hub(b->place);
	place_open_hub(b->place);
	assert_ok(study_load(&b->place->hub));
}

/* The vault is as it was when it was copied, and the journal as it is. */
static void
swap_vault(struct bench *b)
{
	const char *dir = b->place->dir;
	OWNED_MEM char *swap =
		xasprintf("rm -r '%s/vault' && mv '%s/copy' '%s/vault'", dir, dir, dir);
	place_close_hub(b->place);
	assert_int_equal(system(swap), 0);
	place_open_hub(b->place);
	assert_ok(study_load(&b->place->hub));
}

/* As the ledger starts: its first leaf takes the place of one that was lost. */
static void
start(struct bench *b)
{
	static unsigned starts;
	char id[32];
	(void)snprintf(id, sizeof(id), "start-%u", starts++);
	const struct leaf l = {.id = id,
		.action = "hub-started",
		.actor = "ledger",
		.t_s = PLACE_NOW_S / 60 * 60};
	assert_ok(audit_add(b->place->hub.audit, turn(b), &l, NULL));
	assert_ok(unsaid_leaf_start(&b->place->hub));
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
	assert_ok(audit_publish(b->place->hub.audit));
}

/* Every leaf of the action; *ret_last is the place of the last. */
static size_t
leaves_of(struct bench *b, const char *action, uint64_t *ret_last)
{
	size_t found = 0;
	for (uint64_t i = 0; i < audit_size(b->place->hub.audit); i++) {
		OWNED(json) struct json *tree = NULL;
		OWNED_BUF struct buf bytes;
		struct leaf leaf;
		buf_init(&bytes, LEAF_MOST_BYTES);
		assert_ok(audit_leaf(turn(b), i, &bytes));
		assert_ok(leaf_parse(&leaf, &tree, buf_view(&bytes)));
		if (strcmp(leaf.action, action) != 0)
			continue;
		found++;
		*ret_last = i;
	}
	return found;
}

/* ---- acts ---- */

static void
bring_person(struct bench *b)
{
	struct wire_rules consent = node_consent(PERSON, CONSENT_INSTANCE),
			  record = node_record(PERSON, CONSENT_INSTANCE + 1);
	bench_open_sites(b);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
}

static void
say_of_hold(struct bench *b, enum who by, const char *kind, const char *more)
{
	OWNED_BUF struct buf body;
	char number[RECEIPT_BYTES];
	uint8_t instance[WIRE_ID_BYTES];
	memset(instance, CONSENT_INSTANCE, sizeof(instance));
	receipt_number(number, instance);
	buf_init(&body, 256);
	buf_format(&body, "{\"receipt\":\"%s\"%s}", number, more);
	assert_ok(place_submit(b->place, by, kind, number, buf_view(&body)));
}

static void
hold(struct bench *b)
{
	say_of_hold(b, RESEARCHER_1, "hold", "");
}

static void
lift(struct bench *b)
{
	say_of_hold(b, OFFICER_1, "hold-lift", ",\"reason\":\"example\"");
}

static void
merge(struct bench *b)
{
	assert_ok(place_submit(b->place, RESEARCHER_1, "site-change", "norway",
		view_text("{\"scope\":\"\",\"kind\":\"merge\",\"day\":\"" TODAY
			  "\",\"from\":[\"norway\",\"sweden\"],\"into\":[\"usa\"],"
			  "\"becomes\":\"\",\"reason\":\"example\"}")));
}

static void
strike(struct bench *b)
{
	assert_ok(place_submit(b->place, OFFICER_1, "site-strike", "1",
		view_text("{\"number\":1,\"reason\":\"example\"}")));
}

#define LEAVE_BODY                                                                             \
	"{\"site\":\"norway\",\"data\":\"stop\",\"day\":\"" TODAY "\",\"reason\":\"example\"}"

/* The overseer of Norway takes the operator's key. */
static void
propose(struct bench *b)
{
	struct hub_place *p = b->place;
	secret_free(p->sign[OPERATOR_1]);
	sign_keypair(p->public[OPERATOR_1], &p -> sign[OPERATOR_1]);
	struct wire_card c = place_card(p, OPERATOR_1);
	(void)snprintf(c.person, sizeof(c.person), OVERSEER);
	(void)snprintf(c.roles[0], sizeof(c.roles[0]), "overseer");
	(void)snprintf(c.organisation, sizeof(c.organisation), "norway");
	assert_ok(place_add_card(p, &c));
	assert_ok(place_submit(p, RESEARCHER_1, "site-leave", "norway", view_text(LEAVE_BODY)));
}

static void
agree(struct bench *b)
{
	const struct place_act a = {.signed_by = OPERATOR_1,
		.study = PLACE_STUDY,
		.kind = "site-leave-agree",
		.id = "norway",
		.body = view_text(LEAVE_BODY),
		.time_s = PLACE_NOW_S};
	assert_ok(place_submit_act(b->place, &a, OVERSEER));
}

static void
nothing(struct bench *b)
{
	(void)b;
}

static void
change_by_the_site(struct bench *b)
{
	struct wire_rules change = node_consent(PERSON, CONSENT_INSTANCE + 2);
	change.kind = RULES_CHANGE;
	change.consent.event = "changed";
	change.consent.level = "no-further-contact";
	change.consent.given_at_s = PLACE_NOW_S - 1;
	(void)bench_bring(b, b->norway, &change);
}

/* ---- what was cut off ---- */

typedef void act_fn(struct bench *b);

static const struct cut {
	const char *name;
	act_fn *before, *act;
	const char *action; /* of its leaf */
} cuts[] = {
	{"a hold", nothing, hold, "hold-placed"},
	{"the end of a hold", hold, lift, "hold-lifted"},
	{"a merger", nothing, merge, "site-changed"},
	{"a struck merger", merge, strike, "site-change-struck"},
	{"a site that left", propose, agree, "site-left"},
};

/* Bring all to the act, and do it. */
static void
do_act(struct bench *b, const struct cut *c)
{
	bring_person(b);
	struct writer w = b->norway->writer;
	assert_ok(writer_put(turn(b), &w));
	assert_ok(hub_commit(&b->place->hub));
	c->before(b);
	copy_vault(b);
	c->act(b);
}

static void
assert_leaves(struct bench *b, const struct cut *c, size_t count)
{
	uint64_t last = 0;
	const size_t found = leaves_of(b, c->action, &last);
	if (found != count)
		fail_msg("%s: %zu leaves, not %zu", c->name, found, count);
}

static void
each_cut(void (*test)(struct bench *b, const struct cut *c))
{
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		void *state = NULL;
		assert_int_equal(make_bench(&state), 0);
		test(state, &cuts[i]);
		assert_int_equal(drop_bench(&state), 0);
	}
}

static void
cut_off(struct bench *b, const struct cut *c)
{
	do_act(b, c);
	swap_vault(b);
	assert_leaves(b, c, 0);
	open_again(b); /* that start is cut off, too */
	for (int i = 0; i < 3; i++) {
		start(b);
		assert_leaves(b, c, 1);
		open_again(b);
	}
}

/* Row 7: the journal has it, and the vault neither what it did nor the leaf. */
static void
an_act_that_was_cut_off_gets_its_leaf_once(void **state)
{
	(void)state;
	each_cut(cut_off);
}

static void
put_back(struct bench *b, const struct cut *c)
{
	do_act(b, c);
	audit_committed(b->place->hub.audit);
	assert_ok(audit_publish(b->place->hub.audit));
	swap_vault(b);
	start(b);
	assert_leaves(b, c, 1);
}

/* An older vault was put in place: the log has the leaf of the person who signed. */
static void
an_act_whose_leaf_came_back_gets_no_second_one(void **state)
{
	(void)state;
	each_cut(put_back);
}

static void
cut_off_and_put_back(struct bench *b, const struct cut *c)
{
	OWNED_MEM char *move =
		xasprintf("cp -r '%s/vault' '%s/copy'", b->place->dir, b->place->dir);
	do_act(b, c);
	swap_vault(b);
	place_close_hub(b->place);
	assert_int_equal(system(move), 0);
	open_again(b);
	start(b);
	swap_vault(b);
	start(b);
	assert_leaves(b, c, 1);
}

static void
the_leaf_of_the_ledger_counts_when_an_older_vault_is_put_back(void **state)
{
	(void)state;
	each_cut(cut_off_and_put_back);
}

static void
the_row_of_a_change_names_the_leaf_that_was_written_late(void **state)
{
	struct bench *b = *state;
	struct lineage_row r;
	uint64_t changed = 0, struck = 0;
	copy_vault(b);
	merge(b);
	strike(b);
	swap_vault(b);
	start(b);
	assert_int_equal(leaves_of(b, "site-changed", &changed), 1);
	assert_int_equal(leaves_of(b, "site-change-struck", &struck), 1);
	assert_ok(lineage_row_get(turn(b), 1, &r));
	assert_int_equal(r.leaf, changed);
	assert_int_equal(r.struck_leaf, struck);
}

/* The change has its own leaf when it comes again: nobody lifted the hold by hand. */
static void
a_hold_that_the_site_ended_gets_no_leaf_of_a_lift(void **state)
{
	struct bench *b = *state;
	struct hold h;
	uint8_t person[ID_BYTES];
	uint64_t last = 0;
	memset(person, PERSON, sizeof(person));
	bring_person(b);
	hold(b);
	copy_vault(b);
	change_by_the_site(b);
	swap_vault(b);
	start(b);
	assert_err(hold_get(turn(b), person, &h), E_NOTFOUND);
	assert_int_equal(leaves_of(b, "hold-lifted", &last), 0);
	assert_int_equal(leaves_of(b, "hold-placed", &last), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_act_that_was_cut_off_gets_its_leaf_once),
		cmocka_unit_test(an_act_whose_leaf_came_back_gets_no_second_one),
		cmocka_unit_test(the_leaf_of_the_ledger_counts_when_an_older_vault_is_put_back),
		at_a_bench(the_row_of_a_change_names_the_leaf_that_was_written_late),
		at_a_bench(a_hold_that_the_site_ended_gets_no_leaf_of_a_lift),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("unsaid", tests, NULL, NULL);
}
