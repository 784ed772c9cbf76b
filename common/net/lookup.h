/* lookup - the addresses of a name, found by a small process beside this one.
 *
 * The resolver of libc waits, sometimes for many seconds, and an event loop must not. So a
 * process of its own is started before there is a key, a store or a ZeroMQ context in this one;
 * it runs lookup_serve() on its standard input, holds nothing, and ends when this process does.
 * Packets:     question u32 number | blob host | blob port; answer u32 number | sockaddr, or no
 *              bytes where there is none. SOCK_SEQPACKET, so each is whole.
 * Always true: one question is open; another one takes its place, and an answer to an old one
 *              is not told. Numbers instead of names are answered too.
 *              A resolver may take longer than whoever asks waits before it asks again: the
 *              same question is not put anew while it is open, and an answer that nobody
 *              waited for is for whoever asks next, once, within LOOKUP_KEPT_MS.
 * Errors:      E_IO the system.
 * It can hurt: if the helper dies nothing is found any more until this process starts again.
 */
#ifndef WEIR_LOOKUP_H
#define WEIR_LOOKUP_H

#include <sys/socket.h>

#include "common/net/reactor.h"

#define LOOKUP_KEPT_MS 120000

struct lookup;

/* gives; argv: this program and the words with which it calls lookup_serve(0). Before there is
 * anything in the process that a child should not have. */
CHECKED enum err lookup_start(struct lookup **ret, const char *const argv[]);
/* NULL is fine; the reactor that it was asked in is gone. Waits for the helper's end. */
void lookup_free(struct lookup *l);
OWNER(lookup)

/* at NULL: there is none. Lent for the call. */
typedef void lookup_fn(void *arg, const struct sockaddr *at, socklen_t len);
void lookup_ask(struct lookup *l, struct reactor *r, const char *const host_port[2],
	lookup_fn *found, void *arg);
void lookup_forget(struct lookup *l); /* nobody wants the answer any more */

/* The helper's whole life: until the other end is closed. */
CHECKED enum err lookup_serve(int fd);

#endif
