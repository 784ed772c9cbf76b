/* desk_contact_inside - what the two halves of desk_contact share. */
#ifndef WEIR_NODE_DESK_CONTACT_INSIDE_H
#define WEIR_NODE_DESK_CONTACT_INSIDE_H

#include "node/desk_contact.h"

#define DESK_CONTACT_COPY         "weir-names-copy-v1"
#define DESK_CONTACT_REASON_BYTES 256

struct desk_contact {
	enum node_verb verb;
	uint8_t purpose;
	struct buf request; /* fields of DESK_CONTACT_PUT, or an opened copy */
	struct buf codes;   /* fields of SYNC_CONTACT */
	struct buf states;  /* its answer */
	uint32_t count;
	uint32_t erased;  /* of them: asked to be erased */
	struct buf gone;  /* their codes, blob after blob */
	int64_t oldest_s; /* last contact of all, when all are asked about */
	int64_t keep_s;   /* how long names are kept behind it; 0: the study does not say */
	int64_t now_s;
	uint32_t due;
	enum err refusal;
	char reason[DESK_CONTACT_REASON_BYTES];
};

/* Fields of u32 length and bytes: code, name, contact, way; u64 wall s. */
struct name desk_contact_read(struct cursor *c);
void desk_contact_write(struct buf *out, const struct name *p);
/* Is it kept for longer than the study says? */
bool desk_contact_is_due(const struct desk_contact *c, const struct name *p);
struct desk_contact_state {
	enum contact_state state;
	struct view why;
};
struct desk_contact_state desk_contact_state(struct cursor *c);

#endif
