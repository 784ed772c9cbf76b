#include "hub/unsaid.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"

#include "hub/row.h"

#define PREFIX     "unsaid-"
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define DIGITS     ((size_t)2 * SIGN_PUBLIC_BYTES)
#define KEY_BYTES  (PREFIX_LEN + DIGITS + 1)

static void
key_of(char ret[static KEY_BYTES], const uint8_t *writer)
{
	memcpy(ret, PREFIX, PREFIX_LEN);
	text_hex(ret + PREFIX_LEN, writer, SIGN_PUBLIC_BYTES);
}

enum err
unsaid_put(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	const uint8_t version = ROW_VERSION;
	char key[KEY_BYTES];
	key_of(key, writer);
	return vault_put(t, VAULT_META, view_text(key), view_of(&version, 1));
}

enum err
unsaid_drop(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	char key[KEY_BYTES];
	key_of(key, writer);
	enum err e = vault_delete(t, VAULT_META, view_text(key));
	return e == E_NOTFOUND ? OK : e;
}

struct walk {
	unsaid_fn *each;
	void *arg;
};

static enum err
see_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	const struct walk *w = arg;
	uint8_t writer[SIGN_PUBLIC_BYTES];
	char digits[DIGITS + 1] = "";
	(void)value;
	(void)ret_stop;
	if (key.len != PREFIX_LEN + DIGITS)
		return OK;
	memcpy(digits, key.at + PREFIX_LEN, DIGITS);
	return text_unhex(writer, sizeof(writer), digits) ? w->each(w->arg, writer) : OK;
}

/* What the row holds says nothing: a damaged one counts as well. */
enum err
unsaid_each(struct vault_txn *t, unsaid_fn *each, void *arg)
{
	struct walk w = {each, arg};
	const struct vault_range all = {
		.table = VAULT_META, .prefix = view_text(PREFIX), .takes_damaged = true};
	return vault_each(t, &all, see_row, &w);
}
