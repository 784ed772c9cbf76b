#include "node/sync_submit_inside.h"

#include <stdio.h>
#include <string.h>

enum err
sync_submit_read_item(struct sync_submit_work *w)
{
	struct cursor c = cursor_of(w->request.item);
	if (!w->request.item.len)
		return OK;
	w->has_item = true;
	enum err e = sync_item_read(&c, &w->item);
	memcpy(w->item.participant, w->request.participant, ID_BYTES);
	if (!e)
		e = cursor_end(&c, "submission");
	if (!e && memcmp(w->item.instance, w->request.instance, ID_BYTES) != 0)
		e = fail(E_FORMAT, "submission: the record is not the one it is named by");
	return e ? e : sync_item_check(&w->item);
}

/* who */

static enum err
changed_meanwhile(void)
{
	return fail(E_BUSY, "what is known of the study code has changed: ask again");
}

enum err
sync_submit_find_person(struct sync_submit_work *w)
{
	uint8_t person[ID_BYTES];
	struct view row;
	const struct sync_request *r = &w->request;
	if (r->code.len == 0 || !sync_item_is_code(r->code)) {
		bool nobody = wire_is_zero(r->participant, ID_BYTES);
		w->known = nobody;
		return nobody || r->problem != SUBMIT_SOUND
			       ? OK
			       : fail(E_FORMAT, "submission: the study code is missing");
	}
	enum err e = pseudonym_find(w->vault, r->code, person);
	if (!e) {
		w->known = true;
		return memcmp(person, r->participant, ID_BYTES) == 0 ? OK : changed_meanwhile();
	}
	if (e != E_NOTFOUND)
		return e;
	e = vault_get(w->vault, VAULT_STRANGERS, r->code, &row);
	if (!e && (row.len != ID_BYTES || memcmp(row.at, r->participant, ID_BYTES) != 0))
		return changed_meanwhile();
	return e == E_NOTFOUND ? OK : e;
}

/* what is there */

enum err
sync_submit_find_there(struct sync_submit_work *w)
{
	const struct sync_request *r = &w->request;
	memcpy(w->id, r->instance, ID_BYTES);
	enum err e = sync_submission_get(w->vault, w->id, &w->there);
	w->found = e == OK;
	if (e == E_NOTFOUND)
		return OK;
	/* No digest: it came back from the hub, and the same number is the same record. */
	if (e || w->there.state == SUBMISSION_GONE ||
		wire_is_zero(w->there.digest, HASH_BYTES) ||
		memcmp(w->there.digest, r->digest, HASH_BYTES) == 0)
		return e;
	/* Other answers under the same number: the copy has an id of its own. */
	sync_submission_done(&w->there);
	sync_copy_id(w->id, r->instance, r->digest);
	e = sync_submission_get(w->vault, w->id, &w->there);
	w->found = e == OK;
	w->verdict.why = HOLD_OTHER_COPY;
	(void)snprintf(w->verdict.reason, sizeof(w->verdict.reason),
		"a record of the same number, with other answers, is here already");
	return e == E_NOTFOUND ? OK : e;
}

/* Is what it edits of somebody at this site? A code that nobody has may have been mistyped, and
 * the edit says the right one. */
static enum err
is_of_somebody(struct sync_submit_work *w, bool *ret)
{
	OWNED_HOLD struct sync_hold h = {.why = 0};
	uint8_t person[ID_BYTES];
	*ret = w->before.state == SUBMISSION_KEPT;
	enum err e = *ret ? OK : sync_hold_get(w->vault, w->request.deprecates, &h);
	if (e || *ret || !sync_item_is_code(h.code))
		return e;
	e = pseudonym_find(w->vault, h.code, person);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
compare_before(struct sync_submit_work *w)
{
	bool known = false;
	bool same = memcmp(w->before.participant, w->request.participant, ID_BYTES) == 0;
	enum err e = same ? OK : is_of_somebody(w, &known);
	w->is_other = known || !view_same(w->before.form, w->request.form);
	return e;
}

enum err
sync_submit_find_before(struct sync_submit_work *w)
{
	if (wire_is_zero(w->request.deprecates, ID_BYTES))
		return OK;
	enum err e = sync_submission_get(w->vault, w->request.deprecates, &w->before);
	w->edits = e == OK;
	if (w->edits && w->before.state != SUBMISSION_GONE)
		return compare_before(w);
	return e == E_NOTFOUND ? OK : e;
}
