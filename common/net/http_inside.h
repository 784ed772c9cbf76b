/* http_inside - what the two files of the HTTP server share, libmicrohttpd among it. */
#ifndef WEIR_HTTP_INSIDE_H
#define WEIR_HTTP_INSIDE_H

#include <microhttpd.h>

#include "common/net/http.h"

#define HTTP_ENDING "the program ends just now: try again"

struct http_pair {
	char *name;
	char *value;
};

/* Where a connection is; what is too slow is cut off by it. */
enum http_phase { HTTP_PHASE_HEAD, HTTP_PHASE_BODY, HTTP_PHASE_WAIT, HTTP_PHASE_SEND };

struct http_place {
	struct http *http;
	struct http_place *next, *before;
	int fd;
	enum http_phase phase;
	int64_t since_mono_ms; /* the phase began */
	uint64_t body_bytes;   /* of the request that is under way */
};

struct http {
	struct http_setup setup;
	struct reactor *reactor;
	struct MHD_Daemon *daemon;
	int fd; /* of libmicrohttpd's epoll */
	int listener;
	uint16_t port;
	uint64_t tick;
	struct http_place *places;
	size_t place_count;
	struct http_exchange *exchanges;
	bool due; /* it is to run before the next sleep */
	bool ending;
};

struct http_exchange {
	struct http *http;
	struct http_exchange *next, *before;
	struct http_place *place;
	struct MHD_Connection *connection;
	const struct http_route *route; /* NULL: refused before one was found */
	struct http_params params;
	char *method;
	char *path;
	bool served;    /* serve() was called */
	bool suspended; /* waits for its answer */
	struct MHD_Response *response;
	unsigned status;
	struct http_pair set[HTTP_HEADERS_MAX_COUNT];
	size_t set_count;
	void *kept;
	void (*drop)(void *kept);
};

/* gives the exchange of a request whose head has come: a route is found, begin() called. */
struct http_exchange *http_exchange_begin(struct http *h, struct MHD_Connection *connection,
	const char *path, const char *method);
/* A piece of its body. False: it is too much even to be dropped, cut the connection. */
bool http_exchange_piece(struct http_exchange *x, struct view piece);
/* All of it is there. */
void http_exchange_serve(struct http_exchange *x);
void http_exchange_free(struct http_exchange *x);

/* Let libmicrohttpd look at its connections behind this turn: one was answered. */
void http_run_soon(struct http *h);
void http_place_enter(struct http_place *p, enum http_phase phase);

#endif
