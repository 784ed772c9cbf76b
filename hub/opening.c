#include "hub/opening.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "hub/tableplan.h"

#define MISSES_NAMED_MAX 1000 /* more are counted only */
#define PROFILE_PERSONAL "weir-profile-v1"

struct miss {
	char *entry;
	char *why;
};

struct opening {
	struct opening_ask ask;
	struct tableplan *plan;
	struct columns *columns;
	struct record *record; /* the one at hand */
	struct derive *derive;
	struct column_value *row; /* of the record at hand, by column */
	struct miss *misses;
	size_t miss_count; /* named and not */
};

/* begin */

static enum err
make_columns(struct opening *o)
{
	OWNED_MEM struct column_site *sites = xcalloc(o->ask.site_count + 1, sizeof(*sites));
	for (size_t i = 0; i < o->ask.site_count; i++)
		sites[i] = (struct column_site){o->ask.sites[i].id, o->ask.sites[i].state};
	return columns_make(
		&o->columns, sites, o->ask.site_count, o->plan->specs, o->plan->column_count);
}

enum err
opening_new(struct opening **ret, const struct opening_ask *ask)
{
	OWNED(opening) struct opening *o = xcalloc(1, sizeof(*o));
	*ret = NULL;
	o->ask = *ask;
	enum err e = tableplan_make(&o->plan, ask->pack, ask->indicators, ask->indicator_count);
	if (!e)
		e = make_columns(o);
	if (e)
		return e;
	o->record = record_new(o->plan->form, NULL, &o->ask.pack->missing);
	o->derive = derive_new(o->ask.pack->codebook);
	o->row = xcalloc(o->plan->column_count + 1, sizeof(*o->row));
	*ret = take(o);
	return OK;
}

static void
wipe_row(struct opening *o)
{
	if (o->record)
		record_clear(o->record);
	if (o->row)
		crypto_wipe(o->row, (o->plan->column_count + 1) * sizeof(*o->row));
}

void
opening_free(struct opening *o)
{
	if (!o)
		return;
	wipe_row(o);
	derive_free(o->derive);
	record_free(o->record);
	mem_drop(&o->row);
	columns_free(o->columns);
	tableplan_free(o->plan);
	for (size_t i = 0; i < MIN(o->miss_count, (size_t)MISSES_NAMED_MAX); i++) {
		mem_drop(&o->misses[i].entry);
		mem_drop(&o->misses[i].why);
	}
	mem_drop(&o->misses);
	mem_drop(&o);
}

enum err
opening_check(const struct pack *pack, const char *const *indicators, size_t count,
	const struct form **ret_form)
{
	OWNED(tableplan) struct tableplan *plan = NULL;
	enum err e = tableplan_make(&plan, pack, indicators, count);
	if (!e && ret_form)
		*ret_form = plan->form;
	return e;
}

/* records */

/* One answer; `goes` says on which way it has to have come. */
static enum err
put_answer(struct opening *o, const char *path, const char *value, enum form_goes goes)
{
	const struct form *f = o->plan->form;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	/* What ends with a number is an instance of a repeat, which has no answer of its own. */
	int at = form_field(f, name);
	bool instance = at < 0 && *name && name[strlen(name) - 1] == ']';
	if (!instance && (at < 0 || f->fields[at].goes != goes))
		return fail(E_FORMAT, "the record holds an answer that form %s does not send",
			f->id);
	enum err e = record_put(o->record, path, value);
	struct expr_value checked;
	return e || instance ? e : form_check_cell(&f->fields[at], value, &checked);
}

static enum err
read_record(
	struct opening *o, const struct wire_rules *rules, const struct wire_answers *answers)
{
	const struct form *f = o->plan->form;
	if (strcmp(answers->form, f->id) != 0 || strcmp(rules->form, f->id) != 0)
		return fail(E_FORMAT, "the record is of another form");
	if (strcmp(answers->form_version, f->version) != 0 ||
		strcmp(rules->form_version, f->version) != 0)
		return fail(E_FORMAT, "the record is of another version of form %s", f->id);
	enum err e = OK;
	for (size_t i = 0; !e && i < answers->count; i++)
		e = put_answer(
			o, answers->answers[i].path, answers->answers[i].value, FORM_HUB);
	for (size_t i = 0; !e && i < rules->open_count; i++)
		e = put_answer(o, rules->open[i].name, rules->open[i].value, FORM_OPEN);
	return e;
}

