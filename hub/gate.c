#include "hub/gate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/call.h"
#include "common/net/link.h"
#include "common/run/datadir.h"
#include "common/run/sandbox.h"
#include "common/run/supervisor.h"

#include "hub/ipc.h"

#define HELLO_EVERY_MS  2000
#define REPORT_EVERY_MS 60000
#define CUT_AFTER_MS    2000 /* time for the word on why to leave */
#define ROUTING_BYTES   255
#define FILES_SPARE     128  /* besides those of connections */
#define FRAME_EXTRA     1024 /* head, routing id and key around a payload */

/* One key that may come in, and how much it may still send. */
struct guest {
	uint8_t key[BOX_PUBLIC_BYTES];
	double allowance_count;
	int64_t since_ms;
	bool was_heard; /* its connection may still be there */
};

struct gate {
	struct link_context *context;
	struct reactor *reactor;
	struct link *world;
	struct link *ledger;
	struct guest *guests; /* by key, sorted */
	size_t guest_count;
	uint64_t dropped_count, reported_count;
	uint64_t refused_count;
	bool is_ending;
};

static void
gate_done(struct gate *g)
{
	link_free(g->world);
	link_free(g->ledger);
	reactor_free(g->reactor);
	link_context_free(g->context);
	mem_drop(&g->guests);
}

/* who may come in */

static int
compare_guests(const void *a, const void *b)
{
	return memcmp(a, b, BOX_PUBLIC_BYTES);
}

static struct guest *
find_guest(struct gate *g, const uint8_t key[static BOX_PUBLIC_BYTES])
{
	return g->guest_count ? bsearch(key, g->guests, g->guest_count, sizeof(*g->guests),
					compare_guests)
			      : NULL;
}

static bool
admit(void *arg, const uint8_t client[static BOX_PUBLIC_BYTES])
{
	struct gate *g = arg;
	bool may = find_guest(g, client) != NULL;
	if (!may)
		g->refused_count++;
	return may;
}

static void
on_hostile(void *arg, const char *user, const char *why)
{
	struct gate *g = arg;
	g->dropped_count++;
	log_warn("gate", "dropped a message of %.8s: %s", user[0] ? user : "nobody", why);
}

static void
end_now(struct reactor *r, void *arg)
{
	(void)arg;
	reactor_stop(r);
}

/* ZAP asks at the handshake only, and libzmq 4.3.4 cannot drop one peer: who was taken from the
 * list and may still be connected is cut off by the end of this process. It is started
 * again. */
static void
cut_off(struct gate *g, struct guest *fresh, uint32_t count)
{
	for (size_t i = 0; i < g->guest_count; i++) {
		const struct guest *old = &g->guests[i];
		if (!old->was_heard ||
			bsearch(old->key, fresh, count, sizeof(*fresh), compare_guests))
			continue;
		if (!g->is_ending)
			log_warn("gate", "a key was taken away that is connected: the gate is "
					 "started anew");
		if (!g->is_ending)
			(void)reactor_timer(g->reactor, CUT_AFTER_MS, 0, end_now, g);
		g->is_ending = true;
		return;
	}
}

/* A new list; who was in it before keeps the allowance. */
static void
on_keys(struct gate *g, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	if (count > c->left / BOX_PUBLIC_BYTES)
		return;
	struct guest *fresh = xcalloc(MAX(count, 1U), sizeof(*fresh));
	for (uint32_t i = 0; i < count; i++) {
		fresh[i] = (struct guest){
			.allowance_count = GATE_BURST_COUNT, .since_ms = clock_mono_ms()};
		cursor_copy(c, fresh[i].key, sizeof(fresh[i].key));
		const struct guest *old = find_guest(g, fresh[i].key);
		if (old)
			fresh[i] = *old;
	}
	qsort(fresh, count, sizeof(*fresh), compare_guests);
	cut_off(g, fresh, count);
	mem_drop(&g->guests);
	g->guests = fresh;
	g->guest_count = count;
}

/* A token bucket (one token a message). */
static bool
may_send(struct guest *guest)
{
	int64_t now_ms = clock_mono_ms();
	double earned = (double)(now_ms - guest->since_ms) * GATE_RATE_PER_S / 1000;
	guest->allowance_count = MIN(guest->allowance_count + earned, (double)GATE_BURST_COUNT);
	guest->since_ms = now_ms;
	if (guest->allowance_count < 1)
		return false;
	guest->allowance_count -= 1;
	return true;
}

/* both ways */

