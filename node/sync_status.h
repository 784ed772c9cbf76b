/* sync_status - where everything of this site is, as one JSON document (SYNC_STATUS).
 *
 * Members:     study, site, writer (first 8 hex digits), incarnation, link (connected,
 *              connecting, waiting, refused, stopped), reason, last_contact ("" or UTC),
 *              manifest, in_force_until ("" or UTC: the last day of that version,
 *              sync_terms.h), over (true: that is past), refused_until ("" or UTC: the last day
 *              of newer terms that were refused because it was past), forms [{id, version,
 *              title}], terms (sync_needs.h), lanes [{lane, about, kept, sent, at_hub}],
 *              changes {waiting, known}: of participation, that the hub does not know of, and
 *              that it holds in force though their entries are still on their way; totals kept,
 *              sent, at_hub, dropped (frames that were not of their form), used_bytes,
 *              limit_bytes, disk_free_bytes.
 *              kept: in the vault; sent: the hub has said it has them; at_hub: by signed
 *              receipt; ahead_s: of the hub's clock when they met last; decide [{what,
 *              command}]: sentences for a person.
 */
#ifndef WEIR_NODE_SYNC_STATUS_H
#define WEIR_NODE_SYNC_STATUS_H

#include "node/sync_scrub.h"

CHECKED enum err sync_status_write(const struct sync_link_site *site,
	const struct sync_link *link, const struct sync_scrub *scrub, struct buf *out);

#endif