enum err
opening_add(struct opening *o, const char *site, const struct wire_rules *rules,
	const struct wire_answers *answers)
{
	uint16_t at = 0;
	wipe_row(o);
	enum err e = columns_find_site(o->columns, site, &at);
	if (!e)
		e = read_record(o, rules, answers);
	if (e)
		return e;
	derive_record(o->derive, o->record);
	for (size_t c = 0; c < o->plan->column_count; c++)
		o->row[c] = tableplan_value(&o->plan->columns[c], o->derive);
	e = columns_add(o->columns, at, o->row);
	wipe_row(o);
	return e;
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

/* document */

struct tables {
	struct table *at[DISCLOSE_TABLES_MAX];
	size_t count;
	struct disclosure *shown;
};

static void
tables_done(struct tables *t)
{
	disclosure_free(t->shown);
	for (size_t i = 0; i < t->count; i++)
		table_free(t->at[i]);
}

static enum err
make_tables(struct opening *o, struct tables *t)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < o->plan->table_count; i++) {
		e = table_make(&t->at[i], o->columns, &o->plan->tables[i]);
		t->count += !e;
	}
	const struct table *const *lent = (const struct table *const *)t->at;
	return e ? e : disclose(&t->shown, lent, t->count, &o->plan->profile);
}

/* The study's own symbols in place of the usual ones. */
static const char *
symbol(const struct pack *p, const char *text)
{
	if (strcmp(text, "[c]") == 0)
		return p->symbol_hidden;
	if (strcmp(text, "[w]") == 0)
		return p->symbol_none;
	if (strcmp(text, "[x]") == 0)
		return p->symbol_no_site;
	if (strcmp(text, "[z]") == 0)
		return p->symbol_not_applicable;
	return text;
}

static void
name_by(const struct opening *o, const struct table *t, const struct group *g,
	const char *ret[static STAGED_BY_MAX])
{
	for (size_t k = 0; k < o->plan->by_count; k++) {
		ret[k] = NULL;
		for (size_t b = 0; b < t->by_count; b++)
			if (strcmp(t->by[b].name, o->plan->by[k]) == 0)
				ret[k] = table_by(t, g, b);
	}
}

static void
put_rows(struct json_out *w, const struct opening *o, const struct tables *t)
{
	json_put_array(w, "rows");
	for (size_t i = 0; i < t->count; i++)
		for (size_t f = 0; f < t->at[i]->figure_count; f++) {
			const struct figure *figure = &t->at[i]->figures[f];
			const struct group *g = &t->at[i]->groups[figure->group];
			char text[FIGURE_TEXT_BYTES];
			disclosure_text(t->shown, i, f, text);
			struct staged_row row = {.indicator = t->at[i]->indicator,
				.site = table_site(t->at[i], g),
				.level = table_level(t->at[i], figure->level),
				.statistic = statistic_name(figure->statistic),
				.value = symbol(o->ask.pack, text)};
			name_by(o, t->at[i], g, row.by);
			staged_put_row(w, o->plan->by, o->plan->by_count, &row);
		}
	json_put_close(w);
}

/* What hiding was asked for, in canonical JSON, as a hash. */
static enum err
hash_profile(
	uint8_t ret[static HASH_BYTES], const struct disclose_profile *p, uint32_t approvers)
{
	OWNED_BUF struct buf text;
	struct json_out w;
	buf_init(&text, 4096);
	json_begin(&w, &text);
	json_put_object(&w, NULL);
	json_put_int(&w, "count_min", p->count_min_people);
	json_put_int(&w, "zero", (int64_t)p->zero);
	json_put_int(&w, "complementary", p->complementary);
	json_put_int(&w, "least", (int64_t)p->least);
	json_put_int(&w, "audit_of", (int64_t)p->audit_of);
	json_put_int(&w, "audit_width", p->audit_width_people);
	json_put_int(&w, "audit_span_millionths", (int64_t)(p->audit_span * 1e6 + 0.5));
	json_put_int(&w, "linked", p->linked);
	json_put_int(&w, "sites_min", p->sites_min);
	json_put_int(&w, "approvers", approvers);
	json_put_close(&w);
	enum err e = json_end(&w, "profile");
	if (!e)
		crypto_hash_one(ret, PROFILE_PERSONAL, buf_view(&text));
	return e;
}

