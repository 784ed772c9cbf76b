#include "common/study/xpath_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define TEXT_MAX_BYTES ((size_t)1 << 20)
#define BLANKS         " \t\r\n"

/* The next word of a list of codes; false at its end. */
static bool
next_word(const char **at, struct view *ret)
{
	*at += strspn(*at, BLANKS);
	*ret = view_of(*at, strcspn(*at, BLANKS));
	*at += ret->len;
	return ret->len > 0;
}

static void
run_selected(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *list = xpath_arg_text(p, count, 0);
	OWNED_MEM char *code = xpath_arg_text(p, count, 1);
	const char *from = code + strspn(code, BLANKS), *at = list;
	struct view wanted = view_of(from, strcspn(from, BLANKS)), word;
	bool found = false;
	while (!found && next_word(&at, &word))
		found = view_same(word, wanted);
	xpath_give_bool(p, count, found);
}

static void
run_selected_at(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *list = xpath_arg_text(p, count, 0);
	double wanted = xpath_arg_number(p, count, 1);
	const char *at = list;
	struct view word = {0};
	bool there = false;
	for (size_t i = 0; (double)i <= wanted && (there = next_word(&at, &word)); i++)
		;
	OWNED_MEM char *code =
		xmemdup(there ? (const char *)word.at : "", there ? word.len : 0);
	xpath_give_text(p, count, code);
}

static void
run_count_selected(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *list = xpath_arg_text(p, count, 0);
	const char *at = list;
	struct view word;
	double words = 0;
	while (next_word(&at, &word))
		words++;
	xpath_give_number(p, count, words);
}

static void
give_buf(xmlXPathParserContext *p, int count, struct buf *text)
{
	buf_u8(text, 0);
	if (text->broken) {
		p->error = XPATH_MEMORY_ERROR;
		xpath_give_text(p, count, "");
		return;
	}
	xpath_give_text(p, count, (const char *)text->at);
}

/* Every node of a set counts, unlike in XPath's own concat(). */
static void
add_all(struct buf *out, xmlXPathParserContext *p, int count, int i, const char *between)
{
	xmlNode *const *nodes;
	int n = xpath_arg_nodes(p, count, i, &nodes);
	bool set = xpath_arg(p, count, i)->type == XPATH_NODESET;
	for (int k = 0; k < n; k++) {
		OWNED_MEM char *text = xpath_node_text(nodes[k]);
		if (k)
			buf_add(out, between, strlen(between));
		buf_add(out, text, strlen(text));
	}
	if (set)
		return;
	OWNED_MEM char *text = xpath_arg_text(p, count, i);
	buf_add(out, text, strlen(text));
}

static void
run_concat(xmlXPathParserContext *p, int count)
{
	OWNED_BUF struct buf out;
	buf_init(&out, TEXT_MAX_BYTES);
	for (int i = 0; i < count; i++)
		add_all(&out, p, count, i, "");
	give_buf(p, count, &out);
}

static void
run_join(xmlXPathParserContext *p, int count)
{
	OWNED_BUF struct buf out;
	OWNED_MEM char *between = xpath_arg_text(p, count, 0);
	buf_init(&out, TEXT_MAX_BYTES);
	for (int i = 1; i < count; i++) {
		if (i > 1)
			buf_add(&out, between, strlen(between));
		add_all(&out, p, count, i, between);
	}
	give_buf(p, count, &out);
}

/* The byte where the letter of this number begins. */
static size_t
letter(const char *text, double number)
{
	size_t at = 0;
	for (size_t i = 0; (double)i < number && text[at]; i++)
		do
			at++;
		while (((unsigned char)text[at] & 0xc0) == 0x80);
	return at;
}

static size_t
letters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* substr(text, from, to): from 0, without `to`; negative ones count from the end. */
static void
run_substr(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *text = xpath_arg_text(p, count, 0);
	double all = (double)letters(text), from = xpath_arg_number(p, count, 1);
	double to = count > 2 ? xpath_arg_number(p, count, 2) : all;
	from = from < 0 ? fmax(0, all + from) : from;
	to = to < 0 ? fmax(0, all + to) : to;
	size_t begin = letter(text, from), end = letter(text, to);
	OWNED_MEM char *part = xmemdup(text + begin, end > begin ? end - begin : 0);
	xpath_give_text(p, count, part);
}

static void
run_ends_with(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *text = xpath_arg_text(p, count, 0);
	OWNED_MEM char *end = xpath_arg_text(p, count, 1);
	size_t len = strlen(text), end_len = strlen(end);
	xpath_give_bool(p, count, end_len <= len && strcmp(text + len - end_len, end) == 0);
}

/* The second argument is the number of a pattern of the expression. */
static void
run_regex(xmlXPathParserContext *p, int count)
{
	const struct xpath *x = xpath_running(p)->running;
	double which = xpath_arg_number(p, count, 1);
	OWNED_MEM char *text = xpath_arg_text(p, count, 0);
	bool met = true;
	for (size_t i = 0; i < x->pattern_count; i++)
		if (which == (double)i)
			met = pattern_matches(x->patterns[i], text);
	xpath_give_bool(p, count, met);
}

static void
run_base64_decode(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *text = xpath_arg_text(p, count, 0);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	bool good = text_unbase64(&bytes, &len, view_text(text), TEXT_MAX_BYTES) == OK &&
		    text_is_utf8(view_of(bytes, len));
	xpath_give_text(p, count, good ? (const char *)bytes : "");
}

const struct xpath_function xpath_words[] = {
	{"selected", "selected", 2, 2, XPATH_BOOL, XPATH_FREE, run_selected},
	{"is-selected", "selected", 2, 2, XPATH_BOOL, XPATH_FREE, run_selected},
	{"selected-at", "selected-at", 2, 2, XPATH_TEXT, XPATH_FREE, run_selected_at},
	{"count-selected", "count-selected", 1, 1, XPATH_NUM, XPATH_FREE, run_count_selected},
	{"concat", "weir-concat", 1, -1, XPATH_TEXT, XPATH_FREE, run_concat},
	{"join", "join", 1, -1, XPATH_TEXT, XPATH_FREE, run_join},
	{"substr", "substr", 2, 3, XPATH_TEXT, XPATH_FREE, run_substr},
	{"ends-with", "ends-with", 2, 2, XPATH_BOOL, XPATH_FREE, run_ends_with},
	{"regex", "regex", 2, 2, XPATH_BOOL, XPATH_FREE, run_regex},
	{"base64-decode", "base64-decode", 1, 1, XPATH_TEXT, XPATH_FREE, run_base64_decode},
	{"substring", "substring", 2, 3, XPATH_TEXT, XPATH_NATIVE, NULL},
	{"substring-before", "substring-before", 2, 2, XPATH_TEXT, XPATH_NATIVE, NULL},
	{"substring-after", "substring-after", 2, 2, XPATH_TEXT, XPATH_NATIVE, NULL},
	{"string-length", "string-length", 0, 1, XPATH_NUM, XPATH_NATIVE, NULL},
	{"contains", "contains", 2, 2, XPATH_BOOL, XPATH_NATIVE, NULL},
	{"starts-with", "starts-with", 2, 2, XPATH_BOOL, XPATH_NATIVE, NULL},
	{"translate", "translate", 3, 3, XPATH_TEXT, XPATH_NATIVE, NULL},
	{"normalize-space", "normalize-space", 0, 1, XPATH_TEXT, XPATH_NATIVE, NULL},
	{0},
};
