/* ingest_rate - how often one node may greet and ask.
 *
 * A greeting is noted in the journal and synced; a question (PULL, PROBE, LOG_GET, CFG_GET) has
 * the hub read up to a frame of its vault. An honest node has one question open at a time.
 * Always true: of each node GREET_COUNT greetings and ASK_COUNT questions are heard at once,
 *              and one for each GREET_EVERY_MS and ASK_EVERY_MS after that. One question above
 *              that waits, and is heard when its time has come; more are dropped.
 */
#ifndef WEIR_HUB_INGEST_RATE_H
#define WEIR_HUB_INGEST_RATE_H

#include "hub/ingest_state.h"

#define GREET_EVERY_MS 1000
#define GREET_COUNT    20
#define ASK_EVERY_MS   4
#define ASK_COUNT      500

bool ingest_may_greet(struct node *n, int64_t mono_ms);

bool ingest_is_question(const struct sync_msg *m);
bool ingest_may_ask(struct node *n, int64_t mono_ms);
/* Keeps the plain bytes until there is time; false when one waits already. */
bool ingest_ask_later(struct node *n, struct view plain);
/* The question that waits, if its time has come; the caller owns it then. */
bool ingest_ask_now(struct node *n, int64_t mono_ms, struct buf *ret_plain);

#endif
