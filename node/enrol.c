#include "node/enrol.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_sync.h"
#include "common/net/link.h"
#include "common/trust/card.h"
#include "common/trust/transcript.h"

#define FRAME_PLAIN      2 /* kind byte of a frame that carries a plain message */
#define FRAME_MAX_BYTES  8192
#define REPEAT_MS        1000
#define WORDS_ROOM_BYTES (SYNC_WORDS_MAX_BYTES + 1)
#define SENTENCE_BYTES   1024

struct enrol {
	const struct enrol_ask *ask;
	struct hubcard *card;
	struct reactor *reactor;
	struct link_context *context;
	struct link *link;
	struct secret *key; /* CURVE, made from the invitation */
	uint8_t transcript[HASH_BYTES];
	uint8_t nonce[WIRE_ID_BYTES];
	struct buf request;
	struct wire_arena arena;
	int64_t began_ms;
	bool up, down, refused, answered, unproved;
	enum err result;
	char sentence[SENTENCE_BYTES]; /* of result; later failures would replace it */
};

/* the request */

static enum err
make_request(struct enrol *n)
{
	const struct enrol_ask *a = n->ask;
	struct enrolment e = {0};
	struct sync_msg m = {.kind = SYNC_ENROL_REQ};
	struct sync_enrol_req *q = &m.enrol_req;
	invite_keys(e.enrol_public, &n->key, a->invite->secret);
	memcpy(e.invite, a->invite->id, sizeof(e.invite));
	memcpy(e.hub_public, a->invite->hub_public, sizeof(e.hub_public));
	memcpy(e.root_hash, a->invite->root_hash, sizeof(e.root_hash));
	memcpy(e.writer, a->keys->writer_public, sizeof(e.writer));
	memcpy(e.transport, a->keys->transport_public, sizeof(e.transport));
	memcpy(e.box, a->keys->box_public, sizeof(e.box));
	memcpy(e.review, a->review_public, sizeof(e.review));
	memcpy(e.witness, a->keys->witness_public, sizeof(e.witness));
	transcript_hash(n->transcript, &e);
	memcpy(q->invite, e.invite, sizeof(q->invite));
	memcpy(q->proof, n->transcript, sizeof(q->proof));
	memcpy(q->writer, e.writer, sizeof(q->writer));
	memcpy(q->transport, e.transport, sizeof(q->transport));
	memcpy(q->node, e.box, sizeof(q->node));
	memcpy(q->review, e.review, sizeof(q->review));
	memcpy(q->witness, e.witness, sizeof(q->witness));
	q->name = view_text(a->name);
	crypto_random(n->nonce, sizeof(n->nonce));
	memcpy(q->nonce, n->nonce, sizeof(q->nonce));
	buf_u8(&n->request, FRAME_PLAIN);
	enum err r = sync_pack(&n->request, &m);
	return r ? r : buf_check(&n->request, "request to join");
}

static void
finish(struct enrol *n, enum err result)
{
	n->result = result;
	(void)snprintf(n->sentence, sizeof(n->sentence), "%s", result ? err_text() : "");
	reactor_stop(n->reactor);
}

static void
send_request(struct enrol *n)
{
	/* What is not sent now is sent in a second. */
	if (n->up && !n->down && link_send(n->link, view_of(NULL, 0), buf_view(&n->request)))
		n->down = true;
}

/* the answer */

static enum err
copy_name(char *ret, size_t room, struct view name, const char *what)
{
	if (name.len == 0 || name.len >= room || memchr(name.at, '\0', name.len))
		return fail(E_FORMAT, "the hub's answer names no %s", what);
	(void)snprintf(ret, room, "%.*s", (int)name.len, (const char *)name.at);
	for (const char *c = ret; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '"' || *c == '\\')
			return fail(E_FORMAT, "the %s in the hub's answer is not of its form",
				what);
	return OK;
}

static enum err
take_admission(struct enrol *n, const struct sync_enrol_ok *ok)
{
	const struct enrol_ask *a = n->ask;
	struct hubcard card = {.joined_s = clock_wall_ms() / 1000};
	card_root_hash(card.root_hash, ok->root);
	if (memcmp(card.root_hash, a->invite->root_hash, HASH_BYTES) != 0)
		return fail(E_AUTH,
			"the hub shows another study root than the invitation names: do not go "
			"on, ask the research team");
	enum err e = copy_name(card.site, sizeof(card.site), ok->site, "site");
	if (!e)
		e = copy_name(card.study, sizeof(card.study), ok->words, "study");
	if (e)
		return e;
	(void)snprintf(card.address, sizeof(card.address), "%s", a->invite->address);
	memcpy(card.hub_public, a->invite->hub_public, sizeof(card.hub_public));
	memcpy(card.root_public, ok->root, sizeof(card.root_public));
	memcpy(card.ledger_public, ok->ledger, sizeof(card.ledger_public));
	memcpy(card.receipt_public, ok->receipt, sizeof(card.receipt_public));
	memcpy(card.writer, a->keys->writer_public, sizeof(card.writer));
	memcpy(card.review_public, a->review_public, sizeof(card.review_public));
	*n->card = card;
	return OK;
}

