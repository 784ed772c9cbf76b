#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/sync/lane_carry.h"
#include "common/trust/merkle.h"
#include "tests/sim/lane_world.h"
#include "tests/unit/lane_worlds.h"

#define ENTRIES_MAX_COUNT 16

/* A world with two control entries and five records at the hub, and room for a batch. */
struct desk {
	struct world *w;
	struct sync_entry entries[ENTRIES_MAX_COUNT];
	struct lane_actions out;
};

static int
begin(void **state)
{
	struct desk *d = xcalloc(1, sizeof(*d));
	d->w = worlds_settled(5);
	d->w->node.state = LANE_OFFLINE;
	*state = d;
	return 0;
}

static int
done(void **state)
{
	struct desk *d = *state;
	world_free(d->w);
	free(d);
	return 0;
}

/* Records of the node as a bundle carries them. */
static struct sync_batch
batch_of(struct desk *d, uint64_t first, size_t count)
{
	struct sync_batch b;
	world_batch(d->w, LANE_R, first, count, d->entries, &b);
	memset(b.session, 0, sizeof(b.session));
	b.incarnation = d->w->hub.incarnation;
	b.control_floor = 2;
	return b;
}

static struct sync_mark
at_hub(const struct desk *d, uint64_t seq)
{
	struct sync_mark m = {.seq = seq};
	memcpy(m.head, d->w->at_hub[LANE_R - 1].entries[seq - 1].hash, sizeof(m.head));
	return m;
}

static void
what_is_new_is_handed_over_and_no_token_is_touched(void **state)
{
	struct desk *d = *state;
	struct lane_hub_writer *h = &d->w->hub;
	world_write(d->w, LANE_R, 3, 100);
	const struct lane_hub_writer before = *h;
	struct sync_batch b = batch_of(d, 6, 3);
	assert_int_equal(lane_hub_carry(h, &b, NULL, &d->out), LANE_CARRIED_TAKEN);
	assert_int_equal(d->out.count, 1);
	assert_int_equal(d->out.at[0].kind, LANE_APPEND);
	assert_int_equal(d->out.at[0].first, 6);
	assert_int_equal(d->out.at[0].mark.seq, 5);
	assert_int_equal(h->lanes[LANE_R - 1].tail.seq, 8);
	assert_int_equal(h->lanes[LANE_R - 1].durable.seq, 5);
	assert_int_equal(h->lanes[LANE_R - 1].held_bytes, 0);
	assert_memory_equal(h->token, before.token, sizeof(h->token));
	assert_memory_equal(h->pending, before.pending, sizeof(h->pending));
	assert_memory_equal(h->session, before.session, sizeof(h->session));
	assert_int_equal(h->state, before.state);
}

/* Row 72: imported twice. */
static void
what_is_there_is_known_wherever_it_begins_and_ends(void **state)
{
	struct desk *d = *state;
	struct sync_batch b = batch_of(d, 1, 5);
	assert_int_equal(lane_hub_carry(&d->w->hub, &b, NULL, &d->out), LANE_CARRIED_KNOWN);
	assert_int_equal(d->out.count, 0);
	b = batch_of(d, 2, 2);
	assert_int_equal(lane_hub_carry(&d->w->hub, &b, NULL, &d->out), LANE_CARRIED_LOOK);
	assert_int_equal(d->out.count, 1);
	assert_int_equal(d->out.at[0].kind, LANE_FIND_HEAD);
	assert_int_equal(d->out.at[0].mark.seq, 3);
	struct sync_mark found = at_hub(d, 3);
	assert_int_equal(lane_hub_carry(&d->w->hub, &b, &found, &d->out), LANE_CARRIED_KNOWN);
	assert_int_equal(d->out.count, 0);
	world_write(d->w, LANE_R, 3, 100);
	b = batch_of(d, 4, 4);
	assert_int_equal(lane_hub_carry(&d->w->hub, &b, NULL, &d->out), LANE_CARRIED_TAKEN);
	assert_int_equal(d->out.at[0].first, 6);
}

