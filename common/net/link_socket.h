/* link_socket - what the files of link share: the struct, one ZeroMQ socket, its options.
 *
 * Always true: `socket` is NULL only in a connecting ipc link whose last call failed.
 *              sockets that a link owns are closed by link_close() and nowhere else.
 * Errors:      E_IO when libzmq refuses an option or a socket.
 */
#ifndef WEIR_LINK_SOCKET_H
#define WEIR_LINK_SOCKET_H

#include "common/net/link.h"
#include "common/net/relay.h"

struct link {
	struct link_context *context;
	void *socket;
	bool serves; /* ROUTER: a routing id stands before the payload */
	bool curve;
	size_t bytes_max;
	char *address;
	uint64_t hostile_count;

	void *zap; /* serving CURVE: where libzmq asks who may come in */
	link_admit_fn *admit;
	link_hostile_fn *hostile;
	void *server_arg;

	size_t connections_max, connection_count; /* serving CURVE: as the monitor tells */
	bool is_full;                             /* told of, until some have gone */

	void *monitor; /* events of the connection, or of all that are served */
	bool up;
	bool ended;   /* its last event was told */
	bool reached; /* a connection was made, whoever is at its other end */
	link_event_fn *on_event;
	void *event_arg;

	struct relay *relay; /* connecting through a proxy; NULL: none */

	char *path; /* connecting over ipc: what is needed to connect anew */
	char *starts;

	struct reactor *reactor; /* NULL: not watched */
};

/* One option of a socket by its number in zmq.h; the table ends with option 0. */
struct link_option {
	int option;
	int value;
};
CHECKED enum err link_set(void *socket, const struct link_option *options);
CHECKED enum err link_set_bytes(void *socket, int option, const void *at, size_t len);

/* gives a socket of the context, which is made now if it is the first. */
CHECKED enum err link_socket_open(void **ret, struct link_context *c, int type);
/* Watch for `events` (ZMQ_EVENT_... or'ed); to be called before connecting or binding. What was
 * not read yet waits without a bound: a full queue would stop libzmq's own thread for good. */
CHECKED enum err link_monitor(struct link *l, int events);
/* Read one event; false if none waits. *ret is only set for what the caller is told. */
CHECKED bool link_monitor_read(struct link *l, enum link_event *ret);
/* Serving: take note of connections that came and went, hang up on those over the cap. */
void link_door_serve(struct link *l);
/* Leave the reactor and close the sockets; the link can be opened anew. */
void link_close(struct link *l);
/* Keep a lock's descriptor until libzmq's thread has unlinked what it guards. takes fd. */
void link_context_keep(struct link_context *c, int fd);

/* Handle one question that waits at the ZAP socket. */
void link_zap_serve(struct link *l);

/* Read one whole message, at most max frames of it; the frames behind are read and dropped.
 * gives how many it had; 0: none waits. frames are zmq_msg_t, all of them to be closed. */
size_t link_frames_read(void *socket, void *frames, size_t max);

#endif
