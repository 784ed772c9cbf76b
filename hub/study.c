#include "hub/study.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_study.h"
#include "common/study/pack.h"
#include "common/trust/card.h"
#include "common/trust/leaf.h"
#include "common/trust/manifest.h"

#include "hub/audit.h"
#include "hub/hubkeys.h"
#include "hub/person.h"
#include "hub/row.h"

#define PROPOSED_ROW      "study-proposed"
#define NUMBER_TEXT_BYTES 24

/* documents */

enum err
study_document(struct hub *h, struct view bytes, struct buf *reply)
{
	uint8_t hash[HASH_BYTES];
	struct vault_txn *txn;
	manifest_document_hash(hash, bytes);
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = vault_put(txn, VAULT_DOCUMENTS, view_of(hash, sizeof(hash)), bytes);
	if (!e)
		buf_add(reply, hash, sizeof(hash));
	return e;
}

/* The documents of a manifest in memory; each struct buf is owned here. */
struct held {
	struct pack_document *documents;
	struct buf *bytes;
	size_t count;
};

static void
held_free(struct held *d)
{
	for (size_t i = 0; i < d->count; i++)
		buf_done(&d->bytes[i]);
	mem_drop(&d->bytes);
	mem_drop(&d->documents);
}

static enum err
hold_documents(struct hub *h, const struct wire_manifest *m, struct held *d)
{
	d->documents = xcalloc(m->document_count, sizeof(*d->documents));
	d->bytes = xcalloc(m->document_count, sizeof(*d->bytes));
	for (size_t i = 0; i < m->document_count; i++) {
		const struct wire_document *want = &m->documents[i];
		struct buf *b = &d->bytes[d->count++];
		buf_init(b, IPC_DOCUMENT_MAX_BYTES);
		enum err e = vault_get(
			h->txn, VAULT_DOCUMENTS, view_of(want->hash, sizeof(want->hash)), b);
		if (e == E_NOTFOUND)
			return fail(e, "the manifest names %s, which was not sent", want->name);
		if (e)
			return e;
		if (b->len != want->length)
			return fail(E_FORMAT, "%s is of another length than the manifest says",
				want->name);
		d->documents[i] = (struct pack_document){want->name, buf_view(b)};
	}
	return OK;
}

static enum err
load_pack(struct hub *h, const struct wire_manifest *m, struct pack **ret)
{
	OWNED_BY(held_free) struct held held = {0};
	OWNED(faults) struct faults *faults = faults_new();
	enum err e = hold_documents(h, m, &held);
	if (!e)
		e = pack_load_documents(ret, held.documents, held.count, faults);
	enum err named = e == E_FORMAT ? faults_check(faults) : e;
	return named ? named : e;
}

/* proposing */

/* The keys that the manifest hands to nodes have to be this hub's own. */
static enum err
check_keys(struct hub *h, const struct wire_manifest *m)
{
	struct hubkeys k;
	enum err e = hubkeys_get(h->txn, &k);
	if (e)
		return e;
	bool same = memcmp(m->ledger_public, h->box_public, BOX_PUBLIC_BYTES) == 0 &&
		    memcmp(m->receipt_public, k.receipt_public, SIGN_PUBLIC_BYTES) == 0 &&
		    memcmp(m->release_public, k.release_public, SIGN_PUBLIC_BYTES) == 0 &&
		    strcmp(m->log_vkey, k.log_vkey) == 0 && m->intake_count == k.intake_count;
	for (size_t i = 0; same && i < k.intake_count; i++)
		same = m->intake[i].number == k.intake[i].number &&
		       memcmp(m->intake[i].public, k.intake[i].public, BOX_PUBLIC_BYTES) == 0;
	return same ? OK : fail(E_DENIED, "the manifest names other keys than this hub's");
}

/* It follows the one in force, and the statement is on this number. */
static enum err
check_number(struct hub *h, const struct wire_manifest *m, const char *statement_id)
{
	char number[NUMBER_TEXT_BYTES];
	uint8_t previous[HASH_BYTES];
	if (m->number != h->manifest_number + 1)
		return fail(E_CONFLICT,
			"the manifest in force is number %" PRIu64 ", the next one is %" PRIu64
			", not %" PRIu64,
			h->manifest_number, h->manifest_number + 1, m->number);
	(void)snprintf(number, sizeof(number), "%" PRIu64, m->number);
	if (strcmp(statement_id, number) != 0)
		return fail(E_FORMAT, "the statement is not on the number of its manifest");
	enum err e = study_manifest_hash(h, previous);
	if (!e && memcmp(previous, m->previous, sizeof(previous)) != 0)
		e = fail(E_CONFLICT, "the manifest does not follow the one in force");
	return e;
}

