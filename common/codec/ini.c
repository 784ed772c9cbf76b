#include "common/codec/ini.h"

#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

/* inih reads lines into 200 bytes and names into 50, and cuts in silence what does not fit. */
#define LINE_BYTES ((size_t)190)
#define NAME_BYTES ((size_t)48)
#define TOO_LONG   "longer than 190 bytes"

/* A file being read. */
struct load {
	struct ini *ini;
	const char *name;
	struct view left;
	unsigned line;
	enum err e;
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct view
trimmed(struct view v)
{
	while (v.len && is_blank(v.at[0]))
		v = view_of(v.at + 1, v.len - 1);
	while (v.len && is_blank(v.at[v.len - 1]))
		v.len--;
	return v;
}

static void
add(struct load *l, const char *section, const char *key, const char *value)
{
	struct ini *i = l->ini;
	if (i->count >= INI_MAX_ITEMS) {
		l->e = fail(E_FULL, "%s: more than %zu keys", l->name, INI_MAX_ITEMS);
		return;
	}
	if (ini_find(i, section, key)) {
		l->e = fail(E_FORMAT, "%s line %u: %s '%s' stands twice", l->name, l->line,
			*key ? "the key" : "the section", *key ? key : section);
		return;
	}
	if (i->count == i->room) {
		i->room = i->room ? 2 * i->room : 64;
		i->items = xrealloc(i->items, i->room, sizeof(*i->items));
	}
	i->items[i->count++] = (struct ini_item){
		.section = xstrdup(section),
		.key = xstrdup(key),
		.value = xstrdup(value),
		.line = l->line,
	};
}

static enum err
refuse(const struct load *l, const char *why)
{
	return fail(E_FORMAT, "%s line %u: %s", l->name, l->line, why);
}

static enum err
check_section(struct load *l, struct view line)
{
	if (line.at[line.len - 1] != ']' || memchr(line.at, ']', line.len - 1))
		return refuse(l, "a section is written [name], with nothing behind it");
	struct view name = trimmed(view_of(line.at + 1, line.len - 2));
	if (name.len == 0 || name.len > NAME_BYTES || name.len != line.len - 2)
		return refuse(
			l, "the name of a section is 1 to 48 characters without blanks around");
	OWNED_MEM char *text = xmemdup(name.at, name.len);
	add(l, text, "", "");
	return l->e;
}

static enum err
check_key(struct load *l, struct view line)
{
	const uint8_t *end = line.at + line.len;
	const uint8_t *equals = memchr(line.at, '=', line.len);
	if (!equals)
		return refuse(l, "neither a [section] nor a key = value");
	struct view key = trimmed(view_of(line.at, (size_t)(equals - line.at)));
	if (memchr(key.at, ':', key.len))
		return refuse(l, "a key without ':' is wanted before the '='");
	if (key.len == 0 || key.len > NAME_BYTES)
		return refuse(l, "the name of a key is 1 to 48 bytes");
	struct view value = trimmed(view_of(equals + 1, (size_t)(end - equals) - 1));
	if (key.len + strlen(" = ") + value.len > LINE_BYTES)
		return refuse(l, TOO_LONG);
	if (l->ini->count == 0)
		return refuse(l, "a key before the first [section]");
	for (size_t i = 1; i < line.len; i++)
		if (line.at[i] == ';' &&
			(is_blank(line.at[i - 1]) || &line.at[i - 1] == equals))
			return refuse(l, "a ';' behind a blank or the '=' would cut the line; "
					 "write it otherwise");
	return OK;
}

static enum err
check_line(struct load *l, struct view line)
{
	struct view inner = trimmed(line);
	if (inner.len == 0 || line.at[0] == '#' || line.at[0] == ';')
		return OK;
	if (inner.at != line.at)
		return refuse(l, "begins with a blank; values go to the end of one line only");
	if (inner.len > LINE_BYTES)
		return refuse(l, TOO_LONG);
	return inner.at[0] == '[' ? check_section(l, inner) : check_key(l, inner);
}

/* inih asks for the next line as it would of fgets(); it gets comments as empty lines. */
static char *
next_line(char *to, int room, void *data)
{
	struct load *l = data;
	if (l->e != OK || l->left.len == 0)
		return NULL;
	const uint8_t *end = memchr(l->left.at, '\n', l->left.len);
	size_t whole = end ? (size_t)(end - l->left.at) + 1 : l->left.len;
	struct view line = view_of(l->left.at, whole - (end ? 1 : 0));
	l->left = view_of(l->left.at + whole, l->left.len - whole);
	l->line++;
	l->e = check_line(l, line);
	if (l->e != OK)
		return NULL;
	struct view inner = trimmed(line);
	if (inner.len && (inner.at[0] == '#' || inner.at[0] == ';'))
		inner.len = 0;
	if (inner.len >= (size_t)room) {
		l->e = refuse(l, "longer than the reader of lines takes");
		return NULL;
	}
	memcpy(to, inner.at, inner.len);
	to[inner.len] = '\0';
	return to;
}

static int
on_key(void *data, const char *section, const char *key, const char *value)
{
	struct load *l = data;
	if (l->e == OK)
		add(l, section, key, value);
	return l->e == OK;
}

enum err
ini_load(struct ini **ret, struct view text, const char *name)
{
	*ret = NULL;
	if (text.len > INI_MAX_FILE_BYTES)
		return fail(E_FULL, "%s: more than %zu bytes", name, INI_MAX_FILE_BYTES);
	if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
		text = view_of(text.at + 3, text.len - 3);
	if (!text_is_utf8(text))
		return fail(E_FORMAT, "%s: not UTF-8 text", name);
	OWNED(ini) struct ini *i = xcalloc(1, sizeof(*i));
	struct load l = {.ini = i, .name = name, .left = text};
	int bad = ini_parse_stream(next_line, &l, on_key, &l);
	if (l.e == OK && bad != 0)
		l.e = fail(E_FORMAT, "%s line %d: not of the form key = value", name, bad);
	if (l.e == OK)
		*ret = take(i);
	return l.e;
}

const struct ini_item *
ini_find(const struct ini *i, const char *section, const char *key)
{
	for (size_t n = 0; n < i->count; n++)
		if (strcmp(i->items[n].key, key) == 0 &&
			strcmp(i->items[n].section, section) == 0)
			return &i->items[n];
	return NULL;
}

const char *
ini_value(const struct ini *i, const char *section, const char *key, const char *otherwise)
{
	const struct ini_item *item = ini_find(i, section, key);
	return item ? item->value : otherwise;
}

void
ini_free(struct ini *i)
{
	if (!i)
		return;
	for (size_t n = 0; n < i->count; n++) {
		free(i->items[n].section);
		free(i->items[n].key);
		free(i->items[n].value);
	}
	free(i->items);
	free(i);
}
