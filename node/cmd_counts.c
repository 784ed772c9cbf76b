#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"
#include "common/study/counts.h"

#include "node/client.h"
#include "node/ipc_submit.h"

#define FIELDS_MAX_BYTES ((size_t)8 << 20)
#define CODED_KIND       1

enum { WAVE, NAME, FORM, GROUP, DETAIL, NUMBER, COLUMNS };

static const char *const columns[COLUMNS] = {
	"wave", "name", "form", "group", "detail", "number"};

/* show */

static enum err
run_show(struct program *p)
{
	OWNED_BUF struct buf answer;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e =
		client_ask(program_dir(p), "sync.sock", SYNC_COUNTS, view_of(NULL, 0), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	struct view csv = cursor_blob(&c);
	e = cursor_end(&c, "counts");
	if (!e)
		printf("%.*s", (int)csv.len, (const char *)csv.at);
	return e;
}

/* set */

static enum err
read_row(const struct csv_sheet *sheet, size_t row, bool coded, struct buf *out)
{
	int64_t number = 0;
	const char *cells[COLUMNS];
	OWNED_BUF struct buf key;
	buf_init(&key, COUNTS_PATH_BYTES + 1);
	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = csv_cell(sheet, row, csv_column(sheet, columns[i]));
	if (!text_int(view_text(cells[NUMBER]), &number) || number < 0)
		return fail(E_FORMAT, "row %zu: number is no whole number from 0",
			csv_row_number(sheet, row));
	for (size_t i = 0; i < NUMBER; i++)
		if (strchr(cells[i], '/'))
			return fail(E_FORMAT, "row %zu: %s has a slash in it",
				csv_row_number(sheet, row), columns[i]);
	buf_format(&key, "%s/%s/%s/%s%s%s", cells[WAVE], cells[NAME], cells[FORM], cells[GROUP],
		*cells[DETAIL] ? "/" : "", cells[DETAIL]);
	enum err e = buf_check(&key, "count");
	buf_u8(out, coded ? CODED_KIND : 0);
	buf_blob(out, buf_view(&key));
	buf_u64(out, (uint64_t)number);
	return e;
}

static enum err
read_sheet(struct program *p, struct buf *fields)
{
	OWNED_MEM uint8_t *text = NULL;
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	size_t len = 0;
	enum err e = text_read_file(&text, &len, program_arg(p, 0), CSV_MAX_BYTES);
	if (!e)
		e = csv_load(&sheet, view_of(text, len), program_arg(p, 0));
	for (size_t i = 0; !e && i < COLUMNS; i++)
		if (csv_column(sheet, columns[i]) < 0)
			e = fail(E_FORMAT, "%s: the column %s is missing", program_arg(p, 0),
				columns[i]);
	if (e)
		return e;
	buf_u32(fields, (uint32_t)csv_rows(sheet));
	for (size_t i = 0; !e && i < csv_rows(sheet); i++)
		e = read_row(sheet, i, program_has(p, "coded"), fields);
	return e ? e : buf_check(fields, "counts");
}

static enum err
run_set(struct program *p)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, FIELDS_MAX_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = read_sheet(p, &fields);
	if (!e)
		e = client_ask(program_dir(p), "sync.sock", SYNC_COUNTS_SET, buf_view(&fields),
			&answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	uint32_t made = cursor_u32(&c);
	e = cursor_end(&c, "answer of sync");
	if (!e)
		printf(program_json(p) ? "{\"records\":%" PRIu32 "}\n"
				       : "records_about_the_site %" PRIu32 " records\n",
			made);
	return e;
}

static const struct program_option set_options[] = {
	{"coded", NULL, "what coders found in texts, in place of what was entered"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_counts_show = {
	.name = "counts show",
	.run = run_show,
	.help = "what this site counts, as a spreadsheet",
};

const struct program_command cmd_counts_set = {
	.name = "counts set",
	.run = run_set,
	.help = "enter counts: wave,name,form,group,detail,number; replaces those entered "
		"before",
	.args = "FILE.csv",
	.args_min = 1,
	.args_max = 1,
	.options = set_options,
};
