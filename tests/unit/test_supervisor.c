#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/sandbox.h"
#include "common/run/supervisor.h"

/* This program is three things: the suite; with `supervise DIR ROLE...` a supervisor; and with
 * `role NAME DIR` one of its children. A child appends "NAME PID KEYS" to DIR/starts. */

#define PATIENCE_MS     6000
#define STARTS_MAX      8
#define FILE_BYTES_MAX  4096
#define NOBODY_ID       65534
#define SECRET_OF_TESTS "an-example-secret"
#define CAP_BYTES       ((size_t)128 << 20)
#define GREEDY_BYTES    ((size_t)160 << 20)

struct start {
	char name[32];
	int pid;
	char keys[64];
};

/* the children */

static bool
keys_show_outside(const char *file)
{
	char content[8192] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, content, sizeof(content) - 1);
	(void)close(fd);
	return n < 0 || memmem(content, (size_t)n, SECRET_OF_TESTS, strlen(SECRET_OF_TESTS));
}

static enum err
child_main(const char *name, const char *dir)
{
	OWNED_SECRET struct secret *keys = NULL;
	enum err e = supervisor_child_keys(&keys);
	if (e)
		return e;
	if (strcmp(name, "fatal") == 0)
		return fail(E_AUTH, "the writer key does not fit");
	OWNED_MEM char *path = xasprintf("%s/starts", dir);
	if (strcmp(name, "second") == 0)
		(void)usleep(50000);
	bool shown = keys_show_outside("/proc/self/environ") ||
		     keys_show_outside("/proc/self/cmdline");
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	dprintf(fd, "%s %d %.*s%s\n", name, (int)getpid(), (int)secret_len(keys),
		(const char *)secret_bytes(keys), shown ? "-shown" : "");
	(void)close(fd);
	supervisor_child_ready();
	if (strcmp(name, "greedy") == 0)
		memset(xcalloc(1, GREEDY_BYTES), 1, GREEDY_BYTES);
	if (strcmp(name, "late") == 0) {
		(void)usleep(50000);
		return fail(E_CONFLICT, "the hub knows another node of this name");
	}
	for (;;)
		(void)pause();
}

/* the supervisor */

static enum err
give_keys(void *arg, struct secret **ret)
{
	*ret = secret_copy(arg, strlen(arg));
	return OK;
}

static int
supervise_main(int count, char **args)
{
	const char *const more[] = {args[0], NULL};
	struct supervisor_child children[SUPERVISOR_CHILDREN_MAX];
	char secret[] = SECRET_OF_TESTS;
	if (crypto_init() || sandbox_harden())
		return 9;
	for (int i = 1; i < count; i++)
		children[i - 1] = (struct supervisor_child){.name = args[i],
			.args = more,
			.keys = give_keys,
			.arg = secret,
			.memory_max_bytes = CAP_BYTES};
	const struct supervisor_spec spec = {.program = "weir-test",
		.children = children,
		.count = (size_t)(count - 1),
		.ready_fd = 3};
	enum err e = supervisor_run(&spec);
	if (e)
		fprintf(stderr, "%s\n", err_text());
	return err_exit_code(e);
}

/* the suite */

struct run {
	char dir[40];
	int pid;
	int ready;
	int said;
};

static int
setup(void **state)
{
	struct run *r = xcalloc(1, sizeof(*r));
	assert_true(own_dir_make(r->dir, sizeof(r->dir), "supervisor"));
	assert_int_equal(chmod(r->dir, 0777), 0);
	r->ready = r->said = -1;
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct run *r = *state;
	if (r->pid > 0) {
		(void)kill(r->pid, SIGKILL);
		(void)waitpid(r->pid, NULL, 0);
	}
	(void)close(r->ready);
	(void)close(r->said);
	OWNED_MEM char *clean = xasprintf("rm -r %s", r->dir);
	int rc = system(clean);
	free(r);
	return rc;
}

