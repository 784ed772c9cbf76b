#include "common/run/supervisor_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/mem.h"

#define BACKOFF_FIRST_MS  1000
#define BACKOFF_MAX_MS    30000
#define SETTLED_MS        60000 /* a child that ran so long begins at the first pause again */
#define DEATHS_LOUD_COUNT 5
#define STOP_MS           10000
#define IDLE_MS           3600000
#define MEMORY_EVERY_MS   1000
#define STATM_BYTES       128
#define BYTES_PER_MIB     ((size_t)1 << 20)
#define POLL_COUNT        (1 + 2 * SUPERVISOR_CHILDREN_MAX)

/* starting */

/* Each child is started when the one before it serves. */
static enum err
start_next(struct supervisor *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];
		if (!c->pid && !c->served_once)
			return supervisor_start(s, c);
		if (!c->served_once)
			return OK;
	}
	return OK;
}

static void
say_ready(struct supervisor *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->children[i].serves)
			return;
	if (s->said_ready)
		return;
	s->said_ready = true;
	printf("ready\n");
	(void)fflush(stdout);
	if (s->spec->ready_fd >= 0 && write(s->spec->ready_fd, "R", 1) != 1)
		log_warn("supervisor", "nobody waits for ready: %m");
}

/* stopping */

static void
signal_child(const struct child *c, int number)
{
	if (c->pid && syscall(SYS_pidfd_send_signal, c->pidfd, number, NULL, 0) &&
		errno != ESRCH)
		log_warn("supervisor", "signalling %s: %m", c->spec->name);
}

static void
stop(struct supervisor *s, enum err result)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->result = result;
	s->kill_ms = clock_mono_ms() + STOP_MS;
	for (size_t i = 0; i < s->count; i++)
		signal_child(&s->children[i], SIGTERM);
}

static size_t
running(const struct supervisor *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++)
		n += s->children[i].pid != 0;
	return n;
}

/* events */

static void
read_status(struct supervisor *s, struct child *c)
{
	char piece[SUPERVISOR_WORDS_BYTES];
	ssize_t n = read(c->status_fd, piece, sizeof(piece) - 1);
	if (n <= 0) {
		if (n == 0)
			fd_drop(&c->status_fd);
		return;
	}
	piece[n] = '\0';
	char *words = piece;
	if (words[0] == 'R') {
		c->serves = true;
		c->served_once = true;
		words++;
		say_ready(s);
		enum err e = s->stopping ? OK : start_next(s);
		if (e)
			stop(s, e);
	}
	if (words[0])
		(void)snprintf(c->words, sizeof(c->words), "%s", words);
}

static void
plan_restart(struct child *c, int64_t now_ms)
{
	if (now_ms - c->started_ms >= SETTLED_MS) {
		c->backoff_ms = 0;
		c->deaths = 0;
	}
	c->deaths++;
	c->backoff_ms =
		c->backoff_ms ? MIN(2 * c->backoff_ms, BACKOFF_MAX_MS) : BACKOFF_FIRST_MS;
	c->restart_ms = now_ms + c->backoff_ms;
	if (c->deaths >= DEATHS_LOUD_COUNT)
		log_error("supervisor",
			"%s died %u times in a row; it is tried again every %d s",
			c->spec->name, c->deaths, BACKOFF_MAX_MS / 1000);
	else
		log_warn("supervisor", "%s ended%s%s; it is started again in %lld ms",
			c->spec->name, c->words[0] ? ": " : "", c->words[0] ? c->words + 1 : "",
			(long long)c->backoff_ms);
}

static void
child_died(struct supervisor *s, struct child *c)
{
	int code = 0;
	while (waitpid(c->pid, &code, 0) < 0 && errno == EINTR)
		;
	if (c->status_fd >= 0)
		read_status(s, c);
	fd_drop(&c->status_fd);
	fd_drop(&c->pidfd);
	c->pid = 0;
	c->serves = false;
	if (s->stopping)
		return;
	/* What fails at the first start is told at once to whoever typed the command. */
	bool first = !c->served_once;
	if (c->words[0] == 'F' || (first && c->words[0]))
		stop(s, fail(E_IO, "%s: %s", c->spec->name, c->words + 1));
	else if (first)
		stop(s, fail(E_IO, "%s ended before it served", c->spec->name));
	else
		plan_restart(c, clock_mono_ms());
}

