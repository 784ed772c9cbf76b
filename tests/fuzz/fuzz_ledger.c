#include "tests/unit/hub_place.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/ingest_line.h"

#include "hub/answers.h"

#define QUESTION_MOST_BYTES 64
#define REPLY_MOST_BYTES    ((size_t)4 << 20)
#define FRAME_ROOM_BYTES    (SYNC_FRAME_MAX_BYTES + 100)

/* What comes to the ledger over its sockets, at a hub with the example study that one node has
 * joined; made once a process. Nothing of an input is committed. */
static struct line *
hub_with_a_node(void)
{
	static void *line;
	if (!line)
		fuzz_must(!crypto_init() && !line_make(&line));
	return line;
}

/* A statement that is signed as it should be, over any body. */
static void
try_act(struct line *l, struct cursor *c)
{
	static const char *const kinds[] = {"manifest", "person", "approval", "keeper-setup",
		"site", "node", "release", "withdrawal", "recovery", "reference"};
	struct hub_place *p = l->place;
	uint8_t who = cursor_u8(c), kind = cursor_u8(c);
	struct place_act act = {.by = (enum who)(who % WHO),
		.signed_by = (enum who)(who % WHO),
		.study = PLACE_STUDY,
		.kind = kinds[kind % ARRAY_LEN(kinds)],
		.id = "1",
		.body = view_of(c->at, c->left),
		.time_s = clock_wall_ms() / 1000};
	OWNED_BUF struct buf packed, reply;
	uint8_t before[HASH_BYTES], after[HASH_BYTES];
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, REPLY_MOST_BYTES);
	place_sign(p, &act, who_is[act.by].id, &packed);
	place_holds(p, before);
	if (acts_apply(&p->hub, buf_view(&packed), act.body, &reply)) {
		/* What is refused has put nothing. */
		place_holds(p, after);
		fuzz_must(memcmp(before, after, HASH_BYTES) == 0);
	}
}

static void
try_statement(struct line *l, struct cursor *c)
{
	struct view statement = cursor_blob(c), body = cursor_blob(c);
	OWNED_BUF struct buf reply;
	buf_init(&reply, REPLY_MOST_BYTES);
	if (!c->broken)
		fuzz_must(acts_apply(&l->place->hub, statement, body, &reply) != OK);
}

static void
try_question(struct line *l, struct cursor *c)
{
	const struct answers from = {&l->place->hub, l->ingest, NULL, PLACE_NOW_S};
	OWNED_MEM char *question = cursor_text(c, QUESTION_MOST_BYTES);
	OWNED_BUF struct buf reply;
	uint8_t before[HASH_BYTES], after[HASH_BYTES];
	buf_init(&reply, REPLY_MOST_BYTES);
	if (c->broken)
		return;
	place_holds(l->place, before);
	(void)!answers_give(&from, question, view_of(c->at, c->left), &reply);
	place_holds(l->place, after);
	fuzz_must(memcmp(before, after, HASH_BYTES) == 0);
}

static void
try_document(struct line *l, struct view bytes)
{
	OWNED_BUF struct buf hash;
	buf_init(&hash, 64);
	(void)!study_document(&l->place->hub, bytes, &hash);
}

/* A frame that the gate has let through, on the key of the node: as it comes, or what is in the
 * sealed box. No node can make the ledger stop. */
static void
try_frame(struct line *l, struct view bytes, bool sealed)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, FRAME_ROOM_BYTES);
	buf_u8(&frame, sealed ? 1 : 2);
	if (sealed)
		box_seal(&frame, bytes, l->place->hub.box_public);
	else
		buf_add_view(&frame, bytes);
	if (frame.broken)
		return;
	enum err e = line_feed_as(l, l->node->writer.transport, buf_view(&frame));
	fuzz_must(e != E_IO);
	while (l->inbox_count)
		buf_done(&l->inbox[--l->inbox_count]);
}

/* The first byte says which. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct line *l = hub_with_a_node();
	struct cursor c = cursor_of(view_of(data + 1, size - 1));
	line_restart_ingest(l);
	if (data[0] == 'a')
		try_act(l, &c);
	else if (data[0] == 's')
		try_statement(l, &c);
	else if (data[0] == 'q')
		try_question(l, &c);
	else if (data[0] == 'd')
		try_document(l, view_of(data + 1, size - 1));
	else
		try_frame(l, view_of(data + 1, size - 1), data[0] == 'f');
	line_fail_turn(l);
	return 0;
}
