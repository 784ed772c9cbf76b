/* bundlecall - bundles between a file and the process that keeps, over its socket: both sides.
 *
 * Verbs:       each program gives them numbers of its own; fields are the same.
 *              OPEN   asks blob claim (bundle.h); answer: empty. One bundle at a time a peer.
 *              GIVE   asks u8 kind, blob box: the frames in order; answer: empty, behind the
 *                     commit of what was in it
 *              CLOSE  asks nothing; answer: text JSON, what became of it. E_AUTH when the
 *                     frames were not those of the claim.
 *              TAKE   asks u8 1 to begin (u8 0: go on), and what the program adds to that;
 *                     answer: u8 more, blob bytes of the file, text JSON (empty while more is
 *                     1). E_BUSY: ask again in a moment.
 * Always true: what is handed in was checked here first and is held against its claim there.
 * Errors:      those of bundlefile.h; what the other side said.
 */
#ifndef WEIR_BUNDLECALL_H
#define WEIR_BUNDLECALL_H

#include "common/run/bundlefile.h"

enum bundlecall_verb {
	BUNDLECALL_OPEN,
	BUNDLECALL_GIVE,
	BUNDLECALL_CLOSE,
	BUNDLECALL_TAKE,
};
#define BUNDLECALL_VERBS_COUNT 4

/* One request; adds the answer's fields to reply. */
typedef enum err bundlecall_fn(
	void *arg, enum bundlecall_verb verb, struct view fields, struct buf *reply);

struct bundlecall {
	bundlecall_fn *call;
	void *arg;
};

/* Hands in a bundle; adds the JSON of CLOSE to json. */
CHECKED enum err bundlecall_give(
	const struct bundlecall *c, const char *path, uint64_t max_bytes, struct buf *json);

/* Gets one and writes it to path; asks: what stands behind the first u8. Adds the JSON. */
CHECKED enum err bundlecall_take(
	const struct bundlecall *c, const char *path, struct view asks, struct buf *json);

#endif
