/* capture_inside - what the files of capture share (capture.h).
 *
 * capture: entries and items. capture_ids: what a row is called. capture_local: what stays at
 * the site.
 */
#ifndef WEIR_NODE_CAPTURE_INSIDE_H
#define WEIR_NODE_CAPTURE_INSIDE_H

#include "node/capture.h"
#include "node/capture_cells.h"

#define CAPTURE_ROW_MAX_BYTES ((size_t)FORM_MAX_FIELDS * (FORM_MAX_TEXT_BYTES + 1024))

/* A record whose answers were found to be of its form. */
struct capture_row {
	const struct capture_record *record;
	struct capture_cells cells;
	const struct consent *consent; /* of a consent form; NULL: a record */
};

/* Digest and instance, unless the record has its own. */
CHECKED enum err capture_name(uint8_t ret_instance[static ID_BYTES],
	uint8_t ret_digest[static HASH_BYTES], const struct capture_site *site,
	const struct capture_row *row);
/* Adds the site part; nothing when no answer stays at the site. */
CHECKED enum err capture_local(struct buf *out, const struct capture_site *site,
	const struct capture_row *row, const uint8_t instance[static ID_BYTES]);

#endif
