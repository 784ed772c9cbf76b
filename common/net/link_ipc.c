#include "common/net/link_socket.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <zmq.h>

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/mem.h"

#define HANDSHAKE_WAIT_MS 10000 /* a program that listens may be slow on a busy laptop */
#define PROBE_AGAIN_MS    100
#define RECONNECT_MS      100
#define RECONNECT_MAX_MS  2000
#define LINGER_MS         500 /* for answers queued when their process stops */
/* libzmq gives room back only when half of the queue was read: this holds the answers to
 * LINK_IPC_OPEN_COUNT questions at any time. */
#define QUEUE_MESSAGES_COUNT (4 * LINK_IPC_OPEN_COUNT)
#define BACKLOG_COUNT        128

static enum err
check_path(const char *path)
{
	if (strlen(path) > LINK_PATH_BYTES_MAX)
		return fail(E_FORMAT,
			"the socket path %s has %zu bytes, the system takes %d: use a shorter "
			"runtime directory",
			path, strlen(path), LINK_PATH_BYTES_MAX);
	if (!strchr(path, '/'))
		return fail(E_FORMAT, "the socket path %s names no directory", path);
	return OK;
}

static enum err
check_directory(const char *path)
{
	OWNED_MEM char *dir = xstrdup(path);
	*strrchr(dir, '/') = 0;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fail(E_IO, "the runtime directory %s cannot be made: %s", dir,
			strerror(errno));
	struct stat st;
	if (lstat(dir, &st) != 0)
		return fail(E_IO, "the runtime directory %s cannot be read: %s", dir,
			strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return fail(E_DENIED,
			"the runtime directory %s has to be a directory of this user "
			"with mode 0700",
			dir);
	return OK;
}

/* "ledger" from ".../ledger.sock"; gives. */
static char *
role_of(const char *path)
{
	char *role = xstrdup(strrchr(path, '/') + 1);
	char *dot = strrchr(role, '.');
	if (dot && dot != role)
		*dot = 0;
	return role;
}

static enum err
lock(struct link_context *c, const char *path)
{
	OWNED_MEM char *name = xasprintf("%s.lock", path);
	OWNED_FD int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(
			E_IO, "the lock file %s cannot be opened: %s", name, strerror(errno));
	enum err e = fd_lock(fd, name);
	if (!e) {
		link_context_keep(c, fd);
		fd = -1;
	}
	if (e != E_CONFLICT)
		return e;
	OWNED_MEM char *role = role_of(path);
	return fail(E_CONFLICT, "%s is already running (%s is locked)", role, name);
}

/* What a killed server left behind. Anything else that lies there is not ours to remove. */
static enum err
remove_stale(const char *path)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return OK;
	if (!S_ISSOCK(st.st_mode))
		return fail(E_CONFLICT, "%s is there and is not a socket", path);
	if (unlink(path) != 0)
		return fail(
			E_IO, "the old socket %s cannot be removed: %s", path, strerror(errno));
	return OK;
}

static const struct link_option server_options[] = {
	{ZMQ_ROUTER_MANDATORY, 1},
	{ZMQ_LINGER, LINGER_MS},
	{ZMQ_SNDHWM, QUEUE_MESSAGES_COUNT},
	{ZMQ_RCVHWM, QUEUE_MESSAGES_COUNT},
	{ZMQ_BACKLOG, BACKLOG_COUNT},
	{0, 0},
};

/* Without IMMEDIATE: with it, libzmq throws away what has arrived and is not read yet when the
 * connection ends, so the last answer of a server that stops would be lost. link_send() looks
 * at the connection itself instead. */