static void
read_signal(struct supervisor *s)
{
	struct signalfd_siginfo info;
	if (read(s->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	stop(s, OK);
}

/* the loop */

static enum err
open_signals(struct supervisor *s)
{
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return fail(E_IO, "signals: %m");
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signal_fd < 0 ? fail(E_IO, "signals: %m") : OK;
}

/* Resident bytes, as /proc says them (proc(5), statm: the second field, in pages); 0 if it does
 * not. */
static size_t
resident_bytes(pid_t pid)
{
	char path[32], text[STATM_BYTES] = "";
	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return 0;
	const char *second = strchr(text, ' ');
	unsigned long pages = second ? strtoul(second, NULL, 10) : 0;
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* A child may be made to grow by those whom it serves; its end is harmless where this is
 * set. */
static void
look_at_memory(struct supervisor *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];
		size_t most = c->spec->memory_max_bytes;
		size_t has = most && c->pid ? resident_bytes(c->pid) : 0;
		if (has <= most)
			continue;
		log_warn("supervisor",
			"%s holds %zu MiB, which is over its %zu MiB: it is ended",
			c->spec->name, has / BYTES_PER_MIB, most / BYTES_PER_MIB);
		signal_child(c, SIGKILL);
	}
}

/* One that runs without all of its keys is killed, and its death plans the next start. */
static void
restart_failed(struct child *c, int64_t now_ms)
{
	if (c->pid)
		signal_child(c, SIGKILL);
	else
		plan_restart(c, now_ms);
}

static void
run_timers(struct supervisor *s)
{
	int64_t now_ms = clock_mono_ms();
	if (s->look_ms && now_ms >= s->look_ms) {
		s->look_ms = now_ms + MEMORY_EVERY_MS;
		look_at_memory(s);
	}
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];
		if (s->stopping) {
			if (now_ms >= s->kill_ms)
				signal_child(c, SIGKILL);
		} else if (c->restart_ms && now_ms >= c->restart_ms && supervisor_start(s, c)) {
			log_error("supervisor", "%s", err_text());
			restart_failed(c, now_ms);
		}
	}
	if (s->stopping && now_ms >= s->kill_ms)
		s->kill_ms = now_ms + STOP_MS;
}

static int
wait_ms(const struct supervisor *s)
{
	int64_t now_ms = clock_mono_ms(), next_ms = now_ms + IDLE_MS;
	if (s->stopping)
		next_ms = s->kill_ms;
	else
		for (size_t i = 0; i < s->count; i++)
			if (s->children[i].restart_ms)
				next_ms = MIN(next_ms, s->children[i].restart_ms);
	if (s->look_ms)
		next_ms = MIN(next_ms, s->look_ms);
	return (int)MAX(next_ms - now_ms, 0);
}

static enum err
turn(struct supervisor *s)
{
	struct pollfd fds[POLL_COUNT] = {{s->signal_fd, POLLIN, 0}};
	for (size_t i = 0; i < s->count; i++) {
		fds[1 + 2 * i] = (struct pollfd){s->children[i].status_fd, POLLIN, 0};
		fds[2 + 2 * i] = (struct pollfd){s->children[i].pidfd, POLLIN, 0};
	}
	if (poll(fds, 1 + 2 * s->count, wait_ms(s)) < 0 && errno != EINTR)
		return fail(E_IO, "waiting for children: %m");
	if (fds[0].revents)
		read_signal(s);
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];
		if (fds[1 + 2 * i].revents && c->status_fd >= 0)
			read_status(s, c);
		if (fds[2 + 2 * i].revents && c->pid)
			child_died(s, c);
	}
	run_timers(s);
	return OK;
}

static void
close_all(struct supervisor *s)
{
	for (size_t i = 0; i < s->count; i++) {
		signal_child(&s->children[i], SIGKILL);
		fd_drop(&s->children[i].pidfd);
		fd_drop(&s->children[i].status_fd);
	}
	fd_drop(&s->signal_fd);
}

enum err
supervisor_run(const struct supervisor_spec *spec)
{
	OWNED_BY(close_all) struct supervisor s = {.spec = spec, .signal_fd = -1};
	char kept[SUPERVISOR_WORDS_BYTES] = "";
	if (spec->count == 0 || spec->count > SUPERVISOR_CHILDREN_MAX)
		return fail(E_FULL, "supervisor: %zu children", spec->count);
	s.count = spec->count;
	for (size_t i = 0; i < s.count; i++)
		s.children[i] = (struct child){
			.spec = &spec->children[i], .pidfd = -1, .status_fd = -1};
	for (size_t i = 0; i < s.count; i++)
		if (spec->children[i].memory_max_bytes)
			s.look_ms = clock_mono_ms() + MEMORY_EVERY_MS;
	enum err e = open_signals(&s);
	if (!e)
		e = start_next(&s);
	if (e)
		return e;
	while (!e && !(s.stopping && running(&s) == 0)) {
		bool was_stopping = s.stopping;
		e = turn(&s);
		/* The sentence that ended it outlives what is said while the others stop. */
		if (!was_stopping && s.stopping && s.result)
			(void)snprintf(kept, sizeof(kept), "%s", err_text());
	}
	if (!e && s.result)
		e = fail(s.result, "%s", kept);
	return e;
}
