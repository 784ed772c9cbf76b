/* row - how the hub's own facts stand in the vault's rows.
 *
 * Always true: a row begins with a version byte (1); fields follow as bytes.h writes them.
 * Errors:      E_FORMAT "a row of the hub is damaged: THING".
 * Reading:     row_begin(), the fields, row_end(): one check at the end tells whether all was
 *              there.
 */
#ifndef WEIR_HUB_ROW_H
#define WEIR_HUB_ROW_H

#include "common/codec/bytes.h"

#define ROW_VERSION   1
#define ROW_MAX_BYTES 65536
/* ids of sites, persons, approvals: a-z 0-9 _ -, with the final zero */
#define ROW_ID_BYTES   64
#define ROW_TEXT_BYTES 200

/* The cursor behind the version byte; broken for any other version. */
struct cursor row_begin(struct view value);
/* A text field that has to fit into `room` bytes with its zero. */
void row_text(struct cursor *c, char *ret, size_t room);
CHECKED enum err row_end(const struct cursor *c, const char *what);
/* For what is made once: OK when the search found nothing, E_CONFLICT "there is WHAT already"
 * when it found something, and the search's own error when it could not tell. */
CHECKED enum err row_absent(enum err searched, const char *what);

#endif
