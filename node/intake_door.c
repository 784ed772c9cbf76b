#include "node/intake_door.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#define OPENROSA_VERSION   "1.0"
#define LANGUAGE           "en"
#define NUMBER_BYTES       24
#define RESPONSE_MAX_BYTES ((size_t)16 << 10)
#define PATH_MAX_BYTES     ((size_t)2048)
#define ETAG_BYTES         (MD5_TEXT_BYTES + 2)
#define NO_STUDY           "no study has arrived at this node yet: try again later"

/* answers */

void
intake_door_dress(struct http_exchange *x, void *door)
{
	const struct intake_door *d = door;
	char number[NUMBER_BYTES];
	(void)snprintf(number, sizeof(number), "%zu", d->accept_bytes);
	http_set(x, "X-OpenRosa-Version", OPENROSA_VERSION);
	http_set(x, "X-OpenRosa-Accept-Content-Length", number);
	http_set(x, "Content-Language", LANGUAGE);
	http_set(x, "X-Content-Type-Options", "nosniff");
}

static void
say(struct http_exchange *x, unsigned status, enum openrosa_outcome outcome, const char *words)
{
	const struct openrosa_verdict *v = openrosa_verdict(outcome);
	OWNED_BUF struct buf out;
	char number[NUMBER_BYTES];
	buf_init(&out, RESPONSE_MAX_BYTES);
	openrosa_response(&out, outcome, words);
	if (out.broken) {
		buf_reset(&out);
		openrosa_response(&out, outcome, NULL);
	}
	(void)snprintf(number, sizeof(number), "%u", v->retry_s);
	if (v->retry_s)
		http_set(x, "Retry-After", number);
	http_answer(x, status, OPENROSA_TYPE, buf_view(&out));
}

void
intake_door_say(struct http_exchange *x, enum openrosa_outcome outcome, const char *words)
{
	say(x, openrosa_verdict(outcome)->status, outcome, words);
}

/* The server's own refusals: the status says which outcome is nearest. */
void
intake_door_refuse(struct http_exchange *x, unsigned status, const char *sentence, void *door)
{
	(void)door;
	if (status == 413)
		intake_door_say(x, OPENROSA_TOO_LARGE, NULL);
	else if (status == 503)
		intake_door_say(x, OPENROSA_BUSY, NULL);
	else
		say(x, status, OPENROSA_BROKEN, sentence);
}

/* access */

static bool
is_openrosa(const struct http_exchange *x)
{
	const char *version = http_header(x, "X-OpenRosa-Version");
	return version && strcmp(version, OPENROSA_VERSION) == 0;
}

struct intake_collector *
intake_door_admit(
	struct intake_door *d, struct http_exchange *x, uint64_t bytes, bool versioned)
{
	struct intake_collector *c = NULL;
	enum err e = intake_token_find(d->tokens, http_param(x, "token"), &c);
	if (!d->forms) {
		intake_door_say(x, OPENROSA_BUSY, NO_STUDY);
		return NULL;
	}
	if (e) {
		intake_door_say(x, OPENROSA_BAD_TOKEN, NULL);
		return NULL;
	}
	if (versioned && !is_openrosa(x)) {
		intake_door_say(x, OPENROSA_BAD_VERSION, NULL);
		return NULL;
	}
	if (intake_token_spend(c, bytes, clock_mono_ms())) {
		intake_door_say(x, OPENROSA_TOO_OFTEN, NULL);
		return NULL;
	}
	return c;
}

/* Is the name, without its port, one of the list? */
static bool
is_listed(const char *list, const char *host)
{
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	for (const char *at = list + strspn(list, " "); *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");
		if (word == len && strncasecmp(at, host, len) == 0)
			return true;
		at += word;
	}
	return !list[0];
}

/* False: it was answered. path: room for it. */
static bool
find_base(struct intake_door *d, struct http_exchange *x, struct buf *path,
	struct openrosa_base *ret)
{
	const char *host = http_header(x, "Host");
	const char *scheme = http_header(x, "X-Forwarded-Proto");
	const char *project = http_param(x, "project");
	if (!host || !http_host_is_fine(host) || !is_listed(d->hosts, host)) {
		say(x, 400, OPENROSA_BROKEN, "this node is not known under this name");
		return false;
	}
	buf_format(path, "%s/key/", strncmp(http_path(x), "/v1/", 4) == 0 ? "/v1" : "");
	http_encode(path, http_param(x, "token"));
	if (project) {
		buf_format(path, "/projects/");
		http_encode(path, project);
	}
	buf_u8(path, 0);
	if (path->broken) {
		intake_door_say(x, OPENROSA_BAD_TOKEN, NULL);
		return false;
	}
	bool secure = scheme && strcmp(scheme, "https") == 0;
	*ret = (struct openrosa_base){secure ? "https" : "http", host, (const char *)path->at};
	return true;
}

/* documents */

/* Does the client have it already? (RFC 9110, section 13.1.2) */
static bool
is_fresh(const struct http_exchange *x, const char *etag)
{
	const char *known = http_header(x, "If-None-Match");
	return known && (strcmp(known, "*") == 0 || strstr(known, etag));
}

