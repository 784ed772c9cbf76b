#include "hub/approval_facts_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_code.h"

#define MS_PER_S      1000
#define STOPS_MAX     APPROVAL_TURNS_MAX
#define NHS_ENGLAND   "NHS England"
#define OPINION_ROUND "progress" /* comes round of ethics opinions */

void *
approval_keep(struct approval_facts *f, void *owned)
{
	f->owned = xrealloc(f->owned, f->owned_count + 1, sizeof(*f->owned));
	f->owned[f->owned_count++] = owned;
	return owned;
}

/* what is seen */

bool
approval_is_seen(const struct approval_making *m, const struct approval *a)
{
	return a->verified_by[0] && a->verified_leaf <= m->known_upto;
}

static uint64_t
known_of(const struct approval_turn *t)
{
	return approval_turn_widens(t->kind) ? t->verified_leaf : t->leaf;
}

static bool
is_turn_seen(const struct approval_turn *t, uint64_t known_upto)
{
	return (!approval_turn_widens(t->kind) || t->verified_by[0]) &&
	       known_of(t) <= known_upto;
}

/* words */

struct rules_list
approval_list(struct approval_facts *f, const char *words)
{
	if (!*words)
		return (struct rules_list){NULL, 0};
	char *text = approval_keep(f, xstrdup(words)), *rest = NULL;
	const char **at = approval_keep(f, xcalloc(strlen(words) + 1, sizeof(*at)));
	size_t count = 0;
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		at[count++] = rules_code(word);
	return (struct rules_list){at, count};
}

/* stops */

struct stop {
	int64_t from_s, until_s; /* 0: has not ended */
	bool is_withdrawn;
	uint64_t known;
};

struct stops {
	struct stop at[STOPS_MAX];
	size_t count;
};

static void
add_stop(struct stops *s, const struct approval_turn *t)
{
	const struct stop stop = {t->at_s, 0, t->kind == APPROVAL_WITHDRAWN, known_of(t)};
	size_t i = s->count++;
	for (; i > 0 && s->at[i - 1].from_s > stop.from_s; i--)
		s->at[i] = s->at[i - 1];
	s->at[i] = stop;
}

/* A lifting ends the suspensions that are running; a withdrawal runs for good. */
static void
lift(struct stops *s, int64_t at_s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->at[i].until_s && !s->at[i].is_withdrawn)
			s->at[i].until_s = MAX(at_s, s->at[i].from_s + 1);
}

static void
stops_of(const struct approval_making *m, const struct approval *a, struct stops *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < a->turn_count; i++) {
		const struct approval_turn *t = &a->turns[i];
		if (!is_turn_seen(t, m->known_upto))
			continue;
		if (!approval_turn_widens(t->kind))
			add_stop(ret, t);
		else if (t->kind == APPROVAL_LIFTED)
			lift(ret, t->at_s);
	}
}

/* approvals */

static void
add_approval(struct approval_facts *f, const struct rules_approval *a)
{
	if ((f->approval_count & (f->approval_count - 1)) == 0)
		f->approvals = xrealloc(f->approvals, MAX(f->approval_count * 2, (size_t)1),
			sizeof(*f->approvals));
	f->approvals[f->approval_count++] = *a;
}

static const struct approval_turn *
met_by(const struct approval_making *m, const struct approval *a, size_t condition)
{
	for (size_t i = 0; i < a->turn_count; i++)
		if (a->turns[i].kind == APPROVAL_MET && a->turns[i].condition == condition &&
			is_turn_seen(&a->turns[i], m->known_upto))
			return &a->turns[i];
	return NULL;
}

static const struct rules_condition *
conditions_of(const struct approval_making *m, const struct approval *a)
{
	if (a->condition_count == 0)
		return NULL;
	struct rules_condition *to =
		approval_keep(m->to, xcalloc(a->condition_count, sizeof(*to)));
	for (size_t i = 0; i < a->condition_count; i++) {
		const struct approval_turn *met = met_by(m, a, i);
		to[i] = (struct rules_condition){.due_ms = a->conditions[i].due_s * MS_PER_S,
			.met_ms = met ? met->at_s * MS_PER_S : 0,
			.known = a->verified_leaf,
			.met_known = met ? met->verified_leaf : 0};
	}
	return to;
}

