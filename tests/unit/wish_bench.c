#include "tests/unit/wish_bench.h"

#include "hub/audit.h"

enum err
wish_send_nothing(void *arg, struct view frame)
{
	(void)arg;
	(void)frame;
	return OK;
}

void
wish_id(uint8_t ret[static ID_BYTES], uint8_t who)
{
	memset(ret, who, ID_BYTES);
}

const struct forward_erasure *
wish_noted(struct bench *b, uint8_t who)
{
	uint8_t id[ID_BYTES];
	wish_id(id, who);
	return forward_erasure_of(audit_forward(b->place->hub.audit), id);
}

void
wish_say(struct bench *b, uint8_t who, uint8_t instance, int64_t given_s)
{
	struct wire_rules change = node_consent(who, instance);
	change.kind = RULES_CHANGE;
	change.consent.event = "changed";
	change.consent.level = "erase";
	change.consent.given_at_s = given_s;
	change.consent.permission_count = 0;
	(void)bench_bring(b, b->norway, &change);
}

/* Two persons with a consent and a record each; the first wishes to be erased. */
void
wish_begin(struct bench *b)
{
	struct hub *h = &b->place->hub;
	bench_open_sites(b);
	for (uint8_t who = WISH_FIRST; who <= WISH_SECOND; who++) {
		const struct wire_rules consent = node_consent(who, (uint8_t)(10 + who)),
					record = node_record(who, (uint8_t)(20 + who));
		(void)bench_bring(b, b->norway, &consent);
		(void)bench_bring(b, b->norway, &record);
	}
	wish_say(b, WISH_FIRST, WISH_FIRSTS, WISH_SAID_S);
	h->erase = erase_new(h, wish_send_nothing, NULL);
}

void
wish_keep(struct bench *b)
{
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
}

void
wish_list(struct bench *b, struct json **ret, struct buf *reply)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_list(&b->place->hub, reply));
	wish_keep(b);
	assert_ok(json_parse(ret, buf_view(reply), WISH_REPLY_BYTES));
}