/* Start a supervisor without rights of root, of one or two roles. */
static void
supervise(struct run *r, const char *first, const char *second)
{
	int ready[2], said[2];
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(said), 0);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (r->pid == 0) {
		(void)dup2(said[1], STDERR_FILENO);
		(void)dup2(said[1], STDOUT_FILENO);
		(void)dup2(ready[1], 3);
		for (int fd = 4; fd < 32; fd++)
			(void)close(fd);
		if (geteuid() == 0 && (setgid(NOBODY_ID) || setuid(NOBODY_ID)))
			_exit(8);
		(void)execl("/proc/self/exe", "test", "supervise", r->dir, first, second,
			(char *)NULL);
		_exit(8);
	}
	(void)close(ready[1]);
	(void)close(said[1]);
	r->ready = ready[0];
	r->said = said[0];
}

static bool
is_readable(int fd, int patience_ms)
{
	struct pollfd p = {fd, POLLIN, 0};
	return poll(&p, 1, patience_ms) == 1 && (p.revents & POLLIN);
}

static size_t
read_starts(const struct run *r, struct start ret[static STARTS_MAX])
{
	OWNED_MEM char *path = xasprintf("%s/starts", r->dir);
	OWNED_MEM uint8_t *text = NULL;
	size_t len = 0, count = 0;
	if (text_read_file(&text, &len, path, FILE_BYTES_MAX))
		return 0;
	for (char *line = strtok((char *)text, "\n"); line && count < STARTS_MAX;
		line = strtok(NULL, "\n"))
		count += sscanf(line, "%31s %d %63s", ret[count].name, &ret[count].pid,
				 ret[count].keys) == 3;
	return count;
}

static size_t
wait_for_starts(const struct run *r, size_t count, struct start ret[static STARTS_MAX])
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	size_t n = read_starts(r, ret);
	while (n < count && clock_mono_ms() < until) {
		(void)usleep(10000);
		n = read_starts(r, ret);
	}
	return n;
}

static bool
is_gone(int pid)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (kill(pid, 0) == 0 && clock_mono_ms() < until)
		(void)usleep(5000);
	return kill(pid, 0) != 0 && errno == ESRCH;
}

