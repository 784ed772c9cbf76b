/* reactor - the one loop of a process: sockets, descriptors, timers, signals, in one thread.
 *
 * A turn:      wait; handlers of what is ready; timers that are due; before_sleep; the `after`
 *              queue.
 * Always true: a handler never blocks and does bounded work (one message), then returns.
 *              a socket handler is called at most REACTOR_TURN_CALLS_COUNT times per turn, so
 *              that no peer starves the others; what is left makes the next turn begin at once.
 *              what a turn changed is persisted once, in before_sleep; what was queued with
 *              reactor_after() runs behind it, so an answer never leaves before its commit.
 * Errors:      E_IO (poll or signalfd failed); the error of before_sleep ends the run.
 * It can hurt: SIGTERM and SIGINT are blocked from reactor_open() on, and SIGPIPE is ignored;
 *              open it before anything makes threads. Sockets and descriptors have to be
 *              dropped here before they are closed.
 */
#ifndef WEIR_REACTOR_H
#define WEIR_REACTOR_H

#include "common/base/err.h"

#define REACTOR_TURN_CALLS_COUNT 64

enum reactor_events {
	REACTOR_READ = 1,
	REACTOR_WRITE = 2,
};

struct reactor;

typedef void reactor_fn(struct reactor *r, void *arg);
typedef enum err reactor_persist_fn(struct reactor *r, void *arg);

CHECKED enum err reactor_open(struct reactor **ret); /* gives */
void reactor_free(struct reactor *r); /* NULL is fine; closes nothing that was watched */
OWNER(reactor)

/* Watch a ZeroMQ socket: fn takes one message, and is called again while more are waiting. */
void reactor_socket(struct reactor *r, void *socket, reactor_fn *fn, void *arg);
void reactor_socket_drop(struct reactor *r, void *socket); /* unknown is fine */

/* Watch a descriptor for enum reactor_events or'ed together, hang-up included; fn is called
 * once a turn as long as it is ready. Calling it again for the same descriptor replaces all of
 * it. */
void reactor_fd(struct reactor *r, int fd, unsigned events, reactor_fn *fn, void *arg);
void reactor_fd_drop(struct reactor *r, int fd); /* unknown is fine */

/* Call fn in delay_ms and then every every_ms (0: once). gives a handle, never 0. A late timer
 * is called once, not once per period missed. Meant for tens of timers, not thousands. */
uint64_t reactor_timer(
	struct reactor *r, int64_t delay_ms, int64_t every_ms, reactor_fn *fn, void *arg);
void reactor_timer_drop(struct reactor *r, uint64_t timer); /* 0 or gone is fine */

/* Call fn once, behind the next before_sleep. What it queues itself waits for the turn after.
 */
void reactor_after(struct reactor *r, reactor_fn *fn, void *arg);

/* Persist what the turn changed; called at the end of every turn. An error ends the run, and
 * the `after` queue of that turn is not run: nothing that was not kept is ever answered. */
void reactor_before_sleep(struct reactor *r, reactor_persist_fn *fn, void *arg);

CHECKED enum err reactor_run(
	struct reactor *r); /* until reactor_stop(); the turn is finished first */
CHECKED enum err reactor_turn(
	struct reactor *r, int64_t wait_ms); /* one turn, waiting at most so long */
void reactor_stop(struct reactor *r);
bool reactor_stopped(const struct reactor *r);

#endif
