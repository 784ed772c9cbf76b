#include "tests/unit/suite.h"

#include "tests/unit/http_talk.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX_COUNT 2000
#define TURN_MS         5
#define QUIET_TURNS     6

void
http_talk_turn(struct reactor *r)
{
	assert_ok(reactor_turn(r, TURN_MS));
}

int
http_talk_dial(const struct http *h)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(http_port(h)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

void
http_talk_say(struct reactor *r, int fd, const char *text, size_t len)
{
	for (int i = 0; len > 0 && i < TURNS_MAX_COUNT; i++) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
		http_talk_turn(r);
	}
	assert_int_equal(len, 0);
}

void
http_talk_hear(struct reactor *r, int fd, struct buf *out)
{
	char piece[4096];
	for (int quiet = 0, i = 0; quiet < QUIET_TURNS && i < TURNS_MAX_COUNT; i++) {
		http_talk_turn(r);
		ssize_t n = recv(fd, piece, sizeof(piece), 0);
		if (n == 0)
			break;
		quiet = n > 0 ? 0 : quiet + 1;
		if (n > 0)
			buf_add(out, piece, (size_t)n);
	}
	buf_u8(out, 0);
	out->len--;
}

bool
http_talk_has(const struct buf *out, const char *text)
{
	return out->at && strstr((const char *)out->at, text);
}

void
http_talk_ask(struct reactor *r, const struct http *h, const char *request, struct buf *out)
{
	int fd = http_talk_dial(h);
	buf_init(out, HTTP_TALK_MAX_BYTES);
	http_talk_say(r, fd, request, strlen(request));
	http_talk_hear(r, fd, out);
	assert_int_equal(close(fd), 0);
}