static void
on_world(struct reactor *r, void *arg)
{
	struct gate *g = arg;
	OWNED(link_message) struct link_message *m = NULL;
	OWNED_BUF struct buf frame;
	uint8_t key[BOX_PUBLIC_BYTES];
	buf_init(&frame, GATE_FRAME_MAX_BYTES + FRAME_EXTRA);
	(void)r;
	if (link_recv(g->world, &m))
		return;
	struct guest *guest = text_unhex(key, sizeof(key), m->user) ? find_guest(g, key) : NULL;
	if (!guest || m->payload.len == 0 || m->payload.len > GATE_FRAME_MAX_BYTES ||
		!may_send(guest)) {
		g->dropped_count++;
		return;
	}
	guest->was_heard = true;
	call_begin(&frame, GATE_FROM);
	buf_blob(&frame, m->peer);
	buf_add(&frame, key, sizeof(key));
	buf_blob(&frame, m->payload);
	if (frame.broken || link_send(g->ledger, view_of(NULL, 0), buf_view(&frame)))
		g->dropped_count++;
}

static void
on_outgoing(struct gate *g, struct cursor *c)
{
	struct view routing = cursor_blob(c);
	struct view payload = cursor_blob(c);
	if (cursor_end(c, "frame for a node") || routing.len > ROUTING_BYTES ||
		link_send(g->world, routing, payload))
		g->dropped_count++;
}

static void
on_ledger(struct reactor *r, void *arg)
{
	struct gate *g = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct cursor c;
	uint16_t verb;
	(void)r;
	if (link_recv(g->ledger, &m) || call_read(m->payload, &verb, &c))
		return;
	if (verb == GATE_KEYS)
		on_keys(g, &c);
	else if (verb == GATE_TO)
		on_outgoing(g, &c);
}

/* Said again and again: a ledger that was started anew has to hear it, too. */
static void
say_hello(struct reactor *r, void *arg)
{
	struct gate *g = arg;
	OWNED_BUF struct buf frame;
	(void)r;
	buf_init(&frame, FRAME_EXTRA);
	call_begin(&frame, GATE_HELLO);
	if (link_send(g->ledger, view_of(NULL, 0), buf_view(&frame)))
		g->dropped_count++;
}

static void
report(struct reactor *r, void *arg)
{
	struct gate *g = arg;
	uint64_t count = g->dropped_count + g->refused_count;
	(void)r;
	if (count == g->reported_count)
		return;
	g->reported_count = count;
	log_info("gate", "since the start: dropped=%llu refused=%llu",
		(unsigned long long)g->dropped_count, (unsigned long long)g->refused_count);
}

/* start */

/* Where descriptors run out, libzmq's thread spins and nobody gets in any more. */
static enum err
raise_files(const struct settings *s)
{
	struct rlimit limit;
	rlim_t want = 2 * s->gate_connections + FILES_SPARE;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return fail(E_IO, "limit of descriptors: %m");
	if (limit.rlim_cur >= want)
		return OK;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < want)
		return fail(E_DENIED,
			"%zu connections need %llu descriptors and %llu are allowed: raise "
			"`ulimit -Hn` (LimitNOFILE of systemd) or lower [gate] connections in "
			"hub.ini",
			s->gate_connections, (unsigned long long)want,
			(unsigned long long)limit.rlim_max);
	limit.rlim_cur = want;
	return setrlimit(RLIMIT_NOFILE, &limit) ? fail(E_IO, "limit of descriptors: %m") : OK;
}

static enum err
open_links(struct gate *g, const char *dir, const struct settings *s, struct secret *key)
{
	char path[DATADIR_PATH_BYTES];
	const struct link_server server = {.address = s->listen,
		.key = key,
		.admit = admit,
		.hostile = on_hostile,
		.arg = g,
		.connections_max = s->gate_connections};
	enum err e = datadir_path(path, dir, "run/gate/ledger.sock");
	if (!e)
		e = reactor_open(&g->reactor);
	if (e)
		return e;
	g->context = link_context_new();
	e = link_connect_ipc(&g->ledger, g->context, path, "weir-hub run");
	if (!e)
		e = link_serve_curve(&g->world, g->context, &server);
	if (e)
		return e;
	link_watch(g->ledger, g->reactor, on_ledger, g);
	link_watch(g->world, g->reactor, on_world, g);
	(void)reactor_timer(g->reactor, 0, HELLO_EVERY_MS, say_hello, g);
	(void)reactor_timer(g->reactor, REPORT_EVERY_MS, REPORT_EVERY_MS, report, g);
	return OK;
}

enum err
gate_run(const char *dir, const struct settings *s, struct secret *key, bool confine)
{
	OWNED_BY(gate_done) struct gate g = {0};
	char run[DATADIR_PATH_BYTES];
	if (secret_len(key) != BOX_SECRET_BYTES)
		return fail(E_FORMAT, "the gate got no key: it is started by `weir-hub run`");
	enum err e = datadir_path(run, dir, "run/gate");
	const struct sandbox_path paths[] = {{run, SANDBOX_READ | SANDBOX_WRITE}};
	if (!e)
		e = raise_files(s);
	if (!e)
		e = sandbox_harden();
	if (!e && confine)
		e = sandbox_confine(paths, ARRAY_LEN(paths), true);
	if (!e)
		e = open_links(&g, dir, s, key);
	if (e)
		return e;
	supervisor_child_ready();
	log_info("gate", "serving at %s", link_address(g.world));
	return reactor_run(g.reactor);
}
