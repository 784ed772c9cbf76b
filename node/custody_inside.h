/* custody_inside - what the files of custody share; nobody else includes this.
 *
 * custody: the file, the list, opening. custody_change: making, renewing, sealing to others.
 */
#ifndef WEIR_NODE_CUSTODY_INSIDE_H
#define WEIR_NODE_CUSTODY_INSIDE_H

#include "node/custody.h"

#define CUSTODY_FILE_NAME      "desk/review.key"
#define CUSTODY_FORMAT         "weir-custody-v1"
#define CUSTODY_LOCK_KIND      "node-coordinator"
#define CUSTODY_SEED_BYTES     32
#define CUSTODY_FILE_MAX_BYTES 65536

/* The file as it stands; boxes lie in its bytes. */
struct custody_file {
	uint8_t *bytes;
	uint8_t stamp[HASH_BYTES];
	struct custody_list list;
	struct view boxes[CUSTODY_WHO_COUNT];
};
CHECKED enum err custody_read_file(struct custody_file *f, const char *dir);
void custody_file_done(struct custody_file *f);

/* Without the locks, so that a passphrase may be changed and nothing else. */
CHECKED enum err custody_hash_list(
	uint8_t ret[static HASH_BYTES], const struct custody_list *l);
CHECKED enum err custody_check_list(const struct custody_list *l);

#endif
