#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/bundlecall.h"

#define FRAMES_COUNT   4
#define FILE_MAX_BYTES ((size_t)1 << 20)

/* A small bundle of an example writer, in memory. */
struct sample {
	struct buf bytes;
	struct secret *key;
	struct bundle_claim claim;
	struct view left; /* for reading */
};

static enum err
read_sample(void *arg, uint8_t *to, size_t len, size_t *ret_len)
{
	struct sample *s = arg;
	*ret_len = MIN(len, s->left.len);
	if (*ret_len)
		memcpy(to, s->left.at, *ret_len);
	s->left.at += *ret_len;
	s->left.len -= *ret_len;
	return OK;
}

static void
add_frame(struct sample *s, enum bundle_kind kind, size_t len)
{
	OWNED_MEM uint8_t *box = xcalloc(1, len);
	memset(box, 0x40 + (int)kind, len);
	bundle_frame(&s->bytes, &s->claim.sum, kind, view_of(box, len));
}

static int
make_sample(void **state)
{
	struct sample *s = xcalloc(1, sizeof(*s));
	struct bundle_head *h = &s->claim.head;
	buf_init(&s->bytes, FILE_MAX_BYTES);
	*h = (struct bundle_head){.way = BUNDLE_TO_HUB, .number = 3, .wall_ms = 1000};
	memcpy(h->study, "example", 8);
	sign_keypair(h->from, &s->key);
	memset(h->to, 0x11, sizeof(h->to));
	bundle_begin(&s->bytes, &s->claim.sum, h);
	add_frame(s, BUNDLE_STATE, 60);
	for (size_t i = 1; i < FRAMES_COUNT; i++)
		add_frame(s, BUNDLE_MESSAGE, 60 + i);
	bundle_end(&s->bytes, &s->claim.sum, s->key);
	s->left = buf_view(&s->bytes);
	*state = s;
	return s->bytes.broken;
}

static int
drop_sample(void **state)
{
	struct sample *s = *state;
	buf_done(&s->bytes);
	secret_free(s->key);
	free(s);
	return 0;
}

/* How the bytes are read to their end. */
static enum err
read_all(struct sample *s, struct view bytes, size_t *ret_frames)
{
	OWNED_BUNDLE struct bundle_reader r;
	enum bundle_kind kind = BUNDLE_STATE;
	struct view box;
	s->left = bytes;
	*ret_frames = 0;
	enum err e = bundle_open(&r, read_sample, s);
	while (!e && kind != BUNDLE_END) {
		e = bundle_next(&r, &kind, &box);
		if (!e && kind != BUNDLE_END)
			++*ret_frames;
	}
	return e;
}

static void
what_was_written_is_read_frame_by_frame(void **state)
{
	struct sample *s = *state;
	OWNED_BUNDLE struct bundle_reader r;
	enum bundle_kind kind;
	struct view box;
	assert_ok(bundle_open(&r, read_sample, s));
	assert_string_equal(r.claim.head.study, "example");
	assert_int_equal(r.claim.head.number, 3);
	assert_memory_equal(r.claim.head.from, s->claim.head.from, SIGN_PUBLIC_BYTES);
	for (size_t i = 0; i < FRAMES_COUNT; i++) {
		assert_ok(bundle_next(&r, &kind, &box));
		assert_int_equal(kind, i ? BUNDLE_MESSAGE : BUNDLE_STATE);
		assert_int_equal(box.len, 60 + i);
		assert_int_equal(box.at[0], 0x40 + (int)kind);
	}
	for (int i = 0; i < 2; i++) {
		assert_ok(bundle_next(&r, &kind, &box));
		assert_int_equal(kind, BUNDLE_END);
	}
	assert_true(bundle_sum_same(&r.claim.sum, &s->claim.sum));
}

/* row 72 */
static void
a_bundle_cut_short_at_any_byte_is_refused(void **state)
{
	struct sample *s = *state;
	size_t frames;
	for (size_t len = 0; len < s->bytes.len; len++)
		assert_err(read_all(s, view_of(s->bytes.at, len), &frames), E_FORMAT);
	assert_ok(read_all(s, buf_view(&s->bytes), &frames));
	buf_u8(&s->bytes, 0);
	assert_err(read_all(s, buf_view(&s->bytes), &frames), E_FORMAT);
}

