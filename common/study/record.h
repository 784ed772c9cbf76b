/* record - one filled-in form as values: what expressions and tables read.
 *
 * Made from answers {path, value}: the path below the root of the form, with [n], n from 1,
 * behind the name of each repeat ("outcome_view[2]/achieved"); "outcome_view[2]" alone says
 * that the instance is there.
 * Always true: a value is there, or missing with a reason: not asked unless a path came, not
 *              answered when it came empty, else what its missing code says.
 *              a choice is of its list; a number is finite. Texts are not kept: only whether
 *              they are there.
 *              instances are dense: what comes for instance n makes all before it.
 * Versions:    answers written under another version of the form are read by `written`: an item
 *              counts when the form in force has one of the same name, type, repeat and list
 *              codes; what it does not share stays not asked, and is not looked at.
 * Bounds:      RECORD_MAX_VALUES values a record; the memory is kept for the next record.
 * Errors:      E_FORMAT naming the item, never the answer; E_FULL past the bound. After an
 *              error only record_clear() and record_free() make sense.
 * It can hurt: these are a person's answers in the clear: clear and free wipe them.
 */
#ifndef WEIR_RECORD_H
#define WEIR_RECORD_H

#include "common/study/expr.h"
#include "common/study/form.h"

#define RECORD_MAX_VALUES ((size_t)1 << 18)

struct record;

/* gives an empty record of the form. `written` is the form's version that the answers were
 * given under, NULL for the same. All are lent as long as the record lives. */
struct record *record_new(
	const struct form *f, const struct form *written, const struct missing_codes *missing);
void record_free(struct record *r);
OWNER(record)

/* Empties it for the next one: everything is not asked. */
void record_clear(struct record *r);

/* One answer. Nested instances have to come in the order of the form. */
CHECKED enum err record_put(struct record *r, const char *path, const char *value);

const struct form *record_form(const struct record *r);
/* instance: of the field's own repeat, from 0; 0 for a field outside repeats. Not asked when
 * there is no such instance. For a select_multiple only whether it is there, or why not. */
struct expr_value record_value(const struct record *r, size_t field, size_t instance);
/* Is the choice at this place of the list of a select_multiple among those ticked? */
bool record_chosen(const struct record *r, size_t field, size_t instance, size_t place);
/* Instances of a repeat, all enclosing instances together. */
size_t record_instances(const struct record *r, size_t repeat);

/* Is a field of the written version read as a field of the form in force? Else it is shown
 * apart (D-77). ret_field may be NULL. */
bool record_shares(const struct form *f, const struct form *written, size_t written_field,
	size_t *ret_field);

/* The type that expressions see. A choice item is a number when all codes of its list, missing
 * codes aside, are whole numbers; a calculation is a choice when it has a list. */
enum expr_type record_type(
	const struct form *f, size_t field, const struct missing_codes *missing);

#endif
