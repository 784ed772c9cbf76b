#include "common/trust/card.h"

#include <string.h>

#include "common/trust/statement.h"

#define ROOT_PERSONAL    "weir-root-v1"
#define CARD_FORMAT      "weir-card-v1"
#define CARD_KEYS_FORMAT "weir-hub-keys-v1"

void
card_root_hash(
	uint8_t ret[static HASH_BYTES], const uint8_t root_public[static SIGN_PUBLIC_BYTES])
{
	crypto_hash_one(ret, ROOT_PERSONAL, view_of(root_public, SIGN_PUBLIC_BYTES));
}

/* Signs packed bytes under a format name and adds the envelope to out. */
static enum err
put_signed(struct buf *out, const char *format, struct view body, struct secret *secret)
{
	struct wire_signed s = {.body = body};
	signed_make(s.signature, format, body, secret);
	return wire_signed_pack(out, &s);
}

enum err
card_make(struct buf *out, const struct wire_card *card, struct secret *root_secret)
{
	OWNED_BUF struct buf body;
	buf_init(&body, WIRE_CARD_MAX_BYTES);
	enum err e = wire_card_pack(&body, card);
	return e ? e : put_signed(out, CARD_FORMAT, buf_view(&body), root_secret);
}

enum err
card_verify(struct wire_card *ret, const struct wire_signed *signed_card, const char *study,
	const uint8_t root_public[static SIGN_PUBLIC_BYTES])
{
	struct wire_card c;
	memset(ret, 0, sizeof(*ret));
	if (!signed_check(signed_card->signature, CARD_FORMAT, signed_card->body, root_public))
		return fail(E_AUTH, "the card is not signed by the study root");
	enum err e = wire_card_unpack(&c, signed_card->body);
	if (!e && strcmp(c.study, study) != 0)
		e = fail(E_DENIED, "the card of %s is for another study", c.person);
	if (!e)
		*ret = c;
	return e;
}

bool
card_has_role(const struct wire_card *card, const char *role)
{
	for (size_t i = 0; i < card->role_count; i++)
		if (strcmp(card->roles[i], role) == 0)
			return true;
	return false;
}

enum err
card_hub_keys_make(
	struct buf *out, const struct wire_hub_keys *keys, struct secret *root_secret)
{
	OWNED_BUF struct buf body;
	buf_init(&body, WIRE_CARD_MAX_BYTES);
	enum err e = wire_hub_keys_pack(&body, keys);
	return e ? e : put_signed(out, CARD_KEYS_FORMAT, buf_view(&body), root_secret);
}

enum err
card_hub_keys_verify(struct wire_hub_keys *ret, const struct wire_signed *signed_keys,
	const char *study, const uint8_t root_public[static SIGN_PUBLIC_BYTES])
{
	struct wire_hub_keys k;
	memset(ret, 0, sizeof(*ret));
	if (!signed_check(
		    signed_keys->signature, CARD_KEYS_FORMAT, signed_keys->body, root_public))
		return fail(E_AUTH, "the hub keys are not signed by the study root");
	enum err e = wire_hub_keys_unpack(&k, signed_keys->body);
	if (!e && strcmp(k.study, study) != 0)
		e = fail(E_DENIED, "the hub keys are for another study");
	if (!e)
		*ret = k;
	return e;
}
