/* brought - what the manifests of a study brought since its first one, as R01 asks for it:
 * versions of forms, and versions of the plan.
 *
 * Source:      every manifest that was put in force (versions.h).
 * Forms:       each version of a form but the one that it came with, and of a form of phase 2
 *              that one as well once a manifest says that its list of outcomes waits for an
 *              amendment ([phase2] list.needs, D-67). A version that comes back is not new. A
 *              manifest that cannot be read may have had the form: what a later one has of it
 *              is taken for new.
 * Protocols:   [study] protocol of each manifest that changed it; in force since the manifest
 *              was, the first one from ever. Of a manifest that cannot be read it is not known.
 * Always true: texts are its own, since the versions of a hub are read anew when a study is put
 *              in force.
 */
#ifndef WEIR_HUB_BROUGHT_H
#define WEIR_HUB_BROUGHT_H

#include "hub/approval_facts.h"
#include "hub/versions.h"

struct brought {
	size_t manifest_count;         /* it was read from ... */
	struct versions_manifest last; /* ... and the last of them, its pack not to be asked */
	char **owned;                  /* texts */
	size_t owned_count;
	struct approval_form *forms;
	size_t form_count;
	struct rules_protocol *protocols;
	size_t protocol_count;
};

/* Reads on where it was left, or all anew if that is not where v goes on. Was there anything to
 * read? v: NULL for none. Release it with brought_done(). */
bool brought_read(struct brought *b, const struct versions *v);
void brought_done(struct brought *b);

#endif
