#include "node/hubcard.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/trust/card.h"

#define CARD_FILE        "hub.card"
#define CARD_MAGIC       "weir-hubcard-v1"
#define CARD_MAGIC_BYTES (sizeof(CARD_MAGIC) - 1)
#define CARD_CHECK_BYTES 8
#define CARD_MAX_BYTES   1024
#define CARD_MODE        0600

static void
make_check(uint8_t ret[static HASH_BYTES], const uint8_t *at, size_t len)
{
	crypto_hash_one(ret, CARD_MAGIC, view_of(at, len));
}

static void
read_text(struct cursor *c, char *ret, size_t room)
{
	OWNED_MEM char *text = cursor_text(c, room - 1);
	(void)snprintf(ret, room, "%s", text);
}

static enum err
unpack(struct hubcard *ret, struct view content)
{
	struct cursor c = cursor_of(content);
	struct hubcard card = {0};
	(void)cursor_bytes(&c, CARD_MAGIC_BYTES);
	read_text(&c, card.study, sizeof(card.study));
	read_text(&c, card.site, sizeof(card.site));
	read_text(&c, card.address, sizeof(card.address));
	cursor_copy(&c, card.hub_public, sizeof(card.hub_public));
	cursor_copy(&c, card.root_public, sizeof(card.root_public));
	cursor_copy(&c, card.ledger_public, sizeof(card.ledger_public));
	cursor_copy(&c, card.receipt_public, sizeof(card.receipt_public));
	cursor_copy(&c, card.writer, sizeof(card.writer));
	cursor_copy(&c, card.review_public, sizeof(card.review_public));
	card.joined_s = (int64_t)cursor_u64(&c);
	enum err e = cursor_end(&c, "hub.card");
	card_root_hash(card.root_hash, card.root_public);
	if (!e && (!card.study[0] || !card.site[0] || !card.address[0]))
		e = fail(E_FORMAT, "hub.card: study, site or address is empty");
	if (!e)
		*ret = card;
	return e;
}

enum err
hubcard_load(struct hubcard *ret, const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	uint8_t check[HASH_BYTES];
	OWNED_MEM uint8_t *at = NULL;
	size_t len = 0;
	*ret = (struct hubcard){0};
	enum err e = datadir_path(path, dir, CARD_FILE);
	if (!e)
		e = text_read_file(&at, &len, path, CARD_MAX_BYTES);
	if (e == E_NOTFOUND)
		return fail(
			e, "%s has not joined a hub yet: `weir-node join` comes first", dir);
	if (e)
		return e;
	if (len < CARD_MAGIC_BYTES + CARD_CHECK_BYTES ||
		memcmp(at, CARD_MAGIC, CARD_MAGIC_BYTES) != 0)
		return fail(E_FORMAT, "%s is no hub card of this version", path);
	size_t content = len - CARD_CHECK_BYTES;
	make_check(check, at, content);
	if (memcmp(check, at + content, CARD_CHECK_BYTES) != 0)
		return fail(E_FORMAT, "%s is damaged: restore it from a backup", path);
	return unpack(ret, view_of(at, content));
}

static enum err
is_not_there(const char *path)
{
	return access(path, F_OK) == 0
		       ? fail(E_CONFLICT, "%s is there: this node has joined already", path)
		       : OK;
}

enum err
hubcard_write(const struct hubcard *card, const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	uint8_t check[HASH_BYTES];
	OWNED_BUF struct buf b;
	buf_init(&b, CARD_MAX_BYTES);
	buf_add(&b, CARD_MAGIC, CARD_MAGIC_BYTES);
	buf_blob_text(&b, card->study);
	buf_blob_text(&b, card->site);
	buf_blob_text(&b, card->address);
	buf_add(&b, card->hub_public, sizeof(card->hub_public));
	buf_add(&b, card->root_public, sizeof(card->root_public));
	buf_add(&b, card->ledger_public, sizeof(card->ledger_public));
	buf_add(&b, card->receipt_public, sizeof(card->receipt_public));
	buf_add(&b, card->writer, sizeof(card->writer));
	buf_add(&b, card->review_public, sizeof(card->review_public));
	buf_u64(&b, (uint64_t)card->joined_s);
	enum err e = buf_check(&b, "hub.card");
	if (!e)
		e = datadir_path(path, dir, CARD_FILE);
	if (!e)
		e = is_not_there(path);
	if (e)
		return e;
	make_check(check, b.at, b.len);
	buf_add(&b, check, CARD_CHECK_BYTES);
	e = buf_check(&b, "hub.card");
	return e ? e : text_write_file(path, buf_view(&b), CARD_MODE);
}
