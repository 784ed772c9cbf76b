#include "hub/row.h"

#include <string.h>

struct cursor
row_begin(struct view value)
{
	struct cursor c = cursor_of(value);
	if (cursor_u8(&c) != ROW_VERSION)
		c.broken = true;
	return c;
}

void
row_text(struct cursor *c, char *ret, size_t room)
{
	struct view v = cursor_blob(c);
	ret[0] = '\0';
	if (v.len >= room || (v.len && memchr(v.at, 0, v.len))) {
		c->broken = true;
		return;
	}
	if (v.len)
		memcpy(ret, v.at, v.len);
	ret[v.len] = '\0';
}

enum err
row_end(const struct cursor *c, const char *what)
{
	enum err e = cursor_end(c, what);
	return e ? fail(E_FORMAT, "a row of the hub is damaged: %s", what) : OK;
}

enum err
row_absent(enum err searched, const char *what)
{
	if (searched == E_NOTFOUND)
		return OK;
	return searched ? searched : fail(E_CONFLICT, "there is %s already", what);
}
