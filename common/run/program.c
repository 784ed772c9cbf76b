#include "common/run/program.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/program_inside.h"
#include "common/run/supervisor.h"

#define EXIT_USAGE         2
#define NEAR_LETTERS_COUNT 2
#define DESCRIPTOR_MAX     65535

/* What every command takes. */
static const struct program_option common_options[] = {
	{"dir", "DIR", "data directory (default: $WEIR_DIR, else the current directory)"},
	{"file", "FILE", "read a code or an invitation from this file"},
	{"passphrase-fd", "N", "read passphrases from this descriptor, one line each"},
	{"json", NULL, "print one JSON document"},
	{"help", NULL, "print this help"},
	{NULL, NULL, NULL},
};

/* help */

static void
print_option(FILE *to, const struct program_option *o)
{
	char left[64];
	(void)snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "",
		o->value ? o->value : "");
	fprintf(to, "  %-24s %s\n", left, o->help);
}

static void
print_options(FILE *to, const struct program_option *list)
{
	for (; list && list->name; list++)
		print_option(to, list);
}

static void
print_usage_line(FILE *to, const struct program_spec *s, const struct program_command *c)
{
	fprintf(to, "usage: %s %s [OPTIONS]%s%s\n", s->name, c->name, c->args ? " " : "",
		c->args ? c->args : "");
}

static void
print_command_help(FILE *to, const struct program_spec *s, const struct program_command *c)
{
	print_usage_line(to, s, c);
	fprintf(to, "%s\n\n", c->help);
	print_options(to, c->options);
	print_options(to, common_options);
}

static void
print_help(FILE *to, const struct program_spec *s)
{
	fprintf(to, "%s %s - %s\n\nusage: %s COMMAND [OPTIONS] [ARGUMENTS]\n\n", s->name,
		WEIR_VERSION, s->about, s->name);
	for (const struct program_command *c = s->commands; c->name; c++)
		if (!c->role)
			fprintf(to, "  %-20s %s\n", c->name, c->help);
	fprintf(to,
		"\n`%s COMMAND --help` shows the options of a command.\n"
		"exit codes: 0 done, 1 refused or not found, 2 wrong use, 3 broken "
		"environment\n",
		s->name);
}

/* parsing */

/* The command whose one or two words begin argv; *ret_words says how many. */
static const struct program_command *
find_command(const struct program_spec *s, int argc, char **argv, int *ret_words)
{
	for (int words = 2; words >= 1; words--) {
		if (argc < 1 + words)
			continue;
		OWNED_MEM char *name =
			words == 2 ? xasprintf("%s %s", argv[1], argv[2]) : xstrdup(argv[1]);
		for (const struct program_command *c = s->commands; c->name; c++)
			if (strcmp(c->name, name) == 0) {
				*ret_words = words;
				return c;
			}
	}
	return NULL;
}

static size_t
same_letters(const char *a, const char *b)
{
	size_t n = 0;
	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* Wrong use of the program itself: name the commands that begin most like the word given. */
static int
say_no_command(const struct program_spec *s, const char *word)
{
	size_t most = NEAR_LETTERS_COUNT;
	for (const struct program_command *c = s->commands; c->name; c++)
		if (!c->role)
			most = MAX(most, same_letters(c->name, word));
	fprintf(stderr, "%s: there is no such command; `%s --help` lists them\n", s->name,
		s->name);
	for (const struct program_command *c = s->commands; c->name; c++)
		if (!c->role && same_letters(c->name, word) == most)
			fprintf(stderr, "  %-20s %s\n", c->name, c->help);
	return EXIT_USAGE;
}

static void
add_options(struct program *p, const struct program_option *list, struct option *out)
{
	for (; list && list->name && p->given_count < PROGRAM_OPTIONS_COUNT; list++) {
		out[p->given_count] = (struct option){
			list->name, list->value ? required_argument : no_argument, NULL, 0};
		p->given[p->given_count++].option = list;
	}
}

static struct program_given *
find_given(const struct program *p, const char *name)
{
	for (size_t i = 0; i < p->given_count; i++)
		if (strcmp(p->given[i].option->name, name) == 0)
			return (struct program_given *)(uintptr_t)&p->given[i];
	return NULL;
}

static int
say_usage(const struct program *p, const char *sentence)
{
	fprintf(stderr, "%s: %s\n", p->spec->name, sentence);
	print_usage_line(stderr, p->spec, p->command);
	fprintf(stderr, "`%s %s --help` shows the options\n", p->spec->name, p->command->name);
	return EXIT_USAGE;
}

/* getopt_long takes beginnings of names too: `--pass` would do for --passphrase-fd today and
 * mean something else when another option is added. */
static bool
is_spelled_out(const char *word, const char *name)
{
	size_t len = strlen(name);
	return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, len) == 0 &&
	       (word[2 + len] == '\0' || word[2 + len] == '=');
}

static bool
is_option_of(const char *word, const struct program_option *list)
{
	for (; list && list->name; list++)
		if (is_spelled_out(word, list->name))
			return true;
	return false;
}

/* A word that is no option of any command may be a secret in the wrong place: not repeated. */
static int
say_unknown_option(const struct program *p, const char *word)
{
	char sentence[256];
	const struct program_command *c = p->spec->commands;
	while (c->name && !is_option_of(word, c->options))
		c++;
	if (!c->name)
		return say_usage(p, "an option is not known");
	(void)snprintf(sentence, sizeof(sentence), "`%s` takes no %.*s", p->command->name,
		(int)strcspn(word, "="), word);
	return say_usage(p, sentence);
}

