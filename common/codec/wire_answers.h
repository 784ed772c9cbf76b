/* wire_answers - the plain answers of one form, as they are sealed (Answers in
 * proto/entry.proto).
 *
 * Always true: no path is empty; paths and values are UTF-8.
 *              packing checks what unpacking checks.
 * Caps:        1 MiB, 4096 answers, a path 255 bytes, a value 64 KiB.
 * Errors:      E_FORMAT.
 * It can hurt: this is what weir exists to protect. An unpacked struct owns one piece of
 *              memory, which is wiped when it is freed.
 */
#ifndef WEIR_WIRE_ANSWERS_H
#define WEIR_WIRE_ANSWERS_H

#include "common/codec/wire.h"

#define WIRE_ANSWERS_MAX_BYTES 1048576
#define WIRE_ANSWERS_MAX_COUNT 4096
#define WIRE_VALUE_MAX_BYTES   65536

struct wire_answers {
	const char *form, *form_version, *instance_id;
	size_t count;
	const struct wire_answer {
		const char *path, *value;
	} * answers;
	size_t memory_bytes; /* of an unpacked one; wiped when freed */
};

CHECKED enum err wire_answers_pack(struct buf *out, const struct wire_answers *a);
CHECKED enum err wire_answers_unpack(struct wire_answers **ret, struct view bytes); /* gives */
void wire_answers_free(struct wire_answers *a);
OWNER(wire_answers)

#endif
