#include "node/sync_erased.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/trust/backupdir.h"
#include "common/trust/statement.h"

#include "node/sync_act.h"

#define HUB_FORMAT      "weir-erased-v1"
#define SITE_FORMAT     "weir-erased-site-v1"
#define PAPER_MAX_BYTES 8192
#define TEXT_MAX_BYTES  512
#define KEY_MAX_BYTES   64
#define DONE            "erased-"
#define PAPER           "paper-"
#define LIST_MAX_BYTES  ((size_t)8 << 20)
#define MS_PER_S        1000

/* rows */

static void
key_of(struct buf *out, const char *prefix, const uint8_t start[static RECEIPT_START_BYTES])
{
	buf_init(out, KEY_MAX_BYTES);
	buf_add_view(out, view_text(prefix));
	buf_add(out, start, RECEIPT_START_BYTES);
}

static enum err
put_row(struct vault *v, const struct sync_erased *e)
{
	OWNED_BUF struct buf key, row;
	key_of(&key, DONE, e->start);
	buf_init(&row, KEY_MAX_BYTES);
	buf_u64(&row, (uint64_t)e->stopped_s);
	buf_u64(&row, (uint64_t)e->gone_s);
	buf_u64(&row, (uint64_t)e->erased_s);
	buf_u32(&row, e->review);
	return vault_put(v, VAULT_META, buf_view(&key), buf_view(&row));
}

static enum err
read_row(struct sync_erased *ret, struct view key, struct view row)
{
	struct cursor c = cursor_of(row);
	const size_t prefix = sizeof(DONE) - 1;
	if (key.len != prefix + RECEIPT_START_BYTES)
		return fail(E_FORMAT, "the vault is damaged: an erasure");
	memcpy(ret->start, key.at + prefix, RECEIPT_START_BYTES);
	ret->stopped_s = (int64_t)cursor_u64(&c);
	ret->gone_s = (int64_t)cursor_u64(&c);
	ret->erased_s = (int64_t)cursor_u64(&c);
	ret->review = cursor_u32(&c);
	return cursor_end(&c, "erasure");
}

struct rows {
	struct sync_erased *list; /* owned; room for the next power of two */
	size_t count;
};

static void
rows_done(struct rows *r)
{
	mem_drop(&r->list);
}

static enum err
add_row(void *arg, struct view key, struct view content)
{
	struct rows *r = arg;
	if ((r->count & (r->count - 1)) == 0)
		r->list = xrealloc(r->list, MAX(r->count * 2, (size_t)1), sizeof(*r->list));
	return read_row(&r->list[r->count++], key, content);
}

static enum err
read_all(struct vault *v, struct rows *ret)
{
	return vault_each(v, VAULT_META, view_text(DONE), add_row, ret);
}

enum err
sync_erased_wants(struct vault *v, uint32_t *ret)
{
	OWNED_BY(rows_done) struct rows rows = {.count = 0};
	*ret = 0;
	enum err e = read_all(v, &rows);
	for (size_t i = 0; !e && i < rows.count; i++)
		if (!rows.list[i].erased_s)
			*ret = MAX(*ret, rows.list[i].review + 1);
	return e;
}

/* the paper of the site */

static const char *
reach_of(const struct sync_erased *e)
{
	if (e->erased_s)
		return "nobody, with the keys that are left at this site; copies of its key "
		       "files from before still open copies of its store from before: destroy "
		       "both";
	return "whoever opens the desk of this site, from a copy of its store from before, "
	       "until the desk is opened next";
}

static enum err
write_paper(const struct sync_erase_ask *ask, const struct sync_erased *e, struct buf *paper,
	uint8_t ret_signature[static SIGNATURE_BYTES])
{
	struct json_out w;
	uint8_t instance[WIRE_ID_BYTES] = {0};
	char number[RECEIPT_BYTES];
	memcpy(instance, e->start, sizeof(e->start));
	receipt_number(number, instance);
	json_begin(&w, paper);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", ask->study);
	json_put_text(&w, "site", ask->judge->site);
	json_put_text(&w, "receipt", number);
	json_put_int(&w, "stopped_s", e->stopped_s);
	json_put_int(&w, "gone_s", e->gone_s);
	json_put_int(&w, "erased_s", e->erased_s);
	json_put_text(&w, "could_open", reach_of(e));
	json_put_close(&w);
	enum err err = json_end(&w, "receipt of an erasure");
	if (!err)
		signed_make(ret_signature, SITE_FORMAT, buf_view(paper), ask->writer);
	return err;
}

enum err
sync_erased_note(const struct sync_erase_ask *ask, const struct sync_erased *e)
{
	OWNED_BUF struct buf paper, report;
	uint8_t signature[SIGNATURE_BYTES];
	buf_init(&paper, PAPER_MAX_BYTES);
	buf_init(&report, PAPER_MAX_BYTES);
	enum err err = write_paper(ask, e, &paper, signature);
	buf_blob(&report, buf_view(&paper));
	buf_add(&report, signature, sizeof(signature));
	if (!err)
		err = put_row(ask->judge->vault, e);
	if (!err)
		err = buf_check(&report, "receipt of an erasure");
	const struct leaf leaf = {.actor = "sync",
		.role = "node",
		.action = e->erased_s ? "erasure-complete" : "person-erased",
		.object_type = "person",
		.outcome = "done"};
	return err ? err : sync_act_report(ask->judge, leaf, buf_view(&report));
}

