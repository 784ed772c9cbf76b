#include "common/study/rules_settled.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_ask.h"

#define SPANS_COUNT  4
#define STAFF_NUMBER 11
/* R07 looks at papers behind these, and before the others that look at papers. */
#define BEFORE_CONSENT (RULES_BIT(7) - 1)
/* Rules that look at the record or its person. */
#define OF_RECORD                                                                              \
	(RULES_BIT(7) | RULES_BIT(8) | RULES_BIT(9) | RULES_BIT(10) | RULES_BIT(11) |          \
		RULES_BIT(12) | RULES_BIT(13) | RULES_BIT(14) | RULES_BIT(15) |                \
		RULES_BIT(16) | RULES_BIT(18) | RULES_BIT(19))

/* What the other rules say of records that were collected in this time, last_ms with it. */
struct span {
	int64_t from_ms, last_ms;
	uint32_t fired;              /* a bit for each rule that was not met */
	size_t used_early;           /* approvals that it stands on by rules before R07 ... */
	size_t used_count;           /* ... and by all of them */
	size_t used[RULES_MAX_USED]; /* places in facts */
	struct rules_fired says[RULES_MAX];
};

struct rules_settled {
	const struct rules *rules;
	struct rules_facts facts;         /* as they were given */
	struct rules_facts of_record;     /* the same, without papers that no record can need */
	struct rules_approval *approvals; /* of of_record ... */
	size_t *places;                   /* ... and where they stand in facts */
	struct rules_duty *duties;
	struct rules_sheet *sheets;
	uint32_t asked;
	struct span span[SPANS_COUNT];
	size_t span_count, next_span;
};

/* make */

/* Papers that can speak for the person. */
static void
keep_approvals(struct rules_settled *s)
{
	const struct rules_facts *f = &s->facts;
	size_t count = 0;
	s->approvals = xcalloc(f->approval_count, sizeof(*s->approvals));
	s->places = xcalloc(f->approval_count, sizeof(*s->places));
	for (size_t i = 0; i < f->approval_count; i++)
		if (rules_may_speak(&f->approvals[i], f)) {
			s->places[count] = i;
			s->approvals[count++] = f->approvals[i];
		}
	s->of_record.approvals = s->approvals;
	s->of_record.approval_count = count;
}

static void
keep_duties(struct rules_settled *s)
{
	const struct rules_facts *f = &s->facts;
	const struct rule *rule = &s->rules->rule[STAFF_NUMBER];
	size_t count = 0;
	s->duties = xcalloc(f->duty_count, sizeof(*s->duties));
	for (size_t i = 0; rule->on && i < f->duty_count; i++)
		if (rules_is_of_staff(rule, f, &f->duties[i]))
			s->duties[count++] = f->duties[i];
	s->of_record.duties = s->duties;
	s->of_record.duty_count = count;
}

/* The form of a sheet is the one text, so that most comparisons end at the address. */
static const char *
form_of(const struct rules_settled *s, size_t count, const char *form)
{
	for (size_t i = 0; i < count; i++)
		if (rules_same(s->sheets[i].form, form))
			return s->sheets[i].form;
	return form;
}

static void
keep_sheets(struct rules_settled *s)
{
	const struct rules_facts *f = &s->facts;
	size_t count = 0;
	s->sheets = xcalloc(f->sheet_count, sizeof(*s->sheets));
	for (size_t i = 0; i < f->sheet_count; i++)
		if (f->sheets[i].known <= f->known_upto) {
			s->sheets[count] = f->sheets[i];
			s->sheets[count].form = form_of(s, count, f->sheets[i].form);
			count++;
		}
	s->of_record.sheets = s->sheets;
	s->of_record.sheet_count = count;
}

struct rules_settled *
rules_settled_new(const struct rules *r, const struct rules_facts *facts)
{
	static const struct rules_record none;
	struct rules_settled *s = xcalloc(1, sizeof(*s));
	s->rules = r;
	s->facts = *facts;
	s->facts.record = none;
	s->of_record = s->facts;
	s->asked = rules_asked(r, facts->action);
	keep_approvals(s);
	keep_duties(s);
	keep_sheets(s);
	return s;
}

void
rules_settled_free(struct rules_settled *s)
{
	if (!s)
		return;
	mem_drop(&s->approvals);
	mem_drop(&s->places);
	mem_drop(&s->duties);
	mem_drop(&s->sheets);
	mem_drop(&s);
}

/* spans */

/* At this time something begins or ends. */
static void
cut(struct span *span, int64_t captured_ms, int64_t at_ms)
{
	if (at_ms <= captured_ms)
		span->from_ms = MAX(span->from_ms, at_ms);
	else
		span->last_ms = MIN(span->last_ms, at_ms - 1);
}

/* What has to have been there before is not there at that very moment. */
static void
cut_behind(struct span *span, int64_t captured_ms, int64_t at_ms)
{
	if (at_ms < captured_ms)
		cut(span, captured_ms, at_ms + 1);
	else
		span->last_ms = MIN(span->last_ms, at_ms);
}

