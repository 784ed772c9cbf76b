#include "tests/unit/hub_place.h"

#include "hub/consents.h"
#include "hub/forward.h"
#include "hub/recovery.h"
#include "hub/standing.h"
#include "hub/unsaid_leaf.h"
#include "hub/vault_scan.h"
#include "hub/withheld.h"
#include "hub/writer.h"

#define NODES_COUNT 2

/* Two example nodes; their keys begin with 01 and 02. */
static void
add_nodes(struct hub_place *p)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&p->hub, &t));
	for (uint8_t i = 1; i <= NODES_COUNT; i++) {
		struct writer w = {.public = {i}, .transport = {i}, .admitted_s = PLACE_NOW_S};
		struct standing s = {.incarnation = 1, .standing = SYNC_OK, .token = {i}};
		(void)snprintf(w.site, sizeof(w.site), "australia");
		assert_ok(writer_put(t, &w));
		assert_ok(standing_put(t, w.public, &s));
	}
}

static void
add_leaf(struct hub_place *p, const char *id, const char *entry)
{
	struct vault_txn *t = NULL;
	const struct leaf l = {.id = id,
		.action = "record-received",
		.actor = "ledger",
		.request_id = entry,
		.key_id = "0102030405060708",
		.t_s = PLACE_NOW_S / 60 * 60};
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(audit_add(p->hub.audit, t, &l, NULL));
}

static void
commit(struct hub_place *p)
{
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
	assert_ok(audit_publish(p->hub.audit));
}

/* The vault goes back to where it was before the hub took entry 2 of the first node. */
static void
go_back(struct hub_place *p)
{
	OWNED_MEM char *copy = xasprintf("%s/copy", p->dir);
	OWNED_MEM char *swap = xasprintf(
		"rm -r '%s/vault' && mv '%s/copy' '%s/vault'", p->dir, p->dir, p->dir);
	add_nodes(p);
	add_leaf(p, "before", "");
	commit(p);
	assert_ok(vault_copy(p->hub.vault, copy));
	add_leaf(p, "one", "01000000.1.R.1");
	add_leaf(p, "two", "01000000.1.R.2");
	add_leaf(p, "act", "ethics");
	add_leaf(p, "unknown", "07000000.1.R.1");
	commit(p);
	place_close_hub(p);
	assert_int_equal(system(swap), 0);
}

static struct vault_txn *
turn(struct hub_place *p)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&p->hub, &t));
	return t;
}

static void
put_head(struct hub_place *p, uint8_t node, uint64_t seq)
{
	const struct place lane = {.writer = {node}, .incarnation = 1, .lane = LANE_R};
	const struct sync_mark mark = {.seq = seq};
	const uint8_t signature[SIGNATURE_BYTES] = {1};
	assert_ok(standing_head_put(turn(p), &lane, &mark, signature));
}

static bool
hear(struct hub_place *p, uint8_t node)
{
	const uint8_t writer[SIGN_PUBLIC_BYTES] = {node};
	bool lifted = false;
	assert_ok(recovery_heard(turn(p), writer, &lifted));
	return lifted;
}

static void
a_hub_that_did_not_go_back_is_in_no_recovery(void **state)
{
	struct hub_place *p = *state;
	add_nodes(p);
	add_leaf(p, "one", "01000000.1.R.1");
	commit(p);
	place_close_hub(p);
	place_open_hub(p);
	assert_false(recovery_is_on(turn(p)));
	assert_ok(recovery_refuse(turn(p)));
	assert_false(hear(p, 1));
}

static void
leaves_that_the_vault_lacks_are_read_back_from_the_log(void **state)
{
	struct hub_place *p = *state;
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	go_back(p);
	uint64_t before = 0;
	place_open_hub(p);
	assert_false(audit_is_behind(p->hub.audit));
	assert_ok(recovery_get(&r, turn(p)));
	before = r.leaves_vault;
	assert_int_equal(r.leaves_back, 4);
	assert_int_equal(r.acts, 1);
	assert_int_equal(audit_size(p->hub.audit), before + 4);
	assert_int_equal(r.count, NODES_COUNT);
	assert_int_equal(r.nodes[0].had[LANE_R - 1].seq, 2);
	assert_int_equal(r.nodes[1].had[LANE_R - 1].seq, 0);
}

static void
tokens_that_the_journal_does_not_know_are_forgotten(void **state)
{
	struct hub_place *p = *state;
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1}, zeros[WIRE_ID_BYTES] = {0};
	go_back(p);
	place_open_hub(p);
	const struct forward_writer *w = forward_find(audit_forward(p->hub.audit), first);
	assert_non_null(w);
	assert_memory_equal(w->token, zeros, sizeof(zeros));
}

