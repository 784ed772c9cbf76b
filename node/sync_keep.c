#include "node/sync_keep.h"

#include <string.h>

#include "common/base/mem.h"

#include "node/capture.h"
#include "node/custody.h"
#include "node/ipc.h"
#include "node/sync_act.h"
#include "node/sync_hold.h"
#include "node/sync_kept.h"
#include "node/sync_review.h"

#define ROOM_EXTRA_PERCENT 50 /* tree pages and rows of their own around what was sent */
#define ROLE_MAX_BYTES     16
#define FORM_MAX_BYTES     FORM_MAX_NAME_BYTES

struct sync_keep {
	struct buf items;
	uint32_t count;
};

/* collecting */

struct sync_keep *
sync_keep_new(void)
{
	struct sync_keep *k = xcalloc(1, sizeof(*k));
	buf_init(&k->items, KEEP_MAX_BYTES);
	return k;
}

void
sync_keep_free(struct sync_keep *k)
{
	if (!k)
		return;
	buf_done(&k->items);
	mem_drop(&k);
}

enum err
sync_keep_add(struct sync_keep *k, uint32_t count, struct view items)
{
	if (count > UINT32_MAX - k->count)
		return fail(E_FORMAT, "the request has too many items");
	buf_add_view(&k->items, items);
	k->count += count;
	return buf_check(&k->items, "request");
}

void
sync_keep_put_by(struct buf *out, const struct sync_keep_by *by)
{
	buf_blob_text(out, by->id);
	buf_blob_text(out, by->role);
	buf_blob_text(out, by->form);
	buf_u8(out, by->keeps_text);
}

/* keeping */

struct keeping {
	const struct sync_judge *judge;
	struct vault *vault;
	struct sync_kept done;
	struct view site_part; /* of the item at hand */
	bool has_rows;         /* not changes of participation alone */
};

static enum err
find_person(struct keeping *k, struct sync_item *t)
{
	if (t->code.len == 0) /* about the site: nobody */
		return OK;
	enum err e = pseudonym_find(k->vault, t->code, t->participant);
	return e == E_NOTFOUND ? fail(e, "its study code is not known at this site") : e;
}

/* One record a person and wave, whichever way it came; a later one about the site replaces the
 * one before it. */
static enum err
check_current(struct keeping *k, struct sync_item *t)
{
	const struct sync_item_entry *n = sync_item_named(t);
	uint8_t id[ID_BYTES];
	bool found = false;
	if (!n || n->rules->kind != RULES_RECORD)
		return OK;
	const struct form *form =
		sync_judge_form(k->judge, n->rules->form, n->rules->form_version);
	enum err e =
		form && !form->many ? sync_item_current(k->vault, n->rules, &found, id) : OK;
	if (e || !found)
		return e;
	return form->per_site ? sync_item_refer(t, id)
			      : fail(E_CONFLICT, "other answers are on file for this person, "
						 "form and wave");
}

/* Who ended taking part leaves nothing behind that was held. */
static enum err
drop_if_ended(struct keeping *k, const struct sync_item *t)
{
	bool ended;
	enum err e = sync_judge_ended(k->judge, t->participant, &ended);
	return e || !ended ? e : sync_hold_drop_of(k->vault, t->participant);
}

static enum err
put_item(struct keeping *k, const struct sync_item *t)
{
	enum err e = OK;
	bool consents = false, ends = false;
	for (size_t i = 0; !e && i < t->entry_count; i++) {
		const struct sync_item_entry *n = &t->entries[i];
		e = sync_judge_open(k->judge, n->rules);
		if (!e)
			e = sync_review_fits_entry(k->vault, n);
		if (!e)
			e = sync_kept_fits(k->judge, n);
		if (!e)
			e = sync_item_judge(k->judge, t, n);
		if (!e)
			e = sync_item_put_entry(k->vault, t, n);
		consents = consents || n->rules->kind == RULES_CONSENT ||
			   n->rules->kind == RULES_OPT_OUT;
		ends = ends || n->rules->kind == RULES_CHANGE;
	}
	if (!e && ends)
		e = drop_if_ended(k, t);
	if (e)
		return e;
	k->done.entries += (uint32_t)t->entry_count;
	k->done.items++;
	return consents ? sync_hold_release(k->judge, t->participant) : OK;
}

static enum err
put_local(struct keeping *k, const struct sync_item *t)
{
	if (!k->site_part.len)
		return OK;
	enum err e = sync_review_fits(k->vault, k->site_part);
	return e ? e
		 : vault_put(k->vault, VAULT_LOCALS, view_of(t->instance, ID_BYTES),
			   k->site_part);
}

/* It is on file. What the hub could not give back after a loss is taken from the sheet: which
 * row it was, and the answers of the site, unless the person ended taking part meanwhile. */
