#include "common/trust/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#define FORMAT_NAME      "weir-backup-v2"
#define PIECE_BYTES      ((size_t)1 << 20)
#define PAPER_MAX_BYTES  ((size_t)32 << 20)
#define SIGNED_MAX_BYTES (PAPER_MAX_BYTES + 64)
#define HEX_BYTES        (2 * HASH_BYTES)

void
backup_done(struct backup *b)
{
	mem_drop(&b->heads);
}

void
backup_add_head(struct backup *b, const struct backup_head *h)
{
	b->heads = xrealloc(b->heads, b->head_count + 1, sizeof(*b->heads));
	b->heads[b->head_count++] = *h;
}

const struct backup_head *
backup_head(const struct backup *b, const struct backup_head *of)
{
	for (size_t i = 0; i < b->head_count; i++) {
		const struct backup_head *h = &b->heads[i];
		if (h->incarnation == of->incarnation && h->lane == of->lane &&
			memcmp(h->writer, of->writer, sizeof(h->writer)) == 0)
			return h;
	}
	return NULL;
}

/* the data file */

static enum err
read_piece(int fd, const char *path, uint8_t *to, size_t *ret_len)
{
	*ret_len = 0;
	while (*ret_len < PIECE_BYTES) {
		ssize_t n = read(fd, to + *ret_len, PIECE_BYTES - *ret_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(E_IO, "%s: %m", path);
		if (n == 0)
			return OK;
		*ret_len += (size_t)n;
	}
	return OK;
}

static enum err
digest_file(const char *dir, uint64_t *ret_bytes, uint8_t ret[static HASH_BYTES])
{
	OWNED_MEM char *path = xasprintf("%s/vault/data.mdb", dir);
	OWNED_MEM uint8_t *piece = xcalloc(1, PIECE_BYTES);
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	*ret_bytes = 0;
	memset(ret, 0, HASH_BYTES);
	if (fd < 0)
		return errno == ENOENT
			       ? fail(E_NOTFOUND, "%s is no backup: it has no vault", dir)
			       : fail(E_IO, "%s: %m", path);
	enum err e = read_piece(fd, path, piece, &len);
	while (!e && len) {
		const struct view parts[] = {view_of(ret, HASH_BYTES), view_of(piece, len)};
		uint8_t next[HASH_BYTES];
		crypto_hash_many(next, FORMAT_NAME, NULL, parts, ARRAY_LEN(parts));
		memcpy(ret, next, HASH_BYTES);
		*ret_bytes += len;
		e = read_piece(fd, path, piece, &len);
	}
	return e;
}

/* the paper */

static void
put_head(struct json_out *w, const struct backup_head *h)
{
	json_put_object(w, NULL);
	json_put_hex(w, "writer", view_of(h->writer, sizeof(h->writer)));
	json_put_int(w, "incarnation", h->incarnation);
	json_put_int(w, "lane", h->lane);
	json_put_int(w, "seq", (int64_t)h->seq);
	json_put_hex(w, "head", view_of(h->head, sizeof(h->head)));
	json_put_close(w);
}

static void
put_keyring(struct json_out *w, const struct backup_keyring *k)
{
	json_put_object(w, "keyring");
	json_put_int(w, "epoch", k->epoch);
	json_put_int(w, "keys", (int64_t)k->keys);
	json_put_hex(w, "digest", view_of(k->digest, sizeof(k->digest)));
	json_put_close(w);
}

static enum err
write_paper(const struct backup *b, struct buf *out)
{
	struct json_out w;
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_text(&w, "format", FORMAT_NAME);
	json_put_text(&w, "kind", b->kind);
	json_put_text(&w, "study", b->study);
	json_put_hex(&w, "by", view_of(b->by, sizeof(b->by)));
	json_put_int(&w, "made_s", b->made_s);
	json_put_int(&w, "entries", (int64_t)b->entries);
	json_put_int(&w, "leaves", (int64_t)b->leaves);
	json_put_hex(&w, "root", view_of(b->root, sizeof(b->root)));
	json_put_int(&w, "bytes", (int64_t)b->bytes);
	json_put_hex(&w, "digest", view_of(b->digest, sizeof(b->digest)));
	json_put_int(&w, "vault_key", b->vault_key);
	put_keyring(&w, &b->keyring);
	json_put_array(&w, "heads");
	for (size_t i = 0; i < b->head_count; i++)
		put_head(&w, &b->heads[i]);
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "backup");
}

