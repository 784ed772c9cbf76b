#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"

#include "node/capture.h"
#include "node/facts.h"
#include "node/paper.h"
#include "node/typed.h"

#define ENTRIES_MAX_BYTES ((size_t)1 << 20)
#define FIELDS_MAX_BYTES  65536
#define JSON_MAX_BYTES    4096
#define MS_PER_S          1000

/* A wish to be erased that is being taken back. */
struct back {
	struct program *program;
	struct client *sync;
	struct facts *facts;
	char *code; /* owned; wiped */
	struct facts_person person;
	struct wire_rules *before; /* what stood when the first wish was made */
	struct wire_rules *wish;   /* the last one */
	bool is_last;              /* nothing came after it */
	struct consent after;
	uint8_t instance[ID_BYTES];
};

static void
back_done(struct back *b)
{
	client_free(b->sync);
	facts_free(b->facts);
	if (b->code)
		crypto_wipe(b->code, strlen(b->code));
	mem_drop(&b->code);
	wire_rules_free(b->before);
	wire_rules_free(b->wish);
}
#define OWNED_BACK OWNED_BY(back_done)

static bool
is_wish(const struct wire_rules *r)
{
	return r->kind == RULES_CHANGE && strcmp(r->consent.level, "erase") == 0;
}

/* A wish that is made again leaves what stood before the first one. */
static enum err
take_version(void *arg, struct view part)
{
	struct back *b = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	enum err e = wire_rules_unpack(&r, part);
	if (e)
		return e;
	b->is_last = is_wish(r);
	struct wire_rules **to = b->is_last ? &b->wish : &b->before;
	wire_rules_free(take(*to));
	*to = take(r);
	return OK;
}

static bool
permits_anything(const struct wire_consent *c)
{
	for (size_t i = 0; i < c->permission_count; i++)
		if (c->permissions[i].permit)
			return true;
	return false;
}

static enum err
prepare(struct back *b)
{
	OWNED_BUF struct buf entries;
	buf_init(&entries, ENTRIES_MAX_BYTES);
	enum err e = facts_of_code(b->sync, b->code, &b->person, &entries, take_version, b);
	if (!e && (!b->wish || !b->is_last))
		e = fail(E_NOTFOUND,
			"no wish to be erased stands for this study code: nothing is to be "
			"taken back");
	if (!e && (!b->before || !permits_anything(&b->before->consent)))
		e = fail(E_NOTFOUND, "nothing that was permitted before the wish is on file: a "
				     "new study code and a new consent are needed");
	if (e)
		return e;
	const int64_t now_s = clock_wall_ms() / MS_PER_S;
	consent_again(
		&b->after, &b->before->consent, MAX(now_s, b->wish->consent.given_at_s + 1));
	return OK;
}

static enum err
keep(struct back *b)
{
	OWNED_BUF struct buf fields, answer;
	struct capture_change change = {.code = b->code,
		.after = &b->after,
		.captured_s = clock_wall_ms() / MS_PER_S,
		.instance = b->instance};
	memcpy(change.participant, b->person.participant, ID_BYTES);
	memcpy(change.refers_to, b->wish->instance, ID_BYTES);
	crypto_random(b->instance, sizeof(b->instance));
	buf_init(&fields, FIELDS_MAX_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_u8(&fields, 0);
	buf_u32(&fields, 1);
	enum err e = capture_change_item(&fields, &change);
	if (!e)
		e = buf_check(&fields, "consent");
	return e ? e : client_call(b->sync, SYNC_KEEP, buf_view(&fields), &answer);
}

static enum err
print_json(const char *number, const char *wish)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, JSON_MAX_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_text(&w, "receipt", number);
	json_put_text(&w, "takes_back", wish);
	json_put_close(&w);
	enum err e = json_end(&w, "receipt");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static enum err
print_receipt(const struct back *b)
{
	OWNED_BUF struct buf out;
	char number[RECEIPT_BYTES], wish[RECEIPT_BYTES];
	receipt_number(number, b->instance);
	receipt_number(wish, b->wish->instance);
	if (program_json(b->program))
		return print_json(number, wish);
	const struct paper_consent paper = {.telephone = b->facts->pack->telephone,
		.title = b->facts->pack->title,
		.number = number,
		.given_ms = b->after.wire.given_at_s * MS_PER_S,
		.consent = &b->after.wire};
	buf_init(&out, PAPER_MAX_BYTES);
	enum err e = paper_consent(&out, &paper, program_has(b->program, "html"));
	if (!e)
		printf("%.*s", (int)out.len, (const char *)out.at);
	fprintf(stderr,
		"The wish to be erased, receipt %s, is taken back if this reaches the research "
		"team before it was carried out; otherwise this is erased with the rest, and "
		"`weir-node erase` lists it. To take part again then, a new study code is "
		"needed.\n",
		wish);
	return e;
}

static enum err
run(struct program *p)
{
	OWNED_BACK struct back b = {.program = p};
	enum err e = client_open(&b.sync, program_dir(p), "sync.sock");
	if (!e)
		e = facts_load(&b.facts, b.sync);
	if (!e)
		e = typed_code(p, b.sync, b.facts->pack, &b.code);
	if (!e)
		e = prepare(&b);
	if (!e)
		e = keep(&b);
	return e ? e : print_receipt(&b);
}

static const struct program_option options[] = {
	{"html", NULL, "print the receipt as a page for one sheet"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_change_back = {
	.name = "change back",
	.run = run,
	.help = "record that a person takes a wish to be erased back before it was carried "
		"out, and agrees again to what they permitted before; asks for the study code "
		"or a receipt number, prints the receipt",
	.options = options,
};
