#include "node/sync_link.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"

#define TICK_MS             1000
#define ROUNDS_MAX_COUNT    8
#define SENTENCE_BYTES      512
#define CONNECT_FIRST_MS    500
#define CONNECT_MOST_MS     30000
#define REFUSED_TEXT        "the hub does not admit this node"
#define CONFIG_REFUSED_TEXT "a new version of the study was refused"

struct sync_link {
	struct sync_link_site site;
	struct sync_session *session;
	struct sync_pace *pace; /* NULL: nothing is held back */
	struct link *link;
	bool drop;         /* free the link at the end of the turn */
	uint64_t reopen;   /* timer */
	int64_t reopen_ms; /* to start it with; -1: none asked for */
	uint64_t tick;     /* timer */
	unsigned tries;    /* connections that never came up, in a row */
	bool refused;
	enum err error; /* of a handler in this turn, and its sentence */
	char sentence[SENTENCE_BYTES];
};

/* for the session */

static enum err
send_frame(void *arg, struct view frame)
{
	struct sync_link *l = arg;
	if (!l->link || l->drop)
		return OK;
	return link_send(l->link, view_of(NULL, 0), frame);
}

static void
reconnect(void *arg, int64_t after_ms)
{
	struct sync_link *l = arg;
	l->drop = true;
	l->reopen_ms = after_ms;
}

static void
note(struct sync_link *l, enum err e)
{
	if (!e || l->error)
		return;
	l->error = e;
	(void)snprintf(l->sentence, sizeof(l->sentence), "%s", err_text());
}

/* the connection */

static void
on_message(struct reactor *r, void *arg)
{
	struct sync_link *l = arg;
	OWNED(link_message) struct link_message *m = NULL;
	(void)r;
	if (l->drop || link_recv(l->link, &m))
		return;
	if (l->pace)
		sync_pace_heard(l->pace);
	note(l, sync_session_frame(l->session, m->payload));
}

static void
came_up(struct sync_link *l)
{
	struct lane_event up = sync_session_event_of(LANE_CONNECTED);
	l->tries = 0;
	l->refused = false;
	if (l->pace)
		sync_pace_connected(l->pace);
	crypto_random(up.id, sizeof(up.id));
	up.wall_ms = clock_wall_ms();
	note(l, sync_session_event(l->session, &up));
}

static void
went_down(struct sync_link *l)
{
	struct lane_event lost = sync_session_event_of(LANE_LOST);
	if (sync_session_node(l->session)->state == LANE_OFFLINE)
		reconnect(l, link_backoff_ms(l->tries++, CONNECT_FIRST_MS, CONNECT_MOST_MS));
	else
		note(l, sync_session_event(l->session, &lost));
	l->drop = true;
}

static void
on_event(struct reactor *r, void *arg, enum link_event event)
{
	struct sync_link *l = arg;
	(void)r;
	if (l->drop)
		return;
	switch (event) {
	case LINK_UP:
		came_up(l);
		return;
	case LINK_REFUSED:
		if (!l->refused)
			log_warn("sync", "%s", REFUSED_TEXT);
		l->refused = true;
		went_down(l);
		return;
	case LINK_DOWN:
		went_down(l);
		return;
	}
}

static void
connect_now(struct reactor *r, void *arg)
{
	struct sync_link *l = arg;
	const char *socks = l->site.socks;
	struct link_client client = {.address = l->site.card->address,
		.socks = socks && socks[0] ? socks : NULL,
		.names = l->site.names,
		.key = l->site.keys->transport};
	(void)r;
	l->reopen = 0;
	memcpy(client.server, l->site.card->hub_public, sizeof(client.server));
	enum err e = link_connect_curve(&l->link, l->site.context, &client);
	note(l, e);
	if (e)
		return;
	link_watch(l->link, l->site.reactor, on_message, l);
	link_on_event(l->link, on_event, l);
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct sync_link *l = arg;
	struct lane_event tick = sync_session_event_of(LANE_TICK);
	(void)r;
	note(l, sync_session_event(l->session, &tick));
}

/* make, free */

enum err
sync_link_open(struct sync_link **ret, const struct sync_link_site *site)
{
	OWNED(sync_link) struct sync_link *l = xcalloc(1, sizeof(*l));
	*ret = NULL;
	l->site = *site;
	l->reopen_ms = -1;
	enum err e = site->rules ? sync_pace_open(&l->pace, site->vault, site->rules) : OK;
	if (e)
		return e;
	const struct sync_session_site session = {.card = site->card,
		.keys = site->keys,
		.vault = site->vault,
		.config = site->config,
		.pace = l->pace,
		.send = send_frame,
		.reconnect = reconnect,
		.arg = l};
	e = sync_session_open(&l->session, &session);
	if (e)
		return e;
	l->reopen = reactor_timer(site->reactor, 0, 0, connect_now, l);
	l->tick = reactor_timer(site->reactor, TICK_MS, TICK_MS, on_tick, l);
	*ret = take(l);
	return OK;
}

