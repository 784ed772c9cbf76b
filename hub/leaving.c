#include "hub/leaving.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/zone.h"

#define PREFIX    "leave-"
#define KEY_BYTES (sizeof(PREFIX) + ROW_ID_BYTES + 2)

static const char *const words[] = {"", "keep", "stop", "erase"};

const char *
leaving_word(enum leaving_data data)
{
	return words[data];
}

enum leaving_data
leaving_of_word(const char *word)
{
	for (unsigned i = 1; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0)
			return (enum leaving_data)i;
	return (enum leaving_data)0;
}

/* rows */

static struct view
make_key(char room[static KEY_BYTES], const struct leaving *l)
{
	const int len = snprintf(room, KEY_BYTES, PREFIX "%s/", l->site);
	room[len] = (char)l->number;
	return view_of(room, (size_t)len + 1);
}

enum err
leaving_put(struct vault_txn *t, const struct leaving *l)
{
	OWNED_BUF struct buf row;
	char key[KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u8(&row, (uint8_t)l->data);
	buf_blob_text(&row, l->day);
	buf_add(&row, l->digest, sizeof(l->digest));
	buf_blob_text(&row, l->reason);
	buf_blob_text(&row, l->by);
	buf_u64(&row, l->leaf);
	buf_blob_text(&row, l->agreed_by);
	buf_u64(&row, l->agreed_leaf);
	buf_u64(&row, (uint64_t)l->agreed_s);
	enum err e = buf_check(&row, "leaving of a site");
	return e ? e : vault_put(t, VAULT_META, make_key(key, l), buf_view(&row));
}

static enum err
read_row(struct leaving *ret, struct view value)
{
	struct cursor c = row_begin(value);
	const uint8_t data = cursor_u8(&c);
	if (data < LEAVING_KEEP || data > LEAVING_ERASE)
		c.broken = true;
	else
		ret->data = (enum leaving_data)data;
	row_text(&c, ret->day, sizeof(ret->day));
	cursor_copy(&c, ret->digest, sizeof(ret->digest));
	row_text(&c, ret->reason, sizeof(ret->reason));
	row_text(&c, ret->by, sizeof(ret->by));
	ret->leaf = cursor_u64(&c);
	row_text(&c, ret->agreed_by, sizeof(ret->agreed_by));
	ret->agreed_leaf = cursor_u64(&c);
	ret->agreed_s = (int64_t)cursor_u64(&c);
	return row_end(&c, "leaving of a site");
}

static enum err
visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct leavings *all = arg;
	struct leaving l = {.number = 0};
	const size_t prefix = sizeof(PREFIX) - 1, behind = prefix + 2;
	(void)ret_stop;
	if (key.len <= behind || key.len - behind >= sizeof(l.site))
		return fail(E_FORMAT, "leaving of a site: its key is not of its form");
	memcpy(l.site, key.at + prefix, key.len - behind);
	l.number = key.at[key.len - 1];
	enum err e = read_row(&l, value);
	if (e)
		return e;
	all->at = xrealloc(all->at, all->count + 1, sizeof(*all->at));
	all->at[all->count++] = l;
	return OK;
}

enum err
leavings_read(struct leavings *ret, struct vault_txn *t)
{
	const struct vault_range all = {.table = VAULT_META, .prefix = view_text(PREFIX)};
	*ret = (struct leavings){.at = NULL};
	return vault_each(t, &all, visit, ret);
}

void
leavings_done(struct leavings *l)
{
	mem_drop(&l->at);
}

/* which one counts */

const struct leaving *
leaving_of(const struct leavings *l, const char *site, uint64_t known_upto)
{
	const struct leaving *found = NULL;
	for (size_t i = 0; i < l->count; i++)
		if (l->at[i].agreed_by[0] && l->at[i].agreed_leaf <= known_upto &&
			strcmp(l->at[i].site, site) == 0)
			found = &l->at[i];
	return found;
}

const struct leaving *
leaving_last(const struct leavings *l, const char *site)
{
	const struct leaving *found = NULL;
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->at[i].site, site) == 0)
			found = &l->at[i];
	return found;
}

/* A day that cannot be placed has begun: nothing is used by mistake. */
static int64_t
begin_ms(const struct leaving *l, const char *zone)
{
	int64_t ms = 0;
	return zone_day(zone, l->day, &ms) ? ms : 0;
}

bool
leaving_begun(const struct leaving *l, const char *zone, int64_t wall_ms)
{
	return wall_ms >= begin_ms(l, zone);
}

bool
leaving_denies(const struct leavings *l, const char *site, const struct leaving_ask *ask,
	char ret[static RULES_REASON_BYTES])
{
	const struct leaving *it = leaving_of(l, site, ask->known_upto);
	ret[0] = '\0';
	if (!it)
		return false;
	if (leaving_begun(it, ask->zone, ask->captured_ms))
		(void)snprintf(ret, RULES_REASON_BYTES,
			"collected when its site had left the study, on %s", it->day);
	else if (it->data == LEAVING_STOP && leaving_begun(it, ask->zone, ask->true_at_ms))
		(void)snprintf(ret, RULES_REASON_BYTES,
			"its site left the study on %s: its data are not used any more",
			it->day);
	else if (it->data == LEAVING_ERASE && leaving_begun(it, ask->zone, ask->true_at_ms))
		(void)snprintf(ret, RULES_REASON_BYTES,
			"its site left the study on %s: its data are to be erased", it->day);
	return ret[0] != '\0';
}
