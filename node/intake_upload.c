#include "node/intake_upload.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/net/multipart.h"
#include "common/trust/crypto.h"

/* What capture still takes whole when no form fits. */
#define UPLOAD_XML_MAX_BYTES ((size_t)3 << 20)

/* A part that is kept: it lies in the buffer at `from`. */
struct part {
	char *name;
	size_t from, len;
};

struct intake_upload {
	struct multipart *parser;
	struct buf bytes;
	size_t reserved;
	struct part xml; /* name NULL: it has not come */
	struct part files[MULTIPART_PARTS_MAX_COUNT];
	size_t file_count;
	struct part *open; /* NULL: what comes is dropped */
};

/* parts */

static struct part *
file_of_name(struct intake_upload *u, const char *name)
{
	for (size_t i = 0; i < u->file_count; i++)
		if (strcmp(u->files[i].name, name) == 0)
			return &u->files[i];
	u->files[u->file_count].name = xstrdup(name);
	return &u->files[u->file_count++];
}

static enum err
on_begin(void *arg, const struct multipart_part *p)
{
	struct intake_upload *u = arg;
	u->open = NULL;
	if (strcmp(p->name, INTAKE_UPLOAD_XML) == 0) {
		if (u->xml.name)
			return fail(E_FORMAT, "two parts are called " INTAKE_UPLOAD_XML);
		u->xml.name = xstrdup(p->name);
		u->open = &u->xml;
	} else if (p->filename) {
		if (!multipart_is_file_name(p->name))
			return fail(E_FORMAT, "a file has a name that cannot be kept");
		u->open = file_of_name(u, p->name);
	}
	if (u->open) {
		u->open->from = u->bytes.len;
		u->open->len = 0;
	}
	return OK;
}

static enum err
on_data(void *arg, struct view bytes)
{
	struct intake_upload *u = arg;
	if (!u->open)
		return OK;
	if (u->open == &u->xml && u->xml.len + bytes.len > UPLOAD_XML_MAX_BYTES)
		return fail(
			E_FULL, "the XML has more than %zu MiB", UPLOAD_XML_MAX_BYTES >> 20);
	buf_add_view(&u->bytes, bytes);
	u->open->len += bytes.len;
	return buf_check(&u->bytes, "submission");
}

static enum err
on_end(void *arg)
{
	((struct intake_upload *)arg)->open = NULL;
	return OK;
}

/* make, free */

enum err
intake_upload_open(struct intake_upload **ret, const char *content_type,
	uint64_t announced_bytes, size_t max_bytes)
{
	OWNED(intake_upload) struct intake_upload *u = xcalloc(1, sizeof(*u));
	struct multipart_sink sink = {on_begin, on_data, on_end, u};
	*ret = NULL;
	buf_init(&u->bytes, max_bytes);
	enum err e = multipart_open(&u->parser, content_type, &sink);
	if (e)
		return e;
	u->reserved = (size_t)MIN(announced_bytes, max_bytes);
	if (u->reserved)
		buf_reserve(&u->bytes, u->reserved);
	*ret = take(u);
	return OK;
}

void
intake_upload_free(struct intake_upload *u)
{
	if (!u)
		return;
	multipart_free(u->parser);
	buf_wipe(&u->bytes);
	for (size_t i = 0; i < u->file_count; i++)
		free(u->files[i].name);
	free(u->xml.name);
	free(u);
}

/* use */

enum err
intake_upload_add(struct intake_upload *u, struct view piece)
{
	return multipart_add(u->parser, piece);
}

enum err
intake_upload_end(struct intake_upload *u)
{
	enum err e = multipart_end(u->parser);
	if (!e && !u->xml.name)
		e = fail(E_NOTFOUND, "the part " INTAKE_UPLOAD_XML " is missing");
	return e;
}

size_t
intake_upload_bytes(const struct intake_upload *u)
{
	return MAX(u->reserved, u->bytes.len);
}

static struct view
bytes_of(const struct intake_upload *u, const struct part *p)
{
	return p->len ? view_of(u->bytes.at + p->from, p->len) : view_of(NULL, 0);
}

struct view
intake_upload_xml(const struct intake_upload *u)
{
	return bytes_of(u, &u->xml);
}

size_t
intake_upload_file_count(const struct intake_upload *u)
{
	return u->file_count;
}

const char *
intake_upload_file_name(const struct intake_upload *u, size_t i)
{
	return u->files[i].name;
}

struct view
intake_upload_file(const struct intake_upload *u, size_t i)
{
	return bytes_of(u, &u->files[i]);
}
