/* conf - INI files: a strict reader of sections, and one option table a program.
 *
 * Form:        UTF-8; `[section]`; `key = value`, the value to the end of the line without blanks
 *              around it and possibly empty; a line whose first character is `#` or `;` is a comment.
 *              Refused in words, since the library behind would drop or bend them: a key outside any
 *              section, continuation lines, `key: value`, a value with ` ;` in it, names over 48
 *              bytes, lines over 190 bytes, a key or section that stands twice.
 * Always true: items keep the order of the file. An option that a file does not name has its default.
 * Limits:      1 MiB a file, 10,000 items.
 * Errors:      E_FORMAT "NAME line 12: ..."; values are not repeated.
 */
#ifndef WEIR_CONF_H
#define WEIR_CONF_H

#include "common/codec/bytes.h"

#define CONF_MAX_BYTES ((size_t)1 << 20)
#define CONF_MAX_ITEMS ((size_t)10000)

/* ---- sections as they stand in the file (study.ini, rules.ini) ---- */

struct ini_item {
	char *section;
	char *key; /* "" for the section line itself, which is an item of its own */
	char *value;
	unsigned line;
};

struct ini {
	struct ini_item *items;
	size_t count;
};

CHECKED enum err ini_load(struct ini **ret, struct view text, const char *name);
void ini_free(struct ini *i);
OWNER(ini)

/* The item, or NULL. Lent as long as the file lives. */
const struct ini_item *ini_find(const struct ini *i, const char *section, const char *key);

/* The value, or `otherwise` when the key is not there. */
const char *ini_value(
	const struct ini *i, const char *section, const char *key, const char *otherwise);

/* ---- options of a program, all in one table ---- */

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

/* The value of an option of the table; "" / 0 / false for one that is not in it or of another type.
 * Text is lent until it is set anew. */
const char *conf_text(const struct conf *c, const char *section, const char *key);
int64_t conf_number(const struct conf *c, const char *section, const char *key);
bool conf_flag(const struct conf *c, const char *section, const char *key);

/* The whole configuration as a file that conf_load() reads back, each key under its help line. */
void conf_print(const struct conf *c, struct buf *out);

#endif
