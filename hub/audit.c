#include "hub/audit.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/idstock.h"
#include "common/trust/tlog.h"

#include "hub/audit_back.h"
#include "hub/forward.h"
#include "hub/fresh.h"
#include "hub/hub.h"
#include "hub/leafhashes.h"
#include "hub/person.h"
#include "hub/recovery_start.h"

#define INDEX_BYTES     8
#define PERSON_PERSONAL "weir-person-v1"
#define ROLE_SERVICE    "service" /* a process that acts of its own */

struct audit {
	struct vault *vault;
	char *log_dir;
	struct note_key key;
	struct secret *secret;
	struct tlog *log;
	struct forward *forward;
	struct leafhashes leaves; /* with what this turn added */
	uint64_t committed;       /* leaves that the vault holds */
	struct buf note;          /* the checkpoint published last; empty before the first */
	struct note_checkpoint published;
	struct buf scratch; /* an entry that is being written, or read by the log's writer */
	struct fresh fresh; /* entries that it need not read back */
	struct idstock ids; /* for leaves */
};

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

static void
index_key(uint8_t ret[static INDEX_BYTES], uint64_t index)
{
	for (size_t i = 0; i < INDEX_BYTES; i++)
		ret[i] = (uint8_t)(index >> (8 * (INDEX_BYTES - 1 - i)));
}

/* the vault as the log's writer sees it */

struct reading {
	struct audit *audit;
	struct vault_txn *snapshot;
};

static enum err
read_entry(void *arg, uint64_t index, struct view *ret)
{
	struct reading *r = arg;
	uint8_t key[INDEX_BYTES];
	if (fresh_find(&r->audit->fresh, index, ret))
		return OK;
	index_key(key, index);
	buf_reset(&r->audit->scratch);
	enum err e = vault_get(
		r->snapshot, VAULT_LEAVES, view_of(key, sizeof(key)), &r->audit->scratch);
	*ret = buf_view(&r->audit->scratch);
	return e;
}

static enum err
read_hash(void *arg, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	struct reading *r = arg;
	if (fresh_hash(&r->audit->fresh, index, ret))
		return OK;
	return leafhashes_get(r->snapshot, index, ret);
}

/* opening */

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

static enum err
open_files(struct audit *a, const struct audit_config *c)
{
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	struct last last = {
		.key = &a->key, .begins = c->begins_journal, .ret_lost = c->ret_journal_lost};
	enum err e = open_journal(a, c, &last);
	if (!e)
		e = vault_snapshot(&snapshot, a->vault);
	if (!e)
		e = load_tree(a, snapshot, &last);
	struct reading reading = {a, snapshot};
	const struct tlog_source from = {read_entry, read_hash, &reading};
	if (e)
		return e;
	e = tlog_open(&a->log, a->log_dir, &from, a->committed);
	return e ? fail_in(e, "%s", a->log_dir) : load_published(a, &last);
}

struct forward *
audit_forward(const struct audit *a)
{
	return a->forward;
}

static enum err
keep(void *arg, struct vault_txn *t)
{
	struct audit *a = arg;
	enum err e = leafhashes_keep(&a->leaves, t);
	return e ? e : forward_keep(a->forward, t);
}

static void
kept(void *arg, bool committed)
{
	const struct audit *a = arg;
	forward_kept(a->forward, committed);
}

void
audit_watch(struct audit *a, struct hub *h)
{
	h->keep = keep;
	h->kept = kept;
	h->keep_arg = a;
}

enum err
audit_open(struct audit **ret, const struct audit_config *c)
{
	OWNED(audit) struct audit *a = xcalloc(1, sizeof(*a));
	uint8_t public[SIGN_PUBLIC_BYTES];
	*ret = NULL;
	a->vault = c->vault;
	a->log_dir = xstrdup(c->log_dir);
	buf_init(&a->note, NOTE_MOST_BYTES);
	buf_init(&a->scratch, LEAF_MOST_BYTES);
	fresh_init(&a->fresh);
	sign_from_seed(public, &a->secret, secret_bytes(c->log_seed));
	enum err e = note_key_make(&a->key, c->origin, NOTE_ED25519, public);
	if (!e)
		e = open_files(a, c);
	if (!e)
		*ret = take(a);
	return e;
}

void
audit_free(struct audit *a)
{
	if (!a)
		return;
	tlog_free(a->log);
	forward_free(a->forward);
	secret_free(a->secret);
	buf_done(&a->note);
	buf_done(&a->scratch);
	fresh_done(&a->fresh);
	mem_drop(&a->log_dir);
	mem_drop(&a);
}

/* adding */

void
audit_new_id(struct audit *a, uint8_t ret[static ID_BYTES])
{
	idstock_take(ret, &a->ids);
}

static bool
is_blank(const char *text)
{
	return !text || !text[0];
}

/* Of its own a process of the hub acts for the study owner, a node for its site. */
static enum err
say_for_whom(struct leaf *ret, const struct leaf *l)
{
	*ret = *l;
	if (is_blank(l->role))
		ret->role = ROLE_SERVICE;
	if (is_blank(l->org))
		ret->org = is_blank(l->site) ? PERSON_STUDY_OWNER : l->site;
	return is_blank(l->actor) ? fail(E_FORMAT, "the act %s names nobody who did it",
					    l->action ? l->action : "")
				  : OK;
}

