/* datakind - what kind of data a record is, as R08 and approvals ask: answers, records (facts
 * out of care records) or audio (answers that come with sound or film).
 *
 * Always true: the form says whether its records are extracts, the rules part whether sound
 *              goes with this one to the hub; no answer and no file is opened for it.
 * It can hurt: sound that stays at the site is in no entry, so nothing here sees it.
 */
#ifndef WEIR_DATAKIND_H
#define WEIR_DATAKIND_H

#include "common/codec/wire_rules.h"
#include "common/study/form.h"

/* A constant. r NULL: of a record of the form as such. */
const char *datakind_of(const struct form *f, const struct wire_rules *r);

#endif
