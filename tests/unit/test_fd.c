#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_opened_is_closed_at_the_brace),
		cmocka_unit_test(closing_twice_closes_nobody_elses),
		cmocka_unit_test(a_full_disk_is_told_from_a_broken_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