/* row 72 */
static void
a_bundle_with_any_bit_turned_over_is_refused(void **state)
{
	struct sample *s = *state;
	size_t frames;
	for (size_t bit = 0; bit < 8 * s->bytes.len; bit++) {
		s->bytes.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		enum err e = read_all(s, buf_view(&s->bytes), &frames);
		if (e != E_FORMAT && e != E_AUTH)
			fail_msg("bit %zu: %s", bit, err_word(e));
		s->bytes.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* Frames of one kind in another's place, left out, twice, or too many. */
static void
only_frames_in_their_order_make_a_bundle(void **state)
{
	static const struct {
		enum bundle_kind kinds[3];
		size_t count;
		size_t len;
		enum err expected;
	} rows[] = {
		{{BUNDLE_STATE}, 1, 60, OK},
		{{BUNDLE_STATE, BUNDLE_MESSAGE, BUNDLE_CHUNK}, 3, 60, OK},
		{{BUNDLE_STATE, BUNDLE_WANT}, 2, BUNDLE_BOX_MAX_BYTES, OK},
		{{BUNDLE_MESSAGE}, 1, 60, E_FORMAT},
		{{BUNDLE_STATE, BUNDLE_STATE}, 2, 60, E_FORMAT},
		{{BUNDLE_STATE, BUNDLE_TERMS}, 2, 60, OK},
		{{BUNDLE_STATE, (enum bundle_kind)6}, 2, 60, E_FORMAT},
		{{BUNDLE_STATE}, 1, BOX_EXTRA_BYTES, E_FORMAT},
		{{BUNDLE_STATE}, 1, BUNDLE_BOX_MAX_BYTES + 1, E_FORMAT},
		{{0}, 0, 60, E_FORMAT},
	};
	struct sample *s = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t frames;
		buf_reset(&s->bytes);
		bundle_begin(&s->bytes, &s->claim.sum, &s->claim.head);
		for (size_t k = 0; k < rows[i].count; k++)
			add_frame(s, rows[i].kinds[k], rows[i].len);
		bundle_end(&s->bytes, &s->claim.sum, s->key);
		assert_err(read_all(s, buf_view(&s->bytes), &frames), rows[i].expected);
	}
}

static void
a_head_of_another_form_is_refused(void **state)
{
	struct sample *s = *state;
	size_t frames;
	struct bundle_head heads[3];
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		heads[i] = s->claim.head;
		heads[0].way = (enum bundle_way)3;
		heads[1].study[0] = '\0';
		heads[2].study[0] = '\xff';
		buf_reset(&s->bytes);
		bundle_begin(&s->bytes, &s->claim.sum, &heads[i]);
		add_frame(s, BUNDLE_STATE, 60);
		bundle_end(&s->bytes, &s->claim.sum, s->key);
		assert_err(read_all(s, buf_view(&s->bytes), &frames), E_FORMAT);
	}
}

static void
a_claim_travels_whole_and_is_held_against_its_signature(void **state)
{
	struct sample *s = *state;
	OWNED_BUNDLE struct bundle_reader r;
	OWNED_BUF struct buf packed;
	enum bundle_kind kind = BUNDLE_STATE;
	struct view box;
	struct bundle_claim c;
	assert_ok(bundle_open(&r, read_sample, s));
	while (kind != BUNDLE_END)
		assert_ok(bundle_next(&r, &kind, &box));
	buf_init(&packed, FILE_MAX_BYTES);
	bundle_claim_write(&packed, &r.claim);
	assert_ok(bundle_claim_read(&c, buf_view(&packed)));
	assert_ok(bundle_claim_check(&c));
	c.sum.count++;
	assert_err(bundle_claim_check(&c), E_AUTH);
	c.sum.count--;
	c.head.from[0] ^= 1;
	assert_err(bundle_claim_check(&c), E_AUTH);
	for (size_t len = 0; len < packed.len; len++)
		assert_err(bundle_claim_read(&c, view_of(packed.at, len)), E_FORMAT);
}

static void
states_are_read_as_they_were_written(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	struct bundle_node_state n = {.incarnation = 2,
					 .config = 7,
					 .log_size = 40,
					 .first = {1, 5, 9}},
				 m;
	struct bundle_hub_state h = {.verdict = SYNC_FORK, .config = 4}, k;
	n.last[1].seq = 12;
	memset(n.last[1].head, 0x5a, HASH_BYTES);
	memset(h.answers, 0x77, HASH_BYTES);
	buf_init(&b, BUNDLE_STATE_MAX_BYTES);
	bundle_node_state_write(&b, &n);
	assert_ok(bundle_node_state_read(&m, buf_view(&b)));
	assert_memory_equal(&m, &n, sizeof(m));
	for (size_t len = 0; len < b.len; len++)
		assert_err(bundle_node_state_read(&m, view_of(b.at, len)), E_FORMAT);
	buf_reset(&b);
	bundle_hub_state_write(&b, &h);
	assert_ok(bundle_hub_state_read(&k, buf_view(&b)));
	assert_int_equal(k.verdict, SYNC_FORK);
	assert_memory_equal(k.answers, h.answers, HASH_BYTES);
	b.at[HASH_BYTES] = 0;
	assert_err(bundle_hub_state_read(&k, buf_view(&b)), E_FORMAT);
	b.at[HASH_BYTES] = SYNC_OLDER + 1;
	assert_err(bundle_hub_state_read(&k, buf_view(&b)), E_FORMAT);
}

/* files */

