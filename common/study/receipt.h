/* receipt - the number on the paper that a person keeps of a consent or a change of it.
 *
 * Format:      nine characters, printed 7KQF-2M9T-C: the first 40 bits of the instance of the
 *              entry that says it, five bits a character, in the alphabet of study codes
 *              (0123456789ABCDEFGHJKMNPQRSTVWXYZ: no I, L, O, U, which are misread), and a
 *              check character: the sum of (place from 1) times (place in the alphabet) over
 *              the eight, modulo 31. A single wrong character, and two neighbours of the eight
 *              changed over, are always noticed, but for 0 and Z, which are the same modulo 31.
 * Why so:      the instance is random, or keyed at the site, and stands in the rules part: so
 *              the site and the hub find the entry by the number, nothing further has to be in
 *              the clear for it, and it leads nowhere once the rules part is erased. It is not
 *              the study code and cannot be worked out from it.
 * It can hurt: 40 bits are few enough that two entries of a very large study may share a
 *              number: who looks one up has to expect several.
 */
#ifndef WEIR_RECEIPT_H
#define WEIR_RECEIPT_H

#include "common/codec/wire.h"

#define RECEIPT_START_BYTES 5
#define RECEIPT_BYTES       12 /* as printed, with the zero behind it */

/* As it is printed. */
void receipt_number(
	char ret[static RECEIPT_BYTES], const uint8_t instance[static WIRE_ID_BYTES]);

/* What somebody typed, "7kqf 2m9t c" or "7KQF-2M9T-C", as the first bytes of the instance; I
 * and L are read as 1, O as 0. False when it is none or the check character does not fit. */
CHECKED bool receipt_read(uint8_t ret[static RECEIPT_START_BYTES], const char *typed);

#endif
