#include <string.h>

#include "common/study/xlsform_inside.h"

/* Columns of the settings sheet in the order of what they set. */
static const char *const names[] = {"form_title", "title", "form_id", "id_string", "version",
	"default_language", "name", "style", "instance_name", "public_key", "submission_url",
	"auto_send", "auto_delete", "namespaces", "instance_xmlns", "allow_choice_duplicates",
	"omit_instanceID", "clean_text_values"};

static struct fault_place
place_of(const struct xf *x, const char *column)
{
	const struct sheet *s = x->book->settings;
	if (!s)
		return (struct fault_place){sheet_name(x->book->survey), 0, NULL};
	size_t row = sheet_rows(s) ? sheet_row_number(s, 0) : sheet_header_number(s) + 1;
	return (struct fault_place){sheet_name(s), row, column};
}

static const char *
setting(const struct xf *x, const char *column)
{
	const struct sheet *s = x->book->settings;
	return s ? sheet_cell(s, 0, sheet_column(s, column)) : "";
}

static void
check_columns(struct xf *x)
{
	const struct sheet *s = x->book->settings;
	for (size_t i = 0; i < sheet_columns(s); i++) {
		const char *head = sheet_column_name(s, i);
		size_t k = 0;
		while (k < ARRAY_LEN(names) && strcmp(names[k], head) != 0)
			k++;
		struct fault_place place = {sheet_name(s), sheet_header_number(s), head};
		if (!*head || k < ARRAY_LEN(names))
			continue;
		if (strncmp(head, "sms_", 4) == 0 || x->book->study)
			faults_add(x->faults, place, "this column is not known");
		else
			faults_warn(x->faults, place, "this column is not known, and left out");
	}
	if (sheet_rows(s) > 1)
		faults_add(x->faults, (struct fault_place){sheet_name(s), 0, NULL},
			"has to have one row below the header row");
}

static bool
flag(struct xf *x, const char *column)
{
	int yes = xf_yes(setting(x, column));
	if (yes < 0)
		faults_add(x->faults, place_of(x, column), "yes or no is wanted here");
	return yes == 1;
}

static void
check_id(struct xf *x)
{
	const char *id = x->settings.id;
	if (!*id)
		faults_add(x->faults, place_of(x, "form_id"), "the form needs a form_id");
	else if (x->book->id && strcmp(id, x->book->id) != 0)
		faults_add(x->faults, place_of(x, "form_id"),
			"has to be '%s', the name of the folder or file", x->book->id);
}

/* What every form of a study has to say about itself. */
static void
check_study(struct xf *x)
{
	static const char *const needed[] = {"form_title", "version", "default_language"};
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!*setting(x, needed[i]))
			faults_add(x->faults, place_of(x, needed[i]), "this cell is empty");
}

static const char *
either(const char *one, const char *other)
{
	return *one ? one : other;
}

void
xf_read_settings(struct xf *x)
{
	if (x->book->settings)
		check_columns(x);
	const char *id = either(setting(x, "form_id"), setting(x, "id_string"));
	const char *title = either(setting(x, "form_title"), setting(x, "title"));
	x->settings = (struct xf_settings){
		.title = either(title, id),
		.id = id,
		.version = setting(x, "version"),
		.language = setting(x, "default_language"),
		.root = either(setting(x, "name"), "data"),
		.style = setting(x, "style"),
		.instance_name = setting(x, "instance_name"),
		.key = setting(x, "public_key"),
		.submission = setting(x, "submission_url"),
		.auto_send = setting(x, "auto_send"),
		.auto_delete = setting(x, "auto_delete"),
		.namespaces = setting(x, "namespaces"),
		.space = setting(x, "instance_xmlns"),
		.duplicates = flag(x, "allow_choice_duplicates"),
		.no_id = flag(x, "omit_instanceID"),
	};
	check_id(x);
	if (x->book->study)
		check_study(x);
	if (!xf_is_name(x->settings.root) || strchr(x->settings.root, ':')) {
		faults_add(x->faults, place_of(x, "name"),
			"the root of a form has a name of letters, digits, '_', '-'");
		x->settings.root = "data";
	}
}
