/* facts - what a command has to know before it seals: the study pack in force and the public
 * keys.
 *
 * Source: SYNC_FACTS (ipc.h). The pack is what two officers signed; sync checked that before.
 * Errors: E_NOTFOUND "no study has arrived from the hub yet"; E_FORMAT; those of client.h.
 */
#ifndef WEIR_NODE_FACTS_H
#define WEIR_NODE_FACTS_H

#include "common/study/pack.h"

#include "node/capture.h"
#include "node/client.h"

struct facts {
	struct capture_site site; /* study: lent by the pack */
	struct pack *pack;
};

CHECKED enum err facts_load(struct facts **ret, struct client *sync);
/* The same from an answer to SYNC_FACTS; the cursor is left behind the documents. */
CHECKED enum err facts_read(struct facts **ret, struct cursor *c);
void facts_free(struct facts *f);
OWNER(facts)

/* The pseudonyms of these study codes; ret holds count of them. */
struct facts_person {
	uint8_t participant[ID_BYTES];
};
CHECKED enum err facts_people(
	struct client *sync, const char *const *codes, size_t count, struct facts_person *ret);

/* The consents of one person in order, as rules parts; each lent for the call. */
typedef enum err facts_consent_fn(void *arg, struct view rules_part);
CHECKED enum err facts_of_code(struct client *sync, const char *code, struct facts_person *ret,
	struct buf *entries, facts_consent_fn *each, void *arg);

#endif
