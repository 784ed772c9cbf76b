#include "node/sync_closed.h"

#include <stdio.h>

#include "common/study/pack_rollout.h"

#define PREFIX    "closed:"
#define KEY_BYTES 128

static enum err
key_of(char ret[static KEY_BYTES], const char *form)
{
	const int len = snprintf(ret, KEY_BYTES, PREFIX "%s", form);
	return len < KEY_BYTES ? OK : fail(E_FORMAT, "the name of a form is too long");
}

static bool
is_open(const struct pack *p, const char *form)
{
	const struct form *f = p ? pack_form(p, form) : NULL;
	return f && !pack_form_closed(p, f);
}

static enum err
put(struct vault *v, const char *form, int64_t since_s)
{
	OWNED_BUF struct buf row;
	char key[KEY_BYTES];
	buf_init(&row, sizeof(uint64_t));
	buf_u64(&row, (uint64_t)since_s);
	enum err e = key_of(key, form);
	return e ? e : vault_put(v, VAULT_META, view_text(key), buf_view(&row));
}

static enum err
drop(struct vault *v, const char *form)
{
	char key[KEY_BYTES];
	enum err e = key_of(key, form);
	if (!e)
		e = vault_delete(v, VAULT_META, view_text(key));
	return e == E_NOTFOUND ? OK : e;
}

enum err
sync_closed_note(
	struct vault *v, const struct pack *before, const struct pack *next, int64_t in_force_s)
{
	enum err e = OK;
	for (size_t i = 0; !e && before && i < before->form_count; i++) {
		const char *form = before->forms[i]->id;
		if (is_open(before, form) && !is_open(next, form))
			e = put(v, form, in_force_s);
	}
	for (size_t i = 0; !e && i < next->form_count; i++)
		if (is_open(next, next->forms[i]->id))
			e = drop(v, next->forms[i]->id);
	return e;
}

enum err
sync_closed_s(struct vault *v, const char *form, int64_t *ret)
{
	char key[KEY_BYTES];
	struct view row;
	*ret = 0;
	enum err e = key_of(key, form);
	if (!e)
		e = vault_get(v, VAULT_META, view_text(key), &row);
	if (e)
		return e == E_NOTFOUND || e == E_FORMAT ? OK : e;
	struct cursor c = cursor_of(row);
	const int64_t since_s = (int64_t)cursor_u64(&c);
	e = cursor_end(&c, "since when a form is closed");
	if (!e)
		*ret = since_s;
	return e;
}
