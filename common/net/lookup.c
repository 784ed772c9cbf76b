#include "common/net/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/bytes.h"

#define PACKET_BYTES 512
#define HOST_BYTES   256
#define PORT_BYTES   6
#define NUMBER_BYTES 4

struct lookup {
	int fd;
	pid_t pid;
	uint32_t number; /* of the newest question */
	struct buf name; /* that it asks for, as it is put */
	bool is_open;
	lookup_fn *found; /* NULL: nobody waits */
	void *arg;
	struct sockaddr_storage kept; /* answer that nobody waited for */
	socklen_t kept_len;           /* 0: none */
	int64_t kept_ms;              /* mono */
};

/* the helper */

static bool
take_text(struct cursor *c, char *ret, size_t room)
{
	struct view v = cursor_blob(c);
	if (c->broken || v.len == 0 || v.len >= room || memchr(v.at, 0, v.len))
		return false;
	memcpy(ret, v.at, v.len);
	ret[v.len] = '\0';
	return true;
}

static void
answer(int fd, struct view question)
{
	const struct addrinfo want = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	char host[HOST_BYTES], port[PORT_BYTES];
	OWNED_BUF struct buf out;
	struct cursor c = cursor_of(question);
	buf_init(&out, PACKET_BYTES);
	buf_u32(&out, cursor_u32(&c));
	if (take_text(&c, host, sizeof(host)) && take_text(&c, port, sizeof(port)) &&
		getaddrinfo(host, port, &want, &list) == 0)
		buf_add(&out, list->ai_addr, list->ai_addrlen);
	if (list)
		freeaddrinfo(list);
	(void)send(fd, out.at, out.len, MSG_NOSIGNAL);
}

enum err
lookup_serve(int fd)
{
	for (;;) {
		uint8_t packet[PACKET_BYTES];
		ssize_t n = recv(fd, packet, sizeof(packet), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return OK;
		answer(fd, view_of(packet, (size_t)n));
	}
}

/* its start and end */

static _Noreturn void
become_helper(int fd, const char *const argv[])
{
	/* Keys may be waiting in a pipe that this process was given. */
	if (dup2(fd, STDIN_FILENO) == STDIN_FILENO &&
		close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
		(void)execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
	_exit(127);
}

enum err
lookup_start(struct lookup **ret, const char *const argv[])
{
	int ends[2];
	*ret = NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(E_IO, "no socket for looking names up: %m");
	pid_t pid = fork();
	if (pid == 0)
		become_helper(ends[1], argv);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return fail(E_IO, "no process for looking names up: %m");
	}
	struct lookup *l = xcalloc(1, sizeof(*l));
	buf_init(&l->name, PACKET_BYTES);
	l->fd = ends[0];
	l->pid = pid;
	*ret = l;
	return OK;
}

void
lookup_free(struct lookup *l)
{
	if (!l)
		return;
	buf_done(&l->name);
	(void)close(l->fd);
	while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	mem_drop(&l);
}

/* asking */

static void
tell(struct lookup *l, const struct sockaddr *at, socklen_t len)
{
	lookup_fn *found = l->found;
	l->found = NULL;
	l->is_open = false;
	if (found) {
		found(l->arg, at, len);
	} else if (at) {
		memcpy(&l->kept, at, len);
		l->kept_len = len;
		l->kept_ms = clock_mono_ms();
	}
}

static void
on_answer(struct reactor *r, void *arg)
{
	struct lookup *l = arg;
	uint8_t packet[PACKET_BYTES];
	struct sockaddr_storage at;
	ssize_t n = recv(l->fd, packet, sizeof(packet), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < NUMBER_BYTES) {
		reactor_fd_drop(r, l->fd);
		tell(l, NULL, 0);
		return;
	}
	struct cursor c = cursor_of(view_of(packet, (size_t)n));
	if (cursor_u32(&c) != l->number)
		return;
	const size_t len = MIN(c.left, sizeof(at));
	memcpy(&at, c.at, len);
	tell(l, len ? (const struct sockaddr *)&at : NULL, (socklen_t)len);
}

static void
tell_kept(struct lookup *l)
{
	const socklen_t len = l->kept_len;
	l->kept_len = 0;
	tell(l, (const struct sockaddr *)&l->kept, len);
}

static void
put(struct lookup *l, const struct buf *name)
{
	OWNED_BUF struct buf out;
	buf_init(&out, PACKET_BYTES);
	buf_u32(&out, ++l->number);
	buf_add_view(&out, buf_view(name));
	buf_reset(&l->name);
	buf_add_view(&l->name, buf_view(name));
	l->kept_len = 0;
	l->is_open = true;
	if (name->broken || out.broken ||
		send(l->fd, out.at, out.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		tell(l, NULL, 0);
}

void
lookup_ask(struct lookup *l, struct reactor *r, const char *const host_port[2],
	lookup_fn *found, void *arg)
{
	OWNED_BUF struct buf name;
	buf_init(&name, PACKET_BYTES);
	buf_blob_text(&name, host_port[0]);
	buf_blob_text(&name, host_port[1]);
	l->found = found;
	l->arg = arg;
	reactor_fd(r, l->fd, REACTOR_READ, on_answer, l);
	const bool is_same = view_same(buf_view(&name), buf_view(&l->name));
	if (is_same && l->is_open)
		return;
	if (is_same && l->kept_len && clock_mono_ms() - l->kept_ms < LOOKUP_KEPT_MS)
		tell_kept(l);
	else
		put(l, &name);
}

void
lookup_forget(struct lookup *l)
{
	l->found = NULL;
}
