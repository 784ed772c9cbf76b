#include "hub/facts.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/codec/wire_study.h"
#include "common/study/pack.h"
#include "common/trust/manifest.h"

#include "hub/approval_body.h"
#include "hub/approval_figures.h"
#include "hub/audit.h"
#include "hub/hubkeys.h"
#include "hub/invitation.h"
#include "hub/ipc.h"
#include "hub/person.h"
#include "hub/study.h"
#include "hub/vault.h"

static enum err
put_person(void *arg, const struct person *p, struct view card)
{
	struct json_out *w = arg;
	OWNED_MEM char *base64 = text_base64(card);
	json_put_object(w, NULL);
	json_put_text(w, "id", p->id);
	json_put_text(w, "name", p->name);
	json_put_text(w, "organisation", p->organisation);
	json_put_array(w, "roles");
	for (size_t i = 0; i < p->role_count; i++)
		json_put_text(w, NULL, p->roles[i]);
	json_put_close(w);
	json_put_text(w, "card", base64);
	json_put_int(w, "revoked_s", p->revoked_s);
	json_put_close(w);
	return OK;
}

static void
put_keeper(struct json_out *w, const struct hubkeys *k, bool is_set_up)
{
	json_put_bool(w, "keeper", is_set_up);
	json_put_hex(
		w, "release_public", view_of(k->release_public, sizeof(k->release_public)));
	json_put_array(w, "intake");
	for (size_t i = 0; i < k->intake_count; i++) {
		json_put_object(w, NULL);
		json_put_int(w, "number", k->intake[i].number);
		json_put_hex(w, "public", view_of(k->intake[i].public, BOX_PUBLIC_BYTES));
		json_put_close(w);
	}
	json_put_close(w);
}

static enum err
put_manifest(struct json_out *w, struct hub *h)
{
	uint8_t hash[HASH_BYTES];
	enum err e = study_manifest_hash(h, hash);
	json_put_int(w, "manifest", (int64_t)h->manifest_number);
	json_put_hex(w, "manifest_hash", view_of(hash, sizeof(hash)));
	return e;
}

static enum err
put_facts(struct json_out *w, struct hub *h, const struct json *args)
{
	(void)args;
	struct hubkeys k;
	enum err found = hubkeys_get(h->txn, &k);
	if (found && found != E_NOTFOUND)
		return found;
	OWNED_MEM char *vkey = note_key_text(audit_key(h->audit));
	uint8_t receipt_public[SIGN_PUBLIC_BYTES];
	sign_public(receipt_public, h->receipt);
	json_put_object(w, NULL);
	json_put_text(w, "study", h->study);
	json_put_hex(w, "root_public", view_of(h->root_public, sizeof(h->root_public)));
	json_put_hex(w, "ledger_public", view_of(h->box_public, sizeof(h->box_public)));
	json_put_int(w, "ledger_number", MAX(h->ledger_number, 1u));
	json_put_hex(w, "receipt_public", view_of(receipt_public, sizeof(receipt_public)));
	json_put_hex(w, "transport_public",
		view_of(h->transport_public, sizeof(h->transport_public)));
	json_put_text(w, "log_vkey", vkey);
	put_keeper(w, &k, found == OK);
	enum err e = put_manifest(w, h);
	json_put_array(w, "persons");
	if (!e)
		e = person_each(h->txn, put_person, w);
	json_put_close(w);
	json_put_close(w);
	return e;
}

/* m: NULL for none. */
static void
put_documents(struct json_out *w, const struct wire_manifest *m)
{
	json_put_array(w, "documents");
	for (size_t i = 0; m && i < m->document_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "name", m->documents[i].name);
		json_put_hex(w, "hash", view_of(m->documents[i].hash, HASH_BYTES));
		json_put_int(w, "length", (int64_t)m->documents[i].length);
		json_put_close(w);
	}
	json_put_close(w);
}

static enum err
put_proposal(struct json_out *w, struct hub *h, const struct json *args)
{
	(void)args;
	OWNED_BUF struct buf manifest;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	char by[WIRE_NAME_BYTES];
	buf_init(&manifest, WIRE_MANIFEST_MAX_BYTES);
	enum err e = study_proposal(h, &manifest, by);
	if (!e)
		e = wire_manifest_unpack(&m, buf_view(&manifest));
	if (e)
		return e;
	OWNED_MEM char *base64 = text_base64(buf_view(&manifest));
	json_put_object(w, NULL);
	json_put_int(w, "number", (int64_t)m->number);
	json_put_text(w, "manifest", base64);
	json_put_text(w, "by", by);
	put_documents(w, m);
	json_put_close(w);
	return OK;
}

static enum err
put_pack(struct json_out *w, struct hub *h, const struct json *args)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	(void)args;
	enum err e = study_in_force(h, &m);
	if (e && e != E_NOTFOUND)
		return e;
	json_put_object(w, NULL);
	json_put_int(w, "number", m ? (int64_t)m->number : 0);
	put_documents(w, m);
	json_put_close(w);
	return OK;
}

