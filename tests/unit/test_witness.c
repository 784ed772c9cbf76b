#include "tests/unit/suite.h"

#include "common/codec/text.h"
#include "common/sync/lane_proof.h"
#include "common/trust/tile.h"
#include "hub/witness.h"
#include "tests/unit/hub_place.h"

#define TIME_S 1795305660

struct site {
	struct writer writer;
	struct secret *key;
};

static void
make_site(struct site *s)
{
	*s = (struct site){.writer = {.public = {0x3f, 0x2a, 0x91, 0xbc}, .site = "exa"}};
	sign_keypair(s->writer.witness, &s->key);
}

static void
end_site(struct site *s)
{
	secret_free(s->key);
}
#define OWNED_SITE __attribute__((cleanup(end_site)))

static struct vault_txn *
turn(struct hub_place *p)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&p->hub, &t));
	return t;
}

static void
grow(struct hub_place *p, size_t count)
{
	char id[32];
	const struct leaf l = {.id = id,
		.actor = "ledger",
		.action = "hub-started",
		.t_s = PLACE_NOW_S / 60 * 60};
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(id, sizeof(id), "leaf-%zu", i);
		assert_ok(audit_add(p->hub.audit, turn(p), &l, NULL));
	}
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
	assert_ok(audit_publish(p->hub.audit));
}

static struct sync_mark
now(const struct hub_place *p)
{
	struct sync_mark m = {.seq = audit_published_size(p->hub.audit)};
	audit_published_root(m.head, p->hub.audit);
	return m;
}

static struct sync_witness
cosign(const struct hub_place *p, const struct site *s, const struct sync_mark *m)
{
	struct sync_witness w = {.checkpoint = *m, .time_s = TIME_S};
	assert_ok(lane_witness_sign(&w, audit_key(p->hub.audit)->name, s->key));
	return w;
}

static void
a_witness_is_shown_that_the_log_continues_what_it_saw(void **state)
{
	struct hub_place *p = *state;
	OWNED_BUF struct buf note;
	struct merkle_proof proof;
	struct sync_mark seen = {0}, read;
	buf_init(&note, NOTE_MOST_BYTES);
	assert_ok(witness_prove(p->hub.audit, 0, &note, &proof));
	assert_int_equal(note.len, 0);
	for (size_t i = 0; i < 4; i++) {
		grow(p, 1 + 3 * i);
		buf_reset(&note);
		assert_ok(witness_prove(p->hub.audit, seen.seq, &note, &proof));
		struct view packed = view_of(proof.hash, proof.count * HASH_BYTES);
		assert_true(lane_log_read(&read, buf_view(&note), audit_key(p->hub.audit)));
		assert_true(lane_log_grew(&seen, &read, packed));
		seen = now(p);
		assert_memory_equal(&seen, &read, sizeof(seen));
	}
	/* The same, and one that is longer than the log: shown as it is, with nothing
	 * proved. */
	for (uint64_t more = 0; more < 2; more++) {
		buf_reset(&note);
		assert_ok(witness_prove(p->hub.audit, seen.seq + more, &note, &proof));
		assert_int_equal(proof.count, 0);
		assert_true(note.len > 0);
	}
}

static void
a_cosignature_stands_beside_the_log_as_a_signed_note(void **state)
{
	struct hub_place *p = *state;
	OWNED_SITE struct site s;
	struct witness_last last;
	struct note_key key;
	struct note note;
	struct note_checkpoint cp;
	OWNED_MEM uint8_t *bytes = NULL;
	OWNED_MEM char *path = xasprintf("%s/log/cosigned/exa-3f2a91bc", p->dir);
	size_t len = 0;
	int64_t time_s = 0;
	make_site(&s);
	grow(p, 5);
	struct sync_mark first = now(p);
	struct sync_witness w = cosign(p, &s, &first);
	grow(p, 3);
	assert_ok(witness_keep(p->hub.audit, turn(p), &s.writer, &w));
	assert_ok(witness_last(turn(p), &s.writer, &last));
	assert_int_equal(last.size, 5);
	assert_int_equal(last.time_s, TIME_S);
	assert_ok(text_read_file(&bytes, &len, path, NOTE_MOST_BYTES));
	assert_ok(
		note_checkpoint_open(&cp, &note, view_of(bytes, len), audit_key(p->hub.audit)));
	assert_int_equal(cp.size, 5);
	assert_ok(witness_key(&key, &s.writer));
	assert_string_equal(key.name, "exa/3f2a91bc");
	assert_ok(note_check(&note, &key, &time_s));
	assert_int_equal(time_s, TIME_S);
	/* The newest of each witness counts. */
	struct sync_mark second = now(p);
	struct sync_witness newer = cosign(p, &s, &second);
	assert_ok(witness_keep(p->hub.audit, turn(p), &s.writer, &newer));
	assert_ok(witness_keep(p->hub.audit, turn(p), &s.writer, &w));
	assert_ok(witness_last(turn(p), &s.writer, &last));
	assert_int_equal(last.size, 8);
}

/* Row 60. */
static void
a_cosignature_over_another_log_is_told_apart(void **state)
{
	struct hub_place *p = *state;
	OWNED_SITE struct site s;
	struct witness_last last;
	make_site(&s);
	grow(p, 4);
	struct sync_mark other = now(p), longer = now(p);
	other.head[3] ^= 1;
	longer.seq++;
	struct sync_witness w = cosign(p, &s, &other);
	assert_refused(
		witness_keep(p->hub.audit, turn(p), &s.writer, &w), E_CONFLICT, "another log");
	w = cosign(p, &s, &longer);
	assert_refused(witness_keep(p->hub.audit, turn(p), &s.writer, &w), E_CONFLICT,
		"more of the log");
	assert_ok(witness_last(turn(p), &s.writer, &last));
	assert_int_equal(last.size, 0);
}

#define at_a_hub(test) cmocka_unit_test_setup_teardown(test, make_hub, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_hub(a_witness_is_shown_that_the_log_continues_what_it_saw),
		at_a_hub(a_cosignature_stands_beside_the_log_as_a_signed_note),
		at_a_hub(a_cosignature_over_another_log_is_told_apart),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
