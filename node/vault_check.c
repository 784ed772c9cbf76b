#include "node/vault_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/chain.h"

#include "node/vault_erase.h"
#include "node/vault_inside.h"
#include "node/vault_prune.h"

struct checking {
	struct vault *vault;
	struct findings *findings;
	struct backup *heads;
	bool read_data;
	bool is_pruned;
	bool is_erased; /* the entry at hand: all but its rules part is gone */
	struct chain chain;
	uint64_t parts; /* that headers name */
	enum table table;
	uint64_t row; /* of the table */
};

/* ---- names ---- */

static void
name_of(const struct chain_at *at, char ret[static VAULT_NAME_BYTES])
{
	static const char letters[] = {'?', 'C', 'R', 'A'};
	char writer[9];
	text_hex(writer, at->writer, 4);
	(void)snprintf(ret, VAULT_NAME_BYTES, "%s.%u.%c.%" PRIu64, writer, at->incarnation,
		at->lane <= LANE_A ? letters[at->lane] : '?', at->seq);
}

static bool
place_of(struct chain_at *ret, const struct vault *v, struct view key)
{
	struct cursor c = cursor_of(key);
	memcpy(ret->writer, v->writer, sizeof(ret->writer));
	ret->incarnation = cursor_u32(&c);
	ret->lane = cursor_u8(&c);
	ret->seq = cursor_u64(&c);
	return !c.broken;
}

/* ---- chains ---- */

static enum err
head_of(struct checking *k, struct view *ret)
{
	uint8_t key[PLACE_LANE_BYTES];
	const struct chain_at *at = &k->chain.at;
	for (int i = 0; i < 4; i++)
		key[i] = (uint8_t)(at->incarnation >> (24 - 8 * i));
	key[4] = at->lane;
	return vault_row_get(k->vault, TABLE_HEADS, view_of(key, sizeof(key)), ret);
}

/* The lane followed last ends here: its head has to say the same. */
static void
end_lane(struct checking *k)
{
	const struct chain_at *at = &k->chain.at;
	char name[VAULT_NAME_BYTES];
	struct view row;
	uint8_t hash[HASH_BYTES];
	if (at->seq == 0)
		return;
	name_of(at, name);
	enum err e = head_of(k, &row);
	struct cursor c = cursor_of(row);
	uint64_t seq = e ? 0 : cursor_u64(&c);
	cursor_copy(&c, hash, sizeof(hash));
	if (e)
		findings_add(k->findings, "lane of entry %s: its head cannot be read", name);
	else if (seq != at->seq || memcmp(hash, k->chain.head, sizeof(hash)) != 0)
		findings_add(k->findings, "lane of entry %s: its head names another end", name);
	struct backup_head h = {
		.incarnation = at->incarnation, .lane = at->lane, .seq = at->seq};
	memcpy(h.writer, at->writer, sizeof(h.writer));
	memcpy(h.head, k->chain.head, sizeof(h.head));
	if (k->heads)
		backup_add_head(k->heads, &h);
}

static void
is_pruned(struct checking *k)
{
	uint64_t upto = 0;
	k->is_pruned = k->chain.at.lane == LANE_R &&
		       vault_pruned(k->vault, k->chain.at.incarnation, &upto) == OK &&
		       k->chain.at.seq <= upto;
}

static void
is_erased(struct checking *k)
{
	const struct chain_at *c = &k->chain.at;
	const struct vault_at at = {c->incarnation, (enum lane)c->lane, c->seq};
	k->is_erased = false;
	if (vault_is_erased(k->vault, &at, &k->is_erased))
		k->is_erased = false;
}

/* What the site can read stays where all else was pruned. */
static bool
is_there(const struct checking *k, struct view place, enum part_kind kind)
{
	uint8_t key[PLACE_PART_BYTES];
	struct view row;
	memcpy(key, place.at, PLACE_BYTES);
	key[PLACE_BYTES] = (uint8_t)kind;
	return vault_row_get(k->vault, TABLE_PARTS, view_of(key, sizeof(key)), &row) !=
	       E_NOTFOUND;
}

