#include "hub/siterules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack.h"
#include "common/study/rules_compare.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/ipc.h"

#define FILE_NAME "rules.ini"
#define KEY_BYTES (ROW_ID_BYTES + 32)
#define ROW_BYTES (SITERULES_MAX_BYTES + 1024)

struct siterules {
	char site[ROW_ID_BYTES];
	uint64_t known_upto;
	struct rules *rules; /* NULL: it had none */
};

/* A row: who signed which bytes. */
struct signed_rules {
	char by[ROW_ID_BYTES];
	char second[ROW_ID_BYTES];
	uint8_t digest[HASH_BYTES];
	uint64_t leaf;
};

static enum err
get_row(struct vault_txn *t, const char *key, struct signed_rules *ret, struct buf *bytes)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	*ret = (struct signed_rules){.by = ""};
	enum err e = vault_get(t, VAULT_META, view_text(key), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	row_text(&c, ret->by, sizeof(ret->by));
	row_text(&c, ret->second, sizeof(ret->second));
	cursor_copy(&c, ret->digest, sizeof(ret->digest));
	ret->leaf = cursor_u64(&c);
	const struct view text = cursor_blob(&c);
	if (bytes)
		buf_add(bytes, text.at, text.len);
	return row_end(&c, "rules of a site");
}

static enum err
put_row(struct vault_txn *t, const char *key, const struct signed_rules *s, struct view bytes)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_blob_text(&row, s->by);
	buf_blob_text(&row, s->second);
	buf_add(&row, s->digest, sizeof(s->digest));
	buf_u64(&row, s->leaf);
	buf_blob(&row, bytes);
	enum err e = buf_check(&row, "rules of a site");
	return e ? e : vault_put(t, VAULT_META, view_text(key), buf_view(&row));
}

static enum err
parse(struct rules **ret, struct view bytes)
{
	OWNED(faults) struct faults *faults = faults_new();
	*ret = rules_read(bytes, FILE_NAME, faults);
	if (*ret)
		return OK;
	enum err e = faults_check(faults);
	return e ? e : fail(E_FORMAT, "these are no rules");
}

/* find */

/* Where the file stays that came into force with this leaf, once another one followed. */
static void
past_key(char ret[static KEY_BYTES], const char *site, uint64_t leaf)
{
	(void)snprintf(ret, KEY_BYTES, "pastrules-%s/%016" PRIx64, site, leaf);
}

/* The past file looked for: the last one that came into force up to a leaf. */
struct past {
	char upto[KEY_BYTES];
	char key[KEY_BYTES]; /* "": none */
};

static enum err
visit_past(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct past *p = arg;
	(void)value;
	if (key.len != strlen(p->upto))
		return fail(E_FORMAT, "the row of a site's past rules is damaged");
	*ret_stop = memcmp(key.at, p->upto, key.len) > 0;
	if (!*ret_stop) {
		memcpy(p->key, key.at, key.len);
		p->key[key.len] = '\0';
	}
	return OK;
}

/* Adds the bytes that were in force when the log held that leaf and no later one. */
static enum err
read_past(struct vault_txn *t, const char *site, uint64_t known_upto, struct buf *bytes)
{
	char prefix[KEY_BYTES];
	struct signed_rules row;
	struct past p = {.key = ""};
	(void)snprintf(prefix, sizeof(prefix), "pastrules-%s/", site);
	past_key(p.upto, site, known_upto);
	const struct vault_range range = {.table = VAULT_META, .prefix = view_text(prefix)};
	enum err e = vault_each(t, &range, visit_past, &p);
	if (e)
		return e;
	return p.key[0] ? get_row(t, p.key, &row, bytes) : fail(E_NOTFOUND, "no rules then");
}

static enum err
read_known(struct vault_txn *t, const char *site, uint64_t known_upto, struct buf *bytes)
{
	struct signed_rules row;
	char key[KEY_BYTES];
	(void)snprintf(key, sizeof(key), "rules-%s", site);
	enum err e = get_row(t, key, &row, bytes);
	if (e || row.leaf <= known_upto)
		return e;
	buf_reset(bytes);
	return read_past(t, site, known_upto, bytes);
}

enum err
siterules_find(
	struct siterules **at, struct vault_txn *t, const char *site, uint64_t known_upto)
{
	OWNED_BUF struct buf bytes;
	buf_init(&bytes, ROW_BYTES);
	if (*at && strcmp((*at)->site, site) == 0 && (*at)->known_upto == known_upto)
		return OK;
	siterules_free(take(*at));
	*at = xcalloc(1, sizeof(**at));
	(void)snprintf((*at)->site, sizeof((*at)->site), "%s", site);
	(*at)->known_upto = known_upto;
	enum err e = read_known(t, site, known_upto, &bytes);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	return parse(&(*at)->rules, buf_view(&bytes));
}

const struct rules *
siterules_of(const struct siterules *s)
{
	return s ? s->rules : NULL;
}

