#include "hub/systemfigures.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/ini.h"
#include "common/codec/text.h"
#include "common/figures/estimate.h"
#include "common/study/counts.h"

#define THEMES_MAX_COUNT 10000
#define COUNT_MAX        1000000000

enum name {
	NAME_ELIGIBLE,
	NAME_APPROACHED,
	NAME_NOT_ELIGIBLE,
	NAME_COMPLETED,
	NAME_CONSENTED,
	NAME_WITHDRAWN,
	NAME_SEEN_IN_BOTH,
	NAME_SEEN_EARLIER,
	NAME_WORSE_READ,
	NAME_HARM,
	NAME_OWN_READ,
};
#define NAME_COUNT (NAME_OWN_READ + 1)

static const char *const names[NAME_COUNT] = {
	[NAME_ELIGIBLE] = COUNTS_ELIGIBLE,
	[NAME_APPROACHED] = COUNTS_APPROACHED,
	[NAME_NOT_ELIGIBLE] = COUNTS_NOT_ELIGIBLE,
	[NAME_COMPLETED] = COUNTS_COMPLETED,
	[NAME_CONSENTED] = COUNTS_CONSENTED,
	[NAME_WITHDRAWN] = COUNTS_WITHDRAWN,
	[NAME_SEEN_IN_BOTH] = COUNTS_SEEN_IN_BOTH,
	[NAME_SEEN_EARLIER] = COUNTS_SEEN_EARLIER,
	[NAME_WORSE_READ] = COUNTS_WORSE_READ,
	[NAME_HARM] = COUNTS_HARM,
	[NAME_OWN_READ] = COUNTS_OWN_READ,
};

/* A theme that coders used for somebody at a site. */
struct theme {
	uint16_t site;
	char *code;
};

/* A question of a form at all sites. */
struct asked {
	const struct form *form;
	char *level;       /* FORM/ITEM */
	uint64_t *asked;   /* one a site */
	uint64_t *without; /* of these, without a value */
	bool *seen;        /* the site has a record of the form */
};

struct systemfigures {
	const struct pack *pack;
	const struct cohort_site *sites;
	size_t site_count;
	uint64_t (*counts)[NAME_COUNT];  /* one a site */
	const struct codebook_by *known; /* themes that are not new, or NULL */
	struct theme *themes;
	size_t theme_count;
	struct asked *asked; /* by form and field */
	size_t asked_count;
	size_t *first_asked; /* of a form of the pack */
};

/* A question whose answers the hub may see. */
static bool
is_counted(const struct form_field *f)
{
	return !f->calculated && (f->goes == FORM_HUB || f->goes == FORM_OPEN);
}

/* The codes that people are asked about already: those that the indicator named in study.ini
 * [phase2] list.indicator is broken down by. */
static const struct codebook_by *
known_themes(const struct pack *p)
{
	OWNED(ini) struct ini *study = NULL;
	const struct indicator *i = NULL;
	size_t count;
	const struct pack_document *documents = pack_documents(p, &count);
	for (size_t k = 0; k < count; k++)
		if (strcmp(documents[k].name, "study.ini") == 0 &&
			ini_load(&study, documents[k].bytes, documents[k].name) == OK)
			i = codebook_find(
				p->codebook, ini_value(study, "phase2", "list.indicator", ""));
	return i && i->by_count ? &i->by[0] : NULL;
}

struct systemfigures *
systemfigures_new(const struct pack *pack, const struct cohort_site *sites, size_t site_count)
{
	struct systemfigures *s = xcalloc(1, sizeof(*s));
	s->pack = pack;
	s->sites = sites;
	s->site_count = site_count;
	s->known = known_themes(pack);
	s->counts = xcalloc(site_count + 1, sizeof(*s->counts));
	s->first_asked = xcalloc(pack->form_count + 1, sizeof(*s->first_asked));
	for (size_t i = 0; i < pack->form_count; i++) {
		const struct form *f = pack->forms[i];
		s->first_asked[i] = s->asked_count;
		s->asked = xrealloc(
			s->asked, s->asked_count + f->field_count + 1, sizeof(*s->asked));
		for (size_t k = 0; k < f->field_count; k++)
			s->asked[s->asked_count++] = (struct asked){.form = f,
				.level = xasprintf("%s/%s", f->id, f->fields[k].name),
				.asked = xcalloc(site_count + 1, sizeof(uint64_t)),
				.without = xcalloc(site_count + 1, sizeof(uint64_t)),
				.seen = xcalloc(site_count + 1, sizeof(bool))};
	}
	return s;
}

void
systemfigures_free(struct systemfigures *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->theme_count; i++)
		mem_drop(&s->themes[i].code);
	for (size_t i = 0; i < s->asked_count; i++) {
		mem_drop(&s->asked[i].level);
		mem_drop(&s->asked[i].asked);
		mem_drop(&s->asked[i].without);
		mem_drop(&s->asked[i].seen);
	}
	mem_drop(&s->themes);
	mem_drop(&s->asked);
	mem_drop(&s->first_asked);
	mem_drop(&s->counts);
	mem_drop(&s);
}

