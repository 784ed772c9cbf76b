/* Rules of the core that stand in for one another, each alone: in a whole session another layer
 * would mostly stop first what they stop. */
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "tests/sim/lane_world.h"
#include "tests/unit/lane_worlds.h"

#define RECORDS_COUNT 4

static void
hub_hears(struct world *w, const struct sync_msg *m, struct lane_actions *out)
{
	struct lane_event ev = {.kind = LANE_MESSAGE, .message = m, .mono_ms = w->mono_ms};
	memset(ev.id, 0x77, sizeof(ev.id));
	memset(ev.token, 0x78, sizeof(ev.token));
	lane_hub_step(&w->hub, &ev, out);
}

static struct sync_msg
hello(struct world *w)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	return worlds_hello(w, &frame);
}

static void
the_hub_appends_nothing_that_stands_on_something_else_than_its_end(void **state)
{
	(void)state;
	static const struct {
		bool rewritten;
		enum lane_action_kind kind;
	} rows[] = {{false, LANE_APPEND}, {true, LANE_QUARANTINE}};
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(world) struct world *w = worlds_settled(RECORDS_COUNT);
		struct sync_entry entries[1];
		w->node.state = LANE_OFFLINE;
		world_write(w, LANE_R, 1, 50);
		if (rows[i].rewritten)
			world_rewrite(w, LANE_R, RECORDS_COUNT);
		/* It begins where the hub ends: only what it stands on tells. */
		struct sync_msg m = worlds_batch(w, LANE_R, RECORDS_COUNT + 1, 1, entries);
		hub_hears(w, &m, out);
		size_t found = 0;
		for (size_t k = 0; k < out->count; k++)
			found += out->at[k].kind == rows[i].kind;
		assert_int_equal(found, 1);
	}
}

static void
the_hub_holds_the_ends_of_a_hello_against_its_own(void **state)
{
	(void)state;
	static const struct {
		int more;
		bool other;
		enum sync_verdict verdict;
	} rows[] = {
		{0, false, SYNC_OK},
		{1, false, SYNC_OK}, /* what is behind the end the hub cannot know */
		{1, true, SYNC_OK},
		{-1, false, SYNC_BEHIND},
		{0, true, SYNC_FORK},
	};
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(world) struct world *w = worlds_settled(RECORDS_COUNT);
		struct sync_msg m = hello(w);
		struct sync_mark *last = &m.hello.last[LANE_R - 1];
		last->seq = (uint64_t)(RECORDS_COUNT + rows[i].more);
		last->head[0] ^= rows[i].other;
		hub_hears(w, &m, out);
		assert_int_equal(w->hub.greeting.verdict, rows[i].verdict);
	}
}

static void
a_later_incarnation_follows_exactly_where_the_hub_ends(void **state)
{
	(void)state;
	static const struct {
		int more;
		bool other;
		enum sync_verdict verdict;
	} rows[] = {
		{0, false, SYNC_OK}, {0, true, SYNC_FORK}, {-1, false, SYNC_FORK},
		{1, false, SYNC_OLDER}, /* the hub was restored */
	};
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(world) struct world *w = worlds_settled(RECORDS_COUNT);
		struct sync_msg m = hello(w);
		m.hello.base_incarnation = m.hello.incarnation++;
		memcpy(m.hello.base_last, m.hello.last, sizeof(m.hello.base_last));
		struct sync_mark *base = &m.hello.base_last[LANE_R - 1];
		base->seq = (uint64_t)(RECORDS_COUNT + rows[i].more);
		base->head[0] ^= rows[i].other;
		hub_hears(w, &m, out);
		assert_int_equal(w->hub.greeting.verdict, rows[i].verdict);
	}
}

/* As a restored hub knows it from its journal. */
static void
remember(struct world *w, uint64_t seq, const uint8_t head[static HASH_BYTES])
{
	struct sync_mark *ever = &w->hub.lanes[LANE_R - 1].ever;
	w->hub.ever_incarnation = w->hub.incarnation;
	ever->seq = seq;
	memcpy(ever->head, head, sizeof(ever->head));
}

static void
a_restored_hub_greets_only_who_has_what_it_stored_before(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (uint64_t ever = RECORDS_COUNT; ever < RECORDS_COUNT + 2; ever++) {
		OWNED(world) struct world *w = worlds_settled(RECORDS_COUNT);
		struct sync_msg m = hello(w);
		remember(w, ever, m.hello.last[LANE_R - 1].head);
		hub_hears(w, &m, out);
		assert_int_equal(
			w->hub.greeting.verdict, ever > RECORDS_COUNT ? SYNC_BEHIND : SYNC_OK);
	}
}

static void
a_restored_hub_takes_nothing_else_where_it_stored_something_before(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (unsigned other = 0; other < 2; other++) {
		OWNED(world) struct world *w = worlds_settled(RECORDS_COUNT);
		struct sync_entry entries[1];
		w->node.state = LANE_OFFLINE;
		world_write(w, LANE_R, 1, 50);
		struct sync_msg m = worlds_batch(w, LANE_R, RECORDS_COUNT + 1, 1, entries);
		uint8_t head[HASH_BYTES];
		memcpy(head, m.batch.head, sizeof(head));
		head[0] ^= (uint8_t)other;
		remember(w, RECORDS_COUNT + 1, head);
		hub_hears(w, &m, out);
		assert_int_equal(w->hub.standing, other ? SYNC_FORK : SYNC_OK);
	}
}

