/* supervisor_inside - what the files of the supervisor share; nobody else includes this.
 *
 * supervisor: who is started when, who is ended, the loop. supervisor_start: one child started.
 */
#ifndef WEIR_SUPERVISOR_INSIDE_H
#define WEIR_SUPERVISOR_INSIDE_H

#include <sys/types.h>

#include "common/run/supervisor.h"

#define SUPERVISOR_WORDS_BYTES 640

struct child {
	const struct supervisor_child *spec;
	pid_t pid; /* 0: not running */
	int pidfd;
	int status_fd;
	bool serves;
	bool served_once;
	int64_t started_ms;
	int64_t restart_ms; /* when to start it again; 0: not waiting */
	int64_t backoff_ms;
	unsigned deaths;
	char words[SUPERVISOR_WORDS_BYTES]; /* 'E' or 'F' and the sentence it ended with */
};

struct supervisor {
	const struct supervisor_spec *spec;
	struct child children[SUPERVISOR_CHILDREN_MAX];
	size_t count;
	int signal_fd;
	bool stopping;
	bool said_ready;
	int64_t kill_ms; /* when those that do not stop are killed */
	int64_t look_ms; /* when memory is looked at again */
	enum err result;
};

/* Starts the child, with its keys in a pipe. After an error it does not run, or runs without
 * all of its keys (its pid is set): then it has to be killed. */
CHECKED enum err supervisor_start(struct supervisor *s, struct child *c);

#endif
