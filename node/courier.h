/* courier - carries bundles to the hub's door by HTTPS, where no other way leads out.
 *
 * Process:     `weir-node role courier`, started by `weir-node run` if node.ini names an
 *              address ([courier] url). It has no key and no store: sync writes, seals and
 *              signs what it carries, and checks what it brings.
 * Course:      asks sync for a bundle, posts it, hands the answer to sync; every
 *              `every_minutes`, half of it certain and half chance, soon after the start, and
 *              not while the node is connected to the hub.
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

/* One errand. Adds the JSON of what became of the answer. */
CHECKED enum err courier_once(const char *dir, const struct settings *s, struct buf *json);

struct courier_setup {
	const char *dir;
	/* Called before anything is carried: confine the process. ca: what settings name. */
	enum err (*confine)(void *arg, const char *ca);
	void *arg;
};
/* Serve until a stop signal. */
CHECKED enum err courier_run(const struct courier_setup *setup);

#endif
