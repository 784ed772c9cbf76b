#include "node/paper.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/xmlout.h"
#include "common/study/rules_limits.h"

#define DAY_MS     ((int64_t)24 * 60 * 60 * 1000)
#define DATE_CHARS 10
#define ROWS_MOST  16
#define MS_PER_S   1000

/* One line of the paper: what it is about, and what is said. */
struct line {
	const char *about;
	char *text; /* owned */
};

struct sheet {
	struct line lines[ROWS_MOST];
	size_t count;
};

static void
sheet_done(struct sheet *s)
{
	for (size_t i = 0; i < s->count; i++)
		mem_drop(&s->lines[i].text);
}
#define OWNED_SHEET OWNED_BY(sheet_done)

static void
add(struct sheet *s, const char *about, char *text)
{
	s->lines[s->count++] = (struct line){about, text};
}

static void
day_of(char ret[static CLOCK_TEXT_BYTES], int64_t at_ms)
{
	clock_text(ret, at_ms);
	ret[DATE_CHARS] = '\0';
}

/* Who could still open what, and until when. */
static char *
who_opens(const struct paper *p)
{
	char by[CLOCK_TEXT_BYTES], keys[CLOCK_TEXT_BYTES];
	day_of(by, p->at_ms + p->done_within_ms);
	day_of(keys, p->at_ms + p->done_within_ms + PAPER_KEYS_DAYS * DAY_MS);
	if (strcmp(p->level, "erase") != 0)
		return xstrdup("What stays is locked. Two named holders of the study's key "
			       "can open it together, and at this site its coordinator what "
			       "the information sheet says they may read.");
	if (p->is_closed)
		return xstrdup("Until the research team, which has to be rung, has erased it, "
			       "the coordinator of this site and two named holders of the "
			       "study's key could still open it, and older copies, too.");
	OWNED_MEM char *erased =
		p->done_within_ms ? xasprintf("Until it is erased, which is to be by %s,", by)
				  : xstrdup("Until it is erased");
	return xasprintf(
		"%s the coordinator of this site and two named holders of the study's "
		"key could still open it; older copies, with keys of that time, until "
		"those keys are destroyed, too, which is to be by %s. The receipt of the "
		"erasure says when both were done; ask for it.",
		erased, keys);
}

static char *
when_it_holds(const struct paper *p)
{
	char by[CLOCK_TEXT_BYTES];
	day_of(by, p->at_ms + p->done_within_ms);
	if (p->is_closed)
		return xstrdup("At this site at once. This site sends nothing to the research "
			       "team any more: ring the number above and quote the receipt "
			       "number, so that it holds everywhere.");
	return p->done_within_ms
		       ? xasprintf("At this site at once; everywhere by %s. Quote the receipt "
				   "number when you ring.",
				 by)
		       : xstrdup("At this site at once; elsewhere as soon as this site is in "
				 "touch with the research team. Quote the receipt number when "
				 "you ring.");
}

static enum err
fill(struct sheet *s, const struct paper *p)
{
	struct consent_words words;
	char at[CLOCK_TEXT_BYTES];
	enum err e = consent_words(p->level, &words);
	if (e)
		return e;
	day_of(at, p->at_ms);
	add(s, "Questions? Ring",
		xstrdup(*p->telephone ? p->telephone : "the number on your information sheet"));
	add(s, "Receipt number", xasprintf("%s, %s", p->number, at));
	add(s, "Study", xstrdup(p->title));
	add(s, "From now on", xstrdup(words.stops));
	add(s, "What stays", xstrdup(p->stays ? p->stays : words.stays));
	add(s, "What cannot be undone", xstrdup(words.final));
	add(s, "Who could still open what", who_opens(p));
	add(s, "When", when_it_holds(p));
	return OK;
}

static enum err
write_lines(struct buf *out, const struct sheet *s)
{
	for (size_t i = 0; i < s->count; i++)
		buf_format(out, "%s: %s\n", s->lines[i].about, s->lines[i].text);
	return buf_check(out, "receipt");
}

enum err
paper_text(struct buf *out, const struct paper *p)
{
	OWNED_SHEET struct sheet s = {.count = 0};
	enum err e = fill(&s, p);
	return e ? e : write_lines(out, &s);
}

