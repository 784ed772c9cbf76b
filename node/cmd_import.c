#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"

#include "node/called.h"
#include "node/code.h"
#include "node/facts.h"
#include "node/import_consent.h"
#include "node/import_when.h"
#include "node/keep_call.h"
#include "node/staff.h"

#define FAULTS_SHOWN_COUNT  50
#define PROGRESS_ROWS_COUNT 500
#define ITEM_WORD           "item "
#define CODE_TEXT_BYTES     64
#define MS_PER_S            1000
#define HEADING_MAX_BYTES   ((size_t)1 << 20)

/* What one import works with. */
struct job {
	struct program *program;
	struct client *sync;
	struct facts *facts;
	struct staff by; /* who brings the rows */
	const struct form *form;
	struct import *rows;
	struct facts_person *people;
	struct code_of {
		char text[CODE_TEXT_BYTES];
	} * codes_of;          /* of each row, as the site keeps it; "" about the site */
	struct called *called; /* of each row, where rows have to be asked about; else NULL */
	struct import_when *when; /* each row */
	struct import_consent consent;
	int64_t now_s;
	struct sync_kept done;
};

static void
job_done(struct job *j)
{
	import_free(j->rows);
	mem_drop(&j->when);
	mem_drop(&j->people);
	mem_drop(&j->codes_of);
	mem_drop(&j->called);
	facts_free(j->facts);
	client_free(j->sync);
}

/* what to import */

static enum err
find_form(struct job *j)
{
	const char *id = program_value(j->program, "form");
	const char *version = program_value(j->program, "form-version");
	if (!id)
		return program_usage(j->program, "--form FORM is needed");
	j->form = pack_form(j->facts->pack, id);
	if (!j->form)
		return fail(E_NOTFOUND, "study %s has no form %s", j->facts->pack->id, id);
	if (version && strcmp(version, j->form->version) != 0)
		return fail(E_NOTFOUND,
			"form %s is in force in version %s; version %s is not known here", id,
			j->form->version, version);
	return OK;
}

static enum err
find_when(struct job *j)
{
	struct import_when_ask ask = {.pack = j->facts->pack,
		.form = j->form,
		.rows = j->rows,
		.day = program_value(j->program, "filled-in"),
		.now_s = j->now_s};
	enum err e = program_number(j->program, "wave", 1, 9999, &ask.wave);
	if (e)
		return e;
	j->when = xcalloc(import_rows(j->rows) + 1, sizeof(*j->when));
	return import_when_find(j->when, &ask);
}

static enum err
read_consent(struct job *j)
{
	struct program *p = j->program;
	j->consent = (struct import_consent){.mode = program_value(p, "consent"),
		.permits = program_value(p, "permit"),
		.until = program_value(p, "until"),
		.zone = pack_zone(j->facts->pack),
		.form = j->form};
	const char *wrong = import_consent_wrong(&j->consent);
	return wrong ? program_usage(p, "%s", wrong) : import_consent_at(&j->consent, j->now_s);
}

static void
print_faults(const struct faults *f)
{
	for (size_t i = 0; i < f->count && i < FAULTS_SHOWN_COUNT; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		fprintf(stderr, "%s\n", line);
	}
	if (f->errors > FAULTS_SHOWN_COUNT)
		fprintf(stderr, "and %zu more\n", f->errors - FAULTS_SHOWN_COUNT);
}

static enum err
read_rows(struct job *j)
{
	const char *path = program_arg(j->program, 0);
	OWNED_MEM uint8_t *text = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	size_t len = 0;
	enum err e = text_read_file(&text, &len, path, CSV_MAX_BYTES);
	if (e)
		return e;
	const char *slash = strrchr(path, '/');
	size_t kept_count = program_value_count(j->program, "keep-text");
	OWNED_MEM const char **kept = xcalloc(kept_count + 1, sizeof(*kept));
	for (size_t i = 0; i < kept_count; i++)
		kept[i] = program_value_at(j->program, "keep-text", i);
	struct import_source s = {view_of(text, len), slash ? slash + 1 : path, j->facts->pack,
		j->form, clock_wall_ms(), kept, kept_count};
	e = import_read(&j->rows, &s, faults);
	crypto_wipe(text, len);
	if (e == E_FORMAT && faults->errors) {
		print_faults(faults);
		e = fail(E_FORMAT, "%s: %zu fault%s; nothing was loaded", s.name,
			faults->errors, faults->errors == 1 ? "" : "s");
	}
	return e;
}

