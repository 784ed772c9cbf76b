/* desk_change - who opens the desk, changed: what a command asks of it, and what the log says.
 *
 * Fields:      (DESK_CHANGE of ipc.h) kind u8 | u8 1 opened by the recovery sheet | u8 1 who
 *              does it is on the delegation log, else a coordinator | text whom it is about |
 *              the list as it is to be (custody_put_list())
 * Kinds:       a new recovery sheet, which makes the one before it worthless; a new passphrase
 *              for a coordinator whose own is lost, by the sheet; a hand-over (D-14): who is
 *              not in the new list opens nothing any more.
 * Always true: what is done by the sheet is somebody's act, too: the log names the person who
 *              used it, and says that it was by the sheet.
 * Errors:      E_FORMAT; those of custody.h.
 */
#ifndef WEIR_NODE_DESK_CHANGE_H
#define WEIR_NODE_DESK_CHANGE_H

#include "node/custody.h"

/* On the wire. */
enum desk_change_kind { DESK_NEW_SHEET = 1, DESK_NEW_PASSPHRASE = 2, DESK_HANDED_OVER = 3 };

struct desk_change {
	enum desk_change_kind kind;
	bool by_sheet, by_staff;
	char whom[CUSTODY_ID_BYTES];
	struct custody_list to;
};

void desk_change_put(struct buf *out, const struct desk_change *c);
CHECKED enum err desk_change_get(struct desk_change *ret, struct cursor *c);
/* The action of its leaf; the reason: whom it is about, and that it was by the sheet. */
const char *desk_change_action(enum desk_change_kind kind);
#define DESK_CHANGE_REASON_BYTES (CUSTODY_ID_BYTES + 32)
void desk_change_reason(char ret[static DESK_CHANGE_REASON_BYTES], const struct desk_change *c);

#endif
