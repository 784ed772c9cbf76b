#include "hub/erase_site.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/trust/statement.h"

#define PREFIX         "site-erased-"
#define KEY_BYTES      (sizeof(PREFIX) - 1 + RECEIPT_START_BYTES)
#define SITE_FORMAT    "weir-erased-site-v1"
#define TEXT_MAX_BYTES 512

static void
key_of(uint8_t ret[static KEY_BYTES], const uint8_t start[static RECEIPT_START_BYTES])
{
	memcpy(ret, PREFIX, sizeof(PREFIX) - 1);
	memcpy(ret + sizeof(PREFIX) - 1, start, RECEIPT_START_BYTES);
}

static enum err
put(struct vault_txn *t, const uint8_t start[static RECEIPT_START_BYTES],
	const struct erase_site *s)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	key_of(key, start);
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_blob_text(&row, s->site);
	buf_blob_text(&row, s->paper);
	buf_add(&row, s->writer, sizeof(s->writer));
	buf_add(&row, s->signature, sizeof(s->signature));
	enum err e = buf_check(&row, "erasure at a site");
	return e ? e : vault_put(t, VAULT_META, view_of(key, sizeof(key)), buf_view(&row));
}

/* papers */

struct said {
	const char *study, *site, *number;
	int64_t gone_s, erased_s;
};

static enum err
read_paper(struct said *ret, const struct json *paper)
{
	static const char *const keys[] = {
		"study", "site", "receipt", "stopped_s", "gone_s", "erased_s", "could_open"};
	enum err e = json_only(paper, keys, ARRAY_LEN(keys));
	*ret = (struct said){.study = ""};
	if (!e)
		e = json_get_text(paper, "study", TEXT_MAX_BYTES, &ret->study);
	if (!e)
		e = json_get_text(paper, "site", TEXT_MAX_BYTES, &ret->site);
	if (!e)
		e = json_get_text(paper, "receipt", TEXT_MAX_BYTES, &ret->number);
	if (!e)
		e = json_get_int(paper, "gone_s", 0, INT64_MAX, &ret->gone_s);
	if (!e)
		e = json_get_int(paper, "erased_s", 0, INT64_MAX, &ret->erased_s);
	return e;
}

static enum err
read_dates(struct erase_site *s)
{
	OWNED(json) struct json *paper = NULL;
	struct said said;
	if (!s->paper[0])
		return OK;
	enum err e = json_parse(&paper, view_text(s->paper), sizeof(s->paper));
	if (!e)
		e = read_paper(&said, paper);
	if (e)
		return e;
	s->gone_s = said.gone_s;
	s->erased_s = said.erased_s;
	return OK;
}

/* rows */

enum err
erase_site_get(struct vault_txn *t, const uint8_t start[static RECEIPT_START_BYTES],
	struct erase_site *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	*ret = (struct erase_site){.gone_s = 0};
	key_of(key, start);
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = vault_get(t, VAULT_META, view_of(key, sizeof(key)), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	row_text(&c, ret->site, sizeof(ret->site));
	row_text(&c, ret->paper, sizeof(ret->paper));
	cursor_copy(&c, ret->writer, sizeof(ret->writer));
	cursor_copy(&c, ret->signature, sizeof(ret->signature));
	e = row_end(&c, "erasure at a site");
	return e ? e : read_dates(ret);
}

enum err
erase_site_asked(
	struct vault_txn *t, const uint8_t start[static RECEIPT_START_BYTES], const char *site)
{
	struct erase_site s;
	enum err e = erase_site_get(t, start, &s);
	/* One that does not read stays as it is, for a backup to be held against. */
	if (e != E_NOTFOUND)
		return e == E_AUTH || e == E_FORMAT ? OK : e;
	s = (struct erase_site){.gone_s = 0};
	memcpy(s.site, site, strnlen(site, sizeof(s.site) - 1));
	return put(t, start, &s);
}

static enum err
check_said(const struct said *said, const char *study, const struct writer *w,
	const struct erase_site *there)
{
	if (strcmp(said->study, study) != 0 || strcmp(said->site, w->site) != 0 ||
		strcmp(there->site, w->site) != 0)
		return fail(E_DENIED, "the receipt is of another study or site");
	if (!said->gone_s || said->gone_s < there->gone_s || said->erased_s < there->erased_s)
		return fail(E_DENIED, "the receipt takes back what the site said before");
	return OK;
}

enum err
erase_site_take(
	struct vault_txn *t, const char *study, const struct writer *w, struct view report)
{
	OWNED(json) struct json *paper = NULL;
	struct erase_site s;
	struct said said;
	struct cursor c = cursor_of(report);
	uint8_t start[RECEIPT_START_BYTES], signature[SIGNATURE_BYTES] = {0};
	struct view text = cursor_blob(&c);
	cursor_copy(&c, signature, sizeof(signature));
	enum err e = cursor_end(&c, "receipt of a site");
	if (!e && text.len >= sizeof(s.paper))
		e = fail(E_FORMAT, "the receipt of a site is too long");
	if (!e && !signed_check(signature, SITE_FORMAT, text, w->public))
		e = fail(E_AUTH, "the receipt of a site is not signed by its node");
	if (!e)
		e = json_parse(&paper, text, sizeof(s.paper));
	if (!e)
		e = read_paper(&said, paper);
	if (!e && !receipt_read(start, said.number))
		e = fail(E_FORMAT, "the receipt of a site has no number");
	if (!e)
		e = erase_site_get(t, start, &s);
	if (!e)
		e = check_said(&said, study, w, &s);
	if (e)
		return e;
	memcpy(s.paper, text.at, text.len);
	s.paper[text.len] = '\0';
	memcpy(s.writer, w->public, sizeof(s.writer));
	memcpy(s.signature, signature, sizeof(s.signature));
	return put(t, start, &s);
}
