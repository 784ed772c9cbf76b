#include "hub/delegation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#define DAY_S         86400
#define MS_PER_S      1000
#define ROWS_MAX      1000000
#define PREFIX        "duty-"
#define OPEN_END      "-"
#define ADDED         1
#define ENDED         2
#define WORDS_MAX     200
#define WORDS_IN_LINE 4

struct delegation_row {
	uint8_t kind;
	char site[ROW_ID_BYTES];
	char code[ROW_ID_BYTES];
	char task[16];
	int64_t from_s, until_s;
	uint64_t leaf;
};

/* read */

struct reading {
	struct delegation *to;
	size_t count;
};

static enum err
read_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct reading *r = arg;
	struct cursor c = row_begin(value);
	(void)key;
	(void)ret_stop;
	if (r->count == ROWS_MAX)
		return fail(E_FULL, "more than %d lines on the delegation logs", ROWS_MAX);
	if ((r->count & (r->count - 1)) == 0)
		r->to->rows = xrealloc(
			r->to->rows, MAX(r->count * 2, (size_t)1), sizeof(*r->to->rows));
	struct delegation_row *row = &r->to->rows[r->count++];
	row->kind = cursor_u8(&c);
	row_text(&c, row->site, sizeof(row->site));
	row_text(&c, row->code, sizeof(row->code));
	row_text(&c, row->task, sizeof(row->task));
	row->from_s = (int64_t)cursor_u64(&c);
	row->until_s = (int64_t)cursor_u64(&c);
	row->leaf = cursor_u64(&c);
	return row_end(&c, "delegation");
}

static bool
is_same_duty(const struct delegation_row *a, const struct delegation_row *b)
{
	return strcmp(a->site, b->site) == 0 && strcmp(a->code, b->code) == 0 &&
	       strcmp(a->task, b->task) == 0;
}

/* The last moment of what was added: its own, or that of an end that came after it. */
static int64_t
until_of(const struct reading *r, size_t which)
{
	const struct delegation_row *a = &r->to->rows[which];
	int64_t until_s = a->until_s;
	for (size_t i = which + 1; i < r->count; i++) {
		const struct delegation_row *end = &r->to->rows[i];
		if (end->kind == ENDED && end->leaf > a->leaf && is_same_duty(a, end) &&
			(until_s == 0 || end->until_s < until_s))
			until_s = end->until_s;
	}
	return until_s;
}

enum err
delegation_read(struct delegation *ret, struct vault_txn *t)
{
	struct reading r = {ret, 0};
	const struct vault_range all = {.table = VAULT_META, .prefix = view_text(PREFIX)};
	enum err e = vault_each(t, &all, read_row, &r);
	ret->duties = xcalloc(r.count + 1, sizeof(*ret->duties));
	for (size_t i = 0; !e && i < r.count; i++) {
		const struct delegation_row *row = &ret->rows[i];
		if (row->kind != ADDED)
			continue;
		ret->duties[ret->count++] = (struct rules_duty){.person = row->code,
			.site = row->site,
			.task = row->task,
			.from_ms = row->from_s * MS_PER_S,
			.until_ms = until_of(&r, i) * MS_PER_S,
			.known = row->leaf};
	}
	return e;
}

void
delegation_done(struct delegation *d)
{
	mem_drop(&d->duties);
	mem_drop(&d->rows);
}

/* take */

static bool
is_task(const char *word)
{
	return strcmp(word, "approach") == 0 || strcmp(word, "consent") == 0 ||
	       strcmp(word, "collect") == 0;
}

static bool
read_day(const char *word, int64_t *ret_s)
{
	int64_t at_ms = 0;
	bool is_day = strlen(word) == 10 && clock_parse(word, &at_ms) && at_ms > 0;
	*ret_s = at_ms / MS_PER_S;
	return is_day;
}

static bool
read_words(char *text, struct delegation_row *ret)
{
	const char *words[WORDS_IN_LINE + 1] = {NULL};
	size_t count = 0;
	char *rest = NULL;
	for (char *one = strtok_r(text, " ", &rest); one && count <= WORDS_IN_LINE;
		one = strtok_r(NULL, " ", &rest))
		words[count++] = one;
	if (count != WORDS_IN_LINE || strlen(words[0]) >= sizeof(ret->code) ||
		!is_task(words[1]) || !read_day(words[2], &ret->from_s))
		return false;
	(void)snprintf(ret->code, sizeof(ret->code), "%s", words[0]);
	(void)snprintf(ret->task, sizeof(ret->task), "%s", words[1]);
	if (strcmp(words[3], OPEN_END) == 0)
		return true;
	bool is_day = read_day(words[3], &ret->until_s);
	ret->until_s += DAY_S;
	return is_day && ret->until_s > ret->from_s;
}

/* How many lines of each kind a site has. */
struct counting {
	const char *site;
	size_t lines[ENDED + 1];
};

static enum err
count_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct counting *n = arg;
	char site[ROW_ID_BYTES];
	struct cursor c = row_begin(value);
	const uint8_t kind = cursor_u8(&c);
	(void)key;
	(void)ret_stop;
	row_text(&c, site, sizeof(site));
	if (!c.broken && kind <= ENDED && strcmp(site, n->site) == 0)
		n->lines[kind]++;
	return OK;
}

static enum err
check_count(struct vault_txn *t, const struct delegation_row *row, const char *site)
{
	static const size_t most[] = {
		[ADDED] = DELEGATION_ADDED_MAX, [ENDED] = DELEGATION_ENDED_MAX};
	struct counting n = {.site = site};
	char prefix[ROW_ID_BYTES + 8];
	(void)snprintf(prefix, sizeof(prefix), PREFIX "%s-", site);
	const struct vault_range range = {.table = VAULT_META, .prefix = view_text(prefix)};
	enum err e = vault_each(t, &range, count_row, &n);
	if (!e && n.lines[row->kind] >= most[row->kind])
		e = fail(E_FORMAT, "the delegation log of site %s is longer than one can be",
			site);
	return e;
}

enum err
delegation_take(struct vault_txn *t, const char *site, const char *action, const char *words,
	uint64_t leaf)
{
	struct delegation_row row = {
		.kind = strcmp(action, DELEGATION_ENDED) == 0 ? ENDED : ADDED, .leaf = leaf};
	char text[WORDS_MAX], key[ROW_ID_BYTES + 32];
	OWNED_BUF struct buf b;
	buf_init(&b, ROW_MAX_BYTES);
	(void)snprintf(text, sizeof(text), "%s", words);
	if (strlen(words) >= sizeof(text) || !read_words(text, &row) ||
		(row.kind == ENDED && !row.until_s))
		return fail(E_FORMAT, "the line of the delegation log is not of its form");
	enum err e = check_count(t, &row, site);
	if (e)
		return e;
	(void)snprintf(key, sizeof(key), PREFIX "%s-%016" PRIx64, site, leaf);
	buf_u8(&b, ROW_VERSION);
	buf_u8(&b, row.kind);
	buf_blob_text(&b, site);
	buf_blob_text(&b, row.code);
	buf_blob_text(&b, row.task);
	buf_u64(&b, (uint64_t)row.from_s);
	buf_u64(&b, (uint64_t)row.until_s);
	buf_u64(&b, leaf);
	return vault_put(t, VAULT_META, view_text(key), buf_view(&b));
}