static void
a_superseded_token_is_no_token(void **state)
{
	(void)state;
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (unsigned other = 0; other < 2; other++) {
		OWNED(world) struct world *w = worlds_settled(RECORDS_COUNT);
		struct sync_msg m = hello(w);
		m.hello.token[WIRE_ID_BYTES - 1] ^= (uint8_t)other;
		hub_hears(w, &m, out);
		assert_int_equal(w->hub.greeting.verdict, other ? SYNC_CLONE : SYNC_OK);
	}
}

static int
prepare(void **state)
{
	(void)state;
	return crypto_init() ? -1 : 0;
}

/* What a HELLO shows of an entry that the hub does not have. */
struct shown {
	bool claims;              /* acknowledged, it says */
	int more;                 /* entries beyond the hub's end that a receipt is for */
	uint32_t later;           /* incarnation of the receipt beyond the hub's */
	bool is_signed, is_other; /* by the hub; for another writer */
	unsigned epoch;           /* the hub is in its second */
	bool begins;              /* RECOVERY */
};

static void
show(struct world *w, const struct shown *row, struct sync_receipt *ret)
{
	struct lane_action a = {.kind = LANE_SEND, .msg = {.kind = SYNC_ACK}};
	a.msg.ack.has_receipt = true;
	a.msg.ack.receipt = (struct sync_receipt){.epoch = row->epoch,
		.incarnation = w->hub.incarnation + row->later,
		.lane = LANE_A,
		.mark = {.seq = w->hub.lanes[LANE_A - 1].durable.seq + (uint64_t)row->more}};
	memcpy(a.msg.ack.receipt.writer, w->hub.writer, sizeof(w->hub.writer));
	if (row->is_other)
		a.msg.ack.receipt.writer[0] ^= 1;
	lane_sign(&a, row->is_signed ? w->receipt_key : w->writer_key);
	*ret = a.msg.ack.receipt;
}

static const struct lane_action *
report_of(const struct lane_actions *out)
{
	for (size_t i = 0; i < out->count; i++)
		if (out->at[i].kind == LANE_REPORT)
			return &out->at[i];
	return NULL;
}

/* Rows 38 and 39: a node that lies about what it saw must not stop all releases. */
static void
only_a_receipt_of_its_own_tells_a_hub_that_it_went_backwards(void **state)
{
	(void)state;
	static const struct shown rows[] = {{.claims = true}, {.more = 1, .epoch = 2},
		{.more = 1, .epoch = 2, .is_signed = true, .begins = true},
		{.more = 1, .epoch = 3, .is_signed = true, .begins = true},
		{.more = 1, .epoch = 1, .is_signed = true},
		{.more = 1, .epoch = 2, .is_signed = true, .is_other = true},
		{.more = 0, .epoch = 2, .is_signed = true},
		{.later = 1, .epoch = 2, .is_signed = true, .begins = true}};
	OWNED_MEM struct lane_actions *out = xcalloc(1, sizeof(*out));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(world) struct world *w = worlds_settled(RECORDS_COUNT);
		OWNED_BUF struct buf packed, receipts;
		struct sync_receipt r;
		buf_init(&packed, SYNC_RECEIPT_MAX_BYTES);
		buf_init(&receipts, SYNC_RECEIPTS_MAX_BYTES);
		w->node.state = LANE_OFFLINE;
		world_write(w, LANE_A, 2, 50);
		w->hub.epoch = 2;
		w->hub.lanes[LANE_A - 1].durable.seq = 1;
		w->hub.lanes[LANE_A - 1].tail.seq = 1;
		struct sync_msg m = hello(w);
		if (rows[i].claims)
			m.hello.acked[LANE_A - 1] = 2;
		show(w, &rows[i], &r);
		assert_ok(sync_pack_receipt(&packed, &r));
		buf_blob(&receipts, buf_view(&packed));
		if (!rows[i].claims)
			m.hello.receipts = buf_view(&receipts);
		hub_hears(w, &m, out);
		const struct lane_action *said = report_of(out);
		assert_int_equal(said != NULL, rows[i].claims || rows[i].begins);
		assert_int_equal(said && said->ok, rows[i].begins);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_hub_appends_nothing_that_stands_on_something_else_than_its_end),
		cmocka_unit_test(the_hub_holds_the_ends_of_a_hello_against_its_own),
		cmocka_unit_test(a_later_incarnation_follows_exactly_where_the_hub_ends),
		cmocka_unit_test(a_restored_hub_greets_only_who_has_what_it_stored_before),
		cmocka_unit_test(
			a_restored_hub_takes_nothing_else_where_it_stored_something_before),
		cmocka_unit_test(only_a_receipt_of_its_own_tells_a_hub_that_it_went_backwards),
		cmocka_unit_test(a_superseded_token_is_no_token),
	};
	return cmocka_run_group_tests_name("lane_layers", tests, prepare, NULL);
}