static int
say_no_value(const struct program *p, const char *word)
{
	char sentence[256];
	bool known =
		is_option_of(word, p->command->options) || is_option_of(word, common_options);
	(void)snprintf(
		sentence, sizeof(sentence), "%s needs a value", known ? word : "an option");
	return say_usage(p, sentence);
}

static size_t
most_values(const struct program_option *o)
{
	const size_t len = o->value ? strlen(o->value) : 0;
	return len > 3 && strcmp(o->value + len - 3, "...") == 0 ? PROGRAM_VALUES_COUNT : 1;
}

/* Of two values one would be passed over: which, nobody could tell. */
static int
say_too_often(const struct program *p, const char *option)
{
	char sentence[256];
	(void)snprintf(sentence, sizeof(sentence), "--%s is given too often", option);
	return say_usage(p, sentence);
}

/* 0, or the exit code of wrong use. */
static int
parse_options(struct program *p, int argc, char **argv)
{
	struct option list[PROGRAM_OPTIONS_COUNT + 1] = {{0}};
	int found = 0, index = 0;
	add_options(p, p->command->options, list);
	add_options(p, common_options, list);
	opterr = 0;
	optind = 0;
	while ((found = getopt_long(argc, argv, ":", list, &index)) == 0) {
		struct program_given *g = &p->given[index];
		const char *word = argv[optind - 1];
		if (optarg == word)
			word = argv[optind - 2];
		if (!g->option || !is_spelled_out(word, g->option->name))
			return say_unknown_option(p, word);
		if (g->count == most_values(g->option))
			return say_too_often(p, g->option->name);
		g->values[g->count++] = optarg ? optarg : "";
	}
	if (found == ':')
		return say_no_value(p, argv[optind - 1]);
	if (found != -1)
		return say_unknown_option(p, argv[optind - 1]);
	p->args = argv + optind;
	p->arg_count = (size_t)(argc - optind);
	return 0;
}

static int
check_use(struct program *p)
{
	const char *fd = program_value(p, "passphrase-fd");
	int64_t n = -1;
	if ((int)p->arg_count < p->command->args_min)
		return say_usage(p, "an argument is missing");
	if ((int)p->arg_count > p->command->args_max)
		return say_usage(p, "there are too many arguments");
	for (size_t i = 0; i < p->arg_count; i++)
		if (!p->args[i][0])
			return say_usage(p, "an argument is empty");
	if (fd && (!text_int(view_text(fd), &n) || n < 0 || n > DESCRIPTOR_MAX))
		return say_usage(p, "--passphrase-fd is the number of an open descriptor");
	p->passphrase_fd = (int)n;
	return 0;
}

static int
run_command(struct program *p)
{
	if (crypto_init()) {
		fprintf(stderr, "%s: %s\n", p->spec->name, err_text());
		return err_exit_code(E_IO);
	}
	enum err e = p->command->run(p);
	if (p->usage)
		return EXIT_USAGE;
	if (fflush(stdout) && !e)
		e = fail(E_IO, "standard output: %m");
	if (p->command->role)
		return supervisor_child_ended(e);
	if (e)
		fprintf(stderr, "%s: %s\n", p->spec->name, err_text());
	return err_exit_code(e);
}

int
program_main(const struct program_spec *spec, int argc, char **argv)
{
	struct program p = {.spec = spec, .passphrase_fd = -1};
	int words = 0;
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(argc < 2 ? stderr : stdout, spec);
		return argc < 2 ? EXIT_USAGE : 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("%s %s\n", spec->name, WEIR_VERSION);
		return 0;
	}
	p.command = find_command(spec, argc, argv, &words);
	if (!p.command)
		return say_no_command(spec, argv[1]);
	int code = parse_options(&p, argc - words, argv + words);
	if (code)
		return code;
	if (program_has(&p, "help")) {
		print_command_help(stdout, spec, p.command);
		return 0;
	}
	code = check_use(&p);
	return code ? code : run_command(&p);
}

/* what was given */

bool
program_has(const struct program *p, const char *option)
{
	return program_value_count(p, option) > 0;
}

const char *
program_value(const struct program *p, const char *option)
{
	size_t n = program_value_count(p, option);
	return n ? program_value_at(p, option, n - 1) : NULL;
}

size_t
program_value_count(const struct program *p, const char *option)
{
	const struct program_given *g = find_given(p, option);
	return g ? g->count : 0;
}

const char *
program_value_at(const struct program *p, const char *option, size_t i)
{
	const struct program_given *g = find_given(p, option);
	return g && i < g->count ? g->values[i] : NULL;
}

size_t
program_arg_count(const struct program *p)
{
	return p->arg_count;
}

const char *
program_arg(const struct program *p, size_t i)
{
	return i < p->arg_count ? p->args[i] : NULL;
}

bool
program_json(const struct program *p)
{
	return program_has(p, "json");
}

const char *
program_dir(const struct program *p)
{
	const char *given = program_value(p, "dir"), *set = getenv("WEIR_DIR");
	return given ? given : set && set[0] ? set : ".";
}

const char *
program_name(const struct program *p)
{
	return p->spec->name;
}

enum err
program_usage(struct program *p, const char *format, ...)
{
	char sentence[512];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	(void)say_usage(p, sentence);
	p->usage = true;
	return fail(E_FORMAT, "%s", sentence);
}

enum err
program_number(struct program *p, const char *option, int64_t min, int64_t max,
	int64_t *ret_or_otherwise)
{
	const char *text = program_value(p, option);
	int64_t n = 0;
	if (!text)
		return OK;
	if (!text_int(view_text(text), &n) || n < min || n > max)
		return program_usage(p, "--%s is a whole number from %" PRId64 " to %" PRId64,
			option, min, max);
	*ret_or_otherwise = n;
	return OK;
}
