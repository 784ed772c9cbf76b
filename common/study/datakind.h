/* datakind - what kind of data a record is, as R08 and approvals ask: answers, records (facts
 * out of care records) or audio (answers that come with sound or film).
 *
 * Always true: the form says whether its records are extracts, the rules part whether sound
 *              goes with this one to the hub; no answer and no file is opened for it.
 *              Sound that stays at the site is in no entry: the site alone asks for it. Which
 *              question a file answers is sealed, so where a form keeps sound at the site any
 *              file that stays there is taken for it: a picture beside it asks for the same
 *              permission.
 */
#ifndef WEIR_DATAKIND_H
#define WEIR_DATAKIND_H

#include "common/codec/wire_rules.h"
#include "common/study/form.h"

/* A constant. r NULL: of a record of the form as such. */
const char *datakind_of(const struct form *f, const struct wire_rules *r);
/* The same, asked at the site of a record of which files stay there, or none. */
const char *datakind_at_site(
	const struct form *f, const struct wire_rules *r, bool has_files_of_site);

/* Why the files that came with a record, so many of them, do not go with what it says of sound:
 * a constant; NULL when nothing is known against it. Files that were expected and never came
 * are no lie, so fewer prove nothing. */
const char *datakind_contradicts(
	const struct form *f, const struct wire_rules *r, size_t file_count);

#endif
