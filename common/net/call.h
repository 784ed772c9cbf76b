/* call - the frames that processes of one machine send each other over ipc.
 *
 * Frame, request or one-way:  version u8 = 1 | verb u16 | fields
 * Frame, answer:              version u8 = 1 | 0xffff u16 | code u8 (enum err) | blob sentence
 * | fields Fields are written and read with bytes.h; which ones, says the ipc.h of the program.
 * A caller has one request open on a link at a time, so answers need no number. Errors: the
 * other side's code and sentence come out of call_read_answer() as if made here.
 */
#ifndef WEIR_CALL_H
#define WEIR_CALL_H

#include "common/codec/bytes.h"

#define CALL_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* Begin a request or one-way frame in `out`; the caller adds the fields of the verb. */
void call_begin(struct buf *out, uint16_t verb);

/* Begin an answer: OK with an empty sentence, or the code with the words of err_text(). */
void call_answer(struct buf *out, enum err code);

/* The verb of a frame, the cursor standing on its first field; E_FORMAT for anything else. */
CHECKED enum err call_read(struct view frame, uint16_t *ret_verb, struct cursor *ret_fields);

/* The answer's own code; on OK the cursor stands on the first field (lent from the frame). */
CHECKED enum err call_read_answer(struct view frame, struct cursor *ret_fields);

#endif
