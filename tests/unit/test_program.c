#include "tests/unit/suite.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/program.h"

#define OUTPUT_BYTES_MAX 8192
#define ARGV_COUNT_MAX   12

/* the program under test */

static enum err
show(struct program *p)
{
	int64_t count = 5;
	enum err e = program_number(p, "count", 1, 100, &count);
	if (e)
		return e;
	printf("%s|%s|%d|%zu|%s|%lld|%zu|%s", program_name(p), program_dir(p), program_json(p),
		program_value_count(p, "by"),
		program_value(p, "by") ? program_value(p, "by") : "", (long long)count,
		program_arg_count(p), program_arg(p, 0) ? program_arg(p, 0) : "");
	return OK;
}

static enum err
two_words(struct program *p)
{
	printf("person:%s", program_arg(p, 0));
	return OK;
}

static enum err
refuse(struct program *p)
{
	(void)p;
	return fail(E_DENIED, "rule R07 says no");
}

static enum err
absent(struct program *p)
{
	(void)p;
	return fail(E_ABSENT, "nobody is listening: start `weir-test run`");
}

static enum err
choose(struct program *p)
{
	return program_usage(p, "give --by or --count, not %s", "both");
}

static enum err
ask(struct program *p)
{
	OWNED_SECRET struct secret *first = NULL, *second = NULL;
	enum err e = program_passphrase(p, "passphrase of A", &first);
	if (!e)
		e = program_passphrase_new(p, "new passphrase of B", &second);
	if (!e)
		printf("%.*s|%.*s", (int)secret_len(first), (char *)secret_bytes(first),
			(int)secret_len(second), (char *)secret_bytes(second));
	return e;
}

static enum err
take_text(struct program *p)
{
	OWNED_SECRET struct secret *text = NULL;
	enum err e = program_secret_text(p, "invitation", &text);
	if (!e)
		printf("%.*s", (int)secret_len(text), (char *)secret_bytes(text));
	return e;
}

static const struct program_option show_options[] = {
	{"by", "PERSON...", "who does it"},
	{"count", "N", "how many"},
	{NULL, NULL, NULL},
};

static const struct program_command commands[] = {
	{"show", show, "show what was given", "[FILE]", 0, 1, show_options, false},
	{"person add", two_words, "add a person", "NAME", 1, 1, NULL, false},
	{"refuse", refuse, "refuse", NULL, 0, 0, NULL, false},
	{"absent", absent, "find nobody", NULL, 0, 0, NULL, false},
	{"choose", choose, "be used wrongly", NULL, 0, 0, NULL, false},
	{"ask", ask, "ask for passphrases", NULL, 0, 0, NULL, false},
	{"take", take_text, "take an invitation", NULL, 0, 0, NULL, false},
	{"role hidden", refuse, "not for people", NULL, 0, 0, NULL, true},
	{NULL, NULL, NULL, NULL, 0, 0, NULL, false},
};

static const struct program_spec spec = {"weir-test", "an example program", commands};

/* running it */

struct outcome {
	int code;
	char out[OUTPUT_BYTES_MAX];
	char said[OUTPUT_BYTES_MAX];
};

