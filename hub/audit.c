#include "hub/audit.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack.h"

#include "hub/audit_inside.h"
#include "hub/hub.h"
#include "hub/person.h"

#define INDEX_BYTES      8
#define PERSON_PERSONAL  "weir-person-v1"
#define CONSENT_PERSONAL "weir-consent-v1"
#define ROLE_SERVICE     "service" /* a process that acts of its own */

/* the vault as the log's writer sees it */

static enum err
read_entry(void *arg, uint64_t index, struct view *ret)
{
	struct audit_reading *r = arg;
	uint8_t key[INDEX_BYTES];
	if (fresh_find(&r->audit->fresh, index, ret))
		return OK;
	bytes_put_u64(key, index);
	buf_reset(&r->audit->scratch);
	enum err e = vault_get(
		r->snapshot, VAULT_LEAVES, view_of(key, sizeof(key)), &r->audit->scratch);
	*ret = buf_view(&r->audit->scratch);
	return e;
}

static enum err
read_hash(void *arg, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	struct audit_reading *r = arg;
	if (fresh_hash(&r->audit->fresh, index, ret))
		return OK;
	return leafhashes_get(r->snapshot, index, ret);
}

struct tlog_source
audit_source(struct audit_reading *r)
{
	return (struct tlog_source){read_entry, read_hash, r};
}

/* opening */

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
kept(void *arg, enum err commit)
{
	const struct audit *a = arg;
	forward_kept(a->forward, commit);
}

void
audit_watch(struct audit *a, struct hub *h)
{
	h->keep = keep;
	h->kept = kept;
	h->keep_arg = a;
	a->hub = h;
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
		e = audit_start(a, c);
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

/* Is it an act on what people gave, and not on keys, terms or officers of the study? */
static bool
is_on_answers(const struct leaf *l)
{
	static const char *const objects[] = {
		"entry", "desk", "submission", "import", "cohort", "release", "export"};
	for (size_t i = 0; l->object_type && i < ARRAY_LEN(objects); i++)
		if (strcmp(l->object_type, objects[i]) == 0)
			return true;
	return false;
}

/* The grounds of the study in force, the same for all of them; lent by its pack. */
static void
say_on_which_grounds(const struct audit *a, struct leaf *l)
{
	const struct pack *p = a->hub ? a->hub->pack : NULL;
	if (!p || !is_on_answers(l))
		return;
	l->conf_basis = p->confidentiality;
	l->art6 = p->legal.art6;
	l->art9 = p->legal.art9;
}

enum err
audit_add(struct audit *a, struct vault_txn *t, const struct leaf *said, uint64_t *ret_index)
{
	uint8_t key[INDEX_BYTES], hash[HASH_BYTES];
	struct leaf l;
	buf_reset(&a->scratch);
	enum err e = say_for_whom(&l, said);
	say_on_which_grounds(a, &l);
	if (!e)
		e = leaf_write(&a->scratch, &l);
	if (e)
		return e;
	struct view k = view_of(key, sizeof(key)), bytes = buf_view(&a->scratch);
	const uint64_t index = a->leaves.size;
	bytes_put_u64(key, index);
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
	struct audit_reading reading = {a, NULL};
	const struct tlog_source from = audit_source(&reading);
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

void
audit_consent_commit(char ret[static 2 * HASH_BYTES + 1], const char *leaf_id,
	const uint8_t consent[static ID_BYTES], const uint8_t key[static 32])
{
	uint8_t hash[HASH_BYTES];
	const struct view both[] = {view_text(leaf_id), view_of(consent, ID_BYTES)};
	crypto_hash_many(hash, CONSENT_PERSONAL, key, both, ARRAY_LEN(both));
	text_hex(ret, hash, sizeof(hash));
}

enum err
audit_leaf(struct vault_txn *t, uint64_t index, struct buf *out)
{
	uint8_t key[INDEX_BYTES];
	bytes_put_u64(key, index);
	return vault_get(t, VAULT_LEAVES, view_of(key, sizeof(key)), out);
}
