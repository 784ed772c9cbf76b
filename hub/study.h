/* study - the study pack in force at the hub: proposed by one officer, put in force by another.
 *
 * Always true: manifests are numbered from 1 and only go up; the one in force carries two
 *              statements of two officers over its exact bytes, and every document it names is
 *              in the vault. It was opened as a node opens it before it was put in force. It
 *              gives no old name a new meaning, against all that were in force before
 *              (studydiff.h).
 *              what no manifest names is dropped when one is put in force.
 * Rows:        MANIFESTS  number u64 -> SignedManifest of a manifest that was put in force
 *              DOCUMENTS  hash:32    -> bytes
 *              META       "study-proposed" -> version u8 | blob manifest | blob SignedStatement
 * Errors:      E_FORMAT with the first fault of the pack; E_DENIED; E_CONFLICT; E_NOTFOUND.
 */
#ifndef WEIR_HUB_STUDY_H
#define WEIR_HUB_STUDY_H

#include "common/codec/sync_session.h"
#include "common/codec/wire.h"

#include "hub/acts.h"

struct wire_manifest;

/* Act: propose these manifest bytes, or put the proposed ones in force. */
CHECKED enum err study_sign(struct hub *h, const struct act *a, struct buf *reply);

/* A document that a manifest will name; adds its hash (32 bytes) to reply. */
CHECKED enum err study_document(struct hub *h, struct view bytes, struct buf *reply);

/* Load the pack in force from the vault into h->pack; OK and no pack before the first publish.
 * Also after an aborted turn that had put another one in force. */
CHECKED enum err study_load(struct hub *h);

/* What WELCOME offers: number, hash and length of the SignedManifest in force; number 0 if
 * none. The SignedManifest is a document of this hash, too, so that nodes fetch it like the
 * others. */
CHECKED enum err study_offer(struct hub *h, struct sync_offer *ret);

/* gives the manifest in force; E_NOTFOUND before the first. */
CHECKED enum err study_in_force(struct hub *h, struct wire_manifest **ret);
/* Hash of the Manifest in force, for the `previous` of the next one; zeros before the first. */
CHECKED enum err study_manifest_hash(struct hub *h, uint8_t ret[static HASH_BYTES]);
/* Adds the proposed manifest's bytes; who proposed it. E_NOTFOUND if none waits. */
CHECKED enum err study_proposal(
	struct hub *h, struct buf *out, char by[static WIRE_NAME_BYTES]);

bool study_has_site(const struct hub *h, const char *site);

#endif
