#include "node/sync_late.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/trust/seal.h"

#include "node/sync_review.h"

#define META_DAYS      "late-days"
#define META_LATE      "late"
#define DAYS_COUNT     64
#define DAYS_BYTES     2048
#define LATE_BYTES     64
#define WRAP_MAX_BYTES 4096
#define DAY_S          86400
#define MS_PER_S       1000

/* how far lane C was at the hub, day by day */

struct day {
	uint32_t day, incarnation;
	uint64_t seq;
};

struct days {
	uint32_t count;
	struct day list[DAYS_COUNT]; /* they rise */
};

static enum err
get_days(struct vault *v, struct days *ret)
{
	struct view row;
	*ret = (struct days){.count = 0};
	enum err e = vault_get(v, VAULT_META, view_text(META_DAYS), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	ret->count = cursor_u32(&c);
	if (ret->count > DAYS_COUNT)
		return fail(E_FORMAT, "the vault is damaged: days of receipts");
	for (uint32_t i = 0; i < ret->count; i++) {
		ret->list[i].day = cursor_u32(&c);
		ret->list[i].incarnation = cursor_u32(&c);
		ret->list[i].seq = cursor_u64(&c);
	}
	return cursor_end(&c, "days of receipts");
}

static enum err
put_days(struct vault *v, const struct days *d)
{
	OWNED_BUF struct buf row;
	buf_init(&row, DAYS_BYTES);
	buf_u32(&row, d->count);
	for (uint32_t i = 0; i < d->count; i++) {
		buf_u32(&row, d->list[i].day);
		buf_u32(&row, d->list[i].incarnation);
		buf_u64(&row, d->list[i].seq);
	}
	enum err e = buf_check(&row, "days of receipts");
	return e ? e : vault_put(v, VAULT_META, view_text(META_DAYS), buf_view(&row));
}

static enum err
note_day(const struct sync_judge *j, uint64_t at_hub)
{
	struct days d;
	const struct day now = {
		(uint32_t)(j->now_ms / MS_PER_S / DAY_S), vault_incarnation(j->vault), at_hub};
	enum err e = get_days(j->vault, &d);
	if (e)
		return e;
	struct day *last = d.count ? &d.list[d.count - 1] : NULL;
	if (last && last->incarnation == now.incarnation && last->seq == now.seq)
		return OK;
	if (last && last->day == now.day && last->incarnation == now.incarnation) {
		last->seq = now.seq;
		return put_days(j->vault, &d);
	}
	if (d.count == DAYS_COUNT)
		memmove(&d.list[0], &d.list[1], --d.count * sizeof(d.list[0]));
	d.list[d.count++] = now;
	return put_days(j->vault, &d);
}

/* the row */

enum err
sync_late_get(struct vault *v, struct sync_late *ret)
{
	struct view row;
	*ret = (struct sync_late){.first = 1};
	enum err e = vault_get(v, VAULT_META, view_text(META_LATE), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	ret->first = cursor_u32(&c);
	ret->incarnation = cursor_u32(&c);
	ret->from = cursor_u64(&c);
	ret->to = cursor_u64(&c);
	ret->by_site = cursor_u32(&c);
	ret->by_nobody = cursor_u32(&c);
	return cursor_end(&c, "late keys");
}

static enum err
put_late(struct vault *v, const struct sync_late *l)
{
	OWNED_BUF struct buf row;
	buf_init(&row, LATE_BYTES);
	buf_u32(&row, l->first);
	buf_u32(&row, l->incarnation);
	buf_u64(&row, l->from);
	buf_u64(&row, l->to);
	buf_u32(&row, l->by_site);
	buf_u32(&row, l->by_nobody);
	return vault_put(v, VAULT_META, view_text(META_LATE), buf_view(&row));
}

/* keys */

/* The entry whose wrap counts: of the key, or in which it was wrapped again last. */
static enum err
find_last(struct vault *v, uint8_t id[static ID_BYTES], struct vault_at *at)
{
	enum err e = OK;
	for (int i = 0; i < SEAL_AGAIN_MOST_COUNT; i++) {
		uint8_t next[ID_BYTES], digest[HASH_BYTES];
		struct view row;
		seal_again_id(next, id);
		e = vault_get(v, VAULT_INSTANCES, view_of(next, ID_BYTES), &row);
		if (e)
			return e == E_NOTFOUND ? OK : e;
		struct cursor c = cursor_of(row);
		cursor_copy(&c, digest, sizeof(digest));
		*at = vault_at_read(&c);
		memcpy(id, next, ID_BYTES);
		e = cursor_end(&c, "instance on file");
		if (e)
			return e;
	}
	return OK;
}

struct parts {
	struct buf rules, study, site;
};

static void
parts_done(struct parts *p)
{
	buf_done(&p->rules);
	buf_done(&p->study);
	buf_done(&p->site);
}

static enum err
read_wraps(const struct sync_judge *j, struct vault_at at, struct parts *p,
	struct sync_late_key *ret, bool *ret_late)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	uint32_t number = 0;
	enum err e = vault_part(j->vault, &at, PART_RULES, &p->rules);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&p->rules));
	if (e || r->kind != RULES_KEY || !wire_is_zero(r->refers_to, ID_BYTES))
		return e;
	memcpy(ret->id, r->instance, ID_BYTES);
	memcpy(ret->participant, r->participant, ID_BYTES);
	e = find_last(j->vault, ret->id, &at);
	if (!e)
		e = vault_part(j->vault, &at, PART_WRAP_STUDY, &p->study);
	if (!e)
		e = seal_wrap_number(&number, buf_view(&p->study));
	*ret_late = !e && number < j->intake_first;
	if (!*ret_late)
		return e;
	e = sync_review_wrap(j->vault, ret->id, &at, &p->site);
	ret->study = buf_view(&p->study);
	ret->site = buf_view(&p->site);
	return e == E_NOTFOUND ? OK : e;
}