static enum err
make_whole(struct keeping *k, struct sync_item *t, bool is_row_known)
{
	struct view there;
	bool ended = false;
	enum err e = is_row_known ? OK : sync_item_claim(k->vault, t->instance, t->digest);
	k->done.skipped++;
	if (e || !k->site_part.len)
		return e;
	e = vault_get(k->vault, VAULT_LOCALS, view_of(t->instance, ID_BYTES), &there);
	if (e != E_NOTFOUND)
		return e;
	e = find_person(k, t);
	if (!e && t->code.len)
		e = sync_judge_ended(k->judge, t->participant, &ended);
	return e || ended ? e : put_local(k, t);
}

static enum err
keep_item(struct keeping *k, struct sync_item *t)
{
	uint8_t digest[HASH_BYTES];
	enum lane lane;
	bool found = false;
	enum err e = sync_item_find(k->vault, t->instance, &found, digest, &lane);
	/* What came back from the hub after a restore is the same record; its answers are
	 * sealed, so nobody here can compare them. */
	bool came_back = wire_is_zero(digest, sizeof(digest));
	if (!e && found && (came_back || memcmp(digest, t->digest, HASH_BYTES) == 0))
		return make_whole(k, t, !came_back);
	if (!e && found)
		e = fail(
			E_CONFLICT, "other answers are on file for this person, form and wave");
	if (!e)
		e = find_person(k, t);
	if (!e)
		e = sync_item_check(t);
	if (!e)
		e = check_current(k, t);
	if (!e)
		e = put_item(k, t);
	return e ? e : put_local(k, t);
}

/* Changes of participation, and the consent that takes one back, may use the room that is kept
 * for them; who enters one stands in it. */
static bool
is_change(const struct sync_item *t)
{
	static const uint8_t nothing[ID_BYTES];
	const struct wire_rules *r = t->entries[0].rules;
	return t->entry_count == 1 &&
	       (r->kind == RULES_CHANGE ||
		       (r->kind == RULES_CONSENT &&
			       memcmp(r->refers_to, nothing, ID_BYTES) != 0));
}

static enum err
check_room(const struct sync_keep *k, struct vault *v)
{
	size_t bytes = k->items.len;
	return vault_room(v, bytes + bytes / 100 * ROOM_EXTRA_PERCENT);
}

static enum err
apply_items(const struct sync_keep *k, struct keeping *run, struct cursor *c)
{
	for (uint32_t i = 0; i < k->count; i++) {
		OWNED_ITEM struct sync_item t;
		enum err e = sync_item_read(c, &t);
		run->site_part = cursor_blob(c);
		if (!e && (c->broken || run->site_part.len > CAPTURE_SITE_MAX_BYTES))
			e = fail(E_FORMAT, "its site part is cut short, or too large");
		if (!e && !run->has_rows && !is_change(&t)) {
			e = check_room(k, run->vault);
			run->has_rows = true;
			if (e)
				return e;
		}
		if (!e)
			e = keep_item(run, &t);
		if (e)
			return k->count > 1 ? fail_in(e, "item %u", i) : e;
	}
	return OK;
}

static enum err
log_rows(const struct keeping *run, const struct sync_keep_by *by)
{
	OWNED_MEM char *what = xasprintf("%s%s", by->form, by->keeps_text ? ", text-kept" : "");
	return sync_act(run->judge, (struct leaf){.actor = by->id,
					    .role = by->role,
					    .action = "imported",
					    .object_type = "import",
					    .reason_code = what,
					    .decision = "permit",
					    .outcome = "done"});
}

/* Rows that are all on file leave no act: nothing was done. */
static enum err
apply_by(const struct keeping *run, struct cursor *c)
{
	if (!run->has_rows)
		return cursor_end(c, "request");
	OWNED_MEM char *id = cursor_text(c, CUSTODY_ID_BYTES - 1);
	OWNED_MEM char *role = cursor_text(c, ROLE_MAX_BYTES);
	OWNED_MEM char *form = cursor_text(c, FORM_MAX_BYTES);
	const struct sync_keep_by by = {id, role, form, cursor_u8(c) == 1};
	enum err e = cursor_end(c, "who brought the rows");
	if (!e && (!id[0] || !role[0]))
		e = fail(E_FORMAT, "rows are brought by somebody");
	return e || !run->done.items ? e : log_rows(run, &by);
}

enum err
sync_keep_apply(struct sync_keep *k, const struct sync_judge *j, struct sync_kept *ret)
{
	struct keeping run = {.judge = j, .vault = j->vault};
	struct cursor c = cursor_of(buf_view(&k->items));
	*ret = (struct sync_kept){0};
	if (!j->pack)
		return fail(E_NOTFOUND, "no study has arrived from the hub yet");
	enum err e = apply_items(k, &run, &c);
	if (!e)
		e = apply_by(&run, &c);
	if (!e)
		*ret = run.done;
	return e;
}