static enum err
refusal(const struct sync_enrol_ok *ok)
{
	char words[WORDS_ROOM_BYTES];
	(void)snprintf(
		words, sizeof(words), "%.*s", (int)ok->words.len, (const char *)ok->words.at);
	for (char *c = words; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return fail(E_DENIED, "the hub refuses: %s", words);
}

static void
on_answer(struct enrol *n, const struct sync_enrol_ok *ok)
{
	char groups[INVITE_GROUPS_BYTES];
	switch (ok->status) {
	case SYNC_ENROL_WAITING:
		if (n->answered)
			return;
		n->answered = true;
		invite_groups(groups, n->transcript);
		n->ask->waiting(n->ask->arg, groups);
		return;
	case SYNC_ENROL_ADMITTED:
		finish(n, take_admission(n, ok));
		return;
	case SYNC_ENROL_REFUSED:
		finish(n, refusal(ok));
		return;
	}
}

/* the connection */

static void
on_message(struct reactor *r, void *arg)
{
	struct enrol *n = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct sync_msg msg;
	(void)r;
	if (link_recv(n->link, &m) || m->payload.len < 1 || m->payload.len > FRAME_MAX_BYTES ||
		m->payload.at[0] != FRAME_PLAIN)
		return;
	n->arena.used = 0;
	if (sync_unpack(&msg, &n->arena, view_of(m->payload.at + 1, m->payload.len - 1)))
		return;
	if (msg.kind != SYNC_ENROL_OK ||
		memcmp(msg.enrol_ok.nonce, n->nonce, sizeof(n->nonce)) != 0)
		return;
	on_answer(n, &msg.enrol_ok);
}

static void
on_event(struct reactor *r, void *arg, enum link_event event)
{
	struct enrol *n = arg;
	(void)r;
	switch (event) {
	case LINK_UP:
		n->up = true;
		n->refused = false;
		send_request(n);
		return;
	case LINK_REFUSED:
		n->refused = true;
		n->down = true;
		return;
	case LINK_DOWN:
		n->unproved = !n->up && link_reached(n->link);
		n->down = true;
		return;
	}
}

static enum err
connect_hub(struct enrol *n)
{
	struct link_client client = {.address = n->ask->invite->address, .key = n->key};
	if (n->ask->socks && n->ask->socks[0])
		client.socks = n->ask->socks;
	memcpy(client.server, n->ask->invite->hub_public, sizeof(client.server));
	n->up = n->down = false;
	enum err e = link_connect_curve(&n->link, n->context, &client);
	if (e)
		return e;
	link_watch(n->link, n->reactor, on_message, n);
	link_on_event(n->link, on_event, n);
	return OK;
}

static enum err
nobody(const struct enrol *n)
{
	if (n->refused)
		return fail(E_DENIED, "the hub does not know this invitation: ask the research "
				      "team for a new "
				      "one");
	if (n->unproved)
		return fail(E_AUTH,
			"what listens at %s did not prove to be the hub of this invitation: "
			"ask the research team for the hub's address, and whoever runs the "
			"network what stands between",
			n->ask->invite->address);
	return fail(E_ABSENT,
		"the hub did not answer at %s within %d s: is it running, and does a firewall "
		"stand between?",
		n->ask->invite->address, (int)(n->ask->wait_ms / 1000));
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct enrol *n = arg;
	int64_t left_ms = n->began_ms + n->ask->wait_ms - clock_mono_ms();
	(void)r;
	if (!n->answered && left_ms <= 0) {
		finish(n, nobody(n));
		return;
	}
	if (!n->answered)
		n->ask->trying(n->ask->arg, left_ms);
	if (!n->down) {
		send_request(n);
		return;
	}
	link_free(take(n->link));
	enum err e = connect_hub(n);
	if (e)
		finish(n, e);
}

static void
enrol_done(struct enrol *n)
{
	link_free(n->link);
	reactor_free(n->reactor);
	link_context_free(n->context);
	secret_free(n->key);
	buf_done(&n->request);
	mem_drop(&n->arena.at);
}

enum err
enrol_run(const struct enrol_ask *ask, struct hubcard *ret)
{
	OWNED_BY(enrol_done)
	struct enrol n = {.ask = ask, .card = ret, .began_ms = clock_mono_ms()};
	*ret = (struct hubcard){0};
	buf_init(&n.request, FRAME_MAX_BYTES);
	n.arena.room = sync_arena_bytes(FRAME_MAX_BYTES);
	n.arena.at = xcalloc(n.arena.room, 1);
	enum err e = make_request(&n);
	if (!e)
		e = reactor_open(&n.reactor);
	if (e)
		return e;
	n.context = link_context_new();
	e = connect_hub(&n);
	if (e)
		return e;
	(void)reactor_timer(n.reactor, REPEAT_MS, REPEAT_MS, on_tick, &n);
	n.result = E_BUSY;
	(void)snprintf(n.sentence, sizeof(n.sentence),
		"joining was stopped; run it again with the same invitation");
	e = reactor_run(n.reactor);
	if (!e && n.result)
		e = fail(n.result, "%s", n.sentence);
	return e;
}
