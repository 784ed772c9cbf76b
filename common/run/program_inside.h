/* program_inside - what the files of program share: a command line that was read. */
#ifndef WEIR_PROGRAM_INSIDE_H
#define WEIR_PROGRAM_INSIDE_H

#include "common/run/program.h"

#define PROGRAM_OPTIONS_COUNT 48
#define PROGRAM_VALUES_COUNT  32

struct program_given {
	const struct program_option *option;
	const char *values[PROGRAM_VALUES_COUNT];
	size_t count;
};

struct program {
	const struct program_spec *spec;
	const struct program_command *command;
	struct program_given given[PROGRAM_OPTIONS_COUNT];
	size_t given_count;
	char **args;
	size_t arg_count;
	int passphrase_fd; /* -1: not given */
	bool usage;        /* wrong use was said already */
};

#endif
