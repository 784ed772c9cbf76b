/* bench_far - a CURVE socket of the hub and, at its other end, bench_node as a process.
 *
 * It can hurt: it ends the program at every error (bench.h).
 */
#ifndef WEIR_BENCH_FAR_H
#define WEIR_BENCH_FAR_H

#include <stdio.h>

#include "common/net/link.h"

#define BENCH_LINE_BYTES 64

/* Embedded; read freely between bench_far_open() and bench_far_run(). */
struct bench_far {
	struct reactor *reactor;
	struct link_context *context;
	struct link *link;
	FILE *pipe;
	char line[BENCH_LINE_BYTES];
};

/* Serve a free port with the hub's key; everybody is let in. */
void bench_far_open(struct bench_far *f, reactor_fn *on_message, void *arg);
/* Run bench_node with these arguments until it says how many seconds it took, and close. */
double bench_far_run(struct bench_far *f, const char *format, ...) PRINTF(2, 3);

/* gives the command line of bench_node, which lies beside the program that runs. */
char *bench_node_command(const char *arguments);

#endif
