/* multipart - bodies of multipart/form-data (RFC 7578, RFC 2046), part by part as they come.
 *
 * Always true: what is held is one delimiter and one part's head, never a body; pieces may be
 *              cut anywhere.
 *              a part was begun has a name; text of a head is UTF-8 without control characters.
 *              a file name is a bare name: no slash or backslash, not "." or "..", no NUL.
 * Names:       as the clients write them: quoted, UTF-8 bytes, a quote as %22 (browsers,
 *              okhttp) or with a backslash before it (others).
 * Limits:      200 parts, 4 KiB of head, 255 bytes of name.
 * Errors:      E_FORMAT with a sentence; E_FULL for the limits; those of the sink. The first
 *              one is final: the parser gives it again.
 * Own code, not libmicrohttpd's: that one needs a living connection, takes a body that ends in
 * the middle of a part, and tells a name from a filename by searching for substrings.
 */
#ifndef WEIR_MULTIPART_H
#define WEIR_MULTIPART_H

#include "common/codec/bytes.h"

#define MULTIPART_PARTS_MAX_COUNT    200
#define MULTIPART_HEAD_MAX_BYTES     ((size_t)4096)
#define MULTIPART_NAME_MAX_BYTES     ((size_t)255)
#define MULTIPART_BOUNDARY_MAX_BYTES ((size_t)70)

struct multipart_part {
	const char *name;     /* of the field */
	const char *filename; /* NULL if it has none */
	const char *type;     /* its Content-Type as it came; "" if none */
};

/* Called in the order of the body; an error ends the parsing. Everything is lent for the
 * call. */
struct multipart_sink {
	enum err (*begin)(void *arg, const struct multipart_part *part);
	enum err (*data)(void *arg, struct view bytes);
	enum err (*end)(void *arg);
	void *arg;
};

struct multipart;

/* gives. content_type: the header's value, with the boundary; NULL is refused like another
 * type. */
CHECKED enum err multipart_open(
	struct multipart **ret, const char *content_type, const struct multipart_sink *sink);
void multipart_free(struct multipart *m);
OWNER(multipart)

CHECKED enum err multipart_add(struct multipart *m, struct view piece);
/* The body is over: E_FORMAT if its last delimiter never came. */
CHECKED enum err multipart_end(struct multipart *m);

/* Is this a bare file name that may be kept? */
bool multipart_is_file_name(const char *name);

#endif
