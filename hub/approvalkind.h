/* approvalkind - does anything ask for an approval of this kind? One that is misspelled is kept
 * and satisfies nothing.
 *
 * Asks:        a rule of the study that is on (R01, R02, R03, R07, R20), a line of sites.csv,
 *              and the hub itself: changes of the study, reviews of section 251 support and
 *              of data security (R06), and what lets a person ask (R17).
 * Left out:    a site's own rules.
 */
#ifndef WEIR_HUB_APPROVALKIND_H
#define WEIR_HUB_APPROVALKIND_H

#include "common/study/pack.h"

bool approvalkind_is_asked(const struct pack *p, const char *kind);

#endif
