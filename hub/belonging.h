/* belonging - where a record belongs: its form in the version it was filled in with, at its
 * site.
 *
 * Source:      the pack in force; what it cannot say, the versions that were published before
 *              (versions.h).
 * Counts:      what nodes count (form "system") is about the site and has no form in any pack.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_BELONGING_H
#define WEIR_HUB_BELONGING_H

#include "common/codec/wire_rules.h"

#include "hub/judge.h"

struct belonging {
	const struct form *form; /* lent by its pack; NULL if unknown */
	bool is_at_site;         /* this version is rolled out there */
	bool is_closed;          /* the form was, before the record was collected */
	const char *unknown;     /* JUDGE_NO_FORM, JUDGE_NO_VERSION, or NULL */
};

/* h has a pack. */
CHECKED enum err belonging_find(const struct hub *h, struct vault_txn *t, const char *site,
	const struct wire_rules *r, struct belonging *ret);

#endif
