#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/sync/lane_proof.h"
#include "common/trust/merkle.h"
#include "tests/sim/lane_world.h"
#include "tests/unit/lane_worlds.h"

#define LONG_MS      3600000
#define CHUNKS_COUNT 5
#define ORIGIN       "example.org/weir/log"
#define NOW_MS       1795305660000

/* A file of five sealed chunks, or a log of five leaves. */
struct tree {
	uint8_t bytes[CHUNKS_COUNT][100];
	struct lane_file file;
	struct merkle_proof proof;
};

static enum err
subtree(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	struct tree *t = arg;
	uint8_t leaves[2 * CHUNKS_COUNT][HASH_BYTES];
	size_t count = (size_t)1 << level, first = (size_t)index << level;
	for (size_t i = 0; i < count; i++)
		merkle_leaf(leaves[i], view_of(t->bytes[first + i], sizeof(t->bytes[0])));
	merkle_join(ret, (const uint8_t(*)[HASH_BYTES])leaves, count);
	return OK;
}

static struct sync_mark
mark_of(struct tree *t, uint64_t size)
{
	struct sync_mark m = {.seq = size};
	const struct merkle_source from = {subtree, t};
	assert_ok(merkle_root_of(m.head, &from, size));
	return m;
}

static void
make_tree(struct tree *t, uint8_t fill)
{
	memset(t, fill, sizeof(*t));
	for (size_t i = 0; i < CHUNKS_COUNT; i++)
		t->bytes[i][0] = (uint8_t)i;
	struct sync_mark whole = mark_of(t, CHUNKS_COUNT);
	t->file = (struct lane_file){.cursor = 7, .count = CHUNKS_COUNT};
	memcpy(t->file.root, whole.head, HASH_BYTES);
}

static struct view
chunk(struct tree *t, uint32_t index, struct view *ret_proof)
{
	const struct merkle_source from = {subtree, t};
	assert_ok(merkle_prove_inclusion(&t->proof, &from, index, CHUNKS_COUNT));
	*ret_proof = view_of(t->proof.hash, t->proof.count * HASH_BYTES);
	return view_of(t->bytes[index], sizeof(t->bytes[0]));
}

/* ---- steps of either machine ---- */

struct two {
	struct world *w;
	struct lane_actions *out;
	struct tree file;
};

static void
begin(struct two *t)
{
	*t = (struct two){.w = worlds_settled(3), .out = xcalloc(1, sizeof(*t->out))};
	make_tree(&t->file, 0x31);
}

static void
end(struct two *t)
{
	world_free(t->w);
	free(t->out);
}
#define OWNED_TWO __attribute__((cleanup(end)))

static const struct lane_action *
action(const struct two *t, enum lane_action_kind kind)
{
	for (size_t i = 0; i < t->out->count; i++)
		if (t->out->at[i].kind == kind)
			return &t->out->at[i];
	return NULL;
}

static const struct sync_msg *
sent(const struct two *t, enum sync_kind kind)
{
	for (size_t i = 0; i < t->out->count; i++)
		if (t->out->at[i].kind == LANE_SEND && t->out->at[i].msg.kind == kind)
			return &t->out->at[i].msg;
	return NULL;
}

static void
tell_hub(struct two *t, struct lane_event ev)
{
	ev.mono_ms = t->w->mono_ms;
	ev.ticket = t->w->hub.ticket;
	lane_hub_step(&t->w->hub, &ev, t->out);
}

static void
tell_node(struct two *t, struct lane_event ev)
{
	ev.mono_ms = t->w->mono_ms;
	ev.ticket = t->w->node.ticket;
	lane_node_step(&t->w->node, &ev, t->out);
}

static void
hub_hears(struct two *t, const struct sync_msg *m)
{
	const struct sync_msg copy = *m;
	tell_hub(t, (struct lane_event){.kind = LANE_MESSAGE, .message = &copy});
}

static void
node_hears(struct two *t, const struct sync_msg *m)
{
	const struct sync_msg copy = *m;
	tell_node(t, (struct lane_event){.kind = LANE_MESSAGE, .message = &copy});
}

