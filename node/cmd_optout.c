#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"

#include "node/capture_said.h"
#include "node/code.h"
#include "node/facts.h"
#include "node/keep_call.h"
#include "node/staff.h"

#define MS_PER_S 1000
#define COLUMNS  2

static const char *const columns[COLUMNS] = {"code", "result"};

/* What came back from the national service, and whose rows are sent. */
struct looked {
	struct program *program;
	struct client *sync;
	struct facts *facts;
	struct staff by;
	struct csv_sheet *sheet;
	const char **codes; /* lent by normal and sheet */
	char (*normal)[CODE_BYTES];
	struct facts_person *people;
	struct wire_opt_out said;
	int64_t now_s;
	size_t out_count; /* who has opted out */
};

static void
looked_done(struct looked *l)
{
	client_free(l->sync);
	facts_free(l->facts);
	csv_sheet_free(l->sheet);
	mem_drop(&l->codes);
	mem_drop(&l->normal);
	mem_drop(&l->people);
}

/* read */

static enum err
read_when(struct looked *l)
{
	const char *day = program_value(l->program, "checked");
	const char *source = program_value(l->program, "source");
	int64_t at_ms;
	if (!day || !clock_parse(day, &at_ms))
		return program_usage(l->program,
			"--checked is needed: the day, YYYY-MM-DD, or the time of the answer");
	if (at_ms / MS_PER_S > l->now_s)
		return program_usage(l->program, "--checked is a day that is to come");
	if (!source || !text_is_plain(source) || !*source || strlen(source) >= WIRE_NAME_BYTES)
		return program_usage(l->program, "--source is needed: who answered, in at most "
						 "63 characters");
	l->said = (struct wire_opt_out){.checked_at_s = at_ms / MS_PER_S, .source = source};
	return OK;
}

static enum err
check_row(struct looked *l, size_t row)
{
	const char *result = csv_cell(l->sheet, row, csv_column(l->sheet, "result"));
	const bool is_out = strcmp(result, "out") == 0;
	l->out_count += is_out;
	return is_out || strcmp(result, "in") == 0
		       ? OK
		       : fail(E_FORMAT, "row %zu, column result: 'in' or 'out' is wanted",
				 csv_row_number(l->sheet, row));
}

static void
read_code(struct looked *l, size_t row)
{
	const char *code = csv_cell(l->sheet, row, csv_column(l->sheet, "code"));
	l->codes[row] = !pack_is_code(l->facts->pack, code) && code_normal(l->normal[row], code)
				? l->normal[row]
				: code;
}

static enum err
read_sheet(struct looked *l)
{
	const char *path = program_arg(l->program, 0);
	OWNED_MEM uint8_t *text = NULL;
	size_t len = 0;
	enum err e = text_read_file(&text, &len, path, CSV_MAX_BYTES);
	if (!e)
		e = csv_load(&l->sheet, view_of(text, len), path);
	for (size_t i = 0; !e && i < COLUMNS; i++)
		if (csv_column(l->sheet, columns[i]) < 0)
			e = fail(E_FORMAT, "%s: the column %s is missing", path, columns[i]);
	const size_t count = e ? 0 : csv_rows(l->sheet);
	if (!e && count == 0)
		e = fail(E_FORMAT, "%s: nobody stands in it", path);
	l->codes = xcalloc(count + 1, sizeof(*l->codes));
	l->normal = xcalloc(count + 1, sizeof(*l->normal));
	l->people = xcalloc(count + 1, sizeof(*l->people));
	for (size_t i = 0; !e && i < count; i++) {
		e = check_row(l, i);
		read_code(l, i);
	}
	return e ? e : facts_people(l->sync, l->codes, count, l->people);
}

/* send */

static enum err
add_row(struct looked *l, size_t row, struct buf *items)
{
	struct capture_opt_out check = {
		.code = l->codes[row], .said = l->said, .captured_s = l->now_s};
	check.said.opted_out =
		strcmp(csv_cell(l->sheet, row, csv_column(l->sheet, "result")), "out") == 0;
	memcpy(check.participant, l->people[row].participant, ID_BYTES);
	return capture_opt_out_item(items, &check);
}

/* All rows are kept in one transaction, after the last of them. */
static enum err
send_rows(struct looked *l)
{
	const size_t rows = csv_rows(l->sheet);
	OWNED_BY(keep_call_done) struct keep_call call;
	const struct sync_keep_by by = {l->by.id, l->by.role, "opt-out", false};
	struct sync_kept kept;
	enum err e = OK;
	keep_call_begin(&call, l->sync);
	for (size_t i = 0; !e && i < rows; i++) {
		e = keep_call_next(&call);
		if (!e)
			e = add_row(l, i, &call.items);
	}
	return e ? e : keep_call_end(&call, &by, &kept);
}

static enum err
run(struct program *p)
{
	OWNED_BY(looked_done)
	struct looked l = {.program = p, .now_s = clock_wall_ms() / MS_PER_S};
	enum err e = read_when(&l);
	if (!e)
		e = client_open(&l.sync, program_dir(p), "sync.sock");
	if (!e)
		e = facts_load(&l.facts, l.sync);
	if (!e)
		e = staff_of(&l.by, p, l.sync);
	if (!e)
		e = read_sheet(&l);
	if (!e)
		e = send_rows(&l);
	if (!e)
		printf(program_json(p) ? "{\"checked\":%zu,\"opted_out\":%zu}\n"
				       : "checked %zu people\nopted_out %zu people\n",
			csv_rows(l.sheet), l.out_count);
	return e;
}

static const struct program_option options[] = {
	{"checked", "TIME", "when the national service answered: YYYY-MM-DD, or a time"},
	{"source", "WORDS", "who answered, for example MESH"},
	{"by", "CODE",
		"who enters it: a coordinator or a staff code (default: the only coordinator)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_optout = {
	.name = "optout",
	.run = run,
	.help = "enter a look at the national opt-out: code,result; result is in or out (who "
		"is "
		"missing in a list that came back is out). Of studies by section 251 support",
	.args = "FILE.csv",
	.args_min = 1,
	.args_max = 1,
	.options = options,
};
