/* zone - the clock on the wall of a study: when a day begins.
 *
 * A small table in place of the system's zone files: hub and nodes have to agree on the same
 * millisecond, whatever their machines have installed. Zones of Europe change at 01:00 UTC on
 * the last Sundays of March and October (Directive 2000/84/EC; the United Kingdom keeps the
 * same dates).
 */
#ifndef WEIR_ZONE_H
#define WEIR_ZONE_H

#include "common/base/base.h"

/* Is the zone in the table? */
bool zone_known(const char *name);

/* The first millisecond of the day "YYYY-MM-DD" in the zone; false if it is no day or no such
 * zone. */
CHECKED bool zone_day(const char *name, const char *day, int64_t *ret_wall_ms);

/* The first millisecond after the day; the day may have 23 or 25 hours. */
CHECKED bool zone_day_end(const char *name, const char *day, int64_t *ret_wall_ms);

/* A moment as forms and sheets write it: "2027-02-03T10:15", a blank or T between, seconds,
 * parts of them (passed over) and an offset ("Z", "+01:00", "-0500") where they stand; without
 * an offset by the zone's clock. A day alone is its first second. False if it is none of these
 * or there is no such zone. */
CHECKED bool zone_moment(const char *name, const char *text, int64_t *ret_s);

/* Minutes by which the zone's clock is before UTC at this moment; 0 of no such zone. */
int zone_minutes(const char *name, int64_t wall_ms);

#endif
