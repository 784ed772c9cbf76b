#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/crypto.h"
#include "hub/journal.h"
#include "tests/fuzz/fuzz_dir.h"

#define ITEMS_MOST_COUNT   6
#define JOURNAL_MOST_BYTES ((size_t)1 << 20)

static const struct journal_mark none; /* nothing is known of it */

/* What an opening handed out, as one hash after each item. */
struct seen {
	uint8_t after[ITEMS_MOST_COUNT + 1][HASH_BYTES];
	size_t count;
};

static enum err
see_item(void *arg, uint8_t kind, struct view content)
{
	struct seen *s = arg;
	const size_t last = MIN(s->count, (size_t)ITEMS_MOST_COUNT);
	const struct view parts[] = {
		view_of(s->after[last], HASH_BYTES), view_of(&kind, 1), content};
	s->count++;
	if (last < ITEMS_MOST_COUNT)
		crypto_hash_many(s->after[last + 1], NULL, NULL, parts, ARRAY_LEN(parts));
	return OK;
}

/* A reader beside the writer finds no more than the writer, and the file is opened a second
 * time as it was the first. */
static void
must_open_again(struct seen *first)
{
	struct seen second = {.count = 0}, beside = {.count = 0};
	OWNED(journal) struct journal *j = NULL;
	fuzz_must(!journal_open(&j, fuzz_dir(), &none, see_item, &second));
	fuzz_must(first->count == second.count);
	fuzz_must(memcmp(first->after, second.after, sizeof(first->after)) == 0);
	fuzz_must(!journal_read(fuzz_dir(), see_item, &beside));
	fuzz_must(beside.count == second.count);
}

/* Any file: a journal, or an error that leaves it as it was. */
static void
try_file(struct view file)
{
	struct seen seen = {.count = 0};
	struct journal *j = NULL;
	fuzz_dir_write("journal", file);
	(void)!journal_read(fuzz_dir(), see_item, &seen);
	seen = (struct seen){.count = 0};
	if (journal_open(&j, fuzz_dir(), &none, see_item, &seen)) {
		OWNED_MEM uint8_t *left = NULL;
		OWNED_MEM char *path = xasprintf("%s/journal", fuzz_dir());
		size_t len = 0;
		fuzz_must(!text_read_file(&left, &len, path, JOURNAL_MOST_BYTES));
		fuzz_must(view_same(view_of(left, len), file));
		return;
	}
	journal_free(j);
	must_open_again(&seen);
}

/* gives how many items were written, each as `u8 kind, u8 length, bytes` of the input. */
static size_t
write_items(struct cursor *c, struct seen *all, struct journal_mark *ret)
{
	OWNED(journal) struct journal *j = NULL;
	fuzz_must(!journal_open(&j, fuzz_dir(), &none, NULL, NULL));
	while (c->left && all->count < ITEMS_MOST_COUNT) {
		uint8_t kind = cursor_u8(c), len = cursor_u8(c);
		struct view content = cursor_bytes(c, MIN((size_t)len, c->left));
		fuzz_must(!journal_append(j, (enum journal_kind)kind, content));
		fuzz_must(!see_item(all, kind, content));
	}
	*ret = journal_mark_of(j);
	return all->count;
}

/* A journal that was cut anywhere behind its first line opens with the items before the cut,
 * for who has not kept how far it went. */
static void
try_cut(struct cursor *c)
{
	struct seen all = {.count = 0}, left = {.count = 0};
	OWNED_MEM char *path = xasprintf("%s/journal", fuzz_dir());
	OWNED_MEM uint8_t *bytes = NULL;
	struct journal_mark whole;
	struct journal *j = NULL;
	size_t len = 0, cut = cursor_u16(c), head = strlen("weir-journal-v3\n");
	size_t written = write_items(c, &all, &whole);
	fuzz_must(!text_read_file(&bytes, &len, path, JOURNAL_MOST_BYTES));
	cut = head + cut % (len - head + 1);
	fuzz_must(truncate(path, (off_t)cut) == 0);
	/* Who knows how far it went misses what was cut off. */
	enum err e = journal_open(&j, fuzz_dir(), &whole, NULL, NULL);
	fuzz_must(!e == (cut == len));
	journal_free(take(j));
	fuzz_must(!journal_open(&j, fuzz_dir(), &none, see_item, &left));
	journal_free(j);
	fuzz_must(left.count <= written);
	fuzz_must(cut < len || left.count == written);
	fuzz_must(memcmp(left.after[left.count], all.after[left.count], HASH_BYTES) == 0);
	must_open_again(&left);
}

/* The first byte says which: `c` a journal that was cut, else a file as it comes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (crypto_init() || size == 0)
		return 0;
	struct cursor c = cursor_of(view_of(data + 1, size - 1));
	fuzz_dir_empty();
	if (data[0] == 'c')
		try_cut(&c);
	else
		try_file(view_of(data + 1, size - 1));
	return 0;
}
