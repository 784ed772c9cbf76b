#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/sandbox.h"

/* Every probe runs in a process of its own, because nothing that was given up comes back. The
 * exit code is the number of the first thing that was not as it has to be; 0: all was. */
typedef int probe(const char *dir);

static int
in_child(probe *fn, const char *dir)
{
	int status = -1;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static bool
opens(const char *dir, const char *name, int flags)
{
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static int
confined_probe(const char *dir)
{
	OWNED_MEM char *own = xasprintf("%s/own", dir);
	OWNED_MEM char *shown = xasprintf("%s/shown", dir);
	const struct sandbox_path paths[] = {
		{own, SANDBOX_READ | SANDBOX_WRITE},
		{shown, SANDBOX_READ},
		{"/nonexistent/x", SANDBOX_READ | SANDBOX_OPTIONAL},
	};
	int held = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	char byte;
	if (sandbox_harden() || sandbox_confine(paths, ARRAY_LEN(paths), false))
		return 1;
	if (!opens(own, "new", O_RDWR | O_CREAT) || !opens(own, "new", O_RDONLY | O_TRUNC))
		return 2;
	if (!opens(shown, "file", O_RDONLY))
		return 3;
	if (opens(shown, "file", O_RDWR) || opens(shown, "new", O_RDWR | O_CREAT))
		return 4;
	if (opens(dir, "secret", O_RDONLY) || opens("/etc", "passwd", O_RDONLY))
		return 5;
	if (opens("/proc/self/root/etc", "passwd", O_RDONLY))
		return 6;
	if (read(held, &byte, 1) != 1)
		return 7;
	if (!opens("/proc/self", "status", O_RDONLY) || opens("/proc/1", "status", O_RDONLY))
		return 8;
	OWNED_MEM char *from = xasprintf("%s/secret", dir);
	OWNED_MEM char *to = xasprintf("%s/stolen", own);
	if (link(from, to) == 0 || rename(from, to) == 0 || unlink(from) == 0)
		return 9;
	if (execl("/bin/true", "true", (char *)NULL) == 0 || errno != EACCES)
		return 10;
	return 0;
}

static int
socket_probe(const char *dir)
{
	OWNED_MEM char *own = xasprintf("%s/own", dir);
	const struct sandbox_path paths[] = {{own, SANDBOX_READ | SANDBOX_WRITE}};
	if (sandbox_confine(paths, 1, false))
		return 1;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/own/t.sock", dir);
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) || listen(server, 1))
		return 2;
	if (connect(client, (struct sockaddr *)&address, sizeof(address)))
		return 3;
	return 0;
}

static int
descendant_probe(const char *dir)
{
	OWNED_MEM char *own = xasprintf("%s/own", dir);
	const struct sandbox_path paths[] = {{own, SANDBOX_READ}};
	if (sandbox_confine(paths, 1, false))
		return 1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(opens(dir, "secret", O_RDONLY) ? 2 : 0);
	int status = -1;
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 3;
}

static int
missing_probe(const char *dir)
{
	(void)dir;
	const struct sandbox_path paths[] = {{"/nonexistent/x", SANDBOX_READ}};
	return sandbox_confine(paths, 1, false) == E_NOTFOUND ? 0 : 1;
}

static int
hardened_probe(const char *dir)
{
	(void)dir;
	struct rlimit core = {1, 1};
	if (sandbox_harden())
		return 1;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	if (getrlimit(RLIMIT_CORE, &core) || core.rlim_cur != 0 || core.rlim_max != 0)
		return 4;
	return 0;
}

