#include "tests/bench/rules_study.h"

#include "tests/unit/suite.h"

#include "common/base/mem.h"

#include "tests/unit/rules_world.h"

#define DAY          WORLD_DAY_MS
#define ID_BYTES     12
#define STAFF_COUNT  3 /* of a site */
#define MAX_VERSIONS 3 /* of a person's consent */
#define MAX_PERMITS  8
#define LOTS_COUNT   16
#define LOT_CHANGED  1 /* agreed, objected and agreed anew */
#define SITE_PAPERS  2 /* its agreement, and one on data sharing */
#define MAX_PAPERS   (8 + SITE_PAPERS * STUDY_SITES_COUNT)
#define MAX_REVIEWS  (1 + STUDY_SITES_COUNT)

struct person {
	struct rules_consent versions[MAX_VERSIONS];
	struct rules_permission permits[MAX_VERSIONS][MAX_PERMITS];
	size_t count;
	char taken_by[ID_BYTES], form[ID_BYTES], form_version[ID_BYTES];
};

struct rules_study {
	struct world *world;
	char sites[STUDY_SITES_COUNT][ID_BYTES];
	char staff[STUDY_SITES_COUNT * STAFF_COUNT][ID_BYTES];
	char forms[STUDY_FORMS_COUNT][ID_BYTES];
	char waves[STUDY_WAVES_COUNT][ID_BYTES];
	struct rules_approval papers[MAX_PAPERS];
	struct rules_review reviews[MAX_REVIEWS];
	struct rules_duty duties[STUDY_SITES_COUNT * STAFF_COUNT];
	struct rules_window windows[STUDY_KINDS_COUNT];
	struct rules_facts facts[STUDY_SITES_COUNT][STUDY_KINDS_COUNT];
	struct person people[STUDY_SITES_COUNT * STUDY_PEOPLE_COUNT];
	struct rules_record records[STUDY_RECORDS_COUNT];
};

/* ---- names ---- */

static void
name_all(struct rules_study *s)
{
	for (size_t i = 0; i < STUDY_SITES_COUNT; i++)
		(void)snprintf(s->sites[i], ID_BYTES, "site%02u", (unsigned)(i % 100));
	for (size_t i = 0; i < ARRAY_LEN(s->staff); i++)
		(void)snprintf(s->staff[i], ID_BYTES, "S%02u", (unsigned)(i % 100));
	for (size_t i = 0; i < STUDY_FORMS_COUNT; i++)
		(void)snprintf(s->forms[i], ID_BYTES, "staff_p%u", (unsigned)(i % 10));
	for (size_t i = 0; i < STUDY_WAVES_COUNT; i++)
		(void)snprintf(s->waves[i], ID_BYTES, "%u", (unsigned)(i + 1) % 10);
}

/* ---- what the study and its sites have ---- */

/* Papers of the usual site are those of every site. */
static size_t
put_papers(struct rules_study *s, const struct rules_facts *usual)
{
	size_t count = 0;
	for (size_t i = 0; i < usual->approval_count; i++) {
		const struct rules_approval *a = &usual->approvals[i];
		for (size_t k = 0; k < (*a->site ? STUDY_SITES_COUNT : 1); k++) {
			s->papers[count] = *a;
			s->papers[count++].site = *a->site ? s->sites[k] : "";
		}
	}
	return count;
}

static size_t
put_reviews(struct rules_study *s, const struct rules_facts *usual)
{
	size_t count = 0;
	for (size_t i = 0; i < usual->review_count; i++) {
		const struct rules_review *v = &usual->reviews[i];
		for (size_t k = 0; k < (*v->site ? STUDY_SITES_COUNT : 1); k++) {
			s->reviews[count] = *v;
			s->reviews[count++].site = *v->site ? s->sites[k] : "";
		}
	}
	return count;
}

static void
put_duties(struct rules_study *s, const struct rules_facts *usual)
{
	for (size_t i = 0; i < ARRAY_LEN(s->duties); i++) {
		s->duties[i] = usual->duties[0];
		s->duties[i].person = s->staff[i];
		s->duties[i].site = s->sites[i / STAFF_COUNT];
	}
}

static void
put_windows(struct rules_study *s, const struct rules_facts *usual)
{
	for (size_t i = 0; i < STUDY_KINDS_COUNT; i++) {
		s->windows[i] = usual->windows[0];
		s->windows[i].form = s->forms[i / STUDY_WAVES_COUNT];
		s->windows[i].wave = s->waves[i % STUDY_WAVES_COUNT];
	}
}

