/* seal - answers sealed under a participant's key, and that key wrapped for its readers.
 *
 * Always true: what was sealed in one context opens in no other: study, participant, form,
 *              version, instance and class are bound to the answers; study, participant and
 *              class to the key.
 *              the length of what is sealed shows its bucket only: 256, 512, 1024, 2048 bytes,
 *              then multiples of 4096.
 * Formats:     answers  XChaCha20-Poly1305 (nonce 24 in front, tag 16 behind) over the padded
 *                       text: compression u8 (0 none) | u32 length | content | zeros up to the
 *                       bucket. AAD: fields of u32 length and bytes: "weir-answers-v1", study,
 *                       participant 16, form, form version, instance 16, class u8.
 *              wrap     version u8 = 1 | number u32 of the public key | sealed box over
 *                       version u8 = 1, u32 length and study, participant 16, class u8, key 32
 * Errors:      E_AUTH wrong key or context, or changed; E_FORMAT cut short, unknown version,
 *              padding that is not of its form; E_FULL more than 1 MiB.
 * It can hurt: an anonymous box says nothing about who sealed it; the entry's chain does.
 *              Opened answers land in the buffer given: wipe it with crypto_wipe() when done.
 */
#ifndef WEIR_SEAL_H
#define WEIR_SEAL_H

#include "common/trust/crypto.h"

#define SEAL_CONTENT_MAX_BYTES 1048576
/* What a part may take: content, its frame, the bucket and the AEAD. */
#define SEAL_PART_MAX_BYTES (SEAL_CONTENT_MAX_BYTES + 4096 + AEAD_EXTRA_BYTES)

/* Who may read: the study alone, the study and the site, the site alone. On the wire. */
enum seal_class { SEAL_HUB = 1, SEAL_BOTH = 2, SEAL_SITE = 3 };

struct seal_context {
	const char *study;
	uint8_t participant[ID_BYTES];
	const char *form;
	const char *form_version;
	uint8_t instance[ID_BYTES];
	enum seal_class class;
};

/* gives a new participant key of AEAD_KEY_BYTES. */
struct secret *seal_key_new(void);

/* Bytes of the padded text for content of len bytes. */
size_t seal_bucket_bytes(size_t len);

/* Adds the sealed part to out. Answers and details are sealed alike. */
CHECKED enum err seal_answers(struct buf *out, struct view content,
	const struct seal_context *context, struct secret *key);
/* Adds the content to out. */
CHECKED enum err seal_open_answers(struct buf *out, struct view sealed,
	const struct seal_context *context, struct secret *key);

/* The key's own context: study, participant and class of it are used. */
CHECKED enum err seal_wrap(struct buf *out, const struct seal_context *context,
	struct secret *key, uint32_t number, const uint8_t public[static BOX_PUBLIC_BYTES]);
/* The id of the entry that holds a key wrapped again, by the id of the one that it is found
 * under: BLAKE2b-128, personal "weir-rewrap-v1", of that id. */
void seal_again_id(uint8_t ret[static ID_BYTES], const uint8_t key[static ID_BYTES]);
#define SEAL_AGAIN_MOST_COUNT 16 /* times that one key is wrapped again */
/* Which numbered key opens it. */
CHECKED enum err seal_wrap_number(uint32_t *ret, struct view wrap);
/* gives the key; E_AUTH when its context is not this one. */
CHECKED enum err seal_open_wrap(struct secret **ret, struct view wrap,
	const struct seal_context *context, struct secret *box_secret);

/* Opens many wraps of a study with one key: its public half is worked out once and locked
 * memory taken once, each of which takes about as long as opening a wrap. */
struct seal_opener;
/* gives; both are lent as long as it lives. */
struct seal_opener *seal_opener_new(const char *study, struct secret *box_secret);
void seal_opener_free(struct seal_opener *o);
OWNER(seal_opener)
/* Like seal_open_wrap(), into a key of AEAD_KEY_BYTES; it holds zeros afterwards unless OK. A
 * context of another study than the opener's is refused as a wrap's is. */
CHECKED enum err seal_opener_wrap(struct seal_opener *o, struct secret *to, struct view wrap,
	const struct seal_context *context);

#endif
