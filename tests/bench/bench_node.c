/* bench_node - the far side of bench_sync: nodes that send what is in their vaults.
 *
 *   bench_node make DIR NODE COUNT     a vault in DIR with so many captures of this node
 *   bench_node send ADDRESS ROOT COUNT all nodes ROOT/1 to ROOT/COUNT, in one process and loop;
 *                                      prints the seconds until the hub's receipts cover all
 *   bench_node bare ADDRESS LINKS FRAMES BYTES
 *                                      the limit: so many frames of zeros over each link, at
 *                                      most WINDOW_COUNT unanswered; prints the seconds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/bench_member.h"
#include "tests/bench/bench_site.h"

#define NODES_MAX_COUNT 16
#define GROUP_COUNT     (1000 / BENCH_SCALE)
#define WINDOW_COUNT    5 /* frames of 200 KiB, as the hub's credit of 1 MiB lets pass */
#define DIR_MODE        0700

static unsigned
number_of(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

/* make */

static int
make(const char *dir, unsigned node, unsigned count)
{
	struct bench_site s;
	bench_zero(mkdir(dir, DIR_MODE), "directory of a node");
	bench_site_init(&s, node);
	bench_site_open(&s, dir, count);
	for (unsigned first = 0; first < count; first += GROUP_COUNT)
		bench_site_keep(&s, first, MIN(count - first, (unsigned)GROUP_COUNT));
	bench_site_close(&s);
	bench_site_done(&s);
	return 0;
}

/* send */

struct send {
	struct bench_member at[NODES_MAX_COUNT];
	unsigned count;
	struct link_context *context;
	struct reactor *reactor;
};

static void
fill_card(struct hubcard *c, const char *study, const char *address)
{
	(void)snprintf(c->study, sizeof(c->study), "%s", study);
	(void)snprintf(c->site, sizeof(c->site), "%s", BENCH_SITE_NAME);
	(void)snprintf(c->address, sizeof(c->address), "%s", address);
	bench_box_public(c->hub_public, BENCH_HUB, BENCH_TRANSPORT);
	bench_box_public(c->ledger_public, BENCH_HUB, BENCH_BOX);
	bench_sign_public(c->receipt_public, BENCH_HUB, BENCH_WRITER);
}

static void
open_sender(struct send *s, const char *study, const char *address, const char *root)
{
	struct hubcard card = {.study = ""};
	struct bench_member *n = &s->at[s->count++];
	OWNED_MEM char *dir = xasprintf("%s/%u", root, s->count);
	fill_card(&card, study, address);
	bench_member_open(n, &card, dir, s->count, s->context, s->reactor);
}

static enum err
end_turns(struct reactor *r, void *arg)
{
	struct send *s = arg;
	bool all = true;
	enum err e = OK;
	for (unsigned i = 0; !e && i < s->count; i++)
		e = bench_member_end_turn(&s->at[i]);
	for (unsigned i = 0; !e && all && i < s->count; i++) {
		all = bench_member_is_receipted(&s->at[i], LANE_C, LANE_R);
		vault_abort(s->at[i].vault);
	}
	if (!e && all)
		reactor_stop(r);
	return e;
}

static int
send_all(const char *address, const char *root, unsigned count)
{
	OWNED_MEM struct send *s = xcalloc(1, sizeof(*s));
	struct bench_site study;
	bench_site_init(&study, 1);
	bench_must(reactor_open(&s->reactor), "loop");
	s->context = link_context_new();
	while (s->count < count && s->count < NODES_MAX_COUNT)
		open_sender(s, study.pack->id, address, root);
	reactor_before_sleep(s->reactor, end_turns, s);
	double from = bench_now_s();
	bench_must(reactor_run(s->reactor), "send");
	(void)printf("%f\n", bench_now_s() - from);
	for (unsigned i = 0; i < s->count; i++)
		bench_member_close(&s->at[i]);
	reactor_free(s->reactor);
	link_context_free(s->context);
	bench_site_done(&study);
	return 0;
}

/* bare */

struct bare;
struct bare_link {
	struct bare *all;
	struct link *link;
	unsigned sent, answered;
};

struct bare {
	struct bare_link at[NODES_MAX_COUNT];
	unsigned count, frames, done;
	struct buf frame;
};

/* As many as may be on their way; with a full queue the next answer makes it try again. */
static void
send_more(struct bare_link *l)
{
	struct bare *b = l->all;
	while (l->sent < b->frames && l->sent < l->answered + WINDOW_COUNT) {
		enum err e = link_send(l->link, view_of(NULL, 0), buf_view(&b->frame));
		if (e == E_BUSY && l->sent > l->answered)
			return;
		bench_must(e, "send");
		l->sent++;
	}
}

static void
on_answer(struct reactor *r, void *arg)
{
	struct bare_link *l = arg;
	OWNED(link_message) struct link_message *m = NULL;
	if (link_recv(l->link, &m))
		return;
	l->answered++;
	send_more(l);
	if (l->answered == l->all->frames && ++l->all->done == l->all->count)
		reactor_stop(r);
}

static void
on_event(struct reactor *r, void *arg, enum link_event event)
{
	(void)r;
	if (event == LINK_UP)
		send_more(arg);
	else
		bench_zero(1, "the link went down");
}

static void
open_bare(struct bare *b, struct reactor *r, struct link_context *context, const char *address)
{
	struct bare_link *l = &b->at[b->count++];
	OWNED_SECRET struct secret *key = bench_secret(b->count, BENCH_TRANSPORT);
	struct link_client c = {.address = address, .key = key};
	l->all = b;
	bench_box_public(c.server, BENCH_HUB, BENCH_TRANSPORT);
	bench_must(link_connect_curve(&l->link, context, &c), "link");
	link_watch(l->link, r, on_answer, l);
	link_on_event(l->link, on_event, l);
}

static int
send_bare(const char *address, unsigned links, unsigned frames, unsigned bytes)
{
	OWNED_MEM struct bare *b = xcalloc(1, sizeof(*b));
	OWNED_MEM uint8_t *zeros = xcalloc(bytes, 1);
	struct link_context *context = link_context_new();
	struct reactor *r;
	b->frames = frames;
	buf_init(&b->frame, bytes);
	buf_add(&b->frame, zeros, bytes);
	bench_must(reactor_open(&r), "loop");
	while (b->count < links && b->count < NODES_MAX_COUNT)
		open_bare(b, r, context, address);
	double from = bench_now_s();
	bench_must(reactor_run(r), "send");
	(void)printf("%f\n", bench_now_s() - from);
	for (unsigned i = 0; i < b->count; i++)
		link_free(b->at[i].link);
	reactor_free(r);
	link_context_free(context);
	buf_done(&b->frame);
	return 0;
}

int
main(int argc, char **argv)
{
	bench_must(crypto_init(), "crypto");
	if (argc == 5 && strcmp(argv[1], "make") == 0)
		return make(argv[2], number_of(argv[3]), number_of(argv[4]));
	if (argc == 5 && strcmp(argv[1], "send") == 0)
		return send_all(argv[2], argv[3], number_of(argv[4]));
	if (argc == 6 && strcmp(argv[1], "bare") == 0)
		return send_bare(
			argv[2], number_of(argv[3]), number_of(argv[4]), number_of(argv[5]));
	(void)fputs("usage: bench_sync starts this program\n", stderr);
	return 2;
}
