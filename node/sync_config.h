/* sync_config - the study as the hub publishes it: the signed manifest and its documents,
 * fetched by hash.
 *
 * Always true: a manifest is in force only when the root pinned at joining vouches for it
 *              (trust/manifest), its number is higher than the one before, every document
 *              matches its hash, and the study pack loads without a fault. It and its documents
 *              are in one transaction; what is in force changes with the commit and not before.
 * Terms:       those of the site (sync_terms.h) come beside it; the commit changes them, too.
 * Order:       sync_config_part() and sync_config_done() as the link gets them; after the
 *              turn's commit sync_config_committed(), after its failure sync_config_failed().
 * Errors:      those of the vault. What is wrong with a manifest is no error but a refusal with
 *              words.
 */
#ifndef WEIR_NODE_SYNC_CONFIG_H
#define WEIR_NODE_SYNC_CONFIG_H

#include "common/codec/sync_data.h"
#include "common/codec/wire_study.h"
#include "common/study/pack.h"

#include "node/hubcard.h"
#include "node/sync_terms.h"

struct sync_config;

/* gives what is in force by the vault; both are lent as long as it lives. */
CHECKED enum err sync_config_open(
	struct sync_config **ret, struct vault *v, const struct hubcard *card);
void sync_config_free(struct sync_config *c);
OWNER(sync_config)

/* In force, or NULL / 0 before the first. Lent until the next commit. */
const struct pack *sync_config_pack(const struct sync_config *c);
const struct wire_manifest *sync_config_manifest(const struct sync_config *c);
uint64_t sync_config_number(const struct sync_config *c);
/* The hub's keys: the manifest's, else those of the card. */
const uint8_t *sync_config_ledger(const struct sync_config *c);
/* A note of the hub (ledgernote.h) names a newer ledger key than the manifest: it is used until
 * a manifest names one as new, or the process ends. *ret_new: it was not known. */
CHECKED enum err sync_config_take_ledger_key(
	struct sync_config *c, struct view note, bool *ret_new);
const uint8_t *sync_config_receipt(const struct sync_config *c);

/* The terms of the site, lent until the next commit; NULL before the first. */
const struct terms *sync_config_terms(const struct sync_config *c);
/* The same with what is known of the hub's time, lent as long as this lives. */
struct sync_terms *sync_config_word(struct sync_config *c);
/* sync_terms_over_s() of the version in force. */
int64_t sync_config_over_s(struct sync_config *c);
/* Signed terms that came; E_AUTH, E_FORMAT, E_DENIED: they are of no use. */
CHECKED enum err sync_config_take_terms(struct sync_config *c, struct view signed_terms);

/* Packs of earlier manifests, newest first, that have a version of a form which no later one
 * has; lent until the next commit. */
const struct pack *const *sync_config_past(const struct sync_config *c, size_t *ret_count);

/* Bytes of what is being fetched: a manifest (number > 0) or a document of it. */
void sync_config_part(struct sync_config *c, const struct sync_offer *what,
	uint64_t offset_bytes, struct view bytes);

enum sync_config_next {
	SYNC_CONFIG_WANT, /* ret_offer is to be fetched next */
	/* in force with the commit of this turn; ret_offer says its number */
	SYNC_CONFIG_READY,
	SYNC_CONFIG_REFUSED, /* err_text() says why; ret_offer says its number */
};
struct sync_config_step {
	enum sync_config_next next;
	struct sync_offer offer;
};
/* All bytes came, or (ok false) the hub has them not. */
CHECKED enum err sync_config_done(struct sync_config *c, const struct sync_offer *what, bool ok,
	struct sync_config_step *ret);

/* True if a manifest came into force with this commit. */
CHECKED enum err sync_config_committed(struct sync_config *c, bool *ret_new);
void sync_config_dropped(struct sync_config *c);
/* The turn is lost: the same, and terms that came in it. */
void sync_config_failed(struct sync_config *c);

/* Adds (text name, blob bytes) of a document as this site gives it out. */
CHECKED enum err sync_config_document(
	const struct sync_config *c, struct buf *out, const char *name, struct view bytes);
/* Adds the SignedManifest in force, then u32 count and count x (text name, blob bytes). */
CHECKED enum err sync_config_write(struct sync_config *c, struct buf *out);

#endif
