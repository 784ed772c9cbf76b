/* openrosa - what the node says to ODK Collect and other OpenRosa clients: documents and the
 * outcome of a submission. Pure: no clock, no socket, no disk.
 *
 * Sources:     OpenRosa 1.0 form list, form manifest and form submission API; where ODK Collect
 *              differs from them, Collect is right.
 * Documents:   form list, manifest, integrity, response; all UTF-8, all "text/xml" (Collect
 *              takes anything else for a captive portal).
 * Outcomes:    one row each (openrosa.c): status, nature, words for the person at the tablet.
 *              201 and 202 are kept for good; Collect takes 200 for a captive portal and 204
 *              for an error. What would leave a record on a tablet for ever (another content
 *              under an id that is known, a code or a version nobody knows, no consent) is kept
 *              aside with 202.
 * Always true: URLs are absolute, made from the base that the client used; every piece of text
 *              is escaped; hashes begin with "md5:".
 */
#ifndef WEIR_NODE_OPENROSA_H
#define WEIR_NODE_OPENROSA_H

#include "common/codec/bytes.h"

#define OPENROSA_TYPE           "text/xml; charset=utf-8"
#define OPENROSA_LIST_MAX_BYTES ((size_t)4 << 20)
#define OPENROSA_IDS_MAX_COUNT  1000 /* of one integrity request */

struct openrosa_file {
	const char *name;
	const char *md5; /* hex */
};

struct openrosa_form {
	const char *id;
	const char *title;
	const char *version;
	const char *md5; /* of the XForm, hex */
	const struct openrosa_file *files;
	size_t file_count;
};

/* "https://node.example/key/TOKEN" and what lies below it; ends without a slash. */
struct openrosa_base {
	const char *scheme; /* "http" or "https" */
	const char *host;   /* checked by http_host_is_fine() */
	const char *path;   /* "/key/TOKEN", as it came */
};

/* The form list; only_id NULL: all. */
void openrosa_list(struct buf *out, const struct openrosa_base *base,
	const struct openrosa_form *forms, size_t count, const char *only_id);
/* The manifest of one form: the files that the node holds. */
void openrosa_manifest(
	struct buf *out, const struct openrosa_base *base, const struct openrosa_form *form);
/* The integrity of entities: "a,b,c". The node keeps no entity list, so none was deleted here;
 * saying otherwise would make tablets forget what only they have. E_FORMAT for too many. */
CHECKED enum err openrosa_integrity(struct buf *out, const char *ids);

enum openrosa_outcome {
	OPENROSA_NEW,
	OPENROSA_SAME,
	OPENROSA_FILES_ADDED,
	OPENROSA_WAITING_FILES,
	OPENROSA_EDITED,
	OPENROSA_BRANCH,
	OPENROSA_HELD,
	OPENROSA_DELETED,
	OPENROSA_UNKNOWN_DEPRECATED,
	OPENROSA_UNKNOWN_FORM,
	OPENROSA_NOT_THIS_FORM, /* the token is good, but not for this form */
	OPENROSA_CLOSED,
	OPENROSA_NO_XML,
	OPENROSA_BAD_MULTIPART,
	OPENROSA_BAD_XML,
	OPENROSA_BAD_VERSION, /* X-OpenRosa-Version */
	OPENROSA_BAD_TOKEN,
	OPENROSA_TOO_LARGE,
	OPENROSA_TOO_OFTEN, /* the quota of the token */
	OPENROSA_BUSY,      /* sync does not answer, or too much is under way: again, later */
	OPENROSA_FULL,      /* the disk */
	OPENROSA_BROKEN,
};
#define OPENROSA_OUTCOME_COUNT (OPENROSA_BROKEN + 1)

struct openrosa_verdict {
	const char *nature; /* of the message */
	const char *words;  /* for the person, where nobody has better ones */
	unsigned status;
	unsigned retry_s; /* Retry-After; 0: none */
};
const struct openrosa_verdict *openrosa_verdict(enum openrosa_outcome outcome);

/* The OpenRosaResponse with this message; words NULL: those of the outcome. */
void openrosa_response(struct buf *out, enum openrosa_outcome outcome, const char *words);

#endif
