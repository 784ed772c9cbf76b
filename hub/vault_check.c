#include "hub/vault_check.h"

#include <inttypes.h>
#include <string.h>

#include "common/trust/chain.h"
#include "common/trust/merkle.h"

#include "hub/audit.h"
#include "hub/erased.h"
#include "hub/journal.h"
#include "hub/leafhashes.h"
#include "hub/place.h"
#include "hub/row.h"
#include "hub/vault_ops.h"
#include "hub/vault_scan.h"

#define HEAD_ROW_BYTES 256
#define PART_MAX_BYTES VAULT_VALUE_MAX_BYTES

struct checking {
	const struct vault_check *ask;
	struct findings *findings;
	struct backup *heads;
	struct vault_txn *txn;
	struct chain chain;
	uint64_t entries, parts, lanes;
	struct merkle tree;
	struct note_checkpoint checkpoint; /* the journal's last */
	bool has_checkpoint, reached;
	uint8_t reached_root[HASH_BYTES];
	enum vault_table table;
	uint64_t row;
};

/* ---- chains ---- */

static void
check_head(struct checking *k, const char *name, struct view row)
{
	struct cursor c = row_begin(row);
	uint8_t hash[HASH_BYTES], signature[SIGNATURE_BYTES];
	const struct chain_at *at = &k->chain.at;
	uint64_t seq = cursor_u64(&c);
	cursor_copy(&c, hash, sizeof(hash));
	cursor_copy(&c, signature, sizeof(signature));
	struct entry_head h = {.study = k->ask->study,
		.incarnation = at->incarnation,
		.lane = (enum lane)at->lane,
		.seq = at->seq};
	memcpy(h.writer, at->writer, sizeof(h.writer));
	memcpy(h.hash, k->chain.head, sizeof(h.hash));
	if (c.broken || seq != at->seq || memcmp(hash, k->chain.head, sizeof(hash)) != 0)
		findings_add(k->findings, "lane of entry %s: its head names another end", name);
	else if (entry_head_verify(signature, &h))
		findings_add(k->findings,
			"lane of entry %s: its head is not signed by the writer", name);
}

static void
name_of(const struct chain_at *at, char ret[static PLACE_NAME_BYTES],
	uint8_t ret_key[static PLACE_KEY_BYTES])
{
	struct place p = {.incarnation = at->incarnation, .lane = at->lane, .seq = at->seq};
	memcpy(p.writer, at->writer, sizeof(p.writer));
	place_name(ret, &p);
	place_key(ret_key, &p);
}

/* The lane followed last ends here. */
static void
end_lane(struct checking *k)
{
	const struct chain_at *at = &k->chain.at;
	char name[PLACE_NAME_BYTES];
	uint8_t key[PLACE_KEY_BYTES];
	OWNED_BUF struct buf row;
	struct backup_head h = {
		.incarnation = at->incarnation, .lane = at->lane, .seq = at->seq};
	buf_init(&row, HEAD_ROW_BYTES);
	if (at->seq == 0)
		return;
	k->lanes++;
	name_of(at, name, key);
	if (vault_get(k->txn, VAULT_HEADS, view_of(key, PLACE_LANE_BYTES), &row))
		findings_add(k->findings, "lane of entry %s: its head cannot be read", name);
	else
		check_head(k, name, buf_view(&row));
	memcpy(h.writer, at->writer, sizeof(h.writer));
	memcpy(h.head, k->chain.head, sizeof(h.head));
	if (k->heads)
		backup_add_head(k->heads, &h);
}

static bool
is_erased(struct checking *k, struct view place)
{
	struct place p;
	bool is = false;
	return !place_from_key(&p, place) && !erased_has(k->txn, &p, &is) && is;
}

