#include "tests/unit/submit_bench.h"

#include "tests/fuzz/fuzz.h"

#include "node/sync_collectors.h"
#include "node/sync_intake.h"
#include "node/sync_keep.h"

#define ANSWER_MOST_BYTES ((size_t)16 << 20)

/* What comes to sync over its socket, at a node with the example study; made once a process.
 * Nothing of an input is committed. */
struct node {
	struct door door;
	struct hubcard card;
	struct sync_config *config;
};

static struct node *
node_with_a_study(void)
{
	static struct node *node;
	void *place = NULL;
	if (node)
		return node;
	node = xcalloc(1, sizeof(*node));
	fuzz_must(!make_place(&place));
	open_door(&node->door, place);
	agree(&node->door, "N0001", PERMIT);
	(void)snprintf(node->card.study, sizeof(node->card.study), "%s", STUDY);
	(void)snprintf(node->card.site, sizeof(node->card.site), "%s", SITE);
	fuzz_must(!sync_config_open(&node->config, node->door.place->vault, &node->card));
	return node;
}

/* A refused submission has put nothing, and so has one that is known. */
static void
try_submission(struct node *n, struct view request)
{
	struct sync_judge j = judge_of(&n->door);
	struct sync_submitted done;
	enum err e = sync_submit(&j, request, &done);
	fuzz_must(e || done.outcome >= SUBMIT_NEW);
	fuzz_must(!e || done.put || !vault_is_changed(n->door.place->vault));
}

/* The bytes take the place of a part of a sound request. */
static void
try_spoiled(struct node *n, struct cursor *c)
{
	OWNED_BUF struct buf request;
	const struct sent sound = {.expected = "a.jpg", .file = "a.jpg", .bytes = "one"};
	size_t at = cursor_u16(c), cut = cursor_u8(c);
	buf_init(&request, REQUEST_MAX);
	make_request(&n->door, &sound, &request);
	at %= request.len + 1;
	cut = MIN(cut, request.len - at);
	OWNED_BUF struct buf spoiled;
	buf_init(&spoiled, 2 * REQUEST_MAX);
	buf_add(&spoiled, request.at, at);
	buf_add(&spoiled, c->at, c->left);
	buf_add(&spoiled, request.at + at + cut, request.len - at - cut);
	try_submission(n, buf_view(&spoiled));
}

/* Any verb of ipc_submit.h with any fields. */
static void
try_verb(struct node *n, struct cursor *c)
{
	const struct sync_intake_setup setup = {n->door.place->vault, n->config, &n->card};
	OWNED(sync_intake) struct sync_intake *s = sync_intake_new(&setup);
	OWNED_BUF struct buf answer;
	struct sync_intake_ask ask = {
		.verb = SYNC_CODES + cursor_u8(c) % (SYNC_COUNTS_SET - SYNC_CODES + 1),
		.peer = view_text("peer"),
		.fields = c};
	bool spoiled;
	buf_init(&answer, ANSWER_MOST_BYTES);
	enum err e = sync_intake_serve(s, &ask, &answer, &spoiled);
	fuzz_must(sync_intake_writes(ask.verb) || !vault_is_changed(n->door.place->vault));
	fuzz_must(e != E_IO);
}

static void
try_keep(struct node *n, struct cursor *c)
{
	struct sync_keep *k = sync_keep_new();
	struct sync_judge j = judge_of(&n->door);
	struct sync_kept kept;
	uint32_t count = cursor_u32(c);
	if (!sync_keep_add(k, count, view_of(c->at, c->left)))
		(void)!sync_keep_apply(k, &j, &kept);
	sync_keep_free(k);
}

static void
try_people(struct node *n, struct cursor *c)
{
	OWNED_BUF struct buf answer;
	struct cursor again = *c;
	buf_init(&answer, ANSWER_MOST_BYTES);
	(void)!sync_people_of(n->door.place->vault, c, &answer);
	(void)!sync_people_file(n->door.place->vault, &again, &answer);
}

/* The first byte says which. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct node *n = node_with_a_study();
	struct cursor c = cursor_of(view_of(data + 1, size - 1));
	if (data[0] == 's')
		try_submission(n, view_of(data + 1, size - 1));
	else if (data[0] == 'x')
		try_spoiled(n, &c);
	else if (data[0] == 'k')
		try_keep(n, &c);
	else if (data[0] == 'p')
		try_people(n, &c);
	else
		try_verb(n, &c);
	vault_abort(n->door.place->vault);
	return 0;
}
