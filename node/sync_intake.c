#include "node/sync_intake.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"

#include "node/sync_codes.h"
#include "node/sync_collectors.h"
#include "node/sync_counts.h"
#include "node/sync_held.h"
#include "node/sync_hold_walk.h"
#include "node/sync_kept.h"
#include "node/sync_late.h"
#include "node/sync_submit.h"

#define MS_PER_S        1000
#define UPLOAD_IDLE_MS  60000
#define PEER_MAX_BYTES  255
#define TICKS_PER_COUNT 21600   /* counts are looked at every six hours */
#define META_FACTS      "facts" /* changes of what SYNC_FACTS says, u64 */
#define FACTS_PER_STUDY ((uint64_t)1 << 32)

/* A request of several frames, and whose it is. */
struct upload {
	struct buf bytes;
	uint8_t peer[PEER_MAX_BYTES];
	size_t peer_len;
	int64_t heard_ms;
	bool used;
};

struct sync_intake {
	struct sync_intake_setup setup;
	struct upload uploads[INTAKE_UPLOADS_COUNT];
	struct sync_hold_walk holds;
	struct sync_kept_place kept;
	uint64_t ticks;
};

struct sync_intake *
sync_intake_new(const struct sync_intake_setup *setup)
{
	struct sync_intake *s = xcalloc(1, sizeof(*s));
	s->setup = *setup;
	return s;
}

static void
forget(struct upload *u)
{
	if (u->used)
		buf_done(&u->bytes);
	u->used = false;
}

void
sync_intake_free(struct sync_intake *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < INTAKE_UPLOADS_COUNT; i++)
		forget(&s->uploads[i]);
	mem_drop(&s);
}

struct sync_judge
sync_intake_judge(const struct sync_intake *s)
{
	struct sync_judge j = {.vault = s->setup.vault,
		.pack = sync_config_pack(s->setup.config),
		.site = s->setup.card->site,
		.study = sync_config_number(s->setup.config),
		.over_s = sync_config_over_s(s->setup.config),
		.now_ms = clock_wall_ms()};
	j.past = sync_config_past(s->setup.config, &j.past_count);
	j.terms = sync_config_terms(s->setup.config);
	const struct wire_manifest *m = sync_config_manifest(s->setup.config);
	j.intake = m ? m->intake[m->intake_count - 1].number : 0;
	j.intake_first = m ? m->intake[0].number : 0;
	return j;
}

/* facts */

