/* intake_upload - the body of a submission while it comes: its XML and the files beside it.
 *
 * Always true: all plain bytes lie in one buffer, reserved for what was announced, so that none
 *              is left behind where it grew; it is wiped at the end.
 *              a part counts as a file by its name, which is a bare file name; the marker
 *              *isIncomplete* and parts without a file name are read and dropped: whether files
 *              are missing follows from the form and the XML, never from what a client says.
 *              of two parts of one name the later one counts.
 * Errors:      E_FORMAT a body that is not of its form, a name that cannot be kept, a second
 *              XML; E_FULL over max_bytes or another bound; E_NOTFOUND no XML in it.
 */
#ifndef WEIR_NODE_INTAKE_UPLOAD_H
#define WEIR_NODE_INTAKE_UPLOAD_H

#include "common/codec/bytes.h"

#define INTAKE_UPLOAD_XML "xml_submission_file"

struct intake_upload;

/* gives. announced_bytes: of the whole body, 0 unknown. */
CHECKED enum err intake_upload_open(struct intake_upload **ret, const char *content_type,
	uint64_t announced_bytes, size_t max_bytes);
void intake_upload_free(struct intake_upload *u); /* wipes */
OWNER(intake_upload)

CHECKED enum err intake_upload_add(struct intake_upload *u, struct view piece);
/* The body is over. */
CHECKED enum err intake_upload_end(struct intake_upload *u);

/* Memory that it takes: what was announced, or what has come. */
size_t intake_upload_bytes(const struct intake_upload *u);
struct view intake_upload_xml(const struct intake_upload *u);
size_t intake_upload_file_count(const struct intake_upload *u);
const char *intake_upload_file_name(const struct intake_upload *u, size_t i);
struct view intake_upload_file(const struct intake_upload *u, size_t i);

#endif
