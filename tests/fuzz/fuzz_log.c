#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/trust/tlog.h"
#include "common/trust/tlogcheck.h"
#include "tests/fuzz/fuzz_dir.h"

#define LEAVES_MOST_COUNT 40
#define FILES_COUNT       3

/* The leaves of a log, lent by the input. */
struct leaves {
	struct view at[LEAVES_MOST_COUNT];
	size_t count;
};

static enum err
lend(void *arg, uint64_t index, struct view *ret)
{
	const struct leaves *l = arg;
	*ret = l->at[index];
	return OK;
}

static void
count_entry(void *arg, uint64_t index, struct view entry)
{
	(void)index;
	(void)entry;
	++*(uint64_t *)arg;
}

static void
write_log(struct leaves *l, struct note_checkpoint *ret)
{
	const struct tlog_source from = {lend, NULL, l};
	OWNED(tlog) struct tlog *t = NULL;
	fuzz_must(!tlog_open(&t, fuzz_dir(), &from, 0));
	fuzz_must(!tlog_grow(t, &from, l->count));
	*ret = (struct note_checkpoint){.size = l->count};
	tlog_root(ret->root, t);
}

static enum err
check(const struct note_checkpoint *cp, uint64_t *ret_entries)
{
	const struct tlogcheck to = {.entry = count_entry, .arg = ret_entries};
	*ret_entries = 0;
	return tlogcheck_run(fuzz_dir(), cp, &to);
}

/* A log of these leaves verifies; with a file that says something else it does not. */
static void
try_changed(struct cursor *c)
{
	struct leaves l = {.count = 0};
	struct note_checkpoint cp;
	uint64_t entries;
	uint8_t which = cursor_u8(c);
	while (c->left && l.count < LEAVES_MOST_COUNT) {
		uint8_t len = cursor_u8(c);
		l.at[l.count++] = cursor_bytes(c, MIN((size_t)len, c->left));
	}
	if (l.count == 0)
		return;
	write_log(&l, &cp);
	fuzz_must(!check(&cp, &entries) && entries == l.count);
	cp.root[which % HASH_BYTES] ^= 1;
	fuzz_must(check(&cp, &entries) == E_AUTH);
	cp.root[which % HASH_BYTES] ^= 1;
	OWNED_MEM char *bundle =
		tile_name(which % 2 ? TILE_ENTRIES : 0, 0, tile_width(l.count, 0));
	fuzz_dir_write(bundle, view_text("x"));
	fuzz_must(check(&cp, &entries));
}

/* Any bytes as bundle, tile or checkpoint. */
static void
try_file(uint8_t which, struct view bytes)
{
	uint8_t hashes[TILE_HASHES_COUNT][HASH_BYTES];
	OWNED_BUF struct buf bundle;
	OWNED_MEM uint8_t *checkpoint = NULL;
	struct note note;
	size_t len = 0;
	unsigned width = 1 + which / FILES_COUNT;
	OWNED_MEM char *entries = tile_name(TILE_ENTRIES, 0, width);
	OWNED_MEM char *tile = tile_name(0, 0, width);
	fuzz_dir_write(which % FILES_COUNT == 0   ? entries
		       : which % FILES_COUNT == 1 ? tile
						  : "checkpoint",
		bytes);
	buf_init(&bundle, TILE_BUNDLE_MOST_BYTES);
	(void)!tile_read(hashes, fuzz_dir(), 0, 0, width);
	if (!tile_read_bundle(&bundle, fuzz_dir(), 0, width)) {
		struct cursor c = cursor_of(buf_view(&bundle));
		for (unsigned i = 0; i < width; i++)
			(void)tile_next_entry(&c);
		fuzz_must(!c.broken);
	}
	if (!tile_read_checkpoint(&checkpoint, &len, fuzz_dir()))
		(void)!note_parse(&note, view_of(checkpoint, len));
}

/* The first byte says which: `l` a log that is changed afterwards, else a file as it comes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (crypto_init() || size < 2)
		return 0;
	struct cursor c = cursor_of(view_of(data + 1, size - 1));
	fuzz_dir_empty();
	if (data[0] == 'l')
		try_changed(&c);
	else
		try_file(data[1], view_of(data + 2, size - 2));
	return 0;
}
