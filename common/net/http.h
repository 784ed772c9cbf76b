/* http - an HTTP/1.1 server in the loop of its process: routes are a table, answers may come
 * later.
 *
 * Course:      begin (the head is there), body piece by piece, serve (all is there). Any of
 *              them may answer; what then still comes of the body is read and dropped, so that
 *              the client gets to read why. When serve returns without an answer, the request
 *              waits until somebody gives one, for example behind a commit of another process.
 * Always true: it listens on a loopback address only; a proxy stands in front where others must
 *              reach it. One thread, no call blocks.
 *              every request is answered once; an exchange stays valid until then, and until
 *              everything of it was sent, also when the client has gone.
 *              bounded: HTTP_CONNECTIONS_MAX_COUNT connections, HTTP_HEAD_MAX_BYTES of head,
 *              `body_max_bytes` of body (413; up to HTTP_DRAIN_MAX_BYTES are dropped, then the
 *              connection is cut), HTTP_HEAD_MAX_MS for a head, a body at HTTP_SLOWEST_BYTES_S
 *              at least, HTTP_SEND_MAX_MS for an answer. Who is slower is cut off.
 *              GET routes serve HEAD, too, unless HEAD has a route of its own.
 * Not here:    TLS, HTTP/2, cookies, ranges. What libmicrohttpd itself cannot read (a head too
 *              long, no HTTP) it refuses with words of its own.
 * Errors:      E_FORMAT the address; E_CONFLICT somebody else listens there; E_IO the system.
 * It can hurt: http_free() answers what still waits with 503 and frees what exchanges keep:
 *              free it before what they point to, and before the reactor.
 */
#ifndef WEIR_HTTP_H
#define WEIR_HTTP_H

#include "common/net/http_path.h"
#include "common/net/reactor.h"

#define HTTP_CONNECTIONS_MAX_COUNT 512
#define HTTP_HEAD_MAX_BYTES        ((size_t)32 << 10)
#define HTTP_DRAIN_MAX_BYTES       ((uint64_t)256 << 20)
#define HTTP_HEAD_MAX_MS           30000
#define HTTP_IDLE_MAX_S            60
#define HTTP_BODY_GRACE_MS         60000
#define HTTP_SLOWEST_BYTES_S       4000
#define HTTP_SEND_MAX_MS           600000
#define HTTP_HEADERS_MAX_COUNT     16 /* that an answer sets */

struct http;
struct http_exchange; /* one request and its answer */

typedef void http_serve_fn(struct http_exchange *x, void *arg);
typedef void http_piece_fn(struct http_exchange *x, struct view piece, void *arg);
/* Answer with this status and sentence: what the server itself refuses (400, 404, 405, 413,
 * 503). */
typedef void http_refuse_fn(
	struct http_exchange *x, unsigned status, const char *sentence, void *arg);

struct http_route {
	const char *method;
	const char *pattern;  /* see http_path.h */
	http_serve_fn *serve; /* all is there: answer, now or later */
	http_serve_fn *begin; /* the head is there; NULL: nothing to do then */
	http_piece_fn *piece; /* of the body; NULL: one that is not empty is refused */
};

struct http_setup {
	const char *listen; /* "127.0.0.1:8095", "[::1]:8095"; port 0 takes a free one */
	const struct http_route *routes; /* lent as long as the server lives */
	size_t route_count;
	uint64_t body_max_bytes;
	http_serve_fn *dress;   /* sets the headers that every answer has; NULL: none */
	http_refuse_fn *refuse; /* NULL: the sentence as text/plain */
	void *arg;
};

CHECKED enum err http_open(
	struct http **ret, struct reactor *r, const struct http_setup *setup); /* gives */
void http_free(struct http *h);
OWNER(http)
uint16_t http_port(const struct http *h);
size_t http_connection_count(const struct http *h);

/* What came. Lent until the exchange ends; NULL where there is none of it. */
const char *http_path(const struct http_exchange *x);                    /* as it came */
const char *http_param(const struct http_exchange *x, const char *name); /* of the pattern */
const char *http_header(const struct http_exchange *x, const char *name);
/* gives the value from the query, decoded; NULL if there is none or it is not of its form. */
char *http_query(const struct http_exchange *x, const char *name);
/* So many bytes of body are announced; 0 when it comes in chunks. */
uint64_t http_announced_bytes(const struct http_exchange *x);

/* Something of the route's that lives as long as the exchange; takes. */
void http_keep(struct http_exchange *x, void *kept, void (*drop)(void *kept));
void *http_kept(const struct http_exchange *x);

/* Bytes that many answers share. */
struct http_body;
struct http_body *http_body_new(struct view bytes); /* gives; copies */
void http_body_free(struct http_body *b);           /* what is being sent keeps it alive */
OWNER(http_body)

/* Set a header of the answer that is to be given; copies. Control characters drop it. */
void http_set(struct http_exchange *x, const char *name, const char *value);
/* Answer, once; a second answer is dropped. type NULL: no body at all. Copies the body. */
void http_answer(struct http_exchange *x, unsigned status, const char *type, struct view body);
void http_answer_shared(
	struct http_exchange *x, unsigned status, const char *type, struct http_body *body);
/* Answer by the setup's refuse. */
void http_refuse(struct http_exchange *x, unsigned status, const char *sentence);
bool http_is_answered(const struct http_exchange *x);

#endif