/* The hub lacks the file; the node is asked for this chunk of it. */
static void
ask_for(struct two *t, uint32_t next)
{
	struct lane_event lacks = {.kind = LANE_LACKS, .file = t->file.file};
	lacks.file.next = next;
	tell_hub(t, lacks);
	const struct sync_msg *want = sent(t, SYNC_WANT);
	assert_non_null(want);
	assert_int_equal(want->want.next, next);
	node_hears(t, want);
}

/* The node reads the chunk that it asked its shell for; the message is in t->out. */
static void
fetch(struct two *t)
{
	const struct lane_files *f = &t->w->node.files;
	struct lane_event ev = {.kind = LANE_CHUNK_FETCHED, .found = true, .file = f->want};
	assert_int_equal(t->w->node.fetching, LANE_CHUNKS);
	ev.file.next = f->sent;
	ev.bytes = chunk(&t->file, f->sent, &ev.proof);
	tell_node(t, ev);
}

static struct sync_msg
chunk_message(struct two *t, uint32_t index)
{
	struct sync_msg m = {.kind = SYNC_CHUNK};
	memcpy(m.chunk.session, t->w->hub.session, sizeof(m.chunk.session));
	memcpy(m.chunk.root, t->file.file.root, HASH_BYTES);
	m.chunk.index = index;
	m.chunk.bytes = chunk(&t->file, index, &m.chunk.proof);
	return m;
}

/* ---- files ---- */

static void
a_file_comes_chunk_by_chunk_from_where_the_hub_stands(void **state)
{
	(void)state;
	OWNED_TWO struct two t;
	begin(&t);
	ask_for(&t, 3);
	for (uint32_t i = 3; i < CHUNKS_COUNT; i++) {
		fetch(&t);
		const struct sync_msg *m = sent(&t, SYNC_CHUNK);
		assert_non_null(m);
		assert_int_equal(m->chunk.index, i);
		hub_hears(&t, m);
		const struct lane_action *keep = action(&t, LANE_KEEP_CHUNK);
		assert_non_null(keep);
		assert_int_equal(keep->file.next, i);
		assert_null(sent(&t, SYNC_WANT));
		struct lane_event stored = {.kind = LANE_CHUNK_STORED, .file = t.file.file};
		stored.file.next = i + 1;
		tell_hub(&t, stored);
		assert_int_equal(action(&t, LANE_NEXT_FILE) != NULL, i + 1 == CHUNKS_COUNT);
		node_hears(&t, sent(&t, SYNC_WANT));
		assert_int_equal(action(&t, LANE_FILE_SENT) != NULL, i + 1 == CHUNKS_COUNT);
	}
	assert_false(t.w->node.files.open);
	assert_int_equal(t.w->node.flight_count, 0);
	assert_false(t.w->hub.wanted.open);
}

static void
a_chunk_of_another_file_is_refused_when_it_comes(void **state)
{
	(void)state;
	OWNED_TWO struct two t;
	begin(&t);
	ask_for(&t, 0);
	struct sync_msg m = chunk_message(&t, 0);
	uint8_t other[100] = {1};
	m.chunk.bytes = view_of(other, sizeof(other));
	hub_hears(&t, &m);
	assert_null(action(&t, LANE_KEEP_CHUNK));
	assert_non_null(action(&t, LANE_REPORT));
	const struct lane_action *next = action(&t, LANE_NEXT_FILE);
	assert_non_null(next);
	assert_int_equal(next->file.cursor, t.file.file.cursor);
	/* The true one comes too late: the file is left until the next session. */
	m = chunk_message(&t, 0);
	hub_hears(&t, &m);
	assert_int_equal(t.out->count, 0);
}

