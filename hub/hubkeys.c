#include "hub/hubkeys.h"

#include <string.h>

#include "common/codec/wire_study.h"

#define KEYS_ROW "keys"

static enum err
keys_fill(struct hubkeys *k, struct view signed_keys)
{
	struct wire_signed s;
	struct wire_hub_keys keys;
	enum err e = wire_signed_unpack(&s, signed_keys);
	if (!e)
		e = wire_hub_keys_unpack(&keys, s.body);
	if (e)
		return e;
	memcpy(k->log_vkey, keys.log_vkey, sizeof(k->log_vkey));
	memcpy(k->receipt_public, keys.receipt_public, sizeof(k->receipt_public));
	memcpy(k->release_public, keys.release_public, sizeof(k->release_public));
	return OK;
}

/* SignedHubKeys and the numbered intake keys; numbers are from 1 and rise, as in a manifest. */
static enum err
keys_read(struct cursor *c, struct hubkeys *ret)
{
	struct hubkeys k = {0};
	enum err e = keys_fill(&k, cursor_blob(c));
	if (e)
		return e;
	uint32_t count = cursor_u32(c), before = 0;
	if (count == 0 || count > INTAKE_KEYS_COUNT)
		c->broken = true;
	for (uint32_t i = 0; !c->broken && i < count; i++) {
		k.intake[i].number = cursor_u32(c);
		cursor_copy(c, k.intake[i].public, BOX_PUBLIC_BYTES);
		if (k.intake[i].number <= before)
			c->broken = true;
		before = k.intake[i].number;
	}
	k.intake_count = count;
	e = cursor_end(c, "keys of the hub");
	if (!e)
		*ret = k;
	return e;
}

enum err
hubkeys_put(struct vault_txn *t, struct view body)
{
	struct hubkeys read_again;
	OWNED_BUF struct buf row;
	struct cursor c = cursor_of(body);
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_add_view(&row, body);
	enum err e = buf_check(&row, "keys of the hub");
	if (!e)
		e = keys_read(&c, &read_again);
	return e ? e : vault_put(t, VAULT_META, view_text(KEYS_ROW), buf_view(&row));
}

static enum err
keys_row(struct vault_txn *t, struct buf *row, struct cursor *ret)
{
	enum err e = vault_get(t, VAULT_META, view_text(KEYS_ROW), row);
	if (e == E_NOTFOUND)
		return fail(e, "the keeper is not set up: run `weir-hub keeper setup`");
	if (!e)
		*ret = row_begin(buf_view(row));
	return e;
}

enum err
hubkeys_get(struct vault_txn *t, struct hubkeys *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct hubkeys){0};
	struct cursor c;
	enum err e = keys_row(t, &row, &c);
	return e ? e : keys_read(&c, ret);
}

enum err
hubkeys_signed(struct vault_txn *t, struct buf *out)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	struct cursor c;
	enum err e = keys_row(t, &row, &c);
	if (!e)
		buf_add_view(out, cursor_blob(&c));
	return e ? e : buf_check(out, "keys of the hub");
}

enum err
hubkeys_renew(struct vault_txn *t, uint32_t number,
	const uint8_t public[static BOX_PUBLIC_BYTES], uint32_t retired)
{
	OWNED_BUF struct buf body, signed_keys;
	struct hubkeys k;
	uint32_t kept = 0;
	buf_init(&body, ROW_MAX_BYTES);
	buf_init(&signed_keys, ROW_MAX_BYTES);
	enum err e = hubkeys_get(t, &k);
	if (!e)
		e = hubkeys_signed(t, &signed_keys);
	if (e)
		return e;
	uint32_t last = k.intake[k.intake_count - 1].number;
	if (number > last && k.intake_count == INTAKE_KEYS_COUNT)
		return fail(E_FULL, "the hub has %u intake keys that are not destroyed yet",
			INTAKE_KEYS_COUNT);
	if (number > last) {
		k.intake[k.intake_count].number = last = number;
		memcpy(k.intake[k.intake_count++].public, public, BOX_PUBLIC_BYTES);
	}
	retired = MIN(retired, last - 1);
	for (size_t i = 0; i < k.intake_count; i++)
		kept += k.intake[i].number > retired;
	buf_blob(&body, buf_view(&signed_keys));
	buf_u32(&body, kept);
	for (size_t i = 0; i < k.intake_count; i++) {
		if (k.intake[i].number <= retired)
			continue;
		buf_u32(&body, k.intake[i].number);
		buf_add(&body, k.intake[i].public, BOX_PUBLIC_BYTES);
	}
	e = buf_check(&body, "keys of the hub");
	return e ? e : hubkeys_put(t, buf_view(&body));
}
