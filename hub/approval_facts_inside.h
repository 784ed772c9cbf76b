/* approval_facts_inside - what the files of approval_facts share; nobody else includes this.
 *
 * approval_facts: approvals, their stops and reviews, persons. approval_changes: what changes
 * the study, and which sites have not agreed to it.
 */
#ifndef WEIR_HUB_APPROVAL_FACTS_INSIDE_H
#define WEIR_HUB_APPROVAL_FACTS_INSIDE_H

#include "hub/approval_facts.h"

struct approval_making {
	struct approval_facts *to;
	const struct approval *rows;
	size_t count;
	const struct approval_study *study;
	uint64_t known_upto;
};

/* takes what the facts lend from; lends it. */
void *approval_keep(struct approval_facts *f, void *owned);
/* The words of a field as a list that f keeps. */
struct rules_list approval_list(struct approval_facts *f, const char *words);
bool approval_is_seen(const struct approval_making *m, const struct approval *a);
/* Where it ends, by its own day or by what supersedes it; 0: not known. */
int64_t approval_end_s(const struct approval_making *m, const struct approval *a);
/* An ethics opinion in favour. */
bool approval_is_opinion(const struct approval *a);

/* Modifications, and versions that came without one. */
void approval_changes_add(const struct approval_making *m);

#endif
