#include "node/sync_pace.h"

#include <time.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#define META_PACE   "pace"
#define ROW_BYTES   16
#define S_PER_DAY   86400
#define S_PER_MIN   60
#define MS_PER_S    1000
#define NOT_WAITING (-1)

struct sync_pace {
	struct vault *vault;
	struct pace pace;
	int64_t greeted_ms; /* NOT_WAITING: the answer was measured */
	enum pace_answer answer;
};

static struct pace_now
now_here(void)
{
	struct pace_now now = {.mono_ms = clock_mono_ms()};
	time_t s = (time_t)(clock_wall_ms() / MS_PER_S);
	struct tm here;
	if (!localtime_r(&s, &here))
		return now;
	int64_t local_s = (int64_t)s + here.tm_gmtoff;
	now.day = local_s / S_PER_DAY;
	now.minute = (uint16_t)(local_s % S_PER_DAY / S_PER_MIN);
	return now;
}

/* A day of before counts for nothing; nor does one that a clock put into the future. */
static enum err
read_use(struct vault *v, const struct pace_now *now, uint64_t *ret_bytes)
{
	struct view row;
	*ret_bytes = 0;
	enum err e = vault_get(v, VAULT_META, view_text(META_PACE), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	int64_t day = (int64_t)cursor_u64(&c);
	uint64_t bytes = cursor_u64(&c);
	e = cursor_end(&c, "data sent today");
	if (!e && day == now->day)
		*ret_bytes = bytes;
	return e;
}

static enum err
keep_use(struct sync_pace *p)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	buf_u64(&row, (uint64_t)p->pace.day);
	buf_u64(&row, p->pace.day_bytes);
	return vault_put(p->vault, VAULT_META, view_text(META_PACE), buf_view(&row));
}

enum err
sync_pace_open(struct sync_pace **ret, struct vault *v, const struct pace_rules *rules)
{
	uint64_t day_bytes = 0;
	*ret = NULL;
	/* Now, as the files of time zones cannot be read any more once the process is
	 * confined. */
	tzset();
	const struct pace_now now = now_here();
	enum err e = read_use(v, &now, &day_bytes);
	if (e)
		return e;
	struct sync_pace *p = xcalloc(1, sizeof(*p));
	p->vault = v;
	p->greeted_ms = NOT_WAITING;
	pace_init(&p->pace, rules, &now, day_bytes);
	*ret = p;
	return OK;
}

void
sync_pace_free(struct sync_pace *p)
{
	mem_drop(&p);
}

void
sync_pace_connected(struct sync_pace *p)
{
	pace_connected(&p->pace);
	p->greeted_ms = clock_mono_ms();
}

void
sync_pace_heard(struct sync_pace *p)
{
	if (p->greeted_ms != NOT_WAITING)
		pace_round(&p->pace, clock_mono_ms() - p->greeted_ms);
	p->greeted_ms = NOT_WAITING;
}

bool
sync_pace_may(struct sync_pace *p, const struct lane_node *n, struct lane_action *fetch)
{
	const struct lane_out *control = &n->lanes[LANE_C - 1];
	const struct pace_now now = now_here();
	pace_flight(&p->pace, now.mono_ms, n->flight_bytes);
	p->answer = pace_ask(&p->pace, &now, n->flight_bytes);
	if (fetch->why == LANE_WHY_PULL)
		return true;
	/* Control entries in small pieces, too: a link that breaks often lets no large one
	 * through. */
	fetch->max_bytes = MIN(fetch->max_bytes, pace_piece_bytes(&p->pace));
	if (fetch->lane == LANE_C)
		return !pace_is_full(&p->pace, n->flight_bytes);
	if (control->sent < control->last.seq)
		return true;
	return p->answer == PACE_GO;
}

enum err
sync_pace_sent(struct sync_pace *p, size_t bytes, bool is_bulk)
{
	const struct pace_now now = now_here();
	pace_sent(&p->pace, &now, bytes, is_bulk);
	return is_bulk && p->pace.rules.daily_mb ? keep_use(p) : OK;
}

const char *
sync_pace_reason(const struct sync_pace *p)
{
	return pace_words(p->answer);
}
