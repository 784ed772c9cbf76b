#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/codec/wire_statement.h"
#include "common/study/pack.h"

#include "hub/hubkeys.h"
#include "hub/opening.h"
#include "hub/release.h"
#include "hub/release_row.h"
#include "hub/season.h"

#define ARGS_MAX_BYTES 4096

/* What both answers say of a release. */
static void
put_head(struct json_out *w, const struct release *r)
{
	json_put_text(w, "id", r->id);
	json_put_text(w, "state", release_state_word(r->state));
	json_put_text(w, "author", r->author);
	json_put_text(w, "purpose", r->purpose);
	json_put_array(w, "indicators");
	for (size_t i = 0; i < r->indicator_count; i++)
		json_put_text(w, NULL, r->indicators[i]);
	json_put_close(w);
	json_put_int(w, "proposed_s", r->proposed_s);
}

static enum err
put_one(void *arg, const struct release *r, bool *ret_stop)
{
	struct json_out *w = arg;
	(void)ret_stop;
	json_put_object(w, NULL);
	put_head(w, r);
	json_put_int(w, "approvals", (int64_t)r->approval_count);
	json_put_close(w);
	return OK;
}

static enum err
answer_releases(struct hub *h, const struct json *args, struct json_out *w)
{
	(void)args;
	json_put_object(w, NULL);
	json_put_array(w, "releases");
	enum err e = release_row_each(h->txn, put_one, w);
	json_put_close(w);
	json_put_close(w);
	return e;
}

static void
put_approvals(struct json_out *w, const struct release *r)
{
	json_put_array(w, "approvals");
	for (size_t i = 0; i < r->approval_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "person", r->approvals[i].person);
		json_put_int(w, "time_s", r->approvals[i].time_s);
		json_put_close(w);
	}
	json_put_close(w);
}

static enum err
read_row(struct hub *h, const struct json *args, struct release *ret)
{
	const char *id = "";
	enum err e = json_get_text(args, "id", ROW_ID_BYTES - 1, &id);
	return e ? e : release_row_get(h->txn, id, ret);
}

static enum err
answer_release(struct hub *h, const struct json *args, struct json_out *w)
{
	struct release r;
	enum err e = read_row(h, args, &r);
	if (e)
		return e;
	uint32_t asked = h->pack ? h->pack->profile.approvers : 0;
	json_put_object(w, NULL);
	put_head(w, &r);
	json_put_int(w, "wave", r.wave);
	if (r.compared)
		json_put_int(w, "compared", r.compared);
	json_put_int(w, "manifest", (int64_t)r.manifest_number);
	json_put_hex(w, "cohort", view_of(r.cohort_digest, sizeof(r.cohort_digest)));
	json_put_text(w, "count_bucket", r.count_bucket);
	json_put_hex(w, "digest", view_of(r.staged_digest, sizeof(r.staged_digest)));
	json_put_text(w, "words", r.words);
	json_put_int(w, "needed", MAX(asked, (uint32_t)RELEASE_APPROVERS_MIN_COUNT));
	put_approvals(w, &r);
	json_put_text(w, "published_by", r.publisher);
	json_put_int(w, "released_s", r.released_s);
	json_put_close(w);
	return OK;
}

static enum err
answer_staged(struct hub *h, const struct json *args, struct json_out *w)
{
	OWNED_BUF struct buf bytes, keys;
	struct release r;
	struct release_staged s;
	buf_init(&bytes, RELEASE_STAGED_MAX_BYTES);
	buf_init(&keys, WIRE_SIGNED_MAX_BYTES);
	enum err e = read_row(h, args, &r);
	if (!e)
		e = release_staged_get(h->txn, r.id, &bytes, &s);
	if (!e)
		e = hubkeys_signed(h->txn, &keys);
	if (e)
		return e;
	OWNED_MEM char *document = text_base64(s.document);
	OWNED_MEM char *signed_keys = text_base64(buf_view(&keys));
	json_put_object(w, NULL);
	json_put_text(w, "id", r.id);
	json_put_text(w, "document", document);
	json_put_hex(w, "signature", view_of(s.signature, sizeof(s.signature)));
	json_put_hex(w, "digest", view_of(r.staged_digest, sizeof(r.staged_digest)));
	json_put_text(w, "keys", signed_keys);
	json_put_close(w);
	return OK;
}

static enum err
check_waves(const struct pack *pack, const struct json *args)
{
	int64_t wave = 0, compared = 0;
	enum err e = json_get_int(args, "wave", 1, UINT32_MAX, &wave);
	if (!e)
		e = json_get_int(args, "compare", 1, UINT32_MAX, &compared);
	return e ? e : season_check(pack, (uint32_t)wave, (uint32_t)compared);
}

/* What a person asks before a passphrase is asked for. */
static enum err
answer_releasable(struct hub *h, const struct json *args, struct json_out *w)
{
	const struct json *list = NULL;
	const char *names[RELEASE_INDICATORS_MAX_COUNT];
	OWNED(chosen) struct chosen *chosen = NULL;
	if (!h->pack)
		return fail(E_NOTFOUND, "no study is in force");
	enum err e = json_get_array(args, "indicators", RELEASE_INDICATORS_MAX_COUNT, &list);
	const size_t count = e ? 0 : json_count(list);
	for (size_t i = 0; !e && i < count; i++)
		e = json_item_text(
			list, i, "indicators", RELEASE_INDICATOR_BYTES - 1, &names[i]);
	if (!e)
		e = opening_check(h->pack, names, count, &chosen);
	if (!e && json_has(args, "compare"))
		e = check_waves(h->pack, args);
	if (e)
		return e;
	json_put_object(w, NULL);
	json_put_array(w, "forms");
	for (size_t i = 0; i < chosen->form_count; i++)
		json_put_text(w, NULL, chosen->forms[i]);
	json_put_close(w);
	json_put_close(w);
	return OK;
}

static const struct {
	const char *question;
	enum err (*answer)(struct hub *h, const struct json *args, struct json_out *w);
} questions[] = {
	{"releases", answer_releases},
	{"release", answer_release},
	{"staged", answer_staged},
	{"releasable", answer_releasable},
};

bool
release_is_question(const char *question)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		if (strcmp(questions[i].question, question) == 0)
			return true;
	return false;
}

enum err
release_answer(struct hub *h, const char *question, struct view args, struct buf *reply)
{
	OWNED(json) struct json *tree = NULL;
	struct vault_txn *txn;
	struct json_out w;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		if (strcmp(questions[i].question, question) != 0)
			continue;
		enum err e = json_parse(&tree, args, ARGS_MAX_BYTES);
		if (!e)
			e = hub_txn_reserve(h, &txn);
		json_begin(&w, reply);
		if (!e)
			e = questions[i].answer(h, tree, &w);
		return e ? e : json_end(&w, question);
	}
	return fail(E_NOTFOUND, "there is no question %s", question);
}
