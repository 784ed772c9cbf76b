/* judge_sheets - the versions of consent forms that were in force at a site, as R09 asks for
 * them.
 *
 * Source:      every manifest that was put in force (versions.h). A form that asks for a
 *              permission is a consent form. Of the versions that one form had at one site each
 *              replaces the one before it.
 * Demand:      [form.NAME] reconsent of the study.ini that brought the version: none,
 *              next-contact, before-collection, before-use. Not said: before any use.
 * Time:        a version is in force from when the manifest was, known from the manifest's
 *              leaf; the first one of a form from ever, since what came before the study was
 *              agreed to in no other.
 *              A version that comes back is not new; what replaced it still is.
 */
#ifndef WEIR_HUB_JUDGE_SHEETS_H
#define WEIR_HUB_JUDGE_SHEETS_H

#include "common/study/rules_facts.h"

#include "hub/row.h"
#include "hub/versions.h"

struct judge_sheets {
	char site[ROW_ID_BYTES];
	bool is_read;
	struct rules_sheet *at; /* texts are lent by the packs of the versions */
	size_t count;
};

/* Those of a site; the ones that were read last stay until another is asked for. v: may be
 * NULL. */
void judge_sheets_read(struct judge_sheets *s, const struct versions *v, const char *site);
void judge_sheets_done(struct judge_sheets *s);

#endif
