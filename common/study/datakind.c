#include "common/study/datakind.h"

#include <stdint.h>

const char *
datakind_of(const struct form *f, const struct wire_rules *r)
{
	if (f->from_records)
		return "records";
	return r && r->sound ? "audio" : "answers";
}

static bool
is_file(const struct form_field *f, bool stays)
{
	return f->type == FORM_BINARY && (f->goes == FORM_SITE) == stays;
}

static bool
has_sound(const struct form *f, bool stays)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (is_file(&f->fields[i], stays) && f->fields[i].sound)
			return true;
	return false;
}

const char *
datakind_at_site(const struct form *f, const struct wire_rules *r, bool has_files_of_site)
{
	if (!f->from_records && has_files_of_site && has_sound(f, true))
		return "audio";
	return datakind_of(f, r);
}

/* Files that can be without sound: one a question, and any number in a repeat. */
static size_t
silent_most(const struct form *f)
{
	size_t count = 0;
	for (size_t i = 0; i < f->field_count; i++) {
		const struct form_field *one = &f->fields[i];
		if (!is_file(one, false) || one->sound)
			continue;
		if (one->repeat >= 0)
			return SIZE_MAX;
		count++;
	}
	return count;
}

const char *
datakind_contradicts(const struct form *f, const struct wire_rules *r, size_t file_count)
{
	if (!has_sound(f, false))
		return r->sound ? "it says that sound goes with it, and its form sends none"
				: NULL;
	return !r->sound && file_count > silent_most(f)
		       ? "it says that no sound goes with it, and a file that does is sound"
		       : NULL;
}
