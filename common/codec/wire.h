/* wire - what every message of proto/ has in common: numbers, caps, one spelling.
 *
 * Always true: a message is refused before unpacking when it is over its cap.
 *              unpacking allocates from one piece of memory whose size is bounded by the bytes
 *              that came (at most three times them and 1 MiB).
 *              a message has one spelling: what does not come out byte for byte when it is
 *              packed again is refused (unknown or repeated fields, zeros written out, other
 *              orders), so equal content means equal hash. A new field therefore needs a new
 *              version.
 * Errors:      E_FORMAT with the name of the message and of the field, never its content.
 * It can hurt: the messages are checked for their form only; who may say what is for the rooms
 *              above (trust, rules).
 * The rooms wire_entry, wire_statement, wire_study and wire_sync hold the messages themselves;
 * they are the only ones that know protobuf.
 */
#ifndef WEIR_WIRE_H
#define WEIR_WIRE_H

#include "common/codec/bytes.h"

#define WIRE_HASH_BYTES      32
#define WIRE_KEY_BYTES       32 /* any public key: Ed25519 or X25519 */
#define WIRE_ID_BYTES        16
#define WIRE_SIGNATURE_BYTES 64
#define WIRE_NAME_BYTES      64  /* text of a code, a study or a person, with its final zero */
#define WIRE_TEXT_BYTES      256 /* longer words: form ids, paths, names of documents */
#define WIRE_TIME_MAX_S      253402300799 /* the end of the year 9999 */

/* Lanes of a writer (design 6). The numbers are on the wire and on disk. */
enum lane { LANE_C = 1, LANE_R = 2, LANE_A = 3 };
#define LANE_COUNT 3

/* Below: for the wire_ rooms only. */

/* A piece of memory that protobuf-c unpacks into. The piece belongs to the caller. */
struct wire_arena {
	uint8_t *at;
	size_t room;
	size_t used;
};

/* Bytes an arena needs for a message of len bytes. */
size_t wire_arena_bytes(size_t len);
/* lends `bytes` zeroed bytes of the arena; NULL when it is full. */
void *wire_arena_take(struct wire_arena *a, size_t bytes);

/* Unpack by descriptor into the arena and hold the message against its one spelling. *ret is
 * lent as long as the arena lives. descriptor: a ProtobufCMessageDescriptor. */
CHECKED enum err wire_unpack(void **ret, const void *descriptor, struct wire_arena *a,
	struct view bytes, const char *what);
/* Adds the packed message to out. message: a ProtobufCMessage. */
void wire_pack(struct buf *out, const void *message);

/* E_FORMAT when `len` is over the cap of the message. */
CHECKED enum err wire_is_capped(const char *what, size_t len, size_t most);

/* Fields. All say E_FORMAT "WHAT: FIELD: ...". */
struct wire_field {
	const char *what;
	const char *name;
};
CHECKED enum err wire_is_text(struct wire_field f, const char *text, size_t least, size_t room);
/* Copies text that fits into `room` bytes with its zero. */
CHECKED enum err wire_copy_text(
	struct wire_field f, char *ret, size_t room, size_t least, const char *text);
/* Copies exactly len bytes. */
CHECKED enum err wire_copy(struct wire_field f, void *ret, size_t len, struct view v);
/* Copies exactly len bytes; nothing there stands for zeros. */
CHECKED enum err wire_copy_or_zero(struct wire_field f, void *ret, size_t len, struct view v);
CHECKED enum err wire_is_time(struct wire_field f, int64_t time_s);
CHECKED enum err wire_is_version(struct wire_field f, uint32_t version, uint32_t known);
CHECKED enum err wire_is_count(struct wire_field f, size_t count, size_t most);

bool wire_is_zero(const void *at, size_t len);
/* protobuf-c asks for pointers that may be written through, packing does not. */
void *wire_lend(const void *at);

#endif
