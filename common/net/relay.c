#include "common/net/relay.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/crypto.h"

#define NAME_RANDOM_BYTES 16
#define HOST_BYTES        256
#define PORT_BYTES        6
#define SEND_BYTES        65536 /* SNDBUF of a node's link */
#define TARGET_PREFIX     "tcp://"

/* RFC 1928, sections 3 to 6. */
#define SOCKS_VERSION     5
#define SOCKS_NO_AUTH     0
#define SOCKS_CONNECT     1
#define SOCKS_BY_ADDRESS4 1
#define SOCKS_BY_NAME     3
#define SOCKS_BY_ADDRESS6 4
#define SOCKS_CHOICE_LEN  2 /* version, method */
#define SOCKS_ANSWER_LEN  5 /* version, code, 0, kind of address, its first byte */

enum relay_state {
	RELAY_LISTENING,
	RELAY_LOOKING,  /* for the proxy */
	RELAY_CHOOSING, /* the proxy is to choose a method */
	RELAY_ASKING,   /* the proxy is to answer the request */
	RELAY_OPEN,
	RELAY_ENDED,
};

/* What came from one side and has not gone to the other. */
struct way {
	uint8_t at[RELAY_BUFFER_BYTES];
	size_t from, to;
};

struct relay {
	enum relay_state state;
	struct reactor *reactor;
	struct lookup *names; /* lent, or NULL */
	int door, near, far;
	struct way out, in; /* near to far, far to near */
	char address[RELAY_ADDRESS_BYTES];
	char proxy_host[HOST_BYTES], proxy_port[PORT_BYTES];
	char host[HOST_BYTES], port[PORT_BYTES];
};

/* ends */

static void
drop_fd(struct relay *r, int *fd)
{
	if (*fd < 0)
		return;
	if (r->reactor)
		reactor_fd_drop(r->reactor, *fd);
	(void)close(*fd);
	*fd = -1;
}

static void
end(struct relay *r)
{
	if (r->state == RELAY_LOOKING)
		lookup_forget(r->names);
	r->state = RELAY_ENDED;
	drop_fd(r, &r->door);
	drop_fd(r, &r->near);
	drop_fd(r, &r->far);
}

void
relay_free(struct relay *r)
{
	if (!r)
		return;
	end(r);
	free(r);
}

/* bytes */

static size_t
waiting(const struct way *w)
{
	return w->to - w->from;
}