static void
no_chunk_fits_at_another_place_or_with_a_proof_that_is_cut(void **state)
{
	(void)state;
	OWNED_TWO struct two t;
	begin(&t);
	for (uint32_t i = 0; i < CHUNKS_COUNT; i++) {
		struct sync_msg m = chunk_message(&t, i);
		assert_true(lane_chunk_fits(&t.file.file, &m.chunk));
		m.chunk.index = (i + 1) % CHUNKS_COUNT;
		assert_false(lane_chunk_fits(&t.file.file, &m.chunk));
		m.chunk.index = i;
		m.chunk.proof.len -= 1;
		assert_false(lane_chunk_fits(&t.file.file, &m.chunk));
		m.chunk.proof.len -= HASH_BYTES - 1;
		assert_false(lane_chunk_fits(&t.file.file, &m.chunk));
	}
	struct sync_msg behind = chunk_message(&t, 0);
	behind.chunk.index = CHUNKS_COUNT;
	assert_false(lane_chunk_fits(&t.file.file, &behind.chunk));
}

static void
a_gap_ends_the_session_and_what_came_before_is_dropped(void **state)
{
	(void)state;
	OWNED_TWO struct two t;
	begin(&t);
	ask_for(&t, 2);
	struct sync_msg m = chunk_message(&t, 1);
	hub_hears(&t, &m);
	assert_int_equal(t.out->count, 0);
	m = chunk_message(&t, 3);
	hub_hears(&t, &m);
	assert_null(action(&t, LANE_KEEP_CHUNK));
	assert_int_equal(sent(&t, SYNC_CLOSE)->close.code, SYNC_CLOSE_STALE);
	assert_int_equal(t.w->hub.state, LANE_ABSENT);
}

static void
a_file_that_the_node_lacks_is_left_for_the_next_session(void **state)
{
	(void)state;
	OWNED_TWO struct two t;
	begin(&t);
	ask_for(&t, 0);
	const struct lane_action *a = action(&t, LANE_FETCH_CHUNK);
	tell_node(&t, (struct lane_event){.kind = LANE_CHUNK_FETCHED, .file = a->file});
	assert_int_equal(sent(&t, SYNC_CHUNK)->chunk.bytes.len, 0);
	hub_hears(&t, sent(&t, SYNC_CHUNK));
	assert_non_null(action(&t, LANE_REPORT));
	assert_int_equal(action(&t, LANE_NEXT_FILE)->file.cursor, t.file.file.cursor);
}

static void
a_want_that_was_lost_is_said_again_at_a_ping(void **state)
{
	(void)state;
	OWNED_TWO struct two t;
	begin(&t);
	ask_for(&t, 0);
	struct sync_msg ping = {.kind = SYNC_PING};
	memcpy(ping.ping.session, t.w->hub.session, sizeof(ping.ping.session));
	for (size_t i = 0; i < LANE_COUNT; i++)
		ping.ping.marks[i] = UINT32_MAX;
	hub_hears(&t, &ping);
	assert_non_null(sent(&t, SYNC_WANT));
	struct sync_msg m = chunk_message(&t, 0);
	hub_hears(&t, &m);
	hub_hears(&t, &ping);
	assert_null(sent(&t, SYNC_WANT));
}

static void
chunks_wait_for_entries_and_go_one_at_a_time_beside_them(void **state)
{
	(void)state;
	OWNED_TWO struct two t;
	begin(&t);
	ask_for(&t, 0);
	/* A record is written while the chunk is being read. */
	const struct lane_action *a = action(&t, LANE_FETCH_CHUNK);
	struct lane_event got = {.kind = LANE_CHUNK_FETCHED, .found = true, .file = a->file};
	got.bytes = chunk(&t.file, 0, &got.proof);
	struct lane_event written = {.kind = LANE_APPENDED, .lane = LANE_R, .mark = {4, {1}}};
	tell_node(&t, written);
	tell_node(&t, got);
	assert_null(sent(&t, SYNC_CHUNK));
	assert_int_equal(action(&t, LANE_FETCH)->lane, LANE_R);
	/* It is on its way, not acknowledged: one chunk goes, no second one. */
	t.w->node.fetching = 0;
	t.w->node.lanes[LANE_R - 1].sent = 4;
	tell_node(&t,
		(struct lane_event){.kind = LANE_APPENDED, .lane = LANE_R, .mark = {4, {1}}});
	fetch(&t);
	assert_non_null(sent(&t, SYNC_CHUNK));
	assert_null(action(&t, LANE_FETCH_CHUNK));
	t.w->node.lanes[LANE_R - 1].acked.seq = 4;
	tell_node(&t,
		(struct lane_event){.kind = LANE_APPENDED, .lane = LANE_R, .mark = {4, {1}}});
	assert_non_null(action(&t, LANE_FETCH_CHUNK));
}

