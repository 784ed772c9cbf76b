#include "node/sync_answers.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"

struct sync_answers {
	struct link *door;
	struct sync_answer *list; /* room for the next power of two */
	size_t count;
};

struct sync_answers *
sync_answers_new(struct link *door)
{
	struct sync_answers *s = xcalloc(1, sizeof(*s));
	s->door = door;
	return s;
}

void
sync_answers_free(struct sync_answers *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		buf_done(&s->list[i].frame);
	mem_drop(&s->list);
	mem_drop(&s);
}

struct sync_answer *
sync_answers_begin(struct sync_answers *s, struct view peer)
{
	if (peer.len > SYNC_PEER_MAX_BYTES)
		return NULL;
	if ((s->count & (s->count - 1)) == 0)
		s->list = xrealloc(s->list, MAX(s->count * 2, (size_t)1), sizeof(*s->list));
	struct sync_answer *a = &s->list[s->count++];
	*a = (struct sync_answer){.peer_len = peer.len};
	memcpy(a->peer, peer.at, peer.len);
	buf_init(&a->frame, CALL_MAX_BYTES);
	call_answer(&a->frame, OK);
	return a;
}

void
sync_answers_refuse(struct sync_answer *a, enum err code)
{
	a->wrote = false;
	buf_reset(&a->frame);
	call_answer(&a->frame, code);
}

void
sync_answers_send(struct sync_answers *s, enum err result)
{
	for (size_t i = 0; i < s->count; i++) {
		struct sync_answer *a = &s->list[i];
		if (result && a->wrote)
			sync_answers_refuse(a, result);
		if (link_send(s->door, view_of(a->peer, a->peer_len), buf_view(&a->frame)))
			log_warn("sync", "an answer was not taken: %s", err_text());
		buf_done(&a->frame);
	}
	s->count = 0;
}
