#include "common/run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/fd.h"

/* Rights that came after the headers of Debian 12 (linux/landlock.h of kernel 6.1, ABI 2). */
#define RIGHT_TRUNCATE      (1ULL << 14) /* ABI 3 */
#define RIGHT_IOCTL_DEVICE  (1ULL << 15) /* ABI 5 */
#define RIGHT_TCP_BIND      (1ULL << 0)  /* ABI 4, of the network rights */
#define RIGHT_TCP_CONNECT   (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX (1ULL << 0) /* ABI 6 */
#define SCOPE_SIGNAL        (1ULL << 1)

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_MAKE                                                                            \
	(LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |                           \
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                  \
		LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REMOVE_FILE |                 \
		LANDLOCK_ACCESS_FS_REMOVE_DIR)
#define RIGHTS_WRITE  (LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHTS_MAKE)
#define RIGHTS_DEVICE (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define RIGHTS_FILE                                                                            \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |                        \
		LANDLOCK_ACCESS_FS_EXECUTE | RIGHT_TRUNCATE)

/* The ruleset as newer kernels know it; an older one is told a shorter length. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

enum err
sandbox_harden(void)
{
	const struct rlimit none = {0, 0};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return fail(E_IO, "giving up rights: %m");
	return setrlimit(RLIMIT_CORE, &none) ? fail(E_IO, "core limit: %m") : OK;
}

enum err
sandbox_die_with(int parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return fail(E_IO, "parent's death signal: %m");
	/* It may have gone between the fork and the call above. */
	return getppid() == parent ? OK : fail(E_IO, "the supervisor is gone");
}

int
sandbox_abi(void)
{
	long abi =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi < 0 ? 0 : (int)abi;
}

const char *
sandbox_gaps(int abi)
{
	if (abi <= 0)
		return "no Landlock: files and network are not confined";
	if (abi < 3)
		return "Landlock does not hold truncate, TCP, device ioctl and signals here";
	if (abi < 4)
		return "Landlock does not hold TCP, device ioctl and signals here";
	if (abi < 5)
		return "Landlock does not hold device ioctl and signals here";
	return abi < 6 ? "Landlock does not hold signals and abstract sockets here" : "";
}

static uint64_t
handled_fs(int abi)
{
	uint64_t rights =
		LANDLOCK_ACCESS_FS_EXECUTE | RIGHTS_READ | RIGHTS_WRITE | RIGHTS_DEVICE;
	if (abi >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		rights |= RIGHT_TRUNCATE;
	if (abi >= 5)
		rights |= RIGHT_IOCTL_DEVICE;
	return rights;
}

static uint64_t
rights_of(unsigned rights, int abi, bool directory)
{
	uint64_t fs = 0;
	if (rights & SANDBOX_READ)
		fs |= RIGHTS_READ;
	if (rights & SANDBOX_WRITE)
		fs |= RIGHTS_WRITE | LANDLOCK_ACCESS_FS_REFER | RIGHT_TRUNCATE;
	if (rights & SANDBOX_EXECUTE)
		fs |= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
	if (!directory)
		fs &= RIGHTS_FILE;
	return fs & handled_fs(abi);
}

static enum err
allow(int ruleset, const struct sandbox_path *p, int abi)
{
	struct stat st;
	OWNED_FD int fd = open(p->path, O_PATH | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && (p->rights & SANDBOX_OPTIONAL))
		return OK;
	if (fd < 0 || fstat(fd, &st))
		return fail(errno == ENOENT ? E_NOTFOUND : E_IO, "%s: %m", p->path);
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights_of(p->rights, abi, S_ISDIR(st.st_mode)),
		.parent_fd = fd,
	};
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		return fail(E_IO, "confining to %s: %m", p->path);
	return OK;
}

enum err
sandbox_confine(const struct sandbox_path *paths, size_t count, bool tcp)
{
	static const struct sandbox_path self = {"/proc/self", SANDBOX_READ | SANDBOX_OPTIONAL};
	int abi = sandbox_abi();
	if (abi <= 0)
		return fail(E_IO,
			"this kernel has no Landlock, so the process cannot be confined; "
			"--no-sandbox runs it without");
	struct ruleset set = {.fs = handled_fs(abi)};
	size_t length = sizeof(set.fs);
	if (abi >= 4) {
		set.net = tcp ? 0 : RIGHT_TCP_BIND | RIGHT_TCP_CONNECT;
		length = 2 * sizeof(set.fs);
	}
	if (abi >= 6) {
		set.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
		length = sizeof(set);
	}
	OWNED_FD int ruleset = (int)syscall(SYS_landlock_create_ruleset, &set, length, 0);
	if (ruleset < 0)
		return fail(E_IO, "Landlock: %m");
	enum err e = allow(ruleset, &self, abi);
	for (size_t i = 0; !e && i < count; i++)
		e = allow(ruleset, &paths[i], abi);
	if (!e && syscall(SYS_landlock_restrict_self, ruleset, 0))
		e = fail(E_IO, "Landlock: %m");
	return e;
}