static bool
is_later(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* false: that side is gone. */
static bool
take_in(struct way *w, int fd)
{
	if (waiting(w) == 0)
		w->from = w->to = 0;
	if (w->to == sizeof(w->at))
		return true;
	ssize_t n = recv(fd, w->at + w->to, sizeof(w->at) - w->to, MSG_DONTWAIT);
	if (n > 0)
		w->to += (size_t)n;
	return n > 0 || is_later(n);
}

static bool
give_out(struct way *w, int fd)
{
	if (waiting(w) == 0)
		return true;
	ssize_t n = send(fd, w->at + w->from, waiting(w), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		w->from += (size_t)n;
	return n > 0 || is_later(n);
}

static void
put(struct way *w, const void *at, size_t len)
{
	memcpy(w->at + w->to, at, len);
	w->to += len;
}

/* the proxy */

static void
greet(struct relay *r)
{
	static const uint8_t methods[] = {SOCKS_VERSION, 1, SOCKS_NO_AUTH};
	put(&r->out, methods, sizeof(methods));
	r->state = RELAY_CHOOSING;
}

static void
ask(struct relay *r)
{
	size_t len = strlen(r->host);
	unsigned port = (unsigned)strtoul(r->port, NULL, 10);
	const uint8_t head[] = {SOCKS_VERSION, SOCKS_CONNECT, 0, SOCKS_BY_NAME, (uint8_t)len};
	const uint8_t tail[] = {(uint8_t)(port >> 8), (uint8_t)port};
	r->in.from += SOCKS_CHOICE_LEN;
	put(&r->out, head, sizeof(head));
	put(&r->out, r->host, len);
	put(&r->out, tail, sizeof(tail));
	r->state = RELAY_ASKING;
}

/* The whole length of an answer of which SOCKS_ANSWER_LEN bytes are here; 0: it is none. */
static size_t
answer_len(const uint8_t *at)
{
	if (at[0] != SOCKS_VERSION || at[1] != 0)
		return 0;
	if (at[3] == SOCKS_BY_ADDRESS4)
		return 4 + 4 + 2;
	if (at[3] == SOCKS_BY_ADDRESS6)
		return 4 + 16 + 2;
	return at[3] == SOCKS_BY_NAME ? 4 + 1 + (size_t)at[4] + 2 : 0;
}

/* Go through what the proxy has said so far; false: it refuses. */
static bool
hear_proxy(struct relay *r)
{
	const uint8_t *at = r->in.at + r->in.from;
	if (r->state == RELAY_CHOOSING && waiting(&r->in) >= SOCKS_CHOICE_LEN) {
		if (at[0] != SOCKS_VERSION || at[1] != SOCKS_NO_AUTH)
			return false;
		ask(r);
		at = r->in.at + r->in.from;
	}
	if (r->state != RELAY_ASKING || waiting(&r->in) < SOCKS_ANSWER_LEN)
		return true;
	size_t len = answer_len(at);
	if (len == 0)
		return false;
	if (waiting(&r->in) < len)
		return true;
	r->in.from += len;
	r->state = RELAY_OPEN;
	return true;
}

/* turns */

static void on_ready(struct reactor *reactor, void *arg);

static void
watch(struct relay *r, int fd, bool reads, bool writes)
{
	unsigned events = (reads ? REACTOR_READ : 0U) | (writes ? REACTOR_WRITE : 0U);
	if (events)
		reactor_fd(r->reactor, fd, events, on_ready, r);
	else
		reactor_fd_drop(r->reactor, fd);
}

static void
watch_both(struct relay *r)
{
	bool is_open = r->state == RELAY_OPEN;
	watch(r, r->near, is_open && waiting(&r->out) == 0, is_open && waiting(&r->in) > 0);
	watch(r, r->far, !is_open || waiting(&r->in) == 0, waiting(&r->out) > 0);
}

static void
on_ready(struct reactor *reactor, void *arg)
{
	struct relay *r = arg;
	(void)reactor;
	bool goes_on = give_out(&r->out, r->far);
	if (goes_on && (r->state != RELAY_OPEN || waiting(&r->in) == 0))
		goes_on = take_in(&r->in, r->far);
	if (goes_on)
		goes_on = hear_proxy(r);
	if (goes_on && r->state == RELAY_OPEN && waiting(&r->out) == 0)
		goes_on = take_in(&r->out, r->near);
	if (goes_on)
		goes_on = give_out(&r->out, r->far);
	if (goes_on && r->state == RELAY_OPEN)
		goes_on = give_out(&r->in, r->near);
	if (goes_on)
		watch_both(r);
	else
		end(r);
}

/* begin */

static bool
is_own(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid();
}

static int
connect_to(const struct sockaddr *at, socklen_t len)
{
	int size_bytes = SEND_BYTES;
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size_bytes, sizeof(size_bytes));
	if (fd >= 0 && connect(fd, at, len) != 0 && errno != EINPROGRESS) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* The proxy is found, or (at NULL) is not. */
static void
on_proxy(void *arg, const struct sockaddr *at, socklen_t len)
{
	struct relay *r = arg;
	r->far = at ? connect_to(at, len) : -1;
	if (r->far < 0) {
		r->state = RELAY_LISTENING;
		end(r);
		return;
	}
	greet(r);
	watch_both(r);
}

/* A number is no question; a name is one for another process, which may wait. */
static void
find_proxy(struct relay *r)
{
	const struct addrinfo want = {
		.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	const char *const name[] = {r->proxy_host, r->proxy_port};
	struct addrinfo *list = NULL;
	if (getaddrinfo(r->proxy_host, r->proxy_port, &want, &list) == 0) {
		on_proxy(r, list->ai_addr, list->ai_addrlen);
		freeaddrinfo(list);
	} else if (r->names) {
		r->state = RELAY_LOOKING;
		lookup_ask(r->names, r->reactor, name, on_proxy, r);
	} else {
		on_proxy(r, NULL, 0);
	}
}

static void
on_door(struct reactor *reactor, void *arg)
{
	struct relay *r = arg;
	(void)reactor;
	int fd = accept4(r->door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (!is_own(fd)) {
		(void)close(fd);
		return;
	}
	r->near = fd;
	drop_fd(r, &r->door);
	find_proxy(r);
}

/* "host:port" in two; a host of IPv6 may stand in brackets. */
static bool
split(const char *text, char host[static HOST_BYTES], char port[static PORT_BYTES])
{
	const char *colon = strrchr(text, ':');
	int64_t number = 0;
	if (!colon || colon == text || !text_int(view_text(colon + 1), &number) || number < 1 ||
		number > UINT16_MAX)
		return false;
	size_t len = (size_t)(colon - text);
	if (text[0] == '[' && len > 2 && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= HOST_BYTES)
		return false;
	(void)snprintf(host, HOST_BYTES, "%.*s", (int)len, text);
	(void)snprintf(port, PORT_BYTES, "%d", (int)number);
	return true;
}

static enum err
listen_at_random(struct relay *r)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	uint8_t random[NAME_RANDOM_BYTES];
	char name[2 * NAME_RANDOM_BYTES + 1];
	crypto_random(random, sizeof(random));
	text_hex(name, random, sizeof(random));
	/* An abstract name begins with a zero, which libzmq writes as @. */
	int len = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "weir-relay-%s", name);
	(void)snprintf(r->address, sizeof(r->address), "ipc://@weir-relay-%s", name);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
	r->door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r->door < 0 || bind(r->door, (const struct sockaddr *)&at, size) ||
		listen(r->door, 1))
		return fail(E_IO, "the relay to the proxy cannot be opened: %m");
	return OK;
}

enum err
relay_open(struct relay **ret, const char *proxy, const char *target, struct lookup *names)
{
	OWNED(relay) struct relay *r = xcalloc(1, sizeof(*r));
	size_t skip = strlen(TARGET_PREFIX);
	*ret = NULL;
	r->names = names;
	r->door = r->near = r->far = -1;
	if (!split(proxy, r->proxy_host, r->proxy_port))
		return fail(E_FORMAT, "a SOCKS5 proxy is written HOST:PORT");
	if (strncmp(target, TARGET_PREFIX, skip) != 0 ||
		!split(target + skip, r->host, r->port))
		return fail(E_FORMAT, "%s is not an address behind a proxy", target);
	enum err e = listen_at_random(r);
	if (!e)
		*ret = take(r);
	return e;
}

const char *
relay_address(const struct relay *r)
{
	return r->address;
}

void
relay_watch(struct relay *r, struct reactor *reactor)
{
	r->reactor = reactor;
	reactor_fd(reactor, r->door, REACTOR_READ, on_door, r);
}
