#include "hub/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/export_fhir.h"
#include "hub/fhir.h"
#include "hub/office.h"

#define ENTRIES_MAX_COUNT 1000000
#define SHEETS_MAX_COUNT  4096
#define ARGS_MAX_BYTES    ((size_t)16384)
#define HEAD_MAX_BYTES    1024
#define NONCE_BYTES       8
#define ID_TEXT_BYTES     32

/* One export on its way into its file. */
struct exporting {
	struct office *office; /* lent */
	FILE *file;            /* lent */
	int64_t leaf;
	const char *body;
	char *after;
	char **sheets; /* entries of forms that are in the file already */
	size_t sheet_count;
	size_t entries, persons;
};

static void
exporting_done(struct exporting *x)
{
	for (size_t i = 0; i < x->sheet_count; i++)
		mem_drop(&x->sheets[i]);
	mem_drop(&x->sheets);
	mem_drop(&x->after);
}

/* the body of the act */

static const char *
or_empty(const char *text)
{
	return text ? text : "";
}

static enum err
make_body(struct program *p, struct buf *body)
{
	struct json_out w;
	json_begin(&w, body);
	json_put_object(&w, NULL);
	json_put_text(&w, "reason", program_value(p, "reason"));
	json_put_text(&w, "entry", or_empty(program_value(p, "participant-of")));
	json_put_text(&w, "site", or_empty(program_value(p, "site")));
	json_put_close(&w);
	enum err e = json_end(&w, "export");
	buf_u8(body, 0); /* it is handed on as text */
	return e ? e : buf_check(body, "export");
}

static enum err
submit(struct exporting *x, struct view body)
{
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	uint8_t nonce[NONCE_BYTES];
	char hex[2 * NONCE_BYTES + 1], id[ID_TEXT_BYTES];
	crypto_random(nonce, sizeof(nonce));
	text_hex(hex, nonce, sizeof(nonce));
	(void)snprintf(id, sizeof(id), "fhir-%s", hex);
	const struct office_act act = {EXPORT_FHIR_KIND, id, body};
	enum err e = office_signer(x->office, &by);
	if (!e)
		e = office_submit(x->office, by, &act, &answer);
	return e ? e : json_get_int(answer, "leaf", 0, INT64_MAX, &x->leaf);
}

/* the pages */

static enum err
ask_page(const struct exporting *x, struct json **ret)
{
	OWNED_BUF struct buf args;
	struct json_out w;
	buf_init(&args, ARGS_MAX_BYTES);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	json_put_int(&w, "leaf", x->leaf);
	json_put_text(&w, "body", x->body);
	json_put_text(&w, "after", x->after);
	json_put_close(&w);
	enum err e = json_end(&w, "question");
	buf_u8(&args, 0);
	return e ? e : office_ask(x->office, "fhir", (const char *)args.at, ret);
}

static void
write_entry(struct exporting *x, const char *entry)
{
	/* What fails stays with the file and is asked for once, at its end. */
	(void)fprintf(x->file, "%s%s", x->entries++ ? ",\n" : "", entry);
}

static bool
is_new_sheet(struct exporting *x, const char *entry)
{
	for (size_t i = 0; i < x->sheet_count; i++)
		if (strcmp(x->sheets[i], entry) == 0)
			return false;
	if (x->sheet_count == SHEETS_MAX_COUNT)
		return true;
	x->sheets = xrealloc(x->sheets, x->sheet_count + 1, sizeof(*x->sheets));
	x->sheets[x->sheet_count++] = xstrdup(entry);
	return true;
}

/* once: each is written a single time, whatever page it comes with */
static enum err
write_list(struct exporting *x, const struct json *page, const char *key, bool once)
{
	const struct json *all = NULL;
	const char *entry = "";
	enum err e = json_get_array(page, key, ENTRIES_MAX_COUNT, &all);
	for (size_t i = 0; !e && i < json_count(all); i++) {
		e = json_item_text(all, i, key, (size_t)1024 * 1024, &entry);
		if (!e && (!once || is_new_sheet(x, entry)))
			write_entry(x, entry);
	}
	return e;
}

