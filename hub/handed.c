#include "hub/handed.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/trust/card.h"
#include "common/trust/statement.h"

#include "hub/acts_digest.h"

#define BASE64_MAX_BYTES (STAGED_MAX_BYTES * 2)
#define ROOT_TEXT_BYTES  (2 * SIGN_PUBLIC_BYTES)

static enum err
read_root(const char *dir, uint8_t ret[static SIGN_PUBLIC_BYTES])
{
	char path[DATADIR_PATH_BYTES];
	OWNED_MEM uint8_t *text = NULL;
	size_t len = 0;
	enum err e = datadir_path(path, dir, "root.public");
	if (!e)
		e = text_read_file(&text, &len, path, ROOT_TEXT_BYTES + 1);
	if (e)
		return e;
	text[MIN(len, (size_t)ROOT_TEXT_BYTES)] = '\0';
	return text_unhex(ret, SIGN_PUBLIC_BYTES, (const char *)text)
		       ? OK
		       : fail(E_FORMAT, "%s is not a study root", path);
}

/* The release key, as the study root signed it. */
static enum err
read_release_key(const struct json *answer, const char *study, const char *dir,
	uint8_t ret[static SIGN_PUBLIC_BYTES])
{
	uint8_t root[SIGN_PUBLIC_BYTES];
	OWNED_MEM uint8_t *bytes = NULL;
	const char *base64 = "";
	struct wire_signed packed;
	struct wire_hub_keys keys;
	size_t len = 0;
	enum err e = read_root(dir, root);
	if (!e)
		e = json_get_text(answer, "keys", BASE64_MAX_BYTES, &base64);
	if (!e)
		e = text_unbase64(&bytes, &len, view_text(base64), WIRE_SIGNED_MAX_BYTES);
	if (!e)
		e = wire_signed_unpack(&packed, view_of(bytes, len));
	if (!e)
		e = card_hub_keys_verify(&keys, &packed, study, root);
	if (!e)
		memcpy(ret, keys.release_public, SIGN_PUBLIC_BYTES);
	return e;
}

static enum err
check(struct handed *h, const struct json *answer, const char *study, const char *dir)
{
	uint8_t key[SIGN_PUBLIC_BYTES], signature[SIGNATURE_BYTES];
	const char *base64 = "", *hex = "";
	enum err e = json_get_text(answer, "document", BASE64_MAX_BYTES, &base64);
	if (!e)
		e = text_unbase64(&h->bytes, &h->len, view_text(base64), STAGED_MAX_BYTES);
	if (!e)
		e = json_get_text(answer, "signature", 2 * SIGNATURE_BYTES, &hex);
	if (!e && !text_unhex(signature, sizeof(signature), hex))
		e = fail(E_FORMAT, "the release's signature is not of its form");
	if (!e)
		e = read_release_key(answer, study, dir, key);
	if (e)
		return e;
	const struct view document = view_of(h->bytes, h->len);
	if (!signed_check(signature, STAGED_FORMAT, document, key))
		return fail(
			E_AUTH, "the staged release is not signed by the keeper's release key");
	acts_digest_of(h->digest, "release-approve", document);
	return staged_parse(&h->staged, document);
}

enum err
handed_fetch(struct handed **ret, struct office *o, const char *dir, const char *release)
{
	OWNED(handed) struct handed *h = xcalloc(1, sizeof(*h));
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf args;
	struct json_out w;
	const char *study = office_settings(o)->study;
	*ret = NULL;
	buf_init(&args, 1024);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", release);
	json_put_close(&w);
	enum err e = json_end(&w, "the release's id");
	buf_u8(&args, 0);
	if (!e)
		e = office_ask(o, "staged", (const char *)args.at, &answer);
	if (!e)
		e = check(h, answer, study, dir);
	if (!e && (strcmp(h->staged->release, release) != 0 ||
			  strcmp(h->staged->study, study) != 0))
		e = fail(E_DENIED, "the ledger showed another release than %s", release);
	if (!e)
		*ret = take(h);
	return e;
}

enum err
handed_write(const struct handed *h, const char *path)
{
	OWNED_BUF struct buf csv;
	buf_init(&csv, STAGED_MAX_BYTES * 2);
	enum err e = staged_csv(h->staged, &csv);
	return e ? e : text_write_file(path, buf_view(&csv), 0644);
}

void
handed_free(struct handed *h)
{
	if (!h)
		return;
	staged_free(h->staged);
	mem_drop(&h->bytes);
	mem_drop(&h);
}
