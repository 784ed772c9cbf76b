#include "node/sync_desk.h"

#include "common/base/log.h"

#include "node/sync_act.h"
#include "node/sync_erase.h"
#include "node/sync_review.h"
#include "node/vault_erase.h"

#define AGAIN_MS 15000

bool
sync_desk_knows(uint16_t verb)
{
	return verb == SYNC_ERASE || (verb >= SYNC_ERASED && verb <= SYNC_REVIEW_GONE);
}

static const uint8_t *
hub_receipt(const struct sync_desk *d)
{
	const struct wire_manifest *m = sync_config_manifest(d->config);
	return m ? m->receipt_public : d->card->receipt_public;
}

/* erasures */

static enum err
erase(const struct sync_erase_ask *ask, struct cursor *fields, struct buf *answer)
{
	struct view paper = cursor_blob(fields), signature = cursor_blob(fields);
	enum err e = cursor_end(fields, "request");
	if (!e && paper.len)
		e = sync_erase_run(ask, paper, signature);
	return e ? e : sync_erased_list(ask, answer);
}

/* the review key */

static enum err
state(const struct sync_desk *d, struct cursor *fields, struct buf *answer)
{
	OWNED_BUF struct buf box = {.at = NULL};
	struct sync_review r;
	uint32_t wants = 0;
	enum err e = cursor_end(fields, "request");
	if (!e)
		e = sync_review_get(d->vault, d->card, &r);
	if (!e)
		e = sync_erased_wants(d->vault, &wants);
	if (e)
		return e;
	buf_u32(answer, r.number);
	buf_add(answer, r.public, sizeof(r.public));
	buf_u32(answer, r.taken);
	buf_u32(answer, r.destroyed);
	buf_u32(answer, wants);
	crypto_random(d->proof->wanted, sizeof(d->proof->wanted));
	d->proof->is_open = true;
	buf_init(&box, REVIEW_PROOF_BYTES + BOX_EXTRA_BYTES);
	box_seal(&box, view_of(d->proof->wanted, sizeof(d->proof->wanted)), r.public);
	buf_blob(answer, buf_view(&box));
	return buf_check(&box, "question to the desk");
}

static bool
is_proven(const struct sync_desk *d, struct cursor *fields)
{
	const struct view proof = cursor_bytes(fields, REVIEW_PROOF_BYTES);
	return !fields->broken && d->proof->is_open &&
	       crypto_same(proof.at, d->proof->wanted, REVIEW_PROOF_BYTES);
}

/* Whoever seals hears of it with the next answer. */
static enum err
set(const struct sync_desk *d, bool proven, struct cursor *fields)
{
	enum err e = sync_review_set(d->vault, d->card, proven, fields);
	return e ? e : sync_intake_changed(d->intake);
}

static enum err
read_number(struct cursor *fields, uint32_t *ret)
{
	*ret = cursor_u32(fields);
	return cursor_end(fields, "number of a review key");
}

static enum err
taken(const struct sync_desk *d, struct cursor *fields)
{
	uint32_t number = 0;
	enum err e = read_number(fields, &number);
	if (!e)
		e = sync_review_taken(d->vault, d->card, number);
	if (!e)
		e = vault_owe_compact(d->vault);
	if (!e)
		e = d->flush(d->arg);
	return e ? e : vault_compact(d->vault);
}

static enum err
gone(const struct sync_desk *d, const struct sync_erase_ask *ask, struct cursor *fields)
{
	static const struct leaf leaf = {.actor = "coordinator",
		.role = "coordinator",
		.action = "review-key-renewed",
		.object_type = "desk",
		.outcome = "done"};
	struct sync_review r;
	uint32_t number = 0;
	enum err e = read_number(fields, &number);
	/* Nobody is erased while a move that was cut off is owed. */
	if (!e)
		e = vault_settle_compact(d->vault);
	if (!e)
		e = sync_review_get(d->vault, d->card, &r);
	if (!e && r.destroyed < number)
		e = sync_act(ask->judge, leaf);
	if (!e)
		e = sync_review_destroyed(d->vault, d->card, number);
	return e ? e : sync_erased_settle(ask, number);
}

