#include "node/putback.h"

#define META_PUT_BACK    "put-back"
#define META_REVIEW_JUMP "review-jump"

enum err
putback_state(struct vault *v, enum putback *ret)
{
	struct view row;
	*ret = PUTBACK_NOT;
	enum err e = vault_get(v, VAULT_META, view_text(META_PUT_BACK), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	const uint8_t said = cursor_u8(&c);
	e = cursor_end(&c, "restore");
	if (!e)
		*ret = said == PUTBACK_HEARD ? PUTBACK_HEARD : PUTBACK_WAITS;
	return e;
}

static enum err
put(struct vault *v, enum putback state)
{
	const uint8_t said = (uint8_t)state;
	return vault_put(v, VAULT_META, view_text(META_PUT_BACK), view_of(&said, 1));
}

enum err
putback_begin(struct vault *v)
{
	const uint8_t may = 1;
	enum err e = put(v, PUTBACK_WAITS);
	return e ? e : vault_put(v, VAULT_META, view_text(META_REVIEW_JUMP), view_of(&may, 1));
}

enum err
putback_may_jump(struct vault *v, bool *ret)
{
	struct view row;
	enum err e = vault_get(v, VAULT_META, view_text(META_REVIEW_JUMP), &row);
	*ret = !e;
	return e == E_NOTFOUND ? OK : e;
}

enum err
putback_jumped(struct vault *v)
{
	enum err e = vault_delete(v, VAULT_META, view_text(META_REVIEW_JUMP));
	return e == E_NOTFOUND ? OK : e;
}

enum err
putback_hear(struct vault *v)
{
	enum putback state;
	enum err e = putback_state(v, &state);
	return e || state != PUTBACK_WAITS ? e : put(v, PUTBACK_HEARD);
}

enum err
putback_end(struct vault *v)
{
	return vault_delete(v, VAULT_META, view_text(META_PUT_BACK));
}

enum err
putback_check(struct vault *v)
{
	enum putback state;
	enum err e = putback_state(v, &state);
	if (!e && state != PUTBACK_NOT)
		e = fail(E_BUSY,
			"this node was put back from a backup: its desk stays locked until the "
			"hub has said who was erased since; connect the node, or read a bundle "
			"of the hub");
	return e;
}