/* What a turn of the ledger notes of the first node. */
static void
note(struct hub_place *p, uint8_t token, uint64_t seq)
{
	struct forward_writer w = {
		.writer = {1}, .token = {token}, .granted = 3, .standing = SYNC_OK};
	const struct sync_mark end = {.seq = seq, .head = {token}};
	struct forward *f = audit_forward(p->hub.audit);
	(void)turn(p);
	forward_note_tokens(f, &w);
	forward_note_end(f, w.writer, 1, LANE_R, &end);
	assert_ok(hub_commit(&p->hub));
}

static void
copy_vault(struct hub_place *p)
{
	OWNED_MEM char *copy = xasprintf("%s/copy", p->dir);
	assert_ok(vault_copy(p->hub.vault, copy));
}

static void
swap_vault(struct hub_place *p)
{
	OWNED_MEM char *swap = xasprintf(
		"rm -r '%s/vault' && mv '%s/copy' '%s/vault'", p->dir, p->dir, p->dir);
	place_close_hub(p);
	assert_int_equal(system(swap), 0);
	place_open_hub(p);
}

/* Row 41: the node was put back as well, and another copy of it says again what the hub had. */
static void
a_lane_is_back_when_its_last_entry_is_said_again(void **state)
{
	struct hub_place *p = *state;
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1}, second[SIGN_PUBLIC_BYTES] = {2};
	const uint8_t other[HASH_BYTES] = {9};
	bool lifted = false;
	add_nodes(p);
	copy_vault(p);
	note(p, 11, 1);
	note(p, 12, 2);
	swap_vault(p);
	const struct forward_writer *w = forward_find(audit_forward(p->hub.audit), first);
	const uint8_t *head = w->ever[LANE_R - 1].head;
	assert_ok(recovery_heard(turn(p), second, &lifted));
	assert_ok(recovery_repeated(turn(p), first, other));
	assert_ok(recovery_repeated(turn(p), second, head));
	assert_ok(recovery_heard(turn(p), first, &lifted));
	assert_false(lifted);
	assert_ok(recovery_repeated(turn(p), first, head));
	assert_ok(recovery_heard(turn(p), first, &lifted));
	assert_true(lifted);
	assert_false(recovery_is_on(turn(p)));
}

/* Rows 38, 39: nothing that made a leaf was lost, and yet it shows. */
static void
a_vault_behind_the_journal_recovers_with_the_journals_tokens(void **state)
{
	struct hub_place *p = *state;
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1};
	add_nodes(p);
	note(p, 11, 1);
	uint64_t epoch = forward_epoch(audit_forward(p->hub.audit));
	copy_vault(p);
	note(p, 12, 2);
	note(p, 13, 3);
	swap_vault(p);
	assert_true(recovery_is_on(turn(p)));
	assert_ok(recovery_get(&r, turn(p)));
	assert_int_equal(r.nodes[0].had[LANE_R - 1].seq, 3);
	const struct forward_writer *w = forward_find(audit_forward(p->hub.audit), first);
	assert_int_equal(w->token[0], 13);
	assert_int_equal(w->granted, 3);
	assert_int_equal(w->ever[LANE_R - 1].seq, 3);
	assert_int_equal(forward_epoch(audit_forward(p->hub.audit)), epoch + 1);
	/* Another start is no other recovery. */
	place_close_hub(p);
	place_open_hub(p);
	assert_int_equal(forward_epoch(audit_forward(p->hub.audit)), epoch + 1);
	assert_true(recovery_is_on(turn(p)));
}

/* Row 7: the journal has the turn, the vault has not; nothing of it was acknowledged. */
static void
a_hub_killed_between_journal_and_vault_is_in_no_recovery(void **state)
{
	struct hub_place *p = *state;
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1};
	add_nodes(p);
	note(p, 11, 1);
	copy_vault(p);
	note(p, 12, 2);
	swap_vault(p);
	assert_false(recovery_is_on(turn(p)));
	const struct forward_writer *w = forward_find(audit_forward(p->hub.audit), first);
	assert_int_equal(w->token[0], 12);
	assert_int_equal(w->ever[LANE_R - 1].seq, 2);
}

