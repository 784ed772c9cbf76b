#include "common/trust/leaf.h"

#include <inttypes.h>
#include <string.h>

#include "common/codec/text.h"

#define LEAF_VERSION   1 /* one digit */
#define ID_MOST_BYTES  64
#define HEX_HASH_CHARS 64
#define MINUTE_MS      60000
#define TIME_MOST_S    INT64_C(253402300799) /* the last second of the year 9999 */

enum kind { VERSION, TIME, TEXT, ID, HASH, DECISION, LIST };

/* The format, one member a row, in its order. Writing and reading both walk it. */
struct member {
	const char *in; /* the inner object it stands in, or NULL */
	const char *key;
	const char *lead; /* all that stands between the value before and this one */
	size_t lead_bytes;
	enum kind kind;
	size_t offset; /* of const char *, int64_t or struct leaf_list in struct leaf */
};

#define AT(field)          offsetof(struct leaf, field)
#define LEAD(text)         text, sizeof(text) - 1
#define TOP(key)           NULL, key, LEAD(",\"" key "\":")
#define OPENING(in, key)   in, key, LEAD(",\"" in "\":{\"" key "\":")
#define INSIDE(in, key)    in, key, LEAD(",\"" key "\":")
#define BEHIND_OBJECT(key) NULL, key, LEAD("},\"" key "\":")

static const struct member members[] = {
	{NULL, "v", LEAD("{\"v\":"), VERSION, 0},
	{TOP("id"), ID, AT(id)},
	{TOP("t"), TIME, AT(t_s)},
	{TOP("site"), TEXT, AT(site)},
	{OPENING("actor", "pseudonym"), TEXT, AT(actor)},
	{INSIDE("actor", "role"), TEXT, AT(role)},
	{INSIDE("actor", "org"), TEXT, AT(org)},
	{INSIDE("actor", "key_id"), TEXT, AT(key_id)},
	{BEHIND_OBJECT("action"), ID, AT(action)},
	{OPENING("object", "type"), TEXT, AT(object_type)},
	{INSIDE("object", "commit"), TEXT, AT(object_commit)},
	{BEHIND_OBJECT("person_commit"), HASH, AT(person_commit)},
	{TOP("purpose"), TEXT, AT(purpose)},
	{TOP("conf_basis"), TEXT, AT(conf_basis)},
	{TOP("art6"), TEXT, AT(art6)},
	{TOP("art9"), TEXT, AT(art9)},
	{TOP("approval_ids"), LIST, AT(approvals)},
	{TOP("consent_ref"), TEXT, AT(consent_ref)},
	{TOP("decision"), DECISION, AT(decision)},
	{TOP("rules_fired"), LIST, AT(rules)},
	{TOP("ruleset_sha256"), HASH, AT(ruleset_sha256)},
	{TOP("outcome"), TEXT, AT(outcome)},
	{TOP("reason_code"), TEXT, AT(reason_code)},
	{TOP("count_bucket"), TEXT, AT(count_bucket)},
	{TOP("request_id"), TEXT, AT(request_id)},
	{TOP("prev_local_checkpoint"), TEXT, AT(prev_local_checkpoint)},
	{TOP("detail_sha256"), HASH, AT(detail_sha256)},
};

int64_t
leaf_minute_s(int64_t wall_ms)
{
	int64_t minute = wall_ms / MINUTE_MS - (wall_ms % MINUTE_MS < 0);
	return minute * LEAF_MINUTE_S;
}

static const char *
text_of(const struct leaf *l, const struct member *m)
{
	const char *text;
	memcpy(&text, (const char *)l + m->offset, sizeof(text));
	return text ? text : "";
}

static bool
is_plain(const char *text)
{
	return !text[0] || (strnlen(text, LEAF_TEXT_MOST_BYTES + 1) <= LEAF_TEXT_MOST_BYTES &&
				   text_is_plain(text));
}

static bool
is_id_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == ':' || c == '-';
}

static bool
is_id(const char *text)
{
	size_t len = 0;
	while (len <= ID_MOST_BYTES && is_id_letter(text[len]))
		len++;
	return len > 0 && len <= ID_MOST_BYTES && !text[len];
}

static bool
is_hash(const char *text)
{
	size_t len = 0;
	while (len < HEX_HASH_CHARS && ((text[len] >= '0' && text[len] <= '9') ||
					       (text[len] >= 'a' && text[len] <= 'f')))
		len++;
	return (len == 0 || len == HEX_HASH_CHARS) && !text[len];
}

