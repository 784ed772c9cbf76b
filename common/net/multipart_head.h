/* multipart_head - the texts in front of the parts of a form: names, types, the boundary.
 *
 * Always true: a name is UTF-8 without control characters, not empty, at most
 *              MULTIPART_NAME_MAX_BYTES; a file name is a bare name besides.
 *              a parameter that stands twice is refused: two readers could take different ones.
 * Errors:      those of multipart.h.
 */
#ifndef WEIR_MULTIPART_HEAD_H
#define WEIR_MULTIPART_HEAD_H

#include "common/net/multipart.h"

struct multipart_head {
	char *name;
	char *filename; /* NULL if there is none */
	char *type;     /* "" if there is none */
};

/* gives what the head of a part says; text: all its lines, with CR LF behind each. */
CHECKED enum err multipart_head_read(struct multipart_head *ret, const char *text);
void multipart_head_done(struct multipart_head *h);

/* gives the boundary from the Content-Type of the whole; NULL is no type. */
CHECKED enum err multipart_boundary(char **ret, const char *content_type);

#endif
