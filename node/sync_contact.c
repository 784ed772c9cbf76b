#include "node/sync_contact.h"

#include "node/ipc_contact.h"
#include "node/pseudonym.h"
#include "node/sync_erase.h"
#include "node/sync_item.h"

#define MS_PER_S 1000

static enum err
see_person(const struct sync_judge *j, struct view code, enum contact_purpose purpose,
	enum contact_state *ret, const char **ret_why)
{
	uint8_t person[ID_BYTES];
	*ret_why = "";
	enum err e = sync_erase_check(j->vault, code);
	if (e == E_DENIED) {
		*ret = CONTACT_ERASED;
		*ret_why = "the person asked to be erased";
		return OK;
	}
	if (!e)
		e = pseudonym_find(j->vault, code, person);
	if (e == E_NOTFOUND) {
		*ret = CONTACT_UNKNOWN;
		*ret_why = "this study code is not known at this site";
		return OK;
	}
	if (!e)
		e = sync_judge_contact(j, person, purpose, ret_why);
	*ret = *ret_why[0] ? CONTACT_NOT : CONTACT_MAY;
	return e;
}

static enum err
read_oldest(struct vault *v, uint64_t *ret)
{
	struct view row;
	*ret = 0;
	enum err e = vault_get(v, VAULT_META, view_text(CONTACT_META_OLDEST), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	*ret = cursor_u64(&c);
	return cursor_end(&c, "oldest contact");
}

static enum err
note_oldest(struct vault *v, uint64_t oldest_s)
{
	OWNED_BUF struct buf row;
	uint64_t before = 0;
	buf_init(&row, sizeof(oldest_s));
	buf_u64(&row, oldest_s);
	enum err e = read_oldest(v, &before);
	return e || before == oldest_s
		       ? e
		       : vault_put(
				 v, VAULT_META, view_text(CONTACT_META_OLDEST), buf_view(&row));
}

enum err
sync_contact_removed(struct vault *v)
{
	enum err e = vault_delete(v, VAULT_META, view_text(CONTACT_META_OLDEST));
	return e == E_NOTFOUND ? OK : e;
}

enum err
sync_contact_due(struct vault *v, const struct pack *p, int64_t now_ms, bool *ret)
{
	uint64_t oldest_s = 0;
	*ret = false;
	enum err e = read_oldest(v, &oldest_s);
	if (!e && oldest_s && p && p->retention_contact_ms)
		*ret = (int64_t)oldest_s * MS_PER_S + p->retention_contact_ms <= now_ms;
	return e;
}

/* What stands behind the study codes, read before they are. */
struct behind {
	uint64_t oldest_s;
	enum contact_purpose purpose;
};

static enum err
read_behind(struct cursor codes, uint32_t count, struct behind *ret)
{
	for (uint32_t i = 0; i < count && !codes.broken; i++)
		(void)cursor_blob(&codes);
	ret->oldest_s = cursor_u64(&codes);
	ret->purpose = (enum contact_purpose)cursor_u8(&codes);
	if (ret->purpose < CONTACT_TO_CONTACT || ret->purpose > CONTACT_TO_KEEP)
		return fail(E_FORMAT, "it is not said what people would be contacted for");
	return cursor_end(&codes, "study codes");
}

static enum err
add_state(const struct sync_judge *j, struct view code, enum contact_purpose purpose,
	struct buf *answer)
{
	enum contact_state state = CONTACT_UNKNOWN;
	const char *why = "";
	enum err e = sync_item_is_code(code)
			     ? see_person(j, code, purpose, &state, &why)
			     : fail(E_FORMAT, "a study code is not of its form");
	buf_u8(answer, (uint8_t)state);
	buf_blob_text(answer, why);
	return e;
}

enum err
sync_contact_of(const struct sync_judge *j, struct cursor *asks, struct buf *answer)
{
	uint32_t count = cursor_u32(asks);
	const int64_t keep_ms = j->pack ? j->pack->retention_contact_ms : 0;
	struct behind behind = {.oldest_s = 0};
	if (asks->broken || count > SYNC_CONTACT_MAX_COUNT)
		return fail(E_FORMAT, "too many study codes at once");
	enum err e = read_behind(*asks, count, &behind);
	buf_u32(answer, count);
	for (uint32_t i = 0; !e && i < count; i++)
		e = add_state(j, cursor_blob(asks), behind.purpose, answer);
	if (!e && behind.oldest_s)
		e = note_oldest(j->vault, behind.oldest_s);
	buf_u64(answer, (uint64_t)(keep_ms / MS_PER_S));
	return e ? e : buf_check(answer, "who may be contacted");
}
