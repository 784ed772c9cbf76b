#include "node/sync_act.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_entry.h"

#define ACT_ID_BYTES (4 + ID_BYTES + 1)

enum err
sync_act_report(const struct sync_judge *j, struct leaf leaf, struct view report)
{
	char id[ACT_ID_BYTES];
	uint8_t random[ID_BYTES / 2];
	OWNED_BUF struct buf json, part;
	struct sync_mark at;
	crypto_random(random, sizeof(random));
	(void)snprintf(id, sizeof(id), "act-");
	text_hex(id + 4, random, sizeof(random));
	leaf.id = id;
	leaf.t_s = leaf_minute_s(j->now_ms);
	leaf.site = j->site;
	buf_init(&json, LEAF_MOST_BYTES);
	buf_init(&part, WIRE_ACT_MAX_BYTES);
	enum err e = leaf_write(&json, &leaf);
	if (!e)
		e = wire_act_pack_report(&part, buf_view(&json), report);
	struct entry_part parts[] = {{PART_ACT, buf_view(&part)}};
	return e ? e : vault_append(j->vault, LANE_A, parts, ARRAY_LEN(parts), &at);
}

enum err
sync_act(const struct sync_judge *j, struct leaf leaf)
{
	return sync_act_report(j, leaf, view_of(NULL, 0));
}
