#include "common/sync/pace.h"

#include <stdio.h>
#include <string.h>

#define BITS_PER_BYTE    8
#define BYTES_PER_MB     1000000
#define MIN_PER_HOUR     60
#define HOURS_PER_DAY    24
#define HOURS_TEXT_BYTES 11 /* 08:00-17:00 */

/* rules */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Five characters HH:MM; 24:00 is the end of the day. */
static bool
read_minute(uint16_t *ret, const char *at)
{
	if (!is_digit(at[0]) || !is_digit(at[1]) || at[2] != ':' || !is_digit(at[3]) ||
		!is_digit(at[4]))
		return false;
	int hour = 10 * (at[0] - '0') + (at[1] - '0');
	int minute = 10 * (at[3] - '0') + (at[4] - '0');
	int whole = hour * MIN_PER_HOUR + minute;
	*ret = (uint16_t)whole;
	return minute < MIN_PER_HOUR && whole <= PACE_DAY_MIN;
}

enum err
pace_read_hours(struct pace_rules *rules, const char *text)
{
	uint16_t from = 0, to = 0;
	bool is_form = strlen(text) == HOURS_TEXT_BYTES && text[5] == '-' &&
		       read_minute(&from, text) && read_minute(&to, text + 6);
	if (text[0] && (!is_form || from == to))
		return fail(E_FORMAT, "quiet hours are written like 08:00-17:00");
	rules->quiet_from_min = from;
	rules->quiet_to_min = to;
	return OK;
}

static bool
is_quiet(const struct pace_rules *r, uint16_t minute)
{
	if (r->quiet_from_min <= r->quiet_to_min)
		return minute >= r->quiet_from_min && minute < r->quiet_to_min;
	return minute >= r->quiet_from_min || minute < r->quiet_to_min;
}

static double
bucket_bytes(const struct pace_rules *r)
{
	return (double)r->kbit_per_s * 1000 / BITS_PER_BYTE * PACE_BURST_S;
}

/* begin */

void
pace_init(struct pace *p, const struct pace_rules *rules, const struct pace_now *now,
	uint64_t day_bytes)
{
	*p = (struct pace){.rules = *rules,
		.day = now->day,
		.day_bytes = day_bytes,
		.tokens_bytes = bucket_bytes(rules),
		.tokens_ms = now->mono_ms};
	pace_connected(p);
}

void
pace_connected(struct pace *p)
{
	p->window_bytes = PACE_LEAST_BYTES;
	p->fastest_ms = -1;
	p->sent_bytes = p->acked_bytes = p->slowed_bytes = 0;
	p->piece_count = 0;
}

/* before */

static void
fill_bucket(struct pace *p, int64_t mono_ms)
{
	double per_ms = (double)p->rules.kbit_per_s / BITS_PER_BYTE;
	double earned = (double)MAX(mono_ms - p->tokens_ms, 0) * per_ms;
	p->tokens_bytes = MIN(p->tokens_bytes + earned, bucket_bytes(&p->rules));
	p->tokens_ms = mono_ms;
}

static void
turn_day(struct pace *p, int64_t day)
{
	if (p->day == day)
		return;
	p->day = day;
	p->day_bytes = 0;
}

bool
pace_is_full(const struct pace *p, size_t flight_bytes)
{
	return flight_bytes && flight_bytes + PACE_LEAST_BYTES > p->window_bytes;
}

enum pace_answer
pace_ask(struct pace *p, const struct pace_now *now, size_t flight_bytes)
{
	const struct pace_rules *r = &p->rules;
	fill_bucket(p, now->mono_ms);
	turn_day(p, now->day);
	if (r->metered)
		return PACE_METERED;
	if (is_quiet(r, now->minute))
		return PACE_QUIET;
	if (r->daily_mb && p->day_bytes >= (uint64_t)r->daily_mb * BYTES_PER_MB)
		return PACE_DAY;
	if (r->kbit_per_s && p->tokens_bytes <= 0)
		return PACE_RATE;
	if (pace_is_full(p, flight_bytes))
		return PACE_WINDOW;
	return PACE_GO;
}

size_t
pace_piece_bytes(const struct pace *p)
{
	return MAX(p->window_bytes / 2, PACE_LEAST_BYTES);
}

/* after */

void
pace_sent(struct pace *p, const struct pace_now *now, size_t bytes, bool is_bulk)
{
	p->sent_bytes += bytes;
	if (p->piece_count < PACE_SENT_COUNT)
		p->pieces[p->piece_count++] = (struct pace_piece){p->sent_bytes, now->mono_ms};
	if (!is_bulk)
		return;
	turn_day(p, now->day);
	p->day_bytes += bytes;
	if (p->rules.kbit_per_s)
		p->tokens_bytes -= (double)bytes;
}

/* Halved once for what was on the way when it was halved before. */
static void
slow_down(struct pace *p, uint64_t acked_bytes)
{
	if (acked_bytes <= p->slowed_bytes)
		return;
	p->slowed_bytes = p->sent_bytes;
	p->window_bytes = MAX(p->window_bytes / 2, PACE_LEAST_BYTES);
}

void
pace_round(struct pace *p, int64_t took_ms)
{
	if (p->fastest_ms < 0 || took_ms < p->fastest_ms)
		p->fastest_ms = took_ms;
}

static void
learn(struct pace *p, int64_t took_ms, uint64_t acked_bytes)
{
	pace_round(p, took_ms);
	int64_t waited_ms = took_ms - p->fastest_ms;
	if (waited_ms >= PACE_SLOW_MS)
		slow_down(p, acked_bytes);
	else if (waited_ms < PACE_CALM_MS)
		p->window_bytes = MIN(p->window_bytes + (size_t)(acked_bytes - p->acked_bytes),
			PACE_MOST_BYTES);
}

void
pace_flight(struct pace *p, int64_t mono_ms, size_t flight_bytes)
{
	uint64_t acked = p->sent_bytes - MIN(p->sent_bytes, (uint64_t)flight_bytes);
	size_t gone = 0;
	while (gone < p->piece_count && p->pieces[gone].end_bytes <= acked)
		gone++;
	if (gone == 0)
		return;
	int64_t took_ms = mono_ms - p->pieces[gone - 1].sent_ms;
	p->piece_count -= gone;
	memmove(p->pieces, p->pieces + gone, p->piece_count * sizeof(p->pieces[0]));
	learn(p, took_ms, acked);
	p->acked_bytes = acked;
}

const char *
pace_words(enum pace_answer a)
{
	switch (a) {
	case PACE_GO:
	case PACE_WINDOW:
	case PACE_RATE:
		return "";
	case PACE_DAY:
		return "records wait until tomorrow: the day's allowance of data is used up";
	case PACE_QUIET:
		return "records wait: these are quiet hours of the connection";
	case PACE_METERED:
		return "records wait: the connection is set to metered";
	}
	return "";
}
