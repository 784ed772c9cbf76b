#include "common/codec/wire_statement.h"

#include <string.h>

#include "common/codec/wire_pb.h"
#include "statement.pb-c.h"

#define STATEMENT_VERSION 1
/* Tag and length of the signature, which the one spelling puts last. */
#define SIGNATURE_FRAME_BYTES 2

#define STATEMENT(field) ((struct wire_field){"statement", field})

static enum err
read_statement(struct wire_statement *s, const Weir__Statement *m)
{
	enum err e = wire_is_version(STATEMENT("version"), m->version, STATEMENT_VERSION);
	if (!e)
		e = wire_copy_text(STATEMENT("study"), s->study, sizeof(s->study), 1, m->study);
	if (!e)
		e = wire_copy_text(STATEMENT("kind"), s->kind, sizeof(s->kind), 1, m->kind);
	if (!e)
		e = wire_copy_text(STATEMENT("id"), s->id, sizeof(s->id), 1, m->id);
	if (!e)
		e = wire_copy(
			STATEMENT("digest"), s->digest, sizeof(s->digest), view_pb(m->digest));
	if (!e)
		e = wire_copy_text(
			STATEMENT("person"), s->person, sizeof(s->person), 1, m->person);
	if (!e)
		e = wire_copy(
			STATEMENT("nonce"), s->nonce, sizeof(s->nonce), view_pb(m->nonce));
	if (!e)
		e = wire_is_time(STATEMENT("time_s"), m->time_s);
	s->time_s = m->time_s;
	return e;
}

enum err
wire_statement_pack(struct buf *out, const struct wire_statement *s)
{
	Weir__Statement m = WEIR__STATEMENT__INIT;
	m.version = STATEMENT_VERSION;
	m.study = pb_text(s->study);
	m.kind = pb_text(s->kind);
	m.id = pb_text(s->id);
	m.digest = pb_bytes(s->digest, sizeof(s->digest));
	m.person = pb_text(s->person);
	m.nonce = pb_bytes(s->nonce, sizeof(s->nonce));
	m.time_s = s->time_s;
	/* Reading it back is the check: nothing is packed that would be refused. */
	struct wire_statement again;
	enum err e = read_statement(&again, &m);
	if (e)
		return e;
	wire_pack(out, &m);
	return buf_check(out, "statement");
}

enum err
wire_statement_unpack(struct wire_statement *ret, struct view bytes)
{
	memset(ret, 0, sizeof(*ret));
	enum err e = wire_is_capped("statement", bytes.len, WIRE_STATEMENT_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, 0);
	OWNED_MEM void *memory = arena.at;
	void *m = NULL;
	struct wire_statement made;
	e = wire_unpack(&m, &weir__statement__descriptor, &arena, bytes, "statement");
	if (!e)
		e = read_statement(&made, m);
	if (!e)
		*ret = made;
	return e;
}

static enum err
check_signed(const char *what, size_t body_len, size_t signature_len)
{
	if (body_len == 0 || body_len > WIRE_STATEMENT_MAX_BYTES)
		return fail(E_FORMAT, "%s: %zu bytes are signed, 1 to %d are allowed", what,
			body_len, WIRE_STATEMENT_MAX_BYTES);
	if (signature_len != WIRE_SIGNATURE_BYTES)
		return fail(E_FORMAT, "%s: signature: %zu bytes instead of %d", what,
			signature_len, WIRE_SIGNATURE_BYTES);
	return OK;
}

enum err
wire_signed_pack(struct buf *out, const struct wire_signed *s)
{
	enum err e = check_signed("signed bytes", s->body.len, sizeof(s->signature));
	if (e)
		return e;
	Weir__SignedStatement m = WEIR__SIGNED_STATEMENT__INIT;
	m.statement = pb_bytes(s->body.at, s->body.len);
	m.signature = pb_bytes(s->signature, sizeof(s->signature));
	wire_pack(out, &m);
	return buf_check(out, "signed bytes");
}

enum err
wire_signed_unpack(struct wire_signed *ret, struct view bytes)
{
	memset(ret, 0, sizeof(*ret));
	enum err e = wire_is_capped("signed bytes", bytes.len, WIRE_SIGNED_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, 0);
	OWNED_MEM void *memory = arena.at;
	void *made = NULL;
	e = wire_unpack(
		&made, &weir__signed_statement__descriptor, &arena, bytes, "signed bytes");
	const Weir__SignedStatement *m = made;
	if (!e)
		e = check_signed("signed bytes", m->statement.len, m->signature.len);
	if (e)
		return e;
	size_t behind = SIGNATURE_FRAME_BYTES + WIRE_SIGNATURE_BYTES;
	ret->body = view_of(bytes.at + bytes.len - behind - m->statement.len, m->statement.len);
	memcpy(ret->signature, m->signature.data, WIRE_SIGNATURE_BYTES);
	return OK;
}
