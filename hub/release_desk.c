#include "hub/release_desk.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/call.h"
#include "common/trust/leaf.h"
#include "common/trust/statement.h"

#include "hub/acts.h"
#include "hub/acts_digest.h"
#include "hub/audit.h"
#include "hub/cohort.h"
#include "hub/hubkeys.h"
#include "hub/recovery.h"
#include "hub/release_row.h"
#include "hub/shelf.h"

#define TASK_MAX_BYTES      (COHORT_MAX_BYTES + ((size_t)4 * 1024 * 1024))
#define STATEMENT_ROW_BYTES (IPC_BODY_MAX_BYTES + 65536)

struct release_desk {
	struct hub *hub;
	release_send_fn *send;
	void *arg;
	bool is_open;
	char task[ROW_ID_BYTES]; /* what the keeper works at; "": nothing */
	bool is_shelved;         /* the shelf was made again since the start */
	bool look;               /* something may be waiting */
	bool is_behind;          /* something could not be done at this look */
	uint64_t seen_size;      /* published leaves at the last look */
};

struct release_desk *
release_desk_new(struct hub *h, release_send_fn *send, void *arg)
{
	struct release_desk *d = xcalloc(1, sizeof(*d));
	d->hub = h;
	d->send = send;
	d->arg = arg;
	d->look = true;
	return d;
}

void
release_desk_free(struct release_desk *d)
{
	mem_drop(&d);
}

bool
release_desk_keeper_is_open(const struct release_desk *d)
{
	return d->is_open;
}

/* leaves */

struct desk_leaf {
	const char *action;
	const char *actor;
	const char *object_type;
	const char *commit; /* hex or "" */
	const char *outcome;
	const char *request;
};

static enum err
add_leaf(struct release_desk *d, const struct desk_leaf *l)
{
	const struct act nobody = {.by = {.id = ""}};
	struct act_leaf_room room;
	struct leaf leaf;
	struct vault_txn *txn;
	enum err e = hub_txn(d->hub, &txn);
	if (e)
		return e;
	acts_leaf(&leaf, &room, &nobody, l->action);
	leaf.actor = l->actor;
	leaf.object_type = l->object_type;
	leaf.object_commit = l->commit;
	leaf.outcome = l->outcome;
	leaf.request_id = l->request;
	return audit_add(d->hub->audit, txn, &leaf, NULL);
}

/* hello */

static enum err
take_hello(struct release_desk *d, struct cursor *c)
{
	bool is_open = cursor_u8(c) != 0;
	OWNED_MEM char *first = cursor_text(c, ROW_ID_BYTES - 1);
	OWNED_MEM char *second = cursor_text(c, ROW_ID_BYTES - 1);
	if (cursor_end(c, "hello of the keeper")) {
		log_warn("release", "%s", err_text());
		return OK;
	}
	bool was_open = d->is_open;
	d->is_open = false; /* until its leaf is there: nothing is opened that is not logged */
	d->task[0] = '\0';
	d->look = true;
	if (is_open == was_open) {
		d->is_open = is_open;
		return OK;
	}
	OWNED_MEM char *both = is_open ? xasprintf("%s %s", first, second) : xstrdup("");
	const struct desk_leaf leaf = {.action = is_open ? "keeper-unlocked" : "keeper-locked",
		.actor = "keeper",
		.object_type = "keeper",
		.commit = "",
		.outcome = "done",
		.request = both};
	enum err e = add_leaf(d, &leaf);
	d->is_open = is_open && !e;
	return e;
}

/* done */

struct handed_back {
	uint8_t code;
	struct view document;
	uint8_t signature[SIGNATURE_BYTES];
	struct view evidence;
};

/* Words of the keeper as they may stand in a row: one line of text. */
static void
keep_words(struct release *r, const char *words)
{
	(void)snprintf(r->words, sizeof(r->words), "%s", words);
	for (char *at = r->words; *at; at++)
		if ((unsigned char)*at < 0x20)
			*at = ' ';
	/* A cut may have gone through a character of several bytes. */
	for (size_t n = strlen(r->words); n && !text_is_utf8(view_of(r->words, n)); n--)
		r->words[n - 1] = '\0';
}

static enum err
refuse(struct release_desk *d, struct release *r, const char *words)
{
	char commit[2 * HASH_BYTES + 1];
	text_hex(commit, r->cohort_digest, sizeof(r->cohort_digest));
	const struct desk_leaf leaf = {.action = "release-refused",
		.actor = "keeper",
		.object_type = "cohort",
		.commit = commit,
		.outcome = "refused",
		.request = r->id};
	r->state = RELEASE_REFUSED;
	keep_words(r, words);
	enum err e = add_leaf(d, &leaf);
	return e ? e : release_row_put(d->hub->txn, r);
}

