/* record_inside - how a record lies in memory; shared by the files of record only. */
#ifndef WEIR_RECORD_INSIDE_H
#define WEIR_RECORD_INSIDE_H

#include "common/study/names.h"
#include "common/study/record.h"

#define RECORD_MAX_TURNS 8        /* repeats inside each other */
#define RECORD_MAX_TURN  1000000  /* a number behind a repeat's name */
#define RECORD_IGNORED   SIZE_MAX /* of the form in force there is no such thing */
#define RECORD_BITS      64       /* of a word */

/* What the codes of one list mean as answers. */
struct record_choices {
	struct names *names;
	const struct form_list *list;
	struct expr_value *values; /* by place */
};

/* Where the answers of a field are kept. */
struct record_place {
	size_t section;
	size_t slot;
	size_t bits; /* of a select_multiple: its first word in a row of bits */
	const struct record_choices *choices;
};

/* What stands outside repeats, or all instances of one repeat. */
struct record_section {
	size_t width; /* values of an instance */
	size_t words; /* of bits of an instance */
	size_t count; /* instances */
	size_t room;
	struct expr_value *values;
	uint64_t *bits;
	size_t outer; /* the enclosing instance of those that came last, and its first one */
	size_t first;
};

/* A path of the written form: a field or a repeat. */
struct record_path {
	size_t field; /* of the form in force; RECORD_IGNORED when it shares none */
	int repeat;   /* of the written form: the innermost one at or above it, or -1 */
	bool is_repeat;
};

struct record {
	const struct form *form;
	const struct form *written;
	struct names *names;
	struct record_path *paths;
	struct record_place *places;
	struct record_section *sections;
	size_t section_count;
	struct record_choices **choices;
	size_t choices_count;
	size_t values; /* kept in all sections */
};

/* A select_multiple with a list; a field whose answer is one code of a list. */
bool record_is_multiple(const struct form_field *f);
bool record_is_choice(const struct form_field *f);

/* The innermost repeat of a field, -1 in a form without repeats. */
int record_repeat(const struct form *f, size_t field);
/* The repeat of the form in force that a repeat of the written one is, or -1. */
int record_repeat_shared(const struct form *f, const struct form *written, int repeat);

/* Makes room for so many instances, and leaves no answer in memory that is given back. */
void record_grow(struct record_section *s, size_t room);

/* What a path means: ret_path, and the instance, RECORD_IGNORED when the form in force has no
 * such repeat. Makes the instances it names. */
CHECKED enum err record_find(struct record *r, const char *path,
	const struct record_path **ret_path, size_t *ret_instance);

#endif
