#include "common/study/pack.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack_own.h"

#define MAX_DOCUMENT_BYTES ((size_t)16 << 20)
#define MAX_PACK_BYTES     ((size_t)64 << 20)
#define FORMS              "forms/"

static const char *const main_files[] = {"study.ini", "rules.ini", "sites.csv", "codebook.csv"};
static const char *const sheets[] = {"survey.csv", "choices.csv", "settings.csv"};

/* ---- documents ---- */

static const struct pack_document *
document(const struct pack_private *own, const char *name)
{
	for (size_t i = 0; i < own->document_count; i++)
		if (strcmp(own->documents[i].name, name) == 0)
			return &own->documents[i];
	return NULL;
}

/* Copies the bytes under the name. */
static enum err
add_document(struct pack_private *own, const char *name, struct view bytes)
{
	size_t total = bytes.len;
	for (size_t i = 0; i < own->document_count; i++)
		total += own->documents[i].bytes.len;
	if (own->document_count == PACK_MAX_DOCUMENTS)
		return fail(E_FULL, "the pack has more than %d documents", PACK_MAX_DOCUMENTS);
	if (bytes.len > MAX_DOCUMENT_BYTES || total > MAX_PACK_BYTES)
		return fail(E_FULL, "%s: larger than a study pack may be", name);
	if (document(own, name))
		return fail(E_FORMAT, "%s: stands twice in the pack", name);
	own->documents =
		xrealloc(own->documents, own->document_count + 1, sizeof(*own->documents));
	own->documents[own->document_count++] = (struct pack_document){
		.name = xstrdup(name),
		.bytes = view_of(xmemdup(bytes.at, bytes.len), bytes.len),
	};
	return OK;
}

static int
by_name(const void *a, const void *b)
{
	const struct pack_document *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static bool
is_sheet(const char *file)
{
	for (size_t i = 0; i < ARRAY_LEN(sheets); i++)
		if (strcmp(sheets[i], file) == 0)
			return true;
	return false;
}

/* "forms/NAME/survey.csv" gives NAME; NULL for any other name. */
static char *
form_of(const char *name)
{
	if (strncmp(name, FORMS, strlen(FORMS)) != 0)
		return NULL;
	const char *id = name + strlen(FORMS), *slash = strchr(id, '/');
	if (!slash || !is_sheet(slash + 1))
		return NULL;
	OWNED_MEM char *form = xmemdup(id, (size_t)(slash - id));
	return text_is_name(form, FORM_MAX_NAME_BYTES) ? take(form) : NULL;
}

static bool
belongs(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(main_files); i++)
		if (strcmp(main_files[i], name) == 0)
			return true;
	OWNED_MEM char *form = form_of(name);
	return form != NULL;
}

/* ---- a directory ---- */

static enum err
read_file(struct pack_private *own, const char *dir, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, path, MAX_DOCUMENT_BYTES);
	if (e == E_NOTFOUND)
		return OK; /* said later, for all missing files */
	return e == OK ? add_document(own, name, view_of(bytes, len)) : e;
}

static int
is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

struct listing {
	struct dirent **names;
	int count; /* -1: no such directory */
};

static struct listing
list(const char *path)
{
	struct listing l = {0};
	l.count = scandir(path, &l.names, is_shown, alphasort);
	return l;
}

static void
listing_done(struct listing *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->names[i]);
	free(l->names);
}
#define OWNED_LISTING OWNED_BY(listing_done)

static enum err
read_form_dir(
	struct pack_private *own, const char *dir, const char *form, struct faults *faults)
{
	OWNED_MEM char *path = xasprintf("%s/" FORMS "%s", dir, form);
	OWNED_LISTING struct listing l = list(path);
	enum err e = OK;
	for (int i = 0; e == OK && i < l.count; i++) {
		OWNED_MEM char *name = xasprintf(FORMS "%s/%s", form, l.names[i]->d_name);
		if (is_sheet(l.names[i]->d_name))
			e = read_file(own, dir, name);
		else
			faults_add(faults, (struct fault_place){name, 0, NULL},
				"a file beside the three sheets is not built yet in this "
				"version");
	}
	return e;
}

static enum err
read_forms(struct pack_private *own, const char *dir, struct faults *faults)
{
	OWNED_MEM char *path = xasprintf("%s/" FORMS, dir);
	OWNED_LISTING struct listing l = list(path);
	enum err e = OK;
	for (int i = 0; e == OK && i < l.count; i++) {
		const char *form = l.names[i]->d_name;
		OWNED_MEM char *name = xasprintf(FORMS "%s", form);
		if (text_is_name(form, FORM_MAX_NAME_BYTES))
			e = read_form_dir(own, dir, form, faults);
		else
			faults_add(faults, (struct fault_place){name, 0, NULL},
				"only folders of sheets are built in this version, named a-z, "
				"0-9, '_'");
	}
	return e;
}

static enum err
read_dir(struct pack_private *own, const char *dir, struct faults *faults)
{
	OWNED_LISTING struct listing l = list(dir);
	if (l.count < 0)
		return fail(E_NOTFOUND, "%s: no such directory", dir);
	enum err e = OK;
	for (size_t i = 0; e == OK && i < ARRAY_LEN(main_files); i++)
		e = read_file(own, dir, main_files[i]);
	return e == OK ? read_forms(own, dir, faults) : e;
}

/* ---- from documents to a pack ---- */

