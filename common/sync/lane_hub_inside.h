/* lane_hub_inside - what the files of lane_hub share; nobody else includes this.
 *
 * lane_hub_say: answers and the end of sessions. lane_hub_greet: HELLO to READY.
 * lane_hub_back: what a HELLO tells of a hub that went backwards.
 * lane_hub_batch: what becomes of a batch. lane_hub_look: probes, refills, repairs.
 * lane_hub_notice: changes of participation ahead of their chain.
 * lane_hub_files: chunks of files; the log, witnessed.
 */
#ifndef WEIR_LANE_HUB_INSIDE_H
#define WEIR_LANE_HUB_INSIDE_H

#include "common/sync/lane_hub.h"

#define LANE_NO_RETRY_MS   0
#define LANE_FULL_RETRY_MS 60000
#define HUB_FORK_REASON    "the writer signed other entries under numbers it used before"

bool hub_same_id(const uint8_t a[static WIRE_ID_BYTES], const uint8_t b[static WIRE_ID_BYTES]);
bool hub_same_head(const uint8_t a[static HASH_BYTES], const uint8_t b[static HASH_BYTES]);

void hub_send_close(struct lane_actions *out, const uint8_t session[static WIRE_ID_BYTES],
	enum sync_close_code code, uint32_t retry_after_ms);
/* A frame outside the live session: dropped; the answer lets a node greet again at once. */
void hub_refuse_stale(struct lane_hub_writer *w, const uint8_t session[static WIRE_ID_BYTES],
	struct lane_actions *out);
struct lane_action *hub_send_ack(struct lane_hub_writer *w, struct lane_actions *out);
/* One ACK for each lane that went on since its last receipt. */
void hub_send_receipts(struct lane_hub_writer *w, int64_t wall_ms, struct lane_actions *out);
/* What the lane needs next stands in the NACK. */
void hub_send_nack(struct lane_hub_writer *w, uint8_t lane, enum sync_nack_code code,
	struct lane_actions *out);

void hub_end_session(struct lane_hub_writer *w);
void hub_end_greeting(struct lane_hub_writer *w);
/* The standing changes and the session ends; evidence may be NULL. */
void hub_quarantine(struct lane_hub_writer *w, enum sync_verdict verdict, const char *reason,
	const struct sync_batch *evidence, struct lane_actions *out);
void hub_report(struct lane_actions *out, enum sync_verdict verdict, const char *reason);

void hub_on_hello(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);
void hub_send_welcome(struct lane_hub_writer *w, struct lane_actions *out);
void hub_on_ready(
	struct lane_hub_writer *w, const struct sync_ready *r, struct lane_actions *out);

/* What the HELLO shows of entries that this hub had and lacks. */
void hub_look_back(
	struct lane_hub_writer *w, const struct sync_hello *h, struct lane_actions *out);

/* The node has sent all that it had when it greeted, and it is stored: say so, once. */
void hub_see_heard(struct lane_hub_writer *w, struct lane_actions *out);

/* files */
/* Ask the shell which file comes next, if none is under way. */
void hub_next_file(struct lane_hub_writer *w, struct lane_actions *out);
void hub_repeat_want(struct lane_hub_writer *w, struct lane_actions *out);
void hub_on_chunk(
	struct lane_hub_writer *w, const struct sync_chunk *c, struct lane_actions *out);
void hub_on_witness(
	struct lane_hub_writer *w, const struct sync_witness *m, struct lane_actions *out);
void hub_on_log_get(
	struct lane_hub_writer *w, const struct sync_log_get *m, struct lane_actions *out);
/* LACKS, CHUNK_STORED, PROVED */
void hub_on_file_answer(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);

/* notice */
void hub_on_notice(
	struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out);
/* The hash at the notice's number. */
void hub_on_notice_head(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);
void hub_send_noticed(
	struct lane_hub_writer *w, const struct sync_mark *mark, struct lane_actions *out);

/* look */
/* A message of a live session of one of these kinds. */
void hub_on_probe(
	struct lane_hub_writer *w, const struct sync_probe *p, struct lane_actions *out);
void hub_on_probed(
	struct lane_hub_writer *w, const struct sync_probed *p, struct lane_actions *out);
void hub_on_pull(
	struct lane_hub_writer *w, const struct sync_pull *p, struct lane_actions *out);
/* What a shell answers or asks. */
void hub_on_looked(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);
void hub_on_fetched(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);
void hub_probe(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);
void hub_repair(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);
/* These entries are here already and match: if they were asked for, hand them over. */
void hub_take_repair(
	struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out);
void hub_take_earlier(
	struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out);

/* batch; the first two for carried ones, too */
/* Hand over what of the batch is new; its first entry stands on the tail or lies below it. */
void hub_append(
	struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out);
/* Does it contradict what the hub has, or follow something else than the last entry there? */
bool hub_forks(const struct lane_hub_writer *w, const struct sync_batch *b,
	const uint8_t prev[static HASH_BYTES]);
/* It holds another entry where this hub stored one before it was restored. */
bool hub_contradicts_ever(const struct lane_hub_writer *w, const struct sync_batch *b);
void hub_found_fork(
	struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out);
size_t hub_held_bytes(const struct lane_hub_writer *w); /* handed over, not committed */
void hub_on_batch(
	struct lane_hub_writer *w, const struct sync_batch *b, struct lane_actions *out);
void hub_on_head_found(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out);

#endif
