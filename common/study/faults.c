#include "common/study/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define REASON_BYTES 1024

struct faults *
faults_new(void)
{
	return xcalloc(1, sizeof(struct faults));
}

void
faults_free(struct faults *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++) {
		free(f->items[i].file);
		free(f->items[i].column);
		free(f->items[i].reason);
	}
	free(f);
}

static void add(struct faults *f, struct fault_place at, bool warning, const char *format,
	va_list args) __attribute__((format(printf, 4, 0)));

static void
add(struct faults *f, struct fault_place at, bool warning, const char *format, va_list args)
{
	char reason[REASON_BYTES];
	(void)vsnprintf(reason, sizeof(reason), format, args);
	if (!warning)
		f->errors++;
	if (f->count == FAULTS_MAX) {
		f->dropped++;
		return;
	}
	f->items[f->count++] = (struct fault){
		.warning = warning,
		.file = xstrdup(at.file),
		.row = at.row,
		.column = xstrdup(at.column ? at.column : ""),
		.reason = xstrdup(reason),
	};
}

void
faults_add(struct faults *f, struct fault_place at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add(f, at, false, format, args);
	va_end(args);
}

void
faults_warn(struct faults *f, struct fault_place at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add(f, at, true, format, args);
	va_end(args);
}

void
faults_add_said(struct faults *f, const char *file)
{
	OWNED_MEM char *said = xstrdup(err_text());
	const char *rest = said;
	size_t len = strlen(file), row = 0;
	char *end = said;
	if (strncmp(rest, file, len) == 0)
		rest += len;
	if (rest > said && strncmp(rest, " line ", strlen(" line ")) == 0)
		row = strtoul(rest + strlen(" line "), &end, 10);
	if (end > said)
		rest = end;
	if (rest > said && strncmp(rest, ": ", 2) == 0)
		rest += 2;
	else
		rest = said;
	faults_add(f, (struct fault_place){file, rest > said ? row : 0, NULL}, "%s", rest);
}

static bool
has_keys(const char *file)
{
	size_t len = strlen(file);
	return len > 4 && strcmp(file + len - 4, ".ini") == 0;
}

char *
faults_line(const struct fault *f)
{
	bool keys = has_keys(f->file);
	OWNED_MEM char *row =
		f->row ? xasprintf(" %s %zu", keys ? "line" : "row", f->row) : xstrdup("");
	OWNED_MEM char *column =
		*f->column ? xasprintf(", %s %s", keys ? "key" : "column", f->column)
			   : xstrdup("");
	return xasprintf(
		"%s%s%s: %s%s", f->file, row, column, f->warning ? "warning: " : "", f->reason);
}

enum err
faults_check(const struct faults *f)
{
	if (f->errors == 0)
		return OK;
	for (size_t i = 0; i < f->count; i++) {
		if (f->items[i].warning)
			continue;
		OWNED_MEM char *line = faults_line(&f->items[i]);
		if (f->errors == 1)
			return fail(E_FORMAT, "%s", line);
		return fail(E_FORMAT, "%s (and %zu more)", line, f->errors - 1);
	}
	return fail(E_FORMAT, "%zu faults", f->errors);
}
