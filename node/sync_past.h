/* sync_past - earlier studies that a node had in force: records filled in with a form version
 * of theirs are still taken, under that version.
 *
 * On disk:     meta, "past:" and the manifest's number in ten digits -> SignedManifest; its
 *              documents stay in the table of documents.
 * Always true: the list is newest first and each of it has a version of a form that neither the
 *              study in force nor a newer one of the list has; SYNC_PAST_MAX_COUNT at most.
 * Errors:      those of the vault, of manifests and packs.
 */
#ifndef WEIR_NODE_SYNC_PAST_H
#define WEIR_NODE_SYNC_PAST_H

#include "common/codec/wire_study.h"
#include "common/study/pack.h"

#include "node/hubcard.h"
#include "node/vault.h"

#define SYNC_PAST_MAX_COUNT 8

struct sync_past;

/* gives what is on disk; v and card are lent. */
CHECKED enum err sync_past_open(
	struct sync_past **ret, struct vault *v, const struct hubcard *card);
void sync_past_free(struct sync_past *p);
OWNER(sync_past)

/* Lent until the next sync_past_add(). */
const struct pack *const *sync_past_packs(const struct sync_past *p, size_t *ret_count);
bool sync_past_names(const struct sync_past *p, const uint8_t document[static HASH_BYTES]);

/* In the transaction that puts another manifest in force: remember this one. */
CHECKED enum err sync_past_put(
	struct vault *v, const struct wire_manifest *m, struct view signed_manifest);
/* takes manifest and pack of what was in force before `now`. */
CHECKED enum err sync_past_add(struct sync_past *p, struct wire_manifest *m, struct pack *pack,
	const struct pack *now);

/* gives the pack of a manifest whose documents are all here. */
CHECKED enum err sync_past_load(
	struct pack **ret, struct vault *v, const struct wire_manifest *m);

#endif