static uint64_t
parts_of(const struct checking *k, struct view place, const struct wire_header *header)
{
	uint64_t count = 0;
	if (k->is_erased)
		return 0;
	for (size_t i = 0; i < header->part_count; i++)
		count += !k->is_pruned || header->parts[i].kind == PART_RULES ||
			 is_there(k, place, header->parts[i].kind);
	return count;
}

static void
check_parts(struct checking *k, const char *name, struct view place,
	const struct wire_header *header)
{
	uint8_t key[PLACE_PART_BYTES];
	struct view row;
	memcpy(key, place.at, PLACE_BYTES);
	for (size_t i = 0; i < header->part_count; i++) {
		enum part_kind kind = header->parts[i].kind;
		key[PLACE_BYTES] = (uint8_t)kind;
		enum err e =
			vault_row_get(k->vault, TABLE_PARTS, view_of(key, sizeof(key)), &row);
		if (e == E_NOTFOUND && k->is_pruned && kind != PART_RULES)
			continue;
		if (e == E_NOTFOUND)
			findings_add(k->findings, "entry %s: part %d is missing", name, kind);
		else if (e || entry_part_check(header, kind, row))
			findings_add(k->findings, "entry %s: part %d is damaged", name, kind);
	}
}

static enum err
check_entry(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct checking *k = arg;
	struct chain_at at;
	struct wire_header header = {.part_count = 0};
	struct view content;
	char name[VAULT_NAME_BYTES];
	(void)ret_stop;
	findings_step(k->findings);
	if (key.len != PLACE_BYTES || !place_of(&at, k->vault, key)) {
		findings_add(k->findings, "an entry lies at a place that is none");
		return OK;
	}
	name_of(&at, name);
	if (!chain_same_lane(&at, &k->chain.at))
		end_lane(k);
	if (k->heads)
		k->heads->entries++;
	enum err damaged = vault_row_open(TABLE_ENTRIES, key, row, &content);
	enum err e = chain_follow(&k->chain, &at, content, &header);
	if (damaged)
		findings_add(k->findings, "entry %s: its header is damaged", name);
	else if (e)
		findings_add(k->findings, "entry %s: %s", name, err_text());
	is_pruned(k);
	is_erased(k);
	k->parts += parts_of(k, key, &header);
	if (!damaged && k->read_data && !k->is_erased)
		check_parts(k, name, key, &header);
	return OK;
}

static enum err
check_part_count(struct checking *k)
{
	uint64_t stored = 0;
	enum err e = vault_row_count(k->vault, TABLE_PARTS, &stored);
	if (!e && stored != k->parts)
		findings_add(k->findings,
			"%" PRIu64 " parts are stored and %" PRIu64 " are named by entries",
			stored, k->parts);
	return e;
}

/* ---- all other rows ---- */

static enum err
check_row(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct checking *k = arg;
	struct view content;
	(void)ret_stop;
	findings_step(k->findings);
	k->row++;
	if (vault_row_open(k->table, key, row, &content))
		findings_add(k->findings, "table %s, row %" PRIu64 " is damaged",
			vault_table_names[k->table], k->row);
	return OK;
}

static enum err
check_table(struct checking *k, enum table t, store_each_fn *each)
{
	k->table = t;
	k->row = 0;
	enum err e = vault_rows(k->vault, t, each, k);
	if (e != E_FORMAT)
		return e;
	findings_add(k->findings, "table %s: %s", vault_table_names[t], err_text());
	return OK;
}

enum err
vault_check(struct vault *v, bool read_data, struct findings *f, struct backup *heads)
{
	struct checking k = {.vault = v,
		.findings = f,
		.heads = heads,
		.read_data = read_data,
		.chain = {.study = v->study}};
	enum err e = check_table(&k, TABLE_ENTRIES, check_entry);
	if (!e)
		end_lane(&k);
	if (!e)
		e = check_part_count(&k);
	for (int t = TABLE_HEADS; !e && read_data && t < TABLE_COUNT; t++)
		e = check_table(&k, (enum table)t, check_row);
	return e;
}
