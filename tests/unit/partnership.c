#include "tests/unit/partnership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/ini.h"

#include "tests/unit/sheets.h"

static const char *const ids[PARTNERSHIP_FORMS] = {
	"consent", "site_profile", "staff_p1", "user_p2"};

const struct form *
partnership_form(const struct partnership *p, const char *id)
{
	for (size_t i = 0; i < PARTNERSHIP_FORMS; i++)
		if (strcmp(ids[i], id) == 0)
			return p->forms[i];
	return NULL;
}

static void
must(enum err e, const char *what)
{
	if (!e)
		return;
	(void)fprintf(stderr, "partnership: %s: %s\n", what, err_text());
	exit(3);
}

static void
add_group(struct partnership *p, const struct ini *ini, const char *section)
{
	const char *form = ini_value(ini, section, "form", "");
	p->groups = xrealloc(p->groups, p->group_count + 1, sizeof(*p->groups));
	must(group_rule_make(&p->groups[p->group_count++], section + strlen("group."),
		     partnership_form(p, form), ini_value(ini, section, "where", ""),
		     &p->missing),
		section);
}

static void
read_study(struct partnership *p)
{
	OWNED_MEM char *text = sheets_file(PARTNERSHIP_DIR, "study.ini");
	OWNED(ini) struct ini *ini = NULL;
	must(ini_load(&ini, view_text(text), "study.ini"), "study.ini");
	for (size_t i = 0; i < ini->count; i++)
		if (strcmp(ini->items[i].section, "missing") == 0 && *ini->items[i].key)
			must(missing_add(&p->missing, ini->items[i].key, ini->items[i].value),
				ini->items[i].key);
	for (size_t i = 0; i < ini->count; i++)
		if (strncmp(ini->items[i].section, "group.", 6) == 0 && !*ini->items[i].key)
			add_group(p, ini, ini->items[i].section);
}

struct partnership *
partnership_open(void)
{
	struct partnership *p = xcalloc(1, sizeof(*p));
	for (size_t i = 0; i < PARTNERSHIP_FORMS; i++) {
		OWNED_MEM char *dir = xasprintf("%s/forms/%s", PARTNERSHIP_DIR, ids[i]);
		p->forms[i] = sheets_form(dir, ids[i]);
		p->forms[i]->per_site = strcmp(ids[i], "site_profile") == 0;
		p->forms[i]->many = strcmp(ids[i], "consent") == 0;
	}
	read_study(p);
	OWNED_MEM char *text = sheets_file(PARTNERSHIP_DIR, "codebook.csv");
	const struct codebook_source source = {.text = view_text(text),
		.file = "codebook.csv",
		.forms = p->forms,
		.form_count = PARTNERSHIP_FORMS,
		.groups = p->groups,
		.group_count = p->group_count,
		.missing = &p->missing};
	p->faults = faults_new();
	p->book = codebook_load(&source, p->faults);
	return p;
}

void
partnership_free(struct partnership *p)
{
	if (!p)
		return;
	codebook_free(p->book);
	faults_free(p->faults);
	for (size_t i = 0; i < p->group_count; i++)
		group_rule_done(&p->groups[i]);
	for (size_t i = 0; i < PARTNERSHIP_FORMS; i++)
		sheets_form_free(p->forms[i]);
	free(p->groups);
	free(p);
}
