#include "hub/siteacts.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack_partners.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/leaving_note.h"
#include "hub/lineage_note.h"

#define MS_PER_S 1000

static int64_t
now_s(void)
{
	return clock_wall_ms() / MS_PER_S;
}

static void
copy_text(char *ret, size_t room, const char *text)
{
	(void)snprintf(ret, room, "%s", text);
}

static enum err
add_leaf(struct hub *h, const struct act *a, const char *action, const char *site,
	const char *reason, uint64_t *ret_leaf)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, action);
	leaf.object_type = "site";
	leaf.site = site;
	leaf.reason_code = reason;
	return audit_add(h->audit, h->txn, &leaf, ret_leaf);
}

static enum err
get_reason(const struct json *body, char ret[static ROW_TEXT_BYTES + 1])
{
	const char *reason = "";
	enum err e = json_get_text(body, "reason", LEAF_TEXT_MOST_BYTES, &reason);
	if (!e && (!reason[0] || !text_is_plain(reason)))
		e = fail(E_FORMAT, "a reason in one line is needed");
	copy_text(ret, ROW_TEXT_BYTES + 1, e ? "" : reason);
	return e;
}

/* changes */

static enum lineage_kind
kind_of(const char *word)
{
	for (unsigned k = LINEAGE_MERGE; k <= LINEAGE_NAME; k++)
		if (strcmp(lineage_word((enum lineage_kind)k), word) == 0)
			return (enum lineage_kind)k;
	return (enum lineage_kind)0;
}

static enum err
read_side(const struct json *body, const char *key, char (*ret)[LINEAGE_ID_BYTES],
	size_t *ret_count)
{
	const struct json *list = NULL;
	const char *code = "";
	enum err e = json_get_array(body, key, LINEAGE_SIDE_MAX, &list);
	*ret_count = e ? 0 : json_count(list);
	for (size_t i = 0; !e && i < *ret_count; i++) {
		e = json_item_text(list, i, key, LINEAGE_ID_BYTES - 1, &code);
		copy_text(ret[i], LINEAGE_ID_BYTES, e ? "" : code);
	}
	return e;
}

