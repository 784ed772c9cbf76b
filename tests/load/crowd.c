/* crowd - many nodes in one process: the rooms of sync as the program has them, a vault for
 * each.
 *
 *   load-crowd make ROOT FIRST COUNT RECORDS
 *                             vaults ROOT/FIRST ... with so many captures each
 *   load-crowd run CARD ROOT FIRST COUNT
 *                             connects all of them to the hub of the directory CARD that holds
 *                             a hub.card once a line comes in, and stays until SIGTERM
 *
 * Prints lines "WORD WALL_MS": "up" when all are connected (again), "down" when the first one
 * is not any more, "done" when signed receipts cover all that is in the vaults. At most
 * CROWD_COUNT_MAX nodes a process: a context of libzmq has 1,023 sockets, and a link takes
 * three.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_member.h"
#include "tests/bench/bench_site.h"

#define CROWD_COUNT_MAX 250
#define LOOK_EVERY_MS   20
#define DIR_MODE        0700

struct member {
	struct bench_member node;
	bool is_done;
};

struct crowd {
	struct member at[CROWD_COUNT_MAX];
	unsigned count;
	bool was_up, was_done;
	struct link_context *context;
	struct reactor *reactor;
};

static unsigned
number_of(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

static void
say(const char *word)
{
	(void)printf("%s %lld\n", word, (long long)clock_wall_ms());
	(void)fflush(stdout);
}

static int
make(const char *root, unsigned first, unsigned count, unsigned records)
{
	for (unsigned i = first; i < first + count; i++) {
		struct bench_site s;
		OWNED_MEM char *dir = xasprintf("%s/%u", root, i);
		bench_zero(mkdir(dir, DIR_MODE), "directory of a node");
		bench_site_init(&s, i);
		bench_site_open(&s, dir, records);
		if (records)
			bench_site_keep(&s, 0, records);
		bench_site_close(&s);
		bench_site_done(&s);
	}
	return 0;
}

static void
open_member(struct crowd *c, const struct hubcard *card, const char *root, unsigned number)
{
	OWNED_MEM char *dir = xasprintf("%s/%u", root, number);
	bench_member_open(&c->at[c->count++].node, card, dir, number, c->context, c->reactor);
}

static enum err
end_turns(struct reactor *r, void *arg)
{
	struct crowd *c = arg;
	enum err e = OK;
	(void)r;
	for (unsigned i = 0; !e && i < c->count; i++)
		e = bench_member_end_turn(&c->at[i].node);
	return e;
}

static bool
is_up(const struct member *m)
{
	struct sync_link_facts f;
	sync_link_facts(m->node.link, &f);
	return f.state == SYNC_LINK_UP;
}

static bool
is_done(struct member *m)
{
	m->is_done = m->is_done || bench_member_is_receipted(&m->node, LANE_C, LANE_A);
	return m->is_done;
}

static void
look(struct reactor *r, void *arg)
{
	struct crowd *c = arg;
	bool up = true, done = true;
	(void)r;
	for (unsigned i = 0; up && i < c->count; i++)
		up = is_up(&c->at[i]);
	for (unsigned i = 0; !c->was_done && done && i < c->count; i++)
		done = is_done(&c->at[i]);
	if (up != c->was_up)
		say(up ? "up" : "down");
	if (done && !c->was_done)
		say("done");
	c->was_up = up;
	c->was_done = done;
}

static int
run(const char *card_dir, const char *root, unsigned first, unsigned count)
{
	OWNED_MEM struct crowd *c = xcalloc(1, sizeof(*c));
	struct hubcard card;
	if (count > CROWD_COUNT_MAX)
		return 2;
	bench_must(hubcard_load(&card, card_dir), "hub.card");
	bench_must(reactor_open(&c->reactor), "loop");
	c->context = link_context_new();
	while (c->count < count)
		open_member(c, &card, root, first + c->count);
	(void)reactor_timer(c->reactor, LOOK_EVERY_MS, LOOK_EVERY_MS, look, c);
	reactor_before_sleep(c->reactor, end_turns, c);
	say("begun");
	(void)getchar();
	bench_must(reactor_run(c->reactor), "run");
	for (unsigned i = 0; i < c->count; i++)
		bench_member_close(&c->at[i].node);
	reactor_free(c->reactor);
	link_context_free(c->context);
	return 0;
}

int
main(int argc, char **argv)
{
	bench_must(crypto_init(), "crypto");
	if (argc == 6 && strcmp(argv[1], "make") == 0)
		return make(
			argv[2], number_of(argv[3]), number_of(argv[4]), number_of(argv[5]));
	if (argc == 6 && strcmp(argv[1], "run") == 0)
		return run(argv[2], argv[3], number_of(argv[4]), number_of(argv[5]));
	(void)fputs("usage: load-crowd make ROOT FIRST COUNT RECORDS | "
		    "run CARD ROOT FIRST COUNT\n",
		stderr);
	return 2;
}
