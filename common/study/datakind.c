#include "common/study/datakind.h"

const char *
datakind_of(const struct form *f, const struct wire_rules *r)
{
	if (f->from_records)
		return "records";
	return r && r->sound ? "audio" : "answers";
}
