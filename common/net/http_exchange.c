#include "common/net/http_inside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#define ALLOW_MAX_BYTES 256

/* what came */

const char *
http_path(const struct http_exchange *x)
{
	return x->path;
}

const char *
http_param(const struct http_exchange *x, const char *name)
{
	return http_params_value(&x->params, name);
}

const char *
http_header(const struct http_exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

char *
http_query(const struct http_exchange *x, const char *name)
{
	char *value = NULL;
	const char *raw =
		MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, name);
	return raw && http_decode(&value, view_text(raw)) == OK ? value : NULL;
}

uint64_t
http_announced_bytes(const struct http_exchange *x)
{
	int64_t bytes = 0;
	const char *text = http_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
	return text && text_int(view_text(text), &bytes) && bytes > 0 ? (uint64_t)bytes : 0;
}

void
http_keep(struct http_exchange *x, void *kept, void (*drop)(void *kept))
{
	if (x->drop)
		x->drop(x->kept);
	x->kept = kept;
	x->drop = drop;
}

void *
http_kept(const struct http_exchange *x)
{
	return x->kept;
}

/* bytes that answers share */

struct http_body {
	size_t users;
	size_t len;
	uint8_t *at;
};

struct http_body *
http_body_new(struct view bytes)
{
	struct http_body *b = xcalloc(1, sizeof(*b));
	b->users = 1;
	b->len = bytes.len;
	b->at = xmemdup(bytes.len ? bytes.at : (const uint8_t *)"", bytes.len);
	return b;
}

void
http_body_free(struct http_body *b)
{
	if (!b || --b->users > 0)
		return;
	free(b->at);
	free(b);
}

static void
drop_body(void *b)
{
	http_body_free(b);
}

/* the answer */

void
http_set(struct http_exchange *x, const char *name, const char *value)
{
	if (x->set_count == HTTP_HEADERS_MAX_COUNT || !text_is_plain(value))
		return;
	for (size_t i = 0; i < x->set_count; i++) {
		if (strcasecmp(x->set[i].name, name) != 0)
			continue;
		free(x->set[i].value);
		x->set[i].value = xstrdup(value);
		return;
	}
	x->set[x->set_count++] = (struct http_pair){xstrdup(name), xstrdup(value)};
}

bool
http_is_answered(const struct http_exchange *x)
{
	return x->response != NULL;
}

/* Takes the response. Whoever waits in libmicrohttpd is woken, and sends it. */
static void
answer_with(struct http_exchange *x, unsigned status, const char *type,
	struct MHD_Response *response)
{
	if (!response || x->response) {
		if (response)
			MHD_destroy_response(response);
		return;
	}
	if (type)
		http_set(x, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (x->http->setup.dress)
		x->http->setup.dress(x, x->http->setup.arg);
	for (size_t i = 0; i < x->set_count; i++)
		(void)MHD_add_response_header(response, x->set[i].name, x->set[i].value);
	x->response = response;
	x->status = status;
	if (!x->suspended)
		return;
	x->suspended = false;
	MHD_resume_connection(x->connection);
	http_run_soon(x->http);
}

/* libmicrohttpd asks for a pointer that is not const and changes nothing behind it. */
static struct MHD_Response *
copied(struct view body)
{
	static char none[1];
	union {
		const uint8_t *given;
		void *taken;
	} at = {.given = body.at};
	return MHD_create_response_from_buffer(
		body.len, body.len ? at.taken : none, MHD_RESPMEM_MUST_COPY);
}

void
http_answer(struct http_exchange *x, unsigned status, const char *type, struct view body)
{
	answer_with(x, status, type, copied(type ? body : view_of(NULL, 0)));
}

void
http_answer_shared(
	struct http_exchange *x, unsigned status, const char *type, struct http_body *body)
{
	if (x->response)
		return;
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
		body->len, body->at, drop_body, body);
	if (response)
		body->users++;
	answer_with(x, status, type, response);
}

void
http_refuse(struct http_exchange *x, unsigned status, const char *sentence)
{
	const struct http_setup *s = &x->http->setup;
	if (x->response)
		return;
	if (s->refuse)
		s->refuse(x, status, sentence, s->arg);
	if (!x->response)
		http_answer(x, status, "text/plain; charset=utf-8", view_text(sentence));
}

/* its course */

