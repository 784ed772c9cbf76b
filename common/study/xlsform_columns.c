#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

#define HEADER_BYTES 200

/* Spellings of columns; a column of words may go on with "::language". */
static const struct {
	const char *name;
	enum xf_column column;
} plain[] = {
	{"type", XF_TYPE},
	{"name", XF_NAME},
	{"appearance", XF_APPEARANCE},
	{"body::appearance", XF_APPEARANCE},
	{"calculation", XF_CALCULATION},
	{"calculate", XF_CALCULATION},
	{"bind::calculate", XF_CALCULATION},
	{"choice_filter", XF_CHOICE_FILTER},
	{"constraint", XF_CONSTRAINT},
	{"bind::constraint", XF_CONSTRAINT},
	{"repeat_count", XF_COUNT},
	{"count", XF_COUNT},
	{"jr:count", XF_COUNT},
	{"body::jr:count", XF_COUNT},
	{"default", XF_DEFAULT},
	{"disabled", XF_DISABLED},
	{"parameters", XF_PARAMETERS},
	{"read_only", XF_READONLY},
	{"readonly", XF_READONLY},
	{"bind::readonly", XF_READONLY},
	{"relevant", XF_RELEVANT},
	{"relevance", XF_RELEVANT},
	{"bind::relevant", XF_RELEVANT},
	{"required", XF_REQUIRED},
	{"bind::required", XF_REQUIRED},
	{"save_to", XF_SAVE_TO},
	{"bind::entities:saveto", XF_SAVE_TO},
	{"trigger", XF_TRIGGER},
	{"autoplay", XF_AUTOPLAY},
	{"body::autoplay", XF_AUTOPLAY},
	{"rows", XF_ROWS},
	{"body::rows", XF_ROWS},
};

static const struct {
	const char *name;
	enum xf_word word;
} words[] = {
	{"label", XF_LABEL},
	{"caption", XF_LABEL},
	{"hint", XF_HINT},
	{"guidance_hint", XF_GUIDANCE},
	{"constraint_message", XF_CONSTRAINT_MESSAGE},
	{"constraining_message", XF_CONSTRAINT_MESSAGE},
	{"bind::jr:constraintmsg", XF_CONSTRAINT_MESSAGE},
	{"required_message", XF_REQUIRED_MESSAGE},
	{"requiredmsg", XF_REQUIRED_MESSAGE},
	{"bind::jr:requiredmsg", XF_REQUIRED_MESSAGE},
	{"image", XF_IMAGE},
	{"media::image", XF_IMAGE},
	{"big-image", XF_BIG_IMAGE},
	{"media::big-image", XF_BIG_IMAGE},
	{"audio", XF_AUDIO},
	{"media::audio", XF_AUDIO},
	{"video", XF_VIDEO},
	{"media::video", XF_VIDEO},
};

/* What a choices sheet has instead of questions' columns. */
static const char *const choice_words[] = {"label", "caption", "image", "media::image",
	"big-image", "media::big-image", "audio", "media::audio", "video", "media::video"};

static const char *const weir_names[] = {
	"goes", "asks", "disclosure", "reverse", "scale", "list", "permission", "duo"};

static struct fault_place
header(const struct sheet *s, size_t column)
{
	return (struct fault_place){
		sheet_name(s), sheet_header_number(s), sheet_column_name(s, column)};
}

/* Does the header say `name`, alone or with a language behind it? The language, "" for none,
 * is lent by the header; NULL when it says another thing. One colon is an old spelling of
 * two. */
static const char *
language_of(const char *head, const char *name)
{
	size_t len = strlen(name);
	if (strncasecmp(head, name, len) != 0)
		return NULL;
	const char *p = head + len;
	p += strspn(p, " ");
	if (*p == '\0')
		return p;
	if (*p != ':')
		return NULL;
	p += p[1] == ':' ? 2 : 1;
	return p + strspn(p, " ");
}

/* ---- languages ---- */

static int
language_index(struct xf *x, const char *name, struct fault_place place)
{
	for (size_t i = 0; i < x->language_count; i++)
		if (strcmp(x->languages[i], name) == 0)
			return (int)i;
	if (x->language_count == XF_MAX_LANGUAGES) {
		faults_add(
			x->faults, place, "a form has at most %d languages", XF_MAX_LANGUAGES);
		return XF_NOWHERE;
	}
	x->languages[x->language_count] = xstrdup(name);
	return (int)x->language_count++;
}

static void
set_once(struct xf *x, int *slot, size_t column, struct fault_place place)
{
	if (*slot >= 0)
		faults_add(x->faults, place, "this column stands there twice, under two names");
	*slot = (int)column;
}

static bool
read_word(struct xf *x, struct xf_words *w, size_t column, enum xf_word word,
	const char *language)
{
	struct fault_place place = header(w->sheet, column);
	if (!*language) {
		set_once(x, &w->plain[word], column, place);
		return true;
	}
	int i = language_index(x, language, place);
	if (i >= 0)
		set_once(x, &w->in[word][i], column, place);
	return true;
}

