#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/handed.h"
#include "hub/office.h"

#define LIST_MAX_COUNT  100000
#define TEXT_MAX_BYTES  1024
#define ARGS_BYTES      256
#define PLACE_BYTES_MAX 1024
#define NOTES_BYTES     ((size_t)4 * 1024 * 1024)

/* table */

/* Shares to three places, for reading; the file has them in full. */
static void
print_number(const char *value)
{
	double number = 0;
	bool is_decimal = strchr(value, '.') && text_decimal(view_text(value), &number);
	if (is_decimal)
		printf(" %.3f", number);
	else
		printf(" %s", value);
}

static void
print_value(const char *statistic, const char *value)
{
	printf("  %s", statistic);
	print_number(value);
}

/* "(then 0.412, change 0.031)" */
static void
print_compared(const struct staged_row *r)
{
	printf(" (then");
	print_number(r->earlier);
	printf(", change");
	print_number(r->change);
	printf(")");
}

/* "norway female no, level 3" */
static void
name_place(char ret[static PLACE_BYTES_MAX], const struct staged *s, const struct staged_row *r)
{
	size_t len = (size_t)snprintf(ret, PLACE_BYTES_MAX, "%s", r->site);
	for (size_t k = 0; k < s->by_count && len < PLACE_BYTES_MAX; k++)
		if (r->by[k])
			len += (size_t)snprintf(
				ret + len, PLACE_BYTES_MAX - len, " %s", r->by[k]);
	if (r->level[0] && len < PLACE_BYTES_MAX)
		(void)snprintf(ret + len, PLACE_BYTES_MAX - len, ", level %s", r->level);
}

static enum err
print_table(const struct staged *s)
{
	char place[PLACE_BYTES_MAX], last[PLACE_BYTES_MAX] = "";
	OWNED_BUF struct buf notes;
	const char *indicator = "";
	struct staged_row r;
	buf_init(&notes, NOTES_BYTES);
	enum err e = OK;
	for (size_t i = 0; !e && i < s->row_count; i++) {
		e = staged_row(s, i, &r);
		if (e)
			break;
		name_place(place, s, &r);
		bool is_new = strcmp(indicator, r.indicator) != 0;
		if (is_new)
			printf("\n\n%s", r.indicator);
		if (is_new || strcmp(place, last) != 0)
			printf("\n  %-36s", place);
		print_value(r.statistic, r.value);
		if (r.earlier)
			print_compared(&r);
		indicator = r.indicator;
		memcpy(last, place, sizeof(last));
	}
	if (e)
		return e;
	e = staged_notes(s, &notes);
	printf("\n\n%.*s\n[c] hidden to protect people, [w] nobody answered, [x] site not "
	       "taking "
	       "part, "
	       "[z] not applicable\n",
		(int)notes.len, (const char *)notes.at);
	return e;
}

/* head */

static enum err
print_approvals(const struct json *r)
{
	const struct json *list = NULL, *one = NULL;
	const char *person = "";
	int64_t time_s = 0, needed = 0;
	enum err e = json_get_array(r, "approvals", LIST_MAX_COUNT, &list);
	if (!e)
		e = json_get_int(r, "needed", 0, INT64_MAX, &needed);
	if (!e)
		printf("  approvals %zu of %lld\n", json_count(list), (long long)needed);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		char when[CLOCK_TEXT_BYTES];
		e = json_item_object(list, i, "approvals", &one);
		if (!e)
			e = json_get_text(one, "person", TEXT_MAX_BYTES, &person);
		if (!e)
			e = json_get_int(one, "time_s", 0, INT64_MAX / 1000, &time_s);
		clock_text(when, time_s * 1000);
		if (!e)
			printf("    %s at %s\n", person, when);
	}
	return e;
}

