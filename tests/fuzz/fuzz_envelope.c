#include "tests/fuzz/fuzz.h"

#include "common/base/mem.h"
#include "common/trust/seal.h"

#define ROOM_BYTES (SEAL_PART_MAX_BYTES + 1024)

/* One reader and one key for all inputs: what is tried is what comes out of the boxes. */
struct reader {
	struct seal_context context;
	uint8_t key[AEAD_KEY_BYTES];
	uint8_t public[BOX_PUBLIC_BYTES];
	struct secret *secret;
};

static void
reader_begin(struct reader *r)
{
	static const uint8_t seed[32] = {5};
	*r = (struct reader){.context = {.study = "example",
				     .participant = {1},
				     .form = "visit",
				     .form_version = "1",
				     .instance = {2},
				     .class = SEAL_BOTH},
		.key = {3}};
	box_from_seed(r->public, &r->secret, seed);
}

static void
reader_done(struct reader *r)
{
	secret_free(r->secret);
}

/* As seal.h spells it. */
static void
put_aad(struct buf *out, const struct seal_context *c)
{
	buf_blob_text(out, "weir-answers-v1");
	buf_blob_text(out, c->study);
	buf_blob(out, view_of(c->participant, ID_BYTES));
	buf_blob_text(out, c->form);
	buf_blob_text(out, c->form_version);
	buf_blob(out, view_of(c->instance, ID_BYTES));
	uint8_t class = (uint8_t)c->class;
	buf_blob(out, view_of(&class, 1));
}

/* What is opened is sealed as one that opens to the same. */
static void
must_seal_again(const struct reader *r, struct secret *key, const struct buf *content)
{
	OWNED_BUF struct buf sealed, again;
	buf_init(&sealed, ROOM_BYTES);
	buf_init(&again, ROOM_BYTES);
	fuzz_must(!seal_answers(&sealed, buf_view(content), &r->context, key));
	fuzz_must(sealed.len == seal_bucket_bytes(content->len) + AEAD_EXTRA_BYTES);
	fuzz_must(!seal_open_answers(&again, buf_view(&sealed), &r->context, key));
	fuzz_must_repeat(&again, buf_view(content));
}

static void
open_answers(const struct reader *r, struct view sealed, bool may_open)
{
	OWNED_BUF struct buf content;
	OWNED_SECRET struct secret *key = secret_copy(r->key, AEAD_KEY_BYTES);
	buf_init(&content, ROOM_BYTES);
	enum err e = seal_open_answers(&content, sealed, &r->context, key);
	fuzz_must(may_open || e);
	fuzz_must(!e || content.len == 0);
	if (!e)
		must_seal_again(r, key, &content);
}

/* Under the right key: frame, length, padding and the byte of the compression. */
static void
try_padded(const struct reader *r, struct view padded)
{
	OWNED_BUF struct buf aad, sealed;
	buf_init(&aad, 1024);
	buf_init(&sealed, ROOM_BYTES);
	put_aad(&aad, &r->context);
	aead_seal(&sealed, padded, buf_view(&aad), r->key);
	open_answers(r, buf_view(&sealed), true);
}

static void
open_wrap(const struct reader *r, struct view wrap)
{
	OWNED_SECRET struct secret *key = NULL;
	uint32_t number;
	enum err e = seal_wrap_number(&number, wrap);
	if (!e)
		e = seal_open_wrap(&key, wrap, &r->context, r->secret);
	fuzz_must(!e == (key != NULL));
	fuzz_must(e || secret_len(key) == AEAD_KEY_BYTES);
}

/* Under the right public key: what a wrap says it is for. */
static void
try_wrapped(const struct reader *r, struct view plain)
{
	OWNED_BUF struct buf wrap;
	buf_init(&wrap, ROOM_BYTES);
	buf_u8(&wrap, 1);
	buf_u32(&wrap, 1);
	box_seal(&wrap, plain, r->public);
	open_wrap(r, buf_view(&wrap));
}

/* The first byte says which: a padded text, sealed answers, a wrap's plain text, a wrap. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (crypto_init() || size == 0)
		return 0;
	OWNED_BY(reader_done) struct reader r;
	struct view v = view_of(data + 1, size - 1);
	reader_begin(&r);
	if (data[0] == 'p')
		try_padded(&r, v);
	else if (data[0] == 'a')
		open_answers(&r, v, false);
	else if (data[0] == 'k')
		try_wrapped(&r, v);
	else
		open_wrap(&r, v);
	return 0;
}
