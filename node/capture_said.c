#include "node/capture_said.h"

#include <string.h>

#include "common/codec/wire_entry.h"

#define ITEM_MAX_BYTES ((size_t)2 * WIRE_RULES_MAX_BYTES)

/* An item of one entry of lane C that is its rules part, and no row of a sheet: never the same
 * again. */
static enum err
add_said(struct buf *out, const char *code, struct wire_rules *rules, const char *what)
{
	OWNED_BUF struct buf item, part;
	uint8_t digest[HASH_BYTES];
	buf_init(&item, ITEM_MAX_BYTES);
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	crypto_random(digest, sizeof(digest));
	crypto_random(rules->salt, sizeof(rules->salt));
	buf_blob_text(&item, code);
	buf_add(&item, rules->instance, ID_BYTES);
	buf_add(&item, digest, sizeof(digest));
	buf_u32(&item, 1);
	buf_u8(&item, LANE_C);
	buf_u8(&item, 1);
	enum err e = wire_rules_pack(&part, rules);
	if (e)
		return e;
	buf_u8(&item, PART_RULES);
	buf_blob(&item, buf_view(&part));
	e = buf_check(&item, what);
	if (e)
		return e;
	buf_add_view(out, buf_view(&item));
	buf_blob(out, view_of(NULL, 0)); /* no site part */
	return OK;
}

enum err
capture_change_item(struct buf *out, const struct capture_change *c)
{
	struct wire_rules rules = {.kind = *c->after->wire.level ? RULES_CHANGE : RULES_CONSENT,
		.captured_s = c->captured_s,
		.consent = c->after->wire};
	rules.consent.permissions = c->after->permissions;
	memcpy(rules.participant, c->participant, ID_BYTES);
	memcpy(rules.refers_to, c->refers_to, ID_BYTES);
	if (c->instance)
		memcpy(rules.instance, c->instance, ID_BYTES);
	else
		crypto_random(rules.instance, ID_BYTES);
	return add_said(out, c->code, &rules, "participation change");
}

enum err
capture_opt_out_item(struct buf *out, const struct capture_opt_out *o)
{
	struct wire_rules rules = {
		.kind = RULES_OPT_OUT, .captured_s = o->captured_s, .opt_out = o->said};
	memcpy(rules.participant, o->participant, ID_BYTES);
	crypto_random(rules.instance, ID_BYTES);
	return add_said(out, o->code, &rules, "check of the opt-out");
}
