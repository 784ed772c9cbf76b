#include "common/study/xlsform_types.h"

#include <string.h>

/* The first two are what the converter makes itself. */
static const struct xf_type types[] = {
	{"text", "string", XF_INPUT, NULL, NULL, NULL},
	{"calculate", "string", XF_NONE, NULL, NULL, NULL},
	{"integer", "int", XF_INPUT, NULL, NULL, NULL},
	{"decimal", "decimal", XF_INPUT, NULL, NULL, NULL},
	{"range", "int", XF_RANGE, NULL, NULL, NULL},
	{"date", "date", XF_INPUT, NULL, NULL, NULL},
	{"time", "time", XF_INPUT, NULL, NULL, NULL},
	{"dateTime", "dateTime", XF_INPUT, NULL, NULL, NULL},
	{"note", "string", XF_INPUT, NULL, NULL, NULL},
	{"geopoint", "geopoint", XF_INPUT, NULL, NULL, NULL},
	{"geotrace", "geotrace", XF_INPUT, NULL, NULL, NULL},
	{"geoshape", "geoshape", XF_INPUT, NULL, NULL, NULL},
	{"barcode", "barcode", XF_INPUT, NULL, NULL, NULL},
	{"image", "binary", XF_UPLOAD, "image/*", NULL, NULL},
	{"audio", "binary", XF_UPLOAD, "audio/*", NULL, NULL},
	{"video", "binary", XF_UPLOAD, "video/*", NULL, NULL},
	{"file", "binary", XF_UPLOAD, "application/*", NULL, NULL},
	{"acknowledge", "string", XF_TRIGGERED, NULL, NULL, NULL},
	{"hidden", "string", XF_NONE, NULL, NULL, NULL},
	{"start", "dateTime", XF_NONE, NULL, "timestamp", "start"},
	{"end", "dateTime", XF_NONE, NULL, "timestamp", "end"},
	{"today", "date", XF_NONE, NULL, "date", "today"},
	{"deviceid", "string", XF_NONE, NULL, "property", "deviceid"},
	{"username", "string", XF_NONE, NULL, "property", "username"},
	{"email", "string", XF_NONE, NULL, "property", "email"},
	{"phonenumber", "string", XF_NONE, NULL, "property", "phonenumber"},
	{"simserial", "string", XF_NONE, NULL, "property", "simserial"},
	{"subscriberid", "string", XF_NONE, NULL, "property", "subscriberid"},
	{"audit", "binary", XF_NONE, NULL, NULL, NULL},
	{"start-geopoint", "geopoint", XF_BACKGROUND, "odk:setgeopoint", NULL, NULL},
	{"background-geopoint", "geopoint", XF_BACKGROUND, NULL, NULL, NULL},
	{"background-audio", "binary", XF_BACKGROUND, "odk:recordaudio", NULL, NULL},
	{"csv-external", "", XF_OUTSIDE, NULL, NULL, NULL},
	{"xml-external", "", XF_OUTSIDE, NULL, NULL, NULL},
};

/* Types whose cell goes on with a list or a file. */
static const struct xf_type select_one = {
	"select_one", "string", XF_SELECT_ONE, NULL, NULL, NULL};
static const struct xf_type select_multiple = {
	"select_multiple", "string", XF_SELECT_MANY, NULL, NULL, NULL};
static const struct xf_type rank = {"rank", "odk:rank", XF_RANK, NULL, NULL, NULL};

static const struct {
	const char *words;
	const struct xf_type *type;
	bool from_file;
} selects[] = {
	{"select one from file", &select_one, true},
	{"select multiple from file", &select_multiple, true},
	{"select one from", &select_one, false},
	{"select one", &select_one, false},
	{"select1", &select_one, false},
	{"select multiple from", &select_multiple, false},
	{"select multiple", &select_multiple, false},
	{"select all that apply from", &select_multiple, false},
	{"select all that apply", &select_multiple, false},
	{"rank", &rank, false},
};

static const struct {
	const char *old;
	const char *word;
} aliases[] = {
	{"string", "text"},
	{"int", "integer"},
	{"date time", "dateTime"},
	{"gps", "geopoint"},
	{"location", "geopoint"},
	{"photo", "image"},
	{"trigger", "acknowledge"},
	{"imei", "deviceid"},
	{"device id", "deviceid"},
	{"phone number", "phonenumber"},
	{"start time", "start"},
	{"end time", "end"},
};

static const struct {
	const char *word;
	const char *reason;
} refused[] = {
	{"select one external",
		"choices in an 'external_choices' sheet are not built: put them "
		"into a CSV file and use select_one_from_file"},
	{"begin loop", "loops are not built: use begin repeat"},
	{"end loop", "loops are not built: use begin repeat"},
	{"osm", "OpenStreetMap questions are not built"},
	{"uri:deviceid", "types that begin with uri: are not built: use them without it"},
	{"percentage", "this type is no longer part of XLSForm: use integer with a constraint"},
	{"cascading select", "this type is no longer part of XLSForm: use choice_filter"},
};

static const struct {
	const char *word;
	enum xf_row_kind kind;
} brackets[] = {
	{"begin group", XF_ROW_BEGIN_GROUP},
	{"end group", XF_ROW_END_GROUP},
	{"begin repeat", XF_ROW_BEGIN_REPEAT},
	{"end repeat", XF_ROW_END_REPEAT},
};

static char
folded(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if (c == '_')
		return ' ';
	return c;
}

/* Bytes of `text` that say `words`, followed by a blank or the end; 0 if it says another. */
static size_t
says(const char *text, const char *words)
{
	size_t i = 0, k = 0;
	while (words[k]) {
		if (folded(text[i]) != folded(words[k]))
			return 0;
		i++;
		k++;
		while (words[k - 1] == ' ' && folded(text[i]) == ' ')
			i++;
	}
	return text[i] == '\0' || text[i] == ' ' ? i : 0;
}

bool
xf_same_word(const char *a, const char *b)
{
	size_t len = says(a, b);
	return len > 0 && a[len] == '\0';
}

static const struct xf_type *
plain_type(const char *cell)
{
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (xf_same_word(cell, aliases[i].old))
			cell = aliases[i].word;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (xf_same_word(cell, types[i].word))
			return &types[i];
	return NULL;
}

static const char *
refusal(const char *cell)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (says(cell, refused[i].word))
			return refused[i].reason;
	return NULL;
}

struct xf_said
xf_type_said(const char *cell)
{
	struct xf_said said = {.rest = "", .reason = refusal(cell)};
	if (said.reason)
		return said;
	for (size_t i = 0; i < ARRAY_LEN(brackets); i++)
		if (xf_same_word(cell, brackets[i].word)) {
			said.kind = brackets[i].kind;
			return said;
		}
	for (size_t i = 0; i < ARRAY_LEN(selects); i++) {
		size_t len = says(cell, selects[i].words);
		if (!len)
			continue;
		said.type = selects[i].type;
		said.from_file = selects[i].from_file;
		said.rest = cell + len + strspn(cell + len, " ");
		return said;
	}
	said.type = plain_type(cell);
	return said;
}

const struct xf_type *
xf_type_text(void)
{
	return &types[0];
}

const struct xf_type *
xf_type_calculate(void)
{
	return &types[1];
}
