#include "hub/opening.h"

#include <string.h>

#include "common/base/mem.h"

#include "hub/opening_inside.h"
#include "hub/season.h"
#include "hub/weights.h"

/* begin */

static enum err
make_columns(struct opening *o)
{
	OWNED_MEM struct column_site *sites = xcalloc(o->printed_count + 1, sizeof(*sites));
	for (size_t i = 0; i < o->printed_count; i++)
		sites[i] = (struct column_site){o->printed[i].id, o->printed[i].state};
	return columns_make(&o->columns, sites, o->printed_count, o->people->specs,
		o->people->column_count);
}

static enum err
add_indicator(struct opening *o, size_t wave, size_t at)
{
	const struct indicator *i = &o->ask.pack->codebook->indicators[at];
	if (!o->chosen->needed[at] || i->kind != CODEBOOK_RECORD)
		return OK;
	if (i->form->per_site)
		return sitefigures_new(&o->waves[wave].sites[at], o->chosen->codebook, i,
			o->printed, o->printed_count);
	if (tableplan_hides(&o->profile))
		o->profile.count_min_people = MAX(o->profile.count_min_people, i->min_n);
	return tableplan_add(o->people, i, wave);
}

static enum err
add_wave(struct opening *o, size_t wave)
{
	const struct codebook *book = o->ask.pack->codebook;
	enum err e = OK;
	o->waves[wave].sites = xcalloc(book->count + 1, sizeof(struct sitefigures *));
	for (size_t i = 0; !e && i < book->count; i++)
		e = add_indicator(o, wave, i);
	return e;
}

/* Everything that can be refused before an answer is seen. */
static enum err
prepare(struct opening *o)
{
	const struct pack *pack = o->ask.pack;
	opening_print_sites(o);
	enum err e = chosen_make(&o->chosen, pack, o->ask.indicators, o->ask.indicator_count);
	if (!e)
		e = tableplan_profile(&o->profile, &pack->profile);
	o->people = tableplan_new(pack->codebook, false);
	o->wave_count = o->ask.compared ? 2 : 1;
	if (!e && o->ask.compared)
		e = season_check(pack, o->ask.wave, o->ask.compared);
	for (size_t i = 0; !e && i < o->wave_count; i++)
		e = add_wave(o, i);
	if (!e && o->people->table_count > DISCLOSE_TABLES_MAX)
		e = fail(E_FULL, "a release of more than %u tables", DISCLOSE_TABLES_MAX);
	return e;
}

enum err
opening_new(struct opening **ret, const struct opening_ask *ask)
{
	OWNED(opening) struct opening *o = xcalloc(1, sizeof(*o));
	*ret = NULL;
	o->ask = *ask;
	enum err e = prepare(o);
	if (!e)
		e = make_columns(o);
	if (e)
		return e;
	for (size_t i = 0; i < o->wave_count; i++)
		o->waves[i].system = systemfigures_new(ask->pack, o->printed, o->printed_count);
	o->derive = derive_new(ask->pack->codebook);
	o->row = xcalloc(o->people->column_count + 1, sizeof(*o->row));
	o->groups = xcalloc(ask->pack->group_count + 1, sizeof(*o->groups));
	*ret = take(o);
	return OK;
}

static void
wipe_row(struct opening *o)
{
	if (o->row)
		crypto_wipe(o->row, (o->people->column_count + 1) * sizeof(*o->row));
}

void
opening_free(struct opening *o)
{
	if (!o)
		return;
	wipe_row(o);
	mem_drop(&o->row);
	mem_drop(&o->groups);
	mem_drop(&o->printed);
	mem_drop(&o->printed_of);
	derive_free(o->derive);
	for (size_t i = 0; i < o->version_count; i++)
		record_free(o->versions[i].record);
	mem_drop(&o->versions);
	for (size_t i = 0; i < OPENING_WAVES_MAX; i++)
		opening_wave_done(o, &o->waves[i]);
	columns_free(o->columns);
	tableplan_free(o->people);
	chosen_free(o->chosen);
	for (size_t i = 0; i < MIN(o->miss_count, (size_t)MISSES_NAMED_MAX); i++) {
		mem_drop(&o->misses[i].entry);
		mem_drop(&o->misses[i].why);
	}
	mem_drop(&o->misses);
	mem_drop(&o);
}