static enum err
signed_bytes(struct buf *out, struct view paper)
{
	buf_blob_text(out, FORMAT_NAME);
	buf_blob(out, paper);
	return buf_check(out, "backup");
}

enum err
backup_sign(const char *dir, struct backup *b, struct secret *sign)
{
	OWNED_BUF struct buf paper, message;
	uint8_t signature[SIGNATURE_BYTES];
	char hex[2 * SIGNATURE_BYTES + 2];
	OWNED_MEM char *paper_path = xasprintf("%s/backup.json", dir);
	OWNED_MEM char *sig_path = xasprintf("%s/backup.sig", dir);
	buf_init(&paper, PAPER_MAX_BYTES);
	buf_init(&message, SIGNED_MAX_BYTES);
	sign_public(b->by, sign);
	enum err e = digest_file(dir, &b->bytes, b->digest);
	if (!e)
		e = write_paper(b, &paper);
	if (!e)
		e = signed_bytes(&message, buf_view(&paper));
	if (e)
		return e;
	sign_make(signature, buf_view(&message), sign);
	text_hex(hex, signature, sizeof(signature));
	hex[2 * SIGNATURE_BYTES] = '\n';
	e = text_write_file(paper_path, buf_view(&paper), 0600);
	return e ? e : text_write_file(sig_path, view_of(hex, 2 * SIGNATURE_BYTES + 1), 0600);
}

/* reading */

static enum err
get_hex(const struct json *o, const char *key, uint8_t *ret)
{
	const char *hex = "";
	enum err e = json_get_text(o, key, HEX_BYTES, &hex);
	return e || text_unhex(ret, HASH_BYTES, hex)
		       ? e
		       : fail(E_FORMAT, "backup.json: %s is not of its form", key);
}

static enum err
get_count(const struct json *o, const char *key, uint64_t *ret)
{
	int64_t n = 0;
	enum err e = json_get_int(o, key, 0, INT64_MAX, &n);
	*ret = (uint64_t)n;
	return e;
}

static enum err
read_head(const struct json *o, struct backup *b)
{
	struct backup_head h = {.lane = 0};
	int64_t incarnation = 0, lane = 0;
	enum err e = get_hex(o, "writer", h.writer);
	if (!e)
		e = json_get_int(o, "incarnation", 1, UINT32_MAX, &incarnation);
	if (!e)
		e = json_get_int(o, "lane", LANE_C, LANE_A, &lane);
	if (!e)
		e = get_count(o, "seq", &h.seq);
	if (!e)
		e = get_hex(o, "head", h.head);
	h.incarnation = (uint32_t)incarnation;
	h.lane = (uint8_t)lane;
	if (!e)
		backup_add_head(b, &h);
	return e;
}

static enum err
read_keyring(const struct json *o, struct backup_keyring *ret)
{
	const struct json *k = NULL;
	int64_t epoch = 0;
	enum err e = json_get_object(o, "keyring", &k);
	if (!e)
		e = json_get_int(k, "epoch", 0, UINT32_MAX, &epoch);
	ret->epoch = (uint32_t)epoch;
	if (!e)
		e = get_count(k, "keys", &ret->keys);
	return e ? e : get_hex(k, "digest", ret->digest);
}

static enum err
read_numbers(const struct json *o, struct backup *b)
{
	int64_t vault_key = 0;
	enum err e = get_hex(o, "by", b->by);
	if (!e)
		e = json_get_int(o, "made_s", 0, WIRE_TIME_MAX_S, &b->made_s);
	if (!e)
		e = get_count(o, "entries", &b->entries);
	if (!e)
		e = get_count(o, "leaves", &b->leaves);
	if (!e)
		e = get_hex(o, "root", b->root);
	if (!e)
		e = get_count(o, "bytes", &b->bytes);
	if (!e)
		e = json_get_int(o, "vault_key", 0, UINT32_MAX, &vault_key);
	b->vault_key = (uint32_t)vault_key;
	if (!e)
		e = read_keyring(o, &b->keyring);
	return e ? e : get_hex(o, "digest", b->digest);
}