void
sync_link_free(struct sync_link *l)
{
	if (!l)
		return;
	reactor_timer_drop(l->site.reactor, l->reopen);
	reactor_timer_drop(l->site.reactor, l->tick);
	link_free(l->link);
	sync_session_free(l->session);
	sync_pace_free(l->pace);
	mem_drop(&l);
}

/* turns */

enum err
sync_link_error(struct sync_link *l)
{
	enum err e = l->error;
	l->error = OK;
	return e ? fail(e, "%s", l->sentence) : OK;
}

enum err
sync_link_flush(struct sync_link *l)
{
	struct vault *v = l->site.vault;
	enum err e = vault_commit(v);
	if (!e)
		e = sync_session_committed(l->session);
	for (int i = 0; !e && vault_is_changed(v) && i < ROUNDS_MAX_COUNT; i++) {
		e = vault_commit(v);
		if (!e)
			e = sync_session_committed(l->session);
	}
	return e ? e : vault_commit(v);
}

enum err
sync_link_failed(struct sync_link *l)
{
	return sync_session_failed(l->session);
}

void
sync_link_settle(struct sync_link *l)
{
	if (!l->drop)
		return;
	link_free(take(l->link));
	l->drop = false;
	reactor_timer_drop(l->site.reactor, l->reopen);
	l->reopen = l->reopen_ms < 0
			    ? 0
			    : reactor_timer(l->site.reactor, l->reopen_ms, 0, connect_now, l);
	l->reopen_ms = -1;
}

/* facts */

enum err
sync_link_survive(struct sync_link *l)
{
	return sync_session_survive(l->session);
}

enum err
sync_link_log_again(struct sync_link *l)
{
	return sync_session_log_again(l->session);
}

enum err
sync_link_repair(struct sync_link *l, const struct vault_at *at)
{
	struct lane_event repair = sync_session_event_of(LANE_REPAIR);
	repair.lane = (uint8_t)at->lane;
	repair.first = repair.last = at->seq;
	repair.chain.incarnation = at->incarnation;
	return sync_session_event(l->session, &repair);
}

enum err
sync_link_probe(struct sync_link *l, enum lane lane, const struct sync_mark *mark)
{
	struct lane_event probe = sync_session_event_of(LANE_PROBE);
	probe.lane = (uint8_t)lane;
	probe.mark = *mark;
	return sync_session_event(l->session, &probe);
}

const struct lane_node *
sync_link_node(const struct sync_link *l)
{
	return sync_session_node(l->session);
}

static enum sync_link_state
state_of(const struct sync_link *l)
{
	switch (sync_session_node(l->session)->state) {
	case LANE_OFFLINE:
	case LANE_REFILL:
		return l->refused ? SYNC_LINK_REFUSED : SYNC_LINK_WAITING;
	case LANE_HELLO_SENT:
		return SYNC_LINK_CONNECTING;
	case LANE_UP:
		return SYNC_LINK_UP;
	case LANE_STOPPED:
	case LANE_MUST_UPGRADE:
		return SYNC_LINK_STOPPED;
	}
	return SYNC_LINK_WAITING;
}

void
sync_link_facts(const struct sync_link *l, struct sync_link_facts *ret)
{
	const struct lane_node *node = sync_session_node(l->session);
	*ret = (struct sync_link_facts){.state = state_of(l),
		.reason = "",
		.contact_ms = sync_session_contact_ms(l->session),
		.dropped_count = sync_session_dropped_count(l->session)};
	if (ret->state == SYNC_LINK_STOPPED)
		ret->reason = node->reason;
	else if (ret->state == SYNC_LINK_REFUSED)
		ret->reason = REFUSED_TEXT;
	else if (sync_session_config_refused(l->session))
		ret->reason = CONFIG_REFUSED_TEXT;
	else if (ret->state == SYNC_LINK_UP && l->pace)
		ret->reason = sync_pace_reason(l->pace);
	for (size_t i = 0; i < LANE_COUNT; i++)
		ret->sent[i] = MAX(node->lanes[i].sent, node->lanes[i].shown_acked);
}

struct sync_session *
sync_link_session(struct sync_link *l)
{
	return l->session;
}