/* Rows 7, 41, 42 and I6: what was acknowledged is in force though the vault lacks the entry. */
static void
a_withdrawal_of_the_journal_holds_until_its_entry_is_back(void **state)
{
	static const char *const levels[] = {"no-further-use", "erase", "no-more-collection"};
	struct hub_place *p = *state;
	add_nodes(p);
	note(p, 11, 1);
	copy_vault(p);
	for (uint8_t i = 0; i < ARRAY_LEN(levels); i++) {
		struct forward_withdrawal w = {
			.participant = {i}, .root = {i}, .given_s = PLACE_NOW_S};
		(void)snprintf(w.level, sizeof(w.level), "%s", levels[i]);
		(void)turn(p);
		forward_note_withdrawal(audit_forward(p->hub.audit), &w);
	}
	assert_ok(hub_commit(&p->hub));
	swap_vault(p);
	for (uint8_t i = 0; i < ARRAY_LEN(levels); i++) {
		const uint8_t person[ID_BYTES] = {i};
		OWNED_CONSENTS struct consents c = {.count = 0};
		assert_ok(consents_read(&c, turn(p), person));
		assert_int_equal(c.count, 1);
		assert_string_equal(c.at[0].level, levels[i]);
	}
	const uint8_t first[ID_BYTES] = {0}, root[HASH_BYTES] = {0};
	assert_ok(withheld_drop(turn(p), first, root));
	OWNED_CONSENTS struct consents none = {.count = 0};
	assert_ok(consents_read(&none, turn(p), first));
	assert_int_equal(none.count, 0);
}

static void
a_revocation_outlives_a_restore(void **state)
{
	struct hub_place *p = *state;
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1};
	struct writer w;
	add_nodes(p);
	note(p, 11, 1);
	copy_vault(p);
	(void)turn(p);
	forward_note_revoked(audit_forward(p->hub.audit), first, PLACE_NOW_S);
	assert_ok(hub_commit(&p->hub));
	swap_vault(p);
	assert_ok(writer_get(turn(p), first, &w));
	assert_int_equal(w.revoked_s, PLACE_NOW_S);
}

static void
revoke(struct hub_place *p, const char *node)
{
	OWNED_MEM char *body = xasprintf("{\"node\":\"%s\",\"reason\":\"example\"}", node);
	assert_ok(place_submit(p, OFFICER_1, "node-revoke", node, view_text(body)));
}

/* Leaves of revocations of this node. */
static size_t
leaves_of_revoked(struct hub_place *p, const char *node)
{
	size_t found = 0;
	for (uint64_t i = 0; i < audit_size(p->hub.audit); i++) {
		OWNED(json) struct json *tree = NULL;
		OWNED_BUF struct buf bytes;
		struct leaf leaf;
		buf_init(&bytes, LEAF_MOST_BYTES);
		assert_ok(audit_leaf(turn(p), i, &bytes));
		assert_ok(leaf_parse(&leaf, &tree, buf_view(&bytes)));
		found += strcmp(leaf.action, "node-revoked") == 0 &&
			 strcmp(leaf.request_id, node) == 0;
	}
	return found;
}

static void
start(struct hub_place *p)
{
	assert_ok(unsaid_leaf_start(&p->hub));
	commit(p);
}

/* Row 7: the journal has it, and the vault neither the node's state nor the leaf. */
static void
a_revocation_that_was_cut_off_gets_its_leaf_once(void **state)
{
	struct hub_place *p = *state;
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1};
	struct writer w;
	add_nodes(p);
	commit(p);
	copy_vault(p);
	revoke(p, "01000000");
	swap_vault(p);
	assert_int_equal(leaves_of_revoked(p, "01000000"), 0);
	place_close_hub(p); /* that start is cut off, too */
	place_open_hub(p);
	start(p);
	assert_ok(writer_get(turn(p), first, &w));
	assert_int_not_equal(w.revoked_s, 0);
	assert_int_equal(leaves_of_revoked(p, "01000000"), 1);
	assert_int_equal(leaves_of_revoked(p, "02000000"), 0);
	for (int i = 0; i < 2; i++) {
		place_close_hub(p);
		place_open_hub(p);
		start(p);
	}
	assert_int_equal(leaves_of_revoked(p, "01000000"), 1);
}

/* An older vault was put back: the log has the leaf of the officer. */
static void
a_revocation_whose_leaf_came_back_gets_no_second_one(void **state)
{
	struct hub_place *p = *state;
	add_nodes(p);
	commit(p);
	copy_vault(p);
	revoke(p, "02000000");
	revoke(p, "01000000");
	assert_ok(audit_publish(p->hub.audit));
	swap_vault(p);
	start(p);
	assert_int_equal(leaves_of_revoked(p, "01000000"), 1);
	assert_int_equal(leaves_of_revoked(p, "02000000"), 1);
}

