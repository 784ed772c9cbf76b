#include "node/sync_duties.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#define DAY_MS         86400000
#define WORDS_IN_LINE  5
#define OPEN_END       "-"
#define PREFIX         "duty-"
#define META_LAST      "last-duty"
#define KEY_BYTES      32
#define LIST_MAX_BYTES ((size_t)1 << 20)

/* lines */

static bool
day_of(const char *word, int64_t *ret_ms)
{
	return clock_parse(word, ret_ms) && *ret_ms > 0;
}

/* "added CODE TASK FROM UNTIL", taken apart in place; both days are inclusive. */
static bool
read_line(char *line, struct rules_duty *ret, bool *ret_ends)
{
	const char *words[WORDS_IN_LINE] = {NULL};
	size_t count = 0;
	char *rest = NULL;
	*ret = (struct rules_duty){.person = ""};
	for (char *one = strtok_r(line, " ", &rest); one; one = strtok_r(NULL, " ", &rest)) {
		if (count == WORDS_IN_LINE)
			return false;
		words[count++] = one;
	}
	if (count != WORDS_IN_LINE || !day_of(words[3], &ret->from_ms))
		return false;
	*ret_ends = strcmp(words[0], "ended") == 0;
	ret->person = words[1];
	ret->task = words[2];
	if (strcmp(words[4], OPEN_END) == 0)
		return !*ret_ends;
	const bool is_day = day_of(words[4], &ret->until_ms);
	ret->until_ms += DAY_MS;
	return is_day;
}

/* What is kept of an act; NULL: it is none of the delegation log. */
static const char *
front_of(const struct leaf *act)
{
	if (strcmp(act->action, DUTY_ADDED) == 0)
		return DUTY_LINE_ADDED;
	return strcmp(act->action, DUTY_ENDED) == 0 ? DUTY_LINE_ENDED : NULL;
}

struct counted {
	const char *front;
	size_t count;
};

static enum err
count_line(void *arg, struct view key, struct view content)
{
	struct counted *c = arg;
	(void)key;
	c->count += content.len > strlen(c->front) &&
		    memcmp(content.at, c->front, strlen(c->front)) == 0;
	return OK;
}

enum err
sync_duties_check(struct vault *v, const struct leaf *act)
{
	char line[SYNC_DUTIES_LINE_BYTES + 1];
	struct counted have = {.front = act->action ? front_of(act) : NULL};
	struct rules_duty duty;
	bool ends;
	if (!have.front)
		return OK;
	const size_t most = strcmp(have.front, DUTY_LINE_ADDED) == 0 ? SYNC_DUTIES_ADDED_MAX
								     : SYNC_DUTIES_ENDED_MAX;
	const int len = snprintf(line, sizeof(line), "%s%s", have.front,
		act->reason_code ? act->reason_code : "");
	if (len < 0 || (size_t)len >= sizeof(line) || !read_line(line, &duty, &ends))
		return fail(E_FORMAT, "a line of the delegation log is not of its form");
	enum err e = vault_each(v, VAULT_META, view_text(PREFIX), count_line, &have);
	if (e || have.count < most)
		return e;
	return fail(E_DENIED,
		"%zu lines of this kind are on the delegation log of this node, and the hub "
		"takes no more: `weir-node delegation list` shows them; ask the study",
		most);
}

enum err
sync_duties_note(struct vault *v, const struct leaf *act, uint64_t seq)
{
	OWNED_BUF struct buf line, last;
	char key[KEY_BYTES];
	const char *front = front_of(act);
	buf_init(&line, SYNC_DUTIES_LINE_BYTES);
	buf_init(&last, sizeof(seq));
	if (!front)
		return OK;
	buf_format(&line, "%s%s", front, act->reason_code);
	buf_u64(&last, seq);
	(void)snprintf(key, sizeof(key), PREFIX "%016" PRIx64, seq);
	enum err e = buf_check(&line, "delegation");
	if (!e)
		e = vault_put(v, VAULT_META, view_text(key), buf_view(&line));
	return e ? e : vault_put(v, VAULT_META, view_text(META_LAST), buf_view(&last));
}

