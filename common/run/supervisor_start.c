#include "common/run/supervisor_inside.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/run/sandbox.h"

#define ARGS_MAX_COUNT 16

static void
keep_over_exec(int fd)
{
	(void)fcntl(fd, F_SETFD, 0);
}

/* In the new process: two pipes and the words on the command line are left of the old one. */
static _Noreturn void
become(const struct supervisor *s, const struct child *c, const int keys[2],
	const int status[2], int parent)
{
	const char *argv[ARGS_MAX_COUNT + 4] = {s->spec->program, "role", c->spec->name};
	char keys_fd[16], status_fd[16];
	size_t n = 3;
	sigset_t none;
	for (size_t i = 0; c->spec->args && c->spec->args[i] && n < ARGS_MAX_COUNT + 3; i++)
		argv[n++] = c->spec->args[i];
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)snprintf(keys_fd, sizeof(keys_fd), "%d", keys[0]);
	(void)snprintf(status_fd, sizeof(status_fd), "%d", status[1]);
	keep_over_exec(keys[0]);
	keep_over_exec(status[1]);
	if (sandbox_die_with(parent) == OK && setenv("WEIR_KEYS_FD", keys_fd, 1) == 0 &&
		setenv("WEIR_STATUS_FD", status_fd, 1) == 0)
		(void)execv(s->spec->exe ? s->spec->exe : "/proc/self/exe",
			(char *const *)(uintptr_t)argv);
	_exit(127);
}

static enum err
send_keys(const struct child *c, int fd)
{
	OWNED_SECRET struct secret *keys = NULL;
	if (!c->spec->keys)
		return OK;
	enum err e = c->spec->keys(c->spec->arg, &keys);
	if (e)
		return e;
	/* So many bytes a pipe takes without waiting, whatever the child does. */
	if (secret_len(keys) > SUPERVISOR_KEYS_BYTES_MAX)
		return fail(E_FULL, "the keys of %s have %zu bytes", c->spec->name,
			secret_len(keys));
	ssize_t n = write(fd, secret_bytes(keys), secret_len(keys));
	return n == (ssize_t)secret_len(keys) ? OK
					      : fail(E_IO, "keys for %s: %m", c->spec->name);
}

enum err
supervisor_start(struct supervisor *s, struct child *c)
{
	OWNED_FD int keys_read = -1, keys_write = -1;
	OWNED_FD int status_read = -1, status_write = -1;
	int keys[2], status[2];
	if (pipe2(keys, O_CLOEXEC))
		return fail(E_IO, "pipe: %m");
	keys_read = keys[0];
	keys_write = keys[1];
	if (pipe2(status, O_CLOEXEC))
		return fail(E_IO, "pipe: %m");
	status_read = status[0];
	status_write = status[1];
	(void)fcntl(status_read, F_SETFL, O_NONBLOCK);
	int parent = getpid();
	pid_t pid = fork();
	if (pid < 0)
		return fail(E_IO, "starting %s: %m", c->spec->name);
	if (pid == 0)
		become(s, c, keys, status, parent);
	c->pid = pid;
	c->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	c->status_fd = status_read;
	status_read = -1;
	c->serves = false;
	c->restart_ms = 0;
	c->words[0] = '\0';
	c->started_ms = clock_mono_ms();
	if (c->pidfd >= 0)
		return send_keys(c, keys_write);
	/* It cannot be watched, so it must not run; its pid is ours until it is waited for. */
	enum err e = fail(E_IO, "watching %s: %m", c->spec->name);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	fd_drop(&c->status_fd);
	c->pid = 0;
	return e;
}
