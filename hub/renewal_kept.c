#include "hub/renewal_kept.h"

#include <string.h>

#include "common/codec/wire_entry.h"

#include "hub/row.h"

#define PREFIX         "kept-"
#define KEY_BYTES      (sizeof(PREFIX) - 1 + SIGN_PUBLIC_BYTES)
#define REPORT_VERSION 1

static void
key_of(uint8_t ret[static KEY_BYTES], const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	memcpy(ret, PREFIX, sizeof(PREFIX) - 1);
	memcpy(ret + sizeof(PREFIX) - 1, writer, SIGN_PUBLIC_BYTES);
}

static void
read_kept(struct cursor *c, struct renewal_kept *ret)
{
	ret->newest = cursor_u32(c);
	ret->oldest = cursor_u32(c);
	ret->count = cursor_u32(c);
	ret->incarnation = cursor_u32(c);
	ret->control = cursor_u64(c);
	ret->records = cursor_u64(c);
}

static enum err
read_report(struct renewal_kept *ret, struct view report)
{
	struct cursor c = cursor_of(report);
	uint8_t version = cursor_u8(&c);
	*ret = (struct renewal_kept){.newest = 0};
	read_kept(&c, ret);
	enum err e = cursor_end(&c, "what a node keeps");
	if (!e && (version != REPORT_VERSION || !ret->newest || ret->oldest >= ret->newest ||
			  !ret->incarnation || !ret->oldest != !ret->count))
		e = fail(E_FORMAT, "what a node keeps is not of its form");
	return e;
}

enum err
renewal_kept_take(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES], struct view report)
{
	OWNED_BUF struct buf row;
	struct renewal_kept k;
	uint8_t key[KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = read_report(&k, report);
	if (e)
		return e;
	key_of(key, writer);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, k.newest);
	buf_u32(&row, k.oldest);
	buf_u32(&row, k.count);
	buf_u32(&row, k.incarnation);
	buf_u64(&row, k.control);
	buf_u64(&row, k.records);
	e = buf_check(&row, "what a node keeps");
	return e ? e : vault_put(t, VAULT_META, view_of(key, sizeof(key)), buf_view(&row));
}

enum err
renewal_kept_get(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct renewal_kept *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	*ret = (struct renewal_kept){.newest = 0};
	key_of(key, writer);
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = vault_get(t, VAULT_META, view_of(key, sizeof(key)), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	read_kept(&c, ret);
	return row_end(&c, "what a node keeps");
}

static enum err
has_come(struct vault_txn *t, const uint8_t *writer, const struct renewal_kept *k, bool *ret)
{
	struct place lane = {.incarnation = k->incarnation, .lane = LANE_C};
	struct sync_mark control, records = {.seq = 0};
	memcpy(lane.writer, writer, sizeof(lane.writer));
	enum err e = standing_head_get(t, &lane, &control);
	lane.lane = LANE_R;
	if (!e)
		e = standing_head_get(t, &lane, &records);
	*ret = !e && control.seq >= k->control && records.seq >= k->records;
	return e;
}

enum err
renewal_kept_below(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t number, enum renewal_kept_why *ret)
{
	struct renewal_kept k;
	struct standing s;
	bool has_all = false;
	*ret = RENEWAL_KEPT_SILENT;
	enum err e = renewal_kept_get(t, writer, &k);
	if (!e)
		e = standing_get(t, writer, &s);
	if (e || k.newest < number || k.incarnation != s.incarnation)
		return e;
	*ret = RENEWAL_KEPT_KEEPS;
	if (k.oldest && k.oldest < number)
		return OK;
	e = has_come(t, writer, &k, &has_all);
	*ret = has_all ? RENEWAL_KEPT_FREE : RENEWAL_KEPT_SENDS;
	return e;
}