static void
put_sites(struct json_out *w, const struct opening *o)
{
	json_put_array(w, "sites");
	for (size_t i = 0; i < o->ask.site_count; i++) {
		const struct pack_site *site = pack_site(o->ask.pack, o->ask.sites[i].id);
		json_put_object(w, NULL);
		json_put_text(w, "id", o->ask.sites[i].id);
		json_put_text(w, "name", site ? site->name : "");
		json_put_close(w);
	}
	json_put_close(w);
}

static enum err
write_document(const struct opening *o, const struct staged_head *h, const struct tables *t,
	struct buf *document)
{
	struct json_out w;
	uint8_t profile[HASH_BYTES];
	enum err e = hash_profile(profile, &o->plan->profile, o->ask.pack->profile.approvers);
	if (e)
		return e;
	json_begin(&w, document);
	json_put_object(&w, NULL);
	json_put_text(&w, "format", STAGED_FORMAT);
	json_put_text(&w, "study", h->study);
	json_put_text(&w, "release", h->release);
	json_put_text(&w, "purpose", h->purpose);
	json_put_text(&w, "author", h->author);
	json_put_int(&w, "manifest", (int64_t)h->manifest_number);
	json_put_hex(&w, "rules", view_of(h->rules_digest, HASH_BYTES));
	json_put_hex(&w, "profile", view_of(profile, HASH_BYTES));
	json_put_hex(&w, "cohort", view_of(h->cohort_digest, HASH_BYTES));
	json_put_int(&w, "frozen_at", h->frozen_at_s);
	json_put_text(&w, "count_bucket", h->count_bucket);
	json_put_text(&w, "code", WEIR_VERSION);
	json_put_text(&w, "witnessed", "not witnessed");
	json_put_int(&w, "wave", h->wave);
	put_sites(&w, o);
	json_put_array(&w, "by");
	for (size_t k = 0; k < o->plan->by_count; k++)
		json_put_text(&w, NULL, o->plan->by[k]);
	json_put_close(&w);
	put_rows(&w, o, t);
	json_put_close(&w);
	return json_end(&w, "the release's document (propose fewer indicators)");
}

/* evidence */

static void
put_hidden(struct json_out *w, const struct disclose_hidden *h)
{
	OWNED_MEM char *place = table_place(h->table, h->group, h->level);
	json_put_object(w, NULL);
	json_put_text(w, "place", place);
	json_put_text(w, "why", disclose_why_name(h->why));
	json_put_int(w, "count", (int64_t)h->count);
	json_put_int(w, "bounded", h->bounded);
	json_put_int(w, "lowest", (int64_t)h->lowest);
	json_put_int(w, "highest", (int64_t)h->highest);
	json_put_close(w);
}

static void
put_misses(struct json_out *w, const struct opening *o)
{
	json_put_int(w, "not_opened", (int64_t)o->miss_count);
	json_put_array(w, "missed");
	for (size_t i = 0; i < MIN(o->miss_count, (size_t)MISSES_NAMED_MAX); i++) {
		json_put_object(w, NULL);
		json_put_text(w, "entry", o->misses[i].entry);
		json_put_text(w, "rule", "R18");
		json_put_text(w, "why", o->misses[i].why);
		json_put_close(w);
	}
	json_put_close(w);
}

static enum err
write_evidence(const struct opening *o, const struct staged_head *h, const struct tables *t,
	struct buf *evidence)
{
	struct json_out w;
	json_begin(&w, evidence);
	json_put_object(&w, NULL);
	json_put_text(&w, "format", "weir-evidence-v1");
	json_put_text(&w, "release", h->release);
	json_put_int(&w, "records", (int64_t)columns_rows(o->columns));
	put_misses(&w, o);
	json_put_int(&w, "hidden_weight", (int64_t)disclosure_hidden_weight(t->shown));
	json_put_int(&w, "patterns_tried", (int64_t)disclosure_patterns_tried(t->shown));
	json_put_array(&w, "hidden");
	for (size_t i = 0; i < disclosure_hidden_count(t->shown); i++)
		put_hidden(&w, disclosure_hidden(t->shown, i));
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "evidence");
}

enum err
opening_close(struct opening *o, const struct staged_head *head, struct buf *document,
	struct buf *evidence)
{
	OWNED_BY(tables_done) struct tables t = {0};
	enum err e = make_tables(o, &t);
	if (!e)
		e = write_document(o, head, &t, document);
	return e ? e : write_evidence(o, head, &t, evidence);
}