/* Sets ETag; true: 304 was the answer. */
static bool
is_answered_by_etag(struct http_exchange *x, const char *md5)
{
	char etag[ETAG_BYTES];
	(void)snprintf(etag, sizeof(etag), "\"%s\"", md5);
	http_set(x, "ETag", etag);
	http_set(x, "Cache-Control", "no-cache");
	if (!is_fresh(x, etag))
		return false;
	http_answer(x, 304, NULL, view_of(NULL, 0));
	return true;
}

static void
answer_document(struct http_exchange *x, const struct buf *out)
{
	char md5[MD5_TEXT_BYTES];
	enum err e = buf_check(out, "document");
	if (!e)
		e = md5_text(md5, buf_view(out));
	if (e)
		intake_door_say(x, OPENROSA_BROKEN, NULL);
	else if (!is_answered_by_etag(x, md5))
		http_answer(x, 200, OPENROSA_TYPE, buf_view(out));
}

void
intake_door_list(struct http_exchange *x, void *door)
{
	struct intake_door *d = door;
	OWNED_MEM char *only = http_query(x, "formID");
	OWNED_BUF struct buf out, path;
	struct openrosa_base base;
	buf_init(&out, OPENROSA_LIST_MAX_BYTES);
	buf_init(&path, PATH_MAX_BYTES);
	if (!intake_door_admit(d, x, 0, true) || !find_base(d, x, &path, &base))
		return;
	openrosa_list(&out, &base, d->forms->rosa, d->forms->rosa_count, only);
	answer_document(x, &out);
}

/* The form that the address names, open or not: a tablet may ask for what it was told of
 * before. NULL: it was answered. */
static const struct intake_form *
find_form(struct intake_door *d, struct http_exchange *x)
{
	const char *version = http_param(x, "version");
	const struct intake_form *f = intake_forms_find(
		d->forms, http_param(x, "form"), strcmp(version, "-") == 0 ? "" : version);
	if (f && f->xml && (f->state != FACTS_NOT_HERE || !f->current))
		return f;
	say(x, 404, OPENROSA_UNKNOWN_FORM, "this form is not here");
	return NULL;
}

void
intake_door_xml(struct http_exchange *x, void *door)
{
	struct intake_door *d = door;
	const struct intake_form *f = NULL;
	if (intake_door_admit(d, x, 0, false))
		f = find_form(d, x);
	if (f && !is_answered_by_etag(x, f->md5))
		http_answer_shared(x, 200, OPENROSA_TYPE, f->xml);
}

void
intake_door_manifest(struct http_exchange *x, void *door)
{
	struct intake_door *d = door;
	const struct intake_form *f = NULL;
	OWNED_BUF struct buf out, path;
	struct openrosa_base base;
	buf_init(&out, OPENROSA_LIST_MAX_BYTES);
	buf_init(&path, PATH_MAX_BYTES);
	if (intake_door_admit(d, x, 0, true))
		f = find_form(d, x);
	if (!f || !find_base(d, x, &path, &base))
		return;
	struct openrosa_form rosa = intake_form_rosa(f);
	openrosa_manifest(&out, &base, &rosa);
	answer_document(x, &out);
}

/* What a list or picture is served as; a client takes it by its name. */
static const char *
media_type(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {{".csv", "text/csv; charset=utf-8"}, {".xml", "text/xml; charset=utf-8"},
		{".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
		{".svg", "image/svg+xml"}, {".mp3", "audio/mpeg"}, {".mp4", "video/mp4"},
		{".geojson", "application/geo+json"}};
	size_t len = strlen(name);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		size_t end = strlen(types[i].end);
		if (len > end && strcasecmp(name + len - end, types[i].end) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

void
intake_door_media(struct http_exchange *x, void *door)
{
	struct intake_door *d = door;
	const struct intake_form *f = NULL;
	const char *name = http_param(x, "name");
	if (intake_door_admit(d, x, 0, false))
		f = find_form(d, x);
	if (!f)
		return;
	int i = intake_form_file(f, name);
	if (i < 0)
		say(x, 404, OPENROSA_UNKNOWN_FORM, "this file is not here");
	else if (!is_answered_by_etag(x, f->files[i].md5))
		http_answer_shared(x, 200, media_type(name), f->files[i].body);
}

void
intake_door_integrity(struct http_exchange *x, void *door)
{
	OWNED_MEM char *ids = http_query(x, "id");
	OWNED_BUF struct buf out;
	buf_init(&out, OPENROSA_LIST_MAX_BYTES);
	if (!intake_door_admit(door, x, 0, true))
		return;
	if (openrosa_integrity(&out, ids ? ids : ""))
		say(x, 400, OPENROSA_BROKEN, err_text());
	else
		answer_document(x, &out);
}

void
intake_door_health(struct http_exchange *x, void *door)
{
	const struct intake_door *d = door;
	bool up = intake_link_is_up(d->link);
	if (up && d->forms)
		http_answer(x, 200, "text/plain; charset=utf-8", view_text("ok\n"));
	else
		http_answer(x, 503, "text/plain; charset=utf-8",
			view_text(up ? NO_STUDY "\n" : "sync is not there\n"));
}