static enum err
check_manifest(struct hub *h, const struct wire_manifest *m, const char *statement_id,
	struct pack **ret_pack)
{
	if (strcmp(m->study, h->study) != 0)
		return fail(E_DENIED, "the manifest is for study %s, this hub serves %s",
			m->study, h->study);
	enum err e = check_number(h, m, statement_id);
	if (!e)
		e = check_keys(h, m);
	if (!e)
		e = load_pack(h, m, ret_pack);
	if (!e && strcmp((*ret_pack)->id, h->study) != 0)
		e = fail(E_DENIED, "study.ini is for study %s, this hub serves %s",
			(*ret_pack)->id, h->study);
	if (!e && strcmp((*ret_pack)->log_origin, h->origin) != 0)
		e = fail(E_DENIED, "study.ini names the log %s, this hub's log is %s",
			(*ret_pack)->log_origin, h->origin);
	return e;
}

static enum err
add_leaf(struct hub *h, const struct act *a, const char *action)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, action);
	leaf.object_type = "manifest";
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

static enum err
propose(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	OWNED(pack) struct pack *pack = NULL;
	OWNED_BUF struct buf row;
	buf_init(&row, IPC_BODY_MAX_BYTES);
	enum err e = wire_manifest_unpack(&m, a->body);
	if (!e)
		e = check_manifest(h, m, a->id, &pack);
	if (e)
		return e;
	buf_u8(&row, ROW_VERSION);
	buf_blob(&row, a->body);
	buf_blob(&row, a->signed_statement);
	e = buf_check(&row, "proposed manifest");
	if (!e)
		e = add_leaf(h, a, "study-proposed");
	if (!e)
		e = vault_put(h->txn, VAULT_META, view_text(PROPOSED_ROW), buf_view(&row));
	if (!e)
		buf_format(reply, "{\"number\":%llu,\"state\":\"proposed\",\"documents\":%zu}",
			(unsigned long long)m->number, m->document_count);
	return e;
}

/* putting in force */

struct proposal {
	struct buf row;
	struct view manifest;
	struct view signed_statement;
	struct wire_statement statement;
};

static enum err
read_proposal(struct hub *h, struct proposal *p)
{
	enum err e = vault_get(h->txn, VAULT_META, view_text(PROPOSED_ROW), &p->row);
	if (e)
		return e == E_NOTFOUND ? fail(e, "no manifest is waiting to be verified") : e;
	struct cursor c = row_begin(buf_view(&p->row));
	p->manifest = cursor_blob(&c);
	p->signed_statement = cursor_blob(&c);
	struct wire_signed s;
	e = row_end(&c, "manifest");
	if (!e)
		e = wire_signed_unpack(&s, p->signed_statement);
	if (!e)
		e = wire_statement_unpack(&p->statement, s.body);
	return e;
}

/* Manifest, both statements, both cards, hub keys: what a node needs, offline, from the root
 * on. */
static enum err
sign_manifest(struct hub *h, const struct proposal *p, const struct act *a, struct buf *out)
{
	OWNED_BUF struct buf first, second, keys;
	buf_init(&first, WIRE_CARD_MAX_BYTES * 2);
	buf_init(&second, WIRE_CARD_MAX_BYTES * 2);
	buf_init(&keys, WIRE_CARD_MAX_BYTES * 2);
	struct wire_signed_manifest m = {
		.manifest = p->manifest, .statement_count = 2, .card_count = 2};
	memcpy(m.root_public, h->root_public, sizeof(m.root_public));
	enum err e = person_card(h->txn, p->statement.person, &first);
	if (!e)
		e = person_card(h->txn, a->by.id, &second);
	if (!e)
		e = hubkeys_signed(h->txn, &keys);
	if (!e)
		e = wire_signed_unpack(&m.statements[0], p->signed_statement);
	if (!e)
		e = wire_signed_unpack(&m.statements[1], a->signed_statement);
	if (!e)
		e = wire_signed_unpack(&m.cards[0], buf_view(&first));
	if (!e)
		e = wire_signed_unpack(&m.cards[1], buf_view(&second));
	if (!e)
		e = wire_signed_unpack(&m.hub_keys, buf_view(&keys));
	return e ? e : wire_signed_manifest_pack(out, &m);
}

/* What is put in force has to open as a node will open it, from the pinned root on. */
static enum err
open_as_node(struct hub *h, struct view signed_manifest)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	struct manifest_known known = {.study = h->study, .number = h->manifest_number};
	uint8_t hash[HASH_BYTES];
	card_root_hash(known.root_hash, h->root_public);
	enum err e = study_manifest_hash(h, known.hash);
	return e ? e : manifest_open(&m, hash, signed_manifest, &known);
}

