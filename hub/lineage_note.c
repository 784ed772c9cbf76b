#include "hub/lineage_note.h"

#include "hub/forward_change.h"
#include "hub/unsaid.h"

enum err
lineage_note(struct forward *f, const struct lineage_row *r)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = lineage_row_pack(&row, r);
	if (!e)
		forward_note_change(f, r->number, buf_view(&row));
	return e;
}

/* It is owed its leaf. */
static enum err
take_over(struct vault_txn *t, const struct lineage_row *known)
{
	OWNED_BUF struct buf number;
	buf_init(&number, sizeof(known->number));
	buf_u32(&number, known->number);
	enum err e = lineage_row_put(t, known);
	return e ? e : unsaid_put(t, UNSAID_CHANGE, buf_view(&number));
}

static enum err
restore_one(struct vault_txn *t, const struct forward_change *c)
{
	struct lineage_row known, here;
	enum err e = lineage_row_unpack(&known, c->number, view_of(c->row, c->len));
	if (e)
		return e;
	e = lineage_row_get(t, c->number, &here);
	const bool lacks = e == E_NOTFOUND || (!e && known.struck_by[0] && !here.struck_by[0]);
	if (e && e != E_NOTFOUND)
		return e;
	return lacks ? take_over(t, &known) : OK;
}

static enum err
note_unknown(void *arg, const struct lineage_row *r)
{
	struct forward *f = arg;
	return forward_change_of(f, r->number) ? OK : lineage_note(f, r);
}

enum err
lineage_restore(struct vault_txn *t, struct forward *f)
{
	size_t count;
	const struct forward_change *all = forward_changes(f, &count);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++)
		e = restore_one(t, &all[i]);
	return e ? e : lineage_row_each(t, note_unknown, f);
}
