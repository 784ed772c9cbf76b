#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/xpath.h"

#define MOST_BYTES ((size_t)4096)

static const struct xpath_node nodes[] = {
	{"data", -1, 1, -1, -1, false, XPATH_OF_TEXT},
	{"a", 0, -1, 2, -1, false, XPATH_OF_NUMBER},
	{"r", 0, 3, -1, 2, false, XPATH_OF_TEXT},
	{"x", 2, -1, 4, 2, false, XPATH_OF_TEXT},
	{"y", 2, -1, -1, 2, false, XPATH_OF_DATE},
};
static const char *const instances[] = {"l"};
static const struct xpath_scope scope = {nodes, 5, instances, 1};

static const struct xml_node *
find_instance(const void *context, const char *id)
{
	(void)id;
	return xml_root(context);
}

static void
put_all(struct xpath_world *w, const struct xml *record)
{
	const struct xml_node *root = xml_root(record), *turn = xml_find(root, "r");
	xpath_world_put(w, 0, root);
	xpath_world_put(w, 1, xml_find(root, "a"));
	xpath_world_put(w, 2, turn);
	xpath_world_put(w, 3, xml_find(turn, "x"));
	xpath_world_put(w, 4, xml_find(turn, "y"));
}

/* What compiles is worked out or says why not, at a node inside a repeat and alone. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(xml) struct xml *record = NULL;
	OWNED(xpath) struct xpath *x = NULL, *alone = NULL;
	OWNED_MEM char *text = xmemdup(data, size < MOST_BYTES ? size : MOST_BYTES);
	OWNED_MEM char *result = NULL;
	fuzz_must(xml_parse(&record,
			  view_text("<data><a>7</a><r><x>one two</x><y>2026-11-22</y></r>"
				    "<r><x>3</x><y/></r></data>")) == OK);
	if (xpath_compile(&alone, text, NULL, -1) == OK)
		(void)xpath_holds(alone, "1 2");
	if (xpath_compile(&x, text, &scope, 3) != OK)
		return 0;
	OWNED(xpath_world)
	struct xpath_world *w = xpath_world_new(
		&scope, &(struct xpath_sources){.context = record, .instance = find_instance});
	put_all(w, record);
	bool yes;
	(void)!xpath_bool(w, x, &yes);
	(void)!xpath_text(w, x, &result);
	return 0;
}
