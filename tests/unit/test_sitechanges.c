#include "tests/unit/suite.h"

#include "hub/forward_change.h"
#include "hub/lineage_note.h"
#include "hub/siteacts.h"
#include "tests/unit/judge_bench.h"

#define TODAY "2026-11-22"

/* ---- acts ---- */

static enum err
change(struct bench *b, enum who by, const char *kind, const char *day, const char *from,
	const char *into)
{
	OWNED_BUF struct buf body;
	char id[32];
	(void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(from, "\""), from);
	buf_init(&body, 1024);
	buf_format(&body,
		"{\"scope\":\"\",\"kind\":\"%s\",\"day\":\"%s\",\"from\":[\"%s\"],\"into\":[%s%"
		"s%s],"
		"\"becomes\":\"%s\",\"reason\":\"example\"}",
		kind, day, from, *into ? "\"" : "", into, *into ? "\"" : "",
		strcmp(kind, "name") == 0 ? "Example name" : "");
	return place_submit(b->place, by, "site-change", id, buf_view(&body));
}

static size_t
changes_that_hold(struct bench *b)
{
	OWNED_LINEAGE struct lineage_rows rows = {.at = NULL};
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(lineage_rows_read(&rows, t, ""));
	hub_abort(&b->place->hub);
	return rows.lineage.count;
}

static void
changes_of_sites_are_signed_and_hold_together(void **state)
{
	struct bench *b = *state;
	assert_refused(change(b, APPROVER_1, "merge", TODAY, "norway\",\"sweden", "usa"),
		E_DENIED, "no role");
	assert_refused(change(b, RESEARCHER_1, "merge", TODAY, "norway\",\"denmark", "usa"),
		E_NOTFOUND, "has no denmark");
	assert_refused(change(b, RESEARCHER_1, "marry", TODAY, "norway\",\"sweden", "usa"),
		E_FORMAT, "no such kind");
	assert_int_equal(changes_that_hold(b), 0);
	assert_ok(change(b, RESEARCHER_1, "merge", TODAY, "norway\",\"sweden", "usa"));
	assert_ok(change(b, OFFICER_1, "name", "2026-12-01", "usa", ""));
	assert_refused(change(b, RESEARCHER_1, "follow", "2026-12-24", "norway", "australia"),
		E_CONFLICT, "ended on " TODAY);
	assert_int_equal(changes_that_hold(b), 2);
}

static enum err
strike(struct bench *b, enum who by, const char *number)
{
	OWNED_BUF struct buf body;
	buf_init(&body, 256);
	buf_format(&body, "{\"number\":%s,\"reason\":\"example\"}", number);
	return place_submit(b->place, by, "site-strike", number, buf_view(&body));
}

static void
a_wrong_change_is_struck_by_another_person_and_stays_readable(void **state)
{
	struct bench *b = *state;
	struct lineage_row r;
	struct vault_txn *t = NULL;
	assert_ok(change(b, OFFICER_1, "merge", TODAY, "norway\",\"sweden", "usa"));
	assert_refused(strike(b, OFFICER_1, "1"), E_DENIED, "another person");
	assert_refused(strike(b, OFFICER_2, "2"), E_NOTFOUND, "number 2");
	assert_ok(strike(b, OFFICER_2, "1"));
	assert_refused(strike(b, OFFICER_2, "1"), E_CONFLICT, "officer-2");
	assert_int_equal(changes_that_hold(b), 0);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(lineage_row_get(t, 1, &r));
	hub_abort(&b->place->hub);
	assert_string_equal(r.struck_by, "officer-2");
	assert_string_equal(r.by, "officer-1");
	assert_ok(change(b, OFFICER_1, "merge", "2026-11-01", "norway\",\"sweden", "usa"));
	assert_int_equal(changes_that_hold(b), 1);
}

/* ---- the journal ---- */

static struct lineage_row
row_of(struct bench *b, uint32_t number)
{
	struct lineage_row r;
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(lineage_row_get(t, number, &r));
	hub_abort(&b->place->hub);
	return r;
}

/* The vault of before change 2, and of before change 1 was struck. */
static void
go_back(struct bench *b)
{
	static const uint8_t second[] = "lineage-\0\0\0\2";
	struct lineage_row first = row_of(b, 1);
	struct vault_txn *t = NULL;
	memset(first.struck_by, 0, sizeof(first.struck_by));
	first.struck_leaf = 0;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(lineage_row_put(t, &first));
	assert_ok(vault_delete(t, VAULT_META, view_of(second, sizeof(second) - 1)));
	assert_ok(hub_commit(&b->place->hub));
}

static void
restore_changes(struct bench *b)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(lineage_restore(t, audit_forward(b->place->hub.audit)));
	assert_ok(hub_commit(&b->place->hub));
}

static void
a_vault_put_back_has_the_changes_of_sites_again(void **state)
{
	struct bench *b = *state;
	assert_ok(change(b, OFFICER_1, "name", TODAY, "usa", ""));
	assert_ok(change(b, OFFICER_1, "merge", TODAY, "norway\",\"sweden", "usa"));
	assert_ok(strike(b, OFFICER_2, "1"));
	const struct lineage_row first = row_of(b, 1), second = row_of(b, 2);
	go_back(b);
	assert_int_equal(changes_that_hold(b), 1);
	for (size_t i = 0; i < 2; i++) { /* a second start changes nothing more */
		restore_changes(b);
		const struct lineage_row now = row_of(b, 1), merged = row_of(b, 2);
		assert_string_equal(now.struck_by, "officer-2");
		assert_int_equal(now.struck_leaf, first.struck_leaf);
		assert_string_equal(merged.by, "officer-1");
		assert_string_equal(merged.change.into[0], "usa");
		assert_int_equal(merged.leaf, second.leaf);
		assert_int_equal(changes_that_hold(b), 1);
	}
	assert_ok(change(b, OFFICER_1, "name", "2026-12-01", "usa", ""));
	assert_string_equal(row_of(b, 3).change.becomes, "Example name");
}

static void
changes_from_before_the_journal_knew_them_are_noted_at_the_start(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct lineage_row r = {.by = "researcher-1", .change = {.kind = LINEAGE_NAME}};
	(void)snprintf(r.change.day, sizeof(r.change.day), TODAY);
	(void)snprintf(r.change.from[0], sizeof(r.change.from[0]), "usa");
	r.change.from_count = 1;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(lineage_row_add(t, &r));
	assert_ok(hub_commit(&b->place->hub));
	assert_null(forward_change_of(audit_forward(b->place->hub.audit), 1));
	restore_changes(b);
	assert_non_null(forward_change_of(audit_forward(b->place->hub.audit), 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(changes_of_sites_are_signed_and_hold_together),
		at_a_bench(a_wrong_change_is_struck_by_another_person_and_stays_readable),
		at_a_bench(a_vault_put_back_has_the_changes_of_sites_again),
		at_a_bench(changes_from_before_the_journal_knew_them_are_noted_at_the_start),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
