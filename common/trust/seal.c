#include "common/trust/seal.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define ANSWERS_FORMAT     "weir-answers-v1"
#define AAD_MAX_BYTES      1024
#define WRAP_VERSION       1
#define WRAP_MAX_BYTES     512
#define WRAP_TEXT_BYTES    (1 + 4 + ID_BYTES + 1 + AEAD_KEY_BYTES) /* and the study */
#define TEXT_FRONT_BYTES   5                                       /* compression, length */
#define COMPRESSION_NONE   0
#define BUCKET_LEAST_BYTES 256
#define BUCKET_STEP_BYTES  4096

struct secret *
seal_key_new(void)
{
	struct secret *key = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(key), AEAD_KEY_BYTES);
	return key;
}

size_t
seal_bucket_bytes(size_t len)
{
	size_t need = len + TEXT_FRONT_BYTES;
	size_t bucket = BUCKET_LEAST_BYTES;
	while (bucket < need && bucket < BUCKET_STEP_BYTES)
		bucket *= 2;
	if (bucket >= need)
		return bucket;
	return (need + BUCKET_STEP_BYTES - 1) / BUCKET_STEP_BYTES * BUCKET_STEP_BYTES;
}

static enum err
put_context(struct buf *b, const struct seal_context *c)
{
	uint8_t class = (uint8_t)c->class;
	buf_blob_text(b, ANSWERS_FORMAT);
	buf_blob_text(b, c->study);
	buf_blob(b, view_of(c->participant, sizeof(c->participant)));
	buf_blob_text(b, c->form);
	buf_blob_text(b, c->form_version);
	buf_blob(b, view_of(c->instance, sizeof(c->instance)));
	buf_blob(b, view_of(&class, sizeof(class)));
	return buf_check(b, "context of sealed answers");
}

/* The padded text is made once, in memory of its final size, and wiped. */
enum err
seal_answers(struct buf *out, struct view content, const struct seal_context *context,
	struct secret *key)
{
	if (content.len > SEAL_CONTENT_MAX_BYTES)
		return fail(E_FULL, "answers: more than %d bytes", SEAL_CONTENT_MAX_BYTES);
	OWNED_BUF struct buf aad;
	buf_init(&aad, AAD_MAX_BYTES);
	enum err e = put_context(&aad, context);
	if (e)
		return e;
	size_t bucket = seal_bucket_bytes(content.len);
	OWNED_MEM uint8_t *text = xcalloc(bucket, 1);
	text[0] = COMPRESSION_NONE;
	for (size_t i = 0; i < sizeof(uint32_t); i++)
		text[1 + i] = (uint8_t)(content.len >> (24 - 8 * i));
	if (content.len)
		memcpy(text + TEXT_FRONT_BYTES, content.at, content.len);
	aead_seal(out, view_of(text, bucket), buf_view(&aad), secret_bytes(key));
	crypto_wipe(text, bucket);
	return buf_check(out, "sealed answers");
}

/* lends the content out of a padded text. */
static enum err
read_padded(struct view *ret, struct view text)
{
	struct cursor c = cursor_of(text);
	uint8_t compression = cursor_u8(&c);
	struct view content = cursor_blob(&c);
	if (c.broken || seal_bucket_bytes(content.len) != text.len)
		return fail(E_FORMAT, "sealed answers: the padding is not of its form");
	if (compression != COMPRESSION_NONE)
		return fail(E_FORMAT, "sealed answers: unknown compression");
	uint8_t rest = 0;
	for (size_t i = 0; i < c.left; i++)
		rest = (uint8_t)(rest | c.at[i]);
	if (rest)
		return fail(E_FORMAT, "sealed answers: the padding is not of its form");
	*ret = content;
	return OK;
}

enum err
seal_open_answers(struct buf *out, struct view sealed, const struct seal_context *context,
	struct secret *key)
{
	if (sealed.len > SEAL_PART_MAX_BYTES)
		return fail(E_FULL, "sealed answers: more than %d bytes", SEAL_PART_MAX_BYTES);
	OWNED_BUF struct buf aad, text;
	buf_init(&aad, AAD_MAX_BYTES);
	buf_init(&text, SEAL_PART_MAX_BYTES);
	enum err e = put_context(&aad, context);
	if (!e)
		e = aead_open(&text, sealed, buf_view(&aad), secret_bytes(key));
	struct view content = {NULL, 0};
	if (!e)
		e = read_padded(&content, buf_view(&text));
	if (!e) {
		buf_add_view(out, content);
		e = buf_check(out, "opened answers");
	}
	if (text.at)
		crypto_wipe(text.at, text.room);
	return e;
}