static enum err
waive(struct hub_place *p, enum who by, const char *node, const char *reason)
{
	OWNED_MEM char *body = xasprintf("{\"node\":\"%s\",\"reason\":\"%s\"}", node, reason);
	return place_submit(p, by, "recovery-waive", node, view_text(body));
}

/* Admitted after the backup: the vault does not know it, and what it had is gone with it. */
static void
a_node_that_only_the_journal_knows_is_waited_for(void **state)
{
	struct hub_place *p = *state;
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	const struct forward_writer later = {.writer = {3}, .token = {3}, .standing = SYNC_OK};
	const uint8_t revoked[SIGN_PUBLIC_BYTES] = {4};
	const struct sync_mark end = {.seq = 5, .head = {5}};
	add_nodes(p);
	note(p, 11, 1);
	copy_vault(p);
	note(p, 12, 1);
	struct forward *f = audit_forward(p->hub.audit);
	(void)turn(p);
	forward_note_tokens(f, &later);
	forward_note_end(f, later.writer, 1, LANE_C, &end);
	forward_note_revoked(f, revoked, PLACE_NOW_S);
	assert_ok(hub_commit(&p->hub));
	swap_vault(p);
	assert_ok(recovery_get(&r, turn(p)));
	assert_int_equal(r.count, NODES_COUNT + 1);
	put_head(p, 1, 1);
	assert_false(hear(p, 1));
	assert_false(hear(p, 2));
	assert_true(recovery_is_on(turn(p)));
	assert_false(hear(p, 3)); /* nothing of it is here */
	assert_ok(hub_commit(&p->hub));
	assert_ok(waive(p, OFFICER_1, "03000000", "example: it is admitted anew"));
	assert_false(recovery_is_on(turn(p)));
}

static enum err
open_again(struct hub_place *p, bool begins, struct vault **ret_vault, struct audit **ret)
{
	OWNED_MEM char *log = xasprintf("%s/log", p->dir);
	OWNED_MEM char *journal = xasprintf("%s/journal", p->dir);
	place_open_vault(p, ret_vault);
	const struct audit_config c = {
		*ret_vault, log, journal, PLACE_ORIGIN, p->keys->log_seed, begins, NULL};
	enum err e = audit_open(ret, &c);
	if (e) {
		vault_free(*ret_vault);
		*ret_vault = NULL;
	}
	return e;
}

/* Row 43, and a tail that the disk lost: both are no torn append. */
static void
a_hub_whose_journal_is_lost_starts_only_when_a_person_has_said_so(void **state)
{
	static const char *const losses[] = {
		"mv '%s/journal/journal' '%s/j'",
		"cp '%s/journal/journal' '%s/j'; truncate -s -60 '%s/journal/journal'",
		"cp '%s/journal/journal' '%s/j'; truncate -s -60 '%s/journal/journal'; "
		"truncate -s +60 '%s/journal/journal'",
	};
	struct hub_place *p = *state;
	OWNED(audit) struct audit *a = NULL;
	OWNED(vault) struct vault *v = NULL;
	OWNED_MEM char *back = xasprintf("mv '%s/j' '%s/journal/journal'", p->dir, p->dir);
	add_nodes(p);
	note(p, 11, 1);
	uint64_t epoch = forward_epoch(audit_forward(p->hub.audit));
	place_close_hub(p);
	for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
		OWNED_BUF struct buf command;
		buf_init(&command, 4096);
		for (const char *c = losses[i]; *c; c++)
			if (c[0] == '%' && c[1] == 's') {
				buf_add_view(&command, view_text(p->dir));
				c++;
			} else {
				buf_u8(&command, (uint8_t)*c);
			}
		buf_u8(&command, 0);
		assert_int_equal(system((const char *)command.at), 0);
		assert_true(open_again(p, false, &v, &a) != OK);
		assert_null(v);
		assert_int_equal(system(back), 0);
	}
	OWNED_MEM char *lose = xasprintf("rm '%s/journal/journal'", p->dir);
	assert_int_equal(system(lose), 0);
	assert_ok(open_again(p, true, &v, &a));
	assert_int_equal(forward_epoch(audit_forward(a)), epoch + 1);
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1}, zeros[WIRE_ID_BYTES] = {0};
	const struct forward_writer *w = forward_find(audit_forward(a), first);
	assert_memory_equal(w->token, zeros, sizeof(zeros));
	OWNED(vault_txn) struct vault_txn *t = NULL;
	assert_ok(vault_snapshot(&t, v));
	assert_true(recovery_is_on(t));
	vault_txn_free(take(t));
	audit_free(take(a));
	vault_free(take(v));
	place_open_hub(p);
	assert_true(recovery_is_on(turn(p)));
}