/* sync counts the items of a request; people look for a row of their sheet. */
static enum err
name_row(const struct job *j, enum err e)
{
	const char *words = err_text();
	const char *colon = strstr(words, ": ");
	int64_t item = 0;
	if (!colon || strncmp(words, ITEM_WORD, strlen(ITEM_WORD)) != 0)
		return e;
	const char *digits = words + strlen(ITEM_WORD);
	if (!text_int(view_of(digits, (size_t)(colon - digits)), &item) || item < 0 ||
		(uint64_t)item >= import_rows(j->rows))
		return e;
	return fail(e, "row %zu: %s; nothing was loaded",
		import_row_number(j->rows, (size_t)item), colon + strlen(": "));
}

static enum err
ask_people(struct job *j)
{
	size_t count = import_rows(j->rows);
	OWNED_MEM const char **codes = xcalloc(count, sizeof(*codes));
	j->people = xcalloc(count, sizeof(*j->people));
	j->codes_of = xcalloc(count, sizeof(*j->codes_of));
	for (size_t i = 0; i < count; i++) {
		const char *code = import_code(j->rows, i);
		char normal[CODE_BYTES];
		(void)snprintf(j->codes_of[i].text, CODE_TEXT_BYTES, "%s",
			!pack_is_code(j->facts->pack, code) && code_normal(normal, code)
				? normal
				: code);
		codes[i] = j->codes_of[i].text;
	}
	if (j->form->per_site)
		return OK;
	enum err e = facts_people(j->sync, codes, count, j->people);
	return e ? name_row(j, e) : OK;
}

/* sealing and sending */

static enum err
read_row(struct job *j, size_t row, struct import_filled *filled, struct capture_record *ret)
{
	const struct import_when *when = &j->when[row];
	enum err e = import_fill(j->rows, row, j->now_s * MS_PER_S, filled);
	if (!e)
		e = import_consent_at(&j->consent, when->at_s);
	*ret = (struct capture_record){
		.form = j->form,
		.code = j->codes_of[row].text,
		.wave = when->wave,
		.group = filled->group,
		.answers = filled->answers,
		.count = filled->count,
		.checked = filled->checked,
		.consent = j->consent.mode ? &j->consent.given : NULL,
		.captured_s = when->at_s,
		.captured_said = when->said,
	};
	if (!j->form->per_site)
		memcpy(ret->participant, j->people[row].participant, ID_BYTES);
	return e;
}

/* what rows are called */

static enum err
name_rows(struct job *j)
{
	size_t count = import_rows(j->rows);
	enum err e = OK;
	if (!capture_hides(j->form))
		return OK;
	j->called = xcalloc(count, sizeof(*j->called));
	for (size_t i = 0; !e && i < count; i++) {
		OWNED_BY(import_filled_done) struct import_filled filled;
		struct capture_record r;
		j->called[i].row = i;
		e = read_row(j, i, &filled, &r);
		if (!e)
			e = capture_ids(&j->called[i].ids, &j->facts->site, &r);
	}
	return e ? e : called_ask(j->sync, j->called, count);
}

static enum err
seal_row(struct job *j, size_t row, struct buf *items)
{
	OWNED_BY(import_filled_done) struct import_filled filled;
	struct capture_record r;
	enum err e = read_row(j, row, &filled, &r);
	if (j->called)
		r.instance = j->called[row].id;
	if (!e)
		e = capture_row(items, &j->facts->site, &r);
	return e ? fail_in(e, "row %zu", import_row_number(j->rows, row)) : OK;
}

