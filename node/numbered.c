#include "node/numbered.h"

#include "node/vault_erase.h"
#include "node/vault_tables.h"

struct walk {
	struct vault *vault;
	numbered_fn *each;
	void *arg;
};

/* The hub gives back no part of somebody who was erased: that is no damage. */
static enum err
see_damaged(struct walk *w, const struct vault_at *at)
{
	bool is_erased = false;
	enum err e = vault_is_erased(w->vault, at, &is_erased);
	return e || is_erased ? e : w->each(w->arg, NULL);
}

static enum err
see_instance(void *arg, struct view key, struct view row)
{
	struct walk *w = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	struct cursor c = cursor_of(row);
	(void)key;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	(void)cursor_bytes(&c, HASH_BYTES);
	const struct vault_at at = vault_at_read(&c);
	enum err e = cursor_end(&c, "instance on file");
	if (e || at.lane != LANE_C)
		return e;
	e = vault_part(w->vault, &at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&part));
	if (e == E_FORMAT || e == E_AUTH || e == E_NOTFOUND)
		return see_damaged(w, &at);
	if (e || (r->kind != RULES_CONSENT && r->kind != RULES_CHANGE))
		return e;
	return w->each(w->arg, r);
}

enum err
numbered_each(struct vault *v, const uint8_t start[static RECEIPT_START_BYTES],
	numbered_fn *each, void *arg)
{
	struct walk w = {v, each, arg};
	return vault_each(
		v, VAULT_INSTANCES, view_of(start, RECEIPT_START_BYTES), see_instance, &w);
}
