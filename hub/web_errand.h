/* web_errand - one bundle from the door to the ledger, and its answer back, without waiting.
 *
 * Always true: it has a connection of its own to the ledger, so that no answer is taken for
 *              another one's; what was uploaded is checked whole before a byte of it goes
 *              there, so many bytes a turn. memory is one frame and the answer, at most
 *              ERRAND_REPLY_MAX_BYTES. it is answered once; when the ledger goes away or is
 *              silent, with E_ABSENT: the node sends again, and what was taken is known then.
 * Errors:      to `done`: those of hub/bundles.h and bundle.h, without the name of a file.
 */
#ifndef WEIR_HUB_WEB_ERRAND_H
#define WEIR_HUB_WEB_ERRAND_H

#include "common/net/link.h"

#define ERRAND_REPLY_MAX_BYTES ((size_t)64 << 20)

/* OK and the answer's bytes, or why there is none (its sentence in err_text()). */
typedef void web_errand_fn(void *arg, enum err e, struct view reply);

struct web_errand;

struct web_errand_setup {
	struct reactor *reactor;
	struct link_context *context;
	const char *socket; /* path of the ledger's */
	const char *file;   /* what was uploaded */
	uint64_t max_bytes;
	web_errand_fn *done; /* called once, later, in the loop */
	void *arg;
};
/* gives; begins at once. E_IO, E_FULL: `done` is not called then. */
CHECKED enum err web_errand_begin(
	struct web_errand **ret, const struct web_errand_setup *setup);
void web_errand_free(struct web_errand *e); /* not from within its own calls */
OWNER(web_errand)

/* At least each second: a ledger that is silent for too long ends the errand. */
void web_errand_tick(struct web_errand *e);

#endif
