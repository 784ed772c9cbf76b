/* courier_post - a file sent by HTTPS POST, and the answer kept in another; the only room that
 * knows libcurl.
 *
 * Always true: https only; the server's certificate is checked against the system's authorities
 *              or the CA file that is named; no redirect is followed, no cookie kept, no proxy
 *              taken from the environment. Memory is one piece, whatever the size.
 *              through a proxy the connection is a tunnel (HTTP CONNECT, RFC 9110 9.3.6): the
 *              proxy sees the name of the hub, sizes and times.
 * Errors:      E_ABSENT the proxy or the hub's door does not answer; E_AUTH its certificate;
 *              E_BUSY, E_FULL, E_DENIED, E_FORMAT as the door says, with its sentence; E_IO.
 * It can hurt: it blocks until all is sent: for a process that has nothing else to do.
 */
#ifndef WEIR_NODE_COURIER_POST_H
#define WEIR_NODE_COURIER_POST_H

#include "common/base/err.h"

struct courier_post {
	const char *url;   /* https://... */
	const char *proxy; /* http://host:port; "": none */
	const char *ca;    /* a file of PEM certificates; "": the system's */
};

/* The answer's body goes to the file `reply`, which is made anew. */
CHECKED enum err courier_post(
	const struct courier_post *p, const char *path, const char *reply);

#endif
