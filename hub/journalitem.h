/* journalitem - one item of the hub's journal (hub/journal.h) as bytes, and what the bytes that
 * stand where one should can be.
 *
 * Item:        u32 length of the content | kind u8 | content | zeros | check 16
 *              The zeros, 0 to 15, make each item a multiple of 16 bytes: a disk keeps or loses
 *              512 bytes at a time, so what it lost of an item is never less than 16 of its
 *              bytes, and no 16 bytes at its head or tail are zeros by themselves.
 *              check = BLAKE2b-128, personal "weir-journal-v1", over the check of the item
 *              before (zeros at the first), kind and content.
 * Always true: pure; every length is one that the caller read or bounded.
 */
#ifndef WEIR_HUB_JOURNALITEM_H
#define WEIR_HUB_JOURNALITEM_H

#include "common/codec/bytes.h"
#include "common/trust/crypto.h"

#define JOURNALITEM_FRAME_BYTES 5 /* length and kind */

/* What an item with so much content takes. */
size_t journalitem_bytes(size_t content);
/* Adds the item that follows the one with the check `before`; its own goes to ret_check. */
void journalitem_put(struct buf *to, const uint8_t before[static ID_BYTES], uint8_t kind,
	struct view content, uint8_t ret_check[static ID_BYTES]);
/* How much of an item that will stand at `at` of the file has to be on the disk before the
 * rest is written, so that its length says how much behind a hole was its own: nothing unless
 * it is longer than 4,096 bytes. */
size_t journalitem_head(uint64_t at, size_t bytes);
/* The bytes, journalitem_bytes(content) or more, begin with such an item. */
bool journalitem_is_whole(struct view bytes, const uint8_t before[static ID_BYTES],
	size_t content, uint8_t ret_check[static ID_BYTES]);
/* They end before the item does, as a crash leaves it; but so does damage to the length of an
 * item that is whole, and what stands behind that one was durable: a shorter length would make
 * it whole. */
bool journalitem_hides_whole(struct view bytes, const uint8_t before[static ID_BYTES]);
/* No item begins at `at` of the file, of which `rest` bytes are left, `bytes` of them read. A
 * power cut leaves it like that when the last append was never answered OK to and the disk had
 * taken only some of its sectors: the others are zeros then, 16 bytes or more of each. Anything
 * else is damage; so is a hole with more than 4,096 bytes behind it, unless one item of `item`
 * bytes explains all of it. */
bool journalitem_is_torn(struct view bytes, uint64_t at, uint64_t rest, uint64_t item);

#endif
