#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/pack.h"

#include "hub/release.h"
#include "hub/release_row.h"

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
answer_releases(struct hub *h, const char *id, struct json_out *w)
{
	(void)id;
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
answer_release(struct hub *h, const char *id, struct json_out *w)
{
	struct release r;
	enum err e = release_row_get(h->txn, id, &r);
	if (e)
		return e;
	uint32_t asked = h->pack ? h->pack->profile.approvers : 0;
	json_put_object(w, NULL);
	put_head(w, &r);
	json_put_int(w, "wave", r.wave);
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
answer_staged(struct hub *h, const char *id, struct json_out *w)
{
	OWNED_BUF struct buf bytes;
	struct release r;
	struct release_staged s;
	buf_init(&bytes, RELEASE_STAGED_MAX_BYTES);
	enum err e = release_row_get(h->txn, id, &r);
	if (!e)
		e = release_staged_get(h->txn, id, &bytes, &s);
	if (e)
		return e;
	OWNED_MEM char *document = text_base64(s.document);
	json_put_object(w, NULL);
	json_put_text(w, "id", r.id);
	json_put_text(w, "document", document);
	json_put_hex(w, "signature", view_of(s.signature, sizeof(s.signature)));
	json_put_hex(w, "digest", view_of(r.staged_digest, sizeof(r.staged_digest)));
	json_put_close(w);
	return OK;
}

static enum err
read_id(struct view args, char ret[static ROW_ID_BYTES])
{
	OWNED(json) struct json *tree = NULL;
	const char *id = "";
	enum err e = json_parse(&tree, args, ARGS_MAX_BYTES);
	if (!e && json_has(tree, "id"))
		e = json_get_text(tree, "id", ROW_ID_BYTES - 1, &id);
	memcpy(ret, id, strlen(id) + 1);
	return e;
}

enum err
release_answer(struct hub *h, const char *question, struct view args, struct buf *reply)
{
	static const struct {
		const char *question;
		enum err (*answer)(struct hub *h, const char *id, struct json_out *w);
	} questions[] = {
		{"releases", answer_releases},
		{"release", answer_release},
		{"staged", answer_staged},
	};
	char id[ROW_ID_BYTES];
	struct vault_txn *txn;
	struct json_out w;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		if (strcmp(questions[i].question, question) != 0)
			continue;
		enum err e = read_id(args, id);
		if (!e)
			e = hub_txn_reserve(h, &txn);
		json_begin(&w, reply);
		if (!e)
			e = questions[i].answer(h, id, &w);
		return e ? e : json_end(&w, question);
	}
	return fail(E_NOTFOUND, "there is no question %s", question);
}
