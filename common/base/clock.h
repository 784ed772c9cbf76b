/* clock - the only place where time is asked.
 *
 * wall_ms: milliseconds since 1970 UTC, may jump; for people, dates and rules.
 * mono_ms: milliseconds that only go forward; for timers. The two never mix.
 * WEIR_CLOCK_OFFSET_S in the environment shifts wall time; tests use it to stand inside a wave.
 */
#ifndef WEIR_CLOCK_H
#define WEIR_CLOCK_H

#include "common/base/base.h"

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);

/* Tests: wall_ms stands still at this value until set to 0 again. */
void clock_freeze_wall_ms(int64_t wall_ms);

/* Writes a length of time, whatever its sign, in the unit that fits: "3,653 days", "2 hours",
 * "40 seconds"; weeks and more are days. */
#define CLOCK_SPAN_BYTES 32
void clock_span(char ret[static CLOCK_SPAN_BYTES], int64_t ms);
#define CLOCK_TEXT_BYTES 24
/* "2026-11-22T10:05:00Z" from wall_ms, whole seconds; `ret` holds CLOCK_TEXT_BYTES. */
void clock_text(char ret[static CLOCK_TEXT_BYTES], int64_t wall_ms);

/* Parse "YYYY-MM-DD" (00:00:00 UTC of it) or "YYYY-MM-DDThh:mm:ssZ"; false if it is neither. */
CHECKED bool clock_parse(const char *text, int64_t *ret_wall_ms);

#endif
