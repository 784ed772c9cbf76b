#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"
#include "common/study/rules_wish.h"
#include "common/study/zone.h"

#include "node/effect.h"
#include "node/outlook.h"
#include "node/paper.h"
#include "node/staff.h"
#include "node/whom.h"

#define ENTRIES_MAX_BYTES ((size_t)1 << 20)
#define MS_PER_S          1000

/* A change that is being made. */
struct change {
	struct program *program;
	struct whom who;
	const char *level;
	struct effect effect;
	int64_t at_s;
	struct buf entries; /* names, with blanks between */
	struct sync_consents *on_file;
	const struct wire_rules *last; /* of them: the one in force */
	enum outlook outlook;          /* of figures made from now on */
	struct staff by;               /* who enters it */
	struct consent after;
	uint8_t instance[ID_BYTES];
};

static void
change_done(struct change *c)
{
	whom_done(&c->who);
	buf_done(&c->entries);
	sync_consents_free(c->on_file);
}
#define OWNED_CHANGE OWNED_BY(change_done)

/* what is asked for */

static enum err
check_level(const struct pack *pack, const char *level)
{
	OWNED_BUF struct buf promised;
	buf_init(&promised, 1024);
	if (pack_offers(pack, level))
		return OK;
	for (size_t i = 0; i < pack->level_count; i++)
		buf_format(&promised, "%s%s", i ? ", " : "", pack->levels[i]);
	return fail(E_DENIED,
		"the information sheet of study %s did not promise the level %s, only: %.*s",
		pack->id, level, (int)promised.len, (const char *)promised.at);
}

/* Of a death the day it happened; of anything else now. */
static enum err
find_time(struct change *c)
{
	const bool died = strcmp(c->level, WIRE_LEVEL_DIED) == 0;
	const char *day = program_value(c->program, "on");
	const int64_t now_ms = clock_wall_ms();
	int64_t day_ms = 0;
	c->at_s = now_ms / MS_PER_S;
	if (died != (day != NULL))
		return program_usage(
			c->program, died ? "--on YYYY-MM-DD is needed: the day the person died"
					 : "--on goes with the level died and with no other");
	if (!died)
		return OK;
	if (!zone_day(pack_zone(c->who.facts->pack), day, &day_ms))
		return program_usage(c->program, "--on: this is no day YYYY-MM-DD");
	if (day_ms > now_ms)
		return fail(E_DENIED, "the day of death is still to come");
	c->at_s = day_ms / MS_PER_S;
	return OK;
}

/* what is on file */

static enum err
take_version(void *arg, struct view part)
{
	struct change *c = arg;
	enum err e = sync_consents_add(c->on_file, part);
	if (!e)
		c->last = c->on_file->parts[c->on_file->part_count - 1];
	return e;
}

/* Nothing undoes a request to erase; a death is still said. */
static bool
is_lesser(const struct change *c)
{
	const struct rules_facts facts = {.known_upto = UINT64_MAX,
		.record.consents = c->on_file->consents,
		.record.consent_count = c->on_file->count};
	return rules_erasure_stands(&facts) && strcmp(c->level, "erase") != 0 &&
	       strcmp(c->level, WIRE_LEVEL_DIED) != 0;
}

static enum err
prepare(struct change *c)
{
	c->on_file = xcalloc(1, sizeof(*c->on_file));
	enum err e = whom_look(&c->who, &c->entries, take_version, c);
	if (!e && !c->last)
		e = fail(E_NOTFOUND, "no consent is on file for this study code");
	if (!e)
		e = buf_check(&c->entries, "entries of the person");
	if (!e && is_lesser(c))
		e = fail(E_DENIED, CONSENT_ERASED_WORDS);
	if (e)
		return e;
	const struct pack *pack = c->who.facts->pack;
	c->effect = effect_of(pack, &c->last->consent, c->level);
	e = consent_change_as(&c->after, &c->last->consent, c->level, c->effect.as, c->at_s);
	if (e)
		return e;
	c->after.wire.taken_by = c->by.id;
	c->outlook = outlook_of(pack, c->on_file, &c->after.wire, clock_wall_ms());
	const char *unused = effect_unused(c->level, c->outlook);
	if (unused)
		c->effect.stays = unused;
	return OK;
}

/* what it would do */

static bool
loses(const struct change *c, size_t i)
{
	return c->last->consent.permissions[i].permit && !c->after.permissions[i].permit;
}

static void
put_entries(struct json_out *w, const struct buf *entries)
{
	struct view rest = buf_view(entries);
	json_put_array(w, "entries");
	while (rest.len) {
		const uint8_t *blank = memchr(rest.at, ' ', rest.len);
		size_t n = blank ? (size_t)(blank - rest.at) : rest.len;
		json_put_view(w, NULL, view_of(rest.at, n));
		rest = view_of(rest.at + n + (blank ? 1 : 0), rest.len - n - (blank ? 1 : 0));
	}
	json_put_close(w);
}

