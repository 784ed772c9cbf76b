/* record_instance - which entry stands for an id.
 *
 * Rows:        INSTANCES  instance:16 -> place key of the entry that stands for it: its own
 *                         entry, or the one that corrected it; also BLAKE2b-128(participant,
 *                         site or writer, form, wave), personal "weir-once-v1", -> place key of
 *                         the one such record that counts
 * Always true: a record whose row says that an id leads to it (record.h) is the one that
 *              INSTANCES has there: whoever lets the id lead elsewhere takes the record's word
 *              for it back. Erasures take rows out by themselves: what they led to has no rules
 *              part any more, and what its row says is not asked.
 * Errors:      E_NOTFOUND, E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_RECORD_INSTANCE_H
#define WEIR_HUB_RECORD_INSTANCE_H

#include "hub/record.h"

/* The id that stands for (participant, form, wave); of a record about the site for (site, form,
 * wave), of what a node counts for (writer, form, wave). */
void record_instance_once(uint8_t ret[static ID_BYTES], const struct wire_rules *r,
	const struct place *p, const char *site);
CHECKED enum err record_instance_get(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], struct place *ret);
/* Let the entry stand for this id; E_CONFLICT if another does. */
CHECKED enum err record_instance_claim(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *p);
/* Let it stand for this id, whatever did before. */
CHECKED enum err record_instance_put(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *p);
/* Nothing stands for this id any more; OK also where nothing did. */
CHECKED enum err record_instance_drop(struct vault_txn *t, const uint8_t id[static ID_BYTES]);
/* Does the entry stand for the id? Where nothing does: if_none. */
CHECKED enum err record_instance_stands(struct vault_txn *t, const uint8_t id[static ID_BYTES],
	const struct place *p, bool if_none, bool *ret);

#endif
