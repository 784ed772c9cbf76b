/* sandbox - a process gives up what it does not need, before it touches anything from outside.
 *
 * Always true: after sandbox_harden() the process cannot gain rights by exec, be traced by
 *              another process of its user, or leave a core dump.
 *              after sandbox_confine() it and everything it starts reaches only the named
 *              paths; descriptors that are open already stay open.
 * Method:      prctl(2), setrlimit(2), and Landlock by its system calls (Debian 12 has no
 *              wrapper). Its ABI says what it holds: 1 files, 2 rename between directories,
 *              3 truncate, 4 TCP, 5 device ioctl, 6 signals and abstract sockets.
 * Errors:      E_IO no Landlock in this kernel: refuse to run, or be told --no-sandbox.
 *              E_NOTFOUND a named path is not there.
 * It can hurt: exec makes a process dumpable again, so each role calls both for itself.
 */
#ifndef WEIR_SANDBOX_H
#define WEIR_SANDBOX_H

#include "common/base/err.h"

enum sandbox_rights {
	SANDBOX_READ = 1,  /* read files, list directories */
	SANDBOX_WRITE = 2, /* write, make, rename, remove, truncate; make sockets */
	SANDBOX_EXECUTE = 4,
	SANDBOX_OPTIONAL = 8, /* a path that may be missing */
};

struct sandbox_path {
	const char *path; /* a file, or a directory with all below it */
	unsigned rights;
};

/* no_new_privs, not dumpable, no core file. */
CHECKED enum err sandbox_harden(void);

/* Die with the process that started this one. E_IO if it is gone already. parent: its pid. */
CHECKED enum err sandbox_die_with(int parent);

/* Confine to these paths. tcp: whether it may bind and connect (held from ABI 4 on). Its own
 * /proc/self can always be read: the metrics and the leak checker of test builds want it. */
CHECKED enum err sandbox_confine(const struct sandbox_path *paths, size_t count, bool tcp);

/* Landlock's ABI number here; 0 if there is none. */
int sandbox_abi(void);
/* What this kernel does not hold, in words for the log; "" if nothing. A constant. */
const char *sandbox_gaps(int abi);

#endif