static enum err
print_json(const struct change *c, bool is_done, const char *number)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, 2 * ENTRIES_MAX_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_bool(&w, "done", is_done);
	json_put_text(&w, "level", c->level);
	json_put_text(&w, "receipt", number);
	json_put_array(&w, "stops");
	for (size_t i = 0; i < c->last->consent.permission_count; i++)
		if (loses(c, i))
			json_put_text(&w, NULL, c->last->consent.permissions[i].code);
	json_put_close(&w);
	json_put_bool(&w, "leaves_figures", c->outlook == OUTLOOK_LEAVES);
	json_put_bool(&w, "erases", strcmp(c->level, "erase") == 0);
	put_entries(&w, &c->entries);
	json_put_close(&w);
	enum err e = json_end(&w, "change");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static size_t
count_entries(const struct buf *names)
{
	size_t count = names->len ? 1 : 0;
	for (size_t i = 0; i < names->len; i++)
		count += names->at[i] == ' ';
	return count;
}

/* number: of the consent that would be changed. */
static enum err
print_plan(const struct change *c, const char *number)
{
	static const char *const figures[] = {
		[OUTLOOK_COUNTED] = "nothing changes",
		[OUTLOOK_LEAVES] = "the person leaves all of them, at the hub as soon as it "
				   "has the change",
		[OUTLOOK_IN_NO_TABLE] = "the person is in none of them already",
	};
	struct consent_words words;
	bool ends = false;
	enum err e = consent_words(c->level, &words);
	if (e || program_json(c->program))
		return e ? e : print_json(c, false, number);
	printf("Nothing was done. This change would do:\n");
	printf("stops at once, at this site: %s\n  permissions that end:", words.stops);
	for (size_t i = 0; i < c->last->consent.permission_count; i++)
		if (loses(c, i)) {
			printf(" %s", c->last->consent.permissions[i].code);
			ends = true;
		}
	printf("%s\nfigures made from now on: %s\n", ends ? "" : " none", figures[c->outlook]);
	printf("erased: %s\n",
		strcmp(c->level, "erase") == 0
			? "what is stored of the person, here and at the hub; each says when "
			  "it is done"
			: "nothing");
	printf("stays: %s\ncannot be undone: %s\n",
		c->effect.stays ? c->effect.stays : words.stays, words.final);
	printf("copies of what was given: %zu entries in this site's store and in its "
	       "backups; what the hub has of them (`weir-node status`), and the hub's "
	       "backups\n",
		count_entries(&c->entries));
	printf("earlier releases: this site cannot know which of them hold the person; the "
	       "research team lists them with `weir-hub hold --receipt %s --dry-run`\n",
		number);
	return OK;
}

/* doing it */

/* Does the hub hear this installation no more? */
static enum err
ask_closed(struct client *sync, bool *ret)
{
	OWNED(json) struct json *status = NULL;
	enum err e = client_status(sync, &status);
	return e ? e : json_get_bool(status, "closed", ret);
}

static enum err
print_receipt(const struct change *c)
{
	OWNED_BUF struct buf out;
	char number[RECEIPT_BYTES];
	receipt_number(number, c->instance);
	const struct pack *pack = c->who.facts->pack;
	bool is_closed = false;
	if (program_json(c->program))
		return print_json(c, true, number);
	enum err e = ask_closed(c->who.sync, &is_closed);
	if (e)
		return e;
	const struct paper paper = {.telephone = pack->telephone,
		.title = pack->title,
		.number = number,
		.level = c->level,
		.stays = c->effect.stays,
		.at_ms = clock_wall_ms(),
		.done_within_ms = pack->done_within_ms,
		.is_closed = is_closed};
	buf_init(&out, PAPER_MAX_BYTES);
	e = program_has(c->program, "html") ? paper_page(&out, &paper)
					    : paper_text(&out, &paper);
	if (!e)
		printf("%.*s", (int)out.len, (const char *)out.at);
	return e;
}

static enum err
run_change(struct program *p)
{
	OWNED_CHANGE struct change c = {.program = p, .level = program_value(p, "level")};
	char number[RECEIPT_BYTES];
	buf_init(&c.entries, ENTRIES_MAX_BYTES);
	if (!c.level)
		return program_usage(p, "--level is needed; none is chosen for you");
	enum err e = whom_open(&c.who, p);
	if (!e)
		e = check_level(c.who.facts->pack, c.level);
	if (!e)
		e = find_time(&c);
	if (!e)
		e = staff_of(&c.by, p, c.who.sync);
	if (!e)
		e = whom_ask(&c.who, p);
	if (!e)
		e = prepare(&c);
	if (e)
		return e;
	receipt_number(number, c.last->instance);
	if (program_has(p, "dry-run"))
		return print_plan(&c, number);
	e = whom_keep(&c.who, &c.after, c.last, c.instance);
	return e ? e : print_receipt(&c);
}

static const struct program_option options[] = {
	{"level", "LEVEL",
		"no-further-contact, no-more-collection, no-further-use, erase, objection, "
		"capacity-lost or died"},
	{"on", "DAY", "with died: the day it happened"},
	{"by", "CODE",
		"who does it: a coordinator or a staff code (default: the only coordinator)"},
	{"dry-run", NULL, "say what would stop, leave and be erased; change nothing"},
	{"html", NULL, "print the receipt as a page for one sheet"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_change = {
	.name = "change",
	.run = run_change,
	.help = "record that a person takes part less, or no more; asks for the study code or "
		"a receipt number, prints the receipt",
	.options = options,
};
