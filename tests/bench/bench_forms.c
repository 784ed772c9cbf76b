/* forms - how long it takes to turn a workbook into an XForm, and to load a form.
 *
 *   bench_forms SHEETS [WORKBOOK.xlsx]
 *
 * SHEETS: a directory with survey.csv, choices.csv and settings.csv (form250.py makes one with
 * 250 questions). The limit of loading is reading the same XML as a tree.
 */
#include "tests/bench/bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/xlsx.h"
#include "common/codec/xml.h"
#include "common/study/xform.h"
#include "common/study/xlsform.h"

#define MS_PER_S      1000.0
#define REPEATS_COUNT 9

static struct view
read_file(const char *path)
{
	struct stat s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &s)) {
		(void)fprintf(stderr, "bench: %s cannot be read\n", path);
		exit(3);
	}
	uint8_t *bytes = xcalloc(1, (size_t)s.st_size + 1);
	ssize_t got = read(fd, bytes, (size_t)s.st_size);
	(void)close(fd);
	return view_of(bytes, got > 0 ? (size_t)got : 0);
}

static struct sheet *
sheet_of_directory(const char *directory, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s.csv", directory, name);
	struct view text = read_file(path);
	struct sheet *s = NULL;
	bench_must(sheet_from_csv(&s, text, name), path);
	free((void *)(uintptr_t)text.at);
	return s;
}

static struct sheet *
sheet_of_workbook(struct xlsx *x, const char *name)
{
	struct sheet *s = NULL;
	int at = xlsx_sheet(x, name);
	if (at >= 0)
		bench_must(xlsx_read(&s, x, (size_t)at, "workbook"), name);
	return s;
}

/* One conversion, from the bytes of the file to the text of the XForm. */
static size_t
convert_workbook(struct view bytes)
{
	struct xlsx *x = NULL;
	bench_must(xlsx_open(&x, bytes), "the workbook");
	struct sheet *sheets[] = {sheet_of_workbook(x, "survey"),
		sheet_of_workbook(x, "choices"), sheet_of_workbook(x, "settings"),
		sheet_of_workbook(x, "entities")};
	struct xlsform_book book = {.survey = sheets[0],
		.choices = sheets[1],
		.settings = sheets[2],
		.entities = sheets[3]};
	struct faults *faults = faults_new();
	struct xlsform *form = xlsform_convert(&book, faults);
	size_t len = xlsform_xml(form).len;
	xlsform_free(form);
	faults_free(faults);
	for (size_t i = 0; i < ARRAY_LEN(sheets); i++)
		sheet_free(sheets[i]);
	xlsx_free(x);
	return len;
}

static void
bench_workbook(const char *path)
{
	struct view bytes = read_file(path);
	double took[REPEATS_COUNT];
	size_t len = 0;
	for (size_t i = 0; i < REPEATS_COUNT; i++) {
		double begun_s = bench_now_s();
		len = convert_workbook(bytes);
		took[i] = (bench_now_s() - begun_s) * MS_PER_S;
	}
	bench_say("%s: %zu bytes became an XForm of %zu", path, bytes.len, len);
	bench_line("workbook_convert_ms", bench_median(took, REPEATS_COUNT), "ms");
	free((void *)(uintptr_t)bytes.at);
}

static double
load_once(struct view xml)
{
	struct faults *faults = faults_new();
	struct xform_source source = {.xml = xml, .name = "form250.xml"};
	struct xform *x = NULL;
	double begun_s = bench_now_s();
	bench_must(xform_read(&x, &source, faults), "loading the form");
	double took = (bench_now_s() - begun_s) * MS_PER_S;
	xform_free(x);
	faults_free(faults);
	return took;
}

static double
tree_once(struct view xml)
{
	struct xml *tree = NULL;
	double begun_s = bench_now_s();
	bench_must(xml_parse(&tree, xml), "reading the XML");
	double took = (bench_now_s() - begun_s) * MS_PER_S;
	xml_free(tree);
	return took;
}

static void
bench_load_form(struct view xml)
{
	double program[REPEATS_COUNT], limit[REPEATS_COUNT];
	for (size_t i = 0; i < REPEATS_COUNT; i++) {
		program[i] = load_once(xml);
		limit[i] = tree_once(xml);
	}
	double program_ms = bench_median(program, REPEATS_COUNT);
	double limit_ms = bench_median(limit, REPEATS_COUNT);
	bench_line("form_load_ms", program_ms, "ms");
	bench_line("form_load_limit_ms", limit_ms, "ms");
	bench_line("form_load_ratio", program_ms / limit_ms, "1");
}

static void
bench_sheets(const char *directory)
{
	struct sheet *survey = sheet_of_directory(directory, "survey");
	struct sheet *choices = sheet_of_directory(directory, "choices");
	struct sheet *settings = sheet_of_directory(directory, "settings");
	struct xlsform_book book = {
		.study = true, .survey = survey, .choices = choices, .settings = settings};
	struct faults *faults = faults_new();
	double begun_s = bench_now_s();
	struct xlsform *form = xlsform_convert(&book, faults);
	bench_line("form_convert_ms", (bench_now_s() - begun_s) * MS_PER_S, "ms");
	bench_must(faults_check(faults), "converting the form");
	bench_load_form(xlsform_xml(form));
	xlsform_free(form);
	faults_free(faults);
	sheet_free(survey);
	sheet_free(choices);
	sheet_free(settings);
}

int
main(int count, char **words)
{
	if (count < 2 || count > 3) {
		(void)fprintf(stderr, "usage: bench_forms SHEETS [WORKBOOK.xlsx]\n");
		return 2;
	}
	bench_sheets(words[1]);
	if (count == 3)
		bench_workbook(words[2]);
	return 0;
}