static enum err
read_changes(struct sync_intake *s, uint64_t *ret)
{
	struct view row;
	*ret = 0;
	enum err e = vault_get(s->setup.vault, VAULT_META, view_text(META_FACTS), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	*ret = cursor_u64(&c);
	return cursor_end(&c, "changes of facts");
}

static enum err
put_facts_number(struct sync_intake *s, struct buf *answer)
{
	uint64_t changes;
	enum err e = read_changes(s, &changes);
	buf_u64(answer, sync_config_number(s->setup.config) * FACTS_PER_STUDY + changes);
	return e;
}

enum err
sync_intake_changed(struct sync_intake *s)
{
	OWNED_BUF struct buf b;
	uint64_t changes;
	enum err e = read_changes(s, &changes);
	buf_init(&b, 8);
	buf_u64(&b, changes + 1);
	return e ? e
		 : vault_put(s->setup.vault, VAULT_META, view_text(META_FACTS), buf_view(&b));
}

enum err
sync_intake_facts(struct sync_intake *s, struct buf *answer)
{
	struct sync_judge j = sync_intake_judge(s);
	enum err e = put_facts_number(s, answer);
	buf_u32(answer, (uint32_t)j.past_count);
	buf_u32(answer, j.pack ? (uint32_t)j.pack->form_count : 0);
	for (size_t i = 0; j.pack && i < j.pack->form_count; i++) {
		const struct form *f = j.pack->forms[i];
		buf_blob_text(answer, f->id);
		buf_blob_text(answer, f->version);
		buf_u8(answer, (uint8_t)sync_judge_state(&j, f->id));
	}
	return e ? e : sync_collectors_facts(s->setup.vault, answer);
}

static enum err
serve_past(struct sync_intake *s, struct cursor *fields, struct buf *answer)
{
	size_t count, documents;
	const struct pack *const *past = sync_config_past(s->setup.config, &count);
	uint32_t index = cursor_u32(fields);
	enum err e = cursor_end(fields, "number of an earlier study");
	if (!e && index >= count)
		e = fail(E_NOTFOUND, "there is no earlier study of this number");
	if (e)
		return e;
	const struct pack_document *list = pack_documents(past[index], &documents);
	buf_u32(answer, (uint32_t)documents);
	for (size_t i = 0; !e && i < documents; i++)
		e = sync_config_document(s->setup.config, answer, list[i].name, list[i].bytes);
	return e;
}

/* submissions */

static size_t
all_bytes(const struct sync_intake *s)
{
	size_t bytes = 0;
	for (size_t i = 0; i < INTAKE_UPLOADS_COUNT; i++)
		bytes += s->uploads[i].used ? s->uploads[i].bytes.len : 0;
	return bytes;
}

/* The peer's upload; one for a new peer if there is room; NULL. */
static struct upload *
find_upload(struct sync_intake *s, struct view peer, bool make)
{
	struct upload *free_one = NULL;
	int64_t now_ms = clock_mono_ms();
	for (size_t i = 0; i < INTAKE_UPLOADS_COUNT; i++) {
		struct upload *u = &s->uploads[i];
		if (u->used && now_ms - u->heard_ms > UPLOAD_IDLE_MS)
			forget(u);
		if (u->used && view_same(view_of(u->peer, u->peer_len), peer))
			return u;
		if (!u->used)
			free_one = u;
	}
	if (!make || !free_one || peer.len > PEER_MAX_BYTES)
		return NULL;
	free_one->used = true;
	free_one->peer_len = peer.len;
	memcpy(free_one->peer, peer.at, peer.len);
	buf_init(&free_one->bytes, SUBMIT_MAX_BYTES);
	return free_one;
}

static enum err
submit(struct sync_intake *s, struct view request, struct buf *answer, bool *ret_spoiled)
{
	struct sync_judge j = sync_intake_judge(s);
	struct sync_submitted done;
	enum err e = sync_submit(&j, request, &done);
	*ret_spoiled = e && done.put;
	if (!e)
		e = put_facts_number(s, answer);
	buf_u8(answer, (uint8_t)done.outcome);
	buf_blob_text(answer, done.words ? done.words : "");
	return e;
}

static enum err
serve_submit(struct sync_intake *s, const struct sync_intake_ask *ask, struct buf *answer,
	bool *ret_spoiled)
{
	uint8_t more = cursor_u8(ask->fields);
	struct view bytes = view_of(ask->fields->at, ask->fields->left);
	if (ask->fields->broken || more > 1)
		return fail(E_FORMAT, "a frame of a submission is not of its form");
	struct upload *u = find_upload(s, ask->peer, more);
	if (!u && !more)
		return submit(s, bytes, answer, ret_spoiled);
	if (!u || all_bytes(s) + bytes.len > SUBMIT_ALL_BYTES)
		return fail(E_BUSY, "too much is being sent at once: try again");
	u->heard_ms = clock_mono_ms();
	buf_add_view(&u->bytes, bytes);
	enum err e = buf_check(&u->bytes, "submission");
	if (!e && !more)
		e = submit(s, buf_view(&u->bytes), answer, ret_spoiled);
	if (e || !more)
		forget(u);
	return e;
}

/* the other verbs */

static enum err
serve_collector(struct sync_intake *s, const struct sync_intake_ask *ask)
{
	int64_t now_s = clock_wall_ms() / MS_PER_S;
	enum err e = ask->verb == SYNC_COLLECTOR_ADD
			     ? sync_collectors_add(s->setup.vault, ask->fields, now_s)
			     : sync_collectors_revoke(s->setup.vault, ask->fields, now_s);
	return e ? e : sync_intake_changed(s);
}

static enum err
serve_codes(struct sync_intake *s, struct cursor *fields, struct buf *answer)
{
	enum err e = put_facts_number(s, answer);
	return e ? e : sync_codes_look(s->setup.vault, fields, answer);
}

static enum err
serve_judged(struct sync_intake *s, const struct sync_intake_ask *ask, struct buf *answer)
{
	struct sync_judge j = sync_intake_judge(s);
	struct sync_counts_site site = {.judge = &j,
		.manifest = sync_config_manifest(s->setup.config),
		.card = s->setup.card};
	switch (ask->verb) {
	case SYNC_HELD_DECIDE:
		return sync_held_decide(&j, ask->fields, answer);
	case SYNC_COUNTS:
		return sync_counts_show(&site, answer);
	default:
		return sync_counts_set(&site, ask->fields, answer);
	}
}

bool
sync_intake_knows(uint16_t verb)
{
	return verb >= SYNC_CODES && verb <= SYNC_COUNTS_SET;
}

bool
sync_intake_writes(uint16_t verb)
{
	return verb == SYNC_SUBMIT || verb == SYNC_MAKE_CODES || verb == SYNC_COLLECTOR_ADD ||
	       verb == SYNC_COLLECTOR_REVOKE || verb == SYNC_HELD_DECIDE ||
	       verb == SYNC_COUNTS_SET;
}

enum err
sync_intake_serve(struct sync_intake *s, const struct sync_intake_ask *ask, struct buf *answer,
	bool *ret_spoiled)
{
	enum err e;
	*ret_spoiled = false;
	switch (ask->verb) {
	case SYNC_CODES:
		return serve_codes(s, ask->fields, answer);
	case SYNC_SUBMIT:
		return serve_submit(s, ask, answer, ret_spoiled);
	case SYNC_PAST:
		return serve_past(s, ask->fields, answer);
	case SYNC_COLLECTORS:
		return sync_collectors_list(s->setup.vault, ask->fields, answer);
	case SYNC_HELD:
		return sync_held_list(s->setup.vault, ask->fields, answer);
	case SYNC_MAKE_CODES:
		e = sync_codes_make(s->setup.vault, ask->fields, answer);
		break;
	case SYNC_COLLECTOR_ADD:
	case SYNC_COLLECTOR_REVOKE:
		e = serve_collector(s, ask);
		break;
	default:
		e = serve_judged(s, ask, answer);
		break;
	}
	*ret_spoiled = e == E_FULL || e == E_IO;
	return e;
}

static void
warn_of(enum err e)
{
	if (e)
		log_warn("sync", "%s", err_text());
}

void
sync_intake_tick(struct sync_intake *s)
{
	struct sync_judge j = sync_intake_judge(s);
	uint32_t made;
	struct sync_counts_site site = {.judge = &j,
		.manifest = sync_config_manifest(s->setup.config),
		.card = s->setup.card};
	warn_of(sync_terms_tick(sync_config_word(s->setup.config)));
	warn_of(sync_hold_walk_tick(&j, &s->holds));
	if (site.manifest)
		warn_of(sync_kept_tick(&j, site.manifest->time_s, &s->kept));
	if (site.manifest)
		warn_of(sync_late_tick(&j, site.manifest->time_s));
	if (j.pack && s->ticks++ % TICKS_PER_COUNT == 0)
		warn_of(sync_counts_send(&site, &made));
}
