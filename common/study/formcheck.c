#include "common/study/formcheck.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/form_stamp.h"
#include "common/study/rules_limits.h"

#define REASON_BYTES 512
#define WAVE         "wave"

/* A form being checked. */
struct checker {
	const struct formcheck *c;
	struct faults *faults;
	bool consent;
	size_t open_count;
};

static void wrong(const struct checker *k, const struct form_field *f, const char *what,
	const char *format, ...) PRINTF(4, 5);

/* A form without sheets has no columns: the sentence begins with the question. */
static void
wrong(const struct checker *k, const struct form_field *f, const char *what, const char *format,
	...)
{
	char reason[REASON_BYTES];
	struct fault_place at = {k->c->name, 0, NULL};
	va_list args;
	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	if (k->c->place && k->c->place(k->c->context, f->path, what, &at))
		faults_add(k->faults, at, "%s", reason);
	else
		faults_add(k->faults, at, "%s: %s", f->path, reason);
}

bool
formcheck_is_consent(const struct form *f)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (*f->fields[i].permission)
			return true;
	return false;
}

static void
check_name(const struct checker *k, size_t i)
{
	const struct form *form = k->c->form;
	const struct form_field *f = &form->fields[i];
	if (!text_is_name(f->name, FORM_MAX_NAME_BYTES) || strchr(f->name, '-'))
		wrong(k, f, "name", "a name is a small letter and up to 62 of a-z, 0-9, '_'");
	else if (form_field(form, f->name) < (int)i)
		wrong(k, f, "name", "the name '%s' stands twice", f->name);
}

/* May this text be seen by the rules? */
static bool
is_collector(const struct checker *k, const struct form_field *f)
{
	return k->c->form->filled_by == FORM_BY_STAFF && f->type == FORM_TEXT &&
	       f->repeat < 0 && strcmp(f->name, FORM_COLLECTOR) == 0;
}

static void
check_open(struct checker *k, const struct form_field *f)
{
	if (k->consent)
		return;
	if (is_collector(k, f)) {
		if (!*f->constraint)
			wrong(k, f, "constraint",
				"'%s' stands open: a constraint has to say that it is a staff "
				"code",
				f->name);
	} else if ((!f->list && strcmp(f->name, WAVE) != 0) ||
		   f->type == FORM_SELECT_MULTIPLE || f->type == FORM_RANK)
		wrong(k, f, "weir:goes", "only 'wave' and select_one can stand open");
	if (++k->open_count == FORM_MAX_OPEN + 1)
		wrong(k, f, "weir:goes", "more than %d fields of a form stand open",
			FORM_MAX_OPEN);
}

static void
check_goes(struct checker *k, const struct form_field *f)
{
	if (f->goes == 0)
		wrong(k, f, "weir:goes", "this cell is empty: site, hub or open");
	else if (f->goes == FORM_OPEN)
		check_open(k, f);
	if (f->disclosure == FORM_DIRECT && f->goes != FORM_SITE)
		wrong(k, f, "weir:goes", "what names a person has to stay at the site");
	if (f->type == FORM_BINARY && f->goes == FORM_OPEN)
		wrong(k, f, "weir:goes", "a file cannot stand open");
}

static void
check_permission(const struct checker *k, const struct form_field *f)
{
	if (!*f->permission)
		return;
	if (!text_is_name(f->permission, FORM_MAX_NAME_BYTES))
		wrong(k, f, "weir:permission", "a permission is a word of a-z, 0-9, '-'");
	if (!f->list || form_choice(f->list, "yes") < 0 || form_choice(f->list, "no") < 0)
		wrong(k, f, "weir:permission", "a permission is a choice of yes and no");
	if (f->repeat >= 0)
		wrong(k, f, "weir:permission", "a permission cannot stand in a repeat");
}

static void
check_limit(const struct checker *k, const struct form_field *f, size_t i)
{
	if (!rules_limit_is_known(f->limits.at[i]))
		wrong(k, f, "weir:duo",
			"'%.60s' is no limit of the data use ontology that can be kept",
			f->limits.at[i]);
	for (size_t before = 0; before < i; before++)
		if (strcmp(f->limits.at[before], f->limits.at[i]) == 0)
			wrong(k, f, "weir:duo", "the limit '%.60s' stands twice",
				f->limits.at[i]);
}

