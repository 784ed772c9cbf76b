/* sync_submit_read - the fields of one SYNC_SUBMIT request, checked one by one; for
 * sync_submit.
 */
#ifndef WEIR_NODE_SYNC_SUBMIT_READ_H
#define WEIR_NODE_SYNC_SUBMIT_READ_H

#include "node/sync_files.h"
#include "node/sync_item.h"

#define SUBMIT_FILES_MAX_COUNT 256

/* Views are lent by the request. */
struct sync_request {
	struct view form, version, code, collector, agent, reason;
	uint8_t participant[ID_BYTES];
	uint8_t instance[ID_BYTES];
	uint8_t deprecates[ID_BYTES];
	uint8_t digest[HASH_BYTES];
	enum submit_problem problem;
	struct sync_expected *expected; /* owned */
	size_t expected_count;
	struct sync_file_in *files; /* owned */
	size_t file_count;
	struct view item, site_part, spare;
};

/* E_FORMAT names the field. */
CHECKED enum err sync_request_read(struct sync_request *ret, struct view bytes);
/* E_BUSY unless what is sealed for the site is sealed for the review key in force, and what is
 * sealed for the study for the intake key in force; item: NULL if there is none. */
CHECKED enum err sync_request_fits(
	const struct sync_judge *j, const struct sync_request *r, const struct sync_item *item);
void sync_request_done(struct sync_request *r);
#define OWNED_REQUEST OWNED_BY(sync_request_done)

#endif
