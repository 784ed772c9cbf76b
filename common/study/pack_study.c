#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack_own.h"
#include "common/study/values.h"
#include "common/study/zone.h"

#define FILE_NAME "study.ini"

/* study.ini being read. */
struct reader {
	struct pack *pack;
	const struct ini *ini;
	struct faults *faults;
};

static struct values
values_of(const struct reader *r, const char *section)
{
	return (struct values){r->ini, FILE_NAME, section, r->faults};
}

static char *
need(const struct values *v, const char *key)
{
	return xstrdup(values_need(v, key));
}

static void
read_levels(const struct reader *r)
{
	struct values v = values_of(r, "withdrawal");
	const char *at = values_need(&v, "levels");
	(void)values_bits(&v, "levels", PACK_LEVELS);
	char word[VALUES_WORD_BYTES];
	struct pack *p = r->pack;
	while (values_next(&at, word)) {
		p->levels = xrealloc(p->levels, p->level_count + 1, sizeof(*p->levels));
		p->levels[p->level_count++] = xstrdup(word);
	}
	p->telephone = xstrdup(values_text(&v, "telephone"));
	p->done_within_ms = values_time(&v, "done.within");
	if (strlen(p->telephone) > PACK_MAX_TELEPHONE || !text_is_plain(p->telephone))
		faults_add(r->faults, values_place(&v, "telephone"),
			"a telephone number has at most %d plain characters",
			PACK_MAX_TELEPHONE);
}

static void
read_log(const struct reader *r)
{
	struct values v = values_of(r, "log");
	values_check_keys(&v, "|origin|");
	r->pack->log_origin = need(&v, "origin");
	/* C2SP signed-note: a key's name has no blanks and no plus. */
	if (strpbrk(r->pack->log_origin, " \t+"))
		faults_add(r->faults, values_place(&v, "origin"), "has neither blanks nor '+'");
}

static void
read_missing(const struct reader *r)
{
	struct values v = values_of(r, "missing");
	for (size_t i = 0; i < r->ini->count; i++) {
		const struct ini_item *item = &r->ini->items[i];
		if (strcmp(item->section, v.section) != 0 || !*item->key)
			continue;
		if (missing_add(&r->pack->missing, item->key, item->value) != OK)
			faults_add(r->faults, values_place(&v, item->key), "%s", err_text());
	}
}

static void
read_plain_sections(const struct reader *r)
{
	struct pack *p = r->pack;
	pack_read_plan(p, r->ini, r->faults);
	read_missing(r);
	struct values symbols = values_of(r, "symbols");
	values_check_keys(&symbols, "|hidden|none|no_site|not_applicable|");
	p->symbol_hidden = need(&symbols, "hidden");
	p->symbol_none = need(&symbols, "none");
	p->symbol_no_site = need(&symbols, "no_site");
	p->symbol_not_applicable = need(&symbols, "not_applicable");
	read_levels(r);
	read_log(r);
}

/* ---- sections with a name behind the dot ---- */

static struct form *
form_named(const struct reader *r, const char *id)
{
	for (size_t i = 0; i < r->pack->form_count; i++)
		if (strcmp(r->pack->forms[i]->id, id) == 0)
			return r->pack->forms[i];
	return NULL;
}

/* Where the answers come from; of persons, unless it is said. */
static void
read_data(const struct values *v, struct form *f)
{
	if (!ini_find(v->ini, v->section, "data"))
		return;
	f->from_records = values_one_of(v, "data", "answers|records") == 1;
	for (size_t i = 0; f->from_records && i < f->field_count; i++)
		if (f->fields[i].sound)
			faults_add(v->faults, values_place(v, "data"),
				"facts from records come without sound: '%s' has a form of its "
				"own",
				f->fields[i].name);
}

