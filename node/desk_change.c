#include "node/desk_change.h"

#include <stdio.h>
#include <string.h>

void
desk_change_put(struct buf *out, const struct desk_change *c)
{
	buf_u8(out, (uint8_t)c->kind);
	buf_u8(out, c->by_sheet);
	buf_u8(out, c->by_staff);
	buf_blob_text(out, c->whom);
	custody_put_list(out, &c->to);
}

enum err
desk_change_get(struct desk_change *ret, struct cursor *c)
{
	const uint8_t kind = cursor_u8(c), by_sheet = cursor_u8(c), by_staff = cursor_u8(c);
	struct view whom = cursor_blob(c);
	*ret = (struct desk_change){.kind = DESK_NEW_SHEET};
	if (c->broken || kind < DESK_NEW_SHEET || kind > DESK_HANDED_OVER || by_sheet > 1 ||
		by_staff > 1 || whom.len >= sizeof(ret->whom))
		return fail(E_FORMAT, "a change of the desk: not of its form");
	ret->kind = (enum desk_change_kind)kind;
	ret->by_sheet = by_sheet;
	ret->by_staff = by_staff;
	memcpy(ret->whom, whom.at, whom.len);
	enum err e = custody_get_list(&ret->to, c);
	return e ? e : cursor_end(c, "a change of the desk");
}

const char *
desk_change_action(enum desk_change_kind kind)
{
	switch (kind) {
	case DESK_NEW_SHEET:
		return "recovery-sheet-printed";
	case DESK_NEW_PASSPHRASE:
		return "coordinator-passphrase-set";
	case DESK_HANDED_OVER:
		return "desk-handed-over";
	}
	return "";
}

void
desk_change_reason(char ret[static DESK_CHANGE_REASON_BYTES], const struct desk_change *c)
{
	(void)snprintf(ret, DESK_CHANGE_REASON_BYTES, "%s%s", c->whom,
		c->by_sheet ? ", by the recovery sheet" : "");
}