/* When one that supersedes it begins; 0: none does. */
static int64_t
superseded_s(const struct approval_making *m, const struct approval *a)
{
	int64_t from_s = 0;
	for (size_t i = 0; i < m->count; i++) {
		const struct approval *later = &m->rows[i];
		if (later->supersedes[0] && approval_is_seen(m, later) &&
			strcmp(later->supersedes, a->id) == 0 &&
			(from_s == 0 || later->from_s < from_s))
			from_s = later->from_s;
	}
	return from_s;
}

int64_t
approval_end_s(const struct approval_making *m, const struct approval *a)
{
	const int64_t next_s = superseded_s(m, a);
	return next_s && (a->until_s == 0 || next_s < a->until_s) ? next_s : a->until_s;
}

/* From where it runs to where it stops; nothing if that is no time. */
static void
add_running(struct approval_facts *f, const struct rules_approval *whole, int64_t from_ms,
	int64_t until_ms)
{
	struct rules_approval part = *whole;
	part.from_ms = from_ms;
	part.until_ms = until_ms;
	if (until_ms == 0 || from_ms < until_ms)
		add_approval(f, &part);
}

static void
add_stopped(struct approval_facts *f, const struct rules_approval *whole, const struct stop *s)
{
	struct rules_approval part = *whole;
	part.decision = s->is_withdrawn ? "withdrawn" : "suspended";
	part.conditions = NULL;
	part.condition_count = 0;
	part.from_ms = MAX(s->from_s * MS_PER_S, whole->from_ms);
	part.until_ms = s->until_s * MS_PER_S;
	part.known = s->known;
	if (part.until_ms == 0 || part.from_ms < part.until_ms)
		add_approval(f, &part);
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return b_ms == 0 || (a_ms && a_ms < b_ms) ? a_ms : b_ms;
}

static void
add_times(const struct approval_making *m, const struct approval *a,
	const struct rules_approval *whole)
{
	struct stops stops;
	int64_t from_ms = whole->from_ms;
	bool runs = true;
	stops_of(m, a, &stops);
	for (size_t i = 0; i < stops.count; i++) {
		const struct stop *s = &stops.at[i];
		if (runs && s->from_s * MS_PER_S > from_ms)
			add_running(m->to, whole, from_ms,
				earlier(s->from_s * MS_PER_S, whole->until_ms));
		add_stopped(m->to, whole, s);
		runs = runs && s->until_s != 0;
		from_ms = MAX(from_ms, s->until_s * MS_PER_S);
	}
	if (runs)
		add_running(m->to, whole, from_ms, whole->until_ms);
}

static void
add_row(const struct approval_making *m, const struct approval *a)
{
	struct approval_facts *f = m->to;
	const struct rules_approval whole = {.id = a->id,
		.kind = rules_code(a->kind),
		.site = a->site,
		.partner = a->partner,
		.flow = a->flow,
		.decision = rules_code(a->decision),
		.reason_given = a->reason[0] != '\0',
		.from_ms = a->from_s * MS_PER_S,
		.until_ms = approval_end_s(m, a) * MS_PER_S,
		.covers = {.protocols = approval_list(f, a->covers[APPROVAL_PROTOCOLS]),
			.forms = approval_list(f, a->covers[APPROVAL_FORMS]),
			.data = approval_list(f, a->covers[APPROVAL_DATA]),
			.activities = approval_list(f, a->covers[APPROVAL_ACTIVITIES]),
			.sites = approval_list(f, a->covers[APPROVAL_SITES]),
			.modes = approval_list(f, a->covers[APPROVAL_MODES])},
		.conditions = conditions_of(m, a),
		.condition_count = a->condition_count,
		.known = a->verified_leaf};
	add_times(m, a, &whole);
}

/* reviews */

