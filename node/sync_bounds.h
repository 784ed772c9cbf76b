/* sync_bounds - does an item keep to how far each answer of its form may go, and to who may
 * read it?
 *
 * Always true: a part that rules see holds open answers of its form only, and none in a key or
 *              a consent; an item with a record that nobody at the site reads brings no key for
 *              the site. What does not keep to this is refused whole: nothing is taken out of
 *              it, since whoever made it is not the program that was agreed on.
 * Left out:    what is sealed. Sync cannot open it; the keeper refuses a record that holds an
 *              answer its form does not send (opening.h).
 * Errors:      E_FORMAT naming the item of the form, never the answer.
 */
#ifndef WEIR_NODE_SYNC_BOUNDS_H
#define WEIR_NODE_SYNC_BOUNDS_H

#include "common/study/form.h"

#include "node/sync_item.h"

/* form: of the entry's version; NULL when nobody knows it, and then nothing open is let in. */
CHECKED enum err sync_bounds_check(
	const struct form *form, const struct sync_item *t, const struct sync_item_entry *n);

#endif