/* Is it what was asked for, and did the keeper's release key sign it? */
static enum err
check_document(struct release_desk *d, const struct release *r, const struct handed_back *b)
{
	OWNED(staged) struct staged *s = NULL;
	struct hubkeys keys;
	char cohort[2 * HASH_BYTES + 1];
	enum err e = hubkeys_get(d->hub->txn, &keys);
	if (e)
		return e;
	if (!signed_check(b->signature, STAGED_FORMAT, b->document, keys.release_public))
		return fail(E_AUTH, "the staged document is not signed by the release key");
	text_hex(cohort, r->cohort_digest, sizeof(r->cohort_digest));
	e = staged_parse(&s, b->document);
	if (!e && (strcmp(s->release, r->id) != 0 || strcmp(s->study, d->hub->study) != 0 ||
			  strcmp(s->cohort, cohort) != 0))
		e = fail(E_DENIED, "the keeper handed back another release");
	return e;
}

static enum err
stage(struct release_desk *d, struct release *r, const struct handed_back *b)
{
	char commit[2 * HASH_BYTES + 1];
	struct release_staged s = {.document = b->document, .evidence = b->evidence};
	memcpy(s.signature, b->signature, sizeof(s.signature));
	acts_digest_of(r->staged_digest, "release-approve", b->document);
	text_hex(commit, r->staged_digest, sizeof(r->staged_digest));
	const struct desk_leaf leaf = {.action = "release-staged",
		.actor = "keeper",
		.object_type = "release",
		.commit = commit,
		.outcome = "done",
		.request = r->id};
	r->state = RELEASE_STAGED;
	enum err e = add_leaf(d, &leaf);
	if (!e)
		e = release_staged_put(d->hub->txn, r->id, &s);
	return e ? e : release_row_put(d->hub->txn, r);
}

static enum err
settle(struct release_desk *d, const char *id, const char *words, const struct handed_back *b)
{
	struct vault_txn *txn;
	struct release r;
	enum err e = hub_txn(d->hub, &txn);
	if (!e)
		e = release_row_get(txn, id, &r);
	if (e == E_NOTFOUND || (!e && r.state != RELEASE_PROPOSED)) {
		log_warn("release", "the keeper handed back a release that nobody waits for");
		return OK;
	}
	if (e)
		return e;
	if (b->code)
		return refuse(d, &r, words);
	e = check_document(d, &r, b);
	return e ? refuse(d, &r, err_text()) : stage(d, &r, b);
}

static enum err
take_done(struct release_desk *d, struct cursor *c)
{
	struct handed_back b = {0};
	OWNED_MEM char *id = cursor_text(c, ROW_ID_BYTES - 1);
	b.code = cursor_u8(c);
	OWNED_MEM char *words = cursor_text(c, 4096);
	b.document = cursor_blob(c);
	cursor_copy(c, b.signature, sizeof(b.signature));
	b.evidence = cursor_blob(c);
	if (cursor_end(c, "answer of the keeper") || b.evidence.len > EVIDENCE_MAX_BYTES ||
		b.document.len > STAGED_MAX_BYTES) {
		log_warn("release", "the keeper's answer is not of its form");
		return OK;
	}
	d->look = true;
	if (b.code == E_BUSY) { /* it was locked meanwhile: the task is sent again */
		d->task[0] = '\0';
		return OK;
	}
	/* The task counts as open until what it gave is committed: see look_at(). */
	return settle(d, id, words, &b);
}

enum err
release_desk_frame(struct release_desk *d, struct view frame)
{
	uint16_t verb;
	struct cursor c;
	if (call_read(frame, &verb, &c)) {
		log_warn("release", "a frame of the keeper: %s", err_text());
		return OK;
	}
	if (verb == KEEPER_HELLO)
		return take_hello(d, &c);
	if (verb == KEEPER_DONE)
		return take_done(d, &c);
	log_warn("release", "a frame of the keeper with verb %u", verb);
	return OK;
}

/* tasks */