/* Row 28 without a session: both are kept, the writer is set apart. */
static void
other_content_sets_the_writer_apart_with_the_batch_as_evidence(void **state)
{
	static const struct {
		uint64_t rewritten, first;
		size_t count;
		bool looks;
	} rows[] = {{5, 1, 5, false}, {3, 2, 2, true}, {5, 6, 1, false}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *one = NULL;
		assert_int_equal(begin(&one), 0);
		struct desk *d = one;
		world_write(d->w, LANE_R, 1, 100);
		world_rewrite(d->w, LANE_R, rows[i].rewritten);
		struct sync_batch b = batch_of(d, rows[i].first, rows[i].count);
		struct sync_mark found = at_hub(d, 3);
		enum lane_carried how = lane_hub_carry(&d->w->hub, &b, NULL, &d->out);
		assert_int_equal(how == LANE_CARRIED_LOOK, rows[i].looks);
		if (rows[i].looks)
			how = lane_hub_carry(&d->w->hub, &b, &found, &d->out);
		assert_int_equal(how, LANE_CARRIED_FORKED);
		assert_int_equal(d->w->hub.standing, SYNC_FORK);
		assert_int_equal(d->out.at[0].kind, LANE_QUARANTINE);
		assert_ptr_equal(d->out.at[0].batch, &b);
		b = batch_of(d, 1, 1);
		assert_int_equal(
			lane_hub_carry(&d->w->hub, &b, NULL, &d->out), LANE_CARRIED_APART);
		assert_int_equal(done(&one), 0);
	}
}

/* Rows 27, 29, 30 and 72 for what a bundle carries. */
static void
what_cannot_be_placed_changes_nothing(void **state)
{
	struct desk *d = *state;
	struct lane_hub_writer *h = &d->w->hub;
	world_write(d->w, LANE_R, 4, 100);
	const struct sync_batch good = batch_of(d, 6, 2);
	struct sync_batch gap = {0}, floor = good, signature = good, earlier = good,
			  later = good;
	struct sync_entry apart[ENTRIES_MAX_COUNT];
	world_batch(d->w, LANE_R, 7, 2, apart, &gap);
	gap.incarnation = h->incarnation;
	floor.control_floor = 3;
	signature.signature[0] ^= 1;
	earlier.incarnation = 0;
	later.incarnation = h->incarnation + 1;
	const struct {
		const struct sync_batch *batch;
		enum lane_carried expected;
	} rows[] = {{&gap, LANE_CARRIED_GAP}, {&floor, LANE_CARRIED_CONTROL},
		{&signature, LANE_CARRIED_DAMAGED}, {&earlier, LANE_CARRIED_EARLIER},
		{&later, LANE_CARRIED_LATER}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(
			lane_hub_carry(h, rows[i].batch, NULL, &d->out), rows[i].expected);
		assert_int_equal(d->out.count, 0);
		assert_int_equal(h->lanes[LANE_R - 1].tail.seq, 5);
		assert_int_equal(h->standing, SYNC_OK);
	}
	h->standing = SYNC_REVOKED;
	assert_int_equal(lane_hub_carry(h, &good, NULL, &d->out), LANE_CARRIED_APART);
	h->standing = SYNC_OK;
	assert_int_equal(lane_hub_carry(h, &good, NULL, &d->out), LANE_CARRIED_TAKEN);
}

static void
a_part_that_does_not_match_its_header_is_refused(void **state)
{
	struct desk *d = *state;
	world_write(d->w, LANE_R, 1, 100);
	struct sync_batch b = batch_of(d, 6, 1);
	struct view part = d->entries[0].parts[0].bytes;
	OWNED_MEM uint8_t *other = xmemdup(part.at, part.len);
	other[0] ^= 1;
	d->entries[0].parts[0].bytes.at = other;
	assert_int_equal(lane_hub_carry(&d->w->hub, &b, NULL, &d->out), LANE_CARRIED_DAMAGED);
	assert_int_equal(d->out.count, 0);
}

/* receipts */

static struct sync_ack
receipt_of(struct desk *d, uint8_t lane)
{
	const struct lane_event checkpoint = {.wall_ms = 5000, .mark.seq = 40};
	const uint8_t answers[HASH_BYTES] = {7};
	struct lane_action a;
	lane_hub_carry_ack(&d->w->hub, lane, &checkpoint, answers, &a);
	assert_true(a.sign);
	lane_sign(&a, d->w->receipt_key);
	return a.msg.ack;
}

