/* tables - the released table of plain records, worked out by the keeper's own computation.
 *
 *   tables PACK < LINES (tables.py) > RELEASED.csv
 *
 * No hub, no keys, no network: for comparing figures alone, and fast. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#include "hub/opening.h"

#define LINE_MAX_BYTES    65536
#define ANSWERS_MAX_COUNT 4096
#define SITES_MAX_COUNT   100

static struct {
	struct pack *pack;
	struct opening *opening;
	char site[ROW_ID_BYTES];
	char form[ROW_ID_BYTES];
	struct wire_answer answers[ANSWERS_MAX_COUNT];
	struct wire_rules rules;
	size_t count;
} now;

static void
stop(const char *what)
{
	(void)fprintf(stderr, "tables: %s: %s\n", what, err_text());
	exit(1);
}

/* gives "outcome_view[2]/achieved" of "outcome_view/achieved" and 2. */
static char *
numbered(const struct form *f, int repeat, const char *path, long number)
{
	if (repeat < 0)
		return xstrdup(path);
	const char *outer = f->repeats[repeat].path;
	return xasprintf("%s[%ld]%s", outer, number, path + strlen(outer));
}

static void
keep(char *path, const char *value)
{
	if (now.count == ANSWERS_MAX_COUNT)
		stop("too many answers");
	now.answers[now.count++] = (struct wire_answer){path, xstrdup(value)};
}

static void
answer(const char *name, long number, const char *value)
{
	const struct form *f = pack_form(now.pack, now.form);
	int at = form_field(f, name);
	if (at < 0 || f->fields[at].goes == FORM_SITE)
		return;
	if (f->fields[at].goes == FORM_OPEN)
		now.rules.open[now.rules.open_count++] =
			(struct wire_open){xstrdup(name), xstrdup(value)};
	else
		keep(numbered(f, f->fields[at].repeat, f->fields[at].path, number), value);
}

static void
instance(const char *name, long number)
{
	const struct form *f = pack_form(now.pack, now.form);
	for (size_t i = 0; i < f->repeat_count; i++)
		if (strcmp(f->repeats[i].name, name) == 0)
			keep(numbered(f, (int)i, f->repeats[i].path, number), "");
}

static void
end_record(void)
{
	const bool system = strcmp(now.form, CHOSEN_SYSTEM) == 0;
	const struct form *f = pack_form(now.pack, now.form);
	if (!*now.form)
		return;
	struct wire_answers a = {.form = now.form,
		.form_version = system ? "1" : f->version,
		.instance_id = "",
		.count = now.count,
		.answers = now.answers};
	now.rules.form = now.form;
	now.rules.form_version = a.form_version;
	if (opening_add(now.opening, now.site, &now.rules, &a))
		stop(now.form);
	for (size_t i = 0; i < now.count; i++) {
		free((char *)(uintptr_t)now.answers[i].path);
		free((char *)(uintptr_t)now.answers[i].value);
	}
	for (size_t i = 0; i < now.rules.open_count; i++) {
		free((char *)(uintptr_t)now.rules.open[i].name);
		free((char *)(uintptr_t)now.rules.open[i].value);
	}
	now.count = now.rules.open_count = 0;
}

static void
take_line(char *line)
{
	char *parts[4] = {line, NULL, NULL, NULL};
	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 1; i < ARRAY_LEN(parts); i++) {
		parts[i] = strchr(parts[i - 1], '\t');
		if (!parts[i])
			break;
		*parts[i]++ = '\0';
	}
	if (strcmp(parts[0], "record") == 0 && parts[2]) {
		end_record();
		(void)snprintf(now.form, sizeof(now.form), "%s", parts[1]);
		(void)snprintf(now.site, sizeof(now.site), "%s", parts[2]);
	} else if (strcmp(parts[0], "answer") == 0 && parts[3]) {
		answer(parts[1], strtol(parts[2], NULL, 10), parts[3]);
	} else if (strcmp(parts[0], "instance") == 0 && parts[2]) {
		instance(parts[1], strtol(parts[2], NULL, 10));
	} else if (strcmp(parts[0], "count") == 0 && parts[2]) {
		keep(xstrdup(parts[1]), parts[2]);
	}
}

static void
print_released(void)
{
	OWNED_BUF struct buf document, evidence, csv;
	OWNED(staged) struct staged *s = NULL;
	const struct staged_head head = {.study = "s",
		.release = "r",
		.purpose = "p",
		.author = "a",
		.count_bucket = "",
		.wave = 1};
	buf_init(&document, STAGED_MAX_BYTES);
	buf_init(&evidence, (size_t)16 << 20);
	buf_init(&csv, 2 * STAGED_MAX_BYTES);
	if (opening_close(now.opening, &head, &document, &evidence) ||
		staged_parse(&s, buf_view(&document)) || staged_csv(s, &csv))
		stop("the release");
	(void)fwrite(csv.at, 1, csv.len, stdout);
}

int
main(int argc, char **argv)
{
	static const char *const all[] = {CHOSEN_ALL};
	static struct cohort_site sites[SITES_MAX_COUNT];
	static char line[LINE_MAX_BYTES];
	OWNED(faults) struct faults *faults = faults_new();
	if (argc != 2 || crypto_init())
		return 2;
	if (pack_load(&now.pack, argv[1], faults))
		stop(argv[1]);
	size_t count = 0;
	for (; count < now.pack->site_count && count < SITES_MAX_COUNT; count++)
		(void)snprintf(sites[count].id, sizeof(sites[count].id), "%s",
			now.pack->sites[count].id);
	const struct opening_ask ask = {.pack = now.pack,
		.sites = sites,
		.site_count = count,
		.indicators = all,
		.indicator_count = 1};
	if (opening_new(&now.opening, &ask))
		stop("the indicators");
	while (fgets(line, sizeof(line), stdin))
		take_line(line);
	end_record();
	print_released();
	opening_free(now.opening);
	pack_free(now.pack);
	return 0;
}