static void
cut_papers(struct span *span, const struct rules_facts *f)
{
	const int64_t at_ms = f->record.captured_ms;
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		cut(span, at_ms, a->from_ms);
		cut(span, at_ms, a->until_ms);
		cut(span, at_ms, a->stop_from_ms);
		cut(span, at_ms, a->stop_until_ms);
	}
	for (size_t i = 0; i < f->protocol_count; i++)
		cut(span, at_ms, f->protocols[i].from_ms);
	for (size_t i = 0; i < f->modification_count; i++) {
		cut(span, at_ms, f->modifications[i].from_ms);
		cut(span, at_ms, f->modifications[i].until_ms);
	}
}

/* A collection at time 0 is one whose time is not known. */
static void
cut_all(struct span *span, const struct rules_facts *f)
{
	const int64_t at_ms = f->record.captured_ms;
	cut(span, at_ms, 0);
	cut_behind(span, at_ms, 0);
	cut_papers(span, f);
	for (size_t i = 0; i < f->window_count; i++) {
		cut(span, at_ms, f->windows[i].from_ms);
		cut(span, at_ms, f->windows[i].until_ms);
	}
	cut_behind(span, at_ms, f->plan.sealed_ms);
	cut_behind(span, at_ms, f->plan.task_ms);
	cut(span, at_ms, f->plan.first_record_ms);
}

static void
ask_span(const struct rules_settled *s, struct span *span)
{
	const uint32_t asked = s->asked & ~OF_RECORD;
	struct verdict v;
	rules_begin(s->rules, &s->facts, &v);
	span->fired = rules_ask(&v, s->rules, asked & BEFORE_CONSENT, &s->facts);
	span->used_early = v.used_count;
	span->fired |= rules_ask(&v, s->rules, asked & ~BEFORE_CONSENT, &s->facts);
	span->used_count = v.used_count;
	memcpy(span->used, v.used, v.used_count * sizeof(*v.used));
	memcpy(span->says, v.fired, v.fired_count * sizeof(*v.fired));
}

static const struct span *
span_at(struct rules_settled *s, int64_t captured_ms)
{
	for (size_t i = 0; i < s->span_count; i++)
		if (captured_ms >= s->span[i].from_ms && captured_ms <= s->span[i].last_ms)
			return &s->span[i];
	struct span *span = &s->span[s->next_span];
	s->next_span = (s->next_span + 1) % SPANS_COUNT;
	s->span_count = MIN(s->span_count + 1, (size_t)SPANS_COUNT);
	span->from_ms = INT64_MIN;
	span->last_ms = INT64_MAX;
	s->facts.record.captured_ms = captured_ms;
	cut_all(span, &s->facts);
	ask_span(s, span);
	return span;
}

/* judge */

static uint32_t
highest(uint32_t bits)
{
	return RULES_BIT(31 - __builtin_clz(bits));
}

/* The rules of the span that were not met go between those of the record: from the last one
 * on, so that each goes where nothing is needed any more. */
static void
put_fired(const struct span *span, uint32_t own, struct verdict *v)
{
	size_t from_own = v->fired_count;
	size_t from_span = (size_t)__builtin_popcount(span->fired);
	size_t to = v->fired_count = from_own + from_span;
	for (uint32_t left = own | span->fired; left; left ^= highest(left)) {
		if (highest(left) & own) {
			v->fired[--to] = v->fired[--from_own];
			continue;
		}
		v->fired[--to] = span->says[--from_span];
		v->outcome = MIN(v->outcome, v->fired[to].outcome);
	}
}

/* The papers that rules of the record stand on lie between those of the others. */
static void
put_used(const struct rules_settled *s, const struct span *span, struct verdict *v)
{
	size_t own[RULES_MAX_USED];
	const size_t count = v->used_count;
	for (size_t i = 0; i < count; i++)
		own[i] = s->places[v->used[i]];
	v->used_count = span->used_early;
	memcpy(v->used, span->used, span->used_early * sizeof(*v->used));
	for (size_t i = 0; i < count; i++)
		rules_note_used(v, own[i]);
	for (size_t i = span->used_early; i < span->used_count; i++)
		rules_note_used(v, span->used[i]);
}

void
rules_settled_judge(
	struct rules_settled *s, const struct rules_record *record, struct verdict *ret)
{
	const struct span *span = span_at(s, record->captured_ms);
	s->of_record.record = *record;
	rules_begin(s->rules, &s->of_record, ret);
	const uint32_t own = rules_ask(ret, s->rules, s->asked & OF_RECORD, &s->of_record);
	if (span->fired)
		put_fired(span, own, ret);
	if (!s->asked)
		rules_fire(ret, 0, RULES_DENY, RULES_NOT_SPOKEN_FOR);
	put_used(s, span, ret);
}