enum err
opening_check(const struct pack *pack, const char *const *indicators, size_t count,
	struct chosen **ret)
{
	OWNED(opening) struct opening *o = xcalloc(1, sizeof(*o));
	/* Which sites take part shows when a cohort is frozen; tables of sites need one. */
	static const struct cohort_site any = {"any", SITE_TAKES_PART};
	o->ask = (struct opening_ask){.pack = pack,
		.sites = &any,
		.site_count = 1,
		.indicators = indicators,
		.indicator_count = count};
	if (ret)
		*ret = NULL;
	enum err e = prepare(o);
	if (!e && ret)
		*ret = take(o->chosen);
	return e;
}

/* versions */

static const struct form *
find_written(const struct opening *o, const struct form *f, const char *version)
{
	if (strcmp(f->version, version) == 0)
		return f;
	return o->ask.written ? o->ask.written(o->ask.written_arg, f->id, version) : NULL;
}

/* lends the room for records of the form's version. */
static enum err
find_version(
	struct opening *o, const char *form, const char *version, struct opening_version **ret)
{
	const struct form *f = pack_form(o->ask.pack, form);
	*ret = NULL;
	if (!f || !chosen_has_form(o->chosen, form))
		return fail(E_FORMAT, "the record is of another form");
	for (size_t i = 0; i < o->version_count; i++)
		if (o->versions[i].form == f &&
			strcmp(o->versions[i].written->version, version) == 0) {
			*ret = &o->versions[i];
			return OK;
		}
	const struct form *written = find_written(o, f, version);
	if (!written)
		return fail(E_FORMAT, "the record is of another version of form %s", f->id);
	o->versions = xrealloc(o->versions, o->version_count + 1, sizeof(*o->versions));
	*ret = &o->versions[o->version_count++];
	**ret = (struct opening_version){.form = f, .written = written};
	(*ret)->record = record_new(f, written == f ? NULL : written, &o->ask.pack->missing);
	return OK;
}

/* records */

/* One answer; `goes` says on which way it has to have come. */
static enum err
put_answer(struct opening_version *v, const char *path, const char *value, enum form_goes goes)
{
	const struct form *f = v->written;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	/* What ends with a number is an instance of a repeat, which has no answer of its
	 * own. */
	int at = form_field(f, name);
	bool instance = at < 0 && *name && name[strlen(name) - 1] == ']';
	if (!instance && (at < 0 || f->fields[at].goes != goes))
		return fail(E_FORMAT, "the record holds an answer that form %s does not send",
			f->id);
	/* Open answers come by name. */
	const bool open = goes == FORM_OPEN && at >= 0 && f->fields[at].path;
	enum err e = record_put(v->record, open ? f->fields[at].path : path, value);
	struct expr_value checked;
	return e || instance ? e : form_check_cell(&f->fields[at], value, &checked);
}

static enum err
read_record(struct opening *o, const struct wire_rules *rules,
	const struct wire_answers *answers, struct opening_version **ret)
{
	struct opening_version *v;
	if (strcmp(answers->form, rules->form) != 0)
		return fail(E_FORMAT, "the record is of another form");
	if (strcmp(answers->form_version, rules->form_version) != 0)
		return fail(E_FORMAT, "the record is of two versions of form %s", rules->form);
	enum err e = find_version(o, rules->form, rules->form_version, &v);
	if (e)
		return e;
	record_clear(v->record);
	for (size_t i = 0; !e && i < answers->count; i++) {
		const struct wire_answer *a = &answers->answers[i];
		if (!o->ask.approvals || !approvalitems_is(v->written, a->path))
			e = put_answer(v, a->path, a->value, FORM_HUB);
	}
	for (size_t i = 0; !e && i < rules->open_count; i++)
		e = put_answer(v, rules->open[i].name, rules->open[i].value, FORM_OPEN);
	*ret = v;
	return e;
}

static void
find_groups(struct opening *o, const struct record *r)
{
	const struct pack *pack = o->ask.pack;
	for (size_t i = 0; i < pack->group_count; i++) {
		const struct pack_group *g = &pack->groups[i];
		const struct group_rule rule = {g->id, g->form, g->where};
		o->groups[i] = g->form == record_form(r) && group_rule_holds(&rule, r);
	}
}

/* at: the site that the record is about, of those that were asked for. */
static enum err
add_of_site(struct opening *o, struct opening_wave *w, size_t at, const struct form *f)
{
	const struct codebook *book = o->ask.pack->codebook;
	const uint16_t site = o->printed_of[at];
	const bool is_own = strcmp(o->printed[site].id, o->ask.sites[at].id) == 0;
	enum err e = OK;
	for (size_t i = 0; !e && i < book->count; i++)
		if (w->sites[i] && book->indicators[i].form == f &&
			tableplan_counts(&book->indicators[i], o->groups))
			e = is_own ? sitefigures_add(w->sites[i], site, o->derive)
				   : sitefigures_add_for(w->sites[i], site, o->derive);
	return e;
}

