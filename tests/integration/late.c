/* late - a program whose clock runs ahead by WEIR_LATE_S seconds; it is never installed.
 *
 * Linked with --wrap=clock_wall_ms: it finds an invitation expired that the others still take.
 */
#include <stdlib.h>

#include "common/base/clock.h"

int64_t __real_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void);

int64_t
__wrap_clock_wall_ms(void)
{
	const char *late_s = getenv("WEIR_LATE_S");
	return __real_clock_wall_ms() + (late_s ? strtoll(late_s, NULL, 10) * 1000 : 0);
}
