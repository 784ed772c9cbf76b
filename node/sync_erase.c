#include "node/sync_erase.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/wire_rules.h"
#include "common/study/receipt.h"
#include "common/trust/statement.h"

#include "node/sync_files.h"
#include "node/sync_hold.h"
#include "node/sync_rows.h"
#include "node/vault_erase.h"

#define PAPER_FORMAT     "weir-erased-v1"
#define PAPER_MAX_BYTES  4096
#define MARK             "mark-"
#define MARK_PERSONAL    "weir-no-contact"
#define DONE             "erased-"
#define KEY_MAX_BYTES    512
#define PERSON_KEY_BYTES 29

/* keys of rows, gathered before they are deleted */

struct keys {
	struct buf bytes; /* blob after blob */
};

static void
keys_done(struct keys *k)
{
	buf_done(&k->bytes);
}
#define OWNED_KEYS OWNED_BY(keys_done)

static enum err
add_key(void *arg, struct view key, struct view content)
{
	struct keys *k = arg;
	(void)content;
	buf_blob(&k->bytes, key);
	return OK;
}

static enum err
drop_all(struct vault *v, enum vault_table t, struct view prefix)
{
	OWNED_KEYS struct keys keys;
	buf_init(&keys.bytes, (size_t)64 << 20);
	enum err e = vault_each(v, t, prefix, add_key, &keys);
	if (!e)
		e = buf_check(&keys.bytes, "rows of a person");
	struct cursor c = cursor_of(buf_view(&keys.bytes));
	while (!e && c.left)
		e = vault_delete(v, t, cursor_blob(&c));
	return e;
}

static enum err
drop(struct vault *v, enum vault_table t, struct view key)
{
	enum err e = vault_delete(v, t, key);
	return e == E_NOTFOUND ? OK : e;
}

/* the mark */

static void
mark_key(uint8_t ret[static sizeof(MARK) - 1 + ID_BYTES], struct vault *v, struct view code)
{
	memcpy(ret, MARK, sizeof(MARK) - 1);
	crypto_hash_id(ret + sizeof(MARK) - 1, MARK_PERSONAL, vault_row_key(v), &code, 1);
}

enum err
sync_erase_check(struct vault *v, struct view code)
{
	uint8_t key[sizeof(MARK) - 1 + ID_BYTES];
	struct view row;
	mark_key(key, v, code);
	enum err e = vault_get(v, VAULT_META, view_of(key, sizeof(key)), &row);
	if (!e)
		return fail(E_DENIED,
			"the holder of this study code asked to be erased: do not "
			"contact, and do not enter the code again");
	return e == E_NOTFOUND ? OK : e;
}

struct codes {
	struct keys keys;
	const uint8_t *person;
};

static enum err
see_code(void *arg, struct view key, struct view content)
{
	struct codes *c = arg;
	if (view_same(content, view_of(c->person, ID_BYTES)))
		buf_blob(&c->keys.bytes, key);
	return OK;
}

static enum err
drop_codes(struct vault *v, enum vault_table t, const uint8_t *person)
{
	static const uint8_t yes = 1;
	struct codes codes = {.person = person};
	uint8_t mark[sizeof(MARK) - 1 + ID_BYTES];
	buf_init(&codes.keys.bytes, (size_t)1 << 20);
	enum err e = vault_each(v, t, view_of(NULL, 0), see_code, &codes);
	struct cursor c = cursor_of(buf_view(&codes.keys.bytes));
	while (!e && c.left) {
		struct view code = cursor_blob(&c);
		mark_key(mark, v, code);
		e = vault_put(v, VAULT_META, view_of(mark, sizeof(mark)), view_of(&yes, 1));
		if (!e)
			e = vault_delete(v, t, code);
	}
	keys_done(&codes.keys);
	return e;
}

/* one person */

struct person {
	uint8_t id[ID_BYTES];
	uint8_t instance[ID_BYTES]; /* of the change */
	int64_t stopped_s;
	struct keys entries;
	bool waits; /* something is not at the hub */
};

static enum err
see_entry(void *arg, struct view key, struct view content)
{
	struct person *p = arg;
	(void)content;
	if (key.len == PERSON_KEY_BYTES)
		buf_blob(&p->entries.bytes, key);
	return OK;
}

static bool
read_place(struct cursor *c, struct vault_at *ret)
{
	struct cursor key = cursor_of(cursor_blob(c));
	(void)cursor_bytes(&key, ID_BYTES);
	ret->incarnation = cursor_u32(&key);
	ret->lane = (enum lane)cursor_u8(&key);
	ret->seq = cursor_u64(&key);
	return !key.broken;
}

