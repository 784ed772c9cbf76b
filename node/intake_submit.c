#include "node/intake_submit.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/intake_sealed.h"

#define NO_MEMORY "The node is taking in as much as it can just now. Please send again."

/* One submission; it lives as long as its exchange, which lives until it is answered. */
struct submit {
	struct intake_door *door;
	struct http_exchange *x;
	struct intake_upload *upload;
	struct intake_forms *forms; /* held: those it began with */
	struct intake_record record;
	size_t counted_bytes; /* of door->under_way_bytes */
	char *collector;
	char *agent;
	int tries;
};

static void ask_code(struct submit *s);

static void
drop(void *kept)
{
	struct submit *s = kept;
	s->door->under_way_bytes -= s->counted_bytes;
	intake_record_done(&s->record);
	intake_upload_free(s->upload);
	intake_forms_free(s->forms);
	free(s->collector);
	free(s->agent);
	free(s);
}

/* what came wrong */

static void
say_unreadable(struct submit *s, enum openrosa_outcome outcome)
{
	OWNED_MEM char *words =
		xasprintf("This cannot be read: %s. Nothing was saved.", err_text());
	intake_door_say(s->x, outcome, words);
}

static void
refuse(struct submit *s, enum err e, enum openrosa_outcome otherwise)
{
	if (e == E_NOTFOUND) {
		intake_door_say(s->x, OPENROSA_NO_XML, NULL);
	} else if (e == E_FULL) {
		intake_door_say(s->x, OPENROSA_TOO_LARGE, NULL);
	} else {
		OWNED_MEM char *words =
			xasprintf("This cannot be read: %s. Nothing was saved.", err_text());
		intake_door_say(s->x, otherwise, words);
	}
}

/* Takes part of what all uploads may hold; false: it was answered. */
static bool
count_memory(struct submit *s)
{
	size_t bytes = intake_upload_bytes(s->upload);
	struct intake_door *d = s->door;
	if (d->under_way_bytes - s->counted_bytes + bytes > d->memory_bytes) {
		intake_upload_free(take(s->upload));
		intake_door_say(s->x, OPENROSA_BUSY, NO_MEMORY);
		return false;
	}
	d->under_way_bytes += bytes - s->counted_bytes;
	s->counted_bytes = bytes;
	return true;
}

/* the request */

/* A body in chunks may be as long as any: it counts as the longest, and lies in one piece. */
static uint64_t
most_bytes(const struct intake_door *d, const struct http_exchange *x)
{
	return http_header(x, "Transfer-Encoding") ? MIN(d->max_bytes, d->memory_bytes)
						   : http_announced_bytes(x);
}

void
intake_submit_begin(struct http_exchange *x, void *door)
{
	struct intake_door *d = door;
	uint64_t announced = most_bytes(d, x);
	const char *agent = http_header(x, "User-Agent");
	struct intake_collector *c = intake_door_admit(d, x, announced, true);
	if (!c)
		return;
	struct submit *s = xcalloc(1, sizeof(*s));
	http_keep(x, s, drop);
	s->door = d;
	s->x = x;
	s->forms = intake_forms_hold(d->forms);
	s->collector = xstrdup(c->id);
	s->agent = xmemdup(agent ? agent : "",
		agent && text_is_plain(agent) ? MIN(strlen(agent), INTAKE_AGENT_MAX_BYTES) : 0);
	enum err e = intake_upload_open(
		&s->upload, http_header(x, "Content-Type"), announced, d->max_bytes);
	if (e)
		refuse(s, e, OPENROSA_BAD_MULTIPART);
	else
		(void)count_memory(s);
}

void
intake_submit_piece(struct http_exchange *x, struct view piece, void *door)
{
	struct submit *s = http_kept(x);
	(void)door;
	enum err e = intake_upload_add(s->upload, piece);
	if (e)
		refuse(s, e, OPENROSA_BAD_MULTIPART);
	else
		(void)count_memory(s);
}

/* what sync says */

static enum openrosa_outcome
outcome_of(enum submit_outcome said)
{
	switch (said) {
	case SUBMIT_NEW:
		return OPENROSA_NEW;
	case SUBMIT_SAME:
		return OPENROSA_SAME;
	case SUBMIT_FILES_ADDED:
		return OPENROSA_FILES_ADDED;
	case SUBMIT_EDITED:
		return OPENROSA_EDITED;
	case SUBMIT_BRANCH:
		return OPENROSA_BRANCH;
	case SUBMIT_HELD:
		return OPENROSA_HELD;
	case SUBMIT_WAITING_FILES:
		return OPENROSA_WAITING_FILES;
	case SUBMIT_DELETED:
		return OPENROSA_DELETED;
	case SUBMIT_UNKNOWN_DEPRECATED:
		return OPENROSA_UNKNOWN_DEPRECATED;
	case SUBMIT_CLOSED:
		return OPENROSA_CLOSED;
	case SUBMIT_REVOKED:
		return OPENROSA_BAD_TOKEN;
	}
	return OPENROSA_BROKEN;
}

