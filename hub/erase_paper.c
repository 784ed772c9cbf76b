#include "hub/erase.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/receipt.h"
#include "common/trust/leaf.h"
#include "common/trust/statement.h"

#include "hub/audit.h"
#include "hub/forward_erase.h"

#define PAPER_FORMAT     "weir-erased-v1"
#define PAPER_MAX_BYTES  4096
#define BODY_MAX_BYTES   4096
#define NUMBER_MAX_BYTES 64
#define MS_PER_S         1000

static const char *
state_of(const struct forward_erasure *e)
{
	if (e->refused_s)
		return "refused";
	if (e->erased_s)
		return "erased";
	return e->gone_s ? "gone" : "stopped";
}

/* Who could still open a copy from before. */
static const char *
reach_of(const struct forward_erasure *e)
{
	if (e->refused_s)
		return "it was refused: what is stored stays, and is used for nothing";
	if (e->erased_s)
		return "nobody with the keys that are left; destroy copies of key files that "
		       "were made before";
	if (e->gone_s)
		return "two holders of the study key together, from a copy of the stores that "
		       "was made before";
	return "two holders of the study key together; at the site whoever holds its review "
	       "key";
}

static void
put_number(struct json_out *w, const struct forward_erasure *e)
{
	uint8_t instance[WIRE_ID_BYTES] = {0};
	char number[RECEIPT_BYTES];
	memcpy(instance, e->receipt, sizeof(e->receipt));
	receipt_number(number, instance);
	json_put_text(w, "receipt", number);
}

static void
put_one(struct json_out *w, const char *study, const struct forward_erasure *e)
{
	json_put_object(w, NULL);
	if (study)
		json_put_text(w, "study", study);
	put_number(w, e);
	json_put_text(w, "state", state_of(e));
	json_put_int(w, "stopped_s", e->stopped_s);
	json_put_int(w, "refused_s", e->refused_s);
	json_put_int(w, "gone_s", e->gone_s);
	json_put_int(w, "erased_s", e->erased_s);
	json_put_text(w, "could_open", reach_of(e));
	json_put_close(w);
}

enum err
erase_list(struct hub *h, struct buf *reply)
{
	struct json_out w;
	size_t count;
	const struct forward_erasure *all = forward_erasures(audit_forward(h->audit), &count);
	json_begin(&w, reply);
	json_put_object(&w, NULL);
	json_put_array(&w, "erasures");
	for (size_t i = 0; i < count; i++)
		put_one(&w, NULL, &all[i]);
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "erasures");
}

static enum err
find(struct hub *h, const char *number, const struct forward_erasure **ret)
{
	uint8_t start[RECEIPT_START_BYTES];
	size_t count;
	const struct forward_erasure *all = forward_erasures(audit_forward(h->audit), &count);
	*ret = NULL;
	if (!receipt_read(start, number))
		return fail(E_FORMAT,
			"this is no number of a receipt: one of its characters is "
			"wrong or missing");
	for (size_t i = 0; i < count; i++) {
		if (memcmp(all[i].receipt, start, sizeof(start)) != 0)
			continue;
		if (*ret)
			return fail(E_CONFLICT, "two persons have this receipt number");
		*ret = &all[i];
	}
	return *ret ? OK
		    : fail(E_NOTFOUND,
			      "nobody asked to be erased under this receipt number: it is that "
			      "of the change of level erase");
}

enum err
erase_receipt(struct hub *h, const struct json *args, struct buf *reply)
{
	static const char *const keys[] = {"receipt"};
	OWNED_BUF struct buf paper;
	const struct forward_erasure *one;
	const char *number = "";
	uint8_t signature[SIGNATURE_BYTES];
	char hex[2 * SIGNATURE_BYTES + 1];
	struct json_out w;
	buf_init(&paper, PAPER_MAX_BYTES);
	enum err e = json_only(args, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(args, "receipt", NUMBER_MAX_BYTES, &number);
	if (!e)
		e = find(h, number, &one);
	if (e)
		return e;
	json_begin(&w, &paper);
	put_one(&w, h->study, one);
	e = json_end(&w, "receipt of an erasure");
	if (e)
		return e;
	signed_make(signature, PAPER_FORMAT, buf_view(&paper), h->receipt);
	text_hex(hex, signature, sizeof(signature));
	json_begin(&w, reply);
	json_put_object(&w, NULL);
	json_put_view(&w, "paper", buf_view(&paper));
	json_put_text(&w, "signature", hex);
	json_put_close(&w);
	return json_end(&w, "receipt of an erasure");
}

enum err
erase_refuse(struct hub *h, const struct act *a, struct buf *reply)
{
	static const char *const keys[] = {"receipt", "reason"};
	OWNED(json) struct json *body = NULL;
	const struct forward_erasure *one;
	const char *number = "", *reason = "";
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = json_parse(&body, a->body, BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(body, "receipt", NUMBER_MAX_BYTES, &number);
	if (!e)
		e = json_get_text(body, "reason", LEAF_TEXT_MOST_BYTES, &reason);
	if (!e && !reason[0])
		e = fail(E_FORMAT, "the legal reason is needed");
	if (!e && strcmp(number, a->id) != 0)
		e = fail(E_FORMAT, "the body names another receipt than the statement");
	if (!e)
		e = find(h, number, &one);
	if (!e && (one->gone_s || one->refused_s))
		e = fail(E_CONFLICT, one->gone_s ? "what was stored is deleted already"
						 : "it was refused before");
	if (e)
		return e;
	struct forward_erasure refused = *one;
	refused.refused_s = clock_wall_ms() / MS_PER_S;
	acts_leaf(&leaf, &room, a, "erasure-refused");
	leaf.object_type = "person";
	leaf.reason_code = reason;
	e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (e)
		return e;
	forward_note_erasure(audit_forward(h->audit), &refused);
	buf_format(reply, "{\"refused\":true}");
	return OK;
}