/* A tracer of the same user, without the rights of root, as a stolen account would be. */
static int
traced_probe(const char *dir)
{
	(void)dir;
	int go[2];
	char byte;
	if (pipe(go) || (geteuid() == 0 && (setgid(65534) || setuid(65534))))
		return 1;
	/* A change of user makes a process undumpable, so that is put right first. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
		return 2;
	pid_t pid = fork();
	if (pid == 0) {
		if (sandbox_harden() || write(go[1], "x", 1) != 1)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	bool ready = read(go[0], &byte, 1) == 1;
	bool traced = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;
	OWNED_MEM char *proc = xasprintf("/proc/%d", (int)pid);
	bool read_memory = opens(proc, "mem", O_RDONLY) || opens(proc, "environ", O_RDONLY);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	if (!ready)
		return 3;
	return traced ? 4 : read_memory ? 5 : 0;
}

static int
orphan_probe(const char *dir)
{
	(void)dir;
	int held[2];
	char byte;
	if (pipe(held))
		return 1;
	pid_t middle = fork();
	if (middle == 0) {
		int parent = getpid();
		if (fork() == 0) {
			if (sandbox_die_with(parent) || write(held[1], "r", 1) != 1)
				_exit(1);
			(void)pause();
		}
		(void)pause();
		_exit(0);
	}
	(void)close(held[1]);
	(void)alarm(5);
	if (read(held[0], &byte, 1) != 1)
		return 2;
	(void)kill(middle, SIGKILL);
	(void)waitpid(middle, NULL, 0);
	/* The pipe ends when the last one that could write is gone. */
	if (read(held[0], &byte, 1) != 0)
		return 3;
	return sandbox_die_with(getpid()) == E_IO ? 0 : 4;
}

static int
setup(void **state)
{
	char *dir = xstrdup("/tmp/weir-sandbox-XXXXXX");
	assert_non_null(mkdtemp(dir));
	OWNED_MEM char *make = xasprintf("cd %s && mkdir own shown && echo a > shown/file && "
					 "echo b > secret",
		dir);
	assert_int_equal(system(make), 0);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	OWNED_MEM char *clean = xasprintf("rm -r %s", (char *)*state);
	int rc = system(clean);
	free(*state);
	return rc;
}

static void
a_confined_process_reaches_its_own_files_only(void **state)
{
	assert_int_equal(in_child(confined_probe, *state), 0);
}

static void
a_confined_process_can_serve_and_connect_in_its_own_directory(void **state)
{
	assert_int_equal(in_child(socket_probe, *state), 0);
}

static void
what_a_confined_process_starts_is_confined_too(void **state)
{
	assert_int_equal(in_child(descendant_probe, *state), 0);
}

static void
a_path_that_is_missing_is_said(void **state)
{
	assert_int_equal(in_child(missing_probe, *state), 0);
}

static void
a_hardened_process_leaves_no_core_and_gains_no_rights(void **state)
{
	assert_int_equal(in_child(hardened_probe, *state), 0);
}

static void
a_hardened_process_cannot_be_traced_or_read(void **state)
{
	assert_int_equal(in_child(traced_probe, *state), 0);
}

static void
a_process_dies_with_the_one_that_started_it(void **state)
{
	assert_int_equal(in_child(orphan_probe, *state), 0);
}

static void
what_an_older_kernel_does_not_hold_is_named(void **state)
{
	(void)state;
	assert_true(sandbox_abi() > 0);
	assert_non_null(strstr(sandbox_gaps(0), "no Landlock"));
	assert_non_null(strstr(sandbox_gaps(2), "truncate"));
	assert_null(strstr(sandbox_gaps(3), "truncate"));
	assert_non_null(strstr(sandbox_gaps(3), "TCP"));
	assert_null(strstr(sandbox_gaps(4), "TCP"));
	assert_non_null(strstr(sandbox_gaps(5), "signals"));
	assert_string_equal(sandbox_gaps(6), "");
}

#define DIR_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DIR_TEST(a_confined_process_reaches_its_own_files_only),
		DIR_TEST(a_confined_process_can_serve_and_connect_in_its_own_directory),
		DIR_TEST(what_a_confined_process_starts_is_confined_too),
		DIR_TEST(a_path_that_is_missing_is_said),
		DIR_TEST(a_hardened_process_leaves_no_core_and_gains_no_rights),
		DIR_TEST(a_hardened_process_cannot_be_traced_or_read),
		DIR_TEST(a_process_dies_with_the_one_that_started_it),
		cmocka_unit_test(what_an_older_kernel_does_not_hold_is_named),
	};
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
