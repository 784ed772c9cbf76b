/* manifest - what a node takes from the hub as its study, checked offline from the pinned root.
 *
 * Always true: a manifest is taken only when the root key has the pinned hash; the root signed
 *              the hub's lasting keys and they are those the manifest names; two statements of
 *              two different persons with different keys, each with a card signed by the root
 *              and the role officer (what the rules file asks before a node takes it), are over
 *              exactly its bytes; and it is not older than the one known.
 * Formats:     manifest hash: BLAKE2b-256 of the packed Manifest, personal weir-manifest-v1. It
 *              is the digest in the statements (kind "manifest", id the number in decimal) and
 *              the `previous` of the next one.
 *              document hash: BLAKE2b-256 of its bytes, personal weir-doc-v1.
 * Errors:      E_AUTH a key, hash or signature does not fit; E_DENIED too few persons or a role
 *              that may not; E_CONFLICT it is older than the one known, or another of its
 *              number; E_FORMAT.
 */
#ifndef WEIR_MANIFEST_H
#define WEIR_MANIFEST_H

#include "common/codec/wire_study.h"
#include "common/trust/crypto.h"

#define MANIFEST_KIND    "manifest"
#define MANIFEST_ROLE    "officer"
#define MANIFEST_PERSONS 2

void manifest_hash(uint8_t ret[static HASH_BYTES], struct view manifest);
void manifest_document_hash(uint8_t ret[static HASH_BYTES], struct view document);

/* What the checker already holds. number 0: no manifest yet. */
struct manifest_known {
	const char *study;
	uint8_t root_hash[HASH_BYTES];
	uint64_t number;
	uint8_t hash[HASH_BYTES];
};

/* gives the manifest and its hash from a packed SignedManifest. */
CHECKED enum err manifest_open(struct wire_manifest **ret, uint8_t ret_hash[static HASH_BYTES],
	struct view signed_manifest, const struct manifest_known *known);

/* When the second of its persons signed it, wall; of one that manifest_open() takes. */
CHECKED enum err manifest_in_force_s(struct view signed_manifest, int64_t *ret);

/* Adds to out the statement of a person over this packed manifest. */
CHECKED enum err manifest_sign(struct buf *out, struct view manifest, const char *person,
	int64_t time_s, struct secret *person_secret);

#endif
