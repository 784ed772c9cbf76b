/* link - messages between two processes over ZeroMQ; every option and trap of libzmq 4.3.4.
 *
 * Wire:        DEALER to ROUTER, one payload frame per message; what is in it is the caller's.
 * Always true: no send blocks and none is dropped in silence: a full queue is E_BUSY.
 *              a message over CURVE carries the client key that ZAP admitted, read from the
 *              payload frame's metadata; one without is dropped.
 *              a message of more than one payload frame is hostile: dropped whole, reported.
 *              ids of peers are made by the server's socket, never chosen by a client.
 * ipc:         PATH (at most 107 bytes) in a directory of mode 0700; beside it PATH.lock, held
 *              with flock from before bind until the context is gone, because libzmq unlinks
 *              the socket from its own thread and lets a second bind take over a living one.
 * Errors:      E_BUSY queue full, or nothing waiting: later. E_ABSENT nobody is listening.
 *              E_NOTFOUND that peer is gone. E_CONFLICT somebody else serves there. E_FORMAT
 *              path, address or size. E_DENIED rights of the directory. E_IO the system.
 * It can hurt: one context per process, made after the last fork; links are freed before it.
 *              one CURVE server per context: ZAP has one address in it.
 *              a message sent is not a message delivered: acknowledge in the protocol.
 *              a peer that died while its messages wait unread is noticed when they are read.
 *              ZAP asks at the handshake only: the receiver checks revocation on each message.
 */
#ifndef WEIR_LINK_H
#define WEIR_LINK_H

#include "common/net/lookup.h"
#include "common/trust/crypto.h"

#define LINK_CURVE_MESSAGE_BYTES_MAX (384 * 1024)
#define LINK_IPC_MESSAGE_BYTES_MAX   (80 * 1024 * 1024)
/* A peer that has at most so many questions open loses no answer. */
#define LINK_IPC_OPEN_COUNT  512
#define LINK_PATH_BYTES_MAX  107 /* sockaddr_un holds 108 with its zero */
#define LINK_USER_TEXT_BYTES (2 * BOX_PUBLIC_BYTES + 1)

/* The ZeroMQ context of this process, made with the first socket; sockets are closed first. */
struct link_context;
struct link_context *link_context_new(void); /* gives */
void link_context_free(struct link_context *c);
OWNER(link_context)

struct link;
void link_free(struct link *l); /* leaves its reactor and closes; what is queued may be lost */
OWNER(link)

/* One message, all of it freed with it. */
struct link_message {
	struct view peer;                /* who to answer; empty at a connecting side */
	char user[LINK_USER_TEXT_BYTES]; /* hex of the client's CURVE key; "" over ipc */
	struct view payload;
};
void link_message_free(struct link_message *m);
OWNER(link_message)

/* Serve PATH. E_CONFLICT "ledger is already running" (from ledger.sock) when its lock is held.
 */
CHECKED enum err link_serve_ipc(struct link **ret, struct link_context *c, const char *path);
/* Connect to PATH, waiting for the handshake at most 2 s. E_ABSENT at once when nobody listens:
 * "nobody is listening at PATH: start `STARTS`". It reconnects by itself when the server
 * returns. */
CHECKED enum err link_connect_ipc(
	struct link **ret, struct link_context *c, const char *path, const char *starts);

/* May the holder of this key come in? Asked in the loop, once per handshake. */
typedef bool link_admit_fn(void *arg, const uint8_t client[static BOX_PUBLIC_BYTES]);
/* A message was dropped. user: whose, or "" without one. */
typedef void link_hostile_fn(void *arg, const char *user, const char *why);

struct link_server {
	const char *address; /* "tcp://0.0.0.0:7443"; port * is a free one: link_address() */
	struct secret *key;  /* BOX_SECRET_BYTES */
	link_admit_fn *admit;
	link_hostile_fn *hostile; /* may be NULL */
	void *arg;
	/* At a time, silent strangers of up to 15 s among them; more are hung up on. 0: any. */
	size_t connections_max;
};
/* Serve CURVE. Admission works once the link is watched. */
CHECKED enum err link_serve_curve(
	struct link **ret, struct link_context *c, const struct link_server *s);

struct link_client {
	const char *address;
	const char *socks;    /* "host:port" of a SOCKS5 proxy, or NULL */
	struct lookup *names; /* lookup.h; finds that host, if it is a name; lent */
	uint8_t server[BOX_PUBLIC_BYTES];
	struct secret *key;
};
/* Connect once; a connection that ends stays ended (LINK_DOWN): free it and connect anew, after
 * link_backoff_ms(). A fresh socket also means fresh session keys. */
CHECKED enum err link_connect_curve(
	struct link **ret, struct link_context *c, const struct link_client *s);
/* Full jitter: uniform in 0..min(max, base * 2^tries). tries counts from 0. */
int64_t link_backoff_ms(unsigned tries, int64_t base_ms, int64_t max_ms);

enum link_event {
	LINK_UP,      /* the handshake is done, messages pass */
	LINK_DOWN,    /* the connection ended or was never made */
	LINK_REFUSED, /* the server did not admit this key */
};
typedef void link_event_fn(struct reactor *r, void *arg, enum link_event event);
bool link_reached(const struct link *l); /* after LINK_DOWN: by a stranger; proxy: false */
/* Let the loop call on_message while messages wait; it calls link_recv() once. */
void link_watch(struct link *l, struct reactor *r, reactor_fn *on_message, void *arg);
/* Connecting side, after link_watch(): told of connection events. It may free the link. */
void link_on_event(struct link *l, link_event_fn *on_event, void *arg);
/* Queue one message. peer: from link_message, or an empty view at a connecting side. */
CHECKED enum err link_send(struct link *l, struct view peer, struct view payload);
/* gives one waiting message; E_BUSY if there is none. */
CHECKED enum err link_recv(struct link *l, struct link_message **ret);
/* For commands, on a link that is not watched: one question, one answer. After a timeout
 * (E_BUSY) or a death of the server (E_ABSENT) the socket is replaced, so that no late answer
 * is taken for the next one; whether the request was done is then not known. */
CHECKED enum err link_call(
	struct link *l, struct view request, int64_t timeout_ms, struct link_message **ret);

const char *link_address(const struct link *l); /* lent; as bound, with the real port */
uint64_t link_hostile_count(const struct link *l);
size_t link_connection_count(const struct link *l); /* served now; 0 without connections_max */

#endif