static const char page_start[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
	"<title>Receipt</title><style>\n"
	"@page { size: A4; margin: 2cm }\n"
	"body { font: 14pt/1.45 sans-serif; max-width: 36em; margin: 2em auto; color: #000 }\n"
	"dt { font-weight: bold; margin-top: 0.8em } dd { margin: 0 }\n"
	"dl > div:first-child dd { font-size: 22pt }\n"
	"</style></head><body><h1>Receipt</h1><dl>\n";
static const char page_end[] = "</dl></body></html>\n";

static enum err
write_page(struct buf *out, const struct sheet *s)
{
	xml_put_raw(out, page_start);
	for (size_t i = 0; i < s->count; i++) {
		xml_put_raw(out, "<div>");
		xml_put_leaf(out, "dt", s->lines[i].about);
		xml_put_leaf(out, "dd", s->lines[i].text);
		xml_put_raw(out, "</div>\n");
	}
	xml_put_raw(out, page_end);
	return buf_check(out, "receipt");
}

enum err
paper_page(struct buf *out, const struct paper *p)
{
	OWNED_SHEET struct sheet s = {.count = 0};
	enum err e = fill(&s, p);
	return e ? e : write_page(out, &s);
}

/* of a consent */

/* In words, with the limits that it has. */
static void
add_permission(struct buf *to, const struct wire_permission *p)
{
	buf_format(to, "%s%s", to->len ? "; " : "", consent_code_words(p->code));
	for (size_t i = 0; i < p->limit_count; i++)
		buf_format(to, "%s%s", i ? ", " : " (", rules_limit_plain(p->limits[i]));
	if (p->limit_count)
		buf_format(to, ")");
}

/* The permissions that were given, or were not, one after the other. */
static char *
list_of(const struct wire_consent *c, bool permits)
{
	OWNED_BUF struct buf b;
	buf_init(&b, PAPER_MAX_BYTES);
	for (size_t i = 0; i < c->permission_count; i++)
		if (c->permissions[i].permit == permits)
			add_permission(&b, &c->permissions[i]);
	buf_format(&b, "%s.", b.len ? "" : "nothing");
	buf_u8(&b, 0);
	return xstrdup((const char *)b.at);
}

static bool
is_word(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

/* A consultee says what the person would wish, and consents to nothing (Mental Capacity Act
 * 2005, section 32). */
static bool
is_advice(const struct wire_consent *c)
{
	return is_word(c->event, "advice-supports") || is_word(c->event, "advice-against");
}

/* Whose word it is, where it is not the person's alone. */
static void
add_speaker(struct sheet *s, const struct wire_consent *c)
{
	static const char *const words[][2] = {
		{"parent", "a parent or guardian, for the young person"},
		{"witness-for-illiterate", "the person, in front of a witness"},
		{"consultee-personal", "a personal consultee"},
		{"consultee-nominated", "a nominated consultee"},
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (is_word(c->grantor_role, words[i][0]))
			add(s, "Who said so",
				xasprintf("%s%s", words[i][1],
					is_advice(c) ? ", as advice on what the person would "
						       "wish; it is no consent, and counts "
						       "where an ethics committee approved of "
						       "asking a consultee"
						     : ""));
}

/* A parent's word lasts to sixteen at most; what it permits may end before. */
static int64_t
end_of(const struct wire_consent *c)
{
	int64_t end_s = c->valid_until_s;
	for (size_t i = 0; i < c->permission_count; i++)
		if (c->permissions[i].until_s && c->permissions[i].until_s < end_s)
			end_s = c->permissions[i].until_s;
	return end_s;
}

static void
add_until(struct sheet *s, const struct wire_consent *c)
{
	char until[CLOCK_TEXT_BYTES];
	if (!c->valid_until_s)
		return;
	day_of(until, end_of(c) * MS_PER_S);
	add(s, "It holds until", xstrdup(until));
	if (strcmp(c->grantor_role, "parent") == 0)
		add(s, "From sixteen on",
			xstrdup("The young person is asked: nothing more is collected before "
				"they agree themselves."));
}

static void
add_shown(struct sheet *s, const struct wire_consent *c, const struct pack_legal *legal)
{
	const char *form = c->form && *c->form ? c->form : NULL;
	if (form)
		add(s, "What it rests on",
			*legal->protocol
				? xasprintf("form %s, version %s; plan of the study number %s",
					  form, c->form_version, legal->protocol)
				: xasprintf("form %s, version %s", form, c->form_version));
}

/* What study.ini says of every consent alike. */
static void
add_common(struct sheet *s, const struct pack_legal *legal)
{
	OWNED_BUF struct buf law;
	const struct {
		const char *about, *text;
	} said[] = {
		{"Who decides what is done with it", legal->controllers},
		{"Who else is given it", legal->recipients},
		{"Where it is kept", legal->storage},
		{"How long after the last results", legal->retention},
	};
	const char *const laws[] = {
		legal->jurisdiction, legal->art6, legal->art9, legal->dpa2018};
	static const char *const of[] = {
		"", "UK GDPR Article ", "UK GDPR Article ", "Data Protection Act 2018 "};
	for (size_t i = 0; i < ARRAY_LEN(said); i++)
		if (*said[i].text)
			add(s, said[i].about, xstrdup(said[i].text));
	buf_init(&law, PAPER_MAX_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(laws); i++)
		if (*laws[i])
			buf_format(&law, "%s%s%s", law.len ? "; " : "", of[i], laws[i]);
	buf_u8(&law, 0);
	if (law.len > 1)
		add(s, "By which law", xstrdup((const char *)law.at));
}

enum err
paper_consent(struct buf *out, const struct paper_consent *p, bool as_page)
{
	OWNED_SHEET struct sheet s = {.count = 0};
	char at[CLOCK_TEXT_BYTES];
	day_of(at, p->given_ms);
	add(&s, "Questions? Ring",
		xstrdup(*p->telephone ? p->telephone : "the number on your information sheet"));
	add(&s, "Receipt number", xasprintf("%s, %s", p->number, at));
	add(&s, "Study", xstrdup(p->title));
	add(&s, is_advice(p->consent) ? "What was advised" : "What was agreed to",
		list_of(p->consent, true));
	add(&s, is_advice(p->consent) ? "What was not advised" : "What was not agreed to",
		list_of(p->consent, false));
	add_speaker(&s, p->consent);
	add_until(&s, p->consent);
	add_shown(&s, p->consent, p->legal);
	add_common(&s, p->legal);
	add(&s, "If you change your mind",
		xstrdup("At any time, without giving a reason: ring the number above, or tell "
			"this site, and quote the receipt number. Your information sheet says "
			"what can then be stopped, and what stays."));
	return as_page ? write_page(out, &s) : write_lines(out, &s);
}