/* All rows are kept in one transaction, after the last of them. */
static enum err
load_rows(struct job *j)
{
	size_t rows = import_rows(j->rows);
	OWNED_BY(keep_call_done) struct keep_call call;
	const struct sync_keep_by by = {
		j->by.id, j->by.role, j->form->id, import_kept(j->rows)};
	enum err e = OK;
	keep_call_begin(&call, j->sync);
	for (size_t i = 0; !e && i < rows; i++) {
		e = keep_call_next(&call);
		if (!e)
			e = seal_row(j, i, &call.items);
		if (!e && keep_call_bytes(&call) > KEEP_MAX_BYTES)
			e = fail(E_FULL,
				"the file is too large for one import: split it before row %zu",
				import_row_number(j->rows, i));
		if (i % PROGRESS_ROWS_COUNT == 0)
			program_progress(j->program, "sealing row %zu of %zu", i + 1, rows);
	}
	program_progress(j->program, NULL);
	if (!e)
		e = keep_call_end(&call, &by, &j->done);
	return e ? name_row(j, e) : OK;
}

/* Rows of which nobody said when they were filled in. */
static size_t
count_unsaid(const struct job *j)
{
	size_t count = 0;
	for (size_t i = 0; i < import_rows(j->rows); i++)
		count += !j->when[i].said;
	return count;
}

static void
print_done(const struct job *j)
{
	const size_t now = j->done.items ? count_unsaid(j) : 0;
	if (program_json(j->program)) {
		printf("{\"form\":\"%s\",\"loaded\":%" PRIu32 ",\"already_loaded\":%" PRIu32
		       ",\"filled_in_now\":%zu}\n",
			j->form->id, j->done.items, j->done.skipped, now);
		return;
	}
	printf("loaded %" PRIu32 " rows\n", j->done.items);
	printf("already_loaded %" PRIu32 " rows\n", j->done.skipped);
	if (now)
		printf("filled_in_now %zu rows: they count as filled in today; say when, by "
		       "--filled-in or a column filled_in\n",
			now);
}

static enum err
print_heading(const struct job *j)
{
	OWNED_BUF struct buf row;
	buf_init(&row, HEADING_MAX_BYTES);
	enum err e = import_heading(&row, j->form);
	if (!e)
		printf("%.*s", (int)row.len, (const char *)row.at);
	return e;
}

static enum err
run_import(struct program *p)
{
	OWNED_BY(job_done) struct job j = {.program = p, .now_s = clock_wall_ms() / 1000};
	bool template = program_has(p, "template");
	if (template != (program_arg_count(p) == 0))
		return program_usage(p, "either FILE.csv or --template is needed");
	enum err e = client_open(&j.sync, program_dir(p), "sync.sock");
	if (!e)
		e = facts_load(&j.facts, j.sync);
	if (!e)
		e = find_form(&j);
	if (template)
		return e ? e : print_heading(&j);
	if (!e)
		e = read_consent(&j);
	if (!e)
		e = staff_of(&j.by, p, j.sync);
	if (!e)
		e = read_rows(&j);
	if (!e)
		e = find_when(&j);
	if (!e)
		e = ask_people(&j);
	if (!e)
		e = name_rows(&j);
	if (!e)
		e = load_rows(&j);
	if (!e)
		print_done(&j);
	return e;
}

static const struct program_option options[] = {
	{"form", "FORM",
		"form whose items the columns are; of agreements on paper the consent form"},
	{"template", NULL,
		"print the heading row of such a sheet: an item of a repeat is REPEAT[N]/NAME"},
	{"form-version", "VERSION", "refuse unless this version of the form is in force"},
	{"consent", "MODE", "record consent for each row: returned-questionnaire"},
	{"permit", "CODES",
		"what it permits, separated by commas: collect-direct,use-aggregate,...; "
		"limits on other research behind it: share-secondary:HMB+NCU"},
	{"until", "DAY", "last day on which it holds (default: it has no end)"},
	{"filled-in", "DAY",
		"when the rows were filled in, a day or a time, where the column filled_in "
		"does "
		"not say it (default: today)"},
	{"wave", "N", "wave the records belong to (default: the one that was open then)"},
	{"keep-text", "COLUMN...",
		"its texts were looked at and go as they are, whatever they look like"},
	{"by", "CODE",
		"who brings it: a coordinator or a staff code (default: the only coordinator)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_import = {
	.name = "import",
	.run = run_import,
	.help = "load a spreadsheet of answers: every row, or none",
	.args = "[FILE.csv]",
	.args_min = 0,
	.args_max = 1,
	.options = options,
};