static enum err
keep_manifest(struct hub *h, uint64_t number, struct view signed_manifest)
{
	uint8_t hash[HASH_BYTES], key[8];
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(number >> (8 * (7 - i)));
	manifest_document_hash(hash, signed_manifest);
	enum err e = vault_put_new(
		h->txn, VAULT_MANIFESTS, view_of(key, sizeof(key)), signed_manifest);
	if (!e)
		e = vault_put(
			h->txn, VAULT_DOCUMENTS, view_of(hash, sizeof(hash)), signed_manifest);
	if (!e)
		e = vault_delete(h->txn, VAULT_META, view_text(PROPOSED_ROW));
	return e;
}

static void
put_in_force(struct hub *h, uint64_t number, struct pack *pack)
{
	pack_free(h->pack);
	h->pack = pack;
	h->manifest_number = number;
}

static enum err
verify(struct hub *h, const struct proposal *p, const struct act *a, struct buf *reply)
{
	OWNED_BUF struct buf signed_manifest;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	OWNED(pack) struct pack *pack = NULL;
	buf_init(&signed_manifest, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	if (strcmp(p->statement.person, a->by.id) == 0)
		return fail(
			E_DENIED, "%s proposed the manifest and cannot verify it", a->by.id);
	enum err e = wire_manifest_unpack(&m, a->body);
	if (!e)
		e = check_manifest(h, m, a->id, &pack);
	if (!e)
		e = sign_manifest(h, p, a, &signed_manifest);
	if (!e)
		e = open_as_node(h, buf_view(&signed_manifest));
	if (!e)
		e = add_leaf(h, a, "study-in-force");
	if (!e)
		e = keep_manifest(h, m->number, buf_view(&signed_manifest));
	if (e)
		return e;
	put_in_force(h, m->number, take(pack));
	buf_format(reply, "{\"number\":%llu,\"state\":\"in-force\"}",
		(unsigned long long)h->manifest_number);
	return OK;
}

enum err
study_sign(struct hub *h, const struct act *a, struct buf *reply)
{
	struct proposal p = {0};
	buf_init(&p.row, IPC_BODY_MAX_BYTES);
	enum err e = read_proposal(h, &p);
	if (e == E_NOTFOUND || (!e && !view_same(p.manifest, a->body)))
		e = propose(h, a, reply);
	else if (!e)
		e = verify(h, &p, a, reply);
	buf_done(&p.row);
	return e;
}

/* in force */

static enum err
last_manifest(struct hub *h, struct buf *out)
{
	struct vault_txn *txn;
	enum err e = hub_txn_reserve(h, &txn);
	if (!e)
		e = vault_last(txn, VAULT_MANIFESTS, view_of(NULL, 0), NULL, out);
	return e;
}

enum err
study_load(struct hub *h)
{
	OWNED_BUF struct buf bytes;
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	enum err e = last_manifest(h, &bytes);
	if (e == E_NOTFOUND) {
		put_in_force(h, 0, NULL);
		return OK;
	}
	OWNED(wire_signed_manifest) struct wire_signed_manifest *s = NULL;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	OWNED(pack) struct pack *pack = NULL;
	if (!e)
		e = wire_signed_manifest_unpack(&s, buf_view(&bytes));
	if (!e)
		e = wire_manifest_unpack(&m, s->manifest);
	if (!e)
		e = load_pack(h, m, &pack);
	if (!e)
		put_in_force(h, m->number, take(pack));
	return e;
}

enum err
study_offer(struct hub *h, struct sync_offer *ret)
{
	OWNED_BUF struct buf bytes;
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	*ret = (struct sync_offer){0};
	enum err e = last_manifest(h, &bytes);
	if (e == E_NOTFOUND)
		return OK;
	if (!e) {
		ret->number = h->manifest_number;
		ret->length_bytes = bytes.len;
		manifest_document_hash(ret->hash, buf_view(&bytes));
	}
	return e;
}

enum err
study_manifest_hash(struct hub *h, uint8_t ret[static HASH_BYTES])
{
	OWNED_BUF struct buf bytes;
	OWNED(wire_signed_manifest) struct wire_signed_manifest *s = NULL;
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	memset(ret, 0, HASH_BYTES);
	enum err e = last_manifest(h, &bytes);
	if (e == E_NOTFOUND)
		return OK;
	if (!e)
		e = wire_signed_manifest_unpack(&s, buf_view(&bytes));
	if (!e)
		manifest_hash(ret, s->manifest);
	return e;
}

enum err
study_proposal(struct hub *h, struct buf *out, char by[static WIRE_NAME_BYTES])
{
	struct proposal p = {0};
	struct vault_txn *txn;
	buf_init(&p.row, IPC_BODY_MAX_BYTES);
	enum err e = hub_txn_reserve(h, &txn);
	if (!e)
		e = read_proposal(h, &p);
	if (!e) {
		buf_add_view(out, p.manifest);
		memcpy(by, p.statement.person, WIRE_NAME_BYTES);
	}
	buf_done(&p.row);
	return e ? e : buf_check(out, "proposed manifest");
}

bool
study_has_site(const struct hub *h, const char *site)
{
	return h->pack && pack_site(h->pack, site);
}
