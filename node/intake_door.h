/* intake_door - what stands behind every address of the door for tablets: access, common
 * headers, and the documents that are only read.
 *
 * Addresses:   below /key/TOKEN, /v1/key/TOKEN and /v1/key/TOKEN/projects/N, as ODK Central has
 *              them: formList, form/ID/VERSION/xml, .../manifest, .../media/NAME, integrity,
 *              submission. And /healthz.
 * Always true: every answer, refusals too, carries X-OpenRosa-Version, Date, Content-Language
 *              and X-OpenRosa-Accept-Content-Length; all but forms and media want
 *              X-OpenRosa-Version: 1.0 of the request.
 *              a token that is unknown or was taken back is 403: 401 would make Collect ask for
 *              a password. sync refuses what a revoked collector hands in from the moment on;
 *              lists and forms are read by it for INTAKE_FACTS_MS more.
 *              URLs in documents begin with the Host that the client used (checked: a name or
 *              address, and one of intake.hosts where that is set) and the scheme that the
 *              proxy in front names in X-Forwarded-Proto.
 * Not so:      what libmicrohttpd itself refuses (no HTTP, a head too long) has none of these
 *              headers: it has no option to add any.
 */
#ifndef WEIR_NODE_INTAKE_DOOR_H
#define WEIR_NODE_INTAKE_DOOR_H

#include "common/net/http.h"

#include "node/intake_forms.h"
#include "node/intake_link.h"

/* What the addresses share; one per process. */
struct intake_door {
	struct intake_link *link;
	struct intake_tokens *tokens;
	struct intake_forms *forms; /* NULL: no study has arrived yet */
	const char *hosts;          /* names that may be used, with blanks between; "": any */
	size_t accept_bytes;        /* announced: clients split what is more */
	size_t max_bytes;           /* of one request; more is 413 */
	size_t memory_bytes;        /* of all that are under way */
	size_t under_way_bytes;
	uint64_t facts_wanted; /* the newest number that sync named */
};

/* The common part of a handler: token, quota and, if wanted, the version header. lends the
 * collector; NULL: it has been answered. */
struct intake_collector *intake_door_admit(
	struct intake_door *d, struct http_exchange *x, uint64_t bytes, bool versioned);

/* Answer with the outcome; words NULL: its own. */
void intake_door_say(struct http_exchange *x, enum openrosa_outcome outcome, const char *words);

/* For struct http_setup. */
void intake_door_dress(struct http_exchange *x, void *door);
void intake_door_refuse(
	struct http_exchange *x, unsigned status, const char *sentence, void *door);

/* Handlers of documents. */
void intake_door_list(struct http_exchange *x, void *door);
void intake_door_xml(struct http_exchange *x, void *door);
void intake_door_manifest(struct http_exchange *x, void *door);
void intake_door_media(struct http_exchange *x, void *door);
void intake_door_integrity(struct http_exchange *x, void *door);
void intake_door_health(struct http_exchange *x, void *door);

#endif