static void
check_parts(struct checking *k, const char *name, struct view place,
	const struct wire_header *header)
{
	uint8_t key[PLACE_PART_KEY_BYTES];
	OWNED_BUF struct buf part;
	buf_init(&part, PART_MAX_BYTES);
	memcpy(key, place.at, PLACE_KEY_BYTES);
	for (size_t i = 0; i < header->part_count; i++) {
		enum part_kind kind = header->parts[i].kind;
		key[PLACE_KEY_BYTES] = (uint8_t)kind;
		buf_reset(&part);
		enum err e = vault_get(k->txn, VAULT_PARTS, view_of(key, sizeof(key)), &part);
		if (e == E_NOTFOUND && is_erased(k, place))
			continue;
		if (e == E_NOTFOUND)
			findings_add(k->findings, "entry %s: part %d is missing", name, kind);
		else if (e || entry_part_check(header, kind, buf_view(&part)))
			findings_add(k->findings, "entry %s: part %d is damaged", name, kind);
	}
}

static enum err
check_entry(void *arg, struct view key, bool is_damaged, struct view value)
{
	struct checking *k = arg;
	struct place p;
	struct chain_at at;
	struct wire_header header = {.part_count = 0};
	char name[PLACE_NAME_BYTES];
	findings_step(k->findings);
	k->entries++;
	if (place_from_key(&p, key)) {
		findings_add(k->findings, "an entry lies at a place that is none");
		return OK;
	}
	at = (struct chain_at){.incarnation = p.incarnation, .lane = p.lane, .seq = p.seq};
	memcpy(at.writer, p.writer, sizeof(at.writer));
	place_name(name, &p);
	if (!chain_same_lane(&at, &k->chain.at))
		end_lane(k);
	enum err e = chain_follow(&k->chain, &at, value, &header);
	if (is_damaged)
		findings_add(k->findings, "entry %s: its header is damaged", name);
	else if (e)
		findings_add(k->findings, "entry %s: %s", name, err_text());
	k->parts += header.part_count;
	if (!is_damaged && k->ask->read_data)
		check_parts(k, name, key, &header);
	return OK;
}

static enum err
check_count(struct checking *k, enum vault_table table, uint64_t named, const char *by)
{
	uint64_t stored = 0;
	enum err e = vault_count(k->txn, table, &stored);
	if (!e && stored != named)
		findings_add(k->findings,
			"table %s has %" PRIu64 " rows, and %" PRIu64 " are named by %s",
			vault_table_names[table], stored, named, by);
	return e;
}

/* ---- log ---- */

static enum err
take_checkpoint(void *arg, uint8_t kind, struct view content)
{
	struct checking *k = arg;
	struct note note;
	if (kind != JOURNAL_CHECKPOINT)
		return OK;
	if (note_checkpoint_open(&k->checkpoint, &note, content, k->ask->log))
		findings_add(k->findings, "journal: a checkpoint is not of this log: %s",
			err_text());
	else
		k->has_checkpoint = true;
	return OK;
}

static enum err
read_journal(struct checking *k)
{
	if (!k->ask->journal_dir)
		return OK;
	enum err e = journal_read(k->ask->journal_dir, take_checkpoint, k);
	if (e != E_NOTFOUND && e != E_FORMAT)
		return e;
	findings_add(k->findings, "journal: %s", err_text());
	return OK;
}

static void
look_at_root(struct checking *k)
{
	if (!k->has_checkpoint || k->tree.size != k->checkpoint.size)
		return;
	merkle_root(k->reached_root, &k->tree);
	k->reached = true;
}

static void
check_leaf(struct checking *k, const uint8_t expected[static HASH_BYTES])
{
	OWNED_BUF struct buf leaf;
	uint8_t hash[HASH_BYTES];
	buf_init(&leaf, PART_MAX_BYTES);
	enum err e = audit_leaf(k->txn, k->tree.size, &leaf);
	if (!e)
		merkle_leaf(hash, buf_view(&leaf));
	if (e || memcmp(hash, expected, HASH_BYTES) != 0)
		findings_add(k->findings, "leaf %" PRIu64 " of the log is damaged or missing",
			k->tree.size);
}

/* One hash; NULL: it cannot be read. */
static void
check_leaf_hash(struct checking *k, const uint8_t *hash)
{
	static const uint8_t none[HASH_BYTES];
	findings_step(k->findings);
	if (!hash)
		findings_add(
			k->findings, "leaf %" PRIu64 ": its hash is damaged", k->tree.size);
	else if (k->ask->read_data)
		check_leaf(k, hash);
	merkle_append(&k->tree, hash ? hash : none);
	look_at_root(k);
}

