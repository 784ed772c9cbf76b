/* form_stamp - the field by which a form says when it was filled in, by the client's clock.
 *
 * Always true: it stands in no repeat; one of type end goes before one of type today.
 */
#ifndef WEIR_FORM_STAMP_H
#define WEIR_FORM_STAMP_H

#include "common/study/form.h"

/* lends the field; NULL: the form does not say. */
const struct form_field *form_stamp(const struct form *f);

/* Is what the field says kept as an answer? Not the study code, which leads to the pseudonym,
 * nor a stamp that goes `site`: when the record was collected stands in its rules part. */
bool form_field_is_kept(const struct form_field *f);

#endif
