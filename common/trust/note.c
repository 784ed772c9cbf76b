#include "common/trust/note.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define KEY_ID_BYTES        4
#define TIME_BYTES          8
#define KEY_TEXT_MOST_BYTES 300
#define COSIGNATURE_BYTES   (TIME_BYTES + SIGNATURE_BYTES)
/* Post-quantum signatures of other types may stand in a note; we skip them. */
#define LINE_MOST_BYTES 8192

static const char dash[] = "\xe2\x80\x94 ";

/* Blanks of Unicode (White_Space) above ASCII, as UTF-8. */
static const char *const blanks[] = {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80",
	"\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
	"\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
	"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

static bool
is_name(struct view name)
{
	if (name.len == 0 || name.len > NOTE_NAME_MOST_BYTES || !text_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] == '+' || name.at[i] == 0x7f)
			return false;
	for (size_t i = 0; i < ARRAY_LEN(blanks); i++)
		if (memmem(name.at, name.len, blanks[i], strlen(blanks[i])))
			return false;
	return true;
}

static uint32_t
read_id(const uint8_t at[static KEY_ID_BYTES])
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

enum err
note_key_make(struct note_key *ret, const char *name, enum note_type type,
	const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	*ret = (struct note_key){.type = type};
	if (!is_name(view_text(name)))
		return fail(E_FORMAT,
			"note: a key's name is empty, too long, or holds a blank or '+'");
	const uint8_t middle[] = {'\n', (uint8_t)type};
	const struct view parts[] = {
		view_text(name), {middle, sizeof(middle)}, {public, SIGN_PUBLIC_BYTES}};
	uint8_t hash[HASH_BYTES];
	crypto_sha256(hash, parts, ARRAY_LEN(parts));
	ret->id = read_id(hash);
	memcpy(ret->name, name, strlen(name) + 1);
	memcpy(ret->public, public, SIGN_PUBLIC_BYTES);
	return OK;
}

enum err
note_key_parse(struct note_key *ret, const char *text)
{
	memset(ret, 0, sizeof(*ret));
	if (strlen(text) > KEY_TEXT_MOST_BYTES)
		return fail(E_FORMAT, "note: a key's text is too long");
	OWNED_MEM char *copy = xstrdup(text);
	char *hex = strchr(copy, '+');
	char *base64 = hex ? strchr(hex + 1, '+') : NULL;
	if (!base64)
		return fail(E_FORMAT, "note: a key's text is name+id+key");
	*hex++ = '\0';
	*base64++ = '\0';
	uint8_t id[KEY_ID_BYTES];
	OWNED_MEM uint8_t *raw = NULL;
	size_t len = 0;
	if (!text_unhex(id, sizeof(id), hex) ||
		text_unbase64(&raw, &len, view_text(base64), 1 + SIGN_PUBLIC_BYTES) ||
		len != 1 + SIGN_PUBLIC_BYTES)
		return fail(E_FORMAT, "note: a key's text holds no Ed25519 key");
	if (raw[0] != NOTE_ED25519 && raw[0] != NOTE_COSIGNATURE)
		return fail(E_FORMAT, "note: a key of type 0x%02x is not known here", raw[0]);
	struct note_key made;
	enum err e = note_key_make(&made, copy, (enum note_type)raw[0], raw + 1);
	if (!e && made.id != read_id(id))
		e = fail(E_FORMAT, "note: a key's id does not belong to its name and bytes");
	if (!e)
		*ret = made;
	return e;
}

char *
note_key_text(const struct note_key *key)
{
	uint8_t raw[1 + SIGN_PUBLIC_BYTES];
	raw[0] = (uint8_t)key->type;
	memcpy(raw + 1, key->public, SIGN_PUBLIC_BYTES);
	OWNED_MEM char *base64 = text_base64(view_of(raw, sizeof(raw)));
	return xasprintf("%s+%08" PRIx32 "+%s", key->name, key->id, base64);
}

/* The whole content is text: UTF-8, no control character but newline, a newline at its end. */
static enum err
check_text(struct view v)
{
	if (v.len == 0 || v.len > NOTE_MOST_BYTES || v.at[v.len - 1] != '\n')
		return fail(E_FORMAT, "note: empty, too long, or without a newline at its end");
	for (size_t i = 0; i < v.len; i++)
		if (v.at[i] < ' ' && v.at[i] != '\n')
			return fail(E_FORMAT, "note: holds a control character");
	return text_is_utf8(v) ? OK : fail(E_FORMAT, "note: is not UTF-8");
}

