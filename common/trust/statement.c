#include "common/trust/statement.h"

#include <string.h>

#define ID_PERSONAL        "weir-stmt-id-v1"
#define STATEMENT_FORMAT   "weir-statement-v1"
#define SIGNED_EXTRA_BYTES 128 /* format name and lengths */

/* The bytes bound the room: a staged table is longer than a card. */
static void
put_signed_bytes(struct buf *b, const char *format, struct view bytes)
{
	buf_init(b, bytes.len + SIGNED_EXTRA_BYTES);
	buf_blob_text(b, format);
	buf_blob(b, bytes);
}

void
signed_make(uint8_t ret[static SIGNATURE_BYTES], const char *format, struct view bytes,
	struct secret *secret)
{
	OWNED_BUF struct buf b;
	put_signed_bytes(&b, format, bytes);
	memset(ret, 0, SIGNATURE_BYTES);
	/* What could not be laid out is not signed: zeros are no signature. */
	if (!b.broken)
		sign_make(ret, buf_view(&b), secret);
}

bool
signed_check(const uint8_t signature[static SIGNATURE_BYTES], const char *format,
	struct view bytes, const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf b;
	put_signed_bytes(&b, format, bytes);
	return !b.broken && sign_check(signature, buf_view(&b), public);
}

static enum err
copy_text(char *to, size_t room, const char *from, const char *what)
{
	size_t len = strlen(from);
	if (len >= room)
		return fail(E_FORMAT, "statement: %s: too long", what);
	memcpy(to, from, len + 1);
	return OK;
}

enum err
statement_make(struct buf *out, const struct statement_about *about, const char *person,
	int64_t time_s, struct secret *person_secret)
{
	struct wire_statement s = {.time_s = time_s};
	OWNED_BUF struct buf body;
	buf_init(&body, WIRE_STATEMENT_MAX_BYTES);
	memcpy(s.digest, about->digest, sizeof(s.digest));
	crypto_random(s.nonce, sizeof(s.nonce));
	enum err e = copy_text(s.study, sizeof(s.study), about->study, "study");
	if (!e)
		e = copy_text(s.kind, sizeof(s.kind), about->kind, "kind");
	if (!e)
		e = copy_text(s.id, sizeof(s.id), about->id, "id");
	if (!e)
		e = copy_text(s.person, sizeof(s.person), person, "person");
	if (!e)
		e = wire_statement_pack(&body, &s);
	if (e)
		return e;
	struct wire_signed signed_by = {.body = buf_view(&body)};
	signed_make(signed_by.signature, STATEMENT_FORMAT, signed_by.body, person_secret);
	return wire_signed_pack(out, &signed_by);
}

/* The signature is asked first: what an unsigned statement says of itself is worth nothing. */
static enum err
check_about(
	const struct wire_statement *s, const struct statement_about *about, const char *person)
{
	if (strcmp(s->person, person) != 0)
		return fail(E_DENIED, "the statement is by another person than %s", person);
	if (strcmp(s->study, about->study) != 0)
		return fail(E_DENIED, "the statement is for another study");
	if (strcmp(s->kind, about->kind) != 0)
		return fail(
			E_DENIED, "the statement is of kind %s, not %s", s->kind, about->kind);
	if (strcmp(s->id, about->id) != 0)
		return fail(E_DENIED, "the statement is for another %s", about->kind);
	if (memcmp(s->digest, about->digest, sizeof(s->digest)) != 0)
		return fail(E_DENIED, "the statement is for other bytes");
	return OK;
}

enum err
statement_verify_signed(struct wire_statement *ret, const struct wire_signed *packed,
	const struct statement_about *about, const char *person,
	const uint8_t person_public[static SIGN_PUBLIC_BYTES])
{
	struct wire_statement s;
	memset(ret, 0, sizeof(*ret));
	if (!signed_check(packed->signature, STATEMENT_FORMAT, packed->body, person_public))
		return fail(E_AUTH, "the statement is not signed by %s", person);
	enum err e = wire_statement_unpack(&s, packed->body);
	if (!e)
		e = check_about(&s, about, person);
	if (!e)
		*ret = s;
	return e;
}

enum err
statement_verify(struct wire_statement *ret, struct view packed,
	const struct statement_about *about, const char *person,
	const uint8_t person_public[static SIGN_PUBLIC_BYTES])
{
	struct wire_signed s;
	memset(ret, 0, sizeof(*ret));
	enum err e = wire_signed_unpack(&s, packed);
	return e ? e : statement_verify_signed(ret, &s, about, person, person_public);
}

enum err
statement_person(char ret[static WIRE_NAME_BYTES], struct view packed)
{
	struct wire_signed signed_by;
	struct wire_statement s;
	memset(ret, 0, WIRE_NAME_BYTES);
	enum err e = wire_signed_unpack(&signed_by, packed);
	if (!e)
		e = wire_statement_unpack(&s, signed_by.body);
	if (!e)
		memcpy(ret, s.person, WIRE_NAME_BYTES);
	return e;
}

enum err
statement_id(uint8_t ret[static HASH_BYTES], struct view packed)
{
	struct wire_signed s;
	memset(ret, 0, HASH_BYTES);
	enum err e = wire_signed_unpack(&s, packed);
	if (!e)
		crypto_hash_one(ret, ID_PERSONAL, s.body);
	return e;
}
