#include "common/study/pack.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_rules.h"
#include "common/study/formcheck.h"
#include "common/study/pack_own.h"

#define SUPPORT "cag" /* kind of approval: the Confidentiality Advisory Group advises on it */
/* Item of a consent form: the staff code of who approached. */
#define APPROACHER "approacher"

static const char *const main_files[] = {"study.ini", "rules.ini", "sites.csv", "codebook.csv"};

/* ---- from documents to a pack ---- */

static void
read_codebook(struct pack *p, struct view text, struct faults *faults)
{
	OWNED_MEM struct group_rule *groups = xcalloc(p->group_count + 1, sizeof(*groups));
	const struct codebook_source source = {.text = text,
		.file = "codebook.csv",
		.forms = p->forms,
		.form_count = p->form_count,
		.groups = groups,
		.group_count = p->group_count,
		.missing = &p->missing};
	for (size_t i = 0; i < p->group_count; i++)
		groups[i] = (struct group_rule){
			p->groups[i].id, p->groups[i].form, p->groups[i].where};
	p->codebook = codebook_load(&source, faults);
}

static void
read_rules(struct pack *p, struct view text, struct faults *faults)
{
	OWNED(ini) struct ini *ini = NULL;
	p->rules = rules_read(text, "rules.ini", faults);
	if (ini_load(&ini, text, "rules.ini") == OK) /* a fault of its form was added above */
		p->profile = profile_read(ini, "rules.ini", faults);
}

static void
check_retention(const struct pack *p, struct faults *faults)
{
	if (p->rules && rules_asks_retention(p->rules) && p->retention_ms == 0)
		faults_add(faults, (struct fault_place){"study.ini", 0, "retention.answers"},
			"[R10] of rules.ini asks for it, and [legal] does not say it");
}

static bool
needs(const struct pack_site *s, const char *kind)
{
	for (size_t i = 0; i < s->needs_count; i++)
		if (strcmp(s->needs[i], kind) == 0)
			return true;
	return false;
}

/* A study that goes without consent has support for that as an approval, and looks at the
 * national opt-out of each person. */
static void
check_without(const struct pack *p, struct faults *faults)
{
	if (!p->confidentiality || strcmp(p->confidentiality, RULES_WITHOUT) != 0)
		return;
	if (p->rules && !rules_asks_opt_outs(p->rules))
		faults_add(faults, (struct fault_place){"rules.ini", 0, "basis"},
			"section 251 support needs [R12] with this basis, checked.within and "
			"the actions collect, aggregate and release");
	for (size_t i = 0; i < p->site_count; i++)
		if (!needs(&p->sites[i], SUPPORT))
			faults_add(faults, (struct fault_place){"sites.csv", 0, "approvals"},
				"site %.60s does not need '%s', the support under section 251",
				p->sites[i].id, SUPPORT);
}

/* A rule that asks who it was asks in vain where no form says it. */
static void
check_staff(const struct pack *p, struct faults *faults)
{
	for (size_t i = 0; i < p->form_count; i++) {
		const struct form *f = p->forms[i];
		const bool agrees = formcheck_is_consent(f);
		const char *item = agrees ? APPROACHER : FORM_COLLECTOR;
		const char *key = agrees ? "approacher.code" : "collector";
		const int at = form_field(f, item);
		if ((!agrees && (f->filled_by != FORM_BY_STAFF || f->per_site)) ||
			!rules_asks_staff(p->rules, item))
			continue;
		if (at < 0 || f->fields[at].goes != FORM_OPEN)
			faults_add(faults, (struct fault_place){"rules.ini", 0, key},
				"[R11] asks for it: form %.60s needs an item '%s' that goes "
				"open",
				f->id, item);
	}
}

static bool
has_group(const struct pack *p, const char *id)
{
	for (size_t i = 0; i < p->group_count; i++)
		if (strcmp(p->groups[i].id, id) == 0)
			return true;
	return false;
}

/* A group misspelt there would leave its members with nobody beside them. */
static void
check_children(const struct pack *p, struct faults *faults)
{
	const char *group;
	for (size_t i = 0; p->rules && (group = rules_child_group(p->rules, i)); i++)
		if (!has_group(p, group))
			faults_add(faults, (struct fault_place){"rules.ini", 0, "child.groups"},
				"study.ini has no [group.%.60s]", group);
}

