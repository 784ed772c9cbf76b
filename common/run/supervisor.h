/* supervisor - starts a program's roles as processes, gives each its keys, keeps them running.
 *
 * Always true: it has no network, no store and no ZeroMQ context; it forks only to exec itself
 *              (/proc/self/exe) as `PROGRAM role NAME ARGS...`.
 *              keys go over an inherited pipe, at start and after each restart, and never into
 *              an argument or the environment; WEIR_KEYS_FD names the pipe.
 *              a child dies with it, also when it is killed with SIGKILL.
 *              a child is signalled by its pidfd, never by a number that may be reused.
 * Status pipe: WEIR_STATUS_FD, child to supervisor: 'R' it serves; 'F', then a sentence: it
 *              ended for a reason that a restart will not mend (SUPERVISOR_EXIT_FATAL).
 * Restart:     after 1, 2, 4, ... 30 s; a child that ran for 60 s begins at 1 again; from the
 *              fifth death in a row on they are logged as errors. One that ends before it has
 *              ever served ends the supervisor: whoever started it is there to read why.
 * Memory:      a child whose resident memory is over its cap is killed and started again like
 *              one that died; looked at once a second.
 * Stop:        SIGTERM, SIGINT or SIGHUP: SIGTERM to each child, 10 s, then SIGKILL.
 * Errors:      what a fatal child said ("desk: ..."), with E_IO; E_FULL for too many children.
 */
#ifndef WEIR_SUPERVISOR_H
#define WEIR_SUPERVISOR_H

#include "common/trust/crypto.h"

#define SUPERVISOR_EXIT_FATAL     78 /* EX_CONFIG of sysexits.h */
#define SUPERVISOR_KEYS_BYTES_MAX 32768
#define SUPERVISOR_CHILDREN_MAX   8

/* gives the keys of a child, framed as its role reads them; asked at every start of it. */
typedef enum err supervisor_keys_fn(void *arg, struct secret **ret);

struct supervisor_child {
	const char *name;         /* the role: "sync" */
	const char *const *args;  /* more arguments, NULL at the end; NULL: none */
	supervisor_keys_fn *keys; /* NULL: it gets none */
	void *arg;
	size_t memory_max_bytes; /* 0: any */
};

struct supervisor_spec {
	const char *program; /* "weir-node": for argv[0] and the log */
	const struct supervisor_child *children;
	size_t count;
	int ready_fd;    /* one byte is written there when all serve; -1: none */
	const char *exe; /* NULL: /proc/self/exe; tests name a helper */
};

/* Start all, in the table's order, each when the one before it serves; print "ready" on
 * standard output when all serve; keep them running; return OK after a stop signal. */
CHECKED enum err supervisor_run(const struct supervisor_spec *s);

/* In a role: gives the keys from the pipe and closes it; an empty secret if there is no pipe.
 */
CHECKED enum err supervisor_child_keys(struct secret **ret);
/* In a role: tell that it serves. Nothing happens when it was started by hand. */
void supervisor_child_ready(void);
/* In a role that ends with e: gives its exit code, having told the supervisor when no restart
 * would mend it (a format, a right, a key, a missing thing, a conflict). program_main() calls
 * it. */
int supervisor_child_ended(enum err e);

#endif
