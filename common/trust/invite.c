#include "common/trust/invite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define INVITE_PREFIX    "weir-invite:"
#define INVITE_PERSONAL  "weir-invite-v1"
#define INVITE_VERSION   1
#define INVITE_MAX_BYTES 512
#define TEXT_MAX_BYTES   2048 /* with the blanks that mail puts in */
#define CHECK_BYTES      4
#define CURVE_KEY_NAME   "enrol-curve"
#define GROUPS_PERSONAL  "weir-groups-v1"
#define GROUP_COUNT      6
#define GROUP_VALUES     10000 /* four digits */
#define GROUP_STEP_BYTES 5     /* and a blank */

struct invite *
invite_new(void)
{
	struct invite *i = xcalloc(1, sizeof(*i));
	i->secret = secret_new(INVITE_SECRET_BYTES);
	crypto_random(i->id, sizeof(i->id));
	crypto_random(secret_bytes(i->secret), INVITE_SECRET_BYTES);
	return i;
}

void
invite_free(struct invite *i)
{
	if (!i)
		return;
	secret_free(i->secret);
	free(i);
}

/* Standard base64 to base64url without padding, in place. */
static void
to_url(char *text)
{
	for (char *p = text; *p; p++) {
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=')
			*p = 0;
		if (!*p)
			return;
	}
}

enum err
invite_print(struct buf *out, struct invite *i)
{
	OWNED_BUF struct buf b;
	uint8_t check[HASH_BYTES];
	buf_init(&b, INVITE_MAX_BYTES);
	buf_u8(&b, INVITE_VERSION);
	buf_blob_text(&b, i->address);
	buf_add(&b, i->hub_public, sizeof(i->hub_public));
	buf_add(&b, i->root_hash, sizeof(i->root_hash));
	buf_add(&b, i->id, sizeof(i->id));
	buf_u64(&b, (uint64_t)i->expires_s);
	buf_add(&b, secret_bytes(i->secret), INVITE_SECRET_BYTES);
	crypto_hash_one(check, INVITE_PERSONAL, buf_view(&b));
	buf_add(&b, check, CHECK_BYTES);
	enum err e = buf_check(&b, "invitation");
	OWNED_MEM char *text = text_base64(buf_view(&b));
	to_url(text);
	if (!e) {
		buf_add(out, INVITE_PREFIX, strlen(INVITE_PREFIX));
		buf_add(out, text, strlen(text));
		e = buf_check(out, "invitation");
	}
	crypto_wipe(text, strlen(text));
	if (b.at)
		crypto_wipe(b.at, b.room);
	return e;
}

/* The characters that count, as standard base64 with padding. */
static enum err
to_standard(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
			continue;
		if (*p == '+' || *p == '/' || *p == '=')
			return fail(E_FORMAT, "the invitation is mistyped: it has a character "
					      "that does not belong there");
		const char *c = *p == '-' ? "+" : *p == '_' ? "/" : p;
		buf_add(out, c, 1);
	}
	while (out->len % 4 && !out->broken)
		buf_add(out, "=", 1);
	return out->broken ? fail(E_FORMAT, "the invitation is mistyped: it is too long") : OK;
}

/* gives the bytes without their check, which has to fit. */
static enum err
read_bytes(uint8_t **ret, size_t *ret_len, const char *text)
{
	OWNED_BUF struct buf standard;
	buf_init(&standard, TEXT_MAX_BYTES);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	const char *begin = text + strspn(text, " \t\r\n");
	if (strncmp(begin, INVITE_PREFIX, strlen(INVITE_PREFIX)) != 0)
		return fail(E_FORMAT, "the invitation is mistyped: it begins with %s",
			INVITE_PREFIX);
	enum err e = to_standard(&standard, begin + strlen(INVITE_PREFIX));
	if (!e && (text_unbase64(&bytes, &len, buf_view(&standard), INVITE_MAX_BYTES) ||
			  len <= CHECK_BYTES))
		e = fail(E_FORMAT, "the invitation is mistyped: characters are missing, "
				   "too many or wrong");
	if (standard.at)
		crypto_wipe(standard.at, standard.room);
	if (e)
		return e;
	uint8_t check[HASH_BYTES];
	len -= CHECK_BYTES;
	crypto_hash_one(check, INVITE_PERSONAL, view_of(bytes, len));
	if (memcmp(check, bytes + len, CHECK_BYTES) != 0)
		return fail(E_FORMAT, "the invitation is mistyped: its check does not fit");
	*ret = take(bytes);
	*ret_len = len;
	return OK;
}

static enum err
read_fields(struct invite *i, struct view bytes)
{
	struct cursor c = cursor_of(bytes);
	uint8_t version = cursor_u8(&c);
	struct view address = cursor_blob(&c);
	cursor_copy(&c, i->hub_public, sizeof(i->hub_public));
	cursor_copy(&c, i->root_hash, sizeof(i->root_hash));
	cursor_copy(&c, i->id, sizeof(i->id));
	uint64_t expires_s = cursor_u64(&c);
	cursor_copy(&c, secret_bytes(i->secret), INVITE_SECRET_BYTES);
	if (version != INVITE_VERSION)
		return fail(E_FORMAT,
			"the invitation is of version %u, this program knows "
			"version %d",
			version, INVITE_VERSION);
	enum err e = cursor_end(&c, "the invitation");
	if (!e && (address.len == 0 || address.len >= sizeof(i->address) ||
			  !text_is_utf8(address) || expires_s > INT64_MAX))
		e = fail(E_FORMAT, "the invitation: address or date are not of their form");
	if (e)
		return e;
	memcpy(i->address, address.at, address.len);
	i->expires_s = (int64_t)expires_s;
	return OK;
}

enum err
invite_parse(struct invite **ret, const char *text)
{
	*ret = NULL;
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = read_bytes(&bytes, &len, text);
	if (e)
		return e;
	OWNED(invite) struct invite *i = xcalloc(1, sizeof(*i));
	i->secret = secret_new(INVITE_SECRET_BYTES);
	e = read_fields(i, view_of(bytes, len));
	crypto_wipe(bytes, len);
	if (!e)
		*ret = take(i);
	return e;
}

void
invite_keys(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret **ret_secret,
	struct secret *invite_secret)
{
	OWNED_SECRET struct secret *seed = crypto_subkey(invite_secret, CURVE_KEY_NAME);
	box_from_seed(ret_public, ret_secret, secret_bytes(seed));
}

/* Four bytes a group: the remainder favours no group by more than one in 400,000. */
void
invite_groups(
	char ret[static INVITE_GROUPS_BYTES], const uint8_t transcript_hash[static HASH_BYTES])
{
	uint8_t spread[HASH_BYTES];
	crypto_hash_one(spread, GROUPS_PERSONAL, view_of(transcript_hash, HASH_BYTES));
	struct cursor c = cursor_of(view_of(spread, sizeof(spread)));
	for (size_t i = 0; i < GROUP_COUNT; i++)
		(void)snprintf(ret + GROUP_STEP_BYTES * i, GROUP_STEP_BYTES + 1,
			i + 1 < GROUP_COUNT ? "%04u " : "%04u", cursor_u32(&c) % GROUP_VALUES);
}
