#include "hub/ledger_inside.h"

#include "common/base/mem.h"
#include "common/net/call.h"

#include "hub/acts.h"
#include "hub/answers.h"
#include "hub/bundles.h"
#include "hub/ipc.h"
#include "hub/study.h"
#include "hub/upkeep.h"

/* An act stands alone: what came before it in the turn is kept first, and its own failure takes
 * only itself away. */
static enum err
submit(struct ledger *l, struct cursor *c, struct buf *json)
{
	struct view statement = cursor_blob(c);
	struct view body = cursor_blob(c);
	enum err e = cursor_end(c, "act");
	if (e)
		return e;
	e = ledger_keep_turn(l);
	if (e) {
		l->fatal = e;
		return e;
	}
	e = acts_apply(&l->hub, statement, body, json);
	if (!e)
		return OK;
	char *words = xstrdup(err_text());
	if (ledger_forget_turn(l))
		l->fatal = E_IO;
	e = fail(e, "%s", words);
	mem_drop(&words);
	return e;
}

static enum err
ask(struct ledger *l, struct cursor *c, struct buf *json)
{
	const struct answers from = {&l->hub, l->ingest, l->desk, l->started_s};
	OWNED_MEM char *question = cursor_text(c, LEDGER_PEER_BYTES);
	struct view args = cursor_blob(c);
	enum err e = cursor_end(c, "question");
	return e ? e : answers_give(&from, question, args, json);
}

static enum err
look_after(struct ledger *l, struct cursor *c, struct buf *json)
{
	OWNED_MEM char *name = cursor_text(c, LEDGER_PEER_BYTES);
	struct view args = cursor_blob(c);
	enum err e = cursor_end(c, "request");
	return e ? e : upkeep_do(&l->hub, l->ingest, name, args, json);
}

static enum err
document(struct ledger *l, struct cursor *c, struct buf *hash)
{
	struct view bytes = cursor_blob(c);
	enum err e = cursor_end(c, "document");
	return e ? e : study_document(&l->hub, bytes, hash);
}

/* What spoils the turn is said to everybody whose answer stands on it. */
static enum err
bundle(struct ledger *l, bool by_web, const struct link_message *m, uint16_t verb,
	struct cursor *c, struct buf *answer)
{
	bool spoils = false;
	const struct bundles_ask ask = {verb, by_web, m->peer, c};
	enum err e = bundles_serve(l->bundles, &ask, answer, &spoils);
	if (e && spoils)
		ledger_note(l, e, "bundle");
	return e;
}

void
ledger_on_command(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	OWNED(link_message) struct link_message *m = NULL;
	OWNED_BUF struct buf answer;
	struct cursor c;
	uint16_t verb = 0;
	buf_init(&answer, LEDGER_REPLY_MAX_BYTES);
	(void)r;
	if (link_recv(l->commands, &m))
		return;
	enum err e = call_read(m->payload, &verb, &c);
	if (!e && verb == LEDGER_SUBMIT)
		e = submit(l, &c, &answer);
	else if (!e && verb == LEDGER_DOCUMENT)
		e = document(l, &c, &answer);
	else if (!e && verb == LEDGER_ASK)
		e = ask(l, &c, &answer);
	else if (!e && verb == LEDGER_DO)
		e = look_after(l, &c, &answer);
	else if (!e && bundles_knows(verb))
		e = bundle(l, false, m, verb, &c, &answer);
	else if (!e)
		e = fail(E_FORMAT, "the ledger does not know this request");
	if (!e)
		e = buf_check(&answer, "the ledger's answer");
	struct buf *frame = ledger_add_reply(l, l->commands, m->peer);
	call_answer(frame, e);
	if (!e && (verb == LEDGER_DOCUMENT || bundles_knows(verb)))
		buf_add_view(frame, buf_view(&answer));
	else if (!e)
		buf_blob(frame, buf_view(&answer));
}

/* web carries bundles and may ask for nothing else. */
void
ledger_on_web(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	OWNED(link_message) struct link_message *m = NULL;
	OWNED_BUF struct buf answer;
	struct cursor c;
	uint16_t verb = 0;
	buf_init(&answer, LEDGER_REPLY_MAX_BYTES);
	(void)r;
	if (link_recv(l->web, &m))
		return;
	enum err e = call_read(m->payload, &verb, &c);
	if (!e && !bundles_knows(verb))
		e = fail(E_DENIED, "this socket is for bundles only");
	if (!e)
		e = bundle(l, true, m, verb, &c, &answer);
	struct buf *frame = ledger_add_reply(l, l->web, m->peer);
	call_answer(frame, e);
	if (!e)
		buf_add_view(frame, buf_view(&answer));
}
