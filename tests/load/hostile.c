/* hostile - peers that do what no node of ours does, against the real gate and ledger.
 *
 *   load-hostile multipart CARD NODE MB
 *       row 32: one message of so many MB in parts, which libzmq bounds nowhere; the connection
 *       has to end under it
 *   load-hostile oversize CARD NODE
 *       row 31: one frame over the limit; the connection ends
 *   load-hostile strangers CARD
 *       rows 35, 37: an unknown key, no mechanism, a password
 *   load-hostile replay CARD NODE OTHER
 *       rows 24, 26: the greeting of NODE again and again, and on the connection of OTHER
 *   load-hostile downgrade CARD NODE
 *       row 59: a greeting in versions that the hub does not speak; it is told to upgrade
 *
 * Nodes are those of tests/bench/bench_keys.h. Ends with 0 when the hub behaved as it should,
 * else with 3 and a sentence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/net/link.h"
#include "common/sync/lane_node.h"

#include "node/hubcard.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"

#define PART_BYTES    ((size_t)300 * 1024)
#define BYTES_PER_MB  1000000
#define PATIENCE_MS   8000
#define REFUSED_MS    2000
#define REPEATS_COUNT 200
#define SEALED        1
#define OTHER_PROTO   77

struct peer {
	void *socket, *events;
	bool was_up, is_gone;
};

static struct hubcard card;
static void *context;

/* connections */

static void *
open_socket(const char *name, struct peer *p)
{
	int linger_ms = 0, never = -1;
	p->socket = zmq_socket(context, ZMQ_DEALER);
	p->events = zmq_socket(context, ZMQ_PAIR);
	(void)zmq_setsockopt(p->socket, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
	(void)zmq_setsockopt(p->socket, ZMQ_RECONNECT_IVL, &never, sizeof(never));
	bench_zero(zmq_socket_monitor(p->socket, name,
			   ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
				   ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH),
		"monitor");
	bench_zero(zmq_connect(p->events, name), "monitor");
	return p->socket;
}

static void
use_curve(struct peer *p, struct secret *key)
{
	uint8_t public[BOX_PUBLIC_BYTES];
	box_public(public, key);
	(void)zmq_setsockopt(p->socket, ZMQ_CURVE_SERVERKEY, card.hub_public, BOX_PUBLIC_BYTES);
	(void)zmq_setsockopt(p->socket, ZMQ_CURVE_PUBLICKEY, public, BOX_PUBLIC_BYTES);
	(void)zmq_setsockopt(
		p->socket, ZMQ_CURVE_SECRETKEY, secret_bytes(key), BOX_SECRET_BYTES);
}

static void
read_events(struct peer *p)
{
	zmq_msg_t m;
	(void)zmq_msg_init(&m);
	while (zmq_msg_recv(&m, p->events, ZMQ_DONTWAIT) >= 0) {
		uint16_t number = 0;
		if (zmq_msg_more(&m) && zmq_msg_size(&m) >= sizeof(number)) {
			memcpy(&number, zmq_msg_data(&m), sizeof(number));
			p->was_up = p->was_up || number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
			p->is_gone = p->is_gone || number != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
		}
	}
	(void)zmq_msg_close(&m);
}

static void
wait_until(struct peer *p, const bool *flag, int64_t patience_ms)
{
	int64_t until = clock_mono_ms() + patience_ms;
	while (!*flag && clock_mono_ms() < until) {
		read_events(p);
		(void)zmq_poll(NULL, 0, 10);
	}
}

static void
close_peer(struct peer *p)
{
	(void)zmq_close(p->events);
	(void)zmq_close(p->socket);
}

static void
connect_as(struct peer *p, unsigned node, const char *name)
{
	OWNED_SECRET struct secret *key = bench_secret(node, BENCH_TRANSPORT);
	(void)open_socket(name, p);
	use_curve(p, key);
	bench_zero(zmq_connect(p->socket, card.address), "connect");
	wait_until(p, &p->was_up, PATIENCE_MS);
	bench_zero(!p->was_up, "an enrolled key was not let in");
}

/* rows 31, 32 */

static int
send_multipart(unsigned node, size_t mb)
{
	OWNED_MEM uint8_t *part = xcalloc(PART_BYTES, 1);
	struct peer p = {0};
	connect_as(&p, node, "inproc://m1");
	/* Nothing leaves this process before the last part is there. */
	for (size_t at = 0; at < mb * BYTES_PER_MB; at += PART_BYTES)
		bench_zero(zmq_send(p.socket, part, PART_BYTES, ZMQ_SNDMORE) < 0, "send");
	bench_zero(zmq_send(p.socket, "", 0, 0) < 0, "send");
	wait_until(&p, &p.is_gone, PATIENCE_MS);
	bench_zero(!p.is_gone, "a message without bounds was taken");
	close_peer(&p);
	return 0;
}

static int
send_oversize(unsigned node)
{
	size_t len = LINK_CURVE_MESSAGE_BYTES_MAX + 4096;
	OWNED_MEM uint8_t *big = xcalloc(len, 1);
	struct peer p = {0};
	connect_as(&p, node, "inproc://m1");
	bench_zero(zmq_send(p.socket, big, len, 0) < 0, "send");
	wait_until(&p, &p.is_gone, PATIENCE_MS);
	bench_zero(!p.is_gone, "a frame over the limit was taken");
	close_peer(&p);
	return 0;
}

/* rows 35, 37 */

enum stranger { UNKNOWN_KEY, NO_MECHANISM, PASSWORD, STRANGERS_COUNT };

static int
come_as_strangers(void)
{
	static const char *const names[] = {"an unknown key", "no mechanism", "a password"};
	for (int kind = 0; kind < STRANGERS_COUNT; kind++) {
		uint8_t public[BOX_PUBLIC_BYTES];
		OWNED_SECRET struct secret *key = NULL;
		OWNED_MEM char *name = xasprintf("inproc://m%d", kind);
		struct peer p = {0};
		(void)open_socket(name, &p);
		box_keypair(public, &key);
		if (kind == UNKNOWN_KEY)
			use_curve(&p, key);
		if (kind == PASSWORD) {
			(void)zmq_setsockopt(p.socket, ZMQ_PLAIN_USERNAME, "admin", 5);
			(void)zmq_setsockopt(p.socket, ZMQ_PLAIN_PASSWORD, "admin", 5);
		}
		bench_zero(zmq_connect(p.socket, card.address), "connect");
		(void)zmq_send(p.socket, "x", 1, ZMQ_DONTWAIT);
		wait_until(&p, &p.was_up, REFUSED_MS);
		bench_zero(p.was_up, names[kind]);
		close_peer(&p);
	}
	return 0;
}

/* greetings */

static void
make_hello(struct buf *frame, unsigned node, uint32_t proto)
{
	OWNED_MEM struct lane_actions *actions = xcalloc(1, sizeof(*actions));
	OWNED_MEM struct lane_node *n = xcalloc(1, sizeof(*n));
	OWNED_BUF struct buf plain;
	struct lane_node_setup setup = {.study = card.study, .incarnation = 1};
	struct lane_event up = {
		.kind = LANE_CONNECTED, .mono_ms = clock_mono_ms(), .wall_ms = clock_wall_ms()};
	bench_sign_public(setup.writer, node, BENCH_WRITER);
	memcpy(setup.receipt_public, card.receipt_public, sizeof(setup.receipt_public));
	crypto_random(up.id, sizeof(up.id));
	lane_node_init(n, &setup);
	lane_node_step(n, &up, actions);
	bench_zero(actions->count == 0 || actions->at[0].msg.kind != SYNC_HELLO, "greeting");
	struct sync_hello *hello = &actions->at[0].msg.hello;
	if (proto)
		hello->proto_min = hello->proto_max = proto;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	bench_must(sync_pack(&plain, &actions->at[0].msg), "greeting");
	buf_u8(frame, SEALED);
	box_seal(frame, buf_view(&plain), card.ledger_public);
}

/* gives the verdict of the first WELCOME that comes, 0 if none does. */
static int
wait_for_verdict(struct peer *p, unsigned node, int wait_ms)
{
	OWNED_SECRET struct secret *box = bench_secret(node, BENCH_BOX);
	struct wire_arena arena = {.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES)};
	OWNED_MEM uint8_t *room = arena.at = xcalloc(arena.room, 1);
	OWNED_MEM uint8_t *frame = xcalloc(LINK_CURVE_MESSAGE_BYTES_MAX, 1);
	OWNED_BUF struct buf plain;
	struct sync_msg m;
	(void)room;
	(void)zmq_setsockopt(p->socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms));
	int len = zmq_recv(p->socket, frame, LINK_CURVE_MESSAGE_BYTES_MAX, 0);
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	if (len < 1 || box_open(&plain, view_of(frame + 1, (size_t)len - 1), box) ||
		sync_unpack(&m, &arena, buf_view(&plain)))
		return 0;
	return m.kind == SYNC_WELCOME ? (int)m.welcome.verdict : 0;
}

