#include "common/codec/wire_study.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec/wire_pb.h"
#include "study.pb-c.h"

#define SIGNED(field) ((struct wire_field){"signed manifest", field})

enum err
wire_signed_manifest_pack(struct buf *out, const struct wire_signed_manifest *r)
{
	Weir__SignedStatement statements[WIRE_SIGNERS_MAX];
	Weir__SignedStatement *lent_statements[WIRE_SIGNERS_MAX];
	Weir__SignedCard cards[WIRE_SIGNERS_MAX];
	Weir__SignedCard *lent_cards[WIRE_SIGNERS_MAX];
	enum err e = wire_is_count(SIGNED("statements"), r->statement_count, WIRE_SIGNERS_MAX);
	if (!e)
		e = wire_is_count(SIGNED("cards"), r->card_count, WIRE_SIGNERS_MAX);
	if (e)
		return e;
	for (size_t i = 0; i < r->statement_count; i++) {
		const struct wire_signed *s = &r->statements[i];
		statements[i] = (Weir__SignedStatement)WEIR__SIGNED_STATEMENT__INIT;
		statements[i].statement = pb_bytes(s->body.at, s->body.len);
		statements[i].signature = pb_bytes(s->signature, WIRE_SIGNATURE_BYTES);
		lent_statements[i] = &statements[i];
	}
	for (size_t i = 0; i < r->card_count; i++) {
		cards[i] = (Weir__SignedCard)WEIR__SIGNED_CARD__INIT;
		cards[i].card = pb_bytes(r->cards[i].body.at, r->cards[i].body.len);
		cards[i].signature = pb_bytes(r->cards[i].signature, WIRE_SIGNATURE_BYTES);
		lent_cards[i] = &cards[i];
	}
	Weir__SignedHubKeys keys = WEIR__SIGNED_HUB_KEYS__INIT;
	keys.keys = pb_bytes(r->hub_keys.body.at, r->hub_keys.body.len);
	keys.signature = pb_bytes(r->hub_keys.signature, WIRE_SIGNATURE_BYTES);
	Weir__SignedManifest m = WEIR__SIGNED_MANIFEST__INIT;
	m.manifest = pb_bytes(r->manifest.at, r->manifest.len);
	m.n_statements = r->statement_count;
	m.statements = lent_statements;
	m.n_cards = r->card_count;
	m.cards = lent_cards;
	m.root_public = pb_bytes(r->root_public, WIRE_KEY_BYTES);
	m.hub_keys = &keys;
	wire_pack(out, &m);
	return buf_check(out, "signed manifest");
}

static enum err
read_signed(struct wire_signed *ret, const char *what, ProtobufCBinaryData body,
	ProtobufCBinaryData signature)
{
	enum err e = wire_is_capped(what, body.len, WIRE_STATEMENT_MAX_BYTES);
	if (!e)
		e = wire_copy((struct wire_field){what, "signature"}, ret->signature,
			WIRE_SIGNATURE_BYTES, view_pb(signature));
	if (!e)
		ret->body = view_pb(body);
	return e;
}

static enum err
read_signed_manifest(struct wire_signed_manifest *r, const Weir__SignedManifest *m)
{
	enum err e = wire_is_capped("manifest", m->manifest.len, WIRE_MANIFEST_MAX_BYTES);
	if (!e)
		e = wire_is_count(SIGNED("statements"), m->n_statements, WIRE_SIGNERS_MAX);
	if (!e)
		e = wire_is_count(SIGNED("cards"), m->n_cards, WIRE_SIGNERS_MAX);
	if (!e)
		e = wire_copy(SIGNED("root_public"), r->root_public, WIRE_KEY_BYTES,
			view_pb(m->root_public));
	if (!e && !m->hub_keys)
		e = fail(E_FORMAT, "signed manifest: hub_keys: missing");
	if (!e)
		e = read_signed(&r->hub_keys, "signed hub keys", m->hub_keys->keys,
			m->hub_keys->signature);
	for (size_t i = 0; !e && i < m->n_statements; i++)
		e = read_signed(&r->statements[i], "signed statement",
			m->statements[i]->statement, m->statements[i]->signature);
	for (size_t i = 0; !e && i < m->n_cards; i++)
		e = read_signed(
			&r->cards[i], "signed card", m->cards[i]->card, m->cards[i]->signature);
	if (e)
		return e;
	r->manifest = view_pb(m->manifest);
	r->statement_count = m->n_statements;
	r->card_count = m->n_cards;
	return OK;
}

enum err
wire_signed_manifest_unpack(struct wire_signed_manifest **ret, struct view bytes)
{
	*ret = NULL;
	enum err e =
		wire_is_capped("signed manifest", bytes.len, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, sizeof(struct wire_signed_manifest));
	OWNED(wire_signed_manifest)
	struct wire_signed_manifest *r = wire_arena_take(&arena, sizeof(*r));
	void *m = NULL;
	e = wire_unpack(
		&m, &weir__signed_manifest__descriptor, &arena, bytes, "signed manifest");
	if (!e)
		e = read_signed_manifest(r, m);
	if (!e)
		*ret = take(r);
	return e;
}

void
wire_signed_manifest_free(struct wire_signed_manifest *m)
{
	free(m);
}