static enum err
print_head(const struct json *r, const char *state)
{
	const char *author = "", *purpose = "", *bucket = "", *words = "", *digest = "";
	enum err e = json_get_text(r, "author", TEXT_MAX_BYTES, &author);
	if (!e)
		e = json_get_text(r, "purpose", TEXT_MAX_BYTES, &purpose);
	if (!e)
		e = json_get_text(r, "count_bucket", TEXT_MAX_BYTES, &bucket);
	if (!e)
		e = json_get_text(r, "words", TEXT_MAX_BYTES, &words);
	if (!e)
		e = json_get_text(r, "digest", TEXT_MAX_BYTES, &digest);
	if (e)
		return e;
	printf("  state     %s%s%s\n", state, words[0] ? ": " : "", words);
	printf("  author    %s\n", author);
	printf("  purpose   %s\n", purpose);
	printf("  people    %s\n", bucket);
	printf("  digest    %s\n", digest);
	return print_approvals(r);
}

static bool
has_table(const char *state)
{
	return strcmp(state, "proposed") != 0 && strcmp(state, "refused") != 0;
}

/* Nothing that is not released leaves as a file. */
static enum err
show_table(struct program *p, struct office *o, const char *state)
{
	OWNED(handed) struct handed *h = NULL;
	const char *out = program_value(p, "out");
	if (out && strcmp(state, "released") != 0)
		return fail(E_DENIED,
			"release %s is not released: its table is written to no file",
			program_arg(p, 0));
	if (!has_table(state))
		return OK;
	enum err e = handed_fetch(&h, o, program_dir(p), program_arg(p, 0));
	if (e)
		return e;
	return out ? handed_write(h, out) : print_table(h->staged);
}

static enum err
show(struct program *p, struct office *o, const char *args)
{
	OWNED(json) struct json *r = NULL;
	const char *state = "";
	enum err e = office_ask(o, "release", args, &r);
	if (!e)
		e = json_get_text(r, "state", TEXT_MAX_BYTES, &state);
	if (!e)
		printf("release %s\n", program_arg(p, 0));
	if (!e)
		e = print_head(r, state);
	return e ? e : show_table(p, o, state);
}

static enum err
run_show(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	char args[ARGS_BYTES];
	if (!text_is_name(program_arg(p, 0), 63))
		return fail(E_NOTFOUND, "there is no release of that name");
	(void)snprintf(args, sizeof(args), "{\"id\":\"%s\"}", program_arg(p, 0));
	enum err e = office_open(&o, p);
	if (e)
		return e;
	return program_json(p) ? office_print(o, "release", args) : show(p, o, args);
}

/* list */

static enum err
print_one(const struct json *r)
{
	const char *id = "", *state = "", *author = "", *purpose = "";
	char day[CLOCK_TEXT_BYTES];
	int64_t proposed_s = 0, approvals = 0;
	enum err e = json_get_text(r, "id", TEXT_MAX_BYTES, &id);
	if (!e)
		e = json_get_text(r, "state", TEXT_MAX_BYTES, &state);
	if (!e)
		e = json_get_text(r, "author", TEXT_MAX_BYTES, &author);
	if (!e)
		e = json_get_text(r, "purpose", TEXT_MAX_BYTES, &purpose);
	if (!e)
		e = json_get_int(r, "proposed_s", 0, INT64_MAX / 1000, &proposed_s);
	if (!e)
		e = json_get_int(r, "approvals", 0, INT64_MAX, &approvals);
	if (e)
		return e;
	clock_text(day, proposed_s * 1000);
	printf("%-18s %-9s %.10s  %lld approvals  %-16s %s\n", id, state, day,
		(long long)approvals, author, purpose);
	return OK;
}

static enum err
run_list(struct program *p)
{
	return office_list(p, &(struct office_list){"releases", "releases", LIST_MAX_COUNT,
				      print_one, "no release was proposed yet"});
}

static const struct program_option show_options[] = {
	{"out", "FILE.csv", "write the table of what is released there, not to the screen"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_release_show = {.name = "release show",
	.run = run_show,
	.help = "a release: its state, its approvals and its figures",
	.options = show_options,
	.args = "RELEASE",
	.args_min = 1,
	.args_max = 1};

const struct program_command cmd_release_list = {
	.name = "release list", .run = run_list, .help = "every release and its state"};