static bool
is_decision(const char *text)
{
	static const char *const words[] = {"", "permit", "hold", "deny"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

static bool
is_list(const struct leaf *l, const struct member *m)
{
	const struct leaf_list *list =
		(const struct leaf_list *)(const void *)((const char *)l + m->offset);
	if (list->count > LEAF_LIST_MOST_COUNT)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (!list->at[i] || !is_plain(list->at[i]))
			return false;
	return true;
}

static bool
fits(const struct leaf *l, const struct member *m)
{
	switch (m->kind) {
	case VERSION:
		return true;
	case TIME:
		return l->t_s >= 0 && l->t_s <= TIME_MOST_S && l->t_s % LEAF_MINUTE_S == 0;
	case TEXT:
		return is_plain(text_of(l, m));
	case ID:
		return is_id(text_of(l, m));
	case HASH:
		return is_hash(text_of(l, m));
	case DECISION:
		return is_decision(text_of(l, m));
	case LIST:
		return is_list(l, m);
	}
	return false;
}

/* Plain text, see is_plain(): nothing but quote and backslash needs an escape. */
static void
put_text(struct buf *out, const char *text)
{
	if (!text[0]) { /* as most are */
		buf_add(out, "\"\"", 2);
		return;
	}
	size_t len = strlen(text);
	buf_u8(out, '"');
	if (!memchr(text, '"', len) && !memchr(text, '\\', len)) {
		buf_add(out, text, len);
	} else {
		for (size_t i = 0; i < len; i++) {
			if (text[i] == '"' || text[i] == '\\')
				buf_u8(out, '\\');
			buf_u8(out, (uint8_t)text[i]);
		}
	}
	buf_u8(out, '"');
}

static void
put_list(struct buf *out, const struct leaf *l, const struct member *m)
{
	const struct leaf_list *list =
		(const struct leaf_list *)(const void *)((const char *)l + m->offset);
	buf_u8(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_u8(out, ',');
		put_text(out, list->at[i]);
	}
	buf_u8(out, ']');
}

static void
put_member(struct buf *out, const struct leaf *l, const struct member *m)
{
	buf_add(out, m->lead, m->lead_bytes);
	if (m->kind == VERSION)
		buf_u8(out, '0' + LEAF_VERSION);
	else if (m->kind == TIME)
		buf_format(out, "%" PRId64, l->t_s);
	else if (m->kind == LIST)
		put_list(out, l, m);
	else
		put_text(out, text_of(l, m));
}

/* Written by hand, since every entry that comes makes a leaf and the keys are the same each
 * time; leaf_parse() holds it against the JSON of others. */
enum err
leaf_write(struct buf *out, const struct leaf *l)
{
	size_t before = out->len;
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const struct member *m = &members[i];
		if (!fits(l, m))
			return fail(E_FORMAT, "leaf: %s is out of bounds", m->key);
		put_member(out, l, m);
	}
	buf_u8(out, '}');
	enum err e = buf_check(out, "leaf");
	if (!e && out->len - before > LEAF_MOST_BYTES)
		e = fail(E_FORMAT, "leaf: more than %d bytes", LEAF_MOST_BYTES);
	return e;
}

static enum err
read_list(struct leaf_list *ret, const struct json *object, const char *key)
{
	const struct json *array;
	ret->count = 0;
	enum err e = json_get_array(object, key, LEAF_LIST_MOST_COUNT, &array);
	for (size_t i = 0; !e && i < json_count(array); i++) {
		e = json_item_text(array, i, key, LEAF_TEXT_MOST_BYTES, &ret->at[i]);
		ret->count = i + 1;
	}
	return e;
}

static enum err
read_member(struct leaf *l, const struct json *object, const struct member *m)
{
	char *to = (char *)l + m->offset;
	int64_t version;
	const char *text;
	if (m->kind == VERSION)
		return json_get_int(object, m->key, LEAF_VERSION, LEAF_VERSION, &version);
	if (m->kind == TIME)
		return json_get_int(object, m->key, 0, TIME_MOST_S, &l->t_s);
	if (m->kind == LIST)
		return read_list((struct leaf_list *)(void *)to, object, m->key);
	enum err e = json_get_text(object, m->key, LEAF_TEXT_MOST_BYTES, &text);
	memcpy(to, &text, sizeof(text));
	return e;
}

static enum err
read_members(struct leaf *l, const struct json *top)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const struct member *m = &members[i];
		const struct json *object = top;
		enum err e = m->in ? json_get_object(top, m->in, &object) : OK;
		if (!e)
			e = read_member(l, object, m);
		if (e)
			return e;
	}
	return OK;
}

enum err
leaf_parse(struct leaf *ret, struct json **ret_tree, struct view bytes)
{
	*ret = (struct leaf){0};
	*ret_tree = NULL;
	OWNED(json) struct json *tree = NULL;
	struct leaf l = {0};
	enum err e = json_parse(&tree, bytes, LEAF_MOST_BYTES);
	if (e == E_FULL)
		return fail(E_FORMAT, "leaf: more than %d bytes", LEAF_MOST_BYTES);
	if (!e)
		e = read_members(&l, tree);
	OWNED_BUF struct buf again;
	buf_init(&again, LEAF_MOST_BYTES);
	if (!e)
		e = leaf_write(&again, &l);
	if (!e && !view_same(buf_view(&again), bytes))
		e = fail(E_FORMAT, "leaf: not canonical, or with members that do not belong");
	if (e)
		return e;
	*ret = l;
	*ret_tree = take(tree);
	return OK;
}
