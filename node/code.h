/* code - the study codes that a node makes: eight characters, the last a check character.
 *
 * Format:      the alphabet of study.ini, 0123456789ABCDEFGHJKMNPQRSTVWXYZ: no I, L, O, U,
 *              which are misread. Seven random characters, then the check: the sum of (place
 *              from 1) times (place in the alphabet) over the seven, modulo 31. A single wrong
 *              character, and two neighbours of the seven changed over, are always noticed, but
 *              for 0 and Z, which are the same modulo 31.
 *              Printed in groups: 7KQF-2M9T. Kept and compared without hyphen, in capitals.
 * Always true: a code that code_normal() gives is one that code_make() could have made.
 */
#ifndef WEIR_NODE_CODE_H
#define WEIR_NODE_CODE_H

#include "common/base/base.h"

#define CODE_CHARACTERS_COUNT 8
#define CODE_BYTES            (CODE_CHARACTERS_COUNT + 1) /* with the zero behind it */
#define CODE_SHOWN_BYTES      (CODE_BYTES + 1)

/* A new code from random bytes (8 of them are used). */
void code_make(char ret[static CODE_BYTES], const uint8_t random[static 8]);

/* What somebody typed, "7kqf 2m9t" or "7KQF-2M9T", as it is kept; I and L are read as 1, O as
 * 0. False when it is no code or the check character does not fit. */
CHECKED bool code_normal(char ret[static CODE_BYTES], const char *typed);

/* As it is printed on cards. */
void code_show(char ret[static CODE_SHOWN_BYTES], const char *code);

#endif