static const char *
review_of(const char *kind)
{
	static const char *const rounds[][2] = {{"rec", OPINION_ROUND},
		{"screc", OPINION_ROUND}, {"uni_rec", OPINION_ROUND}, {"cag", "cag"},
		{"dspt", "dspt"}};
	for (size_t i = 0; i < ARRAY_LEN(rounds); i++)
		if (strcmp(rounds[i][0], kind) == 0)
			return rounds[i][1];
	return NULL;
}

static bool
is_agreed(const struct approval *a)
{
	return strcmp(a->decision, "confirmed") == 0 ||
	       strncmp(a->decision, "favourable", strlen("favourable")) == 0;
}

bool
approval_is_opinion(const struct approval *a)
{
	const char *round = review_of(a->kind);
	return round && strcmp(round, OPINION_ROUND) == 0 && is_agreed(a);
}

static void
add_review(const struct approval_making *m, const struct approval *a)
{
	struct approval_facts *f = m->to;
	const char *kind = review_of(a->kind);
	if (!kind || !is_agreed(a) || a->partner[0])
		return;
	struct rules_review r = {.kind = kind,
		.site = a->site,
		.from_ms = a->from_s * MS_PER_S,
		.due_ms = a->review_due_s * MS_PER_S,
		.reviewed = strcmp(a->issuer, NHS_ENGLAND) == 0,
		.known = a->verified_leaf};
	for (size_t i = 0; i < a->turn_count; i++) {
		const struct approval_turn *t = &a->turns[i];
		if (t->kind != APPROVAL_REVIEWED || !is_turn_seen(t, m->known_upto) ||
			t->at_s * MS_PER_S < r.done_ms)
			continue;
		r.done_ms = t->at_s * MS_PER_S;
		r.done_known = t->verified_leaf;
	}
	f->reviews = xrealloc(f->reviews, f->review_count + 1, sizeof(*f->reviews));
	f->reviews[f->review_count++] = r;
}

/* all */

struct approval_facts *
approval_facts_new(const struct approval *rows, size_t count,
	const struct approval_study *study, uint64_t known_upto)
{
	static const struct approval_study none = {.site_count = 0};
	struct approval_facts *f = xcalloc(1, sizeof(*f));
	const struct approval_making m = {f, rows, count, study ? study : &none, known_upto};
	for (size_t i = 0; i < count; i++) {
		if (!approval_is_seen(&m, &rows[i]) || rows[i].person[0])
			continue;
		add_row(&m, &rows[i]);
		add_review(&m, &rows[i]);
	}
	approval_changes_add(&m);
	return f;
}

void
approval_facts_free(struct approval_facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->owned_count; i++)
		mem_drop(&f->owned[i]);
	mem_drop(&f->owned);
	mem_drop(&f->approvals);
	mem_drop(&f->modifications);
	mem_drop(&f->reviews);
	mem_drop(&f);
}

static bool
is_contract(const char *kind)
{
	return strcmp(kind, "contract") == 0 || strcmp(kind, "letter-of-access") == 0;
}

void
approval_facts_person(const struct approval *rows, size_t count, const char *person,
	uint64_t known_upto, struct rules_request *ret)
{
	for (size_t i = 0; i < count; i++) {
		const struct approval *a = &rows[i];
		if (!a->verified_by[0] || a->verified_leaf > known_upto ||
			strcmp(a->person, person) != 0 || !is_agreed(a))
			continue;
		if (strcmp(a->kind, "training") == 0)
			ret->trained_ms = MAX(ret->trained_ms, a->from_s * MS_PER_S);
		if (!is_contract(a->kind) || a->from_s * MS_PER_S < ret->contract_from_ms)
			continue;
		ret->contract_from_ms = a->from_s * MS_PER_S;
		ret->contract_until_ms = a->until_s * MS_PER_S;
		for (size_t k = 0; k < a->turn_count; k++)
			if (!approval_turn_widens(a->turns[k].kind) &&
				a->turns[k].leaf <= known_upto)
				ret->contract_until_ms = a->turns[k].at_s * MS_PER_S;
	}
}
