/* ingest_inside - what the files of ingest share; nobody else includes this.
 *
 * ingest_node: the machines, one per writer. ingest_look: what a machine reads and puts right.
 * ingest_notice: changes of participation ahead of their entries. ingest_do: what else it asks
 * for. ingest_queue: frames that wait for the commit. ingest_turn: its end, and what is
 * looked at between two frames. ingest: frames in.
 */
#ifndef WEIR_HUB_INGEST_INSIDE_H
#define WEIR_HUB_INGEST_INSIDE_H

#include "hub/ingest_state.h"

/* nodes */

/* The standing goes into journal and vault. */
CHECKED enum err ingest_node_keep(struct ingest *g, struct node *n);
/* E_NOTFOUND if the key was never admitted or is revoked. */
CHECKED enum err ingest_node_of_key(struct ingest *g,
	const uint8_t key[static BOX_PUBLIC_BYTES], int64_t mono_ms, struct node **ret);
/* The machine as the vault has it, without a session. */
CHECKED enum err ingest_node_load(struct ingest *g, struct node *n);

/* Events still to be fed to one machine; a step adds at most a few. */
#define STEPS_MAX_COUNT 8
struct steps {
	struct lane_event at[STEPS_MAX_COUNT];
	size_t count;
};
void ingest_steps_add(struct steps *steps, const struct lane_event *ev);
struct lane_event ingest_answer_to(const struct lane_action *a, enum lane_event_kind kind);

/* look: each adds its answer to the steps. Rows that cannot be read count as not there. */
CHECKED enum err ingest_find_head(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_look(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_fetch(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
/* Puts sound entries in the place of those that cannot be read. */
CHECKED enum err ingest_take(struct ingest *g, struct node *n, const struct lane_action *a);
/* The writer goes on in a later incarnation. */
CHECKED enum err ingest_rise(struct ingest *g, struct node *n, const struct lane_action *a);

/* attach: files and the log */
CHECKED enum err ingest_next_file(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_keep_chunk(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
/* After the commit: true if a chunk waited for it. */
bool ingest_chunk_stored(struct node *n, struct lane_event *ret);
CHECKED enum err ingest_prove(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps);
CHECKED enum err ingest_cosign(struct ingest *g, struct node *n, const struct lane_action *a);

/* notice: a change of participation ahead of its entry */
CHECKED enum err ingest_note_change(
	struct ingest *g, struct node *n, const struct lane_action *a);

/* Feed an event to the node's machine and carry out all that follows. The turn's transaction
 * has to be open when the event is a message. */
CHECKED enum err ingest_drive(struct ingest *g, struct node *n, const struct lane_event *ev);

/* Carry out what a step left in g->actions, and all that follows; for bundle_in. */
CHECKED enum err ingest_follow(struct ingest *g, struct node *n, int64_t mono_ms);

/* The checkpoint published last, as the machines are told. */
struct lane_event ingest_checkpoint(const struct ingest *g);

/* Queue a message for the end of the turn, sealed to the node. */
void ingest_send(struct ingest *g, const struct node *n, const struct sync_msg *m);

/* takes the frame; it waits for the end of the turn, whatever it says. */
void ingest_queue_add(struct ingest *g, struct view routing, struct buf *frame);
/* All that waits leaves; or nothing of it, for a turn that failed. */
void ingest_queue_flush(struct ingest *g);
void ingest_queue_drop(struct ingest *g);

/* One that had to wait, once its time has come. */
CHECKED enum err ingest_hear_question(struct ingest *g, struct node *n, int64_t mono_ms);

/* The same outside the session, of this kind: what says itself who signed it. */
void ingest_send_beside(struct ingest *g, const struct node *n, struct view routing,
	uint8_t kind, struct view bytes);
/* It may have been away for so long that the key it seals for is destroyed. */
void ingest_tell_ledger_key(struct ingest *g, const struct node *n, struct view routing);

/* terms: to each node in a session what is new of its site's, and all again now and then. */
CHECKED enum err ingest_tell_terms(struct ingest *g, int64_t mono_ms);

#endif
