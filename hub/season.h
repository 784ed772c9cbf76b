/* season - which waves of a study are alike, so that winter is compared with winter (D-18).
 *
 * Always true: two waves are alike when study.ini says the same word as the season of both; a
 *              wave without a season is like none.
 * Errors:      E_NOTFOUND the study has no such wave; E_DENIED they are not to be compared: one
 *              sentence that names both waves and their seasons.
 */
#ifndef WEIR_HUB_SEASON_H
#define WEIR_HUB_SEASON_H

#include "common/study/pack.h"

/* May figures of the wave be set beside those of the earlier one? */
CHECKED enum err season_check(const struct pack *p, uint32_t wave, uint32_t earlier);

/* Adds which waves are like this one; nothing where it has no season. */
void season_note(struct buf *out, const struct pack *p, uint32_t wave);

#endif
