/* program - a command line as tables: subcommands, options, help, exit codes, and secrets.
 *
 * Always true: help texts and errors come from the same tables as the parsing.
 *              a secret never comes from an argument: terminal without echo, a descriptor, a
 *              file, standard input, or a systemd credential.
 *              a command has one or two words: `init`, `person add`.
 * Options:     --help --json --dir DIR --file FILE --passphrase-fd N everywhere; a command
 *              lists its own.
 * Passphrases: in the order they are asked for, one line each, from --passphrase-fd N, else
 *              from the file `passphrases` in $CREDENTIALS_DIRECTORY, else from the terminal.
 * Exit codes:  0 done, 1 refused or not found, 2 usage, 3 broken environment; the sentence is
 *              printed once on standard error as "PROGRAM: sentence".
 */
#ifndef WEIR_PROGRAM_H
#define WEIR_PROGRAM_H

#include "common/trust/crypto.h"

#define PROGRAM_SECRET_BYTES_MAX 65536
#define PROGRAM_LINE_BYTES_MAX   1024

struct program;

struct program_option {
	const char *name;  /* "by": given as --by */
	const char *value; /* "PERSON" in the help, "PERSON..." where it may be given more
			    * than once; NULL: a switch without value */
	const char *help;
};

struct program_command {
	const char *name; /* one or two words */
	enum err (*run)(struct program *p);
	const char *help; /* one line */
	const char *args; /* "DIR [FILE]" in the help; NULL: none */
	int args_min, args_max;
	const struct program_option *options; /* NULL name at the end; NULL: common ones only */
	bool role; /* started by the supervisor: not in the help; ends by
		      supervisor_child_ended() */
};

struct program_spec {
	const char *name;                       /* "weir-hub" */
	const char *about;                      /* one line */
	const struct program_command *commands; /* NULL name at the end */
};

/* Parse, run the command, print its sentence; gives the exit code for main(). */
int program_main(const struct program_spec *spec, int argc, char **argv);

/* What was given. Asking for an option that the command has not in its table is our own
 * mistake. */
bool program_has(const struct program *p, const char *option);
const char *program_value(
	const struct program *p, const char *option); /* the last one, or NULL */
size_t program_value_count(const struct program *p, const char *option);
const char *program_value_at(const struct program *p, const char *option, size_t i);
/* A whole number between min and max; `otherwise` if the option is not given. Another is wrong
 * use, as program_usage() says. */
CHECKED enum err program_number(struct program *p, const char *option, int64_t min, int64_t max,
	int64_t *ret_or_otherwise);
size_t program_arg_count(const struct program *p);
const char *program_arg(const struct program *p, size_t i); /* NULL behind the last */
bool program_json(const struct program *p);
const char *program_dir(const struct program *p);  /* --dir, else $WEIR_DIR, else "." */
const char *program_name(const struct program *p); /* "weir-hub" */

/* Wrong use that the tables cannot say: `return program_usage(p, "...")` prints it with the
 * usage line and ends with exit code 2. */
CHECKED enum err program_usage(struct program *p, const char *format, ...) PRINTF(2, 3);

/* gives the next passphrase. prompt: "passphrase of the site" (no colon). E_AUTH if there is
 * none. */
CHECKED enum err program_passphrase(struct program *p, const char *prompt, struct secret **ret);
/* The same for a new one: at a terminal it is asked for twice; at least 8 bytes. */
CHECKED enum err program_passphrase_new(
	struct program *p, const char *prompt, struct secret **ret);
/* gives a code or an invitation from --file FILE, standard input or the terminal, without the
 * last line end; at most PROGRAM_SECRET_BYTES_MAX. */
CHECKED enum err program_secret_text(
	struct program *p, const char *prompt, struct secret **ret);

/* One line that replaces itself on standard error, if that is a terminal; NULL ends the line.
 */
void program_progress(struct program *p, const char *format, ...) PRINTF(2, 3);

/* A list has no row, which people are told on standard error: "nothing is held". */
void program_none(const struct program *p, const char *sentence);

#endif
