#include "common/study/form_stamp.h"

#include <string.h>

const struct form_field *
form_stamp(const struct form *f)
{
	static const enum xform_stamp order[] = {XFORM_END, XFORM_TODAY};
	for (size_t k = 0; k < ARRAY_LEN(order); k++)
		for (size_t i = 0; i < f->field_count; i++)
			if (f->fields[i].stamp == order[k] && f->fields[i].repeat < 0)
				return &f->fields[i];
	return NULL;
}

bool
form_field_is_kept(const struct form_field *f)
{
	return strcmp(f->name, FORM_PARTICIPANT) != 0 &&
	       (f->stamp == XFORM_NO_STAMP || f->goes != FORM_SITE);
}
