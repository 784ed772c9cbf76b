/* sync_erase - persons who asked to be erased, deleted at their site.
 *
 * When:        the hub's signed paper says that the person is gone there (`weir-hub erase
 *              receipt`), so nobody is deleted here whose wish was refused; and the hub has
 *              signed for every entry about the person.
 * Deleted:     all parts of all entries about the person; consents, current records, what was
 *              held, files, site-only answers, keys, and the study code's way to the pseudonym.
 * Stays:       headers; ids of submissions, so that no tablet brings one back; a mark that is
 *              keyed with the node's own key and made of the study code: whoever enters the
 *              code
 *              again is told not to contact (SYNC_PEOPLE refuses it).
 * Rows:        META "mark-" id 16 -> u8 1: BLAKE2b-128, personal weir-no-contact, keyed with
 *              the
 *              row key, of the study code
 *              META "erased-" first 5 bytes of the change's instance -> stopped u64 s | gone
 *              u64 s
 * Receipt:     canonical JSON, signed by the writer key over the format "weir-erased-v1".
 * It can hurt: the vault moves within the call: about as long as copying it takes.
 *              a copy of this vault from before still opens with the site's review key, and
 *              with
 *              the study's intake secret as long as that number is not destroyed: the receipt
 *              says so. So do copies of the desk's names and of tablets, which are not here.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_ERASE_H
#define WEIR_NODE_SYNC_ERASE_H

#include "node/vault.h"

struct sync_erase_ask {
	struct vault *vault; /* nothing of a turn open */
	const char *study;
	const char *site;
	struct view paper; /* of the hub, with its signature; empty: only print */
	struct view signature;
	const uint8_t *receipt_public; /* SIGN_PUBLIC_BYTES */
	struct secret *writer;
	int64_t now_s;
};

/* Answers SYNC_ERASE: see ipc.h. E_AUTH, E_DENIED, E_BUSY, E_NOTFOUND for a paper. */
CHECKED enum err sync_erase_run(const struct sync_erase_ask *ask, struct buf *answer);
/* E_DENIED for a code whose holder asked to be erased. */
CHECKED enum err sync_erase_check(struct vault *v, struct view code);

#endif
