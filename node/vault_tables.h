/* vault_tables - which rows a site keeps beside its chains, and what is in each. vault.h has
 * the frame around them.
 *
 * people       study code -> pseudonym 16
 * persons      pseudonym | place -> empty (which entries are about whom)
 * instances    instance 16 -> row digest 32 (zeros: it came back from the hub, and nobody can
 *              tell what its answers were) | lane u8 | seq u64 | incarnation u32
 * consents     pseudonym | index u32 -> lane u8 | seq u64 | incarnation u32
 * documents    hash 32 -> bytes          meta       name -> bytes
 * current      participant 16 | blob form | wave -> instance 16 (of forms with one record)
 * submissions  id 16 -> sync_rows.h (what came from tablets, and what became of it)
 * holds        id 16 -> sync_rows.h (what is not in a chain yet: sealed as it would travel)
 * held_of      pseudonym 16 | id 16 -> empty
 * keys         id 16 | key instance 16 -> an entry as in SYNC_KEEP (of files that came later)
 * files        id 16 | file name -> sync_files.h; what was replaced: file name | 0 | u32
 * chunks       sync_chunks.h
 * locals       instance 16 -> site part (capture.h): answers that go `site`
 * strangers    study code -> pseudonym 16 that something held stands under
 * collectors   collector id -> sync_collectors.h
 * counts       u8 kind | key -> u64
 * wraps        id of a key 16 -> its wrap for a later number of the review key (sync_review.h)
 */
#ifndef WEIR_NODE_VAULT_TABLES_H
#define WEIR_NODE_VAULT_TABLES_H

#include "common/codec/bytes.h"

struct vault;

enum vault_table {
	VAULT_PEOPLE,
	VAULT_PERSONS,
	VAULT_INSTANCES,
	VAULT_CONSENTS,
	VAULT_DOCUMENTS,
	VAULT_META,
	VAULT_CURRENT,
	VAULT_SUBMISSIONS,
	VAULT_HOLDS,
	VAULT_HELD_OF,
	VAULT_KEYS,
	VAULT_FILES,
	VAULT_CHUNKS,
	VAULT_LOCALS,
	VAULT_STRANGERS,
	VAULT_COLLECTORS,
	VAULT_COUNTS,
	VAULT_WRAPS,
};

/* Tables by key, for the rooms of sync. */
CHECKED enum err vault_get(
	struct vault *v, enum vault_table t, struct view key, struct view *ret);
CHECKED enum err vault_put(
	struct vault *v, enum vault_table t, struct view key, struct view content);
CHECKED enum err vault_delete(struct vault *v, enum vault_table t, struct view key);
typedef enum err vault_each_fn(void *arg, struct view key, struct view content);
CHECKED enum err vault_each(struct vault *v, enum vault_table t, struct view prefix,
	vault_each_fn *each, void *arg);
/* The rows whose key is above `after` (empty: all), until *ret_stop. */
typedef enum err vault_page_fn(void *arg, struct view key, struct view content, bool *ret_stop);
CHECKED enum err vault_each_after(
	struct vault *v, enum vault_table t, struct view after, vault_page_fn *each, void *arg);

#endif