static enum err
add_of_person(struct opening *o, size_t wave, uint16_t site)
{
	tableplan_fill(o->people, wave, o->derive, o->groups, o->row);
	enum err e = columns_add(o->columns, site, o->row);
	wipe_row(o);
	return e;
}

enum err
opening_add(struct opening *o, const char *site, const struct wire_rules *rules,
	const struct wire_answers *answers)
{
	struct opening_version *v = NULL;
	size_t at = 0, wave = 0;
	enum err e = opening_find_site(o, site, &at);
	if (!e && o->ask.sites[at].state != SITE_TAKES_PART)
		e = fail(E_DENIED, "site %s takes no part, its records are not counted", site);
	if (!e)
		e = opening_find_wave(o, rules->wave, &wave);
	struct opening_wave *w = &o->waves[wave];
	if (!e && strcmp(rules->form, CHOSEN_SYSTEM) == 0) {
		o->system_count++;
		return systemfigures_add_counts(w->system, o->printed_of[at], answers);
	}
	if (!e)
		e = read_record(o, rules, answers, &v);
	if (!e && o->ask.approvals)
		e = approvalitems_put(v->record, v->written, &o->ask.approvals[at]);
	if (e)
		return e;
	derive_record(o->derive, v->record);
	find_groups(o, v->record);
	e = v->form->per_site ? add_of_site(o, w, at, v->form)
			      : add_of_person(o, wave, o->printed_of[at]);
	if (e)
		return e;
	systemfigures_add_record(w->system, o->printed_of[at], v->record);
	opening_count_partner(o, w, o->printed_of[at], v->written, rules);
	v->count++;
	record_clear(v->record);
	return OK;
}

void
opening_miss(struct opening *o, const char *entry, const char *why)
{
	if (o->miss_count++ >= MISSES_NAMED_MAX)
		return;
	o->misses = xrealloc(o->misses, o->miss_count, sizeof(*o->misses));
	o->misses[o->miss_count - 1] = (struct miss){xstrdup(entry), xstrdup(why)};
}

size_t
opening_missed_count(const struct opening *o)
{
	return o->miss_count;
}

/* figures */

void
opened_done(struct opened *t)
{
	compared_free(t->compared);
	for (size_t i = 0; i < OPENING_WAVES_MAX; i++)
		figure_rows_free(t->rows[i]);
	disclosure_free(t->shown);
	for (size_t i = 0; i < t->table_count; i++)
		table_free(t->tables[i]);
}

/* Tables of one indicator, pooled as the study says. */
static enum err
make_tables_of(struct opening *o, const struct tableplan_item *item, struct opened *t)
{
	OWNED_MEM double *weights = NULL;
	OWNED_MEM char *which = xasprintf("of wave %u", opening_wave_number(o, item->wave));
	const struct weights_cut cut = {o->ask.sites, o->ask.cut};
	enum err e = cut.cut ? weights_printed(&weights, o->ask.pack, item->of->form, &cut)
			     : weights_make(&weights, o->ask.pack, item->of->form, o->ask.sites,
				       o->ask.site_count);
	for (size_t i = 0; !e && i < item->table_count; i++) {
		struct table_spec spec = o->people->tables[item->first_table + i];
		spec.weights = weights;
		spec.which = o->wave_count > 1 ? which : NULL;
		spec.least_people =
			tableplan_hides(&o->profile) ? o->profile.count_min_people : 0;
		e = table_make(&t->tables[t->table_count], o->columns, &spec);
		t->table_count += !e;
	}
	return e;
}

static enum err
make_tables(struct opening *o, struct opened *t)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < o->people->item_count; i++) {
		e = make_tables_of(o, &o->people->items[i], t);
		t->first_table[o->people->items[i].wave + 1] = t->table_count;
	}
	const struct table *const *lent = (const struct table *const *)t->tables;
	if (e || t->table_count == 0)
		return e;
	return disclose(&t->shown, lent, t->table_count, &o->profile);
}

enum err
opening_close(struct opening *o, const struct staged_head *head, struct buf *document,
	struct buf *evidence)
{
	OWNED_BY(opened_done) struct opened t = {.table_count = 0};
	enum err e = make_tables(o, &t);
	for (size_t i = 0; !e && i < o->wave_count; i++)
		e = opening_put_figures(o, &t, i);
	if (!e && o->wave_count > 1)
		t.compared = compared_new(t.rows[0], t.rows[1], o->printed, o->printed_count);
	if (!e)
		e = opening_write_document(o, head, &t, document);
	return e ? e : opening_write_evidence(o, head, &t, evidence);
}
