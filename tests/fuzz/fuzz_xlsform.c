#include <string.h>

#include "common/codec/xml.h"
#include "common/study/xlsform.h"
#include "tests/fuzz/fuzz.h"

#define SHEETS 4
#define NEXT   '\f' /* between the sheets of one form */

/* The sheets survey, choices, settings, entities, one behind the other. What is made of sheets
 * without a fault is well-formed XML, or over a bound of the reader. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sheet *sheets[SHEETS] = {0};
	for (size_t i = 0; i < SHEETS && size > 0; i++) {
		const uint8_t *end = memchr(data, NEXT, size);
		size_t len = end ? (size_t)(end - data) : size;
		if (sheet_from_csv(&sheets[i], view_of(data, len), "sheet") != OK)
			sheets[i] = NULL;
		size -= end ? len + 1 : len;
		data += end ? len + 1 : len;
	}
	const struct xlsform_book book = {
		NULL, false, sheets[0], sheets[1], sheets[2], sheets[3]};
	if (book.survey) {
		OWNED(faults) struct faults *faults = faults_new();
		OWNED(xlsform) struct xlsform *form = xlsform_convert(&book, faults);
		OWNED(xml) struct xml *xml = NULL;
		if (faults->errors == 0)
			fuzz_must(xml_parse(&xml, xlsform_xml(form)) != E_FORMAT);
	}
	for (size_t i = 0; i < SHEETS; i++)
		sheet_free(sheets[i]);
	return 0;
}
