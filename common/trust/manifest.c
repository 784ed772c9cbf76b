#include "common/trust/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/trust/card.h"
#include "common/trust/statement.h"

#define MANIFEST_PERSONAL "weir-manifest-v1"
#define DOCUMENT_PERSONAL "weir-doc-v1"
#define NUMBER_TEXT_BYTES 24

void
manifest_hash(uint8_t ret[static HASH_BYTES], struct view manifest)
{
	crypto_hash_one(ret, MANIFEST_PERSONAL, manifest);
}

void
manifest_document_hash(uint8_t ret[static HASH_BYTES], struct view document)
{
	crypto_hash_one(ret, DOCUMENT_PERSONAL, document);
}

static enum err
check_root(const struct wire_signed_manifest *s, const struct manifest_known *known)
{
	uint8_t hash[HASH_BYTES];
	card_root_hash(hash, s->root_public);
	if (memcmp(hash, known->root_hash, sizeof(hash)) != 0)
		return fail(E_AUTH, "the manifest comes with another study root than the one "
				    "that was pinned");
	return OK;
}

static enum err
check_hub_keys(const struct wire_signed_manifest *s, const struct wire_manifest *m)
{
	struct wire_hub_keys k;
	enum err e = card_hub_keys_verify(&k, &s->hub_keys, m->study, s->root_public);
	if (e)
		return e;
	if (memcmp(k.receipt_public, m->receipt_public, WIRE_KEY_BYTES) != 0 ||
		memcmp(k.release_public, m->release_public, WIRE_KEY_BYTES) != 0 ||
		strcmp(k.log_vkey, m->log_vkey) != 0)
		return fail(
			E_AUTH, "the manifest names other hub keys than the study root signed");
	return OK;
}

/* The card of a person among those that came; the root's signature is checked on it. */
static enum err
find_card(struct wire_card *ret, const struct wire_signed_manifest *s,
	const struct wire_manifest *m, const char *person)
{
	for (size_t i = 0; i < s->card_count; i++) {
		enum err e = card_verify(ret, &s->cards[i], m->study, s->root_public);
		if (e)
			return e;
		if (strcmp(ret->person, person) == 0)
			return OK;
	}
	return fail(E_DENIED, "the manifest comes without the card of %s", person);
}

/* One statement over exactly these bytes, by an officer. Gives the officer's card. */
static enum err
check_signer(struct wire_card *ret, const struct wire_signed_manifest *s,
	const struct wire_manifest *m, const struct wire_signed *signed_by)
{
	struct wire_statement said, checked;
	char number[NUMBER_TEXT_BYTES];
	struct statement_about about = {m->study, MANIFEST_KIND, number, {0}};
	(void)snprintf(number, sizeof(number), "%" PRIu64, m->number);
	manifest_hash(about.digest, s->manifest);
	enum err e = wire_statement_unpack(&said, signed_by->body);
	if (!e)
		e = find_card(ret, s, m, said.person);
	if (!e)
		e = statement_verify_signed(
			&checked, signed_by, &about, ret->person, ret->sign_public);
	if (!e && !card_has_role(ret, MANIFEST_ROLE))
		e = fail(E_DENIED, "%s has not the role %s and cannot sign a manifest",
			ret->person, MANIFEST_ROLE);
	return e;
}

static enum err
check_signers(const struct wire_signed_manifest *s, const struct wire_manifest *m)
{
	struct wire_card first, second;
	if (s->statement_count != MANIFEST_PERSONS)
		return fail(E_DENIED, "the manifest comes with %zu statements, %d are needed",
			s->statement_count, MANIFEST_PERSONS);
	enum err e = check_signer(&first, s, m, &s->statements[0]);
	if (!e)
		e = check_signer(&second, s, m, &s->statements[1]);
	if (e)
		return e;
	if (strcmp(first.person, second.person) == 0 ||
		memcmp(first.sign_public, second.sign_public, SIGN_PUBLIC_BYTES) == 0)
		return fail(E_DENIED, "the manifest is signed by one person only");
	return OK;
}

/* Numbers only go up, and each manifest names the one before it. A node that was away may
 * skip. */
static enum err
check_number(
	const struct wire_manifest *m, const uint8_t *hash, const struct manifest_known *known)
{
	if (m->number < known->number)
		return fail(E_CONFLICT, "the manifest is older than the one in force");
	if (m->number == known->number && memcmp(hash, known->hash, HASH_BYTES) != 0)
		return fail(E_CONFLICT, "another manifest of this number is in force");
	if (known->number && m->number == known->number + 1 &&
		memcmp(m->previous, known->hash, HASH_BYTES) != 0)
		return fail(E_CONFLICT, "the manifest does not follow the one in force");
	return OK;
}

enum err
manifest_open(struct wire_manifest **ret, uint8_t ret_hash[static HASH_BYTES],
	struct view signed_manifest, const struct manifest_known *known)
{
	OWNED(wire_signed_manifest) struct wire_signed_manifest *s = NULL;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	uint8_t hash[HASH_BYTES];
	*ret = NULL;
	memset(ret_hash, 0, HASH_BYTES);
	enum err e = wire_signed_manifest_unpack(&s, signed_manifest);
	if (!e)
		e = check_root(s, known);
	if (!e)
		e = wire_manifest_unpack(&m, s->manifest);
	if (!e && strcmp(m->study, known->study) != 0)
		e = fail(E_DENIED, "the manifest is for another study");
	if (!e)
		e = check_hub_keys(s, m);
	if (!e)
		e = check_signers(s, m);
	if (e)
		return e;
	manifest_hash(hash, s->manifest);
	e = check_number(m, hash, known);
	if (e)
		return e;
	memcpy(ret_hash, hash, HASH_BYTES);
	*ret = take(m);
	return OK;
}

enum err
manifest_in_force_s(struct view signed_manifest, int64_t *ret)
{
	OWNED(wire_signed_manifest) struct wire_signed_manifest *s = NULL;
	enum err e = wire_signed_manifest_unpack(&s, signed_manifest);
	*ret = 0;
	for (size_t i = 0; !e && i < s->statement_count; i++) {
		struct wire_statement statement;
		e = wire_statement_unpack(&statement, s->statements[i].body);
		if (!e)
			*ret = MAX(*ret, statement.time_s);
	}
	return e;
}

enum err
manifest_sign(struct buf *out, struct view manifest, const char *person, int64_t time_s,
	struct secret *person_secret)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	char number[NUMBER_TEXT_BYTES];
	enum err e = wire_manifest_unpack(&m, manifest);
	if (e)
		return e;
	(void)snprintf(number, sizeof(number), "%" PRIu64, m->number);
	struct statement_about about = {m->study, MANIFEST_KIND, number, {0}};
	manifest_hash(about.digest, manifest);
	return statement_make(out, &about, person, time_s, person_secret);
}