static const struct link_option client_options[] = {
	{ZMQ_LINGER, LINGER_MS},
	{ZMQ_SNDHWM, QUEUE_MESSAGES_COUNT},
	{ZMQ_RCVHWM, QUEUE_MESSAGES_COUNT},
	{ZMQ_RECONNECT_IVL, RECONNECT_MS},
	{ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
	{0, 0},
};

static enum err
set_options(struct link *l, const struct link_option *options)
{
	const int64_t frame_bytes_max = LINK_IPC_MESSAGE_BYTES_MAX;
	enum err e = link_set(l->socket, options);
	if (!e)
		e = link_set_bytes(
			l->socket, ZMQ_MAXMSGSIZE, &frame_bytes_max, sizeof(frame_bytes_max));
	return e;
}

static struct link *
link_of(struct link_context *c, const char *path)
{
	struct link *l = xcalloc(1, sizeof(*l));
	l->context = c;
	l->bytes_max = LINK_IPC_MESSAGE_BYTES_MAX;
	l->path = xstrdup(path);
	l->address = xasprintf("ipc://%s", path);
	return l;
}

enum err
link_serve_ipc(struct link **ret, struct link_context *c, const char *path)
{
	*ret = NULL;
	enum err e = check_path(path);
	if (!e)
		e = check_directory(path);
	if (!e)
		e = lock(c, path);
	if (!e)
		e = remove_stale(path);
	if (e)
		return e;
	OWNED(link) struct link *l = link_of(c, path);
	l->serves = true;
	e = link_socket_open(&l->socket, c, ZMQ_ROUTER);
	if (!e)
		e = set_options(l, server_options);
	if (e)
		return e;
	if (zmq_bind(l->socket, l->address) != 0)
		return fail(E_IO, "%s cannot be served: %s", path, zmq_strerror(errno));
	*ret = take(l);
	return OK;
}

/* Ask the kernel itself: libzmq would go on trying in silence. */
static enum err
probe(const char *path, const char *starts)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(E_IO, "a socket cannot be made: %s", strerror(errno));
	int why = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
	(void)close(fd);
	switch (why) {
	case 0:
		return OK;
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		return fail(E_ABSENT, "nobody is listening at %s: start `%s`", path, starts);
	case EACCES:
		return fail(E_DENIED, "this user may not use %s", path);
	case EAGAIN:
		return fail(E_BUSY, "%s takes no more connections now", path);
	default:
		return fail(E_IO, "%s cannot be reached: %s", path, strerror(why));
	}
}

/* Wait for the handshake. A server that dies just now still takes the probe's connection, so
 * the probe is repeated while nothing happens. */
static enum err
wait_until_up(struct link *l, int64_t until_mono_ms)
{
	for (;;) {
		enum link_event event;
		while (link_monitor_read(l, &event))
			continue;
		int64_t left = until_mono_ms - clock_mono_ms();
		if (l->up)
			return OK;
		if (left <= 0)
			return fail(E_BUSY, "the program at %s does not answer", l->path);
		zmq_pollitem_t item = {l->monitor, -1, ZMQ_POLLIN, 0};
		if (zmq_poll(&item, 1, (long)MIN(left, PROBE_AGAIN_MS)) == 0) {
			enum err e = probe(l->path, l->starts);
			if (e)
				return e;
		}
	}
}

static enum err
open_client(struct link *l)
{
	enum err e = probe(l->path, l->starts);
	if (!e)
		e = link_socket_open(&l->socket, l->context, ZMQ_DEALER);
	if (!e)
		e = set_options(l, client_options);
	if (!e)
		e = link_monitor(l, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
	if (!e && zmq_connect(l->socket, l->address) != 0)
		e = fail(E_IO, "%s cannot be reached: %s", l->path, zmq_strerror(errno));
	if (!e)
		e = wait_until_up(l, clock_mono_ms() + HANDSHAKE_WAIT_MS);
	if (e)
		link_close(l);
	return e;
}

enum err
link_connect_ipc(
	struct link **ret, struct link_context *c, const char *path, const char *starts)
{
	*ret = NULL;
	enum err e = check_path(path);
	if (e)
		return e;
	OWNED(link) struct link *l = link_of(c, path);
	l->starts = xstrdup(starts);
	e = open_client(l);
	if (!e)
		*ret = take(l);
	return e;
}

static bool
went_down(struct link *l)
{
	enum link_event event;
	bool down = false;
	while (link_monitor_read(l, &event))
		down = event != LINK_UP;
	return down;
}

static enum err
wait_for_answer(struct link *l, int64_t until_mono_ms, struct link_message **ret)
{
	for (;;) {
		int64_t left = MAX(until_mono_ms - clock_mono_ms(), 0);
		zmq_pollitem_t items[] = {
			{l->socket, -1, ZMQ_POLLIN, 0}, {l->monitor, -1, ZMQ_POLLIN, 0}};
		(void)zmq_poll(items, ARRAY_LEN(items), (long)left);
		bool down = went_down(l);
		enum err e = link_recv(l, ret);
		if (e != E_BUSY)
			return e;
		if (down)
			return fail(E_ABSENT,
				"the program at %s stopped before it answered: look whether "
				"it was done, and start `%s`",
				l->path, l->starts);
		if (left == 0)
			return fail(
				E_BUSY, "the program at %s did not answer in time", l->path);
	}
}

enum err
link_call(struct link *l, struct view request, int64_t timeout_ms, struct link_message **ret)
{
	*ret = NULL;
	assert(l->starts && !l->reactor);
	int64_t until = clock_mono_ms() + timeout_ms;
	enum err e = l->socket ? OK : open_client(l);
	if (!e)
		e = wait_until_up(l, until);
	if (!e)
		e = link_send(l, view_of(NULL, 0), request);
	if (!e)
		e = wait_for_answer(l, until, ret);
	if (e)
		link_close(l);
	return e;
}