/* ---- what may be on the way ---- */

static void
what_is_on_the_way_follows_what_the_line_takes(void **state)
{
	(void)state;
	static const struct {
		size_t bytes;
		int64_t took_ms;
		size_t least, most;
	} rows[] = {
		/* 64 kbit/s: 8 KiB a second */
		{65536, 8000, LANE_WINDOW_LEAST_BYTES, LANE_WINDOW_LEAST_BYTES},
		/* 256 kbit/s */
		{65536, 2000, LANE_WINDOW_LEAST_BYTES, LANE_WINDOW_LEAST_BYTES},
		/* 10 Mbit/s: some 60 ms a frame */
		{65536, 60, 2000000, 2500000},
		/* a small entry says little of a fast line */
		{300, 20, LANE_WINDOW_LEAST_BYTES, LANE_WINDOW_LEAST_BYTES},
		{65536, 0, 100000000, 200000000},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lane_window w = {0};
		assert_int_equal(lane_window_bytes(&w), LANE_WINDOW_LEAST_BYTES);
		const struct lane_window_sample s = {rows[i].bytes, 1000, 0, 0};
		lane_window_acked(&w, &s, 1000 + rows[i].took_ms);
		assert_in_range(lane_window_bytes(&w), rows[i].least, rows[i].most);
	}
}

static void
a_line_that_got_slow_is_found_out(void **state)
{
	(void)state;
	struct lane_window w = {0};
	int64_t now_ms = 0;
	for (size_t i = 0; i < 20; i++) {
		const struct lane_window_sample s = {65536, now_ms, w.acked_bytes, 0};
		now_ms += i < 5 ? 10 : 8000;
		lane_window_acked(&w, &s, now_ms);
	}
	assert_true(lane_window_bytes(&w) < 2 * LANE_WINDOW_LEAST_BYTES);
}

/* I11: two frames are on a line that is not known, of whatever lane; then control entries. */
static void
no_more_than_two_frames_are_ahead_of_a_control_entry(void **state)
{
	(void)state;
	OWNED(world) struct world *w = worlds_settled(1);
	struct lane_event credit = {.kind = LANE_CREDIT, .credit_bytes = SYNC_CREDIT_MAX_BYTES};
	world_tell_hub(w, &credit);
	world_run(w, 10000);
	w->node.window = (struct lane_window){0};
	world_write(w, LANE_R, 500, 1000);
	assert_true(w->node.flight_bytes <= LANE_WINDOW_LEAST_BYTES);
	assert_true(w->node.flight_count >= 2);
	uint64_t sent = w->node.lanes[LANE_R - 1].sent;
	world_write(w, LANE_C, 1000, 1000);
	assert_true(w->node.flight_bytes <= LANE_WINDOW_LEAST_BYTES);
	assert_int_equal(w->node.lanes[LANE_R - 1].sent, sent);
	world_run(w, LONG_MS);
	worlds_agree(w);
}

/* ---- the log ---- */

struct log {
	struct two two;
	struct tree leaves;
	struct note_key key;
	struct secret *log_key, *witness_key;
	uint8_t witness[SIGN_PUBLIC_BYTES];
	struct buf note;
};

static void
begin_log(struct log *l)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	memset(l, 0, sizeof(*l));
	begin(&l->two);
	make_tree(&l->leaves, 0x42);
	sign_keypair(public, &l->log_key);
	sign_keypair(l->witness, &l->witness_key);
	assert_ok(note_key_make(&l->key, ORIGIN, NOTE_ED25519, public));
	buf_init(&l->note, NOTE_MOST_BYTES);
	l->two.w->node.log.key = l->key;
	memcpy(l->two.w->hub.origin, ORIGIN, sizeof(ORIGIN));
	memcpy(l->two.w->hub.witness, l->witness, sizeof(l->witness));
}

static void
end_log(struct log *l)
{
	end(&l->two);
	secret_free(l->log_key);
	secret_free(l->witness_key);
	buf_done(&l->note);
}
#define OWNED_LOG __attribute__((cleanup(end_log)))

