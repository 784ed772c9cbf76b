#include "hub/unsaid.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"

#include "hub/row.h"

#define KEY_BYTES    (32 + 2 * UNSAID_ABOUT_MAX_BYTES + 1)
#define DIGITS_BYTES (2 * UNSAID_ABOUT_MAX_BYTES + 1)

static const char *const prefixes[] = {[UNSAID_REVOKED] = "unsaid-",
	[UNSAID_PLACED] = "unsaid-placed-",
	[UNSAID_LIFTED] = "unsaid-lifted-",
	[UNSAID_CHANGE] = "unsaid-change-",
	[UNSAID_LEFT] = "unsaid-left-"};

static enum err
key_of(char ret[static KEY_BYTES], enum unsaid_act act, struct view about)
{
	char digits[DIGITS_BYTES];
	if (about.len > UNSAID_ABOUT_MAX_BYTES)
		return fail(E_FORMAT, "what an act is about is too long for its row");
	text_hex(digits, about.at, about.len);
	(void)snprintf(ret, KEY_BYTES, "%s%s", prefixes[act], digits);
	return OK;
}

enum err
unsaid_put(struct vault_txn *t, enum unsaid_act act, struct view about)
{
	const uint8_t version = ROW_VERSION;
	char key[KEY_BYTES];
	enum err e = key_of(key, act, about);
	return e ? e : vault_put(t, VAULT_META, view_text(key), view_of(&version, 1));
}

enum err
unsaid_drop(struct vault_txn *t, enum unsaid_act act, struct view about)
{
	char key[KEY_BYTES];
	enum err e = key_of(key, act, about);
	if (!e)
		e = vault_delete(t, VAULT_META, view_text(key));
	return e == E_NOTFOUND ? OK : e;
}

struct walk {
	unsaid_fn *each;
	void *arg;
	size_t prefix_len;
};

/* The rows of other acts have a word where those of revocations have digits. */
static enum err
see_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	const struct walk *w = arg;
	const size_t len = key.len - w->prefix_len;
	uint8_t about[UNSAID_ABOUT_MAX_BYTES];
	char digits[DIGITS_BYTES] = "";
	(void)value;
	(void)ret_stop;
	if (len == 0 || len % 2 || len >= sizeof(digits))
		return OK;
	memcpy(digits, key.at + w->prefix_len, len);
	return text_unhex(about, len / 2, digits) ? w->each(w->arg, view_of(about, len / 2))
						  : OK;
}

/* What the row holds says nothing: a damaged one counts as well. */
enum err
unsaid_each(struct vault_txn *t, enum unsaid_act act, unsaid_fn *each, void *arg)
{
	struct walk w = {each, arg, strlen(prefixes[act])};
	const struct vault_range all = {
		.table = VAULT_META, .prefix = view_text(prefixes[act]), .takes_damaged = true};
	return vault_each(t, &all, see_row, &w);
}
