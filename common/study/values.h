/* values - typed values out of the sections of study.ini and rules.ini, with a fault for each
 * misfit.
 *
 * A key that is not there gives `otherwise` and no fault; who needs it says so with
 * values_need().
 */
#ifndef WEIR_VALUES_H
#define WEIR_VALUES_H

#include "common/codec/ini.h"
#include "common/study/faults.h"

#define VALUES_WORD_BYTES 48

struct values {
	const struct ini *ini;
	const char *file;
	const char *section;
	struct faults *faults;
};

/* The place of a key; of the section when there is no such key. */
struct fault_place values_place(const struct values *v, const char *key);

/* A fault for every key of the section that is not in `known`, "|one|two|three.*|". A name that
 * ends with ".*" stands for all keys with that beginning. */
void values_check_keys(const struct values *v, const char *known);

/* The text; a fault when the key is missing or empty. Lent as long as the file lives. */
const char *values_need(const struct values *v, const char *key);
const char *values_text(const struct values *v, const char *key); /* "" if it is not there */

bool values_flag(const struct values *v, const char *key, bool otherwise);
/* "10 people" for unit "people", "10" for unit "". */
uint32_t values_count(
	const struct values *v, const char *key, const char *unit, uint32_t otherwise);
/* A share from 0 to 1. */
double values_share(const struct values *v, const char *key);
/* "30 days", "2 weeks", "12 months", "10 years" as milliseconds, never more than the calendar
 * gives: a month counts 28 days, a whole year of months or years 365. 0 without the key. */
int64_t values_time(const struct values *v, const char *key);
/* Place of the word in "first|second|third", 0 if the key is not there or with a fault. */
unsigned values_one_of(const struct values *v, const char *key, const char *words);
/* A bit for each word of the value, by its place in `words`; a fault for any other word. */
unsigned values_bits(const struct values *v, const char *key, const char *words);

/* The next word of a list separated by blanks; false at its end. A longer word is cut to
 * VALUES_WORD_BYTES, which is more than any known word has. */
bool values_next(const char **at, char ret[static VALUES_WORD_BYTES]);

#endif