static enum err
put_document(struct json_out *w, struct hub *h, const struct json *args)
{
	OWNED_BUF struct buf bytes;
	uint8_t hash[HASH_BYTES];
	const char *hex = "";
	int64_t from = 0;
	buf_init(&bytes, IPC_DOCUMENT_MAX_BYTES);
	enum err e = json_get_text(args, "hash", 2 * HASH_BYTES, &hex);
	if (!e && !text_unhex(hash, sizeof(hash), hex))
		e = fail(E_FORMAT, "the hash is not of its form");
	if (!e)
		e = json_get_int(args, "from", 0, (int64_t)IPC_DOCUMENT_MAX_BYTES, &from);
	if (!e)
		e = vault_get(h->txn, VAULT_DOCUMENTS, view_of(hash, sizeof(hash)), &bytes);
	if (e)
		return e == E_NOTFOUND ? fail(e, "there is no such document") : e;
	size_t at = MIN((size_t)from, bytes.len);
	struct view piece = view_of(bytes.at + at, MIN(bytes.len - at, FACTS_PIECE_BYTES));
	OWNED_MEM char *base64 = text_base64(piece);
	json_put_object(w, NULL);
	json_put_int(w, "length", (int64_t)bytes.len);
	json_put_text(w, "bytes", base64);
	json_put_close(w);
	return OK;
}

static void
put_turns(struct json_out *w, const struct approval *a)
{
	json_put_array(w, "turns");
	for (size_t i = 0; i < a->turn_count; i++) {
		const struct approval_turn *t = &a->turns[i];
		json_put_object(w, NULL);
		json_put_text(w, "turn", approval_turn_word(t->kind));
		json_put_int(w, "condition", t->condition);
		json_put_int(w, "at_s", t->at_s);
		json_put_text(w, "reason", t->reason);
		json_put_text(w, "by", t->by);
		json_put_text(w, "verified_by", t->verified_by);
		json_put_int(w, "leaf", (int64_t)t->leaf);
		json_put_close(w);
	}
	json_put_close(w);
}

static enum err
put_approval(void *arg, const struct approval *a)
{
	struct json_out *w = arg;
	json_put_object(w, NULL);
	approval_body_put(w, a);
	json_put_text(w, "entered_by", a->entered_by);
	json_put_text(w, "verified_by", a->verified_by);
	json_put_int(w, "entered_leaf", (int64_t)a->entered_leaf);
	json_put_int(w, "verified_leaf", (int64_t)a->verified_leaf);
	put_turns(w, a);
	json_put_close(w);
	return OK;
}

static enum err
put_approvals(struct json_out *w, struct hub *h, const struct json *args)
{
	(void)args;
	json_put_object(w, NULL);
	json_put_array(w, "approvals");
	enum err e = approval_each(h->txn, put_approval, w);
	json_put_close(w);
	json_put_close(w);
	return e;
}

/* figures */

struct gathering {
	struct approval *rows;
	size_t count;
};

static enum err
gather(void *arg, const struct approval *a)
{
	struct gathering *g = arg;
	g->rows = xrealloc(g->rows, g->count + 1, sizeof(*g->rows));
	g->rows[g->count++] = *a;
	return OK;
}

static enum err
put_figures(struct json_out *w, struct hub *h, const struct json *args)
{
	struct gathering g = {NULL, 0};
	const size_t sites = h->pack ? h->pack->site_count : 0;
	(void)args;
	enum err e = approval_each(h->txn, gather, &g);
	json_put_object(w, NULL);
	json_put_array(w, "sites");
	for (size_t i = 0; !e && i < sites; i++) {
		struct approval_figures f;
		approval_figures_of(g.rows, g.count, h->pack->sites[i].id, sites, &f);
		json_put_object(w, NULL);
		json_put_text(w, "site", h->pack->sites[i].id);
		json_put_int(w, "approvals", (int64_t)f.count);
		json_put_int(w, "days", f.days);
		json_put_decimal(w, "cost", f.cost, 2);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_close(w);
	mem_drop(&g.rows);
	return e;
}

static enum err
put_invitation(void *arg, const struct invitation *i)
{
	static const char *const states[] = {"", "open", "claimed", "admitted", "dead"};
	struct json_out *w = arg;
	json_put_object(w, NULL);
	json_put_hex(w, "id", view_of(i->id, sizeof(i->id)));
	json_put_text(w, "site", i->site);
	json_put_text(w, "by", i->by);
	json_put_text(w, "state", i->state < ARRAY_LEN(states) ? states[i->state] : "");
	json_put_text(w, "name", i->claimed.name);
	json_put_int(w, "expires_s", i->expires_s);
	json_put_int(w, "failures", i->failures);
	json_put_hex(w, "transcript", view_of(i->transcript, sizeof(i->transcript)));
	json_put_close(w);
	return OK;
}

static enum err
put_invites(struct json_out *w, struct hub *h, const struct json *args)
{
	(void)args;
	json_put_object(w, NULL);
	json_put_array(w, "invites");
	enum err e = invitation_each(h->txn, put_invitation, w);
	json_put_close(w);
	json_put_close(w);
	return e;
}

static const struct {
	const char *question;
	enum err (*put)(struct json_out *w, struct hub *h, const struct json *args);
} questions[] = {
	{"facts", put_facts},
	{"proposal", put_proposal},
	{"approvals", put_approvals},
	{"approval-figures", put_figures},
	{"invites", put_invites},
	{"pack", put_pack},
	{"document", put_document},
};

enum err
facts_answer(struct hub *h, const char *question, const struct json *args, struct buf *reply)
{
	struct vault_txn *txn;
	struct json_out w;
	enum err e = hub_txn_reserve(h, &txn);
	if (e)
		return e;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		if (strcmp(questions[i].question, question) != 0)
			continue;
		json_begin(&w, reply);
		e = questions[i].put(&w, h, args);
		return e ? e : json_end(&w, question);
	}
	return fail(E_NOTFOUND, "there is no question %s", question);
}
