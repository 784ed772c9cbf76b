/* sync_duties - the site's delegation log as this node has it: lines of what was said by
 * `weir-node delegation`.
 *
 * Rows:        meta "duty-SEQ" (16 hex digits: of the act in lane A) -> text "added CODE TASK
 *              FROM UNTIL" or "ended ..."; the hub takes the words behind from the act
 *              (weir-hub, delegation.h).
 *              meta "last-duty" -> u64 that of the newest line
 * Always true: the line is kept in the transaction of its act; nothing is taken off the log. No
 *              line is kept that the hub would not take.
 * Limit:       another node of the site has a list of its own; the hub has all, and hands them
 *              back with the terms of the site.
 * Limits:      lines of SYNC_DUTIES_LINE_BYTES, so that the whole log is one answer.
 * Errors:      those of vault.h; E_FORMAT a line that is not of its form; E_DENIED there are as
 *              many as the hub takes.
 */
#ifndef WEIR_NODE_SYNC_DUTIES_H
#define WEIR_NODE_SYNC_DUTIES_H

#include "common/study/terms.h"
#include "common/trust/leaf.h"

#include "node/vault.h"

#define DUTY_ADDED "delegation-added"
#define DUTY_ENDED "delegation-ended"

/* How the lines of those acts begin. */
#define DUTY_LINE_ADDED "added "
#define DUTY_LINE_ENDED "ended "

/* As the hub holds them of a site (weir-hub, delegation.h). */
#define SYNC_DUTIES_ADDED_MAX  1000
#define SYNC_DUTIES_ENDED_MAX  4000
#define SYNC_DUTIES_LINE_BYTES 192

/* Before the act is put: could its line be kept? Any other act could. */
CHECKED enum err sync_duties_check(struct vault *v, const struct leaf *act);
/* Keeps the line if the act is one of the delegation log. */
CHECKED enum err sync_duties_note(struct vault *v, const struct leaf *act, uint64_t seq);
/* Of the newest line; 0: there is none. */
CHECKED enum err sync_duties_last(struct vault *v, uint64_t *ret_seq);
/* SYNC_DUTIES: adds text, one line each. */
CHECKED enum err sync_duties_list(struct vault *v, struct buf *answer);

/* Who may do what here, for the rules: what the hub has of the site's log, and what was said at
 * this node and the hub has not yet. An end that was said here counts at once, and ends what
 * had begun by then; what was added here after it stands beside. What the hub has counts as the
 * hub has it, so that a line which another node ended is not open here. */
struct sync_duties {
	struct rules_duty *duties;
	size_t count;
	char **lines; /* owned: what the own ones lend from */
	size_t line_count;
};
/* Fills an empty struct; release it with sync_duties_done() whatever the result. */
CHECKED enum err sync_duties_read(
	struct sync_duties *ret, struct vault *v, const struct terms *terms);
void sync_duties_done(struct sync_duties *d);
#define OWNED_DUTIES OWNED_BY(sync_duties_done)

#endif
