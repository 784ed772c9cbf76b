/* sync_session_inside - what the files of sync_session share; no other file includes this one.
 *
 * sync_session: the machine, frames, turns. sync_session_steps: events that wait, and what
 * follows each. sync_session_do: carrying out what the core asks for.
 */
#ifndef WEIR_NODE_SYNC_SESSION_INSIDE_H
#define WEIR_NODE_SYNC_SESSION_INSIDE_H

#include "common/study/termspieces.h"

#include "node/sync_session.h"
#include "node/sync_witness.h"

#define SESSION_FRAME_SEALED     1 /* kind byte of a frame that carries a sealed box */
#define SESSION_FRAME_LEDGER_KEY 4 /* sealed note of the newest ledger key (ledgernote.h) */
#define SESSION_FRAME_TERMS                                                                    \
	3 /* sealed piece of the site's terms (common/study/termspieces.h) */
#define SESSION_AFTER_FAILURE_MS 5000
#define SESSION_FOLLOW_MAX_COUNT 1024 /* more than what one event leads to */

/* What happens next in the session; a fetch waits here until its turn, so that one batch at a
 * time is in memory. */
struct follow {
	struct lane_event event;
	bool fetch;
	struct lane_action asked;
};

struct sync_session {
	struct sync_session_site site;
	struct lane_node node;
	struct lane_actions actions;
	struct follow *follow; /* owned; those from follow_at on wait */
	size_t follow_at, follow_count, follow_room;
	bool is_flooded; /* there was no room for one: the session begins anew */
	bool is_held;    /* a fetch that the pace does not allow yet */
	struct lane_action held;
	struct sync_reader *reader;
	struct buf plain, frame; /* one message, in or out */
	struct termspieces terms;
	struct wire_arena arena;
	bool token_kept, config_refused, rebased, survives, looks_again;
	uint32_t token_ticket, rebase_ticket;
	struct sync_witness_wait checkpoint;
	struct sync_mark told[LANE_COUNT];
	uint64_t retained[LANE_COUNT]; /* as kept */
	uint32_t intake;  /* number that the study's readers have for what is sealed */
	int64_t greet_ms; /* mono: greet anew then; 0: no need */
	int64_t contact_ms;
	uint64_t dropped_count;
};

/* An event that happens after those that wait already. A fetch is the newest one that the core
 * asked for, so one that was held back before is not wanted any more. */
void sync_session_enqueue(struct sync_session *s, const struct lane_event *event);
void sync_session_ask_fetch(struct sync_session *s, const struct lane_action *a);
/* One event, alone. */
CHECKED enum err sync_session_step(struct sync_session *s, const struct lane_event *event);
/* All that waits, in order, and what follows it. */
CHECKED enum err sync_session_run(struct sync_session *s);
/* The machine as the vault has it, without a session. */
CHECKED enum err sync_session_begin(struct sync_session *s);
void sync_session_tell_applied(struct sync_session *s, uint64_t number, bool ok);
/* One action; what it lends ends with the next step. */
CHECKED enum err sync_session_carry_out(struct sync_session *s, struct lane_action *a);

#endif
