#include "node/sync_submit_inside.h"

#include <string.h>

#include "common/base/mem.h"

#include "node/sync_act.h"

#define KEY_ENTRY_MAX_BYTES ((size_t)64 * 1024)

static const uint8_t no_id[ID_BYTES];

enum err
sync_submit_put_refusal(struct sync_submit_work *w)
{
	return sync_act(w->judge, (struct leaf){.actor = "sync",
					  .action = "submission-refused",
					  .decision = "deny",
					  .outcome = "refused",
					  .reason_code = "withdrawn"});
}

static const uint8_t *
key_of(const struct sync_submit_work *w)
{
	for (size_t i = 0; w->has_item && i < w->item.entry_count; i++)
		if (w->item.entries[i].rules->kind == RULES_KEY)
			return w->item.entries[i].rules->instance;
	return no_id;
}

enum err
sync_submit_put_files(struct sync_submit_work *w)
{
	struct sync_file_of of = {.now_s = w->now_s};
	enum err e = OK;
	memcpy(of.id, w->id, ID_BYTES);
	memcpy(of.instance, w->request.instance, ID_BYTES);
	memcpy(of.key_ref, key_of(w), ID_BYTES);
	for (size_t i = 0; !e && i < w->request.file_count; i++)
		e = sync_file_put(w->vault, &of, &w->request.files[i]);
	return e;
}

enum err
sync_submit_put_late_key(struct sync_submit_work *w)
{
	OWNED_BUF struct buf key, entry;
	buf_init(&key, 2 * ID_BYTES);
	buf_init(&entry, KEY_ENTRY_MAX_BYTES);
	if (!w->has_item || w->item.entries[0].rules->kind != RULES_KEY)
		return OK;
	const struct sync_item_entry *n = &w->item.entries[0];
	if (w->there.state == SUBMISSION_KEPT)
		return sync_item_put_entry(w->vault, &w->item, n);
	buf_add(&key, w->id, ID_BYTES);
	buf_add(&key, n->rules->instance, ID_BYTES);
	sync_item_write_entry(&entry, n);
	enum err e = buf_check(&entry, "key");
	return e ? e : vault_put(w->vault, VAULT_KEYS, buf_view(&key), buf_view(&entry));
}

static struct sync_submission
row_of(const struct sync_submit_work *w, enum sync_state state)
{
	const struct sync_request *r = &w->request;
	struct sync_submission s = {.state = state,
		.received_s = w->now_s,
		.form = r->form,
		.version = r->version,
		.collector = r->collector,
		.agent = r->agent,
		.expected = r->expected,
		.expected_count = r->expected_count};
	memcpy(s.digest, r->digest, HASH_BYTES);
	memcpy(s.previous, r->deprecates, ID_BYTES);
	memcpy(s.participant, r->participant, ID_BYTES);
	return s;
}

enum err
sync_submit_replace_before(struct sync_submit_work *w)
{
	uint8_t why = w->verdict.why;
	if (!w->edits || w->is_other || why == HOLD_OTHER_COPY || why == HOLD_BRANCH)
		return OK;
	bool kept = w->before.state == SUBMISSION_KEPT;
	enum err e = sync_file_carry(w->vault, w->request.deprecates, w->id, !kept);
	if (e || kept)
		return e;
	e = sync_hold_drop(w->vault, w->request.deprecates);
	return e == E_NOTFOUND ? OK : e;
}

static enum err
put_stranger(struct sync_submit_work *w)
{
	if (w->known || !sync_item_is_code(w->request.code))
		return OK;
	return vault_put(w->vault, VAULT_STRANGERS, w->request.code,
		view_of(w->request.participant, ID_BYTES));
}

enum err
sync_submit_put_hold(struct sync_submit_work *w, enum sync_state state)
{
	const struct sync_request *r = &w->request;
	struct sync_submission row = row_of(w, state);
	struct sync_hold h = {.why = w->verdict.why,
		.code = r->code,
		.form = r->form,
		.version = r->version,
		.reason = view_text(w->verdict.reason),
		.collector = r->collector,
		.agent = r->agent,
		.received_s = w->now_s,
		.item = r->item,
		.site_part = r->site_part,
		.spare = r->spare,
		.expected = r->expected,
		.expected_count = r->expected_count};
	h.expires_s = state == SUBMISSION_WAITING ? w->now_s + SYNC_WAIT_FILES_S
						  : sync_hold_end_s(w->judge, h.why);
	memcpy(h.instance, r->instance, ID_BYTES);
	memcpy(h.participant, r->participant, ID_BYTES);
	memcpy(h.previous, r->deprecates, ID_BYTES);
	memcpy(h.digest, r->digest, HASH_BYTES);
	enum err e = sync_submit_put_files(w);
	if (!e)
		e = put_stranger(w);
	if (!e)
		e = sync_hold_put(w->vault, w->id, &h);
	return e ? e : sync_submission_put(w->vault, w->id, &row);
}

enum err
sync_submit_put_kept(struct sync_submit_work *w)
{
	struct sync_submission row = row_of(w, SUBMISSION_KEPT);
	struct sync_entering x = {.vault = w->vault,
		.item = &w->item,
		.verdict = &w->verdict,
		.site_part = w->request.site_part,
		.row = &row};
	bool consent;
	enum err e = sync_submit_put_files(w);
	if (!e)
		e = sync_enter(&x, &consent);
	if (!e && consent)
		e = sync_hold_release(w->judge, w->request.participant);
	return e;
}
