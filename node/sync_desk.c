#include "node/sync_desk.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/trust/statement.h"

#include "node/putback.h"
#include "node/sync_act.h"
#include "node/sync_erase.h"
#include "node/sync_named.h"
#include "node/sync_review.h"
#include "node/sync_rewrap.h"
#include "node/vault_erase.h"

#define AGAIN_MS 15000
#define MS_PER_S 1000

bool
sync_desk_knows(uint16_t verb)
{
	return verb == SYNC_ERASE || (verb >= SYNC_ERASED && verb <= SYNC_REVIEW_KEPT);
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
state(const struct sync_desk *d, const struct sync_judge *j, struct cursor *fields,
	struct buf *answer)
{
	OWNED_BUF struct buf box = {.at = NULL};
	struct sync_review r;
	uint32_t wants = 0;
	bool is_late = false, may_end = false;
	OWNED_MEM char *by = cursor_text(fields, sizeof(d->proof->by) - 1);
	enum err e = cursor_end(fields, "request");
	if (!e && !by[0])
		e = fail(E_FORMAT, "a review key is renewed by somebody");
	if (!e)
		e = sync_review_get(d->vault, d->card, &r);
	if (!e)
		e = sync_erased_wants(d->vault, &wants);
	if (!e)
		e = sync_rewrap_due(j, &is_late);
	if (!e)
		e = sync_review_may_end(d->vault, j->now_ms / MS_PER_S, &may_end);
	if (e)
		return e;
	buf_u32(answer, r.number);
	buf_add(answer, r.public, sizeof(r.public));
	buf_u32(answer, r.taken);
	buf_u32(answer, r.destroyed);
	buf_u32(answer, wants);
	crypto_random(d->proof->wanted, sizeof(d->proof->wanted));
	d->proof->is_open = true;
	(void)snprintf(d->proof->by, sizeof(d->proof->by), "%s", by);
	buf_init(&box, REVIEW_PROOF_BYTES + BOX_EXTRA_BYTES);
	box_seal(&box, view_of(d->proof->wanted, sizeof(d->proof->wanted)), r.public);
	buf_blob(answer, buf_view(&box));
	buf_u8(answer, is_late);
	buf_u8(answer, may_end || wants);
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
taken(const struct sync_desk *d, const struct sync_judge *j, struct cursor *fields)
{
	uint32_t number = 0;
	enum err e = read_number(fields, &number);
	if (!e)
		e = sync_review_taken(d->vault, d->card, number, j->now_ms / MS_PER_S);
	if (!e)
		e = vault_owe_compact(d->vault);
	if (!e)
		e = d->flush(d->arg);
	return e ? e : vault_compact(d->vault);
}

static enum err
gone(const struct sync_desk *d, const struct sync_erase_ask *ask, struct cursor *fields)
{
	struct leaf leaf = {.actor = ask->judge->by,
		.role = "coordinator",
		.action = "review-key-renewed",
		.object_type = "desk",
		.outcome = "done"};
	struct sync_review r;
	const bool without_backup = cursor_u8(fields) == 1;
	uint32_t number = 0;
	enum err e = read_number(fields, &number);
	leaf.reason_code = without_backup ? "no backup could be made" : NULL;
	/* Nobody is erased while a move that was cut off is owed. */
	if (!e)
		e = vault_settle_compact(d->vault);
	if (!e)
		e = sync_review_get(d->vault, d->card, &r);
	if (!e && r.destroyed < number)
		e = sync_act(ask->judge, leaf);
	if (!e)
		e = sync_review_destroyed(d->vault, d->card, number);
	return e ? e : sync_erased_settle(ask, d->dir, number);
}

/* Whoever made a backup of this node has its writer key. */
static enum err
kept(const struct sync_desk *d, struct cursor *fields)
{
	struct sync_review r;
	struct cursor c = *fields;
	const struct view said = cursor_bytes(&c, sizeof(uint32_t));
	const uint32_t number = cursor_u32(fields);
	const struct view signature = cursor_bytes(fields, SIGNATURE_BYTES);
	enum err e = cursor_end(fields, "word of a backup");
	if (!e && !signed_check(
			  signature.at, SYNC_REVIEW_KEPT_FORMAT, said, d->keys->writer_public))
		e = fail(E_AUTH, "the word of a backup is not signed by this node");
	if (!e)
		e = sync_review_get(d->vault, d->card, &r);
	if (!e && number > r.taken)
		e = fail(E_CONFLICT, "the backup is of a later state than this vault");
	return e ? e : sync_review_kept(d->vault, number);
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
	struct sync_judge judge = sync_intake_judge(d->intake);
	judge.by = d->proof->by;
	const struct sync_erase_ask ask = ask_of(d, &judge);
	bool takes_proof = verb == SYNC_REVIEW_SET || verb == SYNC_REVIEW_PUT ||
			   verb == SYNC_REVIEW_TAKEN || verb == SYNC_REVIEW_GONE ||
			   verb == SYNC_REWRAP_PUT;
	bool proven = takes_proof && is_proven(d, fields);
	if (takes_proof && !proven && verb != SYNC_REVIEW_SET)
		return fail(E_AUTH, "who renews the review key has to hold it");
	switch (verb) {
	case SYNC_ERASE:
		return erase(&ask, fields, answer);
	case SYNC_ERASED:
		return sync_erased_one(&ask, fields, answer);
	case SYNC_REVIEW:
		return state(d, &judge, fields, answer);
	case SYNC_REVIEW_SET:
		return set(d, proven, fields);
	case SYNC_REVIEW_LIST:
		return sync_review_list(d->vault, d->card, fields, answer);
	case SYNC_REVIEW_PUT:
		return sync_review_put(d->vault, d->card, fields, answer);
	case SYNC_REVIEW_TAKEN:
		return taken(d, &judge, fields);
	case SYNC_REVIEW_GONE:
		return gone(d, &ask, fields);
	case SYNC_REVIEW_KEPT:
		return kept(d, fields);
	case SYNC_REWRAP_LIST:
		return sync_rewrap_list(&judge, fields, answer);
	case SYNC_REWRAP_PUT:
		return sync_rewrap_put(&judge, fields, answer);
	default:
		return fail(E_FORMAT, "sync does not know this request");
	}
}

static bool
only_asks(uint16_t verb)
{
	return verb == SYNC_ERASED || verb == SYNC_REVIEW || verb == SYNC_REVIEW_LIST ||
	       verb == SYNC_REWRAP_LIST;
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

/* papers and names that came with the terms */

/* Copied: what terms lend ends with the next commit. */
struct told {
	uint64_t number;
	struct buf papers;
	struct terms_gone *gone; /* owned */
	size_t gone_count;
	bool waits; /* for entries to be at the hub, or a wish to be mended */
	uint32_t damaged;
	bool again; /* somebody was deleted: the hub's paper is kept next time */
};

static void
told_done(struct told *t)
{
	buf_done(&t->papers);
	mem_drop(&t->gone);
}

static void
copy_told(struct told *to, const struct terms *t)
{
	to->number = t->number;
	buf_init(&to->papers, TERMS_MAX_BYTES);
	for (size_t i = 0; i < t->paper_count; i++) {
		buf_blob(&to->papers, t->papers[i].text);
		buf_add(&to->papers, t->papers[i].signature, SIGNATURE_BYTES);
	}
	to->gone_count = t->gone_count;
	to->gone = xcalloc(t->gone_count + 1, sizeof(*to->gone));
	if (t->gone_count)
		memcpy(to->gone, t->gone, t->gone_count * sizeof(*to->gone));
}

/* One paper of no use is no reason to leave the others. */
static enum err
carry_out(const struct sync_desk *d, struct view paper, struct view signature, struct told *t)
{
	const struct sync_judge judge = sync_intake_judge(d->intake);
	const struct sync_erase_ask ask = ask_of(d, &judge);
	enum err e = sync_erase_run(&ask, paper, signature);
	if (!e)
		return OK;
	vault_abort(d->vault);
	t->waits = t->waits || e == E_BUSY || e == E_FULL || e == E_CONFLICT || e == E_FORMAT;
	t->damaged += e == E_CONFLICT;
	if (e == E_BUSY || e == E_NOTFOUND || e == E_DENIED)
		return OK;
	log_warn("sync", "an erasure waits: %s", err_text());
	return e == E_IO ? e : OK;
}

static enum err
carry_out_named(const struct sync_desk *d, struct told *t)
{
	const struct sync_judge judge = sync_intake_judge(d->intake);
	const struct sync_erase_ask ask = ask_of(d, &judge);
	struct sync_named_done done;
	enum err e = sync_named_run(&ask, t->gone, t->gone_count, &done);
	t->again = done.deleted;
	t->waits = t->waits || done.waiting || e;
	if (!e)
		return OK;
	vault_abort(d->vault);
	log_warn("sync", "an erasure waits: %s", err_text());
	return e == E_IO ? e : OK;
}

static enum err
carry_out_all(const struct sync_desk *d, struct told *t)
{
	struct cursor c = cursor_of(buf_view(&t->papers));
	enum err e = OK;
	while (!e && c.left) {
		struct view paper = cursor_blob(&c);
		struct view signature = cursor_bytes(&c, SIGNATURE_BYTES);
		e = carry_out(d, paper, signature, t);
	}
	return e ? e : carry_out_named(d, t);
}

static enum err
note_damaged(const struct sync_desk *d, uint32_t count)
{
	enum err e = sync_erase_note_damaged(d->vault, count);
	return e ? e : vault_commit(d->vault);
}

/* Whatever the hub knew of when it was heard is deleted: the desk may be opened. */
static enum err
end_putback(const struct sync_desk *d)
{
	enum err e = putback_end(d->vault);
	return e ? e : vault_commit(d->vault);
}

/* Who waited for nothing but a copy beside the vault, which is gone now. */
static enum err
settle(const struct sync_desk *d, struct sync_desk_told *told, int64_t mono_ms)
{
	const struct sync_judge judge = sync_intake_judge(d->intake);
	const struct sync_erase_ask ask = ask_of(d, &judge);
	struct sync_review r;
	uint32_t wants = 0;
	if (mono_ms < told->settle_mono_ms)
		return OK;
	told->settle_mono_ms = mono_ms + AGAIN_MS;
	enum err e = sync_erased_wants(d->vault, &wants);
	if (!e && wants)
		e = sync_review_get(d->vault, d->card, &r);
	return e || !wants ? e : sync_erased_settle(&ask, d->dir, r.destroyed);
}

enum err
sync_desk_tick(const struct sync_desk *d, struct sync_desk_told *told, int64_t mono_ms)
{
	OWNED_BY(told_done) struct told now = {.number = 0};
	enum putback back = PUTBACK_NOT;
	const struct terms *t = sync_config_terms(d->config);
	enum err e = settle(d, told, mono_ms);
	if (!e)
		e = putback_state(d->vault, &back);
	if (e || !t || mono_ms < told->again_mono_ms ||
		(t->number == told->number && back != PUTBACK_HEARD))
		return e;
	/* Terms that came in this turn are in force behind its commit. */
	e = d->flush(d->arg);
	if (e)
		return e;
	copy_told(&now, sync_config_terms(d->config));
	e = carry_out_all(d, &now);
	if (!e)
		e = note_damaged(d, now.damaged);
	told->again_mono_ms = mono_ms + (now.waits || e ? AGAIN_MS : 0);
	if (e || now.waits || now.again)
		return e;
	told->number = now.number;
	return back == PUTBACK_HEARD ? end_putback(d) : OK;
}