/* records */

static enum err
add_theme(struct systemfigures *s, uint16_t site, const char *code)
{
	if (s->known && codebook_key_of_code(s->known, code) >= 0)
		return OK;
	for (size_t i = 0; i < s->theme_count; i++)
		if (s->themes[i].site == site && strcmp(s->themes[i].code, code) == 0)
			return OK;
	if (s->theme_count == THEMES_MAX_COUNT)
		return fail(E_FULL, "more than %d themes", THEMES_MAX_COUNT);
	s->themes = xrealloc(s->themes, s->theme_count + 1, sizeof(*s->themes));
	s->themes[s->theme_count++] = (struct theme){site, xstrdup(code)};
	return OK;
}

/* NAME/FORM/GROUP or NAME/FORM/GROUP/DETAIL. Names that no figure is made of are passed
 * over. */
static enum err
add_count(struct systemfigures *s, uint16_t site, const struct wire_answer *a)
{
	const char *parts[3] = {NULL};
	const char *at = a->path;
	int64_t value = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts) && at; i++) {
		parts[i] = strchr(at, '/');
		at = parts[i] ? parts[i] + 1 : NULL;
	}
	if (!parts[0] || !parts[1] || !text_int(view_text(a->value), &value) || value < 0 ||
		value > COUNT_MAX)
		return fail(E_FORMAT, "a count is not of its form");
	const size_t len = (size_t)(parts[0] - a->path);
	if (len == strlen(COUNTS_THEME) && strncmp(a->path, COUNTS_THEME, len) == 0)
		return parts[2] && value > 0 ? add_theme(s, site, parts[2] + 1) : OK;
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (strlen(names[i]) == len && strncmp(a->path, names[i], len) == 0)
			s->counts[site][i] += (uint64_t)value;
	return OK;
}

enum err
systemfigures_add_counts(
	struct systemfigures *s, uint16_t site, const struct wire_answers *answers)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < answers->count; i++)
		e = add_count(s, site, &answers->answers[i]);
	return e;
}

static bool
is_without(const struct expr_value *v)
{
	return !v->present && (v->why == MISSING_NOT_ANSWERED || v->why == MISSING_CANNOT_SAY ||
				      v->why == MISSING_NOT_KNOWN);
}

void
systemfigures_add_record(struct systemfigures *s, uint16_t site, const struct record *r)
{
	const struct form *f = record_form(r);
	size_t at = 0;
	while (at < s->pack->form_count && s->pack->forms[at] != f)
		at++;
	for (size_t k = 0; at < s->pack->form_count && k < f->field_count; k++) {
		struct asked *a = &s->asked[s->first_asked[at] + k];
		const int repeat = f->fields[k].repeat;
		size_t instances = repeat < 0 ? 1 : record_instances(r, (size_t)repeat);
		if (!is_counted(&f->fields[k]))
			continue;
		a->seen[site] = true;
		for (size_t n = 0; n < instances; n++) {
			const struct expr_value v = record_value(r, k, n);
			a->asked[site] += v.present || v.why != MISSING_NOT_ASKED;
			a->without[site] += is_without(&v);
		}
	}
}

/* rows */

/* count out of n, at one site or in ALL (site_count). */
struct share {
	uint64_t count;
	uint64_t n;
	bool there; /* else there is no row of this level */
	bool small;
};

static uint64_t
sum_of(const struct systemfigures *s, size_t site, enum name name)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->site_count; i++)
		if (i == site || site == s->site_count)
			sum += s->counts[i][name];
	return sum;
}

static uint64_t
themes_of(const struct systemfigures *s, size_t site)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->theme_count; i++) {
		bool again = false;
		for (size_t k = 0; site == s->site_count && k < i; k++)
			again |= strcmp(s->themes[k].code, s->themes[i].code) == 0;
		sum += !again && (s->themes[i].site == site || site == s->site_count);
	}
	return sum;
}