enum err
seal_wrap(struct buf *out, const struct seal_context *context, struct secret *key,
	uint32_t number, const uint8_t public[static BOX_PUBLIC_BYTES])
{
	/* One allocation: the key is not left behind in memory that a growing buffer gave
	 * up. */
	OWNED_SECRET struct secret *text = secret_new(WRAP_MAX_BYTES);
	size_t study_len = strlen(context->study);
	if (study_len > UINT8_MAX || secret_len(key) != AEAD_KEY_BYTES)
		return fail(E_FORMAT, "wrap: study or key is not of its length");
	uint8_t *at = secret_bytes(text);
	*at++ = WRAP_VERSION;
	memset(at, 0, 3);
	at[3] = (uint8_t)study_len;
	at += 4;
	memcpy(at, context->study, study_len);
	at += study_len;
	memcpy(at, context->participant, ID_BYTES);
	at += ID_BYTES;
	*at++ = (uint8_t)context->class;
	memcpy(at, secret_bytes(key), AEAD_KEY_BYTES);
	at += AEAD_KEY_BYTES;
	buf_u8(out, WRAP_VERSION);
	buf_u32(out, number);
	box_seal(out, view_of(secret_bytes(text), (size_t)(at - secret_bytes(text))), public);
	return buf_check(out, "wrap");
}

/* The box inside a wrap, and the number of the key it is for. */
static enum err
read_wrap(uint32_t *ret_number, struct view *ret_box, struct view wrap)
{
	struct cursor c = cursor_of(wrap);
	uint8_t version = cursor_u8(&c);
	*ret_number = cursor_u32(&c);
	*ret_box = cursor_bytes(&c, c.left);
	if (c.broken || wrap.len > WRAP_MAX_BYTES || ret_box->len <= BOX_EXTRA_BYTES)
		return fail(E_FORMAT, "wrap: not of its length");
	if (version != WRAP_VERSION)
		return fail(E_FORMAT, "wrap: unknown version %u", version);
	return OK;
}

void
seal_again_id(uint8_t ret[static ID_BYTES], const uint8_t key[static ID_BYTES])
{
	uint8_t id[ID_BYTES];
	memcpy(id, key, sizeof(id));
	const struct view part = view_of(id, sizeof(id));
	crypto_hash_id(ret, "weir-rewrap-v1", NULL, &part, 1);
}

enum err
seal_wrap_number(uint32_t *ret, struct view wrap)
{
	struct view box;
	uint32_t number = 0;
	enum err e = read_wrap(&number, &box, wrap);
	*ret = e ? 0 : number;
	return e;
}

/* Held against the context of the row it was found in; a wrap moved to another row is
 * refused. */
static enum err
read_wrapped(struct secret *to, struct view text, const struct seal_context *context)
{
	uint8_t participant[ID_BYTES];
	struct cursor c = cursor_of(text);
	uint8_t version = cursor_u8(&c);
	struct view study = cursor_blob(&c);
	cursor_copy(&c, participant, sizeof(participant));
	uint8_t class = cursor_u8(&c);
	struct view key = cursor_bytes(&c, AEAD_KEY_BYTES);
	enum err e = cursor_end(&c, "wrap");
	if (!e && version != WRAP_VERSION)
		e = fail(E_FORMAT, "wrap: unknown version inside");
	if (!e && (!view_same(study, view_text(context->study)) ||
			  memcmp(participant, context->participant, ID_BYTES) != 0 ||
			  class != (uint8_t)context->class))
		e = fail(E_AUTH, "wrap: the key in it belongs to another study, participant "
				 "or class");
	if (!e)
		memcpy(secret_bytes(to), key.at, key.len);
	return e;
}

/* `text` is as long as what a wrap of this study holds. */
struct seal_opener {
	const char *study;         /* lent */
	struct secret *box_secret; /* lent */
	struct secret *text;
	uint8_t public[BOX_PUBLIC_BYTES];
};

struct seal_opener *
seal_opener_new(const char *study, struct secret *box_secret)
{
	struct seal_opener *o = xcalloc(1, sizeof(*o));
	o->study = study;
	o->box_secret = box_secret;
	o->text = secret_new(WRAP_TEXT_BYTES + strlen(study));
	box_public(o->public, box_secret);
	return o;
}

void
seal_opener_free(struct seal_opener *o)
{
	if (!o)
		return;
	secret_free(o->text);
	mem_drop(&o);
}

enum err
seal_opener_wrap(struct seal_opener *o, struct secret *to, struct view wrap,
	const struct seal_context *context)
{
	uint32_t number = 0;
	struct view box;
	crypto_wipe(secret_bytes(to), secret_len(to));
	if (secret_len(to) != AEAD_KEY_BYTES)
		return fail(E_FORMAT, "wrap: a key has %d bytes", AEAD_KEY_BYTES);
	if (strcmp(context->study, o->study) != 0)
		return fail(E_AUTH, "wrap: to be opened for another study");
	enum err e = read_wrap(&number, &box, wrap);
	if (!e)
		e = box_open_into(o->text, box, o->public, o->box_secret);
	if (!e)
		e = read_wrapped(to, secret_view(o->text), context);
	crypto_wipe(secret_bytes(o->text), secret_len(o->text));
	return e;
}

enum err
seal_open_wrap(struct secret **ret, struct view wrap, const struct seal_context *context,
	struct secret *box_secret)
{
	OWNED_SECRET struct secret *key = secret_new(AEAD_KEY_BYTES);
	OWNED(seal_opener) struct seal_opener *o = seal_opener_new(context->study, box_secret);
	*ret = NULL;
	enum err e = seal_opener_wrap(o, key, wrap, context);
	if (!e)
		*ret = take(key);
	return e;
}
