/* capture_cells - the answers of one record, each beside the item of the form it belongs to.
 *
 * Always true: every cell's path leads to an item of the form or to an instance of a repeat;
 *              a text that stays blank is in none, unless the answers were checked before.
 *              nothing is copied: paths and values are the caller's.
 * Errors:      E_FORMAT naming the path, never the answer.
 */
#ifndef WEIR_NODE_CAPTURE_CELLS_H
#define WEIR_NODE_CAPTURE_CELLS_H

#include "common/study/form.h"

struct capture_cell {
	const char *path;
	const char *value;
	const struct form_field *field; /* NULL: an instance of a repeat without answers */
};

struct capture_cells {
	struct capture_cell *list; /* owned */
	size_t count;
	size_t plain_bytes; /* what paths and values take together, each with its length */
};

/* checked: only whether the paths exist is asked. */
CHECKED enum err capture_cells_read(struct capture_cells *ret, const struct form *form,
	const struct form_answer *answers, size_t count, bool checked);
void capture_cells_done(struct capture_cells *c);
#define OWNED_CELLS OWNED_BY(capture_cells_done)

/* Where the item stands below the root, without indices: its name where the form has no groups.
 */
const char *capture_path_of(const struct form_field *f);
/* The item that a path with indices leads to; NULL if none. */
const struct form_field *capture_field_at(const struct form *form, const char *path);
/* The value of the first cell of the item of this name, "" if none. */
const char *capture_cells_value(const struct capture_cells *c, const char *name);
/* Does the answer of this cell travel sealed? */
bool capture_cell_is_sealed(const struct capture_cell *c);
/* Does it stay at the site, and is it not the study code? */
bool capture_cell_is_local(const struct capture_cell *c);

#endif
