/* sync_session - the shell around common/sync/lane_node: its vault, its keys, the study it
 * fetches.
 *
 * Frames:      kind u8 = 1 | sealed box of SyncMessage bytes: to the ledger's key on the way
 *              out, to this node's box key on the way in. kind u8 = 3 | sealed box of signed
 *              terms: the way in only. Anything else that comes is dropped and counted.
 * Always true: only committed entries are sent; the token is committed before READY, a receipt
 *              before it is shown.
 * Order:       frames and events happen in the turn; after its commit sync_session_committed(),
 *              which may change the vault again; after its failure sync_session_failed(), which
 *              begins anew from what is in the vault.
 * Errors:      those of the vault. What comes from outside is no error.
 */
#ifndef WEIR_NODE_SYNC_SESSION_H
#define WEIR_NODE_SYNC_SESSION_H

#include "common/sync/lane_node.h"

#include "node/sitekeys.h"
#include "node/sync_config.h"
#include "node/sync_pace.h"

struct sync_session;

/* Everything is lent as long as the session lives. */
struct sync_session_site {
	const struct hubcard *card;
	const struct sitekeys *keys;
	struct vault *vault;
	struct sync_config *config;
	struct sync_pace *pace; /* NULL: bulk goes as the credit lets it */
	/* Queue one frame; an error makes the session begin anew. */
	enum err (*send)(void *arg, struct view frame);
	/* Give the connection up and open one after_ms from now. */
	void (*reconnect)(void *arg, int64_t after_ms);
	void *arg;
};
CHECKED enum err sync_session_open(
	struct sync_session **ret, const struct sync_session_site *site); /* gives */
void sync_session_free(struct sync_session *s);
OWNER(sync_session)

/* An event with time and randomness filled in. */
struct lane_event sync_session_event_of(enum lane_event_kind kind);
CHECKED enum err sync_session_event(struct sync_session *s, const struct lane_event *event);
CHECKED enum err sync_session_frame(struct sync_session *s, struct view frame);

CHECKED enum err sync_session_committed(struct sync_session *s);
CHECKED enum err sync_session_failed(struct sync_session *s);

/* A person has decided that this copy goes on; in the turn, told to the core after its commit.
 * E_CONFLICT when nothing has to be decided. */
CHECKED enum err sync_session_survive(struct sync_session *s);

/* A person wants the hub's log looked at again after an alarm; in the turn, and the session
 * begins anew after its commit. E_NOTFOUND when there is no alarm. */
CHECKED enum err sync_session_log_again(struct sync_session *s);

/* For bundle_in: the machine and its actions, both lent, so that a function of lane_carry.h
 * judges what came; then all that it asks for is carried out. */
struct lane_node *sync_session_machine(struct sync_session *s, struct lane_actions **ret);
CHECKED enum err sync_session_follow(struct sync_session *s);

const struct lane_node *sync_session_node(const struct sync_session *s); /* lent, to read */
int64_t sync_session_contact_ms(const struct sync_session *s); /* wall time; 0: none yet */
bool sync_session_config_refused(const struct sync_session *s);
uint64_t sync_session_dropped_count(const struct sync_session *s);

#endif
