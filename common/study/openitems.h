/* openitems - the items of a record that stand open, as R16 looks at them.
 *
 * Sealed items are those of the record's form in its version, and no form is published with an
 * item that has no destination (formcheck.h); which of them a record holds only its opener
 * sees.
 * Always true: an item that stands open and is not listed as open by the form is unlisted; one
 *              that has to stay at the site is said to.
 */
#ifndef WEIR_OPENITEMS_H
#define WEIR_OPENITEMS_H

#include "common/codec/wire_rules.h"
#include "common/study/form.h"
#include "common/study/rules_facts.h"

/* How many of `ret` were filled; names are lent by the rules part. form NULL: none is
 * listed. */
size_t openitems(struct rules_item ret[static WIRE_OPEN_MAX], const struct form *f,
	const struct wire_rules *r);

/* The partner organisation that the record names (open item `partner`), lent by it; NULL if
 * none. ret_not_asked: its form does not ask, as R20 wants to know. */
const char *openitems_partner(
	const struct form *f, const struct wire_rules *r, bool *ret_not_asked);

/* The staff code of who collected the record (open item `collected_by`), lent by it; NULL if
 * none. No field of its own in the rules part: a form asks for it as for a partner. */
const char *openitems_collector(const struct form *f, const struct wire_rules *r);

/* May the words of the record be printed (open item `quote_ok`)? One that is not asked, or goes
 * sealed, is a no. */
bool openitems_quote(const struct form *f, const struct wire_rules *r);

#endif