static enum err
read_paper(struct view paper, struct backup *b)
{
	OWNED(json) struct json *o = NULL;
	const struct json *heads = NULL, *one = NULL;
	const char *format = "", *kind = "", *study = "";
	enum err e = json_parse(&o, paper, PAPER_MAX_BYTES);
	if (!e)
		e = json_get_text(o, "format", WIRE_NAME_BYTES, &format);
	if (!e && strcmp(format, FORMAT_NAME) != 0)
		e = fail(E_FORMAT, "backup.json: its format is of another version");
	if (!e)
		e = json_get_text(o, "kind", sizeof(b->kind) - 1, &kind);
	if (!e)
		e = json_get_text(o, "study", sizeof(b->study) - 1, &study);
	(void)snprintf(b->kind, sizeof(b->kind), "%s", kind);
	(void)snprintf(b->study, sizeof(b->study), "%s", study);
	if (!e)
		e = read_numbers(o, b);
	if (!e)
		e = json_get_array(o, "heads", BACKUP_HEADS_MAX_COUNT, &heads);
	for (size_t i = 0; !e && i < json_count(heads); i++) {
		e = json_item_object(heads, i, "heads", &one);
		if (!e)
			e = read_head(one, b);
	}
	return e;
}

/* The bytes of the paper under a signature by this key. */
static enum err
read_signed(const char *dir, const uint8_t by[static SIGN_PUBLIC_BYTES], uint8_t **ret,
	size_t *ret_len)
{
	OWNED_MEM char *paper_path = xasprintf("%s/backup.json", dir);
	OWNED_MEM char *sig_path = xasprintf("%s/backup.sig", dir);
	OWNED_MEM uint8_t *hex = NULL;
	OWNED_BUF struct buf message;
	uint8_t signature[SIGNATURE_BYTES];
	size_t hex_len = 0;
	buf_init(&message, SIGNED_MAX_BYTES);
	enum err e = text_read_file(ret, ret_len, paper_path, PAPER_MAX_BYTES);
	if (!e)
		e = text_read_file(&hex, &hex_len, sig_path, 2 * SIGNATURE_BYTES + 1);
	if (e == E_NOTFOUND)
		return fail(
			E_NOTFOUND, "%s is no backup: it lacks backup.json or backup.sig", dir);
	if (e)
		return e;
	hex[MIN(hex_len, (size_t)2 * SIGNATURE_BYTES)] = '\0';
	if (!text_unhex(signature, sizeof(signature), (const char *)hex))
		return fail(E_FORMAT, "backup.sig is not of its form");
	e = signed_bytes(&message, view_of(*ret, *ret_len));
	if (!e && !sign_check(signature, buf_view(&message), by))
		e = fail(E_AUTH,
			"%s was changed, or is a backup of another installation: its "
			"signature is not by the keys that are here",
			dir);
	return e;
}

static enum err
check_data(const char *dir, const struct backup *b)
{
	uint64_t bytes = 0;
	uint8_t digest[HASH_BYTES];
	enum err e = digest_file(dir, &bytes, digest);
	if (!e && (bytes != b->bytes || memcmp(digest, b->digest, sizeof(digest)) != 0))
		e = fail(E_AUTH,
			"%s/vault/data.mdb is damaged: it is not the file that the "
			"backup was made of",
			dir);
	return e;
}

enum err
backup_read(struct backup *ret, const char *dir, const struct backup *expected)
{
	OWNED_MEM uint8_t *paper = NULL;
	size_t len = 0;
	OWNED_BACKUP struct backup b = {.heads = NULL};
	enum err e = read_signed(dir, expected->by, &paper, &len);
	if (!e)
		e = read_paper(view_of(paper, len), &b);
	if (!e && strcmp(b.kind, expected->kind) != 0)
		e = fail(E_CONFLICT, "%s is a backup of a %s", dir, b.kind);
	if (!e && strcmp(b.study, expected->study) != 0)
		e = fail(E_CONFLICT, "%s is a backup of another study", dir);
	if (!e)
		e = check_data(dir, &b);
	if (e)
		return e;
	*ret = b;
	b = (struct backup){.heads = NULL};
	return OK;
}