static void
words_init(struct xf_words *w, const struct sheet *s)
{
	w->sheet = s;
	for (size_t i = 0; i < XF_WORD_COUNT; i++) {
		w->plain[i] = -1;
		for (size_t k = 0; k < XF_MAX_LANGUAGES; k++)
			w->in[i][k] = -1;
	}
}

/* ---- the survey sheet ---- */

static bool
add_custom(struct xf *x, size_t column, struct xf_custom custom)
{
	struct fault_place place = header(x->book->survey, column);
	custom.column = (int)column;
	if (x->custom_count == XF_MAX_CUSTOM)
		faults_add(
			x->faults, place, "more than %d columns of attributes", XF_MAX_CUSTOM);
	else if (!xf_is_name(custom.name))
		faults_add(x->faults, place, "'%.60s' cannot be the name of an attribute",
			custom.name);
	else
		x->custom[x->custom_count++] = custom;
	return true;
}

static bool
read_custom(struct xf *x, size_t column, const char *head)
{
	static const struct {
		const char *prefix;
		struct xf_custom custom;
	} prefixes[] = {
		{"bind::", {.of = XF_OF_BIND}},
		{"body::", {.of = XF_OF_BODY}},
		{"control::", {.of = XF_OF_BODY}},
		{"instance::", {.of = XF_OF_INSTANCE}},
		{"weir_", {.of = XF_OF_WEIR}},
	};
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t len = strlen(prefixes[i].prefix);
		if (strncasecmp(head, prefixes[i].prefix, len) != 0)
			continue;
		struct xf_custom custom = prefixes[i].custom;
		custom.name = head + len;
		if (custom.of != XF_OF_WEIR)
			return add_custom(x, column, custom);
		for (size_t k = 0; k < ARRAY_LEN(weir_names); k++)
			if (strcmp(weir_names[k], custom.name) == 0)
				return add_custom(x, column, custom);
		return false;
	}
	return false;
}

static bool
read_survey_column(struct xf *x, size_t column)
{
	const char *head = sheet_column_name(x->book->survey, column);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strcasecmp(plain[i].name, head) == 0) {
			set_once(x, &x->at[plain[i].column], column,
				header(x->book->survey, column));
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *language = language_of(head, words[i].name);
		if (language)
			return read_word(x, &x->words, column, words[i].word, language);
	}
	return read_custom(x, column, head);
}

static void
unknown(struct xf *x, struct fault_place place)
{
	if (x->book->study)
		faults_add(x->faults, place, "this column is not known");
	else
		faults_warn(x->faults, place, "this column is not known and was left out");
}

void
xf_read_columns(struct xf *x)
{
	const struct sheet *s = x->book->survey;
	for (size_t i = 0; i < XF_COLUMN_COUNT; i++)
		x->at[i] = -1;
	words_init(&x->words, s);
	for (size_t i = 0; i < sheet_columns(s); i++)
		if (*sheet_column_name(s, i) && !read_survey_column(x, i))
			unknown(x, header(s, i));
	struct fault_place place = {sheet_name(s), sheet_header_number(s), "type"};
	if (x->at[XF_TYPE] < 0)
		faults_add(x->faults, place, "this column is missing");
	place.column = "name";
	if (x->at[XF_NAME] < 0)
		faults_add(x->faults, place, "this column is missing");
}

/* ---- the choices sheet ---- */

static bool
is_choice_key(const char *head)
{
	static const char *const keys[] = {"list_name", "list name", "name", "value"};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcasecmp(keys[i], head) == 0)
			return true;
	return false;
}

static bool
read_choice_word(struct xf *x, size_t column)
{
	const char *head = sheet_column_name(x->choice_words.sheet, column);
	for (size_t i = 0; i < ARRAY_LEN(choice_words); i++) {
		const char *language = language_of(head, choice_words[i]);
		for (size_t k = 0; language && k < ARRAY_LEN(words); k++)
			if (strcmp(words[k].name, choice_words[i]) == 0)
				return read_word(
					x, &x->choice_words, column, words[k].word, language);
	}
	return false;
}

/* A further column becomes an element of each item, for choice filters to look at. */
static void
read_extra(struct xf *x, size_t column)
{
	static const char *const taken[] = {"item", "itextId", "root"};
	const struct sheet *s = x->choice_words.sheet;
	const char *head = sheet_column_name(s, column);
	bool good = xf_is_name(head) && !strchr(head, ':');
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		good = good && strcmp(taken[i], head) != 0;
	if (!good) {
		faults_add(x->faults, header(s, column),
			"this cannot be the name of a column of choices: letters, digits, '_', "
			"'-', '.', no blank, a letter first");
		return;
	}
	x->extra = xrealloc(x->extra, x->extra_count + 1, sizeof(*x->extra));
	x->extra[x->extra_count++] = column;
}

void
xf_read_choice_columns(struct xf *x)
{
	const struct sheet *s = x->book->choices;
	words_init(&x->choice_words, s);
	for (size_t i = 0; s && i < sheet_columns(s); i++) {
		const char *head = sheet_column_name(s, i);
		if (*head && !is_choice_key(head) && !read_choice_word(x, i))
			read_extra(x, i);
	}
}
