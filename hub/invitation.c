#include "hub/invitation.h"

enum err
invitation_put(struct vault_txn *t, const struct invitation *i)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_add(&row, i->id, sizeof(i->id));
	buf_add(&row, i->enrol_public, sizeof(i->enrol_public));
	buf_blob_text(&row, i->site);
	buf_blob_text(&row, i->by);
	buf_u64(&row, (uint64_t)i->expires_s);
	buf_u8(&row, i->state);
	buf_u32(&row, i->failures);
	buf_add(&row, i->transcript, sizeof(i->transcript));
	writer_write(&row, &i->claimed);
	enum err e = buf_check(&row, "invitation");
	return e ? e
		 : vault_put(t, VAULT_INVITES, view_of(i->id, sizeof(i->id)), buf_view(&row));
}

static enum err
invitation_unpack(struct invitation *ret, struct view row)
{
	struct cursor c = row_begin(row);
	*ret = (struct invitation){0};
	cursor_copy(&c, ret->id, sizeof(ret->id));
	cursor_copy(&c, ret->enrol_public, sizeof(ret->enrol_public));
	row_text(&c, ret->site, sizeof(ret->site));
	row_text(&c, ret->by, sizeof(ret->by));
	ret->expires_s = (int64_t)cursor_u64(&c);
	ret->state = cursor_u8(&c);
	if (ret->state < INVITATION_OPEN || ret->state > INVITATION_DEAD)
		c.broken = true;
	ret->failures = cursor_u32(&c);
	cursor_copy(&c, ret->transcript, sizeof(ret->transcript));
	writer_read(&c, &ret->claimed);
	return row_end(&c, "invitation");
}

enum err
invitation_get(struct vault_txn *t, const uint8_t id[static ID_BYTES], struct invitation *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct invitation){0};
	enum err e = vault_get(t, VAULT_INVITES, view_of(id, ID_BYTES), &row);
	if (e == E_NOTFOUND)
		return fail(e, "there is no such invitation");
	return e ? e : invitation_unpack(ret, buf_view(&row));
}

struct invitation_walk {
	invitation_fn *each;
	void *arg;
};

static enum err
invitation_visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct invitation_walk *w = arg;
	struct invitation i;
	(void)key;
	(void)ret_stop;
	enum err e = invitation_unpack(&i, value);
	return e ? e : w->each(w->arg, &i);
}

enum err
invitation_each(struct vault_txn *t, invitation_fn *each, void *arg)
{
	struct invitation_walk w = {each, arg};
	struct vault_range all = {.table = VAULT_INVITES};
	return vault_each(t, &all, invitation_visit, &w);
}