static void
a_bundle_that_was_changed_or_lost_keeps_the_hub_from_starting(void **state)
{
	struct hub_place *p = *state;
	OWNED_MEM char *log = xasprintf("%s/log", p->dir);
	OWNED_MEM char *journal = xasprintf("%s/journal", p->dir);
	OWNED_MEM char *aside = xasprintf("mv '%s/log/tile/entries' '%s/e'", p->dir, p->dir);
	OWNED_MEM char *back = xasprintf("mv '%s/e' '%s/log/tile/entries'", p->dir, p->dir);
	OWNED(vault) struct vault *v = NULL;
	OWNED(audit) struct audit *a = NULL;
	go_back(p);
	assert_int_equal(system(aside), 0);
	place_open_vault(p, &v);
	const struct audit_config c = {
		v, log, journal, PLACE_ORIGIN, p->keys->log_seed, false, NULL};
	assert_refused(audit_open(&a, &c), E_NOTFOUND, "the log lacks");
	vault_free(take(v));
	assert_int_equal(system(back), 0);
	place_open_hub(p);
}

static void
it_is_lifted_when_all_were_heard_and_what_was_there_is_back(void **state)
{
	struct hub_place *p = *state;
	go_back(p);
	place_open_hub(p);
	assert_false(hear(p, 2));
	put_head(p, 1, 1);
	assert_false(hear(p, 1)); /* the log says that there were two */
	assert_refused(recovery_refuse(turn(p)), E_DENIED, "1 were not");
	put_head(p, 1, 2);
	assert_ok(hub_commit(&p->hub));
	place_close_hub(p);
	place_open_hub(p);
	assert_true(recovery_is_on(turn(p)));
	assert_true(hear(p, 1));
	assert_ok(recovery_refuse(turn(p)));
}

static void
an_officer_and_nobody_else_waives_a_lost_node(void **state)
{
	struct hub_place *p = *state;
	assert_refused(waive(p, OFFICER_1, "01000000", "example"), E_NOTFOUND, "no ");
	go_back(p);
	place_open_hub(p);
	assert_refused(waive(p, RESEARCHER_1, "01000000", "example"), E_DENIED, "officer");
	assert_refused(waive(p, OFFICER_1, "01000000", ""), E_FORMAT, "reason");
	assert_refused(waive(p, OFFICER_1, "09000000", "example"), E_NOTFOUND, "no ");
	assert_refused(place_submit(p, RESEARCHER_1, "release-propose", "any", view_text("{}")),
		E_DENIED, "restored from a backup");
	assert_ok(waive(p, OFFICER_1, "01000000", "example: the box was stolen"));
	assert_refused(waive(p, OFFICER_1, "01000000", "example"), E_NOTFOUND, "nothing waits");
	assert_true(recovery_is_on(turn(p)));
	assert_ok(waive(p, OFFICER_2, "02000000", "example: the box was stolen"));
	assert_false(recovery_is_on(turn(p)));
}

#define at_a_hub(test) cmocka_unit_test_setup_teardown(test, make_hub_with_persons, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_hub(a_hub_that_did_not_go_back_is_in_no_recovery),
		at_a_hub(leaves_that_the_vault_lacks_are_read_back_from_the_log),
		at_a_hub(tokens_that_the_journal_does_not_know_are_forgotten),
		at_a_hub(a_vault_behind_the_journal_recovers_with_the_journals_tokens),
		at_a_hub(a_lane_is_back_when_its_last_entry_is_said_again),
		at_a_hub(a_hub_killed_between_journal_and_vault_is_in_no_recovery),
		at_a_hub(a_withdrawal_of_the_journal_holds_until_its_entry_is_back),
		at_a_hub(a_revocation_outlives_a_restore),
		at_a_hub(a_revocation_that_was_cut_off_gets_its_leaf_once),
		at_a_hub(a_revocation_whose_leaf_came_back_gets_no_second_one),
		at_a_hub(a_node_that_only_the_journal_knows_is_waited_for),
		at_a_hub(a_hub_whose_journal_is_lost_starts_only_when_a_person_has_said_so),
		at_a_hub(a_bundle_that_was_changed_or_lost_keeps_the_hub_from_starting),
		at_a_hub(it_is_lifted_when_all_were_heard_and_what_was_there_is_back),
		at_a_hub(an_officer_and_nobody_else_waives_a_lost_node),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