static enum err
add_leaf_and_proof(struct release_desk *d, struct vault_txn *t, uint64_t index, struct buf *out)
{
	OWNED_BUF struct buf leaf, checkpoint;
	uint8_t proof[MERKLE_PROOF_MOST_COUNT][HASH_BYTES];
	size_t count = 0;
	buf_init(&leaf, LEAF_MOST_BYTES);
	buf_init(&checkpoint, NOTE_MOST_BYTES);
	enum err e = audit_leaf(t, index, &leaf);
	if (!e)
		e = audit_proof(d->hub->audit, index, proof, &count);
	if (!e)
		e = audit_checkpoint(d->hub->audit, &checkpoint);
	if (e)
		return e;
	buf_u64(out, index);
	buf_blob(out, buf_view(&leaf));
	buf_u32(out, (uint32_t)count);
	buf_add(out, proof, count * HASH_BYTES);
	buf_blob(out, buf_view(&checkpoint));
	return OK;
}

static enum err
make_task(struct release_desk *d, struct vault_txn *t, const struct release *r, struct buf *out)
{
	OWNED_BUF struct buf cohort, row;
	struct view statement, body;
	buf_init(&cohort, COHORT_MAX_BYTES);
	buf_init(&row, STATEMENT_ROW_BYTES);
	call_begin(out, KEEPER_TASK);
	buf_blob_text(out, r->id);
	enum err e = cohort_get(t, r->id, &cohort);
	buf_blob(out, buf_view(&cohort));
	if (!e)
		e = add_leaf_and_proof(d, t, r->frozen_leaf, out);
	if (!e)
		e = release_statement_get(t, r, &row, &statement, &body);
	if (e)
		return e;
	buf_blob(out, statement);
	buf_blob(out, body);
	return buf_check(out, "task of the keeper");
}

static enum err
send_task(struct release_desk *d, struct vault_txn *t, const struct release *r)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, TASK_MAX_BYTES);
	enum err e = make_task(d, t, r, &frame);
	if (e)
		return e;
	e = d->send(d->arg, buf_view(&frame));
	if (e) {
		log_warn("release", "the keeper takes no task now: %s", err_text());
		d->look = true;
		return OK;
	}
	(void)snprintf(d->task, sizeof(d->task), "%s", r->id);
	return OK;
}

/* shelf */

static enum err
put_on_shelf(struct release_desk *d, struct vault_txn *t, const struct release *r)
{
	OWNED_BUF struct buf bytes;
	struct release_staged s;
	buf_init(&bytes, RELEASE_STAGED_MAX_BYTES);
	enum err e = release_staged_get(t, r->id, &bytes, &s);
	return e ? e : shelf_put(d->hub->dir, r->id, s.document);
}

static bool
is_released(void *arg, const char *id)
{
	struct release r;
	enum err e = release_row_get(arg, id, &r);
	/* What cannot be read is left alone. */
	return e ? e != E_NOTFOUND : r.state == RELEASE_RELEASED;
}

/* the look around */

struct look {
	struct release_desk *desk;
	struct vault_txn *txn;
};

/* What one release meets, a full disk or a damaged row, keeps no other one waiting. */
static enum err
bear(struct release_desk *d, const struct release *r, enum err e)
{
	if (!e || e == E_IO)
		return e;
	log_warn("release", "%s: %s", r->id, err_text());
	d->is_behind = true;
	return OK;
}

static enum err
look_at(void *arg, const struct release *r, bool *ret_stop)
{
	struct look *l = arg;
	struct release_desk *d = l->desk;
	(void)ret_stop;
	if (r->state != RELEASE_PROPOSED && strcmp(r->id, d->task) == 0) {
		d->task[0] = '\0';
		d->look = true;
	}
	if (r->state == RELEASE_RELEASED && (!d->is_shelved || !shelf_has(d->hub->dir, r->id)))
		return bear(d, r, put_on_shelf(d, l->txn, r));
	if (r->state == RELEASE_PROPOSED && d->is_open && !d->task[0] &&
		r->frozen_leaf < audit_published_size(d->hub->audit))
		return bear(d, r, send_task(d, l->txn, r));
	return OK;
}

enum err
release_desk_tick(struct release_desk *d)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	const uint64_t size = audit_published_size(d->hub->audit);
	if (!d->look && size == d->seen_size)
		return OK;
	d->look = d->is_behind = false;
	d->seen_size = size;
	enum err e = vault_snapshot(&t, d->hub->vault);
	struct look l = {d, t};
	/* Tasks wait until the recovery is over: the cohort was frozen on more than there
	 * is. */
	if (!e && recovery_is_on(t)) {
		d->look = true;
		return OK;
	}
	if (!e)
		e = release_row_each(t, look_at, &l);
	if (!e && !d->is_shelved) {
		e = shelf_sweep(d->hub->dir, is_released, t);
		d->is_shelved = !e && !d->is_behind;
	}
	if (e || d->is_behind)
		d->look = true; /* again at the next tick */
	return e;
}
