/* sync_link - the node's connection to the hub: CURVE, kept up, with a session (sync_session.h)
 * on it.
 *
 * Always true: the hub being away is no error: it is tried again with full jitter, at most 30 s
 *              apart as long as nobody answers, and as the session says once somebody did.
 * Order:       what the connection brings happens in the turn, its error waits in
 *              sync_link_error(); sync_link_flush() commits the turn, after its
 *              failure sync_link_failed(); at the very end of the turn sync_link_settle().
 * Errors:      those of the vault and the system.
 */
#ifndef WEIR_NODE_SYNC_LINK_H
#define WEIR_NODE_SYNC_LINK_H

#include "common/net/link.h"

#include "node/sync_session.h"

struct sync_link;

/* Everything is lent as long as the link lives. */
struct sync_link_site {
	const char *dir; /* of the node */
	const struct hubcard *card;
	const struct sitekeys *keys;
	struct vault *vault;
	struct sync_config *config;
	struct link_context *context;
	struct reactor *reactor;
	const struct pace_rules
		*rules;       /* of bulk; NULL: none, and it goes as the credit lets it */
	const char *socks;    /* "host:port" of a SOCKS5 proxy; NULL or "": none */
	struct lookup *names; /* finds the proxy by its name, or NULL */
};
/* gives; connects in the first turn. */
CHECKED enum err sync_link_open(struct sync_link **ret, const struct sync_link_site *site);
void sync_link_free(struct sync_link *l);
OWNER(sync_link)

CHECKED enum err sync_link_error(struct sync_link *l); /* of this turn; forgets it */
/* Commits the turn, lets the session hear of it, and commits what it then wants kept, until
 * nothing is left open. */
CHECKED enum err sync_link_flush(struct sync_link *l);
CHECKED enum err sync_link_failed(struct sync_link *l);
void sync_link_settle(struct sync_link *l);
/* sync_session_survive(). */
CHECKED enum err sync_link_survive(struct sync_link *l);
CHECKED enum err sync_link_log_again(struct sync_link *l); /* sync_session_log_again() */
/* Has the hub send one entry again; what comes is put in its place. */
CHECKED enum err sync_link_repair(struct sync_link *l, const struct vault_at *at);
/* Compares this place of the incarnation in use with the hub's; the session says what
 * follows. */
CHECKED enum err sync_link_probe(
	struct sync_link *l, enum lane lane, const struct sync_mark *mark);
const struct lane_node *sync_link_node(const struct sync_link *l); /* lent, to read */
struct sync_session *sync_link_session(struct sync_link *l);       /* lent; for bundles */

enum sync_link_state {
	SYNC_LINK_WAITING,    /* not connected; tries again by itself */
	SYNC_LINK_CONNECTING, /* greeting the hub */
	SYNC_LINK_UP,
	SYNC_LINK_REFUSED, /* the hub does not admit this node's key; tries again */
	SYNC_LINK_STOPPED, /* a person has to resolve it: see reason */
};
struct sync_link_facts {
	enum sync_link_state state;
	const char *reason; /* sentence or ""; lasts */
	int64_t contact_ms; /* wall time of the last word of the hub, 0: none yet */
	uint64_t dropped_count;
	uint64_t sent[LANE_COUNT]; /* on their way or there */
};
void sync_link_facts(const struct sync_link *l, struct sync_link_facts *ret);

#endif
