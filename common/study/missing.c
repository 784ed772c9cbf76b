#include "common/study/missing.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

static const char *const words[] = {"not_asked", "not_answered", "cannot_say", "refused",
	"not_known", "not_applicable", "withdrawn"};

/* What happens without a code of its own, and the one reason it has. */
static const struct {
	const char *key;
	enum missing why;
} fixed[] = {
	{"blank.shown", MISSING_NOT_ANSWERED},
	{"blank.hidden", MISSING_NOT_ASKED},
	{"no_result", MISSING_NOT_APPLICABLE},
	{"withdrawn", MISSING_WITHDRAWN},
};

const char *
missing_word(enum missing why)
{
	return words[why];
}

bool
missing_read(const char *word, enum missing *ret)
{
	*ret = MISSING_NOT_ASKED;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i], word) != 0)
			continue;
		*ret = (enum missing)i;
		return true;
	}
	return false;
}

static enum err
keep_code(struct missing_codes *m, const char *key, enum missing why)
{
	const char *dot = strchr(key, '.');
	struct missing_code c = {.why = why};
	size_t form = dot ? (size_t)(dot - key) : 0;
	const char *code = dot ? dot + 1 : key;
	if (!*code || form >= sizeof(c.form) || strlen(code) >= sizeof(c.code) ||
		(dot && form == 0))
		return fail(E_FORMAT, "'%.60s' is neither CODE nor FORM.CODE", key);
	if (m->count == MISSING_MAX_CODES)
		return fail(E_FULL, "more than %d missing codes", MISSING_MAX_CODES);
	memcpy(c.form, key, form);
	(void)snprintf(c.code, sizeof(c.code), "%s", code);
	m->items[m->count++] = c;
	return OK;
}

enum err
missing_add(struct missing_codes *m, const char *key, const char *word)
{
	enum missing why;
	if (!missing_read(word, &why))
		return fail(E_FORMAT, "'%.60s' is no reason for a missing value", word);
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		if (strcmp(fixed[i].key, key) != 0)
			continue;
		return fixed[i].why == why
			       ? OK
			       : fail(E_FORMAT, "%s can only be %s", key, words[fixed[i].why]);
	}
	return keep_code(m, key, why);
}

bool
missing_is_code(
	const struct missing_codes *m, const char *form, const char *code, enum missing *ret)
{
	bool found = false;
	for (size_t i = 0; m && i < m->count; i++) {
		const struct missing_code *c = &m->items[i];
		bool own = strcmp(c->form, form) == 0;
		if (strcmp(c->code, code) != 0 || (*c->form && !own) || (found && !own))
			continue;
		found = true;
		if (ret)
			*ret = c->why;
	}
	return found;
}