/* A row that cannot be read counts as full, as all but the last one are. */
static enum err
check_leaf_hashes(void *arg, struct view key, bool is_damaged, struct view value)
{
	struct checking *k = arg;
	struct cursor c = cursor_of(key);
	const uint64_t first = cursor_u64(&c);
	size_t count = leafhashes_in(key, value, first);
	const bool is_read = !is_damaged && count;
	uint64_t leaves = 0;
	if (c.broken || first != k->tree.size)
		findings_add(
			k->findings, "leaf %" PRIu64 " of the log is missing", k->tree.size);
	enum err e = is_read ? OK : vault_count(k->txn, VAULT_LEAVES, &leaves);
	if (!is_read)
		count = leaves > k->tree.size
				? (size_t)MIN(leaves - k->tree.size, (uint64_t)LEAFHASHES_EACH)
				: 1;
	for (size_t i = 0; !e && i < count; i++)
		check_leaf_hash(k, is_read ? value.at + i * HASH_BYTES : NULL);
	return e;
}

static void
check_journal(struct checking *k)
{
	if (!k->has_checkpoint)
		return;
	if (k->checkpoint.size > k->tree.size)
		findings_add(k->findings,
			"the journal holds a checkpoint over %" PRIu64
			" leaves and the vault %" PRIu64 ": the vault went backwards",
			k->checkpoint.size, k->tree.size);
	else if (!k->reached || memcmp(k->reached_root, k->checkpoint.root, HASH_BYTES) != 0)
		findings_add(k->findings, "the leaves of the vault are not those of the "
					  "journal's last checkpoint");
}

/* ---- all other rows ---- */

static enum err
check_row(void *arg, struct view key, bool is_damaged, struct view value)
{
	struct checking *k = arg;
	(void)key;
	(void)value;
	findings_step(k->findings);
	k->row++;
	if (is_damaged)
		findings_add(k->findings, "table %s, row %" PRIu64 " is damaged",
			vault_table_names[k->table], k->row);
	return OK;
}

static enum err
check_table(struct checking *k, enum vault_table table, vault_scan_fn *each)
{
	k->table = table;
	k->row = 0;
	enum err e = vault_scan(k->txn, table, each, k);
	if (e != E_FORMAT)
		return e;
	findings_add(k->findings, "table %s: %s", vault_table_names[table], err_text());
	return OK;
}

static enum err
check_rows(struct checking *k)
{
	enum err e = OK;
	for (int t = 0; !e && t < VAULT_TABLE_COUNT; t++)
		if (t != VAULT_ENTRIES && t != VAULT_PARTS && t != VAULT_LEAVES &&
			t != VAULT_LEAFHASHES)
			e = check_table(k, (enum vault_table)t, check_row);
	return e;
}

static enum err
check_all(struct checking *k)
{
	uint64_t erased = 0;
	enum err e = check_table(k, VAULT_ENTRIES, check_entry);
	if (!e)
		end_lane(k);
	if (!e)
		e = erased_parts(k->txn, &erased);
	if (!e)
		e = check_count(k, VAULT_PARTS, k->parts - MIN(erased, k->parts), "entries");
	if (!e)
		e = check_count(k, VAULT_HEADS, k->lanes, "lanes");
	look_at_root(k);
	if (!e)
		e = check_table(k, VAULT_LEAFHASHES, check_leaf_hashes);
	if (!e)
		e = check_count(k, VAULT_LEAVES, k->tree.size, "their hashes");
	if (!e)
		check_journal(k);
	return e || !k->ask->read_data ? e : check_rows(k);
}

enum err
vault_check(const struct vault_check *ask, struct backup *heads)
{
	struct checking k = {.ask = ask,
		.findings = ask->findings,
		.heads = heads,
		.chain = {.study = ask->study}};
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	enum err e = read_journal(&k);
	if (!e)
		e = vault_snapshot(&snapshot, ask->vault);
	k.txn = snapshot;
	if (!e)
		e = check_all(&k);
	if (e || !heads)
		return e;
	heads->entries = k.entries;
	heads->leaves = k.tree.size;
	merkle_root(heads->root, &k.tree);
	return OK;
}