static enum err
write_page(struct exporting *x, struct program *p, bool *ret_last)
{
	OWNED(json) struct json *page = NULL;
	const char *next = "";
	int64_t persons = 0;
	*ret_last = true;
	enum err e = ask_page(x, &page);
	if (!e)
		e = write_list(x, page, "study", false);
	if (!e)
		e = write_list(x, page, "sheets", true);
	if (!e)
		e = write_list(x, page, "entries", false);
	if (!e)
		e = json_get_int(page, "persons", 0, INT32_MAX, &persons);
	if (!e)
		e = json_get_text(page, "next", 2 * ID_BYTES, &next);
	if (e)
		return e;
	x->persons += (size_t)persons;
	*ret_last = next[0] == '\0';
	mem_drop(&x->after);
	x->after = xstrdup(next);
	program_progress(p, "%zu persons", x->persons);
	return OK;
}

static enum err
write_bundle(struct exporting *x, struct program *p)
{
	OWNED_BUF struct buf head, end;
	bool last = false;
	buf_init(&head, HEAD_MAX_BYTES);
	buf_init(&end, HEAD_MAX_BYTES);
	fhir_bundle_end(&end);
	enum err e = fhir_bundle_begin(&head, office_settings(x->office)->study);
	if (!e)
		(void)fprintf(x->file, "%.*s", (int)head.len, (const char *)head.at);
	while (!e && !last)
		e = write_page(x, p, &last);
	program_progress(p, NULL);
	if (!e)
		(void)fprintf(x->file, "%.*s", (int)end.len, (const char *)end.at);
	return e;
}

/* the file */

static enum err
open_new(const char *path, FILE **ret)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	*ret = NULL;
	if (fd < 0)
		return errno == EEXIST
			       ? fail(E_CONFLICT, "%s is there already", path)
			       : fail(E_IO, "%s cannot be made: %s", path, strerror(errno));
	*ret = fdopen(fd, "w");
	if (!*ret)
		close(fd);
	return *ret ? OK : fail(E_IO, "%s cannot be written", path);
}

static enum err
close_file(FILE *file, const char *path)
{
	bool is_bad = ferror(file) || fflush(file) || fsync(fileno(file));
	is_bad = fclose(file) || is_bad;
	return is_bad ? fail(E_IO, "%s cannot be written", path) : OK;
}

/* A file that was not finished does not stay. */
static enum err
write_file(struct exporting *x, struct program *p, struct view body, const char *path)
{
	enum err e = submit(x, body);
	if (!e)
		e = write_bundle(x, p);
	OWNED_MEM char *words = xstrdup(e ? err_text() : "");
	enum err closed = close_file(x->file, path);
	if (e || closed)
		(void)unlink(path);
	return e ? fail(e, "%s", words) : closed;
}

static enum err
check_use(struct program *p)
{
	int scopes = program_has(p, "participant-of") + program_has(p, "site") +
		     program_has(p, "all");
	const char *reason = program_value(p, "reason");
	if (scopes != 1)
		return program_usage(
			p, "one of --participant-of, --site and --all says whom it is about");
	if (!reason || !reason[0] || !program_value(p, "out"))
		return program_usage(p, "--reason and --out are needed");
	return OK;
}

static enum err
run(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED_BUF struct buf body;
	OWNED_BY(exporting_done) struct exporting x = {.after = xstrdup("")};
	const char *path = program_value(p, "out");
	buf_init(&body, EXPORT_FHIR_BODY_MAX_BYTES);
	enum err e = check_use(p);
	if (!e)
		e = make_body(p, &body);
	if (!e)
		e = office_open(&o, p);
	x.office = o;
	x.body = (const char *)body.at;
	/* The file first: an act that leads to nothing is in the log for ever. */
	if (!e)
		e = open_new(path, &x.file);
	if (e)
		return e;
	e = write_file(&x, p, view_of(body.at, body.len - 1), path);
	if (!e && program_json(p))
		printf("{\"leaf\":%lld,\"persons\":%zu,\"entries\":%zu}\n", (long long)x.leaf,
			x.persons, x.entries);
	else if (!e)
		printf("%s: %zu persons, %zu entries; leaf %lld of the log says so\n", path,
			x.persons, x.entries, (long long)x.leaf);
	return e;
}

static const struct program_option options[] = {
	{"participant-of", "ENTRY", "the one person whom this entry is about"},
	{"site", "SITE", "the people of one site"},
	{"all", NULL, "the people of all sites"},
	{"out", "FILE", "the file to make; it must not be there yet"},
	{"reason", "TEXT", "why; it stands in the log, so it names no person"},
	{"by", "PERSON", "who exports it, an officer"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_export = {
	.name = "export fhir",
	.run = run,
	.help = "consents and where they came from, as a FHIR R4 bundle; no answers",
	.options = options,
};
