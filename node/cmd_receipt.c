#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"

#include "node/paper.h"
#include "node/whom.h"

#define ENTRIES_MAX_BYTES ((size_t)1 << 20)
#define JSON_MAX_BYTES    4096
#define MS_PER_S          1000

/* The consent that stands: the last agreement, with the number of its receipt. */
struct asked {
	struct whom who;
	struct wire_rules *last;
	bool has_changed; /* by a change of participation since */
};

static void
asked_done(struct asked *a)
{
	whom_done(&a->who);
	wire_rules_free(a->last);
}
#define OWNED_ASKED OWNED_BY(asked_done)

static enum err
take_consent(void *arg, struct view part)
{
	struct asked *a = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	enum err e = wire_rules_unpack(&r, part);
	if (e)
		return e;
	a->has_changed = r->kind == RULES_CHANGE;
	if (r->kind != RULES_CONSENT)
		return OK;
	wire_rules_free(take(a->last));
	a->last = take(r);
	return OK;
}

static enum err
find(struct asked *a)
{
	OWNED_BUF struct buf entries;
	buf_init(&entries, ENTRIES_MAX_BYTES);
	enum err e = whom_look(&a->who, &entries, take_consent, a);
	if (!e && !a->last)
		e = fail(E_NOTFOUND, "no consent is on file for this study code");
	if (!e && a->has_changed)
		e = fail(E_DENIED, "the person has changed since how they take part: what they "
				   "hold is the receipt of that change");
	return e;
}

static enum err
print_json(const char *number, const struct wire_consent *c)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, JSON_MAX_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_text(&w, "receipt", number);
	json_put_text(&w, "event", c->event);
	json_put_int(&w, "given_s", c->given_at_s);
	json_put_close(&w);
	enum err e = json_end(&w, "receipt");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static enum err
run(struct program *p)
{
	OWNED_ASKED struct asked a = {.last = NULL};
	OWNED_BUF struct buf out;
	char number[RECEIPT_BYTES];
	buf_init(&out, PAPER_MAX_BYTES);
	enum err e = whom_open(&a.who, p);
	if (!e)
		e = whom_ask(&a.who, p);
	if (!e)
		e = find(&a);
	if (e)
		return e;
	receipt_number(number, a.last->instance);
	if (program_json(p))
		return print_json(number, &a.last->consent);
	const struct paper_consent paper = {.telephone = a.who.facts->pack->telephone,
		.title = a.who.facts->pack->title,
		.legal = &a.who.facts->pack->legal,
		.number = number,
		.given_ms = a.last->consent.given_at_s * MS_PER_S,
		.consent = &a.last->consent};
	e = paper_consent(&out, &paper, program_has(p, "html"));
	if (!e)
		printf("%.*s", (int)out.len, (const char *)out.at);
	return e;
}

static const struct program_option options[] = {
	{"html", NULL, "as a page for one sheet"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_receipt = {
	.name = "receipt",
	.run = run,
	.help = "print the receipt of a consent, as it came by tablet, page or paper; asks for "
		"the study code",
	.options = options,
};