/* What stood in an earlier incarnation was at the hub when this one began, or is said again. */
static enum err
check_at_hub(struct vault *v, struct person *p)
{
	struct cursor c = cursor_of(buf_view(&p->entries.bytes));
	enum err e = OK;
	while (!e && c.left) {
		struct vault_at at;
		struct vault_mark m;
		if (!read_place(&c, &at))
			return fail(E_FORMAT, "the vault is damaged: a row of a person");
		if (at.incarnation != vault_incarnation(v))
			continue;
		e = vault_mark_get(v, at.lane, &m);
		p->waits = p->waits || (!e && at.seq > m.at_hub);
	}
	return e;
}

static enum err
forget_submission(struct vault *v, const uint8_t *id)
{
	struct sync_submission gone = {.state = SUBMISSION_GONE};
	struct view row;
	enum err e = vault_get(v, VAULT_SUBMISSIONS, view_of(id, ID_BYTES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	e = sync_file_drop(v, id);
	if (!e)
		e = drop_all(v, VAULT_KEYS, view_of(id, ID_BYTES));
	return e ? e : sync_submission_put(v, id, &gone);
}

static enum err
erase_entry(struct vault *v, const struct vault_at *at)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = vault_part(v, at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&part));
	if (e && e != E_NOTFOUND)
		return e;
	e = OK;
	if (r) {
		const struct view id = view_of(r->instance, ID_BYTES);
		e = forget_submission(v, r->instance);
		if (!e)
			e = drop(v, VAULT_LOCALS, id);
		if (!e)
			e = drop(v, VAULT_INSTANCES, id);
	}
	return e ? e : vault_erase(v, at);
}

static enum err
note_done(struct vault *v, const struct person *p, int64_t gone_s)
{
	OWNED_BUF struct buf key, row;
	buf_init(&key, KEY_MAX_BYTES);
	buf_init(&row, KEY_MAX_BYTES);
	buf_add_view(&key, view_text(DONE));
	buf_add(&key, p->instance, RECEIPT_START_BYTES);
	buf_u64(&row, (uint64_t)p->stopped_s);
	buf_u64(&row, (uint64_t)gone_s);
	return vault_put(v, VAULT_META, buf_view(&key), buf_view(&row));
}

static enum err
erase_person(struct vault *v, struct person *p)
{
	const struct view id = view_of(p->id, ID_BYTES);
	struct cursor c = cursor_of(buf_view(&p->entries.bytes));
	struct vault_at at;
	enum err e = sync_hold_drop_of(v, p->id);
	while (!e && c.left && read_place(&c, &at))
		e = erase_entry(v, &at);
	if (!e)
		e = drop_all(v, VAULT_CONSENTS, id);
	if (!e)
		e = drop_all(v, VAULT_CURRENT, id);
	if (!e)
		e = drop_all(v, VAULT_HELD_OF, id);
	if (!e)
		e = drop_all(v, VAULT_PERSONS, id);
	if (!e)
		e = drop_codes(v, VAULT_PEOPLE, p->id);
	return e ? e : drop_codes(v, VAULT_STRANGERS, p->id);
}

/* who asked */

struct search {
	struct vault *vault;
	struct person *list; /* owned */
	size_t count;
};

static void
search_done(struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		keys_done(&s->list[i].entries);
	mem_drop(&s->list);
}

static struct person *
person_of(struct search *s, const uint8_t *id)
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->list[i].id, id, ID_BYTES) == 0)
			return &s->list[i];
	s->list = xrealloc(s->list, s->count + 1, sizeof(*s->list));
	struct person *p = &s->list[s->count++];
	*p = (struct person){.waits = false};
	memcpy(p->id, id, ID_BYTES);
	buf_init(&p->entries.bytes, (size_t)64 << 20);
	return p;
}

/* Erasing cannot be taken back by a consent that came later: it asks for another code. */
static enum err
see_consent(void *arg, struct view key, struct view content)
{
	struct search *s = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	struct cursor c = cursor_of(content);
	const struct vault_at at = vault_at_read(&c);
	(void)key;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = cursor_end(&c, "consent on file");
	if (!e)
		e = vault_part(s->vault, &at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&part));
	if (e || r->kind != RULES_CHANGE || !r->consent.level ||
		strcmp(r->consent.level, "erase") != 0)
		return e;
	struct person *p = person_of(s, r->participant);
	memcpy(p->instance, r->instance, ID_BYTES);
	p->stopped_s = r->consent.given_at_s;
	return OK;
}

static enum err
find_all(struct search *s)
{
	enum err e = vault_each(s->vault, VAULT_CONSENTS, view_of(NULL, 0), see_consent, s);
	for (size_t i = 0; !e && i < s->count; i++) {
		struct person *p = &s->list[i];
		e = vault_each(s->vault, VAULT_PERSONS, view_of(p->id, ID_BYTES), see_entry, p);
		if (!e)
			e = check_at_hub(s->vault, p);
	}
	return e;
}

