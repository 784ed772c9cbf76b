#include "node/sync_hold_said.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/formcheck.h"

#include "node/sync_item.h"
#include "node/sync_rows.h"

struct search {
	const struct sync_judge *judge;
	struct sync_hold_said said;
};

/* The form in whatever version; NULL: none is known. */
static const struct form *
any_version(const struct sync_judge *j, const char *id)
{
	const struct form *form = pack_form(j->pack, id);
	for (size_t i = 0; !form && i < j->past_count; i++)
		form = pack_form(j->past[i], id);
	return form;
}

static bool
may_be_consent(const struct sync_judge *j, struct view id)
{
	OWNED_MEM char *text = xmemdup(id.at, id.len);
	const struct form *form = any_version(j, text);
	return !form || formcheck_is_consent(form);
}

static bool
is_consent(const struct sync_judge *j, const struct sync_hold *h)
{
	OWNED_ITEM struct sync_item item = {.entry_count = 0};
	struct cursor c = cursor_of(h->item);
	if (!h->item.len || sync_item_read(&c, &item) || !item.entry_count)
		return may_be_consent(j, h->form);
	return item.entries[item.entry_count - 1].rules->kind == RULES_CONSENT;
}

static enum err
see(void *arg, struct view key, struct view content)
{
	struct search *s = arg;
	OWNED_HOLD struct sync_hold h = {.why = 0};
	uint8_t id[ID_BYTES];
	(void)content;
	if (key.len != 2 * ID_BYTES)
		return OK;
	memcpy(id, key.at + ID_BYTES, ID_BYTES);
	enum err e = sync_hold_get(s->judge->vault, id, &h);
	if (e && e != E_FORMAT)
		return e == E_NOTFOUND ? OK : e;
	/* One that is damaged may be anything. */
	if (!e && !is_consent(s->judge, &h))
		return OK;
	s->said.any = true;
	s->said.goes_on = s->said.goes_on || h.why == HOLD_TERMS;
	return OK;
}

enum err
sync_hold_said(const struct sync_judge *j, const uint8_t participant[static ID_BYTES],
	struct sync_hold_said *ret)
{
	struct search s = {.judge = j};
	*ret = (struct sync_hold_said){.any = false};
	if (wire_is_zero(participant, ID_BYTES))
		return OK;
	enum err e =
		vault_each(j->vault, VAULT_HELD_OF, view_of(participant, ID_BYTES), see, &s);
	if (!e)
		*ret = s.said;
	return e;
}
