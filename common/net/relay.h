/* relay - one connection through a SOCKS5 proxy (RFC 1928: no authentication, CONNECT by name).
 *
 * libzmq 4.3.4 has SOCKS5 of its own and ends the process when the proxy cannot be reached: it
 * takes the descriptor out of its loop once at the failure and once more when the socket is
 * closed. So a link connects to this relay, on an abstract socket of this machine with a random
 * name that takes one connection, of this user, and passes its bytes on to the proxy.
 * Always true: it holds RELAY_BUFFER_BYTES a direction and reads no more before they are gone.
 *              What goes wrong ends the connection on both sides, which the link tells of.
 * Errors:      E_FORMAT an address that is none; E_IO the system.
 */
#ifndef WEIR_RELAY_H
#define WEIR_RELAY_H

#include "common/net/lookup.h"

#define RELAY_BUFFER_BYTES  16384
#define RELAY_ADDRESS_BYTES 64

struct relay;

/* gives a relay that listens: proxy "host:port", target "tcp://host:port". names finds the
 * proxy, lent as long as the relay lives; NULL: the proxy has a number. */
CHECKED enum err relay_open(
	struct relay **ret, const char *proxy, const char *target, struct lookup *names);
void relay_free(struct relay *r); /* NULL is fine */
OWNER(relay)

const char *relay_address(const struct relay *r); /* lent; "ipc://@..." for zmq_connect() */
/* Works once it is watched; before, who connects waits. */
void relay_watch(struct relay *r, struct reactor *reactor);

#endif
