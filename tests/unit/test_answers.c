#include "tests/unit/suite.h"

#include "common/codec/text.h"
#include "hub/answers.h"
#include "hub/approval.h"
#include "tests/unit/ingest_line.h"

static struct json *
ask(struct line *l, const char *question, const char *args)
{
	OWNED_BUF struct buf reply;
	struct json *tree = NULL;
	const struct answers from = {&l->place->hub, l->ingest, NULL, PLACE_NOW_S};
	buf_init(&reply, 65536);
	assert_ok(answers_give(&from, question, view_text(args), &reply));
	assert_ok(json_parse(&tree, buf_view(&reply), 65536));
	hub_abort(&l->place->hub);
	return tree;
}

static enum err
try_to_ask(struct line *l, const char *question, const char *args)
{
	OWNED_BUF struct buf reply;
	const struct answers from = {&l->place->hub, l->ingest, NULL, PLACE_NOW_S};
	buf_init(&reply, 65536);
	enum err e = answers_give(&from, question, view_text(args), &reply);
	hub_abort(&l->place->hub);
	return e;
}

static void
assert_text(const struct json *o, const char *key, const char *expected)
{
	const char *text = NULL;
	assert_ok(json_get_text(o, key, 400, &text));
	assert_string_equal(text, expected);
}

static void
assert_int(const struct json *o, const char *key, int64_t expected)
{
	int64_t n = -1;
	assert_ok(json_get_int(o, key, 0, INT64_MAX, &n));
	assert_int_equal(n, expected);
}

static const struct json *
item(const struct json *o, const char *key, size_t i)
{
	const struct json *list = NULL, *one = NULL;
	assert_ok(json_get_array(o, key, 100, &list));
	assert_ok(json_item_object(list, i, key, &one));
	return one;
}

/* "3f2a91bc" and the rest of an entry's name. */
static void
args_for(const struct line *l, const char *rest, const char *purpose, char ret[static 128])
{
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = 1};
	char name[PLACE_NAME_BYTES];
	memcpy(p.writer, l->node->writer.public, sizeof(p.writer));
	place_name(name, &p);
	name[8] = '\0';
	(void)snprintf(
		ret, 128, "{\"entry\":\"%s%s\",\"purpose\":\"%s\"}", name, rest, purpose);
}

static void
status_counts_what_came_from_each_node_and_why_it_is_denied(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	OWNED(json) struct json *status = ask(l, "status", "{}");
	const struct json *node = item(status, "nodes", 0);
	assert_text(status, "study", PLACE_STUDY);
	assert_int(status, "manifest", 1);
	assert_text(node, "site", "norway");
	assert_text(node, "standing", "in good standing");
	assert_int(item(node, "lanes", 1), "entries", 2);
	/* Nobody has approved anything yet. */
	assert_text(item(node, "records", 0), "outcome", "deny");
	assert_int(item(node, "records", 0), "count", 2);
	assert_text(item(node, "forms", 0), "form", NODE_FORM);
	assert_text(item(node, "forms", 0), "version", NODE_FORM_VERSION);
	assert_int(item(node, "forms", 0), "permit", 0);
	assert_int(item(node, "forms", 0), "hold", 0);
	assert_int(item(node, "forms", 0), "deny", 2);
}

static void
status_counts_what_came_before_a_copy_was_chosen(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	struct standing_base base = {.incarnation = 1};
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	struct standing s = line_standing_of(l);
	base.at[LANE_R - 1].seq = 2;
	s.incarnation = 2;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(standing_base_put(t, l->node->writer.public, 2, &base));
	assert_ok(standing_put(t, l->node->writer.public, &s));
	line_end_turn(l);
	OWNED(json) struct json *status = ask(l, "status", "{}");
	assert_int(item(item(status, "nodes", 0), "lanes", 1), "entries", 2);
}

