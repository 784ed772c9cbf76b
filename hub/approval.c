#include "hub/approval.h"

enum err
approval_put(struct vault_txn *t, const struct approval *a)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	const char *const texts[] = {a->id, a->kind, a->decision, a->reference, a->reason,
		a->site, a->entered_by, a->verified_by};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		buf_blob_text(&row, texts[i]);
	buf_u64(&row, (uint64_t)a->from_s);
	buf_u64(&row, (uint64_t)a->until_s);
	buf_add(&row, a->digest, sizeof(a->digest));
	buf_u64(&row, a->entered_leaf);
	buf_u64(&row, a->verified_leaf);
	enum err e = buf_check(&row, "approval");
	return e ? e : vault_put(t, VAULT_APPROVALS, view_text(a->id), buf_view(&row));
}

static enum err
approval_unpack(struct approval *ret, struct view row)
{
	struct cursor c = row_begin(row);
	*ret = (struct approval){0};
	row_text(&c, ret->id, sizeof(ret->id));
	row_text(&c, ret->kind, sizeof(ret->kind));
	row_text(&c, ret->decision, sizeof(ret->decision));
	row_text(&c, ret->reference, sizeof(ret->reference));
	row_text(&c, ret->reason, sizeof(ret->reason));
	row_text(&c, ret->site, sizeof(ret->site));
	row_text(&c, ret->entered_by, sizeof(ret->entered_by));
	row_text(&c, ret->verified_by, sizeof(ret->verified_by));
	ret->from_s = (int64_t)cursor_u64(&c);
	ret->until_s = (int64_t)cursor_u64(&c);
	cursor_copy(&c, ret->digest, sizeof(ret->digest));
	ret->entered_leaf = cursor_u64(&c);
	ret->verified_leaf = cursor_u64(&c);
	return row_end(&c, "approval");
}

enum err
approval_get(struct vault_txn *t, const char *id, struct approval *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct approval){0};
	enum err e = vault_get(t, VAULT_APPROVALS, view_text(id), &row);
	if (e == E_NOTFOUND)
		return fail(e, "there is no approval %s", id);
	return e ? e : approval_unpack(ret, buf_view(&row));
}

struct approval_walk {
	approval_fn *each;
	void *arg;
};

static enum err
approval_visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct approval_walk *w = arg;
	struct approval a;
	(void)key;
	(void)ret_stop;
	enum err e = approval_unpack(&a, value);
	return e ? e : w->each(w->arg, &a);
}

enum err
approval_each(struct vault_txn *t, approval_fn *each, void *arg)
{
	struct approval_walk w = {each, arg};
	struct vault_range all = {.table = VAULT_APPROVALS};
	return vault_each(t, &all, approval_visit, &w);
}
