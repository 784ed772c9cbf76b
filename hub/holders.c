#include "hub/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/card.h"
#include "common/trust/leaf.h"
#include "common/trust/statement.h"

#include "hub/acts_digest.h"
#include "hub/audit.h"

#define SAFE_COUNT 3 /* two are needed, and one may lose a passphrase */
#define ROW_NAME   "holders"
#define ROLE       "holder"
#define PROPOSED   1
#define AGREED     2
#define ROW_LENGTH (HOLDERS_BODY_MAX_BYTES + 4 * WIRE_SIGNED_MAX_BYTES)

/* who holds the key now */

static enum err
see_pair(void *arg, const char *outer, const char *inner, struct view box)
{
	struct holders_body *b = arg;
	(void)inner;
	(void)box;
	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->id[i], outer) == 0)
			return OK;
	if (b->count == KEEPERKEY_HOLDERS_COUNT)
		return fail(E_FORMAT, "the file of holders is not of its form");
	(void)snprintf(b->id[b->count++], ROW_ID_BYTES, "%s", outer);
	return OK;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
holders_sort(struct holders_body *b)
{
	qsort(b->id, b->count, sizeof(b->id[0]), by_id);
}

enum err
holders_read(struct holders_body *ret, const char *dir)
{
	*ret = (struct holders_body){.count = 0};
	enum err e = keeperkey_pairs(dir, see_pair, ret);
	if (!e)
		e = keeperkey_study_public(ret->study_public, dir);
	holders_sort(ret);
	return e;
}

char *
holders_warning(const char *dir)
{
	struct holders_body b;
	if (holders_read(&b, dir) || b.count >= SAFE_COUNT)
		return xstrdup("");
	return xasprintf("only %s and %s hold the study key: when one of them loses the "
			 "passphrase nobody opens an answer any more. Name a third: `weir-hub "
			 "holder add ID --by %s --by %s --reason TEXT`\n",
		b.id[0], b.id[1], b.id[0], b.id[1]);
}

/* the body */

enum err
holders_write(struct buf *out, const struct holders_body *b)
{
	struct json_out w;
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_array(&w, "holders");
	for (size_t i = 0; i < b->count; i++)
		json_put_text(&w, NULL, b->id[i]);
	json_put_close(&w);
	json_put_text(&w, "reason", b->reason);
	json_put_hex(&w, "study_public", view_of(b->study_public, sizeof(b->study_public)));
	json_put_close(&w);
	return json_end(&w, "holders");
}

static enum err
read_ids(const struct json *list, struct holders_body *ret)
{
	const char *id = "";
	enum err e = OK;
	ret->count = json_count(list);
	if (ret->count < 2 || ret->count > KEEPERKEY_HOLDERS_COUNT)
		return fail(E_FORMAT, "the keeper needs two to %d holders",
			KEEPERKEY_HOLDERS_COUNT);
	for (size_t i = 0; !e && i < ret->count; i++) {
		e = json_item_text(list, i, "holders", ROW_ID_BYTES - 1, &id);
		if (!e)
			(void)snprintf(ret->id[i], sizeof(ret->id[i]), "%s", id);
		if (!e && i && strcmp(ret->id[i - 1], id) >= 0)
			e = fail(E_FORMAT, "the holders have to stand in rising order, each "
					   "once");
	}
	return e;
}

static enum err
read_body(struct holders_body *ret, struct view bytes)
{
	static const char *const keys[] = {"holders", "reason", "study_public"};
	OWNED(json) struct json *body = NULL;
	const struct json *list = NULL;
	const char *reason = "", *hex = "";
	*ret = (struct holders_body){.count = 0};
	enum err e = json_parse(&body, bytes, HOLDERS_BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_array(body, "holders", KEEPERKEY_HOLDERS_COUNT, &list);
	if (!e)
		e = json_get_text(body, "reason", LEAF_TEXT_MOST_BYTES, &reason);
	if (!e)
		e = json_get_text(body, "study_public", 2 * BOX_PUBLIC_BYTES, &hex);
	if (e)
		return e;
	if (!reason[0] || strlen(reason) >= sizeof(ret->reason))
		return fail(E_FORMAT, "a reason is needed");
	if (!text_unhex(ret->study_public, sizeof(ret->study_public), hex))
		return fail(E_FORMAT, "study_public is not a key");
	(void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
	return read_ids(list, ret);
}

/* the row */

struct agreement {
	struct buf row;
	uint8_t state;
	struct view body, first, second;
};

static void
agreement_done(struct agreement *g)
{
	buf_done(&g->row);
}
#define OWNED_AGREEMENT OWNED_BY(agreement_done)

static enum err
read_row(struct vault_txn *t, struct agreement *g)
{
	buf_init(&g->row, ROW_LENGTH);
	enum err e = vault_get(t, VAULT_META, view_text(ROW_NAME), &g->row);
	if (e)
		return e == E_NOTFOUND ? fail(e, "no change of the holders was agreed on") : e;
	struct cursor c = row_begin(buf_view(&g->row));
	g->state = cursor_u8(&c);
	g->body = cursor_blob(&c);
	g->first = cursor_blob(&c);
	g->second = cursor_blob(&c);
	return row_end(&c, "holders");
}

static enum err
put_row(struct vault_txn *t, uint8_t state, const struct act *a, struct view first)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_LENGTH);
	buf_u8(&row, ROW_VERSION);
	buf_u8(&row, state);
	buf_blob(&row, a->body);
	buf_blob(&row, state == AGREED ? first : a->signed_statement);
	buf_blob(&row, state == AGREED ? a->signed_statement : view_of(NULL, 0));
	enum err e = buf_check(&row, "holders");
	return e ? e : vault_put(t, VAULT_META, view_text(ROW_NAME), buf_view(&row));
}