static struct view
bytes_of(const struct pack_private *own, const char *dir, const char *file)
{
	OWNED_MEM char *name = xasprintf("%s/%s", dir, file);
	const struct pack_document *d = document(own, name);
	return d ? d->bytes : view_of(NULL, 0);
}

static void
read_form(struct pack *p, const char *id, struct faults *faults)
{
	OWNED_MEM char *dir = xasprintf(FORMS "%s", id);
	const struct xlsform_sheets form = {
		.id = id,
		.dir = dir,
		.survey = bytes_of(p->own, dir, "survey.csv"),
		.choices = bytes_of(p->own, dir, "choices.csv"),
		.settings = bytes_of(p->own, dir, "settings.csv"),
	};
	if (p->form_count == PACK_MAX_FORMS) {
		faults_add(faults, (struct fault_place){dir, 0, NULL}, "more than %d forms",
			PACK_MAX_FORMS);
		return;
	}
	p->forms = xrealloc(p->forms, p->form_count + 1, sizeof(struct form *));
	p->forms[p->form_count++] = xlsform_read(&form, faults);
}

/* Documents are in the order of their names, so sheets of one form stand together. */
static void
read_all_forms(struct pack *p, struct faults *faults)
{
	OWNED_MEM char *last = NULL;
	for (size_t i = 0; i < p->own->document_count; i++) {
		char *id = form_of(p->own->documents[i].name);
		if (!id || (last && strcmp(last, id) == 0)) {
			free(id);
			continue;
		}
		read_form(p, id, faults);
		free(last);
		last = id;
	}
	if (p->form_count == 0)
		faults_add(faults, (struct fault_place){"forms", 0, NULL}, "there is no form");
}

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

/* Everything is read, whatever was wrong before, so that all faults are found at once. */
static void
read_documents(struct pack *p, struct faults *faults)
{
	const struct pack_document *d[ARRAY_LEN(main_files)];
	for (size_t i = 0; i < ARRAY_LEN(main_files); i++) {
		d[i] = document(p->own, main_files[i]);
		if (!d[i])
			faults_add(faults, (struct fault_place){main_files[i], 0, NULL},
				"this file is missing");
	}
	read_all_forms(p, faults);
	if (d[1])
		read_rules(p, d[1]->bytes, faults);
	if (d[0])
		pack_read_study(p, d[0]->bytes, faults);
	if (d[2])
		pack_read_sites(p, d[2]->bytes, faults);
	if (d[0] && d[2])
		pack_rollout_check(p, faults);
	if (d[3])
		read_codebook(p, d[3]->bytes, faults);
}

static struct pack *
new_pack(void)
{
	struct pack *p = xcalloc(1, sizeof(*p));
	p->own = xcalloc(1, sizeof(*p->own));
	return p;
}

static enum err
finish(struct pack **ret, struct pack *taken, struct faults *faults)
{
	OWNED(pack) struct pack *p = taken;
	struct pack_private *own = p->own;
	if (own->document_count)
		qsort(own->documents, own->document_count, sizeof(*own->documents), by_name);
	read_documents(p, faults);
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
	enum err e = read_dir(p->own, dir, faults);
	return e == OK ? finish(ret, take(p), faults) : e;
}

enum err
pack_load_documents(struct pack **ret, const struct pack_document *documents, size_t count,
	struct faults *faults)
{
	*ret = NULL;
	OWNED(pack) struct pack *p = new_pack();
	enum err e = OK;
	for (size_t i = 0; e == OK && i < count; i++) {
		if (!belongs(documents[i].name))
			faults_add(faults, (struct fault_place){documents[i].name, 0, NULL},
				"is no part of a study pack");
		else
			e = add_document(p->own, documents[i].name, documents[i].bytes);
	}
	return e == OK ? finish(ret, take(p), faults) : e;
}

/* ---- use ---- */

const struct pack_document *
pack_documents(const struct pack *p, size_t *ret_count)
{
	*ret_count = p->own->document_count;
	return p->own->documents;
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

const struct pack_wave *
pack_wave_at(const struct pack *p, const struct form *f, int64_t wall_ms)
{
	for (size_t i = 0; i < p->wave_count; i++) {
		const struct pack_wave *w = &p->waves[i];
		for (size_t k = 0; k < w->window_count; k++)
			if (w->windows[k].form == f && wall_ms >= w->windows[k].opens_ms &&
				wall_ms < w->windows[k].closes_ms)
				return w;
	}
	return NULL;
}

const struct pack_group *
pack_group_of(const struct pack *p, const struct form *f)
{
	for (size_t i = 0; i < p->group_count; i++)
		if (p->groups[i].form == f)
			return &p->groups[i];
	return NULL;
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

bool
pack_needs_approval(const struct pack *p, const char *site_kind, const char *approval)
{
	OWNED_MEM char *word = xasprintf(" %s ", approval);
	for (size_t i = 0; i < p->own->needs_count; i++) {
		if (strcmp(p->own->needs[i].kind, site_kind) != 0)
			continue;
		OWNED_MEM char *all = xasprintf(" %s ", p->own->needs[i].approvals);
		if (strstr(all, word))
			return true;
	}
	return false;
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
	}
	for (size_t i = 0; i < p->wave_count; i++) {
		free(p->waves[i].title);
		free(p->waves[i].design);
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
}

void
pack_free(struct pack *p)
{
	if (!p)
		return;
	char *texts[] = {p->id, p->title, p->kind, p->log_origin, p->code_pattern, p->pooling,
		p->symbol_hidden, p->symbol_none, p->symbol_no_site, p->symbol_not_applicable};
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