/* papers */

struct papers {
	const struct sync_erase_ask *ask;
	struct buf list;
	uint32_t count;
};

static enum err
put_paper(void *arg, struct view key, struct view content)
{
	struct papers *p = arg;
	OWNED_BUF struct buf paper;
	struct json_out w;
	struct cursor c = cursor_of(content);
	uint8_t instance[WIRE_ID_BYTES] = {0}, signature[SIGNATURE_BYTES];
	char number[RECEIPT_BYTES];
	const size_t start = sizeof(DONE) - 1;
	int64_t stopped_s = (int64_t)cursor_u64(&c), gone_s = (int64_t)cursor_u64(&c);
	if (key.len != start + RECEIPT_START_BYTES || c.broken)
		return fail(E_FORMAT, "the vault is damaged: receipt of an erasure");
	memcpy(instance, key.at + start, RECEIPT_START_BYTES);
	receipt_number(number, instance);
	buf_init(&paper, PAPER_MAX_BYTES);
	json_begin(&w, &paper);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", p->ask->study);
	json_put_text(&w, "site", p->ask->site);
	json_put_text(&w, "receipt", number);
	json_put_int(&w, "stopped_s", stopped_s);
	json_put_int(&w, "gone_s", gone_s);
	json_put_text(&w, "could_open",
		"from a copy of this node's store that was made before: whoever holds the "
		"site's "
		"review key; two holders of the study key together until the hub says erased");
	json_put_close(&w);
	enum err e = json_end(&w, "receipt of an erasure");
	signed_make(signature, PAPER_FORMAT, buf_view(&paper), p->ask->writer);
	buf_blob(&p->list, buf_view(&paper));
	buf_add(&p->list, signature, sizeof(signature));
	p->count++;
	return e;
}

static enum err
check_paper(const struct sync_erase_ask *ask, uint8_t ret[static RECEIPT_START_BYTES])
{
	static const char *const keys[] = {"study", "receipt", "state", "stopped_s",
		"refused_s", "gone_s", "erased_s", "could_open"};
	OWNED(json) struct json *paper = NULL;
	const char *study = "", *state = "", *number = "";
	if (ask->signature.len != SIGNATURE_BYTES ||
		!signed_check(ask->signature.at, PAPER_FORMAT, ask->paper, ask->receipt_public))
		return fail(E_AUTH, "the paper is not signed by this study's hub");
	enum err e = json_parse(&paper, ask->paper, PAPER_MAX_BYTES);
	if (!e)
		e = json_only(paper, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(paper, "study", KEY_MAX_BYTES, &study);
	if (!e)
		e = json_get_text(paper, "state", KEY_MAX_BYTES, &state);
	if (!e)
		e = json_get_text(paper, "receipt", KEY_MAX_BYTES, &number);
	if (!e && (strcmp(study, ask->study) != 0 || !receipt_read(ret, number)))
		e = fail(E_DENIED, "the paper is of another study");
	if (!e && strcmp(state, "gone") != 0 && strcmp(state, "erased") != 0)
		e = fail(E_DENIED, "the hub's paper says %s: nothing is deleted here", state);
	return e;
}

static enum err
choose(struct search *s, const uint8_t *start, struct person **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->list[i].instance, start, RECEIPT_START_BYTES) == 0)
			*ret = &s->list[i];
	if (!*ret)
		return fail(E_NOTFOUND,
			"nobody at this site asked for it under this number, or "
			"it is done already");
	return (*ret)->waits ? fail(E_BUSY, "not everything about this person is at the hub by "
					    "receipt: try again later")
			     : OK;
}

enum err
sync_erase_run(const struct sync_erase_ask *ask, struct buf *answer)
{
	OWNED_BY(search_done) struct search s = {.vault = ask->vault};
	struct papers papers = {.ask = ask};
	uint8_t start[RECEIPT_START_BYTES];
	struct person *meant = NULL;
	enum err e = ask->paper.len ? check_paper(ask, start) : OK;
	if (!e && ask->paper.len)
		e = find_all(&s);
	if (!e && ask->paper.len)
		e = choose(&s, start, &meant);
	if (!e && meant)
		e = erase_person(ask->vault, meant);
	if (!e && meant)
		e = note_done(ask->vault, meant, ask->now_s);
	if (!e)
		e = vault_commit(ask->vault);
	if (!e && meant)
		e = vault_compact(ask->vault);
	buf_init(&papers.list, (size_t)8 << 20);
	if (!e)
		e = vault_each(ask->vault, VAULT_META, view_text(DONE), put_paper, &papers);
	buf_u32(answer, papers.count);
	buf_add_view(answer, buf_view(&papers.list));
	buf_done(&papers.list);
	return e ? e : buf_check(answer, "receipts of erasures");
}
