/* versions - every study pack that was ever put in force: forms in their earlier versions,
 * where they were rolled out, and since when they are closed.
 *
 * Always true: a manifest is read only when it opens from the pinned study root, so the keeper,
 *              which trusts no row of the vault, may ask as well as the ledger.
 *              a form that was lent stays where it is until versions_free().
 *              packs with the same documents are loaded once.
 * Roll-out:    a version is for the sites that the newest manifest with this version names. So
 *              a version that goes to one site first leaves the version before it in use at the
 *              others.
 * Closed:      from when the first of the unbroken row of manifests that end at the newest was
 *              put in force, and in all of which the form is closed or left out.
 * Not shown:   a pack that this program cannot read any more is left out: its versions count as
 *              never published, and versions_lost() says so.
 * Errors:      E_AUTH, E_DENIED a manifest that does not open; those of vault.h.
 */
#ifndef WEIR_HUB_VERSIONS_H
#define WEIR_HUB_VERSIONS_H

#include "common/study/pack.h"
#include "common/trust/crypto.h"

#include "hub/vault.h"

struct versions;

/* gives; knows no manifest yet. root: the study root's public key. */
struct versions *versions_new(const char *study, const uint8_t root[static SIGN_PUBLIC_BYTES]);
void versions_free(struct versions *v);
OWNER(versions)

/* Read the manifests that are not known yet; cheap when there is none. */
CHECKED enum err versions_read(struct versions *v, struct vault_txn *t);

/* NULL if it was never published. */
const struct form *versions_form(
	const struct versions *v, const char *form, const char *version);
/* Was there ever a form of this id? */
bool versions_has(const struct versions *v, const char *form);
bool versions_at_site(
	const struct versions *v, const char *form, const char *version, const char *site);
/* Wall seconds since which the form takes no new records; INT64_MAX while it does. */
int64_t versions_closed_s(const struct versions *v, const char *form);

/* The pack of the manifest in force at this time; NULL if there was none or it cannot be
 * read. */
const struct pack *versions_in_force(const struct versions *v, int64_t wall_ms);
/* Since when the analysis plan is sealed: its date, or when the first manifest of the unbroken
 * row that says so was put in force, whichever is later; 0: it is not. Wall milliseconds.
 * ret_leaf: of that manifest. */
int64_t versions_sealed_ms(const struct versions *v, uint64_t *ret_leaf);

/* Every manifest that was put in force, oldest first. */
struct versions_manifest {
	const struct pack *pack; /* NULL: it cannot be read */
	int64_t in_force_s;
	uint64_t leaf; /* of the act that put it in force; 0: not known, from an older hub */
};
size_t versions_manifests(const struct versions *v);
struct versions_manifest versions_manifest(const struct versions *v, size_t i);

/* Packs, oldest first; those with the same documents stand once. */
size_t versions_count(const struct versions *v);
const struct pack *versions_at(const struct versions *v, size_t i);

/* How many manifests could not be read, and a sentence about the newest of them, or "". */
size_t versions_lost(const struct versions *v, const char **ret_why);

#endif
