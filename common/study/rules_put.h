/* rules_put - what the bytes of facts (rules_write.h) and of terms (terms.h) are made of.
 *
 * Format: integers are big-endian; a text is u32 length and its bytes, NULL as ""; a time is
 *         u64 in two's complement; a count is u32; a list is its count and its texts.
 * Errors: what does not fit makes the buffer broken (bytes.h).
 */
#ifndef WEIR_RULES_PUT_H
#define WEIR_RULES_PUT_H

#include "common/codec/bytes.h"
#include "common/study/rules_parts.h"

void rules_put_text(struct buf *out, const char *text);
void rules_put_time(struct buf *out, int64_t at);
void rules_put_count(struct buf *out, size_t count);
void rules_put_list(struct buf *out, const struct rules_list *list);
/* What an approval covers: protocols, forms, data, activities, sites, modes. */
void rules_put_covers(struct buf *out, const struct rules_covers *c);
/* What was asked to be modified and decided, without when it became known. */
void rules_put_modification(struct buf *out, const struct rules_modification *m);

#endif