/* Is this route for the method: 2 by its own name, 1 when HEAD is served by GET, 0 no. */
static int
fit_of(const struct http_route *r, const char *method)
{
	if (strcmp(r->method, method) == 0)
		return 2;
	return strcmp(r->method, MHD_HTTP_METHOD_GET) == 0 &&
	       strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static void
take_route(struct http_exchange *x, const struct http_route *r, struct http_params *params)
{
	http_params_done(&x->params);
	x->params = *params;
	x->route = r;
	*params = (struct http_params){.count = 0};
}

/* Finds the route; `allow` collects the methods that the path has. */
static enum err
find_route(struct http_exchange *x, const char *path, struct buf *allow)
{
	const struct http_setup *s = &x->http->setup;
	int best = 0;
	for (size_t i = 0; i < s->route_count; i++) {
		OWNED_BY(http_params_done) struct http_params params;
		enum err e = http_path_match(&params, s->routes[i].pattern, path);
		if (e == E_FORMAT)
			return e;
		if (e)
			continue;
		int fit = fit_of(&s->routes[i], x->method);
		buf_format(allow, "%s%s", allow->len ? ", " : "", s->routes[i].method);
		if (fit > best) {
			take_route(x, &s->routes[i], &params);
			best = fit;
		}
	}
	if (x->route)
		return OK;
	return allow->len ? fail(E_DENIED, "this address is not for such a request")
			  : fail(E_NOTFOUND, "nothing is at this address");
}

static unsigned
status_of(enum err e)
{
	if (e == E_DENIED)
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	return e == E_FORMAT ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_NOT_FOUND;
}

static void
start(struct http_exchange *x, const char *path)
{
	OWNED_BUF struct buf allow;
	buf_init(&allow, ALLOW_MAX_BYTES);
	enum err e = find_route(x, path, &allow);
	if (x->http->ending)
		http_refuse(x, MHD_HTTP_SERVICE_UNAVAILABLE, HTTP_ENDING);
	if (e == E_DENIED) {
		buf_u8(&allow, 0);
		http_set(x, MHD_HTTP_HEADER_ALLOW, (const char *)allow.at);
	}
	if (e)
		http_refuse(x, status_of(e), err_text());
	if (x->response)
		return;
	if (http_announced_bytes(x) > x->http->setup.body_max_bytes)
		http_refuse(x, MHD_HTTP_CONTENT_TOO_LARGE, "what was sent is too large");
	else if (x->route->begin)
		x->route->begin(x, x->http->setup.arg);
}

struct http_exchange *
http_exchange_begin(
	struct http *h, struct MHD_Connection *connection, const char *path, const char *method)
{
	struct http_exchange *x = xcalloc(1, sizeof(*x));
	x->http = h;
	x->connection = connection;
	x->method = xstrdup(method);
	x->path = xstrdup(path);
	x->next = h->exchanges;
	if (x->next)
		x->next->before = x;
	h->exchanges = x;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	x->place = info ? info->socket_context : NULL;
	if (x->place) {
		x->place->body_bytes = 0;
		http_place_enter(x->place, HTTP_PHASE_BODY);
	}
	start(x, path);
	return x;
}

bool
http_exchange_piece(struct http_exchange *x, struct view piece)
{
	if (x->place)
		x->place->body_bytes += piece.len;
	uint64_t bytes = x->place ? x->place->body_bytes : 0;
	if (bytes > HTTP_DRAIN_MAX_BYTES || x->http->ending)
		return false;
	if (bytes > x->http->setup.body_max_bytes)
		http_refuse(x, MHD_HTTP_CONTENT_TOO_LARGE, "what was sent is too large");
	else if (!x->response && x->route && !x->route->piece)
		http_refuse(x, MHD_HTTP_BAD_REQUEST, "nothing may be sent to this address");
	if (!x->response && x->route)
		x->route->piece(x, piece, x->http->setup.arg);
	return true;
}

void
http_exchange_serve(struct http_exchange *x)
{
	if (x->http->ending)
		http_refuse(x, MHD_HTTP_SERVICE_UNAVAILABLE, HTTP_ENDING);
	if (x->served || x->response)
		return;
	x->served = true;
	x->route->serve(x, x->http->setup.arg);
}

void
http_exchange_free(struct http_exchange *x)
{
	if (!x)
		return;
	if (x->before)
		x->before->next = x->next;
	else
		x->http->exchanges = x->next;
	if (x->next)
		x->next->before = x->before;
	if (x->drop)
		x->drop(x->kept);
	for (size_t i = 0; i < x->set_count; i++) {
		free(x->set[i].name);
		free(x->set[i].value);
	}
	if (x->response)
		MHD_destroy_response(x->response);
	http_params_done(&x->params);
	free(x->method);
	free(x->path);
	free(x);
}
