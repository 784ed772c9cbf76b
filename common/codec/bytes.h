/* bytes - views of bytes, a buffer that grows to a stated maximum, a cursor that reads.
 *
 * Always true: a buffer never holds more than its maximum; the write that would pass it is
 *              dropped, the buffer becomes `broken` and stays so (ask once, at the end).
 *              a cursor never reads past its end; the first short read makes it `broken` and
 *              every later read gives zeros.
 * Frames made with these two carry numbers big-endian and bytes as u32 length, then the bytes.
 */
#ifndef WEIR_BYTES_H
#define WEIR_BYTES_H

#include "common/base/err.h"

/* Bytes that belong to somebody else. */
struct view {
	const uint8_t *at;
	size_t len;
};

struct view view_of(const void *at, size_t len);
struct view view_text(const char *text); /* without its final zero */
bool view_same(struct view a, struct view b);

/* A growing buffer. Public so that it can be embedded; change it only through its verbs. */
struct buf {
	uint8_t *at;
	size_t len;
	size_t room;
	size_t max;
	bool broken;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);  /* releases; does not wipe */
void buf_reset(struct buf *b); /* empties and forgives, keeps the memory */
#define OWNED_BUF OWNED_BY(buf_done)
/* Room for so many bytes at once, within the maximum: what fits into it is never moved, so
 * growing leaves no copy of it behind. */
void buf_reserve(struct buf *b, size_t bytes);

void buf_add(struct buf *b, const void *at, size_t len);
void buf_add_view(struct buf *b, struct view v);
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_blob(struct buf *b, struct view v); /* u32 length, then the bytes */
void buf_blob_text(struct buf *b, const char *text);
void buf_format(struct buf *b, const char *format, ...) PRINTF(2, 3);
struct view buf_view(const struct buf *b);
/* gives the bytes with one zero behind them and leaves the buffer empty. */
uint8_t *buf_take(struct buf *b, size_t *ret_len);
/* E_FULL naming `what` if a write did not fit. */
CHECKED enum err buf_check(const struct buf *b, const char *what);

/* Numbers at a place in bytes that are there already, such as the key of a row: big-endian. */
void bytes_put_u32(uint8_t to[static 4], uint32_t v);
void bytes_put_u64(uint8_t to[static 8], uint64_t v);
uint32_t bytes_get_u32(const uint8_t from[static 4]);

/* Reads bytes it does not own; what it gives is lent as long as those live. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool broken;
};

struct cursor cursor_of(struct view v);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
struct view cursor_bytes(struct cursor *c, size_t len);
struct view cursor_blob(struct cursor *c);
/* Copies exactly len bytes, or zeros when they are not there. */
void cursor_copy(struct cursor *c, void *to, size_t len);
/* gives a blob as text; "" and broken when it holds a zero byte or more than max bytes. */
char *cursor_text(struct cursor *c, size_t max);
/* E_FORMAT naming `what` if it broke, or if bytes are left over. */
CHECKED enum err cursor_end(const struct cursor *c, const char *what);

#endif
