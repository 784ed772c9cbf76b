/* wish_bench - a judge_bench where one of two persons wishes to be erased. */
#ifndef WEIR_TESTS_WISH_BENCH_H
#define WEIR_TESTS_WISH_BENCH_H

#include "common/codec/json.h"
#include "hub/erase.h"
#include "hub/forward_erase.h"
#include "tests/unit/judge_bench.h"

#define WISH_REPLY_BYTES 65536
#define WISH_SAID_S      (NODE_CAPTURED_S + 100)

/* Two persons, and the instance of the first one's wish. */
enum { WISH_FIRST = 1, WISH_SECOND = 2, WISH_FIRSTS = 31 };

void wish_id(uint8_t ret[static ID_BYTES], uint8_t who);
/* What the journal says of the person's wish; NULL: none. */
const struct forward_erasure *wish_noted(struct bench *b, uint8_t who);
void wish_say(struct bench *b, uint8_t who, uint8_t instance, int64_t given_s);
/* Two persons with a consent and a record each; the first wishes to be erased. */
void wish_begin(struct bench *b);
/* The way to a keeper that is not there. */
enum err wish_send_nothing(void *arg, struct view frame);
/* The turn is committed. */
void wish_keep(struct bench *b);
/* gives the answer of erase_list(); reply lends it. */
void wish_list(struct bench *b, struct json **ret, struct buf *reply);

#endif
