/* wire_rules - the part of an entry that rules can see, with its consent if it is one
 * (RulesPart in proto/entry.proto, proto/consent.proto).
 *
 * Always true: what was unpacked has known kinds, UTF-8 texts and times between 1970 and 9999;
 *              ids that are not there are zeros; texts that are not there are "".
 *              a consent is there exactly in kinds consent and change, a check of the
 *              opt-out exactly in its kind; a level exactly in a
 *              change; no permission, no limit of one and no open field stands twice.
 *              what cannot be unpacked is not packed either: packing checks the same.
 * Caps:        16 KiB; 8 open fields, 64 permissions with 12 limits each; codes and limits 63
 *              bytes, form ids 255 bytes.
 * Errors:      E_FORMAT: bytes or fields are not of their form; the version is unknown.
 * It can hurt: a struct given by unpacking owns one piece of memory; free it with
 *              wire_rules_free() and nothing inside it. One made for packing lends everything
 *              and is not freed. The salt has to be 16 new random bytes for each entry, or the
 *              hash of the part, which is kept for good, can be guessed.
 */
#ifndef WEIR_WIRE_RULES_H
#define WEIR_WIRE_RULES_H

#include "common/codec/wire.h"

#define WIRE_RULES_MAX_BYTES 16384
#define WIRE_OPEN_MAX        8
#define WIRE_PERMISSIONS_MAX 64
#define WIRE_LIMITS_MAX      12     /* of a permission */
#define WIRE_LEVEL_DIED      "died" /* given_at_s of such a change is the day of death */

struct wire_permission {
	const char *code;
	bool permit;
	int64_t from_s;
	int64_t until_s;           /* 0: no end */
	const char *const *limits; /* on other research */
	size_t limit_count;
};

struct wire_consent {
	const char *event, *grantor_role, *form, *form_version, *mode;
	const char *capacity, *assent, *taken_by, *approach_by, *approacher;
	const char *level; /* of a change: no-further-contact, no-more-collection,
	                      no-further-use, erase, objection, capacity-lost, died */
	int64_t given_at_s;
	int64_t valid_until_s; /* 0: no end */
	size_t permission_count;
	const struct wire_permission *permissions;
};

struct wire_opt_out {
	int64_t checked_at_s;
	bool opted_out;
	const char *source;
};

enum rules_kind {
	RULES_RECORD = 1,
	RULES_CONSENT = 2,
	RULES_KEY = 3,
	RULES_CHANGE = 4,
	RULES_OPT_OUT = 5
};

/* Texts may be NULL for "" when packing. */
struct wire_rules {
	uint8_t salt[WIRE_ID_BYTES];
	enum rules_kind kind;
	/* zeros only in a record about the site itself, and in a key for one */
	uint8_t participant[WIRE_ID_BYTES];
	uint8_t instance[WIRE_ID_BYTES];
	const char *form, *form_version, *wave, *group;
	size_t open_count;
	struct wire_open {
		const char *name, *value;
	} open[WIRE_OPEN_MAX];
	uint8_t refers_to[WIRE_ID_BYTES], consent_ref[WIRE_ID_BYTES], key_ref[WIRE_ID_BYTES];
	int64_t captured_s;
	/* Of a record or consent: the form, or a person, said captured_s; else that is when it
	 * came in at the site. */
	bool captured_said;
	bool sound; /* of a record alone: sound or film goes with it to the hub */
	struct wire_consent consent; /* kinds consent and change only */
	struct wire_opt_out opt_out; /* kind opt-out only */
};

CHECKED enum err wire_rules_pack(struct buf *out, const struct wire_rules *r);
CHECKED enum err wire_rules_unpack(struct wire_rules **ret, struct view bytes); /* gives */
void wire_rules_free(struct wire_rules *r);
OWNER(wire_rules)

#endif
