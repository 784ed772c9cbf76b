/* http_talk - a client of an HTTP server that stands in the loop of the test itself. */
#ifndef WEIR_HTTP_TALK_H
#define WEIR_HTTP_TALK_H

#include "common/net/http.h"

#define HTTP_TALK_MAX_BYTES ((size_t)1 << 20)

/* One turn of the loop. */
void http_talk_turn(struct reactor *r);
/* A connection to the server; whoever asks closes it. */
int http_talk_dial(const struct http *h);
void http_talk_say(struct reactor *r, int fd, const char *text, size_t len);
/* Adds what comes until nothing comes any more; a zero stands behind it. */
void http_talk_hear(struct reactor *r, int fd, struct buf *out);
/* All of it on a connection of its own; makes out. */
void http_talk_ask(
	struct reactor *r, const struct http *h, const char *request, struct buf *out);
bool http_talk_has(const struct buf *out, const char *text);

#endif