/* Everything is read, whatever was wrong before, so that all faults are found at once. */
static void
read_documents(struct pack *p, struct faults *faults)
{
	const struct pack_document *d[ARRAY_LEN(main_files)];
	for (size_t i = 0; i < ARRAY_LEN(main_files); i++) {
		d[i] = pack_document_named(p->own, main_files[i]);
		if (!d[i])
			faults_add(faults, (struct fault_place){main_files[i], 0, NULL},
				"this file is missing");
	}
	OWNED(pack_forms) struct pack_forms *forms = pack_read_forms(p, faults);
	if (d[1])
		read_rules(p, d[1]->bytes, faults);
	if (d[0])
		pack_read_study(p, d[0]->bytes, faults);
	if (d[2])
		pack_read_sites(p, d[2]->bytes, faults);
	const struct pack_document *partners = pack_document_named(p->own, PACK_PARTNERS);
	if (partners)
		pack_read_partners(p, partners->bytes, faults);
	if (d[0]) {
		check_retention(p, faults);
		check_without(p, faults);
		if (p->rules)
			check_staff(p, faults);
		check_children(p, faults);
	}
	if (d[0] && d[2])
		pack_rollout_check(p, faults);
	pack_check_forms(forms, faults);
	if (d[3] && !p->own->formless)
		read_codebook(p, d[3]->bytes, faults);
}

