#include "tests/unit/node_place.h"

#include "common/sync/lane_proof.h"
#include "node/sync_chunks.h"

#define SEALED_BYTES (ATTACH_CHUNK_BYTES + AEAD_EXTRA_BYTES)
#define CHUNKS_COUNT 130 /* two whole blocks of hashes, and some more */
#define LAST_BYTES   1000

struct file {
	uint8_t *bytes;
	struct sync_chunks_file file;
	struct lane_file asked;
};

static void
end_file(struct file *f)
{
	free(f->bytes);
}
#define OWNED_FILE __attribute__((cleanup(end_file)))

static void
put_file(struct place *p, struct file *f, uint32_t count, bool to_hub)
{
	size_t len = (count - 1) * SEALED_BYTES + LAST_BYTES;
	*f = (struct file){.bytes = xcalloc(len, 1), .file = {.to_hub = to_hub}};
	crypto_random(f->bytes, len);
	crypto_random(f->file.id, sizeof(f->file.id));
	f->file.sealed = view_of(f->bytes, len);
	f->asked.count = count;
	assert_ok(sync_chunks_put(p->vault, &f->file, f->asked.root));
	assert_ok(vault_commit(p->vault));
}

static struct lane_event
read_chunk(struct place *p, const struct file *f, uint32_t index, struct merkle_proof *room)
{
	struct lane_event ev = {0};
	struct lane_action a = {.ticket = 3, .file = f->asked};
	a.file.next = index;
	assert_ok(sync_chunks_read(p->vault, &a, room, &ev));
	assert_int_equal(ev.ticket, 3);
	return ev;
}

static void
every_chunk_goes_with_a_proof_that_fits(void **state)
{
	struct place *p = *state;
	OWNED_FILE struct file f;
	struct merkle_proof room;
	uint8_t root[HASH_BYTES];
	put_file(p, &f, CHUNKS_COUNT, true);
	assert_ok(attach_root(root, f.file.sealed));
	assert_memory_equal(root, f.asked.root, HASH_BYTES);
	static const uint32_t rows[] = {0, 1, 62, 63, 64, 127, 128, CHUNKS_COUNT - 1};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lane_event ev = read_chunk(p, &f, rows[i], &room);
		const struct sync_chunk c = {
			.index = rows[i], .bytes = ev.bytes, .proof = ev.proof};
		assert_true(ev.found);
		assert_int_equal(
			ev.bytes.len, rows[i] == CHUNKS_COUNT - 1 ? LAST_BYTES : SEALED_BYTES);
		assert_true(lane_chunk_fits(&f.asked, &c));
	}
	vault_abort(p->vault);
}

static void
what_is_not_here_is_said_so(void **state)
{
	struct place *p = *state;
	OWNED_FILE struct file f, of_site;
	struct merkle_proof room;
	put_file(p, &f, 2, true);
	put_file(p, &of_site, 2, false);
	assert_true(read_chunk(p, &f, 1, &room).found);
	assert_false(read_chunk(p, &f, 2, &room).found);
	assert_false(read_chunk(p, &of_site, 0, &room).found);
	f.asked.count = 3;
	assert_false(read_chunk(p, &f, 1, &room).found);
	f.asked.count = 2;
	f.asked.root[0] ^= 1;
	assert_false(read_chunk(p, &f, 1, &room).found);
	vault_abort(p->vault);
}

/* The hub asks for it in each session: an error would end the process each time. */
static void
a_chunk_that_is_damaged_here_is_said_not_to_be_here(void **state)
{
	struct place *p = *state;
	OWNED_FILE struct file f;
	struct merkle_proof room;
	uint8_t key[ID_BYTES + 4] = {0};
	put_file(p, &f, 3, true);
	memcpy(key, f.file.id, ID_BYTES);
	key[ID_BYTES + 3] = 1;
	spoil_row(p, TABLE_CHUNKS, view_of(key, sizeof(key)));
	assert_true(read_chunk(p, &f, 0, &room).found);
	assert_false(read_chunk(p, &f, 1, &room).found);
	spoil_row(p, TABLE_CHUNKS, view_of(f.asked.root, HASH_BYTES));
	assert_false(read_chunk(p, &f, 0, &room).found);
	vault_abort(p->vault);
}

static void
files_are_counted_until_they_are_dropped(void **state)
{
	struct place *p = *state;
	OWNED_FILE struct file one, two;
	struct sync_chunks_count n;
	struct merkle_proof room;
	put_file(p, &one, 1, true);
	put_file(p, &two, 3, true);
	for (int again = 0; again < 2; again++)
		assert_ok(sync_chunks_sent(p->vault, one.asked.root));
	assert_ok(sync_chunks_counts(p->vault, &n));
	assert_int_equal(n.all, 2);
	assert_int_equal(n.sent, 1);
	/* A hub that was restored asks again, so it stays. */
	assert_true(read_chunk(p, &one, 0, &room).found);
	assert_ok(sync_chunks_drop(p->vault, one.file.id, one.asked.root));
	assert_false(read_chunk(p, &one, 0, &room).found);
	assert_true(read_chunk(p, &two, 2, &room).found);
	assert_ok(sync_chunks_counts(p->vault, &n));
	assert_int_equal(n.all, 1);
	assert_int_equal(n.sent, 0);
	vault_abort(p->vault);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(every_chunk_goes_with_a_proof_that_fits),
		at_a_node(what_is_not_here_is_said_so),
		at_a_node(a_chunk_that_is_damaged_here_is_said_not_to_be_here),
		at_a_node(files_are_counted_until_they_are_dropped),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
