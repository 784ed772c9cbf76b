/* forger - an enrolled node that lies, against the real gate and ledger.
 *
 *   load-forger batches CARD NODE OTHER
 *       rows 29, 30: entries under a signature that is not the writer's, of another writer,
 *       with another part than their header says: each is refused by name, and a sound one
 *       after them is the first that the hub has
 *       row 28: then another entry under its number: the hub says fork, and ends the session
 *   load-forger prev CARD NODE
 *       row 29: an entry that stands on one that nobody has: fork
 *   load-forger claims CARD NODE
 *       rows 38, 39: a greeting that says entries were acknowledged which the hub never had;
 *       the session begins, and what the hub makes of it the script looks at
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
#include "common/trust/entry.h"

#include "node/hubcard.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"

#define PATIENCE_MS 8000
#define SEALED      1
#define LANE        LANE_A
#define CLAIMED     9

static struct hubcard card;

struct forger {
	unsigned node;
	void *context, *socket;
	struct secret *writer, *box;
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct lane_node lane;
	struct lane_actions actions;
	struct wire_arena arena;
	uint8_t frame[LINK_CURVE_MESSAGE_BYTES_MAX];
	struct buf plain;
};

static void
forger_free(struct forger *f)
{
	(void)zmq_close(f->socket);
	(void)zmq_ctx_term(f->context);
	secret_free(f->writer);
	secret_free(f->box);
	buf_done(&f->plain);
	free(f->arena.at);
	free(f);
}

static void
connect_as(struct forger *f)
{
	uint8_t public[BOX_PUBLIC_BYTES];
	int linger_ms = 0, wait_ms = PATIENCE_MS;
	OWNED_SECRET struct secret *key = bench_secret(f->node, BENCH_TRANSPORT);
	box_public(public, key);
	f->context = zmq_ctx_new();
	f->socket = zmq_socket(f->context, ZMQ_DEALER);
	(void)zmq_setsockopt(f->socket, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
	(void)zmq_setsockopt(f->socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms));
	(void)zmq_setsockopt(f->socket, ZMQ_CURVE_SERVERKEY, card.hub_public, BOX_PUBLIC_BYTES);
	(void)zmq_setsockopt(f->socket, ZMQ_CURVE_PUBLICKEY, public, BOX_PUBLIC_BYTES);
	(void)zmq_setsockopt(
		f->socket, ZMQ_CURVE_SECRETKEY, secret_bytes(key), BOX_SECRET_BYTES);
	bench_zero(zmq_connect(f->socket, card.address), "connect");
}

static struct secret *
writer_of(unsigned node)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct secret *ret = NULL;
	OWNED_SECRET struct secret *seed = bench_secret(node, BENCH_WRITER);
	sign_from_seed(public, &ret, secret_bytes(seed));
	return ret;
}

static struct forger *
forger_new(unsigned node, uint64_t acked)
{
	struct forger *f = xcalloc(1, sizeof(*f));
	struct lane_node_setup setup = {.study = card.study, .incarnation = 1};
	f->node = node;
	f->writer = writer_of(node);
	f->box = bench_secret(node, BENCH_BOX);
	bench_sign_public(f->public, node, BENCH_WRITER);
	memcpy(setup.writer, f->public, sizeof(setup.writer));
	memcpy(setup.receipt_public, card.receipt_public, sizeof(setup.receipt_public));
	for (size_t i = 0; i < LANE_COUNT; i++)
		setup.acked[i] = acked;
	buf_init(&f->plain, SYNC_FRAME_MAX_BYTES);
	f->arena.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES);
	f->arena.at = xcalloc(f->arena.room, 1);
	lane_node_init(&f->lane, &setup);
	connect_as(f);
	return f;
}

/* messages */

static void
say(struct forger *f, const struct sync_msg *m)
{
	OWNED_BUF struct buf plain, frame;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&frame, LINK_CURVE_MESSAGE_BYTES_MAX);
	bench_must(sync_pack(&plain, m), "message");
	buf_u8(&frame, SEALED);
	box_seal(&frame, buf_view(&plain), card.ledger_public);
	bench_zero(zmq_send(f->socket, frame.at, frame.len, 0) < 0, "send");
}

/* The next message of this kind; others are passed over. */
static void
hear(struct forger *f, enum sync_kind kind, struct sync_msg *ret, const char *missing)
{
	for (;;) {
		int len = zmq_recv(f->socket, f->frame, sizeof(f->frame), 0);
		bench_zero(len < 1, missing);
		buf_reset(&f->plain);
		f->arena.used = 0;
		if (f->frame[0] != SEALED)
			continue;
		bench_must(box_open(&f->plain, view_of(f->frame + 1, (size_t)len - 1), f->box),
			"box");
		bench_must(sync_unpack(ret, &f->arena, buf_view(&f->plain)), "message");
		if (ret->kind == kind)
			return;
	}
}

static void
step(struct forger *f, struct lane_event *ev)
{
	ev->mono_ms = clock_mono_ms();
	lane_node_step(&f->lane, ev, &f->actions);
	for (size_t i = 0; i < f->actions.count; i++) {
		struct lane_action *a = &f->actions.at[i];
		if (a->kind == LANE_SEND && a->sign)
			lane_sign(a, f->writer);
		if (a->kind == LANE_SEND)
			say(f, &a->msg);
	}
}