static void
read_form(const struct reader *r, const char *section, const char *id)
{
	struct values v = values_of(r, section);
	struct form *f = form_named(r, id);
	values_check_keys(&v,
		"|phase|filled_by|site_reads|per|records|data|eligible|sites|state|reconsent|"
		"flow|");
	if (!f) {
		faults_add(r->faults, values_place(&v, ""), "there is no form '%s'", id);
		return;
	}
	(void)values_need(&v, "filled_by");
	(void)values_need(&v, "site_reads");
	(void)values_need(&v, "per");
	(void)values_need(&v, "records");
	static const enum form_filler fillers[] = {
		FORM_BY_PARTICIPANT, FORM_BY_STAFF, FORM_BY_SITE};
	f->filled_by = fillers[values_one_of(&v, "filled_by", "participant|staff|site")];
	f->coordinator_reads = values_one_of(&v, "site_reads", "nobody|coordinator") == 1;
	f->per_site = values_one_of(&v, "per", "person|site") == 1;
	f->many = values_one_of(&v, "records", "one|many") == 1;
	read_data(&v, f);
	pack_rollout_read(r->pack, &v, f);
	if (!f->per_site && f->field_count > 0 && form_field(f, FORM_PARTICIPANT) < 0)
		faults_add(r->faults, values_place(&v, "per"),
			"a form about a person needs a question '%s'", FORM_PARTICIPANT);
}

static void
read_group(const struct reader *r, const char *section, const char *id)
{
	struct values v = values_of(r, section);
	struct pack *p = r->pack;
	values_check_keys(&v, "|label|form|where|");
	struct group_rule rule = {0};
	const char *form = values_need(&v, "form");
	const struct form *f = form_named(r, form);
	if (!f && strcmp(form, "system") != 0)
		faults_add(
			r->faults, values_place(&v, "form"), "there is no form of this name");
	else if (group_rule_make(&rule, id, f, values_text(&v, "where"), &p->missing) != OK)
		faults_add(r->faults, values_place(&v, "where"), "%s", err_text());
	p->groups = xrealloc(p->groups, p->group_count + 1, sizeof(*p->groups));
	p->groups[p->group_count++] = (struct pack_group){
		.id = xstrdup(id), .label = need(&v, "label"), .form = f, .where = rule.where};
	free(rule.id);
}

static void
read_window(const struct reader *r, const struct values *v, struct pack_wave *w,
	const struct form *f)
{
	OWNED_MEM char *opens = xasprintf("%s.opens", f->id);
	OWNED_MEM char *closes = xasprintf("%s.closes", f->id);
	const char *zone = r->pack->own->zone;
	struct pack_window window = {.form = f};
	if (!*values_text(v, opens) && !*values_text(v, closes))
		return;
	if (!zone_day(zone, values_need(v, opens), &window.opens_ms))
		faults_add(r->faults, values_place(v, opens), "not a day YYYY-MM-DD");
	if (!zone_day_end(zone, values_need(v, closes), &window.closes_ms))
		faults_add(r->faults, values_place(v, closes), "not a day YYYY-MM-DD");
	else if (window.closes_ms <= window.opens_ms)
		faults_add(r->faults, values_place(v, closes), "closes before it opens");
	w->windows = xrealloc(w->windows, w->window_count + 1, sizeof(*w->windows));
	w->windows[w->window_count++] = window;
}

static void
check_wave_keys(const struct reader *r, const struct values *v)
{
	OWNED_BUF struct buf known;
	buf_init(&known, (size_t)PACK_MAX_FORMS * 200 + 100);
	buf_format(&known, "|title|design|note|season|");
	for (size_t i = 0; i < r->pack->form_count; i++)
		buf_format(&known, "%s.opens|%s.closes|", r->pack->forms[i]->id,
			r->pack->forms[i]->id);
	buf_u8(&known, 0);
	values_check_keys(v, (const char *)known.at);
}

