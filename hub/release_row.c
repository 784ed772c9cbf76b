#include "hub/release_row.h"

#include <string.h>

const char *
release_state_word(enum release_state s)
{
	switch (s) {
	case RELEASE_PROPOSED:
		return "proposed";
	case RELEASE_STAGED:
		return "staged";
	case RELEASE_APPROVED:
		return "approved";
	case RELEASE_RELEASED:
		return "released";
	case RELEASE_REFUSED:
		return "refused";
	}
	return "";
}

static void
write_lists(struct buf *b, const struct release *r)
{
	buf_u32(b, (uint32_t)r->indicator_count);
	for (size_t i = 0; i < r->indicator_count; i++)
		buf_blob_text(b, r->indicators[i]);
	buf_u32(b, (uint32_t)r->approval_count);
	for (size_t i = 0; i < r->approval_count; i++) {
		buf_blob_text(b, r->approvals[i].person);
		buf_u64(b, (uint64_t)r->approvals[i].time_s);
		buf_u64(b, r->approvals[i].leaf);
	}
}

enum err
release_row_put(struct vault_txn *t, const struct release *r)
{
	OWNED_BUF struct buf b;
	buf_init(&b, ROW_MAX_BYTES);
	buf_u8(&b, ROW_VERSION);
	buf_u8(&b, (uint8_t)r->state);
	buf_blob_text(&b, r->id);
	buf_blob_text(&b, r->author);
	buf_blob_text(&b, r->purpose);
	buf_u32(&b, r->wave);
	buf_u64(&b, (uint64_t)r->proposed_s);
	buf_u64(&b, r->manifest_number);
	buf_add(&b, r->rules_digest, sizeof(r->rules_digest));
	buf_add(&b, r->cohort_digest, sizeof(r->cohort_digest));
	buf_blob_text(&b, r->count_bucket);
	buf_u64(&b, r->frozen_leaf);
	buf_add(&b, r->nonce, sizeof(r->nonce));
	buf_add(&b, r->staged_digest, sizeof(r->staged_digest));
	buf_blob_text(&b, r->words);
	buf_blob_text(&b, r->publisher);
	buf_u64(&b, (uint64_t)r->released_s);
	write_lists(&b, r);
	if (r->compared)
		buf_u32(&b, r->compared);
	enum err e = buf_check(&b, "release");
	return e ? e : vault_put(t, VAULT_RELEASES, view_text(r->id), buf_view(&b));
}

static void
read_lists(struct cursor *c, struct release *r)
{
	r->indicator_count = cursor_u32(c);
	if (r->indicator_count > RELEASE_INDICATORS_MAX_COUNT)
		c->broken = true;
	for (size_t i = 0; i < r->indicator_count && !c->broken; i++)
		row_text(c, r->indicators[i], sizeof(r->indicators[i]));
	r->approval_count = cursor_u32(c);
	if (r->approval_count > RELEASE_APPROVALS_MAX_COUNT)
		c->broken = true;
	for (size_t i = 0; i < r->approval_count && !c->broken; i++) {
		row_text(c, r->approvals[i].person, sizeof(r->approvals[i].person));
		r->approvals[i].time_s = (int64_t)cursor_u64(c);
		r->approvals[i].leaf = cursor_u64(c);
	}
}

static enum err
read_row(struct view value, struct release *r)
{
	struct cursor c = row_begin(value);
	*r = (struct release){0};
	uint8_t state = cursor_u8(&c);
	if (state < RELEASE_PROPOSED || state > RELEASE_REFUSED)
		c.broken = true;
	else
		r->state = (enum release_state)state;
	row_text(&c, r->id, sizeof(r->id));
	row_text(&c, r->author, sizeof(r->author));
	row_text(&c, r->purpose, sizeof(r->purpose));
	r->wave = cursor_u32(&c);
	r->proposed_s = (int64_t)cursor_u64(&c);
	r->manifest_number = cursor_u64(&c);
	cursor_copy(&c, r->rules_digest, sizeof(r->rules_digest));
	cursor_copy(&c, r->cohort_digest, sizeof(r->cohort_digest));
	row_text(&c, r->count_bucket, sizeof(r->count_bucket));
	r->frozen_leaf = cursor_u64(&c);
	cursor_copy(&c, r->nonce, sizeof(r->nonce));
	cursor_copy(&c, r->staged_digest, sizeof(r->staged_digest));
	row_text(&c, r->words, sizeof(r->words));
	row_text(&c, r->publisher, sizeof(r->publisher));
	r->released_s = (int64_t)cursor_u64(&c);
	read_lists(&c, r);
	if (!c.broken && c.left) {
		r->compared = cursor_u32(&c);
		c.broken |= r->compared == 0;
	}
	return row_end(&c, "release");
}

enum err
release_row_get(struct vault_txn *t, const char *id, struct release *ret)
{
	OWNED_BUF struct buf b;
	buf_init(&b, ROW_MAX_BYTES);
	*ret = (struct release){0};
	if (id[0] == '\0')
		return fail(E_NOTFOUND, "a release needs an id");
	enum err e = vault_get(t, VAULT_RELEASES, view_text(id), &b);
	if (e == E_NOTFOUND)
		return fail(e, "there is no release %.63s", id);
	return e ? e : read_row(buf_view(&b), ret);
}

bool
release_has_wave(const struct release *r, uint32_t wave)
{
	return r->wave == wave || (r->compared && r->compared == wave);
}

struct row_walk {
	release_row_fn *each;
	void *arg;
};

static enum err
visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct row_walk *w = arg;
	struct release r;
	(void)key;
	enum err e = read_row(value, &r);
	return e ? e : w->each(w->arg, &r, ret_stop);
}

enum err
release_row_each(struct vault_txn *t, release_row_fn *each, void *arg)
{
	struct row_walk w = {each, arg};
	struct vault_range all = {.table = VAULT_RELEASES};
	return vault_each(t, &all, visit, &w);
}

/* staged */

enum err
release_staged_put(struct vault_txn *t, const char *id, const struct release_staged *s)
{
	OWNED_BUF struct buf b;
	buf_init(&b, RELEASE_STAGED_MAX_BYTES);
	buf_u8(&b, ROW_VERSION);
	buf_blob(&b, s->document);
	buf_add(&b, s->signature, sizeof(s->signature));
	buf_blob(&b, s->evidence);
	enum err e = buf_check(&b, "staged release");
	return e ? e : vault_put_new(t, VAULT_STAGED, view_text(id), buf_view(&b));
}

enum err
release_staged_get(
	struct vault_txn *t, const char *id, struct buf *bytes, struct release_staged *ret)
{
	*ret = (struct release_staged){0};
	enum err e = vault_get(t, VAULT_STAGED, view_text(id), bytes);
	if (e == E_NOTFOUND)
		return fail(e, "release %.63s is not staged yet", id);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(bytes));
	ret->document = cursor_blob(&c);
	cursor_copy(&c, ret->signature, sizeof(ret->signature));
	ret->evidence = cursor_blob(&c);
	return row_end(&c, "staged release");
}

enum err
release_statement_get(struct vault_txn *t, const struct release *r, struct buf *bytes,
	struct view *ret_statement, struct view *ret_body)
{
	enum err e = vault_get(t, VAULT_STATEMENTS, view_of(r->nonce, sizeof(r->nonce)), bytes);
	if (e)
		return e == E_NOTFOUND ? fail(e, "the proposal of release %s is gone", r->id)
				       : e;
	struct cursor c = row_begin(buf_view(bytes));
	*ret_statement = cursor_blob(&c);
	*ret_body = cursor_blob(&c);
	return row_end(&c, "statement");
}
