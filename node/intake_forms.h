/* intake_forms - what intake serves and checks against: the forms in force, and those of
 * earlier manifests whose records may still come.
 *
 * Source:      SYNC_FACTS and SYNC_PAST. Built anew as a whole when sync names a newer number;
 *              requests under way keep what they began with (intake_forms_hold()).
 * Always true: a form is listed to tablets when it is in force and open here; its XForm and its
 *              files are served with their MD5 as ETag.
 * Errors:      E_NOTFOUND no study has arrived yet; E_FORMAT.
 */
#ifndef WEIR_NODE_INTAKE_FORMS_H
#define WEIR_NODE_INTAKE_FORMS_H

#include "common/codec/md5.h"
#include "common/net/http.h"

#include "node/facts.h"
#include "node/intake_token.h"
#include "node/ipc_submit.h"
#include "node/openrosa.h"

#define INTAKE_PAST_MAX_COUNT 16

struct intake_file {
	char md5[MD5_TEXT_BYTES];
	struct http_body *body;
};

struct intake_form {
	const struct form *form;
	const struct pack *pack; /* the one it stands in */
	enum facts_form state;
	bool current; /* of the manifest in force */
	char md5[MD5_TEXT_BYTES];
	struct http_body *xml;
	struct intake_file *files;        /* those the node holds, */
	struct openrosa_file *rosa_files; /* and as clients are told of them */
	size_t file_count;
};

struct intake_forms {
	size_t users;
	uint64_t number;     /* of the facts */
	uint32_t past_count; /* packs that may be asked for with SYNC_PAST */
	struct facts *facts;
	struct pack **past;
	size_t past_loaded;
	struct intake_form **list;
	size_t count;
	struct openrosa_form *rosa; /* those that are listed */
	size_t rosa_count;
};

/* gives, from the fields of an answer to SYNC_FACTS; the collectors go to `tokens`. */
CHECKED enum err intake_forms_read(
	struct intake_forms **ret, struct intake_tokens *tokens, struct cursor *c);
/* Adds the forms of an earlier pack, from an answer to SYNC_PAST. */
CHECKED enum err intake_forms_read_past(struct intake_forms *f, struct cursor *c);
struct intake_forms *intake_forms_hold(struct intake_forms *f);
void intake_forms_free(struct intake_forms *f); /* when nobody holds it any more */
OWNER(intake_forms)

/* The form of this id and version; of several (the same version in two packs) the one in force.
 * NULL. version NULL: any. */
const struct intake_form *intake_forms_find(
	const struct intake_forms *f, const char *id, const char *version);
/* Index of the file in its list, or -1. */
int intake_form_file(const struct intake_form *f, const char *name);
/* As clients are told of it. */
struct openrosa_form intake_form_rosa(const struct intake_form *f);

#endif
