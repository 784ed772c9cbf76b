#include "node/sync_hold_ids.h"

#include <string.h>

#include "common/base/mem.h"

void
sync_hold_ids_init(struct sync_hold_ids *l, struct view person)
{
	*l = (struct sync_hold_ids){
		.list = xcalloc(SYNC_HOLD_PAGE_COUNT, sizeof(*l->list)), .person = person};
	if (person.len) {
		memcpy(l->after, person.at, ID_BYTES);
		l->after_len = ID_BYTES;
	}
}

void
sync_hold_ids_done(struct sync_hold_ids *l)
{
	mem_drop(&l->list);
}

static enum err
add_id(void *arg, struct view key, struct view content, bool *ret_stop)
{
	struct sync_hold_ids *l = arg;
	size_t front = l->person.len;
	(void)content;
	if (key.len != front + ID_BYTES ||
		(front && memcmp(key.at, l->person.at, front) != 0)) {
		*ret_stop = front > 0;
		return OK;
	}
	memcpy(l->list[l->count++], key.at + front, ID_BYTES);
	memcpy(l->after, key.at, key.len);
	l->after_len = key.len;
	*ret_stop = l->count == SYNC_HOLD_PAGE_COUNT;
	return OK;
}

enum err
sync_hold_ids_page(struct vault *v, struct sync_hold_ids *l)
{
	l->count = 0;
	return vault_each_after(v, l->person.len ? VAULT_HELD_OF : VAULT_HOLDS,
		view_of(l->after, l->after_len), add_id, l);
}
