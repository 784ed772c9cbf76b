/* load - clients that send prepared HTTP/1.1 requests, each over a connection it keeps.
 *
 *   bench_load PORT CLIENTS FILE
 *
 * FILE:        requests one behind the other, each u32 length (little-endian), bytes. The
 *              clients take the next one by turns, send it to 127.0.0.1 and wait for the whole
 *              answer.
 * Output:      submissions_per_s, submission_median_ms, submission_p99_ms; how many came back
 *              with which status goes to standard error. Ends with 3 when one is not 201, or
 *              when an answer does not come within ANSWER_MS.
 */
#include "tests/bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"

#define CLIENTS_MAX_COUNT 1000
#define ANSWER_BYTES      16384
#define ANSWER_MS         60000
#define STATUS_CREATED    201
#define STATUS_ACCEPTED   202
#define STATUS_END        600
#define LENGTH_BYTES      4
#define MS_PER_S          1000.0

struct client {
	struct view left; /* of the request that is being sent */
	char answer[ANSWER_BYTES];
	size_t got;
	double begun_s;
	bool busy;
};

struct load {
	struct view rest; /* requests nobody has taken yet */
	struct pollfd *polls;
	struct client *clients;
	size_t client_count;
	double *took_ms;
	size_t sent, done, request_count;
	size_t statuses[STATUS_END];
};

static size_t
length_at(struct view v)
{
	return (size_t)v.at[0] | (size_t)v.at[1] << 8 | (size_t)v.at[2] << 16 |
	       (size_t)v.at[3] << 24;
}

static struct view
past(struct view v, size_t bytes)
{
	return view_of(v.at + bytes, v.len - bytes);
}

static void
broken(const char *what)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(3);
}

static struct view
read_file(const char *path)
{
	struct stat s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &s))
		broken(path);
	uint8_t *bytes = xcalloc(1, (size_t)s.st_size + 1);
	size_t got = 0;
	while (got < (size_t)s.st_size) {
		ssize_t n = read(fd, bytes + got, (size_t)s.st_size - got);
		if (n <= 0)
			broken(path);
		got += (size_t)n;
	}
	(void)close(fd);
	return view_of(bytes, got);
}

static size_t
count_requests(struct view v)
{
	size_t count = 0;
	while (v.len >= LENGTH_BYTES && v.len - LENGTH_BYTES >= length_at(v)) {
		v = past(v, LENGTH_BYTES + length_at(v));
		count++;
	}
	return count;
}

static int
connect_to(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)))
		broken("connecting");
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		broken("connecting");
	return fd;
}

/* The client's next request, if any is left. */
static void
next(struct load *l, size_t i)
{
	struct client *c = &l->clients[i];
	c->busy = l->sent < l->request_count;
	l->polls[i].events = 0;
	if (!c->busy)
		return;
	size_t length = length_at(l->rest);
	c->left = view_of(l->rest.at + LENGTH_BYTES, length);
	l->rest = past(l->rest, LENGTH_BYTES + length);
	l->sent++;
	c->got = 0;
	c->begun_s = bench_now_s();
	l->polls[i].events = POLLIN | POLLOUT;
}

static void
push(struct load *l, size_t i)
{
	struct client *c = &l->clients[i];
	ssize_t n = send(l->polls[i].fd, c->left.at, c->left.len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		broken("sending");
	if (n > 0)
		c->left = past(c->left, (size_t)n);
	if (c->left.len == 0)
		l->polls[i].events = POLLIN;
}

/* The status once the answer is whole, else 0. */
static unsigned
whole_answer(struct client *c)
{
	c->answer[c->got] = '\0';
	const char *end = strstr(c->answer, "\r\n\r\n");
	if (!end)
		return 0;
	const char *length = strcasestr(c->answer, "\r\nContent-Length:");
	size_t body =
		length && length < end ? strtoul(strchr(length + 2, ':') + 1, NULL, 10) : 0;
	if (c->got < (size_t)(end - c->answer) + 4 + body)
		return 0;
	unsigned status = (unsigned)strtoul(c->answer + strlen("HTTP/1.1 "), NULL, 10);
	return status < STATUS_END ? status : STATUS_END - 1;
}

static bool
is_kept(unsigned status)
{
	return status == STATUS_CREATED || status == STATUS_ACCEPTED;
}

static void
pull(struct load *l, size_t i)
{
	struct client *c = &l->clients[i];
	ssize_t n = recv(l->polls[i].fd, c->answer + c->got, ANSWER_BYTES - 1 - c->got, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		broken("an answer");
	c->got += (size_t)n;
	unsigned status = whole_answer(c);
	if (!status)
		return;
	if (!is_kept(status) && l->statuses[status] == 0)
		bench_say("%s", c->answer);
	l->statuses[status]++;
	l->took_ms[l->done++] = (bench_now_s() - c->begun_s) * MS_PER_S;
	next(l, i);
}

static void
turn(struct load *l)
{
	int ready = poll(l->polls, l->client_count, ANSWER_MS);
	if (ready <= 0)
		broken("waiting for answers");
	for (size_t i = 0; i < l->client_count; i++) {
		if (!l->clients[i].busy)
			continue;
		if (l->polls[i].revents & POLLOUT)
			push(l, i);
		if (l->polls[i].revents & (POLLIN | POLLHUP | POLLERR))
			pull(l, i);
	}
}

static bool
print(struct load *l, double took_s)
{
	for (unsigned status = 0; status < STATUS_END; status++)
		if (l->statuses[status])
			bench_say("%zu answers with status %u", l->statuses[status], status);
	bench_line("submissions_per_s", (double)l->done / took_s, "1/s");
	bench_line("submission_median_ms", bench_median(l->took_ms, l->done), "ms");
	bench_line("submission_p99_ms", bench_quantile(l->took_ms, l->done, 0.99), "ms");
	return l->statuses[STATUS_CREATED] + l->statuses[STATUS_ACCEPTED] == l->done;
}

int
main(int count, char **words)
{
	if (count != 4) {
		(void)fprintf(stderr, "usage: bench_load PORT CLIENTS FILE\n");
		return 2;
	}
	struct load l = {
		.rest = read_file(words[3]), .client_count = strtoul(words[2], NULL, 10)};
	if (l.client_count == 0 || l.client_count > CLIENTS_MAX_COUNT)
		return 2;
	l.request_count = count_requests(l.rest);
	l.clients = xcalloc(l.client_count, sizeof(*l.clients));
	l.polls = xcalloc(l.client_count, sizeof(*l.polls));
	l.took_ms = xcalloc(l.request_count + 1, sizeof(*l.took_ms));
	if (l.request_count == 0)
		return 2;
	const void *file = l.rest.at;
	for (size_t i = 0; i < l.client_count; i++)
		l.polls[i].fd = connect_to((uint16_t)strtoul(words[1], NULL, 10));
	double begun_s = bench_now_s();
	for (size_t i = 0; i < l.client_count; i++)
		next(&l, i);
	while (l.done < l.request_count)
		turn(&l);
	bool fine = print(&l, bench_now_s() - begun_s);
	for (size_t i = 0; i < l.client_count; i++)
		(void)close(l.polls[i].fd);
	free(l.clients);
	free(l.polls);
	free(l.took_ms);
	free((void *)(uintptr_t)file);
	return fine ? 0 : 3;
}
