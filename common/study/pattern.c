#include "common/study/pattern.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

struct pattern {
	regex_t compiled;
};

/* The counts of all {n,m}, multiplied: what nested repeats can grow to. */
static double
repeats(const char *text)
{
	double product = 1;
	for (const char *p = strchr(text, '{'); p; p = strchr(p + 1, '{')) {
		double most = 1;
		for (const char *q = p + 1; isdigit((unsigned char)*q) || *q == ','; q++)
			if (isdigit((unsigned char)*q) && !isdigit((unsigned char)q[-1]))
				most = MAX(most, strtod(q, NULL));
		product *= most;
	}
	return product;
}

static enum err
check(const char *text)
{
	if (strlen(text) > PATTERN_MAX_BYTES)
		return fail(E_FORMAT, "a pattern of more than %d bytes", PATTERN_MAX_BYTES);
	for (const char *p = strchr(text, '\\'); p && p[1]; p = strchr(p + 2, '\\'))
		if (isalnum((unsigned char)p[1]))
			return fail(E_FORMAT,
				"'\\%c' is not of POSIX extended patterns; write [0-9] or the "
				"like",
				p[1]);
	if (repeats(text) > PATTERN_MAX_REPEATS)
		return fail(E_FORMAT, "repeats in the pattern multiply to more than %d",
			PATTERN_MAX_REPEATS);
	return OK;
}

enum err
pattern_compile(struct pattern **ret, const char *text)
{
	*ret = NULL;
	enum err e = check(text);
	if (e != OK)
		return e;
	OWNED_MEM char *whole = xasprintf("^(%s)$", text);
	struct pattern *p = xcalloc(1, sizeof(*p));
	if (regcomp(&p->compiled, whole, REG_EXTENDED | REG_NOSUB) != 0) {
		free(p);
		return fail(E_FORMAT, "not a POSIX extended pattern");
	}
	*ret = p;
	return OK;
}

bool
pattern_matches(const struct pattern *p, const char *text)
{
	return regexec(&p->compiled, text, 0, NULL, 0) == 0;
}

void
pattern_free(struct pattern *p)
{
	if (!p)
		return;
	regfree(&p->compiled);
	free(p);
}
