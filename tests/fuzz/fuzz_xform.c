#include "tests/fuzz/fuzz.h"

#include "common/study/form.h"
#include "common/study/submission.h"

/* A form that is taken has fields whose paths and names are there; one that is not says why. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "town.csv";
	const struct form_file file = {name, view_text("name,label\nx,X\n")};
	const struct xform_source source = {
		.xml = view_of(data, size), .name = "f.xml", .files = &file, .file_count = 1};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(form) struct form *f = NULL;
	enum err e = form_read(&f, &source, faults);
	fuzz_must((e == OK) == (f != NULL) && (e == OK) == (faults->errors == 0));
	for (size_t i = 0; f && i < f->field_count; i++)
		fuzz_must(*f->fields[i].name && *f->fields[i].path);
	return 0;
}
