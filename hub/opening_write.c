#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "hub/opening_inside.h"

#define PROFILE_PERSONAL "weir-profile-v1"

/* The by-variables of all named indicators, in codebook order. */
struct by_names {
	const char *at[STAGED_BY_MAX];
	size_t count;
};

static size_t
find_by(const struct by_names *b, const char *name)
{
	size_t i = 0;
	while (i < b->count && strcmp(b->at[i], name) != 0)
		i++;
	return i;
}

static enum err
name_by(const struct opening *o, struct by_names *ret)
{
	const struct codebook *book = o->ask.pack->codebook;
	ret->count = 0;
	for (size_t i = 0; i < book->count; i++)
		for (size_t k = 0; o->chosen->named[i] && k < book->indicators[i].by_count;
			k++) {
			const char *name = book->indicators[i].by[k].name;
			if (find_by(ret, name) < ret->count)
				continue;
			if (ret->count == STAGED_BY_MAX)
				return fail(E_FULL, "a release by more than %d variables",
					STAGED_BY_MAX);
			ret->at[ret->count++] = name;
		}
	return OK;
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

/* c: the same figure in both waves; NULL where nothing is compared. */
static void
put_row(struct json_out *w, const struct opening *o, const struct by_names *by,
	const struct figure_row *r, const struct compared_row *c)
{
	const struct indicator *of = &o->ask.pack->codebook->indicators[r->of];
	struct staged_row row = {.indicator = of->id,
		.site = r->site,
		.level = r->level,
		.statistic = statistic_name(r->statistic),
		.value = symbol(o->ask.pack, c ? c->now : r->text),
		.earlier = c ? symbol(o->ask.pack, c->earlier) : NULL,
		.change = c ? symbol(o->ask.pack, c->change) : NULL};
	for (size_t k = 0; k < of->by_count && k < TABLE_BY_MAX; k++)
		row.by[find_by(by, of->by[k].name)] = r->by[k];
	staged_put_row(w, by->at, by->count, &row);
}

/* In codebook order, whatever order they were worked out in. */
static void
put_rows(struct json_out *w, const struct opening *o, const struct by_names *by,
	const struct opened *t)
{
	const struct compared *c = t->compared;
	const size_t count = c ? compared_count(c) : figure_rows_count(t->rows[0]);
	json_put_array(w, "rows");
	for (size_t i = 0; i < o->ask.pack->codebook->count; i++)
		for (size_t r = 0; o->chosen->named[i] && r < count; r++) {
			const struct compared_row *both = c ? compared_at(c, r) : NULL;
			const struct figure_row *row =
				both ? both->row : figure_rows_at(t->rows[0], r);
			if (row->of == i)
				put_row(w, o, by, row, both);
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

static const char *
name_of(const struct opening *o, size_t printed)
{
	const struct pack_site *site = pack_site(o->ask.pack, o->printed[printed].id);
	return o->ask.cut ? o->ask.cut->printed[printed].name : site ? site->name : "";
}

/* How sites are named, which they are, and what a reader has to know of them. */
static void
put_sites(struct json_out *w, const struct opening *o, const struct opened *t, uint32_t wave)
{
	const struct sitecut *cut = o->ask.cut;
	json_put_text(w, "sites_by", cut ? cut->view : "recorded");
	json_put_array(w, "sites");
	for (size_t i = 0; i < o->printed_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "id", o->printed[i].id);
		json_put_text(w, "name", name_of(o, i));
		json_put_close(w);
	}
	json_put_close(w);
	json_put_array(w, "notes");
	for (size_t i = 0; cut && i < cut->note_count; i++)
		json_put_text(w, NULL, cut->notes[i]);
	opening_put_marks(w, o, t, wave);
	json_put_close(w);
}

static void
put_head(struct json_out *w, const struct staged_head *h, const uint8_t *profile)
{
	json_put_text(w, "format", STAGED_FORMAT);
	json_put_text(w, "study", h->study);
	json_put_text(w, "release", h->release);
	json_put_text(w, "purpose", h->purpose);
	json_put_text(w, "author", h->author);
	json_put_int(w, "manifest", (int64_t)h->manifest_number);
	json_put_hex(w, "rules", view_of(h->rules_digest, HASH_BYTES));
	json_put_hex(w, "profile", view_of(profile, HASH_BYTES));
	json_put_hex(w, "cohort", view_of(h->cohort_digest, HASH_BYTES));
	json_put_int(w, "frozen_at", h->frozen_at_s);
	json_put_text(w, "count_bucket", h->count_bucket);
	json_put_text(w, "code", WEIR_VERSION);
	json_put_text(w, "witnessed", "not witnessed");
	json_put_int(w, "wave", h->wave);
}

enum err
opening_write_document(const struct opening *o, const struct staged_head *h,
	const struct opened *t, struct buf *document)
{
	struct json_out w;
	struct by_names by;
	uint8_t profile[HASH_BYTES];
	enum err e = hash_profile(profile, &o->profile, o->ask.pack->profile.approvers);
	if (!e)
		e = name_by(o, &by);
	if (e)
		return e;
	json_begin(&w, document);
	json_put_object(&w, NULL);
	put_head(&w, h, profile);
	if (o->ask.compared)
		json_put_int(&w, "compared", o->ask.compared);
	put_sites(&w, o, t, h->wave);
	json_put_array(&w, "by");
	for (size_t k = 0; k < by.count; k++)
		json_put_text(&w, NULL, by.at[k]);
	json_put_close(&w);
	put_rows(&w, o, &by, t);
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

/* Groups that no figure counts, for their size. */
static void
put_withheld(struct json_out *w, const struct opened *t)
{
	json_put_array(w, "withheld");
	for (size_t i = 0; i < t->table_count; i++)
		for (uint32_t g = 0; g < t->tables[i]->group_count; g++) {
			const struct group *of = &t->tables[i]->groups[g];
			OWNED_MEM char *place = table_place(t->tables[i], g, TABLE_NO_LEVEL);
			if (!of->withheld_count || of->site == TABLE_SITE_ALL)
				continue;
			json_put_object(w, NULL);
			json_put_text(w, "place", place);
			json_put_int(w, "count", (int64_t)of->withheld_count);
			json_put_close(w);
		}
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

static void
put_versions(struct json_out *w, const struct opening *o)
{
	json_put_array(w, "versions");
	for (size_t i = 0; i < o->version_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "form", o->versions[i].form->id);
		json_put_text(w, "version", o->versions[i].written->version);
		json_put_int(w, "records", (int64_t)o->versions[i].count);
		json_put_close(w);
	}
	json_put_close(w);
}

static size_t
records_counted(const struct opening *o)
{
	size_t count = o->system_count;
	for (size_t i = 0; i < o->version_count; i++)
		count += o->versions[i].count;
	return count;
}

enum err
opening_write_evidence(const struct opening *o, const struct staged_head *h,
	const struct opened *t, struct buf *evidence)
{
	struct json_out w;
	const struct disclosure *d = t->shown;
	json_begin(&w, evidence);
	json_put_object(&w, NULL);
	json_put_text(&w, "format", "weir-evidence-v1");
	json_put_text(&w, "release", h->release);
	json_put_int(&w, "records", (int64_t)records_counted(o));
	put_versions(&w, o);
	put_misses(&w, o);
	json_put_int(&w, "hidden_weight", d ? (int64_t)disclosure_hidden_weight(d) : 0);
	json_put_int(&w, "patterns_tried", d ? (int64_t)disclosure_patterns_tried(d) : 0);
	json_put_array(&w, "hidden");
	for (size_t i = 0; d && i < disclosure_hidden_count(d); i++)
		put_hidden(&w, disclosure_hidden(d, i));
	json_put_close(&w);
	put_withheld(&w, t);
	json_put_close(&w);
	return json_end(&w, "evidence");
}