/* The node asks, and the hub shows the log of so many leaves with this proof. */
static void
show(struct log *l, uint64_t size, uint64_t proves_from)
{
	OWNED_BUF struct buf text;
	struct sync_mark m = mark_of(&l->leaves, size);
	struct note_checkpoint cp = {.origin = ORIGIN, .size = size};
	const struct merkle_source from = {subtree, &l->leaves};
	struct lane_event proved = {.kind = LANE_PROVED};
	l->two.w->mono_ms += LANE_WITNESS_EVERY_MS;
	l->two.w->node.heard_ms = l->two.w->node.progress_ms = l->two.w->mono_ms;
	tell_node(&l->two, (struct lane_event){.kind = LANE_TICK});
	const struct sync_msg *get = sent(&l->two, SYNC_LOG_GET);
	assert_non_null(get);
	proved.mark.seq = get->log_get.size;
	hub_hears(&l->two, get);
	assert_int_equal(action(&l->two, LANE_PROVE)->mark.seq, proved.mark.seq);
	memcpy(cp.root, m.head, HASH_BYTES);
	buf_init(&text, NOTE_MOST_BYTES);
	buf_reset(&l->note);
	assert_ok(note_checkpoint_text(&text, &cp));
	assert_ok(note_begin(&l->note, buf_view(&text)));
	assert_ok(note_sign(&l->note, buf_view(&text), &l->key, l->log_key, 0));
	proved.bytes = buf_view(&l->note);
	l->leaves.proof.count = 0;
	if (proves_from)
		assert_ok(merkle_prove_consistency(&l->leaves.proof, &from, proves_from, size));
	proved.proof = view_of(l->leaves.proof.hash, l->leaves.proof.count * HASH_BYTES);
	tell_hub(&l->two, proved);
	node_hears(&l->two, sent(&l->two, SYNC_LOG));
}

/* Commits what is to be kept; the cosignature is in l->two.out. */
static struct sync_msg
keep(struct log *l, uint64_t size)
{
	const struct lane_action *a = action(&l->two, LANE_KEEP_CHECKPOINT);
	assert_non_null(a);
	assert_int_equal(a->mark.seq, size);
	assert_null(sent(&l->two, SYNC_WITNESS));
	tell_node(
		&l->two, (struct lane_event){.kind = LANE_CHECKPOINT_KEPT, .wall_ms = NOW_MS});
	assert_int_equal(l->two.out->at[0].msg.kind, SYNC_WITNESS);
	lane_sign(&l->two.out->at[0], l->witness_key);
	return l->two.out->at[0].msg;
}

static void
a_checkpoint_is_kept_and_then_cosigned(void **state)
{
	(void)state;
	OWNED_LOG struct log l;
	begin_log(&l);
	show(&l, 2, 0);
	struct sync_msg m = keep(&l, 2);
	hub_hears(&l.two, &m);
	assert_int_equal(action(&l.two, LANE_KEEP_COSIGNATURE)->msg.witness.checkpoint.seq, 2);
	show(&l, 5, 2);
	m = keep(&l, 5);
	hub_hears(&l.two, &m);
	assert_non_null(action(&l.two, LANE_KEEP_COSIGNATURE));
	show(&l, 5, 0);
	assert_null(action(&l.two, LANE_KEEP_CHECKPOINT));
	assert_null(action(&l.two, LANE_ALARM));
}

static void
a_cosignature_of_anything_else_is_refused(void **state)
{
	(void)state;
	OWNED_LOG struct log l;
	begin_log(&l);
	show(&l, 2, 0);
	const struct sync_msg m = keep(&l, 2);
	for (int i = 0; i < 4; i++) {
		struct sync_msg other = m;
		other.witness.checkpoint.seq += i == 0;
		other.witness.checkpoint.head[0] ^= (uint8_t)(i == 1);
		other.witness.time_s += i == 2;
		other.witness.signature[9] ^= (uint8_t)(i == 3);
		hub_hears(&l.two, &other);
		assert_null(action(&l.two, LANE_KEEP_COSIGNATURE));
		assert_non_null(action(&l.two, LANE_REPORT));
	}
}

