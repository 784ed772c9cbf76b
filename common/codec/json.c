#include "common/codec/json.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "common/codec/text.h"

/* The parser below descends once per level, so depth is counted before it sees a byte. */
static enum err
check_depth(struct view v)
{
	bool text = false;
	unsigned depth = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.at[i];
		if (text && c == '\\')
			i++;
		else if (c == '"')
			text = !text;
		else if (!text && (c == '[' || c == '{') && ++depth > JSON_DEPTH_MOST)
			return fail(E_FORMAT, "json: more than %d levels", JSON_DEPTH_MOST);
		else if (!text && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return OK;
}

enum err
json_parse(struct json **ret, struct view v, size_t max)
{
	*ret = NULL;
	if (v.len > max)
		return fail(E_FULL, "json: more than %zu bytes", max);
	enum err e = check_depth(v);
	if (e)
		return e;
	json_error_t why;
	json_t *made = json_loadb((const char *)v.at, v.len, JSON_REJECT_DUPLICATES, &why);
	if (!made)
		return fail(E_FORMAT, "json: line %d column %d: %s", why.line, why.column,
			json_error_code(&why) == json_error_duplicate_key
				? "a member stands twice"
				: "malformed");
	*ret = (struct json *)made;
	return OK;
}

void
json_free(struct json *document)
{
	json_decref((json_t *)document);
}

/* jansson's readers take const, its tree hands out what it holds; nothing here changes it. */
static const json_t *
node_of(const struct json *j)
{
	return (const json_t *)j;
}

static enum err
member(const struct json *object, const char *key, const json_t **ret)
{
	*ret = json_object_get(node_of(object), key);
	return *ret ? OK : fail(E_FORMAT, "json: %s is missing", key);
}

enum err
json_get_text(const struct json *object, const char *key, size_t max, const char **ret)
{
	const json_t *j;
	*ret = "";
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_string(j))
		return fail(E_FORMAT, "json: %s is not text", key);
	if (json_string_length(j) > max)
		return fail(E_FORMAT, "json: %s is longer than %zu bytes", key, max);
	*ret = json_string_value(j);
	return OK;
}

const char *
json_text_or_empty(const struct json *object, const char *key)
{
	const char *text = "";
	return json_get_text(object, key, JSON_SHOWN_MAX_BYTES, &text) ? "" : text;
}

enum err
json_get_int(
	const struct json *object, const char *key, int64_t least, int64_t most, int64_t *ret)
{
	const json_t *j;
	*ret = 0;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_integer(j))
		return fail(E_FORMAT, "json: %s is not a whole number", key);
	if (json_integer_value(j) < least || json_integer_value(j) > most)
		return fail(E_FORMAT, "json: %s is not between %" PRId64 " and %" PRId64, key,
			least, most);
	*ret = json_integer_value(j);
	return OK;
}

int64_t
json_int_or_0(const struct json *object, const char *key)
{
	int64_t n = 0;
	return json_get_int(object, key, INT64_MIN, INT64_MAX, &n) ? 0 : n;
}

enum err
json_get_bool(const struct json *object, const char *key, bool *ret)
{
	const json_t *j;
	*ret = false;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_boolean(j))
		return fail(E_FORMAT, "json: %s is neither true nor false", key);
	*ret = json_is_true(j);
	return OK;
}

bool
json_bool_or_false(const struct json *object, const char *key)
{
	bool yes = false;
	return json_get_bool(object, key, &yes) == OK && yes;
}

enum err
json_get_object(const struct json *object, const char *key, const struct json **ret)
{
	const json_t *j;
	*ret = NULL;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_object(j))
		return fail(E_FORMAT, "json: %s is not an object", key);
	*ret = (const struct json *)j;
	return OK;
}

enum err
json_get_array(
	const struct json *object, const char *key, size_t most_count, const struct json **ret)
{
	const json_t *j;
	*ret = NULL;
	enum err e = member(object, key, &j);
	if (e)
		return e;
	if (!json_is_array(j))
		return fail(E_FORMAT, "json: %s is not an array", key);
	if (json_array_size(j) > most_count)
		return fail(E_FORMAT, "json: %s holds more than %zu", key, most_count);
	*ret = (const struct json *)j;
	return OK;
}

bool
json_has(const struct json *object, const char *key)
{
	return json_object_get(node_of(object), key) != NULL;
}

enum err
json_only(const struct json *object, const char *const *keys, size_t count)
{
	size_t known = 0;
	for (size_t i = 0; i < count; i++)
		known += json_has(object, keys[i]);
	if (known != json_count(object))
		return fail(E_FORMAT, "json: %zu members that do not belong",
			json_count(object) - known);
	return OK;
}

size_t
json_count(const struct json *container)
{
	const json_t *j = node_of(container);
	return json_is_array(j) ? json_array_size(j) : json_object_size(j);
}

enum err
json_item_object(const struct json *array, size_t i, const char *what, const struct json **ret)
{
	const json_t *j = json_array_get(node_of(array), i);
	*ret = NULL;
	if (!json_is_object(j))
		return fail(E_FORMAT, "json: %s %zu is not an object", what, i);
	*ret = (const struct json *)j;
	return OK;
}

enum err
json_item_text(
	const struct json *array, size_t i, const char *what, size_t max, const char **ret)
{
	const json_t *j = json_array_get(node_of(array), i);
	*ret = "";
	if (!json_is_string(j) || json_string_length(j) > max)
		return fail(E_FORMAT, "json: %s %zu is not text of at most %zu bytes", what, i,
			max);
	*ret = json_string_value(j);
	return OK;
}