/* What is damaged is for the scrub, what is erased for nobody. */
static enum err
look(const struct sync_judge *j, const struct vault_at *at, sync_late_fn *each, void *arg)
{
	OWNED_BY(parts_done) struct parts p;
	struct sync_late_key k = {.site = {0}};
	bool is_late = false;
	buf_init(&p.rules, WIRE_RULES_MAX_BYTES);
	buf_init(&p.study, WRAP_MAX_BYTES);
	buf_init(&p.site, WRAP_MAX_BYTES);
	enum err e = read_wraps(j, *at, &p, &k, &is_late);
	if (e == E_NOTFOUND || e == E_FORMAT || e == E_AUTH)
		return OK;
	return e || !is_late ? e : each(arg, &k);
}

enum err
sync_late_each(const struct sync_judge *j, uint64_t after, uint64_t count, sync_late_fn *each,
	void *arg, uint64_t *ret_seq)
{
	struct sync_late l;
	*ret_seq = 0;
	enum err e = sync_late_get(j->vault, &l);
	struct vault_at at = {l.incarnation, LANE_C, MAX(after, l.from)};
	for (uint64_t i = 0; !e && i < count && at.seq < l.to; i++) {
		at.seq++;
		e = look(j, &at, each, arg);
	}
	if (!e && at.seq < l.to)
		*ret_seq = at.seq;
	return e;
}

static enum err
count_one(void *arg, const struct sync_late_key *k)
{
	struct sync_late *l = arg;
	if (k->site.len)
		l->by_site++;
	else
		l->by_nobody++;
	return OK;
}

enum err
sync_late_count(const struct sync_judge *j)
{
	struct sync_late l, counted = {.by_site = 0};
	uint64_t end = 0;
	enum err e = sync_late_get(j->vault, &l);
	if (!e)
		e = sync_late_each(j, 0, UINT64_MAX, count_one, &counted, &end);
	if (e || (l.by_site == counted.by_site && l.by_nobody == counted.by_nobody))
		return e;
	l.by_site = counted.by_site;
	l.by_nobody = counted.by_nobody;
	return put_late(j->vault, &l);
}

/* time */

/* What is behind the newest day before this one. */
static enum err
look_behind(const struct sync_judge *j, int64_t gone_s, struct sync_late *l)
{
	struct days d;
	const struct sync_late before = *l;
	const int64_t day = MIN(gone_s, j->now_ms / MS_PER_S) / DAY_S;
	enum err e = get_days(j->vault, &d);
	*l = (struct sync_late){.first = j->intake_first,
		.incarnation = vault_incarnation(j->vault),
		.to = vault_head(j->vault, LANE_C).seq};
	for (uint32_t i = 0; !e && i < d.count; i++)
		if (d.list[i].day < day && d.list[i].incarnation == l->incarnation)
			l->from = d.list[i].seq;
	/* What was left to wrap again still is. */
	if (before.by_site && before.incarnation == l->incarnation)
		l->from = MIN(l->from, before.from);
	return e;
}

/* All that is sealed for a number before is at the hub, in time: none of it can be late. */
static enum err
is_in_time(const struct sync_judge *j, uint64_t at_hub, const struct sync_late *l, bool *ret)
{
	bool is_free = false;
	int64_t until_s = 0;
	*ret = false;
	if (l->first >= j->intake || at_hub != vault_committed(j->vault, LANE_C).seq)
		return OK;
	enum err e = sync_kept_is_free(j, &is_free);
	if (!e)
		e = sync_kept_until(j->vault, j->intake - 1, &until_s);
	*ret = !e && is_free && until_s && j->now_ms / MS_PER_S < until_s;
	return e;
}

enum err
sync_late_tick(const struct sync_judge *j, int64_t made_s)
{
	struct vault_mark m;
	struct sync_late l;
	int64_t until_s = 0;
	bool in_time = false;
	enum err e = vault_mark_get(j->vault, LANE_C, &m);
	if (!e)
		e = sync_late_get(j->vault, &l);
	if (!e && j->intake_first > l.first) {
		e = sync_kept_until(j->vault, l.first, &until_s);
		if (!e)
			e = look_behind(j, until_s ? MIN(until_s, made_s) : made_s, &l);
		if (!e)
			e = put_late(j->vault, &l);
		return e ? e : sync_late_count(j);
	}
	if (!e && j->intake_first <= l.first)
		e = is_in_time(j, m.at_hub, &l, &in_time);
	if (!e && in_time) {
		l.first = j->intake;
		e = put_late(j->vault, &l);
	}
	return e ? e : note_day(j, m.at_hub);
}
