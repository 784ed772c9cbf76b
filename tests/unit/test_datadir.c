#include "tests/unit/suite.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"

static void
a_path_is_the_directory_and_the_name(void **state)
{
	(void)state;
	char path[DATADIR_PATH_BYTES];
	assert_ok(datadir_path(path, "/var/lib/weir", "run/sync.sock"));
	assert_string_equal(path, "/var/lib/weir/run/sync.sock");
}

static void
a_path_that_is_too_long_is_refused(void **state)
{
	(void)state;
	char path[DATADIR_PATH_BYTES];
	OWNED_MEM char *dir = xcalloc(DATADIR_PATH_BYTES, 1);
	memset(dir, 'a', DATADIR_PATH_BYTES - 1);
	assert_err(datadir_path(path, dir, ""), E_FORMAT);
	dir[DATADIR_PATH_BYTES - 4] = '\0';
	assert_ok(datadir_path(path, dir, "bc"));
	assert_err(datadir_path(path, dir, "bcd"), E_FORMAT);
}

static void
a_directory_is_made_once_and_for_its_owner_alone(void **state)
{
	(void)state;
	char dir[] = "/tmp/weir-datadir-XXXXXX";
	struct stat st;
	assert_non_null(mkdtemp(dir));
	OWNED_MEM char *inner = xasprintf("%s/keys", dir);
	assert_ok(datadir_make(dir, "keys"));
	assert_ok(datadir_make(dir, "keys"));
	assert_ok(datadir_make(dir, ""));
	assert_int_equal(stat(inner, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_err(datadir_make(dir, "none/keys"), E_IO);
	assert_int_equal(rmdir(inner), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_the_directory_and_the_name),
		cmocka_unit_test(a_path_that_is_too_long_is_refused),
		cmocka_unit_test(a_directory_is_made_once_and_for_its_owner_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