/* Row 60: edited below what was seen, cut, or not shown to continue. */
static void
a_log_that_does_not_continue_is_an_alarm_for_good(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		OWNED_LOG struct log l;
		begin_log(&l);
		show(&l, 4, 0);
		(void)keep(&l, 4);
		if (i < 2)
			l.leaves.bytes[1][5] ^= 1;
		show(&l, i == 0 ? 5 : i == 2 ? 3 : i == 3 ? 5 : 4, i == 0 ? 4 : 0);
		assert_non_null(action(&l.two, LANE_ALARM));
		assert_null(action(&l.two, LANE_KEEP_CHECKPOINT));
		assert_int_equal(l.two.w->node.log.kept.seq, 4);
		assert_int_equal(l.two.w->node.state, LANE_UP);
		l.two.w->mono_ms += LANE_WITNESS_EVERY_MS;
		l.two.w->node.heard_ms = l.two.w->mono_ms;
		tell_node(&l.two, (struct lane_event){.kind = LANE_TICK});
		assert_null(sent(&l.two, SYNC_LOG_GET));
	}
}

static void
a_checkpoint_that_the_log_did_not_sign_says_nothing(void **state)
{
	(void)state;
	OWNED_LOG struct log l;
	begin_log(&l);
	struct secret *other;
	uint8_t public[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &other);
	assert_ok(note_key_make(&l.two.w->node.log.key, ORIGIN, NOTE_ED25519, public));
	show(&l, 3, 0);
	secret_free(other);
	assert_non_null(action(&l.two, LANE_REPORT));
	assert_null(action(&l.two, LANE_ALARM));
	assert_null(action(&l.two, LANE_KEEP_CHECKPOINT));
}

/* I11: a NACK makes the node say again what may still lie on the line. */
static void
what_was_turned_back_counts_until_something_later_is_acknowledged(void **state)
{
	struct lane_window w = {0};
	(void)state;
	const struct lane_window_sample before = {65536, 1000, 0, w.turns};
	lane_window_turned(&w, 65536);
	assert_int_equal(lane_window_room(&w, 1), LANE_WINDOW_LEAST_BYTES - 65537);
	lane_window_acked(&w, &before, 9000);
	assert_int_equal(w.astray_bytes, 65536);
	lane_window_turned(&w, SIZE_MAX / 2);
	assert_int_equal(lane_window_room(&w, 1), 0);
	assert_int_equal(lane_window_room(&w, 0), LANE_WINDOW_FRAME_BYTES);
	const struct lane_window_sample after = {65536, 9000, w.acked_bytes, w.turns};
	lane_window_acked(&w, &after, 17000);
	assert_int_equal(w.astray_bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_was_turned_back_counts_until_something_later_is_acknowledged),
		cmocka_unit_test(a_file_comes_chunk_by_chunk_from_where_the_hub_stands),
		cmocka_unit_test(a_chunk_of_another_file_is_refused_when_it_comes),
		cmocka_unit_test(no_chunk_fits_at_another_place_or_with_a_proof_that_is_cut),
		cmocka_unit_test(a_gap_ends_the_session_and_what_came_before_is_dropped),
		cmocka_unit_test(a_file_that_the_node_lacks_is_left_for_the_next_session),
		cmocka_unit_test(a_want_that_was_lost_is_said_again_at_a_ping),
		cmocka_unit_test(chunks_wait_for_entries_and_go_one_at_a_time_beside_them),
		cmocka_unit_test(what_is_on_the_way_follows_what_the_line_takes),
		cmocka_unit_test(a_line_that_got_slow_is_found_out),
		cmocka_unit_test(no_more_than_two_frames_are_ahead_of_a_control_entry),
		cmocka_unit_test(a_checkpoint_is_kept_and_then_cosigned),
		cmocka_unit_test(a_cosignature_of_anything_else_is_refused),
		cmocka_unit_test(a_log_that_does_not_continue_is_an_alarm_for_good),
		cmocka_unit_test(a_checkpoint_that_the_log_did_not_sign_says_nothing),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