/* the ledger */

static enum err
check_persons(struct hub *h, const struct holders_body *b)
{
	struct person p;
	enum err e = OK;
	for (size_t i = 0; !e && i < b->count; i++) {
		e = person_get(h->txn, b->id[i], &p);
		if (!e && !person_has_role(&p, ROLE))
			e = fail(E_DENIED, "%s has not the role holder", b->id[i]);
		if (!e && p.revoked_s)
			e = fail(E_DENIED, "%s is no longer in office", b->id[i]);
	}
	return e;
}

static enum err
add_leaf(struct hub *h, const struct act *a, const char *action, const char *reason)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, action);
	leaf.object_type = "keys";
	leaf.reason_code = reason;
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

enum err
holders_agree(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED_AGREEMENT struct agreement g = {.state = 0};
	struct holders_body body;
	char by[WIRE_NAME_BYTES] = "";
	enum err e = read_body(&body, a->body);
	if (!e && strcmp(a->id, HOLDERS_ID) != 0)
		e = fail(E_FORMAT, "the statement is on something else than the holders");
	if (!e)
		e = check_persons(h, &body);
	if (e)
		return e;
	e = read_row(h->txn, &g);
	bool is_second = !e && g.state == PROPOSED && view_same(g.body, a->body);
	if (e == E_NOTFOUND)
		e = OK;
	if (!e && is_second)
		e = statement_person(by, g.first);
	if (!e && is_second && strcmp(by, a->by.id) == 0)
		e = fail(E_DENIED, "%s proposed it: another holder has to agree", by);
	if (!e)
		e = put_row(h->txn, is_second ? AGREED : PROPOSED, a, g.first);
	if (!e)
		e = add_leaf(
			h, a, is_second ? "holders-agreed" : "holders-proposed", body.reason);
	if (!e)
		buf_format(reply, "{\"state\":\"%s\"}", is_second ? "agreed" : "proposed");
	return e;
}

/* the keeper */

/* A person in office whose card the root signed, with the role. */
static enum err
read_card(const struct holders_known *k, const char *id, struct wire_card *ret)
{
	OWNED_BUF struct buf packed;
	struct wire_signed s;
	struct person p;
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	enum err e = person_get(k->txn, id, &p);
	if (!e && p.revoked_s)
		e = fail(E_DENIED, "%s is no longer in office", id);
	if (!e)
		e = person_card(k->txn, id, &packed);
	if (!e)
		e = wire_signed_unpack(&s, buf_view(&packed));
	if (!e)
		e = card_verify(ret, &s, k->study, k->root_public);
	if (!e && (strcmp(ret->person, id) != 0 || !card_has_role(ret, ROLE)))
		e = fail(E_DENIED, "%s is no holder of the study", id);
	return e;
}

struct looking {
	const char *id;
	bool found;
};

static enum err
look_at_pair(void *arg, const char *outer, const char *inner, struct view box)
{
	struct looking *l = arg;
	(void)inner;
	(void)box;
	l->found = l->found || strcmp(outer, l->id) == 0;
	return OK;
}

static enum err
check_signer(const struct holders_known *k, struct view signed_statement, struct view body,
	char ret[static WIRE_NAME_BYTES])
{
	struct statement_about about = {k->study, HOLDERS_KIND, HOLDERS_ID, {0}};
	struct wire_statement s;
	struct wire_card card;
	acts_digest_of(about.digest, HOLDERS_KIND, body);
	enum err e = statement_person(ret, signed_statement);
	if (!e)
		e = read_card(k, ret, &card);
	if (!e)
		e = statement_verify(&s, signed_statement, &about, ret, card.sign_public);
	struct looking l = {.id = ret};
	if (!e)
		e = keeperkey_pairs(k->dir, look_at_pair, &l);
	return e || l.found ? e : fail(E_DENIED, "%s does not hold the study key now", ret);
}

static enum err
fill_list(const struct holders_known *k, struct holders_agreed *ret)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < ret->body.count; i++) {
		struct wire_card card;
		e = read_card(k, ret->body.id[i], &card);
		if (e)
			break;
		ret->list[i].person = ret->body.id[i];
		memcpy(ret->list[i].box_public, card.box_public, BOX_PUBLIC_BYTES);
	}
	return e;
}

enum err
holders_check(const struct holders_known *k, struct holders_agreed *ret)
{
	OWNED_AGREEMENT struct agreement g = {.state = 0};
	char first[WIRE_NAME_BYTES] = "", second[WIRE_NAME_BYTES] = "";
	enum err e = read_row(k->txn, &g);
	if (!e && g.state != AGREED)
		e = fail(E_DENIED, "only one holder wants to change the holders");
	if (!e)
		e = read_body(&ret->body, g.body);
	if (!e)
		e = check_signer(k, g.first, g.body, first);
	if (!e)
		e = check_signer(k, g.second, g.body, second);
	if (!e && strcmp(first, second) == 0)
		e = fail(E_DENIED, "one holder alone changes nothing");
	return e ? e : fill_list(k, ret);
}