static void
answer_error(struct submit *s, enum err e)
{
	if (e == E_ABSENT || e == E_BUSY || e == E_NOTFOUND) {
		intake_door_say(s->x, OPENROSA_BUSY, NULL);
	} else if (e == E_FULL) {
		intake_door_say(s->x, OPENROSA_FULL, NULL);
	} else {
		log_error("intake", "a submission could not be handed on: %s", err_text());
		intake_door_say(s->x, OPENROSA_BROKEN, NULL);
	}
}

static void
note_facts(struct submit *s, uint64_t number)
{
	s->door->facts_wanted = MAX(s->door->facts_wanted, number);
}

static void
on_submitted(void *arg, enum err e, struct cursor *c)
{
	struct submit *s = arg;
	if (e == E_BUSY && s->tries < INTAKE_TRIES_COUNT) {
		ask_code(s);
		return;
	}
	if (e) {
		answer_error(s, e);
		return;
	}
	note_facts(s, cursor_u64(c));
	uint8_t said = cursor_u8(c);
	OWNED_MEM char *words = cursor_text(c, INTAKE_REASON_MAX_BYTES);
	if (cursor_end(c, "answer of sync"))
		answer_error(s, E_FORMAT);
	else
		intake_door_say(s->x, outcome_of((enum submit_outcome)said), words);
}

/* Frames of one request follow each other; their answers but the last one say nothing. */
static enum err
send_frames(struct submit *s, const struct buf *request)
{
	enum err e = OK;
	for (size_t at = 0; !e && at < request->len; at += SUBMIT_FRAME_BYTES) {
		OWNED_BUF struct buf frame;
		size_t len = MIN(request->len - at, SUBMIT_FRAME_BYTES);
		bool more = at + len < request->len;
		buf_init(&frame, SUBMIT_FRAME_BYTES + 16);
		buf_u8(&frame, more);
		buf_add(&frame, request->at + at, len);
		struct intake_question q = {
			SYNC_SUBMIT, buf_view(&frame), more ? NULL : on_submitted, s};
		e = intake_link_ask(s->door->link, &q);
		if (e && at > 0)
			intake_link_cut(s->door->link, "a submission could not be sent whole");
	}
	return e;
}

static void
hand_on(struct submit *s)
{
	OWNED_BUF struct buf request;
	buf_init(&request, SUBMIT_MAX_BYTES);
	enum err e = intake_sealed_add(&s->record, &request);
	if (e == E_FULL) {
		intake_door_say(s->x, OPENROSA_TOO_LARGE, NULL);
		return;
	}
	if (!e)
		e = send_frames(s, &request);
	if (e)
		answer_error(s, e);
}

/* the pseudonym */

static void
on_code(void *arg, enum err e, struct cursor *c)
{
	struct submit *s = arg;
	uint8_t pseudonym[ID_BYTES];
	if (e) {
		answer_error(s, e);
		return;
	}
	note_facts(s, cursor_u64(c));
	uint32_t count = cursor_u32(c);
	bool known = cursor_u8(c);
	cursor_copy(c, pseudonym, ID_BYTES);
	if (cursor_end(c, "answer of sync") || count != 1) {
		answer_error(s, E_FORMAT);
		return;
	}
	intake_record_owner(&s->record, known, pseudonym);
	hand_on(s);
}

static void
ask_code(struct submit *s)
{
	OWNED_WIPED struct buf fields;
	buf_init(&fields, 4 + 4 + INTAKE_CODE_BYTES);
	s->tries++;
	if (!s->record.code[0]) {
		hand_on(s);
		return;
	}
	buf_u32(&fields, 1);
	buf_blob_text(&fields, s->record.code);
	struct intake_question q = {SYNC_CODES, buf_view(&fields), on_code, s};
	enum err e = intake_link_ask(s->door->link, &q);
	if (e)
		answer_error(s, e);
}

void
intake_submit_serve(struct http_exchange *x, void *door)
{
	struct submit *s = http_kept(x);
	(void)door;
	if (http_is_answered(x))
		return;
	enum err e = intake_upload_end(s->upload);
	if (e) {
		refuse(s, e, OPENROSA_BAD_MULTIPART);
		return;
	}
	s->record.upload = s->upload;
	s->record.site = &s->forms->facts->site;
	s->record.collector = s->collector;
	s->record.agent = s->agent;
	s->record.now_ms = clock_wall_ms();
	e = intake_record_read(&s->record, s->forms);
	if (e == E_NOTFOUND)
		intake_door_say(x, OPENROSA_UNKNOWN_FORM, NULL);
	else if (e)
		say_unreadable(s, OPENROSA_BAD_XML);
	else
		ask_code(s);
}

void
intake_submit_head(struct http_exchange *x, void *door)
{
	if (intake_door_admit(door, x, 0, true))
		http_answer(x, 204, NULL, view_of(NULL, 0));
}
