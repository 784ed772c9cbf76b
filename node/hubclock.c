#include "node/hubclock.h"

#include "common/base/clock.h"

#define META_HUB_TIME "hub-time"
#define ROW_BYTES     16
#define MS_PER_S      1000

struct hubclock_here
hubclock_here(void)
{
	return (struct hubclock_here){clock_wall_ms(), clock_mono_ms()};
}

/* in the vault */

enum err
hubclock_open(struct hubclock *ret, struct vault *v)
{
	struct view row;
	*ret = (struct hubclock){0};
	enum err e = vault_get(v, VAULT_META, view_text(META_HUB_TIME), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	const int64_t seen_s = (int64_t)cursor_u64(&c), gap_s = (int64_t)cursor_u64(&c);
	e = cursor_end(&c, "the hub's time");
	if (!e)
		*ret = (struct hubclock){.seen_s = seen_s,
			.gap_s = gap_s,
			.kept_s = seen_s,
			.kept_gap_s = gap_s};
	return e;
}

static bool
is_far(int64_t a_s, int64_t b_s)
{
	const int64_t gap_s = int64_gap(a_s, b_s);
	return gap_s <= -HUBCLOCK_KEEP_S || gap_s >= HUBCLOCK_KEEP_S;
}

enum err
hubclock_keep(struct hubclock *c, struct vault *v)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	if (!is_far(c->seen_s, c->kept_s) && !is_far(c->gap_s, c->kept_gap_s))
		return OK;
	buf_u64(&row, (uint64_t)c->seen_s);
	buf_u64(&row, (uint64_t)c->gap_s);
	enum err e = vault_put(v, VAULT_META, view_text(META_HUB_TIME), buf_view(&row));
	if (e)
		return e;
	c->kept_s = c->seen_s;
	c->kept_gap_s = c->gap_s;
	return OK;
}

/* what is known */

static void
see(struct hubclock *c, int64_t hub_s, const struct hubclock_here *here)
{
	c->seen_s = hub_s;
	c->since_ms = here->mono_ms;
}

void
hubclock_heard(struct hubclock *c, int64_t hub_s, const struct hubclock_here *here)
{
	c->gap_s = int64_gap(hub_s, here->wall_ms / MS_PER_S);
	see(c, hub_s, here);
}

int64_t
hubclock_guess_s(const struct hubclock *c, const struct hubclock_here *here)
{
	return int64_gap(here->wall_ms / MS_PER_S, int64_gap(0, c->gap_s));
}

void
hubclock_believe(struct hubclock *c, int64_t hub_s, const struct hubclock_here *here)
{
	see(c, MAX(hub_s, hubclock_guess_s(c, here)), here);
}

int64_t
hubclock_now_s(struct hubclock *c, const struct hubclock_here *here)
{
	const int64_t guess_s = hubclock_guess_s(c, here);
	const int64_t since_ms = c->since_ms ? c->since_ms : here->mono_ms;
	const int64_t ran_s = MAX(here->mono_ms - since_ms, 0) / MS_PER_S;
	if (guess_s >= c->seen_s + ran_s) {
		see(c, guess_s, here);
		return guess_s;
	}
	c->seen_s += ran_s;
	c->since_ms = since_ms + ran_s * MS_PER_S;
	return c->seen_s;
}
