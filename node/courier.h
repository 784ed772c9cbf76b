/* courier - carries bundles to the hub's door by HTTPS, where no other way leads out.
 *
 * Process:     `weir-node role courier`, started by `weir-node run` if node.ini names an
 *              address ([courier] url). It has no key and no store: sync writes, seals and
 *              signs what it carries, and checks what it brings.
 * Course:      asks sync for a bundle, posts it, hands the answer to sync; every
 *              `every_minutes`, half of it certain and half chance, soon after the start, and
 *              not while the node is connected to the hub. Files go in pieces, so many bytes
 *              an errand, one errand after the other as long as the hub keeps some of them:
 *              on a poor link a short errand comes to its end.
 * Files:       DIR/run/courier/out.bundle and in.bundle, as long as one errand lasts.
 * Errors:      those of courier_post.h and bundlecall.h; while it runs they are logged, and
 *              tried again.
 */
#ifndef WEIR_NODE_COURIER_H
#define WEIR_NODE_COURIER_H

#include "common/run/bundlecall.h"

#include "node/settings.h"

/* A request about a bundle at sync; arg: struct client. */
enum err courier_call(
	void *arg, enum bundlecall_verb verb, struct view fields, struct buf *reply);

/* What a bundle for the hub is asked for: fields of node/bundles.h. */
struct courier_asks {
	uint8_t bytes[9];
};
struct courier_asks courier_asks(bool all, uint64_t file_bytes);

/* One errand. Adds the JSON of what became of the answer. *ret_again: files wait for another
 * one, and the hub kept what this one brought. */
CHECKED enum err courier_once(
	const char *dir, const struct settings *s, struct buf *json, bool *ret_again);

struct courier_setup {
	const char *dir;
	/* Called before anything is carried: confine the process. ca: what settings name. */
	enum err (*confine)(void *arg, const char *ca);
	void *arg;
};
/* Serve until a stop signal. */
CHECKED enum err courier_run(const struct courier_setup *setup);

#endif
