#include "hub/erase_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/statement.h"

#define PAPER_FORMAT     "weir-erased-v1"
#define PAPER_MAX_BYTES  8192
#define WORDS_BYTES      1024
#define NUMBER_MAX_BYTES 64

static const char *
state_of(const struct erase_wish *w)
{
	if (w->hub->refused_s)
		return "refused";
	if (w->hub->back_s)
		return "taken-back";
	if (erase_wish_is_erased(w))
		return "erased";
	if (w->hub->gone_s)
		return "gone";
	return w->hub->begun_s ? "deleting" : "stopped";
}

static const char *
hub_reach(const struct forward_erasure *e)
{
	if (e->erased_s)
		return "at the hub nobody, with the keys that are left";
	if (e->gone_s)
		return "at the hub, from a copy of its stores that was made before, two "
		       "holders of the study key together, and the pseudonym, dates and open "
		       "codes whoever has the passphrase of its services";
	return "at the hub two holders of the study key together, and the pseudonym, dates and "
	       "open codes whoever has the passphrase of its services";
}

static const char *
site_reach(const struct erase_site *s)
{
	if (s->erased_s)
		return "at the site nobody, with the keys that are left";
	if (s->gone_s)
		return "at the site whoever opens its desk, from a copy of its store that was "
		       "made before, until the desk is opened next";
	return "at the site whoever opens its desk";
}

/* Who could still open a copy from before. What no step reaches is said, too. */
static void
put_reach(struct json_out *w, const struct erase_wish *wish)
{
	OWNED_BUF struct buf words;
	buf_init(&words, WORDS_BYTES);
	if (wish->hub->refused_s)
		buf_format(&words,
			"it was refused: what is stored stays, and is used for nothing");
	else if (wish->hub->back_s)
		buf_format(&words,
			"a consent given later took the wish back before anything was "
			"deleted: what is stored stays, and that consent says what it "
			"may be used for");
	else if (erase_wish_is_erased(wish))
		buf_format(&words,
			"nobody with the keys that are left; destroy copies of key files that "
			"were made before: with them copies of the stores from before open. "
			"Without any key a copy of the site's store from before shows the "
			"pseudonym, dates and open codes");
	else
		buf_format(&words, "%s; %s", hub_reach(wish->hub), site_reach(&wish->site));
	json_put_view(w, "could_open", buf_view(&words));
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
put_dates(struct json_out *w, const struct erase_wish *wish)
{
	const struct forward_erasure *e = wish->hub;
	json_put_text(w, "state", state_of(wish));
	json_put_int(w, "stopped_s", e->stopped_s);
	json_put_int(w, "refused_s", e->refused_s);
	json_put_text(w, "decided_by", e->by);
	json_put_text(w, "reason", e->reason);
	json_put_int(w, "taken_back_s", e->back_s);
	json_put_int(w, "gone_s", e->gone_s);
	json_put_int(w, "hub_erased_s", e->erased_s);
	json_put_int(w, "erased_s",
		erase_wish_is_erased(wish) ? MAX(e->erased_s, wish->site.erased_s) : 0);
	put_reach(w, wish);
}

static void
put_one(struct json_out *w, const struct erase_wish *wish)
{
	json_put_object(w, NULL);
	put_number(w, wish->hub);
	put_dates(w, wish);
	json_put_text(w, "site", wish->site.site);
	json_put_bool(w, "site_unread", wish->is_unread);
	json_put_int(w, "site_gone_s", wish->site.gone_s);
	json_put_int(w, "site_erased_s", wish->site.erased_s);
	json_put_close(w);
}

/* What the site said, and its signature, stand inside what the hub signs: one receipt. */
static void
put_paper(struct json_out *w, const char *study, const struct erase_wish *wish)
{
	char writer[2 * SIGN_PUBLIC_BYTES + 1], signature[2 * SIGNATURE_BYTES + 1];
	bool said = wish->site.paper[0] != '\0';
	text_hex(writer, wish->site.writer, SIGN_PUBLIC_BYTES);
	text_hex(signature, wish->site.signature, SIGNATURE_BYTES);
	json_put_object(w, NULL);
	json_put_text(w, "study", study);
	put_number(w, wish->hub);
	put_dates(w, wish);
	json_put_text(w, "site_paper", wish->site.paper);
	json_put_text(w, "site_writer", said ? writer : "");
	json_put_text(w, "site_signature", said ? signature : "");
	json_put_close(w);
}

enum err
erase_list(struct hub *h, struct buf *reply)
{
	struct json_out w;
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
	enum err e = OK;
	json_begin(&w, reply);
	json_put_object(&w, NULL);
	json_put_array(&w, "erasures");
	for (size_t i = 0; !e && i < count; i++) {
		struct erase_wish wish;
		e = erase_wish_read(h, &all[i], &wish);
		if (!e)
			put_one(&w, &wish);
	}
	if (e)
		return e;
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "erasures");
}

enum err
erase_paper_find(struct hub *h, const char *number, const struct forward_erasure **ret)
{
	uint8_t start[RECEIPT_START_BYTES];
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
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
erase_paper_sign(struct hub *h, const struct erase_wish *wish, struct buf *paper,
	uint8_t ret[static SIGNATURE_BYTES])
{
	struct json_out w;
	json_begin(&w, paper);
	put_paper(&w, h->study, wish);
	enum err e = json_end(&w, "receipt of an erasure");
	if (!e)
		signed_make(ret, PAPER_FORMAT, buf_view(paper), h->receipt);
	return e;
}

enum err
erase_receipt(struct hub *h, const struct json *args, struct buf *reply)
{
	static const char *const keys[] = {"receipt"};
	OWNED_BUF struct buf paper;
	const struct forward_erasure *one;
	struct erase_wish wish;
	const char *number = "";
	uint8_t signature[SIGNATURE_BYTES];
	char hex[2 * SIGNATURE_BYTES + 1];
	struct json_out w;
	buf_init(&paper, PAPER_MAX_BYTES);
	enum err e = json_only(args, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(args, "receipt", NUMBER_MAX_BYTES, &number);
	if (!e)
		e = erase_paper_find(h, number, &one);
	if (!e)
		e = erase_wish_read(h, one, &wish);
	if (e)
		return e;
	e = erase_paper_sign(h, &wish, &paper, signature);
	if (e)
		return e;
	text_hex(hex, signature, sizeof(signature));
	json_begin(&w, reply);
	json_put_object(&w, NULL);
	json_put_view(&w, "paper", buf_view(&paper));
	json_put_text(&w, "signature", hex);
	json_put_close(&w);
	return json_end(&w, "receipt of an erasure");
}

static enum err
put_node(void *arg, const struct writer *w)
{
	struct json_out *out = arg;
	char hex[2 * SIGN_PUBLIC_BYTES + 1];
	text_hex(hex, w->public, SIGN_PUBLIC_BYTES);
	json_put_object(out, NULL);
	json_put_text(out, "site", w->site);
	json_put_text(out, "key", hex);
	json_put_close(out);
	return OK;
}

enum err
erase_keys(struct hub *h, struct buf *reply)
{
	struct json_out w;
	uint8_t public[SIGN_PUBLIC_BYTES];
	char hex[2 * SIGN_PUBLIC_BYTES + 1];
	sign_public(public, h->receipt);
	text_hex(hex, public, sizeof(public));
	json_begin(&w, reply);
	json_put_object(&w, NULL);
	json_put_text(&w, "hub", hex);
	json_put_array(&w, "nodes");
	enum err e = writer_each(h->txn, put_node, &w);
	if (e)
		return e;
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "keys of receipts");
}