/* The node as if it had heard no receipt yet. */
static struct lane_node
deaf_node(const struct desk *d)
{
	struct lane_node n = d->w->node;
	for (size_t i = 0; i < LANE_COUNT; i++)
		n.lanes[i].at_hub = n.lanes[i].shown_acked = 0;
	n.state = LANE_OFFLINE;
	return n;
}

static void
a_receipt_moves_what_is_at_the_hub_and_never_back(void **state)
{
	struct desk *d = *state;
	struct lane_node n = deaf_node(d);
	const struct sync_ack ack = receipt_of(d, LANE_R);
	const uint8_t *own = d->w->at_hub[LANE_R - 1].entries[4].hash;
	assert_int_equal(lane_node_carry(&n, &ack, own, &d->out), LANE_CARRIED_TAKEN);
	assert_int_equal(d->out.count, 2);
	assert_int_equal(d->out.at[0].kind, LANE_KEEP_RECEIPT);
	assert_int_equal(d->out.at[0].lane, LANE_R);
	assert_int_equal(d->out.at[1].kind, LANE_KEEP_ACKED);
	assert_int_equal(d->out.at[1].mark.seq, 5);
	assert_int_equal(n.lanes[LANE_R - 1].at_hub, 5);
	assert_int_equal(n.state, LANE_OFFLINE);
	assert_int_equal(lane_node_carry(&n, &ack, own, &d->out), LANE_CARRIED_KNOWN);
	assert_int_equal(d->out.count, 0);
	n.lanes[LANE_R - 1].at_hub = 9;
	assert_int_equal(lane_node_carry(&n, &ack, own, &d->out), LANE_CARRIED_KNOWN);
	assert_int_equal(n.lanes[LANE_R - 1].at_hub, 9);
}

static void
a_receipt_of_somebody_else_or_of_before_counts_for_nothing(void **state)
{
	struct desk *d = *state;
	const struct sync_ack good = receipt_of(d, LANE_R);
	const uint8_t *own = d->w->at_hub[LANE_R - 1].entries[4].hash;
	struct lane_node n = deaf_node(d);
	struct sync_ack ack = good;
	ack.receipt.mark.seq--;
	assert_int_equal(lane_node_carry(&n, &ack, own, &d->out), LANE_CARRIED_DAMAGED);
	ack = good;
	ack.receipt.writer[0] ^= 1;
	assert_int_equal(lane_node_carry(&n, &ack, own, &d->out), LANE_CARRIED_DAMAGED);
	ack = good;
	ack.receipt.lane = 4;
	assert_int_equal(lane_node_carry(&n, &ack, own, &d->out), LANE_CARRIED_DAMAGED);
	ack = good;
	ack.has_receipt = false;
	assert_int_equal(lane_node_carry(&n, &ack, own, &d->out), LANE_CARRIED_KNOWN);
	n.own.incarnation++;
	assert_int_equal(lane_node_carry(&n, &good, own, &d->out), LANE_CARRIED_EARLIER);
	assert_int_equal(d->out.count, 0);
	assert_int_equal(n.lanes[LANE_R - 1].at_hub, 0);
	assert_int_equal(n.state, LANE_OFFLINE);
}

/* A copy, or a node that was restored, hears of itself by a receipt (rows 44 and 47). */
static void
a_receipt_for_entries_that_are_not_here_stops_the_node(void **state)
{
	struct desk *d = *state;
	const struct sync_ack ack = receipt_of(d, LANE_R);
	const uint8_t other[HASH_BYTES] = {1};
	const uint8_t *const owns[] = {NULL, other};
	for (size_t i = 0; i < ARRAY_LEN(owns); i++) {
		struct lane_node n = deaf_node(d);
		assert_int_equal(
			lane_node_carry(&n, &ack, owns[i], &d->out), LANE_CARRIED_BEHIND);
		assert_int_equal(n.state, LANE_STOPPED);
		assert_int_equal(n.verdict, SYNC_BEHIND);
		assert_int_equal(d->out.at[0].kind, LANE_STOP);
		assert_int_equal(
			lane_node_carry(&n, &ack, owns[i], &d->out), LANE_CARRIED_BEHIND);
		assert_int_equal(d->out.count, 0);
	}
}

