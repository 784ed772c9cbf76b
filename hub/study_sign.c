#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/wire_study.h"
#include "common/trust/card.h"
#include "common/trust/leaf.h"
#include "common/trust/manifest.h"

#include "hub/audit.h"
#include "hub/hubkeys.h"
#include "hub/packrows.h"
#include "hub/person.h"
#include "hub/renewal.h"
#include "hub/row.h"
#include "hub/study.h"
#include "hub/study_inside.h"
#include "hub/studydiff.h"
#include "hub/versions.h"

#define PROPOSED_ROW      "study-proposed"
#define NUMBER_TEXT_BYTES 24

/* proposing */

/* The keys that the manifest hands to nodes have to be this hub's own. */
static enum err
check_keys(struct hub *h, const struct wire_manifest *m)
{
	struct hubkeys k;
	enum err e = hubkeys_get(h->txn, &k);
	if (e)
		return e;
	bool same = m->ledger_number == MAX(h->ledger_number, 1u) &&
		    memcmp(m->ledger_public, h->box_public, BOX_PUBLIC_BYTES) == 0 &&
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

/* No name may get a new meaning against any pack that was ever in force: records of all of them
 * may still come, and their figures stand. */
static enum err
check_changes(struct hub *h, const struct pack *pack)
{
	enum err e = h->versions ? versions_read(h->versions, h->txn) : OK;
	for (size_t i = 0; !e && h->versions && i < versions_count(h->versions); i++) {
		OWNED(studydiff)
		struct studydiff *d =
			studydiff_make(versions_at(h->versions, i), pack, clock_wall_ms());
		e = studydiff_check(d);
	}
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
		e = packrows_load(ret_pack, h->txn, m);
	if (!e && strcmp((*ret_pack)->id, h->study) != 0)
		e = fail(E_DENIED, "study.ini is for study %s, this hub serves %s",
			(*ret_pack)->id, h->study);
	if (!e && strcmp((*ret_pack)->log_origin, h->origin) != 0)
		e = fail(E_DENIED, "study.ini names the log %s, this hub's log is %s",
			(*ret_pack)->log_origin, h->origin);
	if (!e)
		e = check_changes(h, *ret_pack);
	return e;
}

static enum err
add_leaf(struct hub *h, const struct act *a, const char *action, uint64_t *ret_index)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, action);
	leaf.object_type = "manifest";
	return audit_add(h->audit, h->txn, &leaf, ret_index);
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
		e = add_leaf(h, a, "study-proposed", NULL);
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
	uint8_t hash[HASH_BYTES], key[PACKROWS_NUMBER_BYTES];
	packrows_key(key, number);
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

static enum err
verify(struct hub *h, const struct proposal *p, const struct act *a, struct buf *reply)
{
	OWNED_BUF struct buf signed_manifest;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	OWNED(pack) struct pack *pack = NULL;
	uint64_t leaf = 0;
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
		e = add_leaf(h, a, "study-in-force", &leaf);
	if (!e)
		e = packrows_put_leaf(h->txn, m->number, leaf);
	if (!e)
		e = keep_manifest(h, m->number, buf_view(&signed_manifest));
	if (!e)
		e = study_drop_unused(h);
	if (e)
		return e;
	study_put_in_force(h, m->number, take(pack));
	e = renewal_told(h, m->intake[m->intake_count - 1].number, m->ledger_number);
	if (e)
		return e;
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
