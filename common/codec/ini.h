/* ini - files of sections and keys, read strictly and in order (study.ini, rules.ini,
 * configuration).
 *
 * Form:        UTF-8, with or without byte order mark; `[section]`; `key = value`, the value to
 *              the end of the line without blanks around it and possibly empty; a line whose
 *              first character is `#` or `;` is a comment. Blank lines do not matter.
 *              Refused in words, since the library behind (inih) would drop or bend them: a key
 *              outside any section, a line that begins with a blank, `key: value`, a value with
 *              ` ;` in it, names over 48 bytes, lines over 190 bytes (comments apart),
 *              also when they are written as `key = value`.
 * Always true: no section and no key of a section stands twice; items keep the order of the
 *              file.
 * Limits:      1 MiB a file, 10,000 items.
 * Errors:      E_FORMAT "NAME line 12: ..."; values are not repeated.
 */
#ifndef WEIR_INI_H
#define WEIR_INI_H

#include "common/codec/bytes.h"

#define INI_MAX_FILE_BYTES ((size_t)1 << 20)
#define INI_MAX_ITEMS      ((size_t)10000)

struct ini_item {
	char *section;
	char *key; /* "" for the line of the section itself, which is an item of its own */
	char *value;
	unsigned line;
};

struct ini {
	struct ini_item *items;
	size_t count;
	size_t room;
};

/* gives the file's items; `text` may go after the call. `name` is for error sentences. */
CHECKED enum err ini_load(struct ini **ret, struct view text, const char *name);
void ini_free(struct ini *i);
OWNER(ini)

/* The item, or NULL; key "" asks for the section. Lent as long as the file lives. */
const struct ini_item *ini_find(const struct ini *i, const char *section, const char *key);

/* The value, or `otherwise` when the key is not there. */
const char *ini_value(
	const struct ini *i, const char *section, const char *key, const char *otherwise);

#endif
