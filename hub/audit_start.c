#include "hub/audit_inside.h"

#include <string.h>

#include "common/base/mem.h"

#include "hub/audit_back.h"
#include "hub/recovery_start.h"

/* The last checkpoint that the journal holds, and the root of the vault's tree at its size. */
struct last {
	const struct note_key *key;
	struct note_checkpoint cp;
	bool has;
	uint8_t root[HASH_BYTES];
	bool reached;
	bool begins; /* the journal is a new one */
	bool *ret_lost;
};

static void
is_lost(const struct last *last, bool lost)
{
	if (last->ret_lost)
		*last->ret_lost = lost;
}

static enum err
take_checkpoint(void *arg, uint8_t kind, struct view content)
{
	struct last *last = arg;
	struct note note;
	if (kind != JOURNAL_CHECKPOINT)
		return OK;
	enum err e = note_checkpoint_open(&last->cp, &note, content, last->key);
	last->has = !e;
	return e ? fail_in(e, "the journal's checkpoint") : OK;
}

struct growing {
	struct merkle tree;
	struct last *last;
};

static void
look_at_root(struct growing *g)
{
	if (!g->last->has || g->tree.size != g->last->cp.size)
		return;
	merkle_root(g->last->root, &g->tree);
	g->last->reached = true;
}

static enum err
grow_by_leaf(void *arg, const uint8_t hash[static HASH_BYTES])
{
	struct growing *g = arg;
	merkle_append(&g->tree, hash);
	look_at_root(g);
	return OK;
}

static enum err
check_last(const struct last *last, uint64_t size)
{
	if (!last->has)
		return OK;
	if (last->cp.size > size)
		return fail(E_FORMAT,
			"the vault holds %llu leaves and the journal a checkpoint over %llu: "
			"an "
			"older vault was put in place; show this to a person",
			(unsigned long long)size, (unsigned long long)last->cp.size);
	if (!last->reached || memcmp(last->root, last->cp.root, HASH_BYTES) != 0)
		return fail(E_FORMAT, "the vault's leaves are not those that the journal's "
				      "last checkpoint covers; show this to a person");
	return OK;
}

/* Grow the tree from the vault's hashes and hold it against the journal. */
static enum err
load_tree(struct audit *a, struct vault_txn *snapshot, struct last *last)
{
	struct growing g = {.last = last};
	uint64_t leaves = 0;
	look_at_root(&g);
	enum err e = leafhashes_each(snapshot, grow_by_leaf, &g);
	if (!e)
		e = vault_count(snapshot, VAULT_LEAVES, &leaves);
	if (!e && leaves != g.tree.size)
		e = fail(E_FORMAT, "the vault lacks a leaf of the log");
	a->committed = g.tree.size;
	leafhashes_set(&a->leaves, a->committed);
	return e ? e : check_last(last, g.tree.size);
}

/* The checkpoint file counts as published when it is signed by this log's key. What it covers
 * stood in the journal before. */
static enum err
load_published(struct audit *a, const struct last *last)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	struct note note;
	enum err e = tile_read_checkpoint(&bytes, &len, a->log_dir);
	if (e == E_NOTFOUND)
		return OK;
	if (!e)
		e = note_checkpoint_open(&a->published, &note, view_of(bytes, len), &a->key);
	bool lacks = !e && a->published.size > (last->has ? last->cp.size : 0) && !last->begins;
	is_lost(last, lacks);
	if (lacks)
		return fail(E_NOTFOUND, "the journal lacks the checkpoint that was published "
					"last: it was lost, or is an older one");
	if (!e)
		buf_add(&a->note, bytes, len);
	return e ? fail_in(e, "the log's checkpoint") : OK;
}

/* Of a journal that is lost the log knows the last checkpoint, too: it is signed, and covers
 * leaves that a restored vault lacks. */
static enum err
take_published(struct last *last, const char *log_dir)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	struct note note;
	if (!last->begins || last->has)
		return OK;
	enum err e = tile_read_checkpoint(&bytes, &len, log_dir);
	if (e == E_NOTFOUND)
		return OK;
	if (!e)
		e = note_checkpoint_open(&last->cp, &note, view_of(bytes, len), last->key);
	last->has = !e;
	return e ? fail_in(e, "the log's checkpoint") : OK;
}

/* The journal, and the vault where the journal says that it has to be. */
static enum err
open_journal(struct audit *a, const struct audit_config *c, struct last *last)
{
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	struct forward_row row;
	struct recovery_cause cause = {.journal_lost = c->begins_journal};
	enum err e = vault_snapshot(&snapshot, a->vault);
	if (!e)
		e = forward_row_get(snapshot, &row);
	vault_txn_free(take(snapshot));
	if (!e && c->begins_journal) {
		row.mark = (struct journal_mark){.items = 0};
		e = journal_put_aside(c->journal_dir);
	}
	if (!e)
		e = forward_open(&a->forward, c->journal_dir, &row, take_checkpoint, last);
	is_lost(last, e == E_NOTFOUND || e == E_FORMAT);
	if (!e)
		e = take_published(last, a->log_dir);
	if (!e && last->has)
		e = audit_back(a->vault, a->log_dir, &last->cp, &cause.leaves_back);
	return e ? e : recovery_start(a->vault, a->forward, &cause);
}

enum err
audit_start(struct audit *a, const struct audit_config *c)
{
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	struct last last = {
		.key = &a->key, .begins = c->begins_journal, .ret_lost = c->ret_journal_lost};
	enum err e = open_journal(a, c, &last);
	if (!e)
		e = vault_snapshot(&snapshot, a->vault);
	if (!e)
		e = load_tree(a, snapshot, &last);
	struct audit_reading reading = {a, snapshot};
	const struct tlog_source from = audit_source(&reading);
	if (e)
		return e;
	e = tlog_open(&a->log, a->log_dir, &from, a->committed);
	return e ? fail_in(e, "%s", a->log_dir) : load_published(a, &last);
}
