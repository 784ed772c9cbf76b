/* sim_inside - what the files of the simulator share; nobody else includes this.
 *
 * sim_store: chance, ids, stores, lines. sim_node, sim_hub: the two shells. sim_check: the
 * invariants. sim: acts. sim_settle: the end.
 */
#ifndef WEIR_SIM_INSIDE_H
#define WEIR_SIM_INSIDE_H

#include "common/sync/lane_carry.h"
#include "common/sync/lane_mutant.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_files.h"
#include "tests/sim/sim_pool.h"

#define SIM_TICK_MS       1000
#define SIM_CONFIG_BYTES  sizeof(SIM_STUDY)
#define SIM_WRITTEN_COUNT 10 /* of a lane in one incarnation, until a rebase says more */

/* ---- store ---- */
uint64_t sim_chance(struct sim *s);
void sim_breach(struct sim *s, const char *promise);
void sim_fresh_id(struct sim *s, uint8_t ret[static WIRE_ID_BYTES]);
/* lends; NULL if there is none. */
struct sim_chain *sim_chain(const struct sim_store *st, uint32_t incarnation);
struct sim_chain *sim_top(const struct sim_store *st);
struct sync_mark sim_mark(const struct sim *s, const struct sim_lane *l, uint64_t seq);
struct sync_mark sim_end(const struct sim *s, const struct sim_lane *l);
/* The chain with its ends; found false if there is none. */
bool sim_describe(const struct sim *s, const struct sim_store *st, uint32_t incarnation,
	struct lane_chain *ret);
void sim_add(struct sim *s, struct sim_lane *l, uint16_t entry);
/* Is this content in the store, under whatever place? */
bool sim_holds(const struct sim *s, const struct sim_store *st, uint16_t root);
/* A record of this number, in whatever incarnation? */
bool sim_holds_number(const struct sim *s, const struct sim_store *st, uint16_t number);
void sim_send(struct sim *s, bool to_hub, size_t copy, struct lane_action *a);
/* Frames of the copy's line become old; those to the node are gone. */
void sim_cut_line(struct sim *s, size_t copy);
void sim_take_frame(struct sim *s, size_t frame);
/* A signed run of entries, in the pool's room. */
const struct sync_batch *sim_batch(struct sim *s, const struct sim_lane *l,
	const struct lane_action *a, bool sign_end_only);

/* ---- acts ---- */
/* The node waits for something that will not come; a real one finds out by its clock. */
bool sim_waits_in_vain(const struct sim *s, size_t copy);
void sim_lose_line(struct sim *s, size_t copy);

/* ---- node ---- */
void sim_node_start(struct sim *s, size_t copy);
void sim_node_tell(struct sim *s, size_t copy, const struct lane_event *ev);
void sim_node_commit(struct sim *s, size_t copy);
void sim_node_write(struct sim *s, size_t copy, uint8_t kind);

/* A receipt, or what the hub thinks of the node, that came in a bundle. */
void sim_node_carry(struct sim *s, size_t copy, const struct sync_ack *ack, const uint8_t *own);
void sim_node_carry_verdict(struct sim *s, size_t copy, enum sync_verdict verdict);

/* ---- hub ---- */
/* What the oldest backup holds of a lane of the incarnation in use. */
uint64_t sim_retained(const struct sim *s, size_t lane);
void sim_hub_start(struct sim *s);
void sim_hub_tell(struct sim *s, const struct lane_event *ev);
void sim_hub_journal(struct sim *s);
void sim_hub_commit(struct sim *s);

/* A batch of a bundle; reached: those from here on reach the place that the hub had. */
enum lane_carried sim_hub_carry(struct sim *s, const struct sync_batch *b, bool reached);
enum lane_carried sim_hub_reach(
	struct sim *s, const struct sync_batch *b, struct sync_mark *end);

/* ---- bundles ---- */
void sim_carry_write(struct sim *s, size_t copy);
void sim_carry_answer(struct sim *s);
bool sim_carry_can(const struct sim *s, size_t which);
void sim_carry_read(struct sim *s, size_t which);

/* ---- notices ---- */
/* What a node's shell finds; what the hub's keeps until its commit, and says then. */
void sim_notice_find(struct sim *s, const struct sim_copy *c, const struct lane_action *a,
	struct lane_event *ev);
void sim_notice_keep(struct sim *s, const struct lane_action *a);
void sim_notice_committed(struct sim *s);
/* A NOTICED leaves: the site is told of it. */
void sim_notice_check(struct sim *s, const struct sync_noticed *m);

/* ---- a hub that went backwards ---- */
/* The node says that more was acknowledged than it has, and shows receipts it made itself. */
void sim_back_lie(struct sim *s, size_t copy);
/* A greeting was heard: does it show such receipts? */
void sim_back_heard(struct sim *s, const struct sync_hello *h);
void sim_back_signed(struct sim *s, const struct sync_receipt *r);
/* The machine says that it lacks what it gave a receipt for. */
void sim_back_told(struct sim *s, struct lane_event *ev);
void sim_back_check_live(struct sim *s);

/* ---- check ---- */
void sim_check_node_send(struct sim *s, size_t copy, const struct sync_msg *m);
void sim_check_hub_send(struct sim *s, const struct sync_msg *m);
void sim_check_quarantine(struct sim *s, enum sync_verdict verdict);
void sim_check_greeting(struct sim *s);
void sim_check_live(struct sim *s);
/* The session that began is kept: older copies have to be found from now on. */
void sim_note_live(struct sim *s);
/* After every act. */
void sim_check(struct sim *s);
/* A hub that was restored goes on as before: nothing is missing of this writer. */
void sim_check_recovered(struct sim *s);
/* I5, when everything rests: every content of a copy is at the hub, once. */
void sim_check_settled(struct sim *s);

#endif
