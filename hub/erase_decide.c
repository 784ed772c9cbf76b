#include "hub/erase_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/record.h"

#define BODY_MAX_BYTES   4096
#define LIST_MAX_COUNT   100000
#define NUMBER_MAX_BYTES 64

/* Somebody decided it: the leaf says whom it is about to those alone who hold the audit key. */
static enum err
add_decision(struct hub *h, const struct act *a, const struct forward_erasure *one,
	const char *action)
{
	struct act_leaf_room room;
	struct leaf leaf;
	struct record_person person;
	bool is_known = false;
	enum err e = record_person_find(h->txn, one->participant, &person, &is_known);
	if (!e)
		e = acts_leaf_person(&leaf, &room, a, action, is_known ? &person : NULL);
	if (!e) {
		leaf.reason_code = one->reason;
		e = audit_add(h->audit, h->txn, &leaf, NULL);
	}
	crypto_wipe(&person, sizeof(person));
	return e;
}

static struct forward_erasure
decided(const struct forward_erasure *before, const struct act *a)
{
	struct forward_erasure now = *before;
	(void)snprintf(now.by, sizeof(now.by), "%s", a->by.id);
	return now;
}

/* granted */

/* The numbers that the statement names, sorted. */
struct named {
	uint8_t (*starts)[RECEIPT_START_BYTES]; /* owned */
	bool *waits;                            /* owned: a wish that can begin has it */
	size_t count;
};

static void
named_done(struct named *n)
{
	mem_drop(&n->starts);
	mem_drop(&n->waits);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, RECEIPT_START_BYTES);
}

static enum err
read_list(const struct act *a, struct named *ret)
{
	static const char *const keys[] = {"receipts"};
	OWNED(json) struct json *body = NULL;
	const struct json *list = NULL;
	char count[NUMBER_MAX_BYTES];
	enum err e = json_parse(&body, a->body, ERASE_RUN_BODY_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_array(body, keys[0], LIST_MAX_COUNT, &list);
	if (e)
		return e;
	(void)snprintf(count, sizeof(count), "%zu", json_count(list));
	if (strcmp(count, a->id) != 0 || json_count(list) == 0)
		return fail(E_FORMAT, "the statement names how many receipts there are");
	ret->starts = xcalloc(json_count(list), sizeof(*ret->starts));
	ret->waits = xcalloc(json_count(list), sizeof(*ret->waits));
	for (; !e && ret->count < json_count(list); ret->count++) {
		const char *number = "";
		e = json_item_text(list, ret->count, keys[0], NUMBER_MAX_BYTES, &number);
		if (!e && !receipt_read(ret->starts[ret->count], number))
			e = fail(E_FORMAT, "one of the receipts is no number of a receipt");
	}
	qsort(ret->starts, ret->count, sizeof(*ret->starts), compare);
	return e;
}

/* Does the statement name this wish, and may deleting begin? */
static bool
is_named(struct named *n, const struct forward_erasure *e)
{
	const uint8_t(*at)[RECEIPT_START_BYTES] =
		bsearch(e->receipt, n->starts, n->count, sizeof(*n->starts), compare);
	if (!at || !erase_is_pending(e))
		return false;
	n->waits[at - (const uint8_t(*)[RECEIPT_START_BYTES])n->starts] = true;
	return true;
}

/* All of them, or nobody. */
static enum err
check_list(const struct hub *h, struct named *n)
{
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
	for (size_t i = 0; i < count; i++)
		(void)is_named(n, &all[i]);
	for (size_t i = 0; i < n->count; i++)
		if (!n->waits[i])
			return fail(E_CONFLICT,
				"one of these wishes was refused, taken back or begun by now, "
				"or is named twice: say it again");
	return OK;
}

static enum err
grant_each(struct hub *h, const struct act *a, struct named *n, size_t *ret_begun)
{
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
	enum err e = OK;
	*ret_begun = 0;
	for (size_t i = 0; !e && i < count; i++) {
		if (!is_named(n, &all[i]))
			continue;
		struct forward_erasure one = decided(&all[i], a);
		one.begun_s = erase_now_s();
		e = add_decision(h, a, &one, "erasure-granted");
		if (!e)
			forward_note_erasure(erase_forward(h), &one);
		++*ret_begun;
	}
	return e;
}

enum err
erase_run(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED_BY(named_done) struct named named = {.count = 0};
	size_t begun = 0;
	if (!h->erase)
		return fail(E_ABSENT, "the ledger does not serve yet");
	enum err e = erase_may_begin(h->erase);
	if (!e)
		e = read_list(a, &named);
	if (!e)
		e = check_list(h, &named);
	if (!e)
		e = grant_each(h, a, &named, &begun);
	if (!e)
		e = erase_begin(h->erase, begun);
	if (!e)
		buf_format(reply, "{\"persons\":%zu}", begun);
	return e;
}

/* refused */

static enum err
read_refusal(const struct act *a, struct json **ret_body, const char **ret_number,
	const char **ret_reason)
{
	static const char *const keys[] = {"receipt", "reason"};
	enum err e = json_parse(ret_body, a->body, BODY_MAX_BYTES);
	if (!e)
		e = json_only(*ret_body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(*ret_body, "receipt", NUMBER_MAX_BYTES, ret_number);
	if (!e)
		e = json_get_text(*ret_body, "reason", LEAF_TEXT_MOST_BYTES, ret_reason);
	if (!e && !**ret_reason)
		e = fail(E_FORMAT, "the legal reason is needed");
	if (!e && strcmp(*ret_number, a->id) != 0)
		e = fail(E_FORMAT, "the body names another receipt than the statement");
	return e;
}

static enum err
check_refusable(const struct forward_erasure *one)
{
	if (one->refused_s)
		return fail(E_CONFLICT, "it was refused before");
	if (one->back_s)
		return fail(E_CONFLICT, "a later consent took the wish back");
	if (!erase_is_pending(one))
		return fail(E_CONFLICT, "what was stored is being deleted, or gone already");
	return OK;
}

enum err
erase_refuse(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED(json) struct json *body = NULL;
	const struct forward_erasure *one = NULL;
	const char *number = "", *reason = "";
	enum err e = read_refusal(a, &body, &number, &reason);
	if (!e)
		e = erase_paper_find(h, number, &one);
	if (!e)
		e = check_refusable(one);
	if (e)
		return e;
	struct forward_erasure refused = decided(one, a);
	refused.refused_s = erase_now_s();
	(void)snprintf(refused.reason, sizeof(refused.reason), "%s", reason);
	e = add_decision(h, a, &refused, "erasure-refused");
	if (e)
		return e;
	forward_note_erasure(erase_forward(h), &refused);
	buf_format(reply, "{\"refused\":true}");
	return OK;
}
