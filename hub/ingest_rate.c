#include "hub/ingest_rate.h"

static bool
may(int64_t *spent_ms, int64_t every_ms, int64_t count, int64_t mono_ms)
{
	int64_t next_ms = MAX(*spent_ms, mono_ms) + every_ms;
	if (next_ms > mono_ms + count * every_ms)
		return false;
	*spent_ms = next_ms;
	return true;
}

bool
ingest_may_greet(struct node *n, int64_t mono_ms)
{
	return may(&n->greeted_ms, GREET_EVERY_MS, GREET_COUNT, mono_ms);
}

bool
ingest_is_question(const struct sync_msg *m)
{
	return m->kind == SYNC_PULL || m->kind == SYNC_PROBE || m->kind == SYNC_LOG_GET ||
	       m->kind == SYNC_CFG_GET;
}

/* None goes ahead of the one that waits. */
bool
ingest_may_ask(struct node *n, int64_t mono_ms)
{
	return n->question.len == 0 && may(&n->asked_ms, ASK_EVERY_MS, ASK_COUNT, mono_ms);
}

bool
ingest_ask_later(struct node *n, struct view plain)
{
	if (n->question.len)
		return false;
	buf_add_view(&n->question, plain);
	return true;
}

bool
ingest_ask_now(struct node *n, int64_t mono_ms, struct buf *ret_plain)
{
	if (n->question.len == 0 || !may(&n->asked_ms, ASK_EVERY_MS, ASK_COUNT, mono_ms))
		return false;
	*ret_plain = n->question;
	buf_init(&n->question, QUESTION_MAX_BYTES);
	return true;
}
