#include "hub/approval.h"

#include <string.h>

#include "common/base/mem.h"

static const char *const turn_words[] = {"", "suspend", "withdraw", "lift", "met", "reviewed"};

bool
approval_turn_widens(enum approval_turn_kind kind)
{
	return kind != APPROVAL_SUSPENDED && kind != APPROVAL_WITHDRAWN;
}

const char *
approval_turn_word(enum approval_turn_kind kind)
{
	return turn_words[kind];
}

enum approval_turn_kind
approval_turn_of(const char *word)
{
	for (unsigned i = 1; i < ARRAY_LEN(turn_words); i++)
		if (strcmp(turn_words[i], word) == 0)
			return (enum approval_turn_kind)i;
	return (enum approval_turn_kind)0;
}

bool
approval_is_withdrawn(const struct approval *a)
{
	for (size_t i = 0; i < a->turn_count; i++)
		if (a->turns[i].kind == APPROVAL_WITHDRAWN)
			return true;
	return false;
}

/* write */

static void
pack_turn(struct buf *row, const struct approval_turn *t)
{
	buf_u8(row, (uint8_t)t->kind);
	buf_u32(row, t->condition);
	buf_u64(row, (uint64_t)t->at_s);
	buf_blob_text(row, t->reason);
	buf_blob_text(row, t->by);
	buf_blob_text(row, t->verified_by);
	buf_add(row, t->digest, sizeof(t->digest));
	buf_u64(row, t->leaf);
	buf_u64(row, t->verified_leaf);
}

static void
pack_more(struct buf *row, const struct approval *a)
{
	const char *const texts[] = {a->issuer, a->partner, a->person, a->flow, a->supersedes,
		a->term, a->category, a->evidence};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		buf_blob_text(row, texts[i]);
	buf_u64(row, (uint64_t)a->submitted_s);
	buf_u64(row, (uint64_t)a->review_due_s);
	buf_u64(row, (uint64_t)a->cost);
	for (size_t i = 0; i < APPROVAL_COVERS_COUNT; i++)
		buf_blob_text(row, a->covers[i]);
	buf_u32(row, (uint32_t)a->condition_count);
	for (size_t i = 0; i < a->condition_count; i++) {
		buf_blob_text(row, a->conditions[i].text);
		buf_blob_text(row, a->conditions[i].kind);
		buf_u64(row, (uint64_t)a->conditions[i].due_s);
	}
	buf_u32(row, (uint32_t)a->turn_count);
	for (size_t i = 0; i < a->turn_count; i++)
		pack_turn(row, &a->turns[i]);
}

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
	pack_more(&row, a);
	enum err e = buf_check(&row, "approval");
	return e ? e : vault_put(t, VAULT_APPROVALS, view_text(a->id), buf_view(&row));
}

/* read */

static void
unpack_turn(struct cursor *c, struct approval_turn *t)
{
	uint8_t kind = cursor_u8(c);
	if (kind < APPROVAL_SUSPENDED || kind > APPROVAL_REVIEWED)
		c->broken = true;
	t->kind = (enum approval_turn_kind)kind;
	t->condition = cursor_u32(c);
	t->at_s = (int64_t)cursor_u64(c);
	row_text(c, t->reason, sizeof(t->reason));
	row_text(c, t->by, sizeof(t->by));
	row_text(c, t->verified_by, sizeof(t->verified_by));
	cursor_copy(c, t->digest, sizeof(t->digest));
	t->leaf = cursor_u64(c);
	t->verified_leaf = cursor_u64(c);
}

/* A count of parts, 0 if there are more than fit. */
static size_t
unpack_count(struct cursor *c, size_t most)
{
	size_t count = cursor_u32(c);
	if (count > most)
		c->broken = true;
	return c->broken ? 0 : count;
}

static void
unpack_more(struct cursor *c, struct approval *a)
{
	row_text(c, a->issuer, sizeof(a->issuer));
	row_text(c, a->partner, sizeof(a->partner));
	row_text(c, a->person, sizeof(a->person));
	row_text(c, a->flow, sizeof(a->flow));
	row_text(c, a->supersedes, sizeof(a->supersedes));
	row_text(c, a->term, sizeof(a->term));
	row_text(c, a->category, sizeof(a->category));
	row_text(c, a->evidence, sizeof(a->evidence));
	a->submitted_s = (int64_t)cursor_u64(c);
	a->review_due_s = (int64_t)cursor_u64(c);
	a->cost = (int64_t)cursor_u64(c);
	for (size_t i = 0; i < APPROVAL_COVERS_COUNT; i++)
		row_text(c, a->covers[i], sizeof(a->covers[i]));
	a->condition_count = unpack_count(c, APPROVAL_CONDITIONS_MAX);
	for (size_t i = 0; i < a->condition_count; i++) {
		row_text(c, a->conditions[i].text, sizeof(a->conditions[i].text));
		row_text(c, a->conditions[i].kind, sizeof(a->conditions[i].kind));
		a->conditions[i].due_s = (int64_t)cursor_u64(c);
	}
	a->turn_count = unpack_count(c, APPROVAL_TURNS_MAX);
	for (size_t i = 0; i < a->turn_count; i++)
		unpack_turn(c, &a->turns[i]);
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
	unpack_more(&c, ret);
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
