#include "node/mark.h"

#include <string.h>

#include "common/study/terms.h"

#define PREFIX          "mark-"
#define PREFIX_BYTES    (sizeof(PREFIX) - 1)
#define KEY_BYTES       (PREFIX_BYTES + ID_BYTES)
#define PERSONAL        "weir-no-contact"
#define NAMED           "named-"
#define NAMED_KEY_BYTES (sizeof(NAMED) - 1 + ID_BYTES)

static void
key_of(uint8_t ret[static KEY_BYTES], const struct vault *v, struct view what)
{
	memcpy(ret, PREFIX, PREFIX_BYTES);
	crypto_hash_id(ret + PREFIX_BYTES, PERSONAL, vault_row_key(v), &what, 1);
}

static enum err
put(struct vault *v, struct view what)
{
	static const uint8_t yes = 1;
	uint8_t key[KEY_BYTES];
	key_of(key, v, what);
	return vault_put(v, VAULT_META, view_of(key, sizeof(key)), view_of(&yes, 1));
}

static enum err
has(struct vault *v, struct view what, bool *ret)
{
	uint8_t key[KEY_BYTES];
	struct view row;
	key_of(key, v, what);
	enum err e = vault_get(v, VAULT_META, view_of(key, sizeof(key)), &row);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

enum err
mark_code(struct vault *v, struct view code)
{
	return put(v, code);
}

enum err
mark_person(struct vault *v, const uint8_t participant[static ID_BYTES])
{
	return put(v, view_of(participant, ID_BYTES));
}

static void
named_key(uint8_t ret[static NAMED_KEY_BYTES], const uint8_t named[static ID_BYTES])
{
	memcpy(ret, NAMED, sizeof(NAMED) - 1);
	memcpy(ret + sizeof(NAMED) - 1, named, ID_BYTES);
}

enum err
mark_named(struct vault *v, const uint8_t named[static ID_BYTES])
{
	static const uint8_t yes = 1;
	uint8_t key[NAMED_KEY_BYTES];
	struct view row;
	named_key(key, named);
	enum err e = vault_get(v, VAULT_META, view_of(key, sizeof(key)), &row);
	return e != E_NOTFOUND
		       ? e
		       : vault_put(v, VAULT_META, view_of(key, sizeof(key)), view_of(&yes, 1));
}

static enum err
is_named(struct vault *v, const uint8_t person[static ID_BYTES], bool *ret)
{
	uint8_t key[NAMED_KEY_BYTES], named[ID_BYTES];
	struct view row;
	terms_mark(named, person);
	named_key(key, named);
	enum err e = vault_get(v, VAULT_META, view_of(key, sizeof(key)), &row);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

enum err
mark_has(struct vault *v, struct view code, bool *ret)
{
	uint8_t person[ID_BYTES];
	enum err e = has(v, code, ret);
	if (e || *ret)
		return e;
	pseudonym_make(person, v, code);
	e = has(v, view_of(person, sizeof(person)), ret);
	return e || *ret ? e : is_named(v, person, ret);
}

enum err
mark_check(struct vault *v, struct view code)
{
	bool marked = false;
	enum err e = mark_has(v, code, &marked);
	if (!e && marked)
		e = fail(E_DENIED,
			"the holder of this study code asked to be erased: do not contact, and "
			"do not enter the code again");
	return e;
}
