/* lane_window - how much may be on the way, so that what is written next waits little. Pure.
 *
 * What is on its way lies in queues of this machine, of the network and of the hub, and a
 * control entry that is written now has to wait for all of it. So no more than two frames are
 * on the way unless what was acknowledged shows a faster line; then as much as that line takes
 * in its shortest round trip and LANE_WINDOW_WAIT_MS more. At 64 kbit/s that is 128 KiB, or 16
 * s; at 256 kbit/s 4 s (reference 1.3, Priority).
 * Astray:      what a NACK turned back is sent again, and may still lie on the line behind what
 *              was lost. It counts as on its way until something sent after it is acknowledged;
 *              one frame may go nevertheless, so that there is something to acknowledge.
 * Rate:        bytes acknowledged between a batch's leaving and its ACK, over that time; three
 *              parts what was known, one part new (Jacobson 1988 smooths so).
 */
#ifndef WEIR_LANE_WINDOW_H
#define WEIR_LANE_WINDOW_H

#include "common/base/base.h"

#define LANE_WINDOW_FRAME_BYTES ((size_t)66 * 1024) /* and what is around it */
#define LANE_WINDOW_LEAST_BYTES (2 * LANE_WINDOW_FRAME_BYTES)
#define LANE_WINDOW_WAIT_MS     2000

struct lane_window {
	uint64_t acked_bytes; /* ever, in this session */
	uint64_t rate_bytes_per_s;
	int64_t trip_ms; /* the shortest; 0: none was measured */
	size_t astray_bytes;
	uint32_t turns; /* how often something was turned back */
};

/* Something of so many bytes, sent then, when so much had been acknowledged, is
 * acknowledged. */
struct lane_window_sample {
	size_t bytes;
	int64_t sent_ms;
	uint64_t acked_before_bytes;
	uint32_t turns;
};
void lane_window_acked(
	struct lane_window *w, const struct lane_window_sample *s, int64_t mono_ms);

/* So many bytes on their way were turned back. */
void lane_window_turned(struct lane_window *w, size_t bytes);

size_t lane_window_bytes(const struct lane_window *w);
/* What may go besides so many bytes on their way. */
size_t lane_window_room(const struct lane_window *w, size_t flight_bytes);

#endif
