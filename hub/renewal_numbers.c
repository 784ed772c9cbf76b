#include "hub/renewal_numbers.h"

#include "hub/row.h"

#define ROW_NAME "renewals"

static void
read_number(struct cursor *c, struct renewal_number *ret)
{
	uint8_t kind = cursor_u8(c);
	if (kind < RENEWAL_INTAKE || kind > RENEWAL_LEDGER)
		c->broken = true;
	else
		ret->kind = (enum renewal_kind)kind;
	ret->number = cursor_u32(c);
	ret->made_s = (int64_t)cursor_u64(c);
	ret->epoch = cursor_u32(c);
	ret->told = cursor_u64(c);
	ret->told_s = (int64_t)cursor_u64(c);
}

enum err
renewal_numbers_get(struct hub *h, struct renewal_numbers *n)
{
	OWNED_BUF struct buf row;
	struct vault_txn *t;
	buf_init(&row, ROW_MAX_BYTES);
	*n = (struct renewal_numbers){.count = 0};
	enum err e = hub_txn_reserve(h, &t);
	if (!e)
		e = vault_get(t, VAULT_META, view_text(ROW_NAME), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	n->asked_s = (int64_t)cursor_u64(&c);
	uint32_t count = cursor_u32(&c);
	if (count > RENEWAL_NUMBERS_COUNT)
		c.broken = true;
	for (uint32_t i = 0; !c.broken && i < count; i++)
		read_number(&c, &n->list[i]);
	n->count = count;
	return row_end(&c, "renewals");
}

enum err
renewal_numbers_put(struct hub *h, const struct renewal_numbers *n)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, (uint64_t)n->asked_s);
	buf_u32(&row, (uint32_t)n->count);
	for (size_t i = 0; i < n->count; i++) {
		const struct renewal_number *one = &n->list[i];
		buf_u8(&row, (uint8_t)one->kind);
		buf_u32(&row, one->number);
		buf_u64(&row, (uint64_t)one->made_s);
		buf_u32(&row, one->epoch);
		buf_u64(&row, one->told);
		buf_u64(&row, (uint64_t)one->told_s);
	}
	enum err e = buf_check(&row, "renewals");
	return e ? e : vault_put(h->txn, VAULT_META, view_text(ROW_NAME), buf_view(&row));
}

struct renewal_number *
renewal_numbers_find(struct renewal_numbers *n, enum renewal_kind kind, uint32_t number)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].kind == kind && n->list[i].number == number)
			return &n->list[i];
	return NULL;
}