static void
a_verdict_against_the_node_stops_it_once(void **state)
{
	static const struct {
		enum sync_verdict verdict;
		bool stops;
	} rows[] = {
		{SYNC_OK, false}, {SYNC_FORK, true}, {SYNC_CLONE, true}, {SYNC_REVOKED, true}};
	struct desk *d = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lane_node n = deaf_node(d);
		assert_int_equal(
			lane_node_carry_verdict(&n, rows[i].verdict, &d->out), rows[i].stops);
		assert_int_equal(n.state == LANE_STOPPED, rows[i].stops);
		assert_int_equal(d->out.count, rows[i].stops);
		assert_false(n.state == LANE_STOPPED &&
			     lane_node_carry_verdict(&n, rows[i].verdict, &d->out));
	}
}

static void
a_lane_without_entries_gets_marks_and_no_receipt(void **state)
{
	struct desk *d = *state;
	const struct lane_event checkpoint = {.wall_ms = 5000};
	const uint8_t answers[HASH_BYTES] = {0};
	struct lane_action a;
	lane_hub_carry_ack(&d->w->hub, LANE_A, &checkpoint, answers, &a);
	assert_false(a.sign);
	assert_false(a.msg.ack.has_receipt);
	assert_int_equal(a.msg.ack.durable[LANE_R - 1].seq, 5);
}

/* Row 38 without a session: a hub that was restored had eight records. */
static void
a_restored_hub_takes_only_what_reaches_the_place_that_it_had(void **state)
{
	struct desk *d = *state;
	struct lane_hub_writer *h = &d->w->hub;
	world_write(d->w, LANE_R, 5, 100);
	struct sync_batch whole = batch_of(d, 6, 3), part;
	h->ever_incarnation = h->incarnation;
	h->lanes[LANE_R - 1].ever.seq = 8;
	memcpy(h->lanes[LANE_R - 1].ever.head, whole.head, sizeof(whole.head));
	part = batch_of(d, 6, 2);
	assert_int_equal(lane_hub_carry(h, &part, NULL, &d->out), LANE_CARRIED_LOST);
	assert_int_equal(d->out.count, 0);
	part = batch_of(d, 4, 2);
	assert_int_equal(lane_hub_carry(h, &part, NULL, &d->out), LANE_CARRIED_KNOWN);
	h->ever_incarnation++;
	whole = batch_of(d, 6, 3);
	assert_int_equal(lane_hub_carry(h, &whole, NULL, &d->out), LANE_CARRIED_LOST);
	h->ever_incarnation--;
	whole = batch_of(d, 6, 5);
	assert_int_equal(lane_hub_carry(h, &whole, NULL, &d->out), LANE_CARRIED_TAKEN);
}

/* Where the gap is larger than a batch. */
static void
batches_that_reach_the_place_that_a_restored_hub_had_are_taken_together(void **state)
{
	struct desk *d = *state;
	struct lane_hub_writer *h = &d->w->hub;
	for (unsigned other = 0; other < 2; other++) {
		struct sync_mark end = {0};
		if (!other)
			world_write(d->w, LANE_R, 5, 100);
		h->ever_incarnation = h->incarnation;
		h->lanes[LANE_R - 1].ever.seq = other ? 10 : 9;
		struct sync_batch b = batch_of(d, other ? 10 : 9, 1);
		memcpy(h->lanes[LANE_R - 1].ever.head, b.head, sizeof(b.head));
		h->lanes[LANE_R - 1].ever.head[0] ^= (uint8_t)other;
		if (other) {
			b = batch_of(d, 10, 1);
			assert_int_equal(lane_hub_carry_reach(h, &b, &end, &d->out),
				LANE_CARRIED_FORKED);
			continue;
		}
		b = batch_of(d, 6, 2);
		assert_int_equal(lane_hub_carry(h, &b, NULL, &d->out), LANE_CARRIED_LOST);
		assert_int_equal(lane_hub_carry_reach(h, &b, &end, &d->out), LANE_CARRIED_LOST);
		b = batch_of(d, 9, 1);
		assert_int_equal(lane_hub_carry_reach(h, &b, &end, &d->out), LANE_CARRIED_GAP);
		b = batch_of(d, 8, 2);
		assert_int_equal(
			lane_hub_carry_reach(h, &b, &end, &d->out), LANE_CARRIED_TAKEN);
		b = batch_of(d, 6, 2);
		assert_int_equal(
			lane_hub_carry_reached(h, &b, NULL, &d->out), LANE_CARRIED_TAKEN);
		b = batch_of(d, 8, 2);
		assert_int_equal(
			lane_hub_carry_reached(h, &b, NULL, &d->out), LANE_CARRIED_TAKEN);
		assert_int_equal(h->lanes[LANE_R - 1].tail.seq, 9);
	}
}

