/* conf - the options of a program: one table says what there is, a file says what is different.
 *
 * Form:        as room ini says.
 * Always true: an option that the file does not name has the default of the table; a value is
 *              within its limits. What conf_print() writes, conf_load() reads back.
 * Errors:      E_FORMAT "NAME line 12: ..." for an unknown section or key, a wrong type, a
 *              number out of its limits; values are not repeated.
 */
#ifndef WEIR_CONF_H
#define WEIR_CONF_H

#include "common/codec/bytes.h"

enum conf_type {
	CONF_TEXT,
	CONF_NUMBER, /* whole, least <= value <= most */
	CONF_FLAG,   /* yes or no */
};

struct conf_option {
	const char *section;
	const char *key;
	enum conf_type type;
	const char *otherwise; /* the default, as it would stand in the file */
	int64_t least;
	int64_t most;
	const char *unit; /* "" if none */
	const char *help; /* one line */
};

struct conf;

/* gives the options, read from `text` (an empty view gives the defaults). An unknown section or
 * key, a wrong type and a number out of its limits are refused. The table is lent for good. */
CHECKED enum err conf_load(struct conf **ret, struct view text, const char *name,
	const struct conf_option *options, size_t count);
void conf_free(struct conf *c);
OWNER(conf)

/* Set one option from elsewhere, such as a command line; refused like a line of a file. */
CHECKED enum err conf_set(
	struct conf *c, const char *section, const char *key, const char *value);

/* The value of an option of the table; "" / 0 / false for one that is not in it or of another
 * type. Text is lent until it is set anew. */
const char *conf_text(const struct conf *c, const char *section, const char *key);
int64_t conf_number(const struct conf *c, const char *section, const char *key);
bool conf_flag(const struct conf *c, const char *section, const char *key);

/* The whole configuration as a file that conf_load() reads back; help lines above the keys. */
void conf_print(const struct conf *c, struct buf *out);

#endif
