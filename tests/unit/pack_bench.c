#include "tests/unit/pack_bench.h"

#include "tests/unit/suite.h"

#include "common/base/mem.h"

#define FILE_MAX_BYTES 65536

/* The next site that needs no support yet. */
#define SUPPORTED                                                                              \
	{                                                                                      \
		"sites.csv", "researcher,rec;site_agreement\n",                                \
			"researcher,rec;cag;site_agreement\n"                                  \
	}

const struct pack_edit pack_bench_without[] = {
	{"study.ini", "confidentiality = consent", "confidentiality = s251"},
	SUPPORTED,
	SUPPORTED,
	SUPPORTED,
	SUPPORTED,
	{"rules.ini", "[disclosure]",
		"[R12]\ntitle = t\non = yes\noutcome = deny\n"
		"actions = collect aggregate release\nbasis = s251\n"
		"checked.within = 30 days\n[disclosure]"},
	{NULL, NULL, NULL},
};

static void
edit(struct buf *text, const struct pack_edit *e)
{
	OWNED_MEM char *before = xmemdup(text->at, text->len);
	const char *at = strstr(before, e->from);
	if (!at)
		fail_msg("%s does not hold \"%s\"", e->file, e->from);
	buf_reset(text);
	buf_add(text, before, (size_t)(at - before));
	buf_add(text, e->to, strlen(e->to));
	buf_add(text, at + strlen(e->from), strlen(at + strlen(e->from)));
	assert_false(text->broken);
}

struct pack *
pack_bench(const struct pack_edit *edits, struct faults *faults)
{
	OWNED(faults) struct faults *none = faults_new();
	OWNED(pack) struct pack *whole = NULL;
	struct pack *p = NULL;
	size_t count;
	assert_ok(pack_load(&whole, WEIR_SOURCE_DIR "/tests/data/wvs/study", none));
	const struct pack_document *d = pack_documents(whole, &count);
	OWNED_MEM struct pack_document *to = xcalloc(count, sizeof(*to));
	OWNED_MEM struct buf *texts = xcalloc(count, sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		buf_init(&texts[i], FILE_MAX_BYTES);
		buf_add_view(&texts[i], d[i].bytes);
		for (const struct pack_edit *e = edits; e && e->file; e++)
			if (strcmp(e->file, d[i].name) == 0)
				edit(&texts[i], e);
		to[i] = (struct pack_document){d[i].name, buf_view(&texts[i])};
	}
	if (pack_load_documents(&p, to, count, faults))
		assert_true(faults->errors > 0);
	for (size_t i = 0; i < count; i++)
		buf_done(&texts[i]);
	return p;
}

struct pack *
pack_bench_sound(const struct pack_edit *edits)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct pack *p = pack_bench(edits, faults);
	if (!p && faults->count) {
		OWNED_MEM char *line = faults_line(&faults->items[0]);
		fail_msg("%s", line);
	}
	assert_non_null(p);
	return p;
}