enum err
audit_add(struct audit *a, struct vault_txn *t, const struct leaf *said, uint64_t *ret_index)
{
	uint8_t key[INDEX_BYTES], hash[HASH_BYTES];
	struct leaf l;
	buf_reset(&a->scratch);
	enum err e = say_for_whom(&l, said);
	if (!e)
		e = leaf_write(&a->scratch, &l);
	if (e)
		return e;
	struct view k = view_of(key, sizeof(key)), bytes = buf_view(&a->scratch);
	const uint64_t index = a->leaves.size;
	index_key(key, index);
	merkle_leaf(hash, bytes);
	e = vault_put_new(t, VAULT_LEAVES, k, bytes);
	if (!e)
		e = leafhashes_add(&a->leaves, t, hash);
	if (e)
		return e;
	if (ret_index)
		*ret_index = index;
	fresh_add(&a->fresh, index, bytes, hash);
	return OK;
}

void
audit_committed(struct audit *a)
{
	a->committed = a->leaves.size;
}

enum err
audit_aborted(struct audit *a)
{
	leafhashes_set(&a->leaves, a->committed);
	fresh_cut(&a->fresh, a->committed);
	return OK;
}

/* publishing */

bool
audit_is_behind(const struct audit *a)
{
	return a->committed > a->published.size;
}

static enum err
sign_checkpoint(struct audit *a, const struct note_checkpoint *cp, struct buf *note)
{
	OWNED_BUF struct buf text;
	buf_init(&text, NOTE_MOST_BYTES);
	enum err e = note_checkpoint_text(&text, cp);
	if (!e)
		e = note_begin(note, buf_view(&text));
	if (!e)
		e = note_sign(note, buf_view(&text), &a->key, a->secret, 0);
	return e ? e : buf_check(note, "checkpoint");
}

/* Tiles and bundles; the log's writer grows the one tree there is. */
static enum err
write_tiles(struct audit *a, struct note_checkpoint *ret)
{
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	struct reading reading = {a, NULL};
	const struct tlog_source from = {read_entry, read_hash, &reading};
	enum err e = vault_snapshot(&snapshot, a->vault);
	reading.snapshot = snapshot;
	if (!e)
		e = tlog_grow(a->log, &from, a->committed);
	if (e)
		return e;
	(void)snprintf(ret->origin, sizeof(ret->origin), "%s", a->key.name);
	ret->size = a->committed;
	tlog_root(ret->root, a->log);
	return OK;
}

enum err
audit_publish(struct audit *a)
{
	OWNED_BUF struct buf note;
	struct note_checkpoint cp = {0};
	buf_init(&note, NOTE_MOST_BYTES);
	if (!audit_is_behind(a))
		return OK;
	enum err e = write_tiles(a, &cp);
	if (!e)
		e = sign_checkpoint(a, &cp, &note);
	if (!e)
		e = forward_append(a->forward, JOURNAL_CHECKPOINT, buf_view(&note));
	if (!e)
		e = tlog_publish(a->log, buf_view(&note));
	if (e)
		return e;
	a->published = cp;
	fresh_cut(&a->fresh, 0);
	buf_reset(&a->note);
	buf_add_view(&a->note, buf_view(&note));
	return OK;
}

uint64_t
audit_published_size(const struct audit *a)
{
	return a->published.size;
}

uint64_t
audit_size(const struct audit *a)
{
	return a->leaves.size;
}

void
audit_published_root(uint8_t ret[static HASH_BYTES], const struct audit *a)
{
	memcpy(ret, a->published.root, HASH_BYTES);
}

enum err
audit_checkpoint(struct audit *a, struct buf *out)
{
	if (!a->note.len)
		return fail(E_NOTFOUND, "the log has no checkpoint yet");
	buf_add_view(out, buf_view(&a->note));
	return buf_check(out, "checkpoint");
}

enum err
audit_proof(struct audit *a, uint64_t index, uint8_t ret[MERKLE_PROOF_MOST_COUNT][HASH_BYTES],
	size_t *ret_count)
{
	*ret_count = 0;
	if (index >= a->published.size)
		return fail(E_NOTFOUND, "no checkpoint covers this leaf yet");
	OWNED(tile_tree) struct tile_tree *tree = tile_tree_new(a->log_dir, a->published.size);
	const struct merkle_source from = tile_tree_source(tree);
	struct merkle_proof proof;
	enum err e = merkle_prove_inclusion(&proof, &from, index, a->published.size);
	if (e)
		return e;
	memcpy(ret, proof.hash, proof.count * HASH_BYTES);
	*ret_count = proof.count;
	return OK;
}

struct tile_tree *
audit_tree(const struct audit *a)
{
	return tile_tree_new(a->log_dir, a->published.size);
}

const char *
audit_dir(const struct audit *a)
{
	return a->log_dir;
}

enum err
audit_sign(const struct audit *a, struct view text, struct buf *out)
{
	enum err e = note_begin(out, text);
	return e ? e : note_sign(out, text, &a->key, a->secret, 0);
}

const struct note_key *
audit_key(const struct audit *a)
{
	return &a->key;
}

void
audit_person_commit(
	char ret[static 2 * HASH_BYTES + 1], const char *leaf_id, const uint8_t key[static 32])
{
	uint8_t hash[HASH_BYTES];
	struct view id = view_text(leaf_id);
	crypto_hash_many(hash, PERSON_PERSONAL, key, &id, 1);
	text_hex(ret, hash, sizeof(hash));
}
