/* sync_rows - what is remembered of a submission, and what is kept of one that has to wait, as
 * rows of the vault.
 *
 * An id is the instance of the submission; of a second copy with other answers it is
 * BLAKE2b-128, personal "weir-copy-v1", over instance and digest.
 *
 * submissions  version u8 = 1 | state u8 | 32 digest | id previous | id next | id participant |
 *              u64 received wall s | text form | text version | text collector | text agent |
 *              u32 count x (text file name, u8 goes)
 * holds        version u8 = 2 | u8 enum submit_hold, 0 waits for files | id instance |
 *              id participant | id previous | 32 digest | text code | text form | text version
 *              | text reason | text collector | text agent | u64 received wall s | u64 expires
 *              wall s or 0 | blob item | blob site part |
 *              u32 count x (text file name, u8 goes) | blob spare: an entry that may stand in
 *              the item in the place of its last one, whose texts lead to nobody (version 1 had
 *              none)
 * Errors:      E_NOTFOUND; E_FORMAT the vault is damaged; those of the vault.
 * It can hurt: what is read is a copy owned by the row; free it with the done function.
 */
#ifndef WEIR_NODE_SYNC_ROWS_H
#define WEIR_NODE_SYNC_ROWS_H

#include "node/ipc_submit.h"
#include "node/vault.h"

#define SYNC_EXPECTED_MAX_COUNT 256

/* On disk, so the order stays. */
enum sync_state {
	SUBMISSION_KEPT = 1,
	SUBMISSION_HELD,
	SUBMISSION_WAITING, /* for files */
	SUBMISSION_GONE,    /* dropped, expired or erased: it is not taken again */
};

struct sync_expected {
	struct view name;
	uint8_t goes;
};

/* Views are lent by `bytes`, or by whoever fills the row to put it. */
struct sync_submission {
	enum sync_state state;
	uint8_t digest[HASH_BYTES];
	uint8_t previous[ID_BYTES]; /* that it corrects; zeros */
	uint8_t next[ID_BYTES];     /* that corrects it; zeros: it is current */
	uint8_t participant[ID_BYTES];
	int64_t received_s;
	struct view form, version, collector, agent;
	const struct sync_expected *expected;
	size_t expected_count;
	uint8_t *bytes;              /* owned, when it was read */
	struct sync_expected *owned; /* likewise */
};

struct sync_hold {
	uint8_t why; /* enum submit_hold, 0: files are missing */
	uint8_t instance[ID_BYTES];
	uint8_t participant[ID_BYTES];
	uint8_t previous[ID_BYTES];
	uint8_t digest[HASH_BYTES];
	struct view code, form, version, reason, collector, agent;
	int64_t received_s;
	int64_t expires_s; /* 0: never */
	struct view item, site_part, spare;
	const struct sync_expected *expected;
	size_t expected_count;
	uint8_t *bytes;
	struct sync_expected *owned;
};

/* Does a file of these stay at the site? */
bool sync_expects_at_site(const struct sync_expected *list, size_t count);

void sync_copy_id(uint8_t ret[static ID_BYTES], const uint8_t instance[static ID_BYTES],
	const uint8_t digest[static HASH_BYTES]);

CHECKED enum err sync_submission_get(
	struct vault *v, const uint8_t id[static ID_BYTES], struct sync_submission *ret);
CHECKED enum err sync_submission_put(
	struct vault *v, const uint8_t id[static ID_BYTES], const struct sync_submission *s);
void sync_submission_done(struct sync_submission *s);
#define OWNED_SUBMISSION OWNED_BY(sync_submission_done)

/* Holds are found by person, too. */
CHECKED enum err sync_hold_get(
	struct vault *v, const uint8_t id[static ID_BYTES], struct sync_hold *ret);
CHECKED enum err sync_hold_parse(struct sync_hold *ret, struct view row);
CHECKED enum err sync_hold_put(
	struct vault *v, const uint8_t id[static ID_BYTES], const struct sync_hold *h);
CHECKED enum err sync_hold_delete(struct vault *v, const uint8_t id[static ID_BYTES],
	const uint8_t participant[static ID_BYTES]);
void sync_hold_done(struct sync_hold *h);
#define OWNED_HOLD OWNED_BY(sync_hold_done)

#endif
