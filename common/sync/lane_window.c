#include "common/sync/lane_window.h"

#define MS_PER_S          1000
#define RATE_PARTS        4
#define RATE_MOST_BYTES_S ((uint64_t)1 << 32)

void
lane_window_acked(struct lane_window *w, const struct lane_window_sample *s, int64_t mono_ms)
{
	int64_t took_ms = MAX(mono_ms - s->sent_ms, (int64_t)1);
	w->acked_bytes += s->bytes;
	uint64_t bytes = w->acked_bytes - MIN(s->acked_before_bytes, w->acked_bytes);
	uint64_t rate = MIN(bytes * MS_PER_S / (uint64_t)took_ms, RATE_MOST_BYTES_S);
	if (w->rate_bytes_per_s)
		rate = (w->rate_bytes_per_s * (RATE_PARTS - 1) + rate) / RATE_PARTS;
	w->rate_bytes_per_s = rate;
	w->trip_ms = w->trip_ms ? MIN(w->trip_ms, took_ms) : took_ms;
	if (s->turns == w->turns)
		w->astray_bytes = 0;
}

void
lane_window_turned(struct lane_window *w, size_t bytes)
{
	if (!bytes)
		return;
	w->turns++;
	w->astray_bytes = MIN(w->astray_bytes + bytes, lane_window_bytes(w));
}

size_t
lane_window_bytes(const struct lane_window *w)
{
	uint64_t wait_ms =
		MIN((uint64_t)w->trip_ms, (uint64_t)MS_PER_S * MS_PER_S) + LANE_WINDOW_WAIT_MS;
	return MAX(LANE_WINDOW_LEAST_BYTES, (size_t)(w->rate_bytes_per_s * wait_ms / MS_PER_S));
}

size_t
lane_window_room(const struct lane_window *w, size_t flight_bytes)
{
	size_t most = lane_window_bytes(w), gone = w->astray_bytes + flight_bytes;
	size_t room = most > gone ? most - gone : 0;
	return flight_bytes ? room : MAX(room, LANE_WINDOW_FRAME_BYTES);
}
