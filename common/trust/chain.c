#include "common/trust/chain.h"

#include <string.h>

bool
chain_same_lane(const struct chain_at *a, const struct chain_at *b)
{
	return a->incarnation == b->incarnation && a->lane == b->lane &&
	       memcmp(a->writer, b->writer, sizeof(a->writer)) == 0;
}

static enum err
check(const struct chain *before, const struct chain_at *at, const struct wire_header *h)
{
	if (strcmp(h->study, before->study) != 0)
		return fail(E_CONFLICT, "it is of another study");
	if (memcmp(h->writer, at->writer, sizeof(h->writer)) != 0 ||
		h->incarnation != at->incarnation || (uint8_t)h->lane != at->lane ||
		h->seq != at->seq)
		return fail(E_CONFLICT, "it names another place than the one it lies at");
	if (at->seq != before->at.seq + 1)
		return fail(E_NOTFOUND, "entries before it are missing");
	if (at->seq == 1 && at->incarnation > 1)
		return OK;
	return entry_chain_check(before->at.seq, before->head, h);
}

enum err
chain_follow(
	struct chain *c, const struct chain_at *at, struct view header, struct wire_header *ret)
{
	struct chain before = *c;
	if (!chain_same_lane(&c->at, at)) {
		before.at = (struct chain_at){.seq = 0};
		memset(before.head, 0, sizeof(before.head));
	}
	c->at = *at;
	entry_hash(c->head, header);
	enum err e = wire_header_unpack(ret, header);
	return e ? e : check(&before, at, ret);
}
