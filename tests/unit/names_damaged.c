#include "tests/unit/names_damaged.h"

#include "common/codec/text.h"
#include "node/namebook_inside.h"
#include "tests/unit/suite.h"

void
names_damage(
	struct namebook *n, const char *code, char ret_row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1])
{
	uint8_t id[ID_BYTES];
	OWNED(store_txn) struct store_txn *t = NULL;
	OWNED_BUF struct buf changed;
	struct view value;
	namebook_id(id, n->rows, view_text(code));
	const struct view row = view_of(id, sizeof(id));
	buf_init(&changed, NAMEBOOK_VALUE_MAX_BYTES);
	assert_ok(store_write(&t, n->store));
	assert_ok(store_get(t, NAMEBOOK_PEOPLE, row, &value));
	buf_add_view(&changed, value);
	changed.at[changed.len / 2] ^= 1;
	assert_ok(store_put(t, NAMEBOOK_PEOPLE, row, buf_view(&changed)));
	assert_ok(store_commit(take(t)));
	text_hex(ret_row, id, NAMEBOOK_ROW_SHOWN_BYTES);
}
