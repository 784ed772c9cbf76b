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

#include "node/sync_link.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/bench_site.h"

#define CROWD_COUNT_MAX   250
#define LOOK_EVERY_MS     20
#define PAYLOAD_KEY_BYTES 32
#define MAP_BYTES         ((size_t)1 << 30)
#define DIR_MODE          0700

struct member {
	struct hubcard card;
	struct sitekeys *keys;
	struct vault *vault;
	struct sync_config *config;
	struct sync_link *link;
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
open_keys(struct sitekeys **ret, unsigned node)
{
	OWNED_SECRET struct secret *payload = secret_new(BENCH_KEY_COUNT * PAYLOAD_KEY_BYTES);
	for (unsigned i = 0; i < BENCH_KEY_COUNT; i++) {
		OWNED_SECRET struct secret *one = bench_secret(node, (enum bench_key)i);
		memcpy(secret_bytes(payload) + i * PAYLOAD_KEY_BYTES, secret_bytes(one),
			PAYLOAD_KEY_BYTES);
	}
	bench_must(sitekeys_from(ret, secret_view(payload)), "keys");
}

static void
open_member(struct crowd *c, const struct hubcard *card, const char *root, unsigned number)
{
	static const struct pace_rules none = {.kbit_per_s = 0};
	struct member *m = &c->at[c->count++];
	OWNED_MEM char *dir = xasprintf("%s/%u", root, number);
	m->card = *card;
	bench_sign_public(m->card.writer, number, BENCH_WRITER);
	open_keys(&m->keys, number);
	struct vault_config v = {.dir = dir, .study = m->card.study, .map_bytes = MAP_BYTES};
	memcpy(v.writer, m->card.writer, sizeof(v.writer));
	bench_must(vault_open(&m->vault, &v), "vault");
	bench_must(sync_config_open(&m->config, m->vault, &m->card), "config");
	const struct sync_link_site site = {.card = &m->card,
		.keys = m->keys,
		.vault = m->vault,
		.config = m->config,
		.context = c->context,
		.reactor = c->reactor,
		.rules = &none};
	bench_must(sync_link_open(&m->link, &site), "link");
}

/* As sync ends its turns. */
static enum err
end_turn(struct member *m)
{
	enum err e = sync_link_error(m->link);
	if (!e)
		e = sync_link_flush(m->link);
	sync_link_settle(m->link);
	return e;
}

static enum err
end_turns(struct reactor *r, void *arg)
{
	struct crowd *c = arg;
	enum err e = OK;
	(void)r;
	for (unsigned i = 0; !e && i < c->count; i++)
		e = end_turn(&c->at[i]);
	return e;
}

static bool
is_up(const struct member *m)
{
	struct sync_link_facts f;
	sync_link_facts(m->link, &f);
	return f.state == SYNC_LINK_UP;
}

static bool
is_done(struct member *m)
{
	bool all = true;
	for (enum lane lane = LANE_C; !m->is_done && all && lane <= LANE_A; lane++) {
		struct vault_mark mark;
		bench_must(vault_mark_get(m->vault, lane, &mark), "mark");
		all = mark.at_hub == vault_committed(m->vault, lane).seq;
	}
	m->is_done = all;
	return all;
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
	for (unsigned i = 0; i < c->count; i++) {
		sync_link_free(c->at[i].link);
		sync_config_free(c->at[i].config);
		vault_free(c->at[i].vault);
		sitekeys_free(c->at[i].keys);
	}
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