static enum err
read_change(const struct act *a, struct lineage_row *ret)
{
	static const char *const keys[] = {
		"scope", "kind", "day", "from", "into", "becomes", "reason"};
	OWNED(json) struct json *body = NULL;
	struct lineage_change *c = &ret->change;
	const char *scope = "", *kind = "", *day = "", *becomes = "";
	enum err e = json_parse(&body, a->body, SITEACTS_BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(body, "scope", sizeof(ret->scope) - 1, &scope);
	if (!e)
		e = json_get_text(body, "kind", 16, &kind);
	if (!e)
		e = json_get_text(body, "day", sizeof(c->day) - 1, &day);
	if (!e)
		e = json_get_text(body, "becomes", sizeof(c->becomes) - 1, &becomes);
	if (!e && !text_is_plain(becomes))
		e = fail(E_FORMAT, "a name is written in one line");
	if (!e)
		e = read_side(body, "from", c->from, &c->from_count);
	if (!e)
		e = read_side(body, "into", c->into, &c->into_count);
	if (!e)
		e = get_reason(body, ret->reason);
	c->kind = kind_of(kind);
	copy_text(ret->scope, sizeof(ret->scope), scope);
	copy_text(c->day, sizeof(c->day), day);
	copy_text(c->becomes, sizeof(c->becomes), becomes);
	if (!e && (c->from_count == 0 || strcmp(c->from[0], a->id) != 0))
		e = fail(E_FORMAT, "the body names another site than the statement");
	return e;
}

/* The name that the study in force gives; NULL: it has no such site or partner. */
static const char *
pack_name(const struct pack *p, const char *scope, const char *code)
{
	const struct pack_site *site = *scope ? NULL : pack_site(p, code);
	const struct pack_partner *partner = *scope ? pack_partner(p, scope, code) : NULL;
	return site ? site->name : partner ? partner->name : NULL;
}

/* Every one is in the study: those that are no more, too, because records name them. */
static enum err
check_known(const struct pack *p, const struct lineage_row *r)
{
	const struct lineage_change *c = &r->change;
	const char *file = r->scope[0] ? "partners.csv" : "sites.csv";
	for (size_t i = 0; i < c->from_count + c->into_count; i++) {
		const char *code = i < c->from_count ? c->from[i] : c->into[i - c->from_count];
		if (!pack_name(p, r->scope, code))
			return fail(E_NOTFOUND,
				"%s of the study in force has no %s: add it and publish first",
				file, code);
	}
	return OK;
}

enum err
siteacts_change(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED_LINEAGE struct lineage_rows rows = {.at = NULL};
	struct lineage_row r = {.at_s = now_s()};
	struct lineage_change *c = &r.change;
	enum err e = read_change(a, &r);
	if (!e && !h->pack)
		e = fail(E_NOTFOUND, "no study is in force");
	if (!e)
		e = check_known(h->pack, &r);
	if (!e)
		e = lineage_rows_read(&rows, h->txn, r.scope);
	if (!e && c->kind == LINEAGE_NAME)
		copy_text(c->was, sizeof(c->was),
			lineage_name(&rows.lineage, c->from[0], c->day,
				pack_name(h->pack, r.scope, c->from[0])));
	if (!e)
		e = lineage_check(&rows.lineage, c);
	copy_text(r.by, sizeof(r.by), a->by.id);
	if (!e)
		e = add_leaf(
			h, a, "site-changed", r.scope[0] ? r.scope : a->id, r.reason, &r.leaf);
	if (!e)
		e = lineage_row_add(h->txn, &r);
	if (!e)
		e = lineage_note(audit_forward(h->audit), &r);
	if (!e)
		buf_format(reply, "{\"number\":%u,\"kind\":\"%s\",\"day\":\"%s\"}", r.number,
			lineage_word(c->kind), c->day);
	return e;
}

enum err
siteacts_strike(struct hub *h, const struct act *a, struct buf *reply)
{
	static const char *const keys[] = {"number", "reason"};
	OWNED(json) struct json *body = NULL;
	struct lineage_row r;
	char reason[ROW_TEXT_BYTES + 1], id[16];
	int64_t number = 0;
	enum err e = json_parse(&body, a->body, SITEACTS_BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_int(body, "number", 1, LINEAGE_MAX_COUNT, &number);
	if (!e)
		e = get_reason(body, reason);
	(void)snprintf(id, sizeof(id), "%d", (int)number);
	if (!e && strcmp(id, a->id) != 0)
		e = fail(E_FORMAT, "the body names another change than the statement");
	if (!e)
		e = lineage_row_get(h->txn, (uint32_t)number, &r);
	if (!e && r.struck_by[0])
		e = fail(E_CONFLICT, "%s has struck change %s already", r.struck_by, id);
	if (!e && strcmp(r.by, a->by.id) == 0)
		e = fail(
			E_DENIED, "%s recorded change %s: another person strikes it", r.by, id);
	if (!e)
		e = add_leaf(h, a, "site-change-struck", "", reason, &r.struck_leaf);
	if (e)
		return e;
	copy_text(r.struck_by, sizeof(r.struck_by), a->by.id);
	e = lineage_row_put(h->txn, &r);
	if (!e)
		e = lineage_note(audit_forward(h->audit), &r);
	if (!e)
		buf_format(reply, "{\"number\":%s,\"struck\":true}", id);
	return e;
}

/* leaving */

static enum err
read_leave(const struct hub *h, const struct act *a, struct leaving *ret)
{
	static const char *const keys[] = {"site", "data", "day", "reason"};
	OWNED(json) struct json *body = NULL;
	const char *site = "", *data = "", *day = "";
	enum err e = json_parse(&body, a->body, SITEACTS_BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(body, "site", sizeof(ret->site) - 1, &site);
	if (!e)
		e = json_get_text(body, "data", 16, &data);
	if (!e)
		e = json_get_text(body, "day", sizeof(ret->day) - 1, &day);
	if (!e)
		e = get_reason(body, ret->reason);
	ret->data = leaving_of_word(data);
	if (!e && strcmp(site, a->id) != 0)
		e = fail(E_FORMAT, "the body names another site than the statement");
	if (!e && !ret->data)
		e = fail(E_FORMAT, "leaving needs a choice for the data: keep, stop or erase");
	if (!e && !lineage_is_day(day))
		e = fail(E_FORMAT, "leaving needs its day, YYYY-MM-DD");
	if (!e && (!h->pack || !pack_site(h->pack, site)))
		e = fail(E_NOTFOUND, "the study in force has no site %s", site);
	copy_text(ret->site, sizeof(ret->site), site);
	copy_text(ret->day, sizeof(ret->day), day);
	memcpy(ret->digest, a->digest, sizeof(ret->digest));
	return e;
}

/* What was agreed on can only be followed by what takes more away. A proposal that nobody has
 * agreed to is replaced. */
static enum err
place_leave(const struct leavings *all, struct leaving *l)
{
	const struct leaving *last = leaving_last(all, l->site),
			     *agreed = leaving_of(all, l->site, UINT64_MAX);
	if (agreed && agreed->data >= l->data)
		return fail(E_CONFLICT, "site %s left on %s, and its data: %s", l->site,
			agreed->day, leaving_word(agreed->data));
	l->number = last && !last->agreed_by[0] ? last->number
		    : last                      ? (uint8_t)(last->number + 1)
						: 1;
	return l->number < LEAVING_ROWS_MAX
		       ? OK
		       : fail(E_FULL, "site %s left too many times", l->site);
}

enum err
siteacts_leave(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	struct leaving l = {.number = 0};
	enum err e = read_leave(h, a, &l);
	if (!e)
		e = leavings_read(&all, h->txn);
	if (!e)
		e = place_leave(&all, &l);
	copy_text(l.by, sizeof(l.by), a->by.id);
	if (!e)
		e = add_leaf(h, a, "site-leave-proposed", l.site, l.reason, &l.leaf);
	if (!e)
		e = leaving_put(h->txn, &l);
	if (!e)
		buf_format(reply, "{\"site\":\"%s\",\"data\":\"%s\",\"state\":\"proposed\"}",
			l.site, leaving_word(l.data));
	return e;
}

static enum err
check_answers_for(const struct hub *h, const struct person *by, const char *site)
{
	const struct pack_site *s = pack_site(h->pack, site);
	if (strcmp(by->organisation, site) == 0 ||
		(s && strcmp(by->organisation, s->name) == 0))
		return OK;
	return fail(E_DENIED,
		"%s does not answer for site %s: the card names another "
		"organisation",
		by->id, site);
}

enum err
siteacts_agree(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	struct leaving l = {.number = 0};
	enum err e = read_leave(h, a, &l);
	if (!e)
		e = check_answers_for(h, &a->by, l.site);
	if (!e)
		e = leavings_read(&all, h->txn);
	const struct leaving *waits = e ? NULL : leaving_last(&all, l.site);
	if (!e && (!waits || waits->agreed_by[0]))
		e = fail(
			E_NOTFOUND, "nobody of the study has said that site %s leaves", l.site);
	if (!e && memcmp(waits->digest, l.digest, sizeof(l.digest)) != 0)
		e = fail(E_DENIED,
			"the study said something else about site %s: agree to its "
			"own words",
			l.site);
	if (!e && strcmp(waits->by, a->by.id) == 0)
		e = fail(E_DENIED, "%s spoke for the study and cannot agree for the site",
			waits->by);
	if (e)
		return e;
	l = *waits;
	l.agreed_s = now_s();
	copy_text(l.agreed_by, sizeof(l.agreed_by), a->by.id);
	e = add_leaf(h, a, "site-left", l.site, leaving_word(l.data), &l.agreed_leaf);
	if (!e)
		e = leaving_put(h->txn, &l);
	if (e)
		return e;
	leaving_note(audit_forward(h->audit), &l);
	h->leaving_next_ms = 0;
	buf_format(reply, "{\"site\":\"%s\",\"data\":\"%s\",\"state\":\"agreed\"}", l.site,
		leaving_word(l.data));
	return OK;
}
