#include "tests/unit/hub_place.h"

#include "hub/recovery.h"
#include "hub/standing.h"
#include "hub/vault_scan.h"
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
tokens_are_forgotten_so_that_no_node_is_a_copy_of_itself(void **state)
{
	struct hub_place *p = *state;
	const uint8_t first[SIGN_PUBLIC_BYTES] = {1}, zeros[WIRE_ID_BYTES] = {0};
	struct standing s;
	go_back(p);
	place_open_hub(p);
	assert_ok(standing_get(turn(p), first, &s));
	assert_memory_equal(s.token, zeros, sizeof(zeros));
}

static void
a_bundle_that_was_changed_or_lost_keeps_the_hub_from_starting(void **state)
{
	static const struct vault_limits limits = {.map_bytes = (size_t)256 << 20};
	struct hub_place *p = *state;
	OWNED_MEM char *vault = xasprintf("%s/vault", p->dir);
	OWNED_MEM char *log = xasprintf("%s/log", p->dir);
	OWNED_MEM char *journal = xasprintf("%s/journal", p->dir);
	OWNED_MEM char *aside = xasprintf("mv '%s/log/tile/entries' '%s/e'", p->dir, p->dir);
	OWNED_MEM char *back = xasprintf("mv '%s/e' '%s/log/tile/entries'", p->dir, p->dir);
	OWNED(vault) struct vault *v = NULL;
	OWNED(audit) struct audit *a = NULL;
	go_back(p);
	assert_int_equal(system(aside), 0);
	assert_ok(vault_open_lmdb(&v, vault, p->keys->vault, &limits, false));
	const struct audit_config c = {v, log, journal, PLACE_ORIGIN, p->keys->log_seed};
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

static enum err
waive(struct hub_place *p, enum who by, const char *node, const char *reason)
{
	OWNED_MEM char *body = xasprintf("{\"node\":\"%s\",\"reason\":\"%s\"}", node, reason);
	return place_submit(p, by, "recovery-waive", node, view_text(body));
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
		at_a_hub(tokens_are_forgotten_so_that_no_node_is_a_copy_of_itself),
		at_a_hub(a_bundle_that_was_changed_or_lost_keeps_the_hub_from_starting),
		at_a_hub(it_is_lifted_when_all_were_heard_and_what_was_there_is_back),
		at_a_hub(an_officer_and_nobody_else_waives_a_lost_node),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
