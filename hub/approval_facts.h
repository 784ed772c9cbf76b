/* approval_facts - approvals as the rules see them, with what was known at one time.
 *
 * Always true: only verified approvals, verified by then, are seen; a turn that widens counts
 *              from its verification, one that narrows from its entry.
 * Turns:       an approval that was suspended for a while is seen as its running times, and
 *              each stop as a decision of its own (suspended, withdrawn) while it lasts. One
 *              that another supersedes ends when that one begins.
 * Reviews:     of an ethics opinion (rec, screc, uni_rec) the progress report, of `cag` the
 *              yearly review, of `dspt` the toolkit, which counts as reviewed when its issuer
 *              is NHS England.
 * Changes:     a modification brings the forms that it covers (FORM@VERSION). Handling category
 *              a: every site of the NHS confirms again, b: those it names, c: none. A site does
 *              by a modification of its own that covers the same forms.
 *              A version that came later, and that no such change of the study names, nor an
 *              opinion as FORM@VERSION, stands as a change that nobody agreed to.
 * Persons:     approvals about a person (training, contract, letter-of-access) say who may ask
 *              and are no approvals of study or site.
 */
#ifndef WEIR_HUB_APPROVAL_FACTS_H
#define WEIR_HUB_APPROVAL_FACTS_H

#include "common/study/rules_facts.h"

#include "hub/approval.h"

struct approval_facts {
	struct rules_approval *approvals;
	size_t approval_count;
	struct rules_modification *modifications;
	size_t modification_count;
	struct rules_review *reviews;
	size_t review_count;
	void **owned; /* what they lend from */
	size_t owned_count;
};

/* A site, for handling categories. */
struct approval_site {
	const char *id;
	bool is_nhs;
};

/* A version of a form that needs a change of the study (brought.h). */
struct approval_form {
	const char *form, *version;
	uint64_t known;
};

/* What papers are held against. */
struct approval_study {
	const struct approval_site *sites;
	size_t site_count;
	const struct approval_form *forms;
	size_t form_count;
};

/* gives; the rows and what the study lends are lent as long as it lives. study: NULL for no
 * site and no form. */
struct approval_facts *approval_facts_new(const struct approval *rows, size_t count,
	const struct approval_study *study, uint64_t known_upto);
void approval_facts_free(struct approval_facts *f);
OWNER(approval_facts)

/* What the rows say of who asks; other fields of ret stay. */
void approval_facts_person(const struct approval *rows, size_t count, const char *person,
	uint64_t known_upto, struct rules_request *ret);

#endif
