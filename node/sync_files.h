/* sync_files - the sealed files of submissions, in chunks, as they wait for their way to the
 * hub or stay at the site.
 *
 * files        version u8 = 2 | goes u8 | plain bytes u64 | 32 digest | id file (random) |
 *              id instance it was sealed for | id key_ref | u32 chunk count | 32 root |
 *              u64 arrived wall s | u8 1 its chunks are another submission's, 0 its own |
 *              blob box (of a file that goes `site`, attach.h)
 * Always true: the same name with the same digest changes nothing; with another digest the new
 *              one stands under the name, and the old one stays as history.
 * Errors:      E_FORMAT not sealed in whole chunks, or the vault is damaged; those of the
 *              vault.
 */
#ifndef WEIR_NODE_SYNC_FILES_H
#define WEIR_NODE_SYNC_FILES_H

#include "node/attach.h"
#include "node/sync_rows.h"

/* A file as it came. */
struct sync_file_in {
	struct view name;
	uint8_t goes; /* enum form_goes */
	uint64_t plain_bytes;
	uint8_t digest[HASH_BYTES];
	struct view sealed;
};

/* Of its form? Puts nothing. */
CHECKED enum err sync_file_check(const struct sync_file_in *f);
/* Is it here already, the same? */
CHECKED enum err sync_file_known(struct vault *v, const uint8_t id[static ID_BYTES],
	const struct sync_file_in *f, bool *ret);

struct sync_file_of {
	uint8_t id[ID_BYTES];       /* of the submission */
	uint8_t instance[ID_BYTES]; /* the file is sealed for */
	uint8_t key_ref[ID_BYTES];
	int64_t now_s;
};
CHECKED enum err sync_file_put(
	struct vault *v, const struct sync_file_of *of, const struct sync_file_in *f);

/* Expected files that are not here: those that go `hub`, and all. */
struct sync_missing {
	size_t hub;
	size_t all;
};
CHECKED enum err sync_file_missing(struct vault *v, const uint8_t id[static ID_BYTES],
	const struct sync_expected *list, size_t count, struct sync_missing *ret);

/* What `to` expects and has not, taken over by name from `from`; move: it is not there any
 * more then. */
CHECKED enum err sync_file_carry(struct vault *v, const uint8_t from[static ID_BYTES],
	const uint8_t to[static ID_BYTES], bool move);
/* Adds the roots part of the files that go `hub`; nothing if there are none. */
CHECKED enum err sync_file_roots(
	struct vault *v, const uint8_t id[static ID_BYTES], struct buf *out);
/* The next file of a kept submission that a bundle for the hub would bring something of.
 * at: the row that was looked at last, empty at the beginning; moved on. count 0: no more. */
CHECKED enum err sync_file_next(struct vault *v, struct buf *at, struct lane_file *ret);
#define SYNC_FILE_AT_BYTES (ID_BYTES + ATTACH_NAME_BYTES + 8)

/* lends the box of a file that goes `site` from its row; empty of other files. */
CHECKED enum err sync_file_box(struct view row, struct view *ret);

/* Everything of a submission that was never kept; what it had carried from one that was stays
 * there. */
CHECKED enum err sync_file_drop(struct vault *v, const uint8_t id[static ID_BYTES]);

#endif
