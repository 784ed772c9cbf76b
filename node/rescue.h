/* rescue - the code on the printed sheet that opens the desk when the passphrase is lost.
 *
 * Format:      128 random bits as 26 characters of 0123456789ABCDEFGHJKMNPQRSTVWXYZ (five bits
 *              each, the first bit first, the last two bits zero), then two that check them
 *              (the first ten bits of BLAKE2b-256 over the 16 bytes, personal
 *              "weir-rescue-v1"); printed in seven groups of four. I and L are read as 1, O as
 *              0, small letters as capitals; hyphens and blanks are left out.
 * Always true: what opens is BLAKE2b-256 over the 16 bytes, personal "weir-rescuekey": the
 *              seed of an X25519 key.
 * It can hurt: who reads the sheet opens the desk: it belongs in an envelope in a safe.
 */
#ifndef WEIR_NODE_RESCUE_H
#define WEIR_NODE_RESCUE_H

#include "common/trust/crypto.h"

#define RESCUE_TEXT_BYTES 40 /* with hyphens and the zero */

/* A new code, as it is printed. */
void rescue_make(char ret[static RESCUE_TEXT_BYTES]);
/* gives the seed, 32 bytes. E_AUTH: it is no code of a sheet, or was misread. */
CHECKED enum err rescue_seed(struct secret **ret, const char *typed);

#endif