enum err
sync_erased_settle(const struct sync_erase_ask *ask, const char *dir, uint32_t number)
{
	OWNED_BY(rows_done) struct rows rows = {.count = 0};
	char beside[BACKUPDIR_NAME_BYTES];
	if (dir && backupdir_beside(dir, beside))
		return OK;
	enum err e = read_all(ask->judge->vault, &rows);
	for (size_t i = 0; !e && i < rows.count; i++) {
		struct sync_erased *one = &rows.list[i];
		if (one->erased_s || one->review >= number)
			continue;
		one->erased_s = ask->judge->now_ms / MS_PER_S;
		e = sync_erased_note(ask, one);
	}
	return e;
}

/* the paper of the hub */

static enum err
check_words(const struct sync_erase_ask *ask, const struct json *paper,
	uint8_t ret_start[static RECEIPT_START_BYTES])
{
	static const char *const keys[] = {"study", "receipt", "state", "stopped_s",
		"refused_s", "decided_by", "reason", "taken_back_s", "gone_s", "hub_erased_s",
		"erased_s", "could_open", "site_paper", "site_writer", "site_signature"};
	const char *study = "", *state = "", *number = "";
	enum err e = json_only(paper, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(paper, "study", TEXT_MAX_BYTES, &study);
	if (!e)
		e = json_get_text(paper, "state", TEXT_MAX_BYTES, &state);
	if (!e)
		e = json_get_text(paper, "receipt", TEXT_MAX_BYTES, &number);
	if (!e && (strcmp(study, ask->study) != 0 || !receipt_read(ret_start, number)))
		e = fail(E_DENIED, "the paper is of another study");
	if (!e && strcmp(state, "gone") != 0 && strcmp(state, "erased") != 0)
		e = fail(E_DENIED, "the hub's paper says %s: nothing is deleted here", state);
	return e;
}

enum err
sync_erased_check(const struct sync_erase_ask *ask, struct view paper, struct view signature,
	uint8_t ret_start[static RECEIPT_START_BYTES])
{
	OWNED(json) struct json *words = NULL;
	if (signature.len != SIGNATURE_BYTES ||
		!signed_check(signature.at, HUB_FORMAT, paper, ask->receipt_public))
		return fail(E_AUTH, "the paper is not signed by this study's hub");
	enum err e = json_parse(&words, paper, PAPER_MAX_BYTES);
	return e ? e : check_words(ask, words, ret_start);
}

enum err
sync_erased_keep(const struct sync_erase_ask *ask,
	const uint8_t start[static RECEIPT_START_BYTES], struct view paper,
	struct view signature, bool *ret_known)
{
	OWNED_BUF struct buf key, done, row;
	struct view there;
	key_of(&key, PAPER, start);
	key_of(&done, DONE, start);
	buf_init(&row, PAPER_MAX_BYTES + TEXT_MAX_BYTES);
	buf_blob(&row, paper);
	buf_add_view(&row, signature);
	enum err e = vault_get(ask->judge->vault, VAULT_META, buf_view(&done), &there);
	*ret_known = e == OK;
	if (e && e != E_NOTFOUND)
		return e;
	e = buf_check(&row, "receipt of an erasure");
	if (!e && *ret_known &&
		!vault_get(ask->judge->vault, VAULT_META, buf_view(&key), &there) &&
		view_same(there, buf_view(&row)))
		return OK;
	return e || !*ret_known ? e
				: vault_put(ask->judge->vault, VAULT_META, buf_view(&key),
					  buf_view(&row));
}

/* receipts */

static enum err
add_paper(const struct sync_erase_ask *ask, const struct sync_erased *e, struct buf *out)
{
	OWNED_BUF struct buf paper;
	uint8_t signature[SIGNATURE_BYTES];
	buf_init(&paper, PAPER_MAX_BYTES);
	enum err err = write_paper(ask, e, &paper, signature);
	buf_blob(out, buf_view(&paper));
	buf_add(out, signature, sizeof(signature));
	return err;
}

enum err
sync_erased_list(const struct sync_erase_ask *ask, struct buf *answer)
{
	OWNED_BY(rows_done) struct rows rows = {.count = 0};
	OWNED_BUF struct buf list;
	buf_init(&list, LIST_MAX_BYTES);
	enum err e = read_all(ask->judge->vault, &rows);
	for (size_t i = 0; !e && i < rows.count; i++)
		e = add_paper(ask, &rows.list[i], &list);
	buf_u32(answer, (uint32_t)rows.count);
	buf_add_view(answer, buf_view(&list));
	if (!e)
		e = buf_check(&list, "receipts of erasures");
	return e ? e : buf_check(answer, "receipts of erasures");
}

enum err
sync_erased_one(const struct sync_erase_ask *ask, struct cursor *fields, struct buf *answer)
{
	OWNED_BUF struct buf key, done;
	struct sync_erased one;
	struct view row;
	uint8_t start[RECEIPT_START_BYTES] = {0};
	cursor_copy(fields, start, sizeof(start));
	key_of(&key, PAPER, start);
	key_of(&done, DONE, start);
	enum err e = cursor_end(fields, "number of a receipt");
	if (!e)
		e = vault_get(ask->judge->vault, VAULT_META, buf_view(&done), &row);
	if (e == E_NOTFOUND)
		e = fail(e, "nobody was erased at this site under this receipt number");
	if (!e)
		e = read_row(&one, buf_view(&done), row);
	if (e)
		return e;
	e = vault_get(ask->judge->vault, VAULT_META, buf_view(&key), &row);
	bool is_of_both = !e && memmem(row.at, row.len, "\"state\":\"erased\"", 16);
	if (is_of_both)
		buf_add_view(answer, row);
	else if (!e || e == E_NOTFOUND)
		e = add_paper(ask, &one, answer);
	buf_u8(answer, is_of_both);
	return e ? e : buf_check(answer, "receipt of an erasure");
}