/* One line "dash name base64", without its newline. */
static enum err
parse_line(struct note_line *ret, struct view v)
{
	size_t lead = sizeof(dash) - 1;
	if (v.len > LINE_MOST_BYTES || v.len < lead || memcmp(v.at, dash, lead) != 0)
		return fail(E_FORMAT, "note: a signature line does not begin with a dash");
	v = view_of(v.at + lead, v.len - lead);
	const uint8_t *gap = memchr(v.at, ' ', v.len);
	if (!gap)
		return fail(E_FORMAT, "note: a signature line is a name and a signature");
	struct note_line l = {.name = view_of(v.at, (size_t)(gap - v.at))};
	l.base64 = view_of(gap + 1, v.len - l.name.len - 1);
	OWNED_MEM uint8_t *raw = NULL;
	size_t len = 0;
	enum err e = text_unbase64(&raw, &len, l.base64, LINE_MOST_BYTES);
	if (e || len <= KEY_ID_BYTES || !is_name(l.name))
		return fail(E_FORMAT, "note: a signature line is malformed");
	l.id = read_id(raw);
	*ret = l;
	return OK;
}

enum err
note_parse(struct note *ret, struct view bytes)
{
	memset(ret, 0, sizeof(*ret));
	enum err e = check_text(bytes);
	if (e)
		return e;
	/* The last empty line parts the text from the signatures. */
	size_t at = bytes.len - 1;
	while (at > 0 && !(bytes.at[at] == '\n' && bytes.at[at - 1] == '\n'))
		at--;
	if (at == 0)
		return fail(E_FORMAT, "note: no empty line before the signatures");
	struct view left = view_of(bytes.at + at + 1, bytes.len - at - 1);
	OWNED_MEM struct note *n = xcalloc(1, sizeof(*n));
	n->text = view_of(bytes.at, at);
	while (left.len) {
		const uint8_t *end = memchr(left.at, '\n', left.len);
		size_t len = (size_t)(end - left.at);
		if (n->count == NOTE_SIGNATURES_MOST_COUNT)
			return fail(E_FORMAT, "note: more than %d signatures",
				NOTE_SIGNATURES_MOST_COUNT);
		e = parse_line(&n->line[n->count], view_of(left.at, len));
		if (e)
			return e;
		n->count++;
		left = view_of(end + 1, left.len - len - 1);
	}
	if (n->count == 0)
		return fail(E_FORMAT, "note: no signature");
	*ret = *n;
	return OK;
}

