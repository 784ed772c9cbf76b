/* trespass - a weir-node whose import shows the answer `upset_note`, which stays at the site,
 * among the open answers of a record; for tests only, never installed.
 *
 * Linked with --wrap=wire_rules_pack: the node's sync has to refuse such a record whole.
 */
#include "common/codec/wire_rules.h"

enum err __real_wire_rules_pack(struct buf *out, const struct wire_rules *r);
enum err __wrap_wire_rules_pack(struct buf *out, const struct wire_rules *r);

enum err
__wrap_wire_rules_pack(struct buf *out, const struct wire_rules *r)
{
	struct wire_rules more = *r;
	if (r->kind == RULES_RECORD && r->open_count < WIRE_OPEN_MAX)
		more.open[more.open_count++] = (struct wire_open){"upset_note", "example"};
	return __real_wire_rules_pack(out, &more);
}