/* Whoever is asked whether others may use what they say is told under which limits. */
static void
check_limits(const struct checker *k, const struct form_field *f)
{
	const bool shares = strcmp(f->permission, RULES_SHARING) == 0;
	if (shares && f->limits.count == 0)
		wrong(k, f, "weir:duo",
			"say under which limits, as codes of the data use ontology; NRES for "
			"none");
	if (!shares && f->limits.count)
		wrong(k, f, "weir:duo", "limits go with the permission %s alone",
			RULES_SHARING);
	if (f->limits.count > WIRE_LIMITS_MAX)
		wrong(k, f, "weir:duo", "more than %d limits", WIRE_LIMITS_MAX);
	for (size_t i = 0; i < f->limits.count; i++)
		check_limit(k, f, i);
}

/* Without the day nobody knows when a child whose parent spoke can agree alone. */
static void
check_giver(const struct checker *k, const struct form_field *f)
{
	const struct form *form = k->c->form;
	const int day = form_field(form, "turns_sixteen");
	if (!k->consent || strcmp(f->name, "given_by") != 0 || !f->list ||
		form_choice(f->list, "parent") < 0)
		return;
	if (day < 0 || form->fields[day].type != FORM_DATE)
		wrong(k, f, "type",
			"a parent can agree here: the form has to ask for the day "
			"turns_sixteen, too");
}

static void
check_code(const struct checker *k, const struct form_field *f)
{
	if (!f->required)
		wrong(k, f, "required", "the study code has to be required");
	if (f->goes != FORM_SITE)
		wrong(k, f, "weir:goes", "the study code has to stay at the site");
	if (f->type != FORM_TEXT)
		wrong(k, f, "type", "the study code has to be a text");
	if (f->repeat >= 0)
		wrong(k, f, "", "the study code cannot stand in a repeat");
}

/* Nobody has to answer a question about themselves. */
static void
check_required(const struct checker *k, const struct form_field *f)
{
	bool choice = f->type == FORM_SELECT_ONE || f->type == FORM_SELECT_MULTIPLE;
	if (!f->required || f->asks_staff || f->calculated || k->c->form->per_site)
		return;
	if (!choice)
		wrong(k, f, "required",
			"a number or text asked of a person cannot be compulsory");
	else if (f->list && !f->list->external &&
		 form_choice(f->list, *f->permission ? "no" : "99") < 0)
		wrong(k, f, "required",
			"a compulsory question to a person needs a way to refuse it, %s",
			*f->permission ? "'no'" : "code 99");
}

static void
check_field(struct checker *k, size_t i)
{
	const struct form_field *f = &k->c->form->fields[i];
	check_name(k, i);
	check_goes(k, f);
	check_permission(k, f);
	check_limits(k, f);
	check_giver(k, f);
	if (strcmp(f->name, FORM_PARTICIPANT) == 0)
		check_code(k, f);
	else
		check_required(k, f);
	if (strcmp(f->name, WAVE) == 0 && f->repeat >= 0)
		wrong(k, f, "", "the wave cannot stand in a repeat");
}

/* Without it, what was filled in away from the site counts as filled in when it comes. */
static void
check_stamp(const struct checker *k)
{
	const struct form *f = k->c->form;
	if (f->per_site || f->from_records || k->consent || form_stamp(f))
		return;
	faults_warn(k->faults, (struct fault_place){k->c->name, 0, NULL},
		"nothing says when the form was filled in: add an item of type end, or what "
		"comes "
		"by tablet counts as filled in when it comes");
}

void
formcheck_study(const struct formcheck *c, struct faults *faults)
{
	struct checker k = {c, faults, formcheck_is_consent(c->form), 0};
	for (size_t i = 0; i < c->form->field_count; i++)
		check_field(&k, i);
	check_stamp(&k);
}