static struct share
share_of(const struct systemfigures *s, enum codebook_system kind, size_t site)
{
	const uint64_t not_eligible = sum_of(s, site, NAME_NOT_ELIGIBLE);
	const uint64_t approached = sum_of(s, site, NAME_APPROACHED);
	struct share of = {.there = true};
	switch (kind) {
	case CODEBOOK_RESPONSE:
		of.count = sum_of(s, site, NAME_COMPLETED);
		of.n = approached - MIN(approached, not_eligible);
		break;
	case CODEBOOK_APPROACH:
		of.count = approached;
		of.n = sum_of(s, site, NAME_ELIGIBLE);
		break;
	case CODEBOOK_CONSENT:
		of.count = sum_of(s, site, NAME_CONSENTED);
		of.n = approached;
		break;
	case CODEBOOK_KEPT:
		of.count = sum_of(s, site, NAME_SEEN_IN_BOTH);
		of.n = sum_of(s, site, NAME_SEEN_EARLIER);
		break;
	case CODEBOOK_WITHDRAWN:
		of.count = sum_of(s, site, NAME_WITHDRAWN);
		of.n = sum_of(s, site, NAME_CONSENTED);
		break;
	case CODEBOOK_CODED_HARM:
		of.count = sum_of(s, site, NAME_HARM);
		of.n = sum_of(s, site, NAME_WORSE_READ);
		break;
	case CODEBOOK_CODED_NEW:
		of.count = themes_of(s, site);
		of.n = sum_of(s, site, NAME_OWN_READ);
		break;
	case CODEBOOK_ITEM_MISSING:
		of.there = false;
		break;
	}
	return of;
}

static struct share
share_asked(const struct systemfigures *s, const struct asked *a, size_t site)
{
	struct share of = {0};
	for (size_t i = 0; i < s->site_count; i++) {
		if (i != site && site != s->site_count)
			continue;
		of.there |= a->seen[i];
		of.count += a->without[i];
		of.n += a->asked[i];
	}
	return of;
}

struct put {
	const struct systemfigures *s;
	const struct indicator *of;
	struct figure_rows *rows;
	const char *level;
};

static void
put_row(const struct put *p, size_t site, enum statistic statistic, const struct share *of,
	double value)
{
	static const char *const symbols[] = {
		[SITE_NOT_IN_WAVE] = SYMBOL_NOT_IN_WAVE, [SITE_LATE] = SYMBOL_LATE};
	const bool all = site == p->s->site_count;
	enum site_state state = all ? SITE_TAKES_PART : p->s->sites[site].state;
	struct figure_row row = {.of = (size_t)(p->of - p->s->pack->codebook->indicators),
		.site = all ? ROWS_ALL : p->s->sites[site].id,
		.level = p->level,
		.statistic = statistic,
		.hidden = of->small,
		.value = value};
	row.there = state == SITE_TAKES_PART && (of->n > 0 || statistic == STATISTIC_N);
	if (!row.there) {
		row.hidden = false;
		(void)snprintf(row.text, sizeof(row.text), "%s",
			state == SITE_TAKES_PART ? SYMBOL_NOBODY : symbols[state]);
	}
	figure_rows_put(p->rows, &row);
}

static void
put_share(const struct put *p, size_t site, const struct share *of)
{
	const double share = of->n ? (double)of->count / (double)of->n : 0;
	struct bounds bounds = {0, 0};
	put_row(p, site, STATISTIC_N, of, (double)of->n);
	if (p->of->statistics & CODEBOOK_COUNT)
		put_row(p, site, STATISTIC_COUNT, of, (double)of->count);
	if (p->of->statistics & CODEBOOK_PROPORTION)
		put_row(p, site, STATISTIC_PROPORTION, of, share);
	if (!(p->of->statistics & CODEBOOK_INTERVAL))
		return;
	/* Counts of people entered by hand may say more than all. */
	if (of->n)
		bounds = estimate_wilson(share < 1 ? share : 1, (double)of->n);
	put_row(p, site, STATISTIC_INTERVAL_LO, of, bounds.lo);
	put_row(p, site, STATISTIC_INTERVAL_HI, of, bounds.hi);
}

/* One level at every site and in ALL. */
static void
put_level(const struct put *p, const struct asked *a, bool hides)
{
	const struct systemfigures *s = p->s;
	OWNED_MEM struct share *shares = xcalloc(s->site_count + 1, sizeof(*shares));
	bool any_small = false;
	for (size_t i = 0; i <= s->site_count; i++) {
		shares[i] = a ? share_asked(s, a, i) : share_of(s, p->of->system, i);
		shares[i].small = hides && shares[i].n > 0 && shares[i].n < p->of->min_n;
		any_small |= shares[i].small;
	}
	shares[s->site_count].small = any_small;
	for (size_t i = 0; i <= s->site_count; i++)
		if (shares[i].there)
			put_share(p, i, &shares[i]);
}

void
systemfigures_put(struct systemfigures *s, const struct indicator *i, bool hides,
	struct figure_rows *rows)
{
	struct put p = {s, i, rows, ""};
	if (i->system != CODEBOOK_ITEM_MISSING) {
		put_level(&p, NULL, hides);
		return;
	}
	for (size_t k = 0; k < s->asked_count; k++) {
		p.level = s->asked[k].level;
		put_level(&p, &s->asked[k], hides);
	}
}

void
systemfigures_response(
	const struct systemfigures *s, size_t site, uint64_t *ret_count, uint64_t *ret_of)
{
	const struct share of = share_of(s, CODEBOOK_RESPONSE, site);
	*ret_count = of.count;
	*ret_of = of.n;
}