static void
put_facts(struct rules_study *s, const struct rules_facts *usual)
{
	struct rules_facts f = *usual;
	f.action = RULES_AGGREGATE;
	f.approvals = s->papers;
	f.approval_count = put_papers(s, usual);
	f.reviews = s->reviews;
	f.review_count = put_reviews(s, usual);
	f.duties = s->duties;
	f.duty_count = ARRAY_LEN(s->duties);
	f.windows = s->windows;
	f.window_count = ARRAY_LEN(s->windows);
	put_duties(s, usual);
	put_windows(s, usual);
	for (size_t i = 0; i < STUDY_SITES_COUNT; i++)
		for (size_t k = 0; k < STUDY_KINDS_COUNT; k++) {
			f.site = s->sites[i];
			f.form = s->forms[k / STUDY_WAVES_COUNT];
			f.wave = s->waves[k % STUDY_WAVES_COUNT];
			s->facts[i][k] = f;
		}
}

/* ---- people ---- */

static struct rules_consent *
add_version(struct person *p, const struct rules_consent *usual, int64_t given_ms)
{
	struct rules_consent *c = &p->versions[p->count];
	*c = *usual;
	for (size_t i = 0; i < usual->permission_count; i++)
		p->permits[p->count][i] = usual->permissions[i];
	c->permissions = p->permits[p->count];
	c->taken_by = p->taken_by;
	c->form = p->form;
	c->form_version = p->form_version;
	c->given_ms = given_ms;
	c->known = usual->known + p->count++;
	return c;
}

static void
deny_use(struct person *p)
{
	for (size_t i = 0; i < p->versions[0].permission_count; i++)
		if (strcmp(p->permits[0][i].code, "use-aggregate") == 0)
			p->permits[0][i].permit = false;
}

/* What became of the person behind the first agreement, by lot. */
static void
live(struct person *p, const struct rules_consent *usual, size_t lot)
{
	struct rules_consent *c = &p->versions[0];
	switch (lot) {
	case LOT_CHANGED:
		c = add_version(p, usual, 810 * DAY);
		c->event = "changed";
		c->level = "objection";
		(void)add_version(p, usual, 820 * DAY);
		return;
	case 2:
		add_version(p, usual, 830 * DAY)->event = "reaffirmed";
		return;
	case 3:
		c->event = "advice-supports";
		c->grantor_role = "consultee-personal";
		c->capacity = "assessed-lacks";
		return;
	case 4:
		c = add_version(p, usual, 950 * DAY);
		c->event = "changed";
		c->level = "no-further-use";
		return;
	case 5:
		deny_use(p);
		return;
	case 6:
	case 7:
		c->mode = "electronic-drawn";
		return;
	default:
		return;
	}
}

static void
put_person(struct rules_study *s, const struct rules_facts *usual, size_t i, size_t lot)
{
	struct person *p = &s->people[i];
	const struct rules_consent *first = &usual->record.consents[0];
	const size_t site = i / STUDY_PEOPLE_COUNT;
	const char *taker = s->staff[site * STAFF_COUNT + i % STAFF_COUNT];
	(void)snprintf(p->taken_by, ID_BYTES, "%s", taker);
	(void)snprintf(p->form, ID_BYTES, "%s", first->form);
	(void)snprintf(p->form_version, ID_BYTES, "%s", first->form_version);
	(void)add_version(p, first, 800 * DAY + (int64_t)i);
	live(p, first, lot);
	for (size_t k = 0; k < STUDY_KINDS_COUNT; k++) {
		struct rules_record *r = &s->records[i * STUDY_KINDS_COUNT + k];
		*r = usual->record;
		r->captured_ms = (860 + (int64_t)(i + 7 * k) % 80) * DAY + (int64_t)i;
		r->consents = p->versions;
		r->consent_count = p->count;
	}
}

/* ---- public ---- */

struct rules_study *
rules_study_new(bool all_changed)
{
	struct rules_study *s = xcalloc(1, sizeof(*s));
	s->world = world_new();
	world_edit(s->world, "+n1");
	const struct rules_facts *usual = world_facts(s->world);
	name_all(s);
	put_facts(s, usual);
	for (size_t i = 0; i < ARRAY_LEN(s->people); i++)
		put_person(s, usual, i, all_changed ? LOT_CHANGED : i % LOTS_COUNT);
	return s;
}

void
rules_study_free(struct rules_study *s)
{
	if (!s)
		return;
	world_free(s->world);
	free(s);
}

const struct rules_facts *
rules_study_facts(const struct rules_study *s, size_t site, size_t kind)
{
	return &s->facts[site][kind];
}

const struct rules_record *
rules_study_record(const struct rules_study *s, size_t i)
{
	return &s->records[i];
}