static void
a_piece_of_a_file_is_kept_behind_those_before_it_and_under_its_root(void **state)
{
	struct desk *d = *state;
	static const char *const texts[] = {"first", "second"};
	uint8_t leaves[2][HASH_BYTES];
	struct lane_file here = {.count = 2};
	for (size_t i = 0; i < 2; i++)
		merkle_leaf(leaves[i], view_text(texts[i]));
	merkle_join(here.root, (const uint8_t(*)[HASH_BYTES])leaves, 2);
	const struct {
		uint32_t next, index;
		const char *text;
		size_t other; /* leaf of the proof */
		enum sync_verdict standing;
		enum lane_carried how;
	} rows[] = {
		{0, 0, "first", 1, SYNC_OK, LANE_CARRIED_TAKEN},
		{1, 1, "second", 0, SYNC_OK, LANE_CARRIED_TAKEN},
		{1, 0, "first", 1, SYNC_OK, LANE_CARRIED_KNOWN},
		{2, 1, "second", 0, SYNC_OK, LANE_CARRIED_KNOWN},
		{0, 1, "second", 0, SYNC_OK, LANE_CARRIED_GAP},
		{0, 0, "other", 1, SYNC_OK, LANE_CARRIED_DAMAGED},
		{0, 0, "", 1, SYNC_OK, LANE_CARRIED_DAMAGED},
		{0, 0, "first", 0, SYNC_OK, LANE_CARRIED_DAMAGED},
		{2, 2, "third", 0, SYNC_OK, LANE_CARRIED_DAMAGED},
		{0, 0, "first", 1, SYNC_FORK, LANE_CARRIED_APART},
		{1, 0, "first", 1, SYNC_REVOKED, LANE_CARRIED_APART},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sync_chunk c = {.index = rows[i].index,
			.bytes = view_text(rows[i].text),
			.proof = view_of(leaves[rows[i].other], HASH_BYTES)};
		here.next = rows[i].next;
		d->w->hub.standing = rows[i].standing;
		assert_int_equal(lane_hub_carry_chunk(&d->w->hub, &here, &c), rows[i].how);
	}
}

int
main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, done)
	const struct CMUnitTest tests[] = {
		EACH(what_is_new_is_handed_over_and_no_token_is_touched),
		EACH(what_is_there_is_known_wherever_it_begins_and_ends),
		cmocka_unit_test(
			other_content_sets_the_writer_apart_with_the_batch_as_evidence),
		EACH(what_cannot_be_placed_changes_nothing),
		EACH(a_part_that_does_not_match_its_header_is_refused),
		EACH(a_receipt_moves_what_is_at_the_hub_and_never_back),
		EACH(a_receipt_of_somebody_else_or_of_before_counts_for_nothing),
		EACH(a_receipt_for_entries_that_are_not_here_stops_the_node),
		EACH(a_verdict_against_the_node_stops_it_once),
		EACH(a_lane_without_entries_gets_marks_and_no_receipt),
		EACH(a_restored_hub_takes_only_what_reaches_the_place_that_it_had),
		EACH(batches_that_reach_the_place_that_a_restored_hub_had_are_taken_together),
		EACH(a_piece_of_a_file_is_kept_behind_those_before_it_and_under_its_root),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
