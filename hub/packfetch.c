#include "hub/packfetch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/codec/wire_study.h"
#include "common/trust/manifest.h"

#include "hub/facts.h"
#include "hub/ipc.h"

#define ARGS_MAX_BYTES 256
#define NAME_MAX_BYTES 256

/* Documents as they come; names and bytes are owned. */
struct fetched {
	struct pack_document *documents;
	struct buf *bytes;
	size_t count;
};

static void
fetched_done(struct fetched *f)
{
	for (size_t i = 0; i < f->count; i++)
		buf_done(&f->bytes[i]);
	mem_drop(&f->bytes);
	mem_drop(&f->documents);
}

static enum err
ask_piece(struct office *o, const char *hash, size_t from, struct json **ret)
{
	OWNED_BUF struct buf args;
	struct json_out w;
	buf_init(&args, ARGS_MAX_BYTES);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	json_put_text(&w, "hash", hash);
	json_put_int(&w, "from", (int64_t)from);
	json_put_close(&w);
	enum err e = json_end(&w, "question");
	buf_u8(&args, 0); /* it is handed on as text */
	return e ? e : office_ask(o, "document", (const char *)args.at, ret);
}

/* One more piece; *ret_left: what is still to come. */
static enum err
fetch_piece(struct office *o, const char *hash, struct buf *to, size_t *ret_left)
{
	OWNED(json) struct json *answer = NULL;
	OWNED_MEM uint8_t *piece = NULL;
	const char *base64 = "";
	int64_t length = 0;
	size_t len = 0;
	enum err e = ask_piece(o, hash, to->len, &answer);
	if (!e)
		e = json_get_int(answer, "length", 0, (int64_t)IPC_DOCUMENT_MAX_BYTES, &length);
	if (!e)
		e = json_get_text(answer, "bytes", 2 * FACTS_PIECE_BYTES, &base64);
	if (!e)
		e = text_unbase64(&piece, &len, view_text(base64), FACTS_PIECE_BYTES);
	if (e)
		return e;
	buf_add(to, piece, len);
	if (to->broken || to->len > (size_t)length || (len == 0 && to->len < (size_t)length))
		return fail(E_FORMAT, "the ledger's piece of a document is not of its form");
	*ret_left = (size_t)length - to->len;
	return OK;
}

static enum err
fetch_document(struct office *o, const struct json *one, struct buf *to, const char **ret_name)
{
	uint8_t want[HASH_BYTES], hash[HASH_BYTES];
	const char *hex = "";
	size_t left = 0;
	enum err e = json_get_text(one, "name", NAME_MAX_BYTES, ret_name);
	if (!e)
		e = json_get_text(one, "hash", 2 * HASH_BYTES, &hex);
	if (!e && !text_unhex(want, sizeof(want), hex))
		e = fail(E_FORMAT, "the hash of %s is not of its form", *ret_name);
	do
		e = e ? e : fetch_piece(o, hex, to, &left);
	while (!e && left);
	if (e)
		return e;
	manifest_document_hash(hash, buf_view(to));
	return memcmp(hash, want, sizeof(hash)) == 0
		       ? OK
		       : fail(E_AUTH, "%s is not what the manifest names", *ret_name);
}

enum err
packfetch(struct pack **ret, struct office *o)
{
	OWNED(json) struct json *answer = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_BY(fetched_done) struct fetched f = {0};
	const struct json *list = NULL, *one = NULL;
	*ret = NULL;
	enum err e = office_ask(o, "pack", "{}", &answer);
	if (!e)
		e = json_get_array(answer, "documents", WIRE_DOCUMENTS_MAX, &list);
	size_t count = e ? 0 : json_count(list);
	f.documents = xcalloc(count + 1, sizeof(*f.documents));
	f.bytes = xcalloc(count + 1, sizeof(*f.bytes));
	for (size_t i = 0; !e && i < count; i++) {
		struct buf *bytes = &f.bytes[f.count++];
		buf_init(bytes, IPC_DOCUMENT_MAX_BYTES);
		e = json_item_object(list, i, "documents", &one);
		if (!e)
			e = fetch_document(o, one, bytes, &f.documents[i].name);
		f.documents[i].bytes = buf_view(bytes);
	}
	if (e || count == 0)
		return e;
	return pack_load_documents(ret, f.documents, count, faults);
}