/* I7, from the other end: whom a site has to hear from before it goes on, by the second. */
static void
status_names_a_site_whose_last_word_ran_out(void **state)
{
	static const struct {
		int64_t left_s;
		bool is_over;
	} rows[] = {{1, false}, {0, true}, {-1, true}};
	struct line *l = *state;
	struct vault_txn *t = NULL;
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct standing_told told = {7, PLACE_NOW_S + rows[i].left_s};
		size_t named = 0;
		clock_freeze_wall_ms((int64_t)PLACE_NOW_S * 1000);
		assert_ok(hub_txn(&l->place->hub, &t));
		assert_ok(standing_told_put(t, l->node->writer.public, &told));
		line_end_turn(l);
		OWNED(json) struct json *status = ask(l, "status", "{}");
		const struct json *node = item(status, "nodes", 0), *list = NULL;
		assert_int(node, "told_manifest", 7);
		assert_int(node, "told_until_s", told.until_s);
		assert_ok(json_get_array(status, "decisions", 64, &list));
		for (size_t k = 0; k < json_count(list); k++)
			named += strstr(json_text_or_empty(
						item(status, "decisions", k), "words"),
					 "told last of the study counted until") != NULL;
		assert_int_equal(named, rows[i].is_over);
	}
}

static void
why_tells_what_was_decided_then_and_what_is_decided_now(void **state)
{
	struct line *l = *state;
	static const struct approval all[] = {{.id = "rec-1",
						      .kind = "rec",
						      .decision = "favourable",
						      .verified_by = "officer-1"},
		{.id = "ag-1",
			.kind = "site_agreement",
			.decision = "confirmed",
			.site = "norway",
			.verified_by = "officer-1"}};
	char args[128];
	const struct json *then = NULL, *now = NULL;
	struct vault_txn *t = NULL;
	line_add_one_person(l, 1);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_ok(hub_txn(&l->place->hub, &t));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		assert_ok(approval_put(t, &all[i]));
	line_end_turn(l);
	args_for(l, ".1.R.1", "pooled", args);
	OWNED(json) struct json *why = ask(l, "why", args);
	assert_text(why, "kind", "record");
	assert_ok(json_get_object(why, "stored", &then));
	assert_text(then, "outcome", "deny");
	assert_text(item(then, "fired", 0), "rule", "R01");
	assert_ok(json_get_object(why, "now", &now));
	assert_text(now, "outcome", "permit");
	/* Of which rules, to the byte; what was asked of all times has no leaf. */
	char digest[2 * RULES_DIGEST_BYTES + 1];
	text_hex(digest, rules_digest(l->place->hub.pack->rules), RULES_DIGEST_BYTES);
	assert_text(why, "rules_digest", digest);
	assert_false(json_has(why, "known_at"));
	assert_text(item(why, "consents", 0), "event", "given");
	assert_int(
		item(why, "consents", 0), "leaf", (int64_t)audit_size(l->place->hub.audit) - 2);
}

static void
ask_of_leaf(const struct line *l, int64_t leaf, char ret[static 160])
{
	char whole[128];
	args_for(l, ".1.R.1", "pooled", whole);
	whole[strlen(whole) - 1] = '\0';
	(void)snprintf(ret, 160, "%s,\"known_at\":%lld}", whole, (long long)leaf);
}

static void
questions_that_cannot_be_answered_are_refused_in_words(void **state)
{
	struct line *l = *state;
	char absent[128], purpose[128], late[160];
	line_add_one_person(l, 1);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	args_for(l, ".1.R.9", "", absent);
	args_for(l, ".1.R.1", "curiosity", purpose);
	assert_refused(try_to_ask(l, "why", absent), E_NOTFOUND, "there is no entry");
	assert_refused(try_to_ask(l, "why", purpose), E_FORMAT, "collect, site, pooled");
	ask_of_leaf(l, (int64_t)audit_size(l->place->hub.audit), late);
	assert_refused(try_to_ask(l, "why", late), E_NOTFOUND, "the log has no leaf");
	ask_of_leaf(l, (int64_t)audit_size(l->place->hub.audit) - 1, late);
	assert_ok(try_to_ask(l, "why", late));
	assert_err(try_to_ask(l, "why", "{}"), E_FORMAT);
	assert_err(try_to_ask(l, "why", "not json"), E_FORMAT);
	assert_err(try_to_ask(l, "weather", "{}"), E_NOTFOUND);
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(status_counts_what_came_from_each_node_and_why_it_is_denied),
		at_a_line(status_counts_what_came_before_a_copy_was_chosen),
		at_a_line(status_names_a_site_whose_last_word_ran_out),
		at_a_line(why_tells_what_was_decided_then_and_what_is_decided_now),
		at_a_line(questions_that_cannot_be_answered_are_refused_in_words),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
