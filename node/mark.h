/* mark - that the holder of a study code asked to be erased, and is not to be contacted.
 *
 * Row:         META "mark-" id 16 -> u8 1: BLAKE2b-128, personal weir-no-contact, keyed with
 *              the row key, of the study code, or of the pseudonym that the code makes.
 *              META "named-" mark of the terms 16 -> u8 1: of somebody whom the hub erased: so
 *              that the mark is there again when an older backup was put back.
 * Always true: it is all that the site keeps of an erased person: no code, no pseudonym.
 *              Whoever enters the code again, at a tablet, in a file or at a command, is
 *              refused; no code that is marked is handed out again.
 * It can hurt: who has the row key (it lies in the vault) and a study code can tell that its
 *              holder asked to be erased, and which pseudonym it made. The first is what the
 *              mark is for. The second leads nowhere: the pseudonym stands in no row here, and
 *              at the hub only in the journal's list of erasures, with nothing attached. A new
 *              row key would end it, and with it that every other code stands for the same
 *              person after a restore, by which withdrawals find their person: so it stays.
 *              Codes are short: with the row key all of them can be tried.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_MARK_H
#define WEIR_NODE_MARK_H

#include "node/pseudonym.h"

CHECKED enum err mark_code(struct vault *v, struct view code);
CHECKED enum err mark_person(struct vault *v, const uint8_t participant[static ID_BYTES]);
/* The hub says that who stands under this mark (common/study/terms.h) is erased. */
CHECKED enum err mark_named(struct vault *v, const uint8_t named[static ID_BYTES]);
CHECKED enum err mark_has(struct vault *v, struct view code, bool *ret);
/* E_DENIED, in words for whoever entered it. */
CHECKED enum err mark_check(struct vault *v, struct view code);

#endif