static struct sync_erase_ask
ask_of(const struct sync_desk *d, const struct sync_judge *j)
{
	return (struct sync_erase_ask){.judge = j,
		.study = d->card->study,
		.receipt_public = hub_receipt(d),
		.writer_public = d->keys->writer_public,
		.writer = d->keys->writer};
}

static enum err
serve(const struct sync_desk *d, uint16_t verb, struct cursor *fields, struct buf *answer)
{
	const struct sync_judge judge = sync_intake_judge(d->intake);
	const struct sync_erase_ask ask = ask_of(d, &judge);
	bool takes_proof = verb == SYNC_REVIEW_SET || verb == SYNC_REVIEW_PUT ||
			   verb == SYNC_REVIEW_TAKEN || verb == SYNC_REVIEW_GONE;
	bool proven = takes_proof && is_proven(d, fields);
	if (takes_proof && !proven && verb != SYNC_REVIEW_SET)
		return fail(E_AUTH, "who renews the review key has to hold it");
	switch (verb) {
	case SYNC_ERASE:
		return erase(&ask, fields, answer);
	case SYNC_ERASED:
		return sync_erased_one(&ask, fields, answer);
	case SYNC_REVIEW:
		return state(d, fields, answer);
	case SYNC_REVIEW_SET:
		return set(d, proven, fields);
	case SYNC_REVIEW_LIST:
		return sync_review_list(d->vault, d->card, fields, answer);
	case SYNC_REVIEW_PUT:
		return sync_review_put(d->vault, d->card, fields, answer);
	case SYNC_REVIEW_TAKEN:
		return taken(d, fields);
	case SYNC_REVIEW_GONE:
		return gone(d, &ask, fields);
	default:
		return fail(E_FORMAT, "sync does not know this request");
	}
}

static bool
only_asks(uint16_t verb)
{
	return verb == SYNC_ERASED || verb == SYNC_REVIEW || verb == SYNC_REVIEW_LIST;
}

enum err
sync_desk_serve(
	const struct sync_desk *d, uint16_t verb, struct cursor *fields, struct buf *answer)
{
	if (only_asks(verb))
		return serve(d, verb, fields, answer);
	enum err e = d->flush(d->arg);
	if (!e)
		e = serve(d, verb, fields, answer);
	if (e)
		vault_abort(d->vault);
	return e;
}

/* papers that came with the terms */

/* Copied: what terms lend ends with the next commit. */
static void
copy_papers(const struct terms *t, struct buf *out)
{
	for (size_t i = 0; i < t->paper_count; i++) {
		buf_blob(out, t->papers[i].text);
		buf_add(out, t->papers[i].signature, SIGNATURE_BYTES);
	}
}

/* One paper of no use is no reason to leave the others. */
static enum err
carry_out(const struct sync_desk *d, struct view paper, struct view signature, bool *ret_waits)
{
	const struct sync_judge judge = sync_intake_judge(d->intake);
	const struct sync_erase_ask ask = ask_of(d, &judge);
	enum err e = sync_erase_run(&ask, paper, signature);
	if (!e)
		return OK;
	vault_abort(d->vault);
	*ret_waits = *ret_waits || e == E_BUSY || e == E_FULL;
	if (e == E_BUSY || e == E_NOTFOUND || e == E_DENIED)
		return OK;
	log_warn("sync", "an erasure waits: %s", err_text());
	return e == E_IO ? e : OK;
}

enum err
sync_desk_tick(const struct sync_desk *d, struct sync_desk_told *told, int64_t mono_ms)
{
	OWNED_BUF struct buf papers;
	const struct terms *t = sync_config_terms(d->config);
	bool waits = false;
	buf_init(&papers, TERMS_MAX_BYTES);
	if (!t || t->number == told->number || mono_ms < told->again_mono_ms)
		return OK;
	const uint64_t number = t->number;
	copy_papers(t, &papers);
	enum err e = papers.len ? d->flush(d->arg) : OK;
	struct cursor c = cursor_of(buf_view(&papers));
	while (!e && c.left) {
		struct view paper = cursor_blob(&c);
		struct view signature = cursor_bytes(&c, SIGNATURE_BYTES);
		e = carry_out(d, paper, signature, &waits);
	}
	told->again_mono_ms = mono_ms + (waits || e ? AGAIN_MS : 0);
	if (!waits && !e)
		told->number = number;
	return e;
}