static void
greet(struct forger *f)
{
	struct sync_msg m;
	struct lane_event up = {.kind = LANE_CONNECTED, .wall_ms = clock_wall_ms()};
	struct lane_event welcome = {.kind = LANE_MESSAGE, .message = &m};
	struct lane_event kept = {.kind = LANE_TOKEN_KEPT};
	crypto_random(up.id, sizeof(up.id));
	step(f, &up);
	hear(f, SYNC_WELCOME, &m, "a greeting was not answered");
	bench_zero(m.welcome.verdict != SYNC_OK, "an honest greeting was turned away");
	step(f, &welcome);
	kept.ticket = f->lane.ticket;
	step(f, &kept);
	hear(f, SYNC_ACK, &m, "the session did not begin");
}

/* forgeries */

struct forged {
	const uint8_t *writer; /* of the header */
	const char *text;      /* of the entry's only part */
	const char *changed;   /* that part as it is sent, or NULL */
	struct secret *signer;
	bool stands_on_nothing; /* the second entry, and its prev is of one that nobody has */
};

static void
send_entry(struct forger *f, const struct forged *x)
{
	OWNED_BUF struct buf header, part, sent;
	uint64_t seq = x->stands_on_nothing ? 2 : 1;
	struct entry_place place = {
		.study = card.study, .incarnation = 1, .lane = LANE, .seq = seq};
	struct entry_part p = {.kind = PART_ACT};
	struct entry_head head = {
		.study = card.study, .incarnation = 1, .lane = LANE, .seq = seq};
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	buf_init(&part, WIRE_ACT_MAX_BYTES);
	buf_init(&sent, WIRE_ACT_MAX_BYTES);
	bench_must(wire_act_pack(&part, view_text(x->text)), "act");
	bench_must(wire_act_pack(&sent, view_text(x->changed ? x->changed : x->text)), "act");
	memcpy(place.writer, x->writer, sizeof(place.writer));
	memset(place.prev, x->stands_on_nothing ? 7 : 0, sizeof(place.prev));
	p.bytes = buf_view(&part);
	bench_must(entry_make(&header, head.hash, &place, &p, 1), "entry");
	memcpy(head.writer, f->public, sizeof(head.writer));
	struct sync_entry entry = {.header = buf_view(&header),
		.part_count = 1,
		.parts = {{PART_ACT, buf_view(&sent)}}};
	struct sync_msg m = {.kind = SYNC_BATCH,
		.batch = {.lane = LANE, .first = seq, .count = 1, .entries = &entry}};
	memcpy(m.batch.session, f->lane.session, sizeof(m.batch.session));
	memcpy(m.batch.head, head.hash, sizeof(m.batch.head));
	entry_head_sign(m.batch.signature, &head, x->signer);
	say(f, &m);
}

static void
refused(struct forger *f, const struct forged *x, enum sync_nack_code code, const char *missing)
{
	struct sync_msg m;
	send_entry(f, x);
	hear(f, SYNC_NACK, &m, missing);
	bench_zero(m.nack.code != code, missing);
	bench_zero(m.nack.expect_seq != (code == SYNC_NACK_FORK ? 2U : 1U),
		"the hub's state changed");
}

static void
cut_off(struct forger *f)
{
	struct sync_msg m;
	hear(f, SYNC_CLOSE, &m, "the session of a forger goes on");
	bench_zero(m.close.code != SYNC_CLOSE_FORK, "a forger was not told of the fork");
}

static void
send_sound(struct forger *f, const struct forged *sound)
{
	struct sync_msg m;
	send_entry(f, sound);
	/* What the session began with may still be on the way. */
	do
		hear(f, SYNC_ACK, &m, "a sound entry was not taken");
	while (m.ack.durable[LANE - 1].seq == 0);
	bench_zero(m.ack.durable[LANE - 1].seq != 1, "a sound entry is not the first");
}

static void
forge_batches(struct forger *f, unsigned other)
{
	uint8_t stranger[SIGN_PUBLIC_BYTES];
	OWNED_SECRET struct secret *foreign = writer_of(other);
	bench_sign_public(stranger, other, BENCH_WRITER);
	const struct forged sound = {f->public, "{\"said\":1}", NULL, f->writer, false};
	struct forged x = sound;
	x.signer = foreign;
	refused(f, &x, SYNC_NACK_SIGNATURE, "a signature of another writer was taken");
	x = sound;
	x.writer = stranger;
	refused(f, &x, SYNC_NACK_DAMAGED, "an entry of another writer was taken");
	x = sound;
	x.changed = "{\"said\":2}";
	refused(f, &x, SYNC_NACK_DAMAGED, "another part than the header names was taken");
	send_sound(f, &sound);
	x = sound;
	x.text = "{\"said\":3}";
	refused(f, &x, SYNC_NACK_FORK, "another entry under the same number was taken");
	cut_off(f);
}

int
main(int argc, char **argv)
{
	unsigned node = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	unsigned other = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	bench_must(crypto_init(), "crypto");
	if (argc < 4) {
		(void)fputs(
			"usage: load-forger batches|prev|claims CARD NODE [OTHER]\n", stderr);
		return 2;
	}
	bench_must(hubcard_load(&card, argv[2]), "hub.card");
	bool claims = strcmp(argv[1], "claims") == 0, prev = strcmp(argv[1], "prev") == 0;
	struct forger *f = forger_new(node, claims ? CLAIMED : 0);
	greet(f);
	const struct forged sound = {f->public, "{\"said\":1}", NULL, f->writer, false};
	struct forged loose = sound;
	loose.stands_on_nothing = true;
	if (prev) {
		send_sound(f, &sound);
		refused(f, &loose, SYNC_NACK_FORK, "an entry on nothing was taken");
		cut_off(f);
	} else if (!claims) {
		forge_batches(f, other);
	}
	forger_free(f);
	return 0;
}