static int
exit_code_of(struct run *r)
{
	int status = -1;
	(void)alarm(20);
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	(void)alarm(0);
	r->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void
ready_is_said_when_all_serve_and_each_has_its_keys(void **state)
{
	struct run *r = *state;
	struct start starts[STARTS_MAX];
	supervise(r, "first", "second");
	assert_true(is_readable(r->ready, PATIENCE_MS));
	assert_int_equal(read_starts(r, starts), 2);
	assert_string_equal(starts[0].name, "first");
	assert_string_equal(starts[1].name, "second");
	for (int i = 0; i < 2; i++)
		assert_string_equal(starts[i].keys, SECRET_OF_TESTS);
	char said[16] = "";
	assert_true(is_readable(r->said, PATIENCE_MS));
	assert_true(read(r->said, said, sizeof(said) - 1) > 0);
	assert_string_equal(said, "ready\n");
}

static void
a_killed_child_is_started_again_with_its_keys(void **state)
{
	struct run *r = *state;
	struct start starts[STARTS_MAX];
	supervise(r, "first", NULL);
	assert_int_equal(wait_for_starts(r, 1, starts), 1);
	assert_true(is_readable(r->ready, PATIENCE_MS));
	assert_int_equal(kill(starts[0].pid, SIGKILL), 0);
	assert_int_equal(wait_for_starts(r, 2, starts), 2);
	assert_int_not_equal(starts[0].pid, starts[1].pid);
	assert_string_equal(starts[1].keys, SECRET_OF_TESTS);
}

/* Row 32 as far as the supervisor goes. */
static void
a_child_over_its_memory_is_ended_and_started_again(void **state)
{
	struct run *r = *state;
	struct start starts[STARTS_MAX];
	supervise(r, "first", "greedy");
	assert_true(is_readable(r->ready, PATIENCE_MS));
	assert_int_equal(wait_for_starts(r, 3, starts), 3);
	assert_string_equal(starts[2].name, "greedy");
	assert_string_equal(starts[2].keys, SECRET_OF_TESTS);
	assert_int_equal(kill(starts[0].pid, 0), 0);
}

static void
a_stop_signal_ends_all_children_and_then_itself(void **state)
{
	struct run *r = *state;
	struct start starts[STARTS_MAX];
	supervise(r, "first", "second");
	assert_true(is_readable(r->ready, PATIENCE_MS));
	assert_int_equal(read_starts(r, starts), 2);
	assert_int_equal(kill(r->pid, SIGTERM), 0);
	assert_int_equal(exit_code_of(r), 0);
	assert_true(is_gone(starts[0].pid));
	assert_true(is_gone(starts[1].pid));
}

static void
children_die_with_a_killed_supervisor(void **state)
{
	struct run *r = *state;
	struct start starts[STARTS_MAX];
	supervise(r, "first", "second");
	assert_true(is_readable(r->ready, PATIENCE_MS));
	assert_int_equal(read_starts(r, starts), 2);
	assert_int_equal(kill(r->pid, SIGKILL), 0);
	assert_int_equal(exit_code_of(r), 1000 + SIGKILL);
	assert_true(is_gone(starts[0].pid));
	assert_true(is_gone(starts[1].pid));
}

/* What is on the pipe behind a "ready" line. */
static void
read_said(struct run *r, char *ret, size_t room)
{
	size_t len = 0;
	ssize_t n = 1;
	while (n > 0 && len + 1 < room) {
		n = read(r->said, ret + len, room - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	ret[len] = 0;
}

static void
a_child_that_cannot_work_ends_all_with_its_sentence(void **state)
{
	struct run *r = *state;
	struct start starts[STARTS_MAX];
	char said[FILE_BYTES_MAX];
	supervise(r, "first", "fatal");
	assert_int_equal(exit_code_of(r), 3);
	read_said(r, said, sizeof(said));
	assert_string_equal(said, "fatal: the writer key does not fit\n");
	assert_int_equal(read_starts(r, starts), 1);
	assert_true(is_gone(starts[0].pid));
	assert_false(is_readable(r->ready, 0));
}

static void
a_fatal_end_after_it_served_is_not_started_again(void **state)
{
	struct run *r = *state;
	struct start starts[STARTS_MAX];
	char said[FILE_BYTES_MAX];
	supervise(r, "late", NULL);
	assert_int_equal(exit_code_of(r), 3);
	read_said(r, said, sizeof(said));
	assert_string_equal(said, "ready\nlate: the hub knows another node of this name\n");
	assert_int_equal(read_starts(r, starts), 1);
}

static enum err
give_too_much(void *arg, struct secret **ret)
{
	(void)arg;
	*ret = secret_new(SUPERVISOR_KEYS_BYTES_MAX + 1);
	return OK;
}

static void
keys_that_a_pipe_does_not_take_are_refused(void **state)
{
	(void)state;
	assert_ok(crypto_init());
	const struct supervisor_child child = {.name = "first", .keys = give_too_much};
	const struct supervisor_spec spec = {.program = "weir-test",
		.children = &child,
		.count = 1,
		.ready_fd = -1,
		.exe = "/bin/true"};
	assert_err(supervisor_run(&spec), E_FULL);
}

static void
too_many_children_are_refused(void **state)
{
	(void)state;
	const struct supervisor_spec spec = {
		.program = "weir-test", .count = SUPERVISOR_CHILDREN_MAX + 1, .ready_fd = -1};
	assert_err(supervisor_run(&spec), E_FULL);
}

#define RUN_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "role") == 0)
		return crypto_init() ? 9 : supervisor_child_ended(child_main(argv[2], argv[3]));
	if (argc >= 4 && strcmp(argv[1], "supervise") == 0)
		return supervise_main(argc - 2, argv + 2);
	const struct CMUnitTest tests[] = {
		RUN_TEST(ready_is_said_when_all_serve_and_each_has_its_keys),
		RUN_TEST(a_killed_child_is_started_again_with_its_keys),
		RUN_TEST(a_child_over_its_memory_is_ended_and_started_again),
		RUN_TEST(a_stop_signal_ends_all_children_and_then_itself),
		RUN_TEST(children_die_with_a_killed_supervisor),
		RUN_TEST(a_child_that_cannot_work_ends_all_with_its_sentence),
		RUN_TEST(a_fatal_end_after_it_served_is_not_started_again),
		cmocka_unit_test(keys_that_a_pipe_does_not_take_are_refused),
		cmocka_unit_test(too_many_children_are_refused),
	};
	return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
