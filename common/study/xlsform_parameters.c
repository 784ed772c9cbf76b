#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/xlsform_inside.h"

#define BLANKS " \t\r\n,;"

/* What a parameter's value may be. */
enum value {
	ANY,
	NUMBER,
	YES_NO, /* true or false */
	NAME,   /* of a column or an application */
};

enum goes {
	OF_BIND,
	OF_CONTROL,
	ELSEWHERE, /* looked up by whoever puts it */
};

static const struct {
	const char *types; /* blank before and behind each */
	const char *key;
	const char *attr;
	enum value value;
	enum goes goes;
} known[] = {
	{" image ", "max-pixels", "orx:max-pixels", NUMBER, OF_BIND},
	{" image ", "app", "intent", NAME, OF_CONTROL},
	{" audio ", "quality", "odk:quality", NAME, OF_BIND},
	{" background-audio ", "quality", "", NAME, ELSEWHERE},
	{" geopoint ", "capture-accuracy", "accuracyThreshold", NUMBER, OF_CONTROL},
	{" geopoint ", "warning-accuracy", "unacceptableAccuracyThreshold", NUMBER, OF_CONTROL},
	{" geopoint geotrace geoshape start-geopoint background-geopoint ",
		"allow-mock-accuracy", "odk:allow-mock-accuracy", YES_NO, OF_BIND},
	{" geopoint geotrace geoshape ", "incremental", "incremental", YES_NO, OF_CONTROL},
	{" range ", "start", "start", NUMBER, OF_CONTROL},
	{" range ", "end", "end", NUMBER, OF_CONTROL},
	{" range ", "step", "step", NUMBER, OF_CONTROL},
	{" range ", "tick_interval", "odk:tick-interval", NUMBER, OF_CONTROL},
	{" range ", "placeholder", "odk:placeholder", NUMBER, OF_CONTROL},
	{" text ", "rows", "rows", NUMBER, OF_CONTROL},
	{" select_one select_multiple rank ", "randomize", "", YES_NO, ELSEWHERE},
	{" select_one select_multiple rank ", "seed", "", ANY, ELSEWHERE},
	{" select_one select_multiple ", "value", "", NAME, ELSEWHERE},
	{" select_one select_multiple ", "label", "", NAME, ELSEWHERE},
	{" audit ", "location-priority", "odk:location-priority", NAME, OF_BIND},
	{" audit ", "location-min-interval", "odk:location-min-interval", NUMBER, OF_BIND},
	{" audit ", "location-max-age", "odk:location-max-age", NUMBER, OF_BIND},
	{" audit ", "track-changes", "odk:track-changes", YES_NO, OF_BIND},
	{" audit ", "track-changes-reasons", "odk:track-changes-reasons", NAME, OF_BIND},
	{" audit ", "identify-user", "odk:identify-user", YES_NO, OF_BIND},
};

struct pair {
	const char *key;
	size_t key_len;
	const char *value;
	size_t value_len;
};

/* The next key=value; false at the end. A pair without '=' has no value (NULL). */
static bool
next_pair(const char **at, struct pair *ret)
{
	const char *p = *at + strspn(*at, BLANKS);
	size_t len = strcspn(p, "=" BLANKS);
	if (*p == '\0')
		return false;
	*ret = (struct pair){.key = p, .key_len = len};
	p += len;
	const char *equals = p + strspn(p, " ");
	if (*equals == '=') {
		p = equals + 1 + strspn(equals + 1, " ");
		ret->value = p;
		/* The value of a seed may be ${name} or a number. */
		ret->value_len = strcspn(p, BLANKS);
		p += ret->value_len;
	} else if (len == 0) {
		p++;
	}
	*at = p;
	return true;
}

static bool
key_is(const struct pair *p, const char *key)
{
	return strlen(key) == p->key_len && strncasecmp(p->key, key, p->key_len) == 0;
}

char *
xf_parameter(const struct xf *x, const struct xf_node *n, const char *key)
{
	const char *at = xf_cell(x, n, XF_PARAMETERS);
	struct pair p;
	while (next_pair(&at, &p))
		if (key_is(&p, key) && p.value_len)
			return xmemdup(p.value, p.value_len);
	return NULL;
}

static bool
fits(enum value kind, const char *value)
{
	double number;
	switch (kind) {
	case ANY:
		return true;
	case NUMBER:
		return text_decimal(view_text(value), &number);
	case YES_NO:
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	case NAME:
		return xf_is_name(value);
	}
	return false;
}

/* Place of the parameter in the table, or -1. */
static int
find(const struct xf_node *n, const struct pair *p)
{
	OWNED_MEM char *type = xasprintf(" %s ", n->type->word);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (key_is(p, known[i].key) && strstr(known[i].types, type))
			return (int)i;
	return -1;
}

static void
check_pair(struct xf *x, const struct xf_node *n, const struct pair *p)
{
	struct fault_place place = xf_place(x, n, XF_PARAMETERS);
	int i = find(n, p);
	OWNED_MEM char *key = xmemdup(p->key, p->key_len);
	OWNED_MEM char *value = xmemdup(p->value_len ? p->value : "", p->value_len);
	if (!p->value_len)
		faults_add(x->faults, place, "parameters are written key=value");
	else if (i < 0)
		faults_add(x->faults, place, "'%.60s' is no parameter of '%s'", key,
			n->type->word);
	else if (!fits(known[i].value, value))
		faults_add(x->faults, place, "the value of '%.60s' has to be %s", key,
			known[i].value == NUMBER ? "a number"
			: known[i].value == NAME ? "a word"
						 : "true or false");
}

/* end lies on the side of start to which step leads. */
static void
check_range(struct xf *x, const struct xf_node *n)
{
	static const char *const keys[] = {"start", "end", "step"};
	double v[] = {1, 10, 1};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		OWNED_MEM char *text = xf_parameter(x, n, keys[i]);
		if (text && !text_decimal(view_text(text), &v[i]))
			return;
	}
	if (v[2] == 0 || (v[1] - v[0]) * v[2] < 0)
		faults_add(x->faults, xf_place(x, n, XF_PARAMETERS),
			"a range leads in steps from start to end");
}

void
xf_check_parameters(struct xf *x, const struct xf_node *n)
{
	const char *at = xf_cell(x, n, XF_PARAMETERS);
	struct pair p;
	while (next_pair(&at, &p))
		check_pair(x, n, &p);
	if (n->type->control == XF_RANGE)
		check_range(x, n);
}

/* A range says all three, whatever the sheet leaves out. */
static void
put_range(struct xf *x, const struct xf_node *n, struct buf *out)
{
	static const char *const keys[] = {"start", "end", "step"};
	static const char *const otherwise[] = {"1", "10", "1"};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		OWNED_MEM char *text = xf_parameter(x, n, keys[i]);
		if (!text)
			xml_put_attr(out, keys[i], otherwise[i]);
	}
}

void
xf_put_parameters(struct xf *x, const struct xf_node *n, bool bind, struct buf *out)
{
	const char *at = xf_cell(x, n, XF_PARAMETERS);
	struct pair p;
	if (n->type->control == XF_RANGE && !bind)
		put_range(x, n, out);
	while (next_pair(&at, &p)) {
		int i = find(n, &p);
		if (i < 0 || known[i].goes != (bind ? OF_BIND : OF_CONTROL) || !p.value_len)
			continue;
		OWNED_MEM char *value = xmemdup(p.value, p.value_len);
		xml_put_attr(out, known[i].attr, value);
	}
}
