/* The disk below a site's vault refuses, or its process ends, at every call that LMDB makes to
 * it: rows 1, 12 and 14 of the fault matrix. The store is the hub's, too (rows 5, 6, 13). */
#include "tests/unit/node_place.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENTRY_BYTES     20000 /* several pages, so that a commit writes more than once */
#define CALLS_MAX_COUNT 200
#define EXIT_SAVED      0
#define EXIT_REFUSED    1

/* What happens at the nth call that writes or flushes. These names take the place of those in
 * the system's library for everything in this process, LMDB among it. */
static struct {
	size_t calls, at; /* 0: never */
	int code;         /* errno, or 0: the process is killed */
	bool for_good;    /* every call from then on */
} disk;

static bool
refuses(void)
{
	disk.calls++;
	if (!disk.at || (disk.for_good ? disk.calls < disk.at : disk.calls != disk.at))
		return false;
	if (!disk.code)
		(void)raise(SIGKILL);
	errno = disk.code;
	return true;
}

ssize_t
pwrite(int fd, const void *from, size_t len, off_t at)
{
	return refuses() ? -1 : syscall(SYS_pwrite64, fd, from, len, at);
}

ssize_t
writev(int fd, const struct iovec *from, int count)
{
	return refuses() ? -1 : syscall(SYS_writev, fd, from, count);
}

int
fdatasync(int fd)
{
	return refuses() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	return refuses() ? -1 : (int)syscall(SYS_fsync, fd);
}

int
msync(void *at, size_t len, int flags)
{
	return refuses() ? -1 : (int)syscall(SYS_msync, at, len, flags);
}

static void
disk_fails(size_t at, int code, bool for_good)
{
	disk.calls = 0;
	disk.at = at;
	disk.code = code;
	disk.for_good = for_good;
}

static void
disk_is_well(void)
{
	disk_fails(0, 0, false);
}

static enum err
save(struct vault *v)
{
	OWNED_MEM uint8_t *content = xcalloc(1, ENTRY_BYTES);
	struct entry_part parts[] = {{PART_ACT, view_of(content, ENTRY_BYTES)}};
	struct sync_mark at;
	enum err e = vault_append(v, LANE_A, parts, ARRAY_LEN(parts), &at);
	return e ? e : vault_commit(v);
}

/* Opened anew the vault has so many entries, the last of which is whole. */
static void
assert_kept(struct place *p, uint64_t count)
{
	OWNED_BUF struct buf part;
	open_vault(p);
	assert_int_equal(vault_committed(p->vault, LANE_A).seq, count);
	buf_init(&part, 2 * ENTRY_BYTES);
	struct vault_at at = vault_here(p->vault, LANE_A, count);
	assert_ok(vault_part(p->vault, &at, PART_ACT, &part));
	assert_int_equal(part.len, ENTRY_BYTES);
}

/* Row 1: a process of its own saves an entry and is killed at the nth call; true if it was
 * not. */
static bool
is_saved_by_a_child(struct place *p, size_t at)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		open_vault(p);
		disk_fails(at, 0, false);
		_exit(save(p->vault) ? EXIT_REFUSED : EXIT_SAVED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == EXIT_SAVED);
	return !WIFSIGNALED(status);
}

static void
a_node_killed_at_any_call_of_a_commit_has_all_that_was_saved(void **state)
{
	struct place *p = *state;
	uint64_t kept = 1;
	size_t n = 1;
	assert_ok(save(p->vault));
	close_vault(p);
	for (;; n++) {
		assert_true(n < CALLS_MAX_COUNT);
		bool saved = is_saved_by_a_child(p, n);
		open_vault(p);
		uint64_t now = vault_committed(p->vault, LANE_A).seq;
		close_vault(p);
		/* Killed before it said so, the entry may be there or not, but whole. */
		assert_true(now == kept + 1 || (now == kept && !saved));
		kept = now;
		assert_kept(p, kept);
		close_vault(p);
		if (saved)
			break;
	}
	assert_true(n > 2);
	open_vault(p);
}

/* Refused at each call in turn; gives at how many a commit failed. */
static size_t
refuse_at_each_call(struct place *p, int code, bool for_good)
{
	uint64_t kept = 1;
	size_t failed = 0;
	assert_ok(save(p->vault));
	for (size_t n = 1; n < CALLS_MAX_COUNT; n++) {
		disk_fails(n, code, for_good);
		enum err e = save(p->vault);
		size_t made = disk.calls;
		disk_is_well();
		/* Nothing is called saved that is not there; a later start may find more. */
		close_vault(p);
		open_vault(p);
		uint64_t now = vault_committed(p->vault, LANE_A).seq;
		close_vault(p);
		assert_true(now == kept + 1 || (now == kept && e));
		kept = now;
		assert_kept(p, kept);
		failed += e != OK;
		if (made < n)
			return failed;
	}
	fail_msg("a commit makes more calls than this test counts");
	return failed;
}

static void
a_full_disk_at_any_call_loses_nothing_that_was_saved(void **state)
{
	assert_true(refuse_at_each_call(*state, ENOSPC, true) > 2);
}

static void
a_disk_that_fails_at_any_call_loses_nothing_that_was_saved(void **state)
{
	assert_true(refuse_at_each_call(*state, EIO, false) > 2);
}

/* Row 14: what a failed flush left behind is not built upon by the same process. */
static void
after_a_flush_that_failed_nothing_more_is_saved_before_a_new_start(void **state)
{
	struct place *p = *state;
	size_t refused = 0;
	assert_ok(save(p->vault));
	for (size_t n = 1; n < CALLS_MAX_COUNT; n++) {
		disk_fails(n, EIO, false);
		enum err e = save(p->vault);
		size_t made = disk.calls;
		disk_is_well();
		if (e) {
			refused++;
			assert_int_not_equal(save(p->vault), OK);
		}
		close_vault(p);
		open_vault(p);
		if (made < n)
			break;
	}
	assert_true(refused > 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_node_killed_at_any_call_of_a_commit_has_all_that_was_saved),
		at_a_node(a_full_disk_at_any_call_loses_nothing_that_was_saved),
		at_a_node(a_disk_that_fails_at_any_call_loses_nothing_that_was_saved),
		at_a_node(after_a_flush_that_failed_nothing_more_is_saved_before_a_new_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
