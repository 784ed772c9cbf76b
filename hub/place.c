#include "hub/place.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"

#include "hub/writer.h"

#define PREFIX_BYTES  4 /* of the writer, shown as eight hex digits */
#define PREFIX_DIGITS (2 * PREFIX_BYTES)

static const char letters[] = {[LANE_C] = 'C', [LANE_R] = 'R', [LANE_A] = 'A'};

static void
put_big_endian(uint8_t *to, uint64_t v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
}

void
place_key(uint8_t ret[static PLACE_KEY_BYTES], const struct place *p)
{
	memcpy(ret, p->writer, sizeof(p->writer));
	put_big_endian(ret + sizeof(p->writer), p->incarnation, 4);
	ret[sizeof(p->writer) + 4] = p->lane;
	put_big_endian(ret + PLACE_LANE_BYTES, p->seq, 8);
}

void
place_part_key(
	uint8_t ret[static PLACE_PART_KEY_BYTES], const struct place *p, uint8_t part_kind)
{
	place_key(ret, p);
	ret[PLACE_KEY_BYTES] = part_kind;
}

enum err
place_from_key(struct place *ret, struct view key)
{
	struct cursor c = cursor_of(key);
	*ret = (struct place){0};
	cursor_copy(&c, ret->writer, sizeof(ret->writer));
	ret->incarnation = cursor_u32(&c);
	ret->lane = cursor_u8(&c);
	ret->seq = cursor_u64(&c);
	enum err e = cursor_end(&c, "place of an entry");
	if (!e && (ret->lane < LANE_C || ret->lane > LANE_A))
		e = fail(E_FORMAT, "place of an entry: there is no such lane");
	return e;
}

void
place_write(struct buf *to, const struct place *p)
{
	uint8_t key[PLACE_KEY_BYTES];
	place_key(key, p);
	buf_add(to, key, sizeof(key));
}

void
place_read(struct cursor *from, struct place *ret)
{
	struct view key = cursor_bytes(from, PLACE_KEY_BYTES);
	*ret = (struct place){0};
	if (from->broken || place_from_key(ret, key))
		from->broken = true;
}

bool
place_same(const struct place *a, const struct place *b)
{
	return memcmp(a->writer, b->writer, sizeof(a->writer)) == 0 &&
	       a->incarnation == b->incarnation && a->lane == b->lane && a->seq == b->seq;
}

void
place_name(char ret[static PLACE_NAME_BYTES], const struct place *p)
{
	char prefix[PREFIX_DIGITS + 1];
	text_hex(prefix, p->writer, PREFIX_BYTES);
	char letter = '?';
	if (p->lane >= LANE_C && p->lane <= LANE_A)
		letter = letters[p->lane];
	(void)snprintf(ret, PLACE_NAME_BYTES, "%s.%u.%c.%llu", prefix, p->incarnation, letter,
		(unsigned long long)p->seq);
}

/* names */

/* The piece up to the next point; *rest stands behind it. */
static struct view
next_piece(const char **rest)
{
	const char *point = strchr(*rest, '.');
	struct view piece = point ? view_of(*rest, (size_t)(point - *rest)) : view_text(*rest);
	*rest = point ? point + 1 : "";
	return piece;
}

static uint8_t
lane_of(struct view piece)
{
	for (unsigned lane = LANE_C; lane <= LANE_A; lane++)
		if (piece.len == 1 && piece.at[0] == (uint8_t)letters[lane])
			return (uint8_t)lane;
	return 0;
}

static bool
read_name(struct place *ret, const char *name, uint8_t ret_prefix[static PREFIX_BYTES])
{
	char digits[PREFIX_DIGITS + 1] = "";
	int64_t incarnation = 0, seq = 0;
	struct view prefix = next_piece(&name);
	if (prefix.len != PREFIX_DIGITS)
		return false;
	memcpy(digits, prefix.at, PREFIX_DIGITS);
	if (!text_unhex(ret_prefix, PREFIX_BYTES, digits) ||
		!text_int(next_piece(&name), &incarnation))
		return false;
	ret->lane = lane_of(next_piece(&name));
	if (!text_int(view_text(name), &seq) || !ret->lane)
		return false;
	ret->incarnation = (uint32_t)incarnation;
	ret->seq = (uint64_t)seq;
	return incarnation > 0 && incarnation <= UINT32_MAX && seq > 0;
}

struct search {
	uint8_t prefix[PREFIX_BYTES];
	struct place *found;
	size_t count;
};

static enum err
search_writer(void *arg, const struct writer *w)
{
	struct search *s = arg;
	if (memcmp(w->public, s->prefix, sizeof(s->prefix)) != 0)
		return OK;
	memcpy(s->found->writer, w->public, sizeof(w->public));
	s->count++;
	return OK;
}

enum err
place_find(struct place *ret, struct vault_txn *t, const char *name)
{
	struct place found = {0};
	struct search s = {.found = &found};
	*ret = found;
	if (!read_name(&found, name, s.prefix))
		return fail(E_FORMAT, "the name of an entry is WRITER.INCARNATION.LANE.NUMBER, "
				      "as 3f2a91bc.1.R.17");
	enum err e = writer_each(t, search_writer, &s);
	if (!e && s.count == 0)
		e = fail(E_NOTFOUND, "no node's entries are called so");
	if (!e && s.count > 1)
		e = fail(E_CONFLICT, "the entries of two nodes are called so");
	if (!e)
		*ret = found;
	return e;
}
