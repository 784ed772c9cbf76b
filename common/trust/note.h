/* note - signed notes, checkpoints, cosignatures (C2SP signed-note, tlog-checkpoint,
 * -cosignature).
 *
 * Note:         text that ends in a newline, one empty line, then signature lines of the form
 *               "U+2014 name base64(key id:4 BE | signature)".
 *               UTF-8, no control character but newline.
 * Key id:       first four bytes of SHA-256(name | 0x0a | type | public key).
 * Key text:     name+hex(key id)+base64(type:1 | public key:32), which C2SP calls a vkey.
 * Type 0x01:    Ed25519 over the text.
 * Type 0x04:    time:8 BE | Ed25519 over "cosignature/v1\ntime SECONDS\n" and the text.
 * Checkpoint:   the text of a note: origin, size in decimal, base64 of the root, extension
 *               lines.
 * Always true:  what is parsed holds at most NOTE_MOST_BYTES and NOTE_SIGNATURES_MOST_COUNT
 *               lines; signatures by unknown keys are skipped, those by a key that is asked
 *               for have to fit.
 * Errors:       E_FORMAT (not of the form), E_NOTFOUND (no signature by this key), E_AUTH
 *               (one by this key does not fit: the note was changed, or it is another key).
 */
#ifndef WEIR_NOTE_H
#define WEIR_NOTE_H

#include "common/trust/crypto.h"

#define NOTE_MOST_BYTES            65536
#define NOTE_SIGNATURES_MOST_COUNT 100
#define NOTE_NAME_MOST_BYTES       200

enum note_type { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

struct note_key {
	char name[NOTE_NAME_MOST_BYTES + 1];
	uint32_t id;
	enum note_type type;
	uint8_t public[SIGN_PUBLIC_BYTES];
};

/* Names are 1..NOTE_NAME_MOST_BYTES bytes of UTF-8 without blanks, '+' and control characters.
 */
CHECKED enum err note_key_make(struct note_key *ret, const char *name, enum note_type type,
	const uint8_t public[static SIGN_PUBLIC_BYTES]);
CHECKED enum err note_key_parse(struct note_key *ret, const char *text);
char *note_key_text(const struct note_key *key); /* gives it */

/* A bare signature of type 0x04, as it travels; the time is signed along. */
CHECKED enum err note_cosign(uint8_t ret[static SIGNATURE_BYTES], struct view text,
	uint64_t time_s, struct secret *secret);
CHECKED bool note_cosigned(const uint8_t signature[static SIGNATURE_BYTES], struct view text,
	uint64_t time_s, const uint8_t public[static SIGN_PUBLIC_BYTES]);
/* Add the line that it is in a note. */
CHECKED enum err note_cosign_line(struct buf *out, const struct note_key *key, uint64_t time_s,
	const uint8_t signature[static SIGNATURE_BYTES]);

/* One signature line as it stands; lent by the note. */
struct note_line {
	struct view name;
	struct view base64;
	uint32_t id;
};

/* A parsed note; everything in it is lent by the bytes it was parsed from. */
struct note {
	struct view text; /* with its last newline */
	size_t count;
	struct note_line line[NOTE_SIGNATURES_MOST_COUNT];
};

CHECKED enum err note_parse(struct note *ret, struct view bytes);
/* Every signature by this key fits, and there is one. ret_time_s: seconds since 1970 of the
 * latest cosignature, 0 for type 0x01; may be NULL. */
CHECKED enum err note_check(
	const struct note *n, const struct note_key *key, int64_t *ret_time_s);

/* Begin a note: the text and the empty line. Then sign as often as wished. */
CHECKED enum err note_begin(struct buf *out, struct view text);
/* Add one signature line over `text` to `out`. time_s counts for NOTE_COSIGNATURE only. E_AUTH
 * if the secret is not the other half of the key. */
CHECKED enum err note_sign(struct buf *out, struct view text, const struct note_key *key,
	struct secret *secret, int64_t time_s);

struct note_checkpoint {
	char origin[NOTE_NAME_MOST_BYTES + 1];
	uint64_t size; /* at most 2^63 - 1 */
	uint8_t root[HASH_BYTES];
};

/* Add the three lines to `text`. */
CHECKED enum err note_checkpoint_text(struct buf *text, const struct note_checkpoint *cp);
/* Read a note's text; extension lines are allowed and mean nothing here. */
CHECKED enum err note_checkpoint_parse(struct note_checkpoint *ret, struct view text);
/* A whole signed checkpoint at once: the log's signature fits and the origin is the key's name.
 */
CHECKED enum err note_checkpoint_open(struct note_checkpoint *ret, struct note *ret_note,
	struct view bytes, const struct note_key *log);

#endif
