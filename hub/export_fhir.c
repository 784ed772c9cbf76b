#include "hub/export_fhir.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/codec/textscan.h"
#include "common/trust/entry.h"
#include "common/trust/leaf.h"

#include "hub/acts_digest.h"
#include "hub/audit.h"
#include "hub/export_fhir_page.h"
#include "hub/record.h"
#include "hub/study.h"

#define ACTION       "consents-exported"
#define MS_PER_S     1000
#define AFTER_DIGITS (2 * ID_BYTES)

/* It stands in the log for ever, so it leads to nobody. */
static enum err
check_reason(const char *reason)
{
	struct textscan_hit hits[TEXTSCAN_HITS_MAX_COUNT];
	if (!reason[0] || !text_is_plain(reason))
		return fail(E_FORMAT, "a reason is needed, in one line");
	if (textscan(view_text(reason), hits))
		return fail(E_FORMAT,
			"the reason holds what looks like %s: the log is no place for it",
			textscan_words(hits[0].kind));
	return OK;
}

/* The body's texts are lent by *ret_tree. */
static enum err
read_body(struct hub *h, struct view body, struct json **ret_tree, struct export_scope *ret)
{
	static const char *const keys[] = {"reason", "entry", "site"};
	enum err e = json_parse(ret_tree, body, EXPORT_FHIR_BODY_MAX_BYTES);
	*ret = (struct export_scope){.site = ""};
	if (!e)
		e = json_only(*ret_tree, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(*ret_tree, "reason", LEAF_TEXT_MOST_BYTES, &ret->reason);
	if (!e)
		e = json_get_text(*ret_tree, "entry", PLACE_NAME_BYTES, &ret->entry);
	if (!e)
		e = json_get_text(*ret_tree, "site", ROW_ID_BYTES, &ret->site);
	if (e)
		return e;
	e = check_reason(ret->reason);
	if (e)
		return e;
	if (ret->site[0] && ret->entry[0])
		return fail(E_FORMAT, "an export is of one person or of one site");
	if (ret->site[0] && !study_has_site(h, ret->site))
		return fail(E_NOTFOUND, "the study has no site %s", ret->site);
	return OK;
}

/* The person whom the scope's entry is about. */
static enum err
find_person(struct hub *h, struct export_scope *s)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct place p;
	if (!s->entry[0])
		return OK;
	enum err e = place_find(&p, h->txn, s->entry);
	if (!e)
		e = record_rules(h->txn, &p, &r);
	if (e == E_NOTFOUND)
		return fail(e, "there is no entry %s at the hub, or it was erased", s->entry);
	if (!e && wire_is_zero(r->participant, ID_BYTES))
		e = fail(E_NOTFOUND, "the entry %s is about no person", s->entry);
	if (e)
		return e;
	s->is_one = true;
	memcpy(s->participant, r->participant, ID_BYTES);
	return OK;
}

/* the act */

/* Of one person the leaf says whom, to those alone who hold the audit key. */
static enum err
commit_person(struct hub *h, const struct export_scope *s, const char *leaf_id,
	char ret[static 2 * HASH_BYTES + 1])
{
	struct record_person person;
	ret[0] = '\0';
	if (!s->is_one)
		return OK;
	enum err e = record_person_get(h->txn, s->participant, &person);
	if (!e)
		audit_person_commit(ret, leaf_id, person.audit_key);
	crypto_wipe(&person, sizeof(person));
	return e;
}

enum err
export_fhir(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED(json) struct json *tree = NULL;
	struct export_scope scope;
	struct act_leaf_room room;
	struct leaf leaf;
	char commit[2 * HASH_BYTES + 1];
	uint64_t index = 0;
	enum err e = read_body(h, a->body, &tree, &scope);
	if (!e)
		e = find_person(h, &scope);
	if (e)
		return e;
	acts_leaf(&leaf, &room, a, ACTION);
	leaf.object_type = "export";
	leaf.purpose = scope.reason;
	leaf.site = scope.site;
	leaf.person_commit = commit;
	e = commit_person(h, &scope, leaf.id, commit);
	if (!e)
		e = audit_add(h->audit, h->txn, &leaf, &index);
	if (!e)
		buf_format(reply, "{\"leaf\":%" PRIu64 "}", index);
	return e;
}

/* the question */

/* Was there an act with this body, and is its leaf young enough? */
static enum err
check_leaf(struct hub *h, uint64_t index, const char *body)
{
	OWNED_BUF struct buf bytes;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	uint8_t digest[HASH_BYTES];
	char commit[2 * HASH_BYTES + 1];
	buf_init(&bytes, LEAF_MOST_BYTES);
	acts_digest_of(digest, EXPORT_FHIR_KIND, view_text(body));
	text_hex(commit, digest, sizeof(digest));
	enum err e = audit_leaf(h->txn, index, &bytes);
	if (!e)
		e = leaf_parse(&leaf, &tree, buf_view(&bytes));
	if (e && e != E_NOTFOUND)
		return e;
	if (e || strcmp(leaf.action, ACTION) != 0 || strcmp(leaf.object_commit, commit) != 0)
		return fail(E_DENIED, "no act says that this is exported");
	if (clock_wall_ms() / MS_PER_S > leaf.t_s + LEAF_MINUTE_S + EXPORT_FHIR_S)
		return fail(E_DENIED, "the act of this export is too old: say it again");
	return OK;
}

static enum err
read_after(const char *hex, struct export_scope *s)
{
	s->is_first = hex[0] == '\0';
	if (!s->is_first && !text_unhex(s->after, sizeof(s->after), hex))
		return fail(E_FORMAT, "after: no pseudonym");
	return OK;
}

enum err
export_fhir_page(struct hub *h, const struct json *args, struct json_out *w)
{
	OWNED(json) struct json *tree = NULL;
	struct export_scope scope = {.site = ""};
	const char *body = "", *after = "";
	int64_t leaf = 0;
	enum err e = json_get_int(args, "leaf", 0, INT64_MAX, &leaf);
	if (!e)
		e = json_get_text(args, "body", EXPORT_FHIR_BODY_MAX_BYTES, &body);
	if (!e)
		e = json_get_text(args, "after", AFTER_DIGITS, &after);
	if (!e)
		e = check_leaf(h, (uint64_t)leaf, body);
	if (!e)
		e = read_body(h, view_text(body), &tree, &scope);
	if (!e)
		e = find_person(h, &scope);
	if (!e)
		e = read_after(after, &scope);
	scope.before_leaf = (uint64_t)leaf;
	return e ? e : export_fhir_write(h, &scope, w);
}
