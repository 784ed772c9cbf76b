#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"

#include "node/paper.h"
#include "node/staff.h"
#include "node/whom.h"

#define ENTRIES_MAX_BYTES ((size_t)1 << 20)
#define JSON_MAX_BYTES    4096
#define MS_PER_S          1000
#define ERASE             "erase"
#define OBJECTION         "objection"
#define CAPACITY_LOST     "capacity-lost"

/* The last change of participation, which is being given back. */
struct back {
	struct program *program;
	struct whom who;
	struct staff by;           /* who enters it */
	struct wire_rules *before; /* what stood when it was made first */
	struct wire_rules *change; /* NULL: the last version is none */
	struct consent after;
	uint8_t instance[ID_BYTES];
};

static void
back_done(struct back *b)
{
	whom_done(&b->who);
	wire_rules_free(b->before);
	wire_rules_free(b->change);
}
#define OWNED_BACK OWNED_BY(back_done)

static bool
is_alike(const struct wire_rules *a, const struct wire_rules *b)
{
	return a && a->kind == RULES_CHANGE && b->kind == RULES_CHANGE &&
	       strcmp(a->consent.level, b->consent.level) == 0;
}

/* A change that is made again leaves what stood before the first one. */
static enum err
take_version(void *arg, struct view part)
{
	struct back *b = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	enum err e = wire_rules_unpack(&r, part);
	if (e)
		return e;
	if (b->change && !is_alike(b->change, r)) {
		wire_rules_free(take(b->before));
		b->before = take(b->change);
	}
	struct wire_rules **to = r->kind == RULES_CHANGE ? &b->change : &b->before;
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

/* Who says it: the person; after loss of capacity a consultee, or the person who can decide
 * again. */
static enum err
set_speaker(struct back *b)
{
	const char *level = b->change->consent.level;
	const char *consultee = program_value(b->program, "consultee");
	const bool regained = program_has(b->program, "regained");
	struct wire_consent *c = &b->after.wire;
	if (strcmp(level, CAPACITY_LOST) == 0 && !consultee && !regained)
		return fail(E_DENIED, "the person lost capacity: a consultee's advice "
				      "(--consultee personal or nominated) or the person, who "
				      "can decide again (--regained), has to stand behind it");
	if (regained)
		c->capacity = "regained";
	if (!consultee)
		return OK;
	if (strcmp(level, ERASE) == 0)
		return fail(E_DENIED, "a wish to be erased is taken back by the person alone");
	c->event = "advice-supports";
	c->grantor_role = strcmp(consultee, "personal") == 0 ? "consultee-personal"
							     : "consultee-nominated";
	c->capacity = strcmp(level, CAPACITY_LOST) == 0 ? "lost-during-study" : c->capacity;
	return consent_check(c);
}

static enum err
prepare(struct back *b)
{
	static const char *const levels[] = {ERASE, OBJECTION, CAPACITY_LOST};
	OWNED_BUF struct buf entries;
	bool can = false;
	buf_init(&entries, ENTRIES_MAX_BYTES);
	enum err e = whom_look(&b->who, &entries, take_version, b);
	for (size_t i = 0; !e && b->change && i < ARRAY_LEN(levels); i++)
		can = can || strcmp(b->change->consent.level, levels[i]) == 0;
	if (!e && !can)
		e = fail(E_NOTFOUND, "no wish to be erased, objection or loss of capacity "
				     "stands for this study code: nothing is to be taken back");
	if (!e && (!b->before || !permits_anything(&b->before->consent)))
		e = fail(E_NOTFOUND, "nothing that was permitted before it is on file: a new "
				     "study code and a new consent are needed");
	if (e)
		return e;
	const int64_t now_s = clock_wall_ms() / MS_PER_S;
	consent_again(
		&b->after, &b->before->consent, MAX(now_s, b->change->consent.given_at_s + 1));
	b->after.wire.taken_by = b->by.id;
	return set_speaker(b);
}

static enum err
print_json(const char *number, const char *change)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, JSON_MAX_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_text(&w, "receipt", number);
	json_put_text(&w, "takes_back", change);
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
	char number[RECEIPT_BYTES], change[RECEIPT_BYTES];
	receipt_number(number, b->instance);
	receipt_number(change, b->change->instance);
	if (program_json(b->program))
		return print_json(number, change);
	const struct paper_consent paper = {.telephone = b->who.facts->pack->telephone,
		.title = b->who.facts->pack->title,
		.legal = &b->who.facts->pack->legal,
		.number = number,
		.given_ms = b->after.wire.given_at_s * MS_PER_S,
		.consent = &b->after.wire};
	buf_init(&out, PAPER_MAX_BYTES);
	enum err e = paper_consent(&out, &paper, program_has(b->program, "html"));
	if (!e)
		printf("%.*s", (int)out.len, (const char *)out.at);
	if (strcmp(b->change->consent.level, ERASE) == 0)
		fprintf(stderr,
			"The wish to be erased, receipt %s, is taken back if this reaches the "
			"research team before it was carried out; otherwise this is erased "
			"with the rest, and `weir-node erase` lists it. To take part again "
			"then, a new study code is needed.\n",
			change);
	else
		fprintf(stderr,
			"The change with receipt %s is given back: what was permitted before "
			"it holds again%s, unless an earlier change still stands.\n",
			change,
			program_value(b->program, "consultee")
				? " where an approval for asking a consultee is in force"
				: "");
	return e;
}

static enum err
run(struct program *p)
{
	OWNED_BACK struct back b = {.program = p};
	const char *consultee = program_value(p, "consultee");
	if (consultee && strcmp(consultee, "personal") != 0 &&
		strcmp(consultee, "nominated") != 0)
		return program_usage(p, "--consultee is personal or nominated");
	if (consultee && program_has(p, "regained"))
		return program_usage(p, "either a consultee advises, or the person agrees");
	enum err e = whom_open(&b.who, p);
	if (!e)
		e = staff_of(&b.by, p, b.who.sync);
	if (!e)
		e = whom_ask(&b.who, p);
	if (!e)
		e = prepare(&b);
	if (!e)
		e = whom_keep(&b.who, &b.after, b.change, b.instance);
	return e ? e : print_receipt(&b);
}

static const struct program_option options[] = {
	{"consultee", "KIND",
		"personal or nominated: a consultee advises that the person goes on"},
	{"regained", NULL, "the person was found able to decide again, and agrees"},
	{"by", "CODE",
		"who hears it: a coordinator or a staff code (default: the only coordinator)"},
	{"html", NULL, "print the receipt as a page for one sheet"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_change_back = {
	.name = "change back",
	.run = run,
	.help = "record what ends the last change of participation: a wish to be erased that "
		"the person takes back before it was carried out, an objection that was "
		"looked at, advice or a new yes after loss of capacity. What was permitted "
		"before holds again; asks for the study code or a receipt number, prints the "
		"receipt",
	.options = options,
};