enum err
sync_duties_last(struct vault *v, uint64_t *ret_seq)
{
	struct view row;
	*ret_seq = 0;
	enum err e = vault_get(v, VAULT_META, view_text(META_LAST), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	*ret_seq = cursor_u64(&c);
	return cursor_end(&c, "newest line of the delegation log");
}

static enum err
add_line(void *arg, struct view key, struct view content)
{
	struct buf *lines = arg;
	(void)key;
	buf_add_view(lines, content);
	buf_u8(lines, '\n');
	return OK;
}

enum err
sync_duties_list(struct vault *v, struct buf *answer)
{
	OWNED_BUF struct buf lines;
	buf_init(&lines, LIST_MAX_BYTES);
	enum err e = vault_each(v, VAULT_META, view_text(PREFIX), add_line, &lines);
	if (!e)
		e = buf_check(&lines, "delegation log");
	if (!e)
		buf_blob(answer, buf_view(&lines));
	return e;
}

/* for the rules */

/* As many as sync_duties_check() lets in. */
static enum err
keep_line(void *arg, struct view key, struct view content)
{
	struct sync_duties *d = arg;
	(void)key;
	if ((d->line_count & (d->line_count - 1)) == 0)
		d->lines = xrealloc(
			d->lines, MAX(d->line_count * 2, (size_t)1), sizeof(*d->lines));
	char *line = xcalloc(content.len + 1, 1);
	memcpy(line, content.at, content.len);
	d->lines[d->line_count++] = line;
	return OK;
}

static void
end_all(struct sync_duties *d, const struct rules_duty *end)
{
	for (size_t i = 0; i < d->count; i++) {
		struct rules_duty *one = &d->duties[i];
		if (strcmp(one->person, end->person) == 0 &&
			strcmp(one->task, end->task) == 0 && one->from_ms < end->until_ms &&
			(one->until_ms == 0 || end->until_ms < one->until_ms))
			one->until_ms = end->until_ms;
	}
}

static bool
is_same(const struct rules_duty *a, const struct rules_duty *b)
{
	return strcmp(a->person, b->person) == 0 && strcmp(a->task, b->task) == 0;
}

/* Each line of the hub stands for one that was said here; it has heard, too, what other nodes
 * of the site said of it. */
static bool
hub_has_added(const struct terms *t, bool *used, const struct rules_duty *one)
{
	for (size_t i = 0; i < t->duty_count; i++)
		if (!used[i] && is_same(&t->duties[i], one) &&
			t->duties[i].from_ms == one->from_ms)
			return used[i] = true;
	return false;
}

static bool
hub_has_ended(const struct terms *t, const struct rules_duty *end)
{
	for (size_t i = 0; i < t->duty_count; i++)
		if (is_same(&t->duties[i], end) && t->duties[i].until_ms == end->until_ms)
			return true;
	return false;
}

enum err
sync_duties_read(struct sync_duties *ret, struct vault *v, const struct terms *terms)
{
	OWNED_MEM bool *used = xcalloc(terms->duty_count + 1, sizeof(*used));
	enum err e = vault_each(v, VAULT_META, view_text(PREFIX), keep_line, ret);
	if (e)
		return e;
	ret->duties = xcalloc(terms->duty_count + ret->line_count + 1, sizeof(*ret->duties));
	for (size_t i = 0; i < terms->duty_count; i++)
		ret->duties[ret->count++] = terms->duties[i];
	for (size_t i = 0; i < ret->line_count; i++) {
		struct rules_duty one;
		bool ends;
		if (!read_line(ret->lines[i], &one, &ends))
			continue;
		one.site = terms->site;
		if (ends && !hub_has_ended(terms, &one))
			end_all(ret, &one);
		else if (!ends && !hub_has_added(terms, used, &one))
			ret->duties[ret->count++] = one;
	}
	return OK;
}

void
sync_duties_done(struct sync_duties *d)
{
	for (size_t i = 0; i < d->line_count; i++)
		mem_drop(&d->lines[i]);
	mem_drop(&d->lines);
	mem_drop(&d->duties);
}