/* What a cosignature is over: two lines and the note's text. */
static void
cosigned_message(struct buf *out, struct view text, uint64_t time_s)
{
	buf_format(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
	buf_add_view(out, text);
}

static enum err
check_line(
	struct view text, const struct note_line *l, const struct note_key *key, int64_t *ret)
{
	OWNED_MEM uint8_t *raw = NULL;
	size_t len = 0;
	enum err e = text_unbase64(&raw, &len, l->base64, LINE_MOST_BYTES);
	bool timed = key->type == NOTE_COSIGNATURE;
	if (e || len != KEY_ID_BYTES + (timed ? COSIGNATURE_BYTES : SIGNATURE_BYTES))
		return fail(E_AUTH, "note: a signature has the wrong length");
	struct cursor c = cursor_of(view_of(raw + KEY_ID_BYTES, len - KEY_ID_BYTES));
	uint64_t time_s = timed ? cursor_u64(&c) : 0;
	OWNED_BUF struct buf message;
	buf_init(&message, NOTE_MOST_BYTES + 64);
	if (timed)
		cosigned_message(&message, text, time_s);
	if (time_s > INT64_MAX || message.broken ||
		!sign_check(c.at, timed ? buf_view(&message) : text, key->public))
		return fail(E_AUTH, "note: a signature does not fit the text");
	*ret = (int64_t)time_s;
	return OK;
}

enum err
note_check(const struct note *n, const struct note_key *key, int64_t *ret_time_s)
{
	size_t found = 0;
	int64_t latest = 0;
	if (ret_time_s)
		*ret_time_s = 0;
	for (size_t i = 0; i < n->count; i++) {
		const struct note_line *l = &n->line[i];
		if (l->id != key->id || !view_same(l->name, view_text(key->name)))
			continue;
		int64_t time_s = 0;
		enum err e = check_line(n->text, l, key, &time_s);
		if (e)
			return e;
		latest = MAX(latest, time_s);
		found++;
	}
	if (found == 0)
		return fail(E_NOTFOUND, "note: no signature by the key asked for");
	if (ret_time_s)
		*ret_time_s = latest;
	return OK;
}

enum err
note_begin(struct buf *out, struct view text)
{
	enum err e = check_text(text);
	if (e)
		return e;
	buf_add_view(out, text);
	buf_u8(out, '\n');
	return buf_check(out, "note");
}

enum err
note_sign(struct buf *out, struct view text, const struct note_key *key, struct secret *secret,
	int64_t time_s)
{
	uint8_t public[SIGN_PUBLIC_BYTES], signature[SIGNATURE_BYTES];
	sign_public(public, secret);
	if (!crypto_same(public, key->public, SIGN_PUBLIC_BYTES))
		return fail(E_AUTH, "note: the secret does not belong to the key");
	bool timed = key->type == NOTE_COSIGNATURE;
	if (timed && time_s < 0)
		return fail(E_FORMAT, "note: a cosignature's time is before 1970");
	OWNED_BUF struct buf message, raw;
	buf_init(&message, NOTE_MOST_BYTES + 64);
	buf_init(&raw, KEY_ID_BYTES + COSIGNATURE_BYTES);
	if (timed)
		cosigned_message(&message, text, (uint64_t)time_s);
	sign_make(signature, timed ? buf_view(&message) : text, secret);
	buf_u32(&raw, key->id);
	if (timed)
		buf_u64(&raw, (uint64_t)time_s);
	buf_add(&raw, signature, sizeof(signature));
	OWNED_MEM char *base64 = text_base64(buf_view(&raw));
	buf_format(out, "%s%s %s\n", dash, key->name, base64);
	enum err e = buf_check(&message, "note");
	return e ? e : buf_check(out, "note");
}

enum err
note_cosign(uint8_t ret[static SIGNATURE_BYTES], struct view text, uint64_t time_s,
	struct secret *secret)
{
	OWNED_BUF struct buf message;
	buf_init(&message, NOTE_MOST_BYTES + 64);
	cosigned_message(&message, text, time_s);
	enum err e = time_s > INT64_MAX ? fail(E_FORMAT, "note: a time is out of bounds")
					: buf_check(&message, "note");
	if (!e)
		sign_make(ret, buf_view(&message), secret);
	return e;
}

bool
note_cosigned(const uint8_t signature[static SIGNATURE_BYTES], struct view text,
	uint64_t time_s, const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf message;
	buf_init(&message, NOTE_MOST_BYTES + 64);
	cosigned_message(&message, text, time_s);
	return time_s <= INT64_MAX && !message.broken &&
	       sign_check(signature, buf_view(&message), public);
}

enum err
note_cosign_line(struct buf *out, const struct note_key *key, uint64_t time_s,
	const uint8_t signature[static SIGNATURE_BYTES])
{
	OWNED_BUF struct buf raw;
	buf_init(&raw, KEY_ID_BYTES + COSIGNATURE_BYTES);
	if (key->type != NOTE_COSIGNATURE)
		return fail(E_FORMAT, "note: the key is not a witness's");
	buf_u32(&raw, key->id);
	buf_u64(&raw, time_s);
	buf_add(&raw, signature, SIGNATURE_BYTES);
	OWNED_MEM char *base64 = text_base64(buf_view(&raw));
	buf_format(out, "%s%s %s\n", dash, key->name, base64);
	return buf_check(out, "note");
}

enum err
note_checkpoint_text(struct buf *text, const struct note_checkpoint *cp)
{
	if (!is_name(view_text(cp->origin)) || cp->size > INT64_MAX)
		return fail(E_FORMAT, "checkpoint: origin or size is out of bounds");
	OWNED_MEM char *root = text_base64(view_of(cp->root, HASH_BYTES));
	buf_format(text, "%s\n%" PRIu64 "\n%s\n", cp->origin, cp->size, root);
	return buf_check(text, "checkpoint");
}

/* The next line without its newline; an empty one is not allowed and ends the reading. */
static struct view
next_line(struct view *left)
{
	const uint8_t *end = left->len ? memchr(left->at, '\n', left->len) : NULL;
	if (!end)
		return view_of(NULL, 0);
	struct view line = view_of(left->at, (size_t)(end - left->at));
	*left = view_of(end + 1, left->len - line.len - 1);
	return line;
}

enum err
note_checkpoint_parse(struct note_checkpoint *ret, struct view text)
{
	memset(ret, 0, sizeof(*ret));
	enum err e = check_text(text);
	if (e)
		return e;
	struct view left = text;
	struct view origin = next_line(&left), size = next_line(&left), root = next_line(&left);
	OWNED_MEM uint8_t *raw = NULL;
	size_t len = 0;
	int64_t leaves = 0;
	if (!is_name(origin) || !text_int(size, &leaves) || leaves < 0 ||
		text_unbase64(&raw, &len, root, HASH_BYTES) || len != HASH_BYTES)
		return fail(E_FORMAT, "checkpoint: origin, size or root is malformed");
	while (left.len)
		if (next_line(&left).len == 0)
			return fail(E_FORMAT, "checkpoint: an empty extension line");
	memcpy(ret->origin, origin.at, origin.len);
	memcpy(ret->root, raw, HASH_BYTES);
	ret->size = (uint64_t)leaves;
	return OK;
}

enum err
note_checkpoint_open(struct note_checkpoint *ret, struct note *ret_note, struct view bytes,
	const struct note_key *log)
{
	memset(ret, 0, sizeof(*ret));
	struct note_checkpoint cp;
	enum err e = note_parse(ret_note, bytes);
	if (!e)
		e = note_check(ret_note, log, NULL);
	if (!e)
		e = note_checkpoint_parse(&cp, ret_note->text);
	if (!e && strcmp(cp.origin, log->name) != 0)
		e = fail(E_AUTH, "checkpoint: is of another log than the key");
	if (!e)
		*ret = cp;
	return e;
}