enum err
siterules_text(struct vault_txn *t, const char *site, struct buf *out)
{
	struct signed_rules row;
	char key[KEY_BYTES];
	(void)snprintf(key, sizeof(key), "rules-%s", site);
	enum err e = get_row(t, key, &row, out);
	return e == E_NOTFOUND ? OK : e ? e : buf_check(out, "rules of a site");
}

void
siterules_free(struct siterules *s)
{
	if (!s)
		return;
	rules_free(s->rules);
	mem_drop(&s);
}

/* sign */

static enum err
check_stricter(const struct hub *h, const struct rules *own, const char *site)
{
	struct rules_looser looser[RULES_MAX_LOOSER];
	if (!h->pack)
		return fail(E_NOTFOUND, "no study is in force");
	size_t count = rules_compare(h->pack->rules, own, looser);
	if (count == 0)
		return OK;
	return fail(E_DENIED, "the rules of site %s loosen %s %s of the study%s", site,
		looser[0].rule, looser[0].key, count > 1 ? ", and more" : "");
}

/* Those in force have to have a lower number. */
static enum err
check_newer(struct hub *h, const struct rules *own, const char *site)
{
	OWNED_BUF struct buf bytes;
	struct signed_rules row;
	char key[KEY_BYTES];
	buf_init(&bytes, ROW_BYTES);
	(void)snprintf(key, sizeof(key), "rules-%s", site);
	enum err e = get_row(h->txn, key, &row, &bytes);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct rules *before = NULL;
	e = parse(&before, buf_view(&bytes));
	if (!e && rules_version(own) <= rules_version(before))
		e = fail(E_CONFLICT, "the rules of site %s have number %u already", site,
			rules_version(before));
	rules_free(before);
	return e;
}

static enum err
check_file(struct hub *h, const struct act *a)
{
	struct rules *own = NULL;
	if (!h->pack || !pack_site(h->pack, a->id))
		return fail(E_NOTFOUND, "the study in force has no site %s", a->id);
	enum err e = parse(&own, a->body);
	if (!e)
		e = check_stricter(h, own, a->id);
	if (!e)
		e = check_newer(h, own, a->id);
	rules_free(own);
	return e;
}

static enum err
add_leaf(struct hub *h, const struct act *a, const char *action, uint64_t *ret_leaf)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, action);
	leaf.object_type = "rules";
	leaf.site = a->id;
	return audit_add(h->audit, h->txn, &leaf, ret_leaf);
}

static enum err
propose(struct hub *h, const struct act *a, const char *key, struct buf *reply)
{
	struct signed_rules row = {.by = ""};
	(void)snprintf(row.by, sizeof(row.by), "%s", a->by.id);
	memcpy(row.digest, a->digest, sizeof(row.digest));
	enum err e = add_leaf(h, a, "site-rules-proposed", &row.leaf);
	if (!e)
		e = put_row(h->txn, key, &row, a->body);
	if (!e)
		buf_format(reply, "{\"site\":\"%s\",\"state\":\"proposed\"}", a->id);
	return e;
}

/* The file in force so far, if there is one, stays for who asks what was decided by it. */
static enum err
keep_past(struct hub *h, const char *site)
{
	OWNED_BUF struct buf bytes;
	struct signed_rules before;
	char key[KEY_BYTES];
	buf_init(&bytes, ROW_BYTES);
	(void)snprintf(key, sizeof(key), "rules-%s", site);
	enum err e = get_row(h->txn, key, &before, &bytes);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	past_key(key, site, before.leaf);
	return put_row(h->txn, key, &before, buf_view(&bytes));
}

static enum err
put_in_force(struct hub *h, const struct act *a, struct signed_rules *row, struct buf *reply)
{
	char key[KEY_BYTES];
	(void)snprintf(row->second, sizeof(row->second), "%s", a->by.id);
	enum err e = keep_past(h, a->id);
	if (!e)
		e = add_leaf(h, a, "site-rules-in-force", &row->leaf);
	(void)snprintf(key, sizeof(key), "rules-%s", a->id);
	if (!e)
		e = put_row(h->txn, key, row, a->body);
	(void)snprintf(key, sizeof(key), "newrules-%s", a->id);
	if (!e)
		e = vault_delete(h->txn, VAULT_META, view_text(key));
	if (!e)
		buf_format(reply, "{\"site\":\"%s\",\"state\":\"in force\"}", a->id);
	return e;
}

enum err
siterules_sign(struct hub *h, const struct act *a, struct buf *reply)
{
	struct signed_rules waiting;
	char key[KEY_BYTES];
	enum err e = check_file(h, a);
	if (e)
		return e;
	(void)snprintf(key, sizeof(key), "newrules-%s", a->id);
	e = get_row(h->txn, key, &waiting, NULL);
	if (e && e != E_NOTFOUND)
		return e;
	if (e || memcmp(waiting.digest, a->digest, HASH_BYTES) != 0)
		return propose(h, a, key, reply);
	if (strcmp(waiting.by, a->by.id) == 0)
		return fail(E_DENIED, "%s proposed these rules and cannot put them in force",
			a->by.id);
	return put_in_force(h, a, &waiting, reply);
}