static int
replay(unsigned node, unsigned other)
{
	OWNED_BUF struct buf frame;
	struct peer own = {0}, foreign = {0};
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	make_hello(&frame, node, 0);
	connect_as(&own, node, "inproc://m1");
	connect_as(&foreign, other, "inproc://m2");
	for (int i = 0; i < REPEATS_COUNT; i++)
		bench_zero(zmq_send(own.socket, frame.at, frame.len, 0) < 0 ||
				   zmq_send(foreign.socket, frame.at, frame.len, 0) < 0,
			"send");
	bench_zero(wait_for_verdict(&own, node, PATIENCE_MS) != SYNC_OK,
		"a greeting was not answered");
	bench_zero(wait_for_verdict(&foreign, other, REFUSED_MS) != 0,
		"a greeting was answered to another node");
	close_peer(&own);
	close_peer(&foreign);
	return 0;
}

static int
downgrade(unsigned node)
{
	OWNED_BUF struct buf frame;
	struct peer p = {0};
	buf_init(&frame, SYNC_FRAME_MAX_BYTES);
	make_hello(&frame, node, OTHER_PROTO);
	connect_as(&p, node, "inproc://m1");
	bench_zero(zmq_send(p.socket, frame.at, frame.len, 0) < 0, "send");
	bench_zero(wait_for_verdict(&p, node, PATIENCE_MS) != SYNC_UPGRADE,
		"it was not told to upgrade");
	close_peer(&p);
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned node = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	unsigned more = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	int rc = 2;
	bench_must(crypto_init(), "crypto");
	if (argc < 3) {
		(void)fputs("usage: load-hostile HOW CARD [NODE [MB|OTHER]]\n", stderr);
		return rc;
	}
	bench_must(hubcard_load(&card, argv[2]), "hub.card");
	context = zmq_ctx_new();
	if (strcmp(argv[1], "multipart") == 0)
		rc = send_multipart(node, more);
	else if (strcmp(argv[1], "oversize") == 0)
		rc = send_oversize(node);
	else if (strcmp(argv[1], "strangers") == 0)
		rc = come_as_strangers();
	else if (strcmp(argv[1], "replay") == 0)
		rc = replay(node, more);
	else if (strcmp(argv[1], "downgrade") == 0)
		rc = downgrade(node);
	(void)zmq_ctx_term(context);
	return rc;
}
