/* rules_write - facts and verdicts as bytes: the same ones on any day and any machine.
 *
 * Format:      integers are big-endian; a text is u32 length and its bytes, NULL as ""; a list
 *              is u32 count and its texts; lists of parts are u32 count and the parts; times
 *              are u64 in two's complement; yes/no, enums and `no consent` (-1) are u32.
 *   facts      blob "weir-rules-facts-v3" | the fields of struct rules_facts, as they follow
 *              one another in rules_write_facts()
 *   verdict    blob "weir-rules-verdict-v1" | outcome | count, and of each rule that fired:
 *              rule, outcome, reason | count, and the id of each approval it stands on |
 *              consent then | consent now | rules digest:32 | rules version
 * Always true: an approval is named by its id, so a verdict is the same however the facts were
 *              ordered, as long as the verdict is.
 * Errors:      what does not fit makes the buffer broken (bytes.h).
 */
#ifndef WEIR_RULES_WRITE_H
#define WEIR_RULES_WRITE_H

#include "common/study/rules.h"

void rules_write_facts(struct buf *out, const struct rules_facts *f);
/* The facts are those that were judged. */
void rules_write_verdict(struct buf *out, const struct verdict *v, const struct rules_facts *f);

#endif
