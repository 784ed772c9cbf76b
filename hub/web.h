/* web - the hub's door for HTTP on the loopback: `weir-hub role web`, if [web] listen is set.
 *
 * Routes:      POST /bundle/v1   a bundle of a node (application/octet-stream); answer 200 with
 *                                the hub's bundle for it, or a sentence as text/plain: 400 no
 *                                whole bundle, 403 not for this hub or of nobody it takes
 *                                anything from, 409 it does not fit what the hub has, 413 too
 *                                large, 429 too many, 503 not now
 *              GET /healthz      200
 * Always true: it has no secret and no store: the ledger, asked over RUN/web/ledger.sock, takes
 *              nothing on its word. nginx stands in front (ops/nginx/weir-bundle.conf).
 *              bounded: bundle_max bytes each, UPLOADS_MAX_COUNT at a time, bundles_per_minute,
 *              and the disk floor of the vault is left free. What was uploaded lies in
 *              RUN/web/spool until it is answered, and no longer than this process.
 * It can hurt: who can reach the door can use up its quota; the proxy in front limits
 *              addresses.
 */
#ifndef WEIR_HUB_WEB_H
#define WEIR_HUB_WEB_H

#include "hub/settings.h"

/* Serve until a stop signal. confine: give up all but its own files (Landlock). */
CHECKED enum err web_run(const char *dir, const struct settings *s, bool confine);

#endif
