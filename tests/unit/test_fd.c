#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/fd.h"

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void
what_was_opened_is_closed_at_the_brace(void **state)
{
	(void)state;
	int seen = -1, seen_dir = -1;
	{
		OWNED_FD int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		OWNED_DIR DIR *d = opendir("/");
		assert_non_null(d);
		seen = fd;
		seen_dir = dirfd(d);
		assert_true(is_open(seen) && is_open(seen_dir));
	}
	assert_false(is_open(seen) || is_open(seen_dir));
}

static void
closing_twice_closes_nobody_elses(void **state)
{
	(void)state;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd_drop(&fd);
	assert_int_equal(fd, -1);
	const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd_drop(&fd);
	assert_true(is_open(other));
	(void)close(other);
}

static void
a_full_disk_is_told_from_a_broken_one(void **state)
{
	static const struct {
		int number;
		enum err wanted;
	} rows[] = {{ENOSPC, E_FULL}, {EDQUOT, E_FULL}, {EIO, E_IO}, {EACCES, E_IO}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		errno = rows[i].number;
		assert_err(fd_failed("example/file"), rows[i].wanted);
		assert_non_null(strstr(err_text(), "example/file: "));
	}
}

#define HELD_US 300000

/* A second process holds the lock of the file and has let go when it is waited for. */
static pid_t
hold(const char *path, useconds_t for_us)
{
	int ready[2];
	char c = 0;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const int fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || flock(fd, LOCK_EX) || write(ready[1], "h", 1) != 1)
			_exit(1);
		(void)usleep(for_us);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

static void
a_lock_that_is_given_back_in_a_moment_is_waited_for_and_another_is_not(void **state)
{
	char path[] = "/tmp/weir-lock-XXXXXX";
	OWNED_FD int fd = mkstemp(path);
	int status = 1;
	(void)state;
	const pid_t ending = hold(path, HELD_US);
	assert_ok(fd_lock(fd, path));
	assert_int_equal(waitpid(ending, &status, 0), ending);
	assert_int_equal(status, 0);
	OWNED_FD int second = open(path, O_RDWR | O_CLOEXEC);
	assert_err(fd_lock(second, path), E_CONFLICT);
	assert_non_null(strstr(err_text(), path));
	fd_drop(&fd);
	assert_ok(fd_lock(second, path));
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_opened_is_closed_at_the_brace),
		cmocka_unit_test(closing_twice_closes_nobody_elses),
		cmocka_unit_test(a_full_disk_is_told_from_a_broken_one),
		cmocka_unit_test(
			a_lock_that_is_given_back_in_a_moment_is_waited_for_and_another_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