static void
read_all(int fd, char ret[static OUTPUT_BYTES_MAX])
{
	size_t len = 0;
	ssize_t n = 1;
	while (n > 0 && len + 1 < OUTPUT_BYTES_MAX) {
		n = read(fd, ret + len, OUTPUT_BYTES_MAX - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	ret[len] = 0;
	(void)close(fd);
}

/* Run `weir-test LINE` in a process without a terminal; LINE is split at blanks, input is what
 * it reads on descriptor 0 and, once more, on descriptor 7. */
static struct outcome
run(const char *line, const char *input)
{
	struct outcome ret = {0};
	int out[2], said[2], in[2], extra[2];
	assert_true(!pipe(out) && !pipe(said) && !pipe(in) && !pipe(extra));
	assert_true(write(in[1], input, strlen(input)) == (ssize_t)strlen(input));
	assert_true(write(extra[1], input, strlen(input)) == (ssize_t)strlen(input));
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		OWNED_MEM char *words = xstrdup(line);
		char *argv[ARGV_COUNT_MAX] = {(char *)(uintptr_t) "weir-test"};
		int argc = 1;
		for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
			argv[argc++] = w;
		(void)setsid();
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(said[1], STDERR_FILENO);
		int keep = fcntl(extra[0], F_DUPFD, 40);
		for (int fd = 3; fd < 40; fd++)
			(void)close(fd);
		(void)dup2(keep, 7);
		int code = program_main(&spec, argc, argv);
		(void)fflush(NULL);
		_exit(code);
	}
	(void)close(out[1]);
	(void)close(said[1]);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(extra[0]);
	(void)close(extra[1]);
	read_all(out[0], ret.out);
	read_all(said[0], ret.said);
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ret.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
	return ret;
}

struct row {
	const char *name;
	const char *line;
	const char *input;
	int code;
	const char *out;  /* exactly */
	const char *said; /* somewhere in it; "": nothing at all */
};

static const struct row rows[] = {
	{"nothing given takes the defaults", "show", "", 0, "weir-test|.|0|0||5|0|", ""},
	{"options and arguments come in any order",
		"show --by ann file --json --dir /d --count 9", "", 0,
		"weir-test|/d|1|1|ann|9|1|file", ""},
	{"an option that takes one value is not given twice", "show --count 7 --count 9", "", 2,
		"", "--count is given too often"},
	{"nor is a switch", "show --json --json", "", 2, "", "--json is given too often"},
	{"an option may be given twice where its value says so", "show --by ann --by bob", "",
		0, "weir-test|.|0|2|bob|5|0|", ""},
	{"what stands behind -- is no option", "show -- --json", "", 0,
		"weir-test|.|0|0||5|1|--json", ""},
	{"a command may have two words", "person add ann", "", 0, "person:ann", ""},
	{"an unknown option is wrong use", "show --colour red", "", 2, "",
		"usage: weir-test show [OPTIONS] [FILE]"},
	{"an option of another command is named", "refuse --by=ann", "", 2, "",
		"`refuse` takes no --by\n"},
	{"an option of another command is wrong use", "refuse --by ann", "", 2, "",
		"usage: weir-test refuse"},
	{"an option lacks its value", "show --by", "", 2, "", "--by needs a value"},
	{"a passphrase is no argument", "ask --passphrase hunter2", "", 2, "", "not known"},
	{"an argument is missing", "person add", "", 2, "",
		"usage: weir-test person add [OPTIONS] NAME"},
	{"too many arguments", "show a b", "", 2, "", "too many"},
	{"an unknown command is wrong use", "shew", "", 2, "", "weir-test --help"},
	{"half a command is wrong use", "person", "", 2, "", "weir-test --help"},
	{"the nearest command is named", "persons list", "", 2, "", "add a person"},
	{"no command is wrong use", "", "", 2, "", "usage: weir-test COMMAND"},
	{"a command may find its use wrong", "choose", "", 2, "",
		"give --by or --count, not both"},
	{"a number out of its range is wrong use", "show --count 101", "", 2, "",
		"--count is a whole number from 1 to 100"},
	{"a number has to be one", "show --count 3x", "", 2, "", "--count"},
	{"a refusal has code 1 and its sentence", "refuse", "", 1, "",
		"weir-test: rule R07 says no\n"},
	{"nobody listening has code 3", "absent", "", 3, "",
		"weir-test: nobody is listening: start `weir-test run`\n"},
	{"passphrases come line by line from the descriptor", "ask --passphrase-fd 7",
		"first of two\nsecond one\n", 0, "first of two|second one", ""},
	{"a last line may lack its end", "ask --passphrase-fd 7", "a\nsecond one", 0,
		"a|second one", ""},
	{"passphrases that run out are said", "ask --passphrase-fd 7", "only one\n", 1, "",
		"new passphrase of B"},
	{"a new passphrase is not too short", "ask --passphrase-fd 7", "a\n1234567\n", 1, "",
		"at least 8"},
	{"a passphrase descriptor has to be a number", "ask --passphrase-fd x", "", 2, "",
		"--passphrase-fd"},
	{"without terminal and descriptor there is no passphrase", "ask", "first\n", 1, "",
		"--passphrase-fd"},
	{"a text comes from standard input without its line end", "take", "weir1-example\n", 0,
		"weir1-example", ""},
	{"an empty text is refused", "take", "\n", 1, "", "invitation"},
	{"a file that is not there is named", "take --file /nonexistent/x", "", 1, "",
		"/nonexistent/x"},
};

static void
every_row_ends_as_it_says(void **state)
{
	(void)state;
	(void)unsetenv("WEIR_DIR");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct outcome o = run(row->line, row->input);
		bool said = row->said[0] ? strstr(o.said, row->said) != NULL : o.said[0] == 0;
		if (o.code != row->code || strcmp(o.out, row->out) != 0 || !said)
			fail_msg("%s: code %d, out '%s', said '%s'", row->name, o.code, o.out,
				o.said);
	}
}

static void
help_is_made_from_the_tables_and_hides_roles(void **state)
{
	(void)state;
	struct outcome all = run("--help", "");
	assert_int_equal(all.code, 0);
	assert_non_null(strstr(all.out, "add a person"));
	assert_null(strstr(all.out, "hidden"));
	struct outcome one = run("show --help", "");
	assert_int_equal(one.code, 0);
	assert_non_null(strstr(one.out, "--by PERSON"));
	assert_non_null(strstr(one.out, "who does it"));
	assert_non_null(strstr(one.out, "--passphrase-fd N"));
}

static void
a_misplaced_secret_is_not_repeated(void **state)
{
	(void)state;
	struct outcome o = run("ask --passphrase=hunter2example", "");
	assert_int_equal(o.code, 2);
	assert_null(strstr(o.said, "hunter2example"));
}

static void
a_systemd_credential_gives_the_passphrases(void **state)
{
	(void)state;
	char dir[] = "/tmp/weir-program-XXXXXX";
	assert_non_null(mkdtemp(dir));
	OWNED_MEM char *path = xasprintf("%s/passphrases", dir);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs("from systemd\nthe second\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	struct outcome o = run("ask", "");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	(void)unlink(path);
	(void)rmdir(dir);
	assert_int_equal(o.code, 0);
	assert_string_equal(o.out, "from systemd|the second");
}

static void
a_role_ends_with_the_code_that_the_supervisor_knows(void **state)
{
	(void)state;
	struct outcome o = run("role hidden", "");
	assert_int_equal(o.code, 78);
	assert_non_null(strstr(o.said, "rule R07 says no"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_ends_as_it_says),
		cmocka_unit_test(help_is_made_from_the_tables_and_hides_roles),
		cmocka_unit_test(a_misplaced_secret_is_not_repeated),
		cmocka_unit_test(a_systemd_credential_gives_the_passphrases),
		cmocka_unit_test(a_role_ends_with_the_code_that_the_supervisor_knows),
	};
	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
