#include "common/codec/conf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/ini.h"
#include "common/codec/text.h"

struct conf {
	const struct conf_option *options;
	char **values; /* one an option */
	size_t count;
};

static int
find(const struct conf *c, const char *section, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->options[i].key, key) == 0 &&
			strcmp(c->options[i].section, section) == 0)
			return (int)i;
	return -1;
}

static bool
is_flag(const char *value)
{
	return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
}

static enum err
check_value(const struct conf_option *o, const char *value)
{
	int64_t n;
	switch (o->type) {
	case CONF_TEXT:
		return OK;
	case CONF_FLAG:
		if (!is_flag(value))
			return fail(E_FORMAT, "%s.%s is yes or no", o->section, o->key);
		return OK;
	case CONF_NUMBER:
		if (!text_int(view_text(value), &n) || n < o->least || n > o->most)
			return fail(E_FORMAT,
				"%s.%s is a whole number from %" PRId64 " to %" PRId64 "%s%s",
				o->section, o->key, o->least, o->most, *o->unit ? " " : "",
				o->unit);
		return OK;
	}
	return fail(E_FORMAT, "%s.%s has no type", o->section, o->key);
}

enum err
conf_set(struct conf *c, const char *section, const char *key, const char *value)
{
	int at = find(c, section, key);
	if (at < 0)
		return fail(E_FORMAT, "there is no option %s.%s", section, key);
	enum err e = check_value(&c->options[at], value);
	if (e == OK) {
		free(c->values[at]);
		c->values[at] = xstrdup(value);
	}
	return e;
}

static bool
section_known(const struct conf *c, const char *section)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->options[i].section, section) == 0)
			return true;
	return false;
}

static enum err
take_item(struct conf *c, const struct ini_item *item)
{
	if (*item->key)
		return conf_set(c, item->section, item->key, item->value);
	if (section_known(c, item->section))
		return OK;
	return fail(E_FORMAT, "there is no section [%s]", item->section);
}

enum err
conf_load(struct conf **ret, struct view text, const char *name,
	const struct conf_option *options, size_t count)
{
	*ret = NULL;
	OWNED(conf) struct conf *c = xcalloc(1, sizeof(*c));
	c->options = options;
	c->count = count;
	c->values = xcalloc(count + 1, sizeof(*c->values));
	for (size_t i = 0; i < count; i++)
		c->values[i] = xstrdup(options[i].otherwise);
	OWNED(ini) struct ini *file = NULL;
	enum err e = ini_load(&file, text, name);
	for (size_t i = 0; e == OK && i < file->count; i++) {
		e = take_item(c, &file->items[i]);
		if (e != OK)
			e = fail_in(e, "%s line %u", name, file->items[i].line);
	}
	if (e == OK)
		*ret = take(c);
	return e;
}

/* The value of an option of this type, or NULL. */
static const char *
value_of(const struct conf *c, const char *section, const char *key, enum conf_type type)
{
	int at = find(c, section, key);
	return at >= 0 && c->options[at].type == type ? c->values[at] : NULL;
}

const char *
conf_text(const struct conf *c, const char *section, const char *key)
{
	const char *value = value_of(c, section, key, CONF_TEXT);
	return value ? value : "";
}

int64_t
conf_number(const struct conf *c, const char *section, const char *key)
{
	const char *value = value_of(c, section, key, CONF_NUMBER);
	int64_t n = 0;
	return value && text_int(view_text(value), &n) ? n : 0;
}

bool
conf_flag(const struct conf *c, const char *section, const char *key)
{
	const char *value = value_of(c, section, key, CONF_FLAG);
	return value && strcmp(value, "yes") == 0;
}

static void
print_option(const struct conf_option *o, const char *value, struct buf *out)
{
	buf_format(out, "# %s", o->help);
	if (*o->unit)
		buf_format(out, ", in %s", o->unit);
	if (o->type == CONF_NUMBER)
		buf_format(out, " (%" PRId64 " to %" PRId64 ")", o->least, o->most);
	if (o->type == CONF_FLAG)
		buf_format(out, " (yes or no)");
	buf_format(out, "\n%s =%s%s\n", o->key, *value ? " " : "", value);
}

/* Options of one section may stand apart in the table; they are printed together, in the order
 * of their first. */
void
conf_print(const struct conf *c, struct buf *out)
{
	for (size_t i = 0; i < c->count; i++) {
		const char *section = c->options[i].section;
		bool before = false;
		for (size_t k = 0; k < i; k++)
			before = before || strcmp(c->options[k].section, section) == 0;
		if (before)
			continue;
		buf_format(out, "%s[%s]\n", i ? "\n" : "", section);
		for (size_t k = i; k < c->count; k++)
			if (strcmp(c->options[k].section, section) == 0)
				print_option(&c->options[k], c->values[k], out);
	}
}

void
conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; c->values && i < c->count; i++)
		free(c->values[i]);
	free(c->values);
	free(c);
}