static int
by_name(const void *a, const void *b)
{
	const struct pack_document *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static struct pack *
new_pack(void)
{
	struct pack *p = xcalloc(1, sizeof(*p));
	p->own = xcalloc(1, sizeof(*p->own));
	return p;
}

static enum err
finish(struct pack **ret, struct pack *taken, bool is_whole, struct faults *faults)
{
	OWNED(pack) struct pack *p = taken;
	struct pack_private *own = p->own;
	if (own->document_count)
		qsort(own->documents, own->document_count, sizeof(*own->documents), by_name);
	read_documents(p, faults);
	if (is_whole)
		pack_check_partners(p, faults);
	enum err e = faults_check(faults);
	if (e == OK)
		*ret = take(p);
	return e;
}

enum err
pack_load(struct pack **ret, const char *dir, struct faults *faults)
{
	*ret = NULL;
	OWNED(pack) struct pack *p = new_pack();
	enum err e = pack_read_dir(p->own, dir, faults);
	return e == OK ? finish(ret, take(p), true, faults) : e;
}

enum err
pack_load_documents(struct pack **ret, const struct pack_document *documents, size_t count,
	struct faults *faults)
{
	*ret = NULL;
	OWNED(pack) struct pack *p = new_pack();
	enum err e = OK;
	for (size_t i = 0; e == OK && i < count; i++) {
		if (!pack_belongs(documents[i].name))
			faults_add(faults, (struct fault_place){documents[i].name, 0, NULL},
				"is no part of a study pack");
		else
			e = pack_add_document(p->own, documents[i].name, documents[i].bytes);
	}
	return e == OK ? finish(ret, take(p), false, faults) : e;
}

/* ---- use ---- */

const struct pack_document *
pack_documents(const struct pack *p, size_t *ret_count)
{
	*ret_count = p->own->document_count;
	return p->own->documents;
}

bool
pack_offers(const struct pack *p, const char *level)
{
	static const char *const always[] = {"objection", "capacity-lost", WIRE_LEVEL_DIED};
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (strcmp(always[i], level) == 0)
			return true;
	for (size_t i = 0; i < p->level_count; i++)
		if (strcmp(p->levels[i], level) == 0)
			return true;
	return false;
}

const struct form *
pack_form(const struct pack *p, const char *id)
{
	for (size_t i = 0; i < p->form_count; i++)
		if (strcmp(p->forms[i]->id, id) == 0)
			return p->forms[i];
	return NULL;
}

const struct pack_site *
pack_site(const struct pack *p, const char *id)
{
	for (size_t i = 0; i < p->site_count; i++)
		if (strcmp(p->sites[i].id, id) == 0)
			return &p->sites[i];
	return NULL;
}

const struct pack_wave *
pack_wave(const struct pack *p, uint32_t number)
{
	for (size_t i = 0; i < p->wave_count; i++)
		if (p->waves[i].number == number)
			return &p->waves[i];
	return NULL;
}

bool
pack_has_windows(const struct pack *p, const struct form *f)
{
	for (size_t i = 0; i < p->wave_count; i++)
		for (size_t k = 0; k < p->waves[i].window_count; k++)
			if (p->waves[i].windows[k].form == f)
				return true;
	return false;
}

bool
pack_wave_is_open(const struct pack_wave *w, const struct form *f, int64_t wall_ms)
{
	for (size_t k = 0; k < w->window_count; k++)
		if (w->windows[k].form == f && wall_ms >= w->windows[k].opens_ms &&
			wall_ms < w->windows[k].closes_ms)
			return true;
	return false;
}

const struct pack_wave *
pack_wave_at(const struct pack *p, const struct form *f, int64_t wall_ms)
{
	for (size_t i = 0; i < p->wave_count; i++)
		if (pack_wave_is_open(&p->waves[i], f, wall_ms))
			return &p->waves[i];
	return NULL;
}

int64_t
pack_planned_ms(const struct pack *p)
{
	int64_t first_ms = INT64_MAX, last_ms = 0;
	for (size_t i = 0; i < p->wave_count; i++)
		for (size_t k = 0; k < p->waves[i].window_count; k++) {
			first_ms = MIN(first_ms, p->waves[i].windows[k].opens_ms);
			last_ms = MAX(last_ms, p->waves[i].windows[k].closes_ms);
		}
	return last_ms > first_ms ? last_ms - first_ms : 0;
}

const char *
pack_zone(const struct pack *p)
{
	return p->own->zone;
}

bool
pack_is_code(const struct pack *p, const char *code)
{
	return p->own->code && pattern_matches(p->own->code, code);
}

/* ---- end ---- */

static void
own_free(struct pack_private *own)
{
	for (size_t i = 0; i < own->document_count; i++) {
		free((void *)(uintptr_t)own->documents[i].name);
		free((void *)(uintptr_t)own->documents[i].bytes.at);
	}
	for (size_t i = 0; i < own->needs_count; i++) {
		free(own->needs[i].kind);
		free(own->needs[i].approvals);
	}
	pack_rollout_done(own);
	free((void *)(uintptr_t)own->partner_list.at);
	free(own->documents);
	free(own->needs);
	free(own->zone);
	pattern_free(own->code);
	free(own);
}

static void
lists_free(struct pack *p)
{
	for (size_t i = 0; i < p->site_count; i++) {
		free(p->sites[i].id);
		free(p->sites[i].name);
		free(p->sites[i].kind);
		free(p->sites[i].organisation_type);
		free(p->sites[i].region);
		free(p->sites[i].local_approach);
		free(p->sites[i].approach);
		free(p->sites[i].approvals);
		free(p->sites[i].needs);
	}
	pack_partners_done(p);
	for (size_t i = 0; i < p->wave_count; i++) {
		free(p->waves[i].title);
		free(p->waves[i].design);
		free(p->waves[i].season);
		free(p->waves[i].windows);
	}
	for (size_t i = 0; i < p->group_count; i++) {
		free(p->groups[i].id);
		free(p->groups[i].label);
		expr_free(p->groups[i].where);
	}
	for (size_t i = 0; i < p->level_count; i++)
		free(p->levels[i]);
	free(p->sites);
	free(p->waves);
	free(p->groups);
	free(p->levels);
	free(p->telephone);
}

void
pack_free(struct pack *p)
{
	if (!p)
		return;
	char *texts[] = {p->id, p->title, p->kind, p->protocol, p->log_origin, p->code_pattern,
		p->confidentiality, p->pooling, p->symbol_hidden, p->symbol_none,
		p->symbol_no_site, p->symbol_not_applicable, p->legal.protocol,
		p->legal.controllers, p->legal.recipients, p->legal.storage, p->legal.retention,
		p->legal.art6, p->legal.art9, p->legal.dpa2018, p->legal.jurisdiction};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
	lists_free(p);
	codebook_free(p->codebook);
	rules_free(p->rules);
	for (size_t i = 0; i < p->form_count; i++)
		form_free(p->forms[i]);
	free(p->forms);
	own_free(p->own);
	free(p);
}
