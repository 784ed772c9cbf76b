#include "node/sync_contact.h"

#include "node/ipc_contact.h"
#include "node/pseudonym.h"
#include "node/sync_erase.h"
#include "node/sync_item.h"

static enum err
see_person(const struct sync_judge *j, struct view code, enum contact_state *ret,
	const char **ret_why)
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
		e = sync_judge_contact(j, person, ret_why);
	*ret = *ret_why[0] ? CONTACT_NOT : CONTACT_MAY;
	return e;
}

enum err
sync_contact_of(const struct sync_judge *j, struct cursor *asks, struct buf *answer)
{
	uint32_t count = cursor_u32(asks);
	enum err e = OK;
	if (asks->broken || count > SYNC_CONTACT_MAX_COUNT)
		return fail(E_FORMAT, "too many study codes at once");
	buf_u32(answer, count);
	for (uint32_t i = 0; !e && i < count; i++) {
		enum contact_state state = CONTACT_UNKNOWN;
		const char *why = "";
		struct view code = cursor_blob(asks);
		e = sync_item_is_code(code) ? see_person(j, code, &state, &why)
					    : fail(E_FORMAT, "a study code is not of its form");
		buf_u8(answer, (uint8_t)state);
		buf_blob_text(answer, why);
	}
	if (!e)
		e = cursor_end(asks, "study codes");
	return e ? e : buf_check(answer, "who may be contacted");
}