static void
a_file_is_there_only_when_it_is_whole(void **state)
{
	struct sample *s = *state;
	char dir[] = "/tmp/weir-bundle-XXXXXX", path[64], aside[68];
	struct bundlefile_facts facts;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/a", dir);
	(void)snprintf(aside, sizeof(aside), "%s.new", path);
	struct bundlefile *f = NULL;
	assert_ok(bundlefile_create(&f, path));
	assert_ok(bundlefile_add(f, view_of(s->bytes.at, s->bytes.len / 2)));
	assert_int_equal(access(path, F_OK), -1);
	bundlefile_free(f);
	assert_int_equal(access(aside, F_OK), -1);
	assert_ok(bundlefile_create(&f, path));
	assert_ok(bundlefile_add(f, buf_view(&s->bytes)));
	assert_ok(bundlefile_keep(f));
	bundlefile_free(f);
	assert_ok(bundlefile_check(&facts, path, FILE_MAX_BYTES));
	assert_int_equal(facts.bytes, s->bytes.len);
	assert_err(bundlefile_check(&facts, path, s->bytes.len - 1), E_FULL);
	assert_err(bundlefile_create(&f, path), E_CONFLICT);
	assert_err(bundlefile_check(&facts, dir, FILE_MAX_BYTES), E_FORMAT);
	assert_int_equal(unlink(path), 0);
	assert_err(bundlefile_check(&facts, path, FILE_MAX_BYTES), E_NOTFOUND);
	assert_int_equal(rmdir(dir), 0);
}

/* The other side of a call: what came, and what is answered. */
struct other_side {
	struct sample *sample;
	size_t at, busy;
	unsigned opened, given, closed;
	struct bundle_claim claim;
	struct bundle_sum sum;
};

static enum err
answer_call(void *arg, enum bundlecall_verb verb, struct view fields, struct buf *reply)
{
	struct other_side *o = arg;
	struct cursor c = cursor_of(fields);
	if (verb == BUNDLECALL_OPEN) {
		o->opened++;
		enum err e = bundle_claim_read(&o->claim, cursor_blob(&c));
		bundle_sum_begin(&o->sum, &o->claim.head);
		return e;
	}
	if (verb == BUNDLECALL_GIVE) {
		enum bundle_kind kind = (enum bundle_kind)cursor_u8(&c);
		bundle_sum_add(&o->sum, kind, cursor_blob(&c));
		o->given++;
		return cursor_end(&c, "frame");
	}
	if (verb == BUNDLECALL_CLOSE) {
		o->closed++;
		buf_blob_text(reply, "{\"fine\":1}");
		return OK;
	}
	if (o->busy && o->busy--)
		return fail(E_BUSY, "not yet");
	const struct buf *whole = &o->sample->bytes;
	size_t len = MIN((size_t)50, whole->len - o->at);
	o->at += len;
	bool more = o->at < whole->len;
	buf_u8(reply, more);
	buf_blob(reply, view_of(whole->at + o->at - len, len));
	buf_blob_text(reply, more ? "" : "{\"done\":1}");
	return OK;
}

static void
a_bundle_goes_through_a_socket_piece_by_piece_and_back(void **state)
{
	struct sample *s = *state;
	struct other_side o = {.sample = s, .busy = 1};
	const struct bundlecall c = {answer_call, &o};
	char dir[] = "/tmp/weir-bundle-XXXXXX", path[64];
	OWNED_BUF struct buf json;
	buf_init(&json, FILE_MAX_BYTES);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/a", dir);
	assert_ok(bundlecall_take(&c, path, view_of(NULL, 0), &json));
	assert_true(view_same(buf_view(&json), view_text("{\"done\":1}")));
	buf_reset(&json);
	assert_ok(bundlecall_give(&c, path, FILE_MAX_BYTES, &json));
	assert_true(view_same(buf_view(&json), view_text("{\"fine\":1}")));
	assert_int_equal(o.opened, 1);
	assert_int_equal(o.given, FRAMES_COUNT);
	assert_int_equal(o.closed, 1);
	assert_true(bundle_sum_same(&o.sum, &o.claim.sum));
	assert_int_equal(unlink(path), 0);
	/* One that is damaged on its way is found when it was written. */
	o.at = 0;
	s->bytes.at[s->bytes.len / 2] ^= 1;
	assert_err(bundlecall_take(&c, path, view_of(NULL, 0), &json), E_AUTH);
	o.opened = 0;
	assert_err(bundlecall_give(&c, path, FILE_MAX_BYTES, &json), E_AUTH);
	assert_int_equal(o.opened, 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, make_sample, drop_sample)
	const struct CMUnitTest tests[] = {
		EACH(what_was_written_is_read_frame_by_frame),
		EACH(a_bundle_cut_short_at_any_byte_is_refused),
		EACH(a_bundle_with_any_bit_turned_over_is_refused),
		EACH(only_frames_in_their_order_make_a_bundle),
		EACH(a_head_of_another_form_is_refused),
		EACH(a_claim_travels_whole_and_is_held_against_its_signature),
		cmocka_unit_test(states_are_read_as_they_were_written),
		EACH(a_file_is_there_only_when_it_is_whole),
		EACH(a_bundle_goes_through_a_socket_piece_by_piece_and_back),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