static void
read_wave(const struct reader *r, const char *section, const char *name)
{
	struct values v = values_of(r, section);
	struct pack *p = r->pack;
	int64_t number = 0;
	if (!text_int(view_text(name), &number) || number < 1 || number > 99)
		faults_add(r->faults, values_place(&v, ""), "waves are numbered from 1 to 99");
	check_wave_keys(r, &v);
	if (p->wave_count == PACK_MAX_WAVES) {
		faults_add(
			r->faults, values_place(&v, ""), "more than %d waves", PACK_MAX_WAVES);
		return;
	}
	p->waves = xrealloc(p->waves, p->wave_count + 1, sizeof(*p->waves));
	struct pack_wave *w = &p->waves[p->wave_count++];
	*w = (struct pack_wave){.number = (uint32_t)number};
	w->title = need(&v, "title");
	w->design = need(&v, "design");
	w->season = xstrdup(values_text(&v, "season"));
	if (*w->season && !text_is_name(w->season, FORM_MAX_NAME_BYTES))
		faults_add(r->faults, values_place(&v, "season"),
			"a season is a word of a-z, 0-9, '_', '-'");
	(void)values_one_of(&v, "design", "baseline|same-people|fresh-sample");
	for (size_t i = 0; i < p->form_count; i++)
		read_window(r, &v, w, p->forms[i]);
	if (w->window_count == 0)
		faults_add(
			r->faults, values_place(&v, ""), "no form takes records in this wave");
}

static void
read_needs(const struct reader *r, const char *section, const char *kind)
{
	struct values v = values_of(r, section);
	struct pack_private *own = r->pack->own;
	values_check_keys(&v, "|needs|");
	own->needs = xrealloc(own->needs, own->needs_count + 1, sizeof(*own->needs));
	own->needs[own->needs_count++] = (struct pack_needs){xstrdup(kind), need(&v, "needs")};
}

/* ---- the whole file ---- */

typedef void read_section(const struct reader *r, const char *section, const char *name);

static const struct {
	const char *start;
	read_section *read;
} named[] = {
	{"form.", read_form},
	{"group.", read_group},
	{"wave.", read_wave},
	{"approvals.", read_needs},
};
static const char *const plain[] = {
	"study", "legal", "plan", "missing", "symbols", "log", "withdrawal"};
static const char *const spare[] = {"phase2", "quality"}; /* may be left out */

static void
check_section(const struct reader *r, const struct ini_item *item)
{
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strcmp(item->section, plain[i]) == 0)
			return;
	for (size_t i = 0; i < ARRAY_LEN(spare); i++)
		if (strcmp(item->section, spare[i]) == 0)
			return;
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (strncmp(item->section, named[i].start, strlen(named[i].start)) == 0)
			return;
	faults_add(r->faults, (struct fault_place){FILE_NAME, item->line, NULL},
		"the section [%s] is not known, or not built yet in this version",
		item->section);
}

static void
read_named(const struct reader *r, const char *start, read_section *read)
{
	for (size_t i = 0; i < r->ini->count; i++) {
		const struct ini_item *item = &r->ini->items[i];
		if (!*item->key && strncmp(item->section, start, strlen(start)) == 0)
			read(r, item->section, item->section + strlen(start));
	}
}

static void
check_sections(const struct reader *r)
{
	for (size_t i = 0; i < r->ini->count; i++)
		if (!*r->ini->items[i].key)
			check_section(r, &r->ini->items[i]);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (!ini_find(r->ini, plain[i], ""))
			faults_add(r->faults, (struct fault_place){FILE_NAME, 0, NULL},
				"the section [%s] is missing", plain[i]);
}

static void
check_forms(const struct reader *r)
{
	for (size_t i = 0; i < r->pack->form_count; i++) {
		const struct form *f = r->pack->forms[i];
		OWNED_MEM char *section = xasprintf("form.%s", f->id);
		if (!ini_find(r->ini, section, ""))
			faults_add(r->faults, (struct fault_place){FILE_NAME, 0, NULL},
				"the section [%s] is missing", section);
	}
	if (r->pack->wave_count == 0)
		faults_add(r->faults, (struct fault_place){FILE_NAME, 0, NULL},
			"there is no [wave.1]");
}

void
pack_read_study(struct pack *p, struct view text, struct faults *faults)
{
	OWNED(ini) struct ini *ini = NULL;
	if (ini_load(&ini, text, FILE_NAME) != OK) {
		faults_add_said(faults, FILE_NAME);
		return;
	}
	const struct reader r = {p, ini, faults};
	check_sections(&r);
	pack_read_about(p, r.ini, faults);
	read_plain_sections(&r);
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		read_named(&r, named[i].start, named[i].read);
	check_forms(&r);
}
