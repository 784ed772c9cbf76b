#include "common/sync/lane_hub_inside.h"

#include <string.h>

/* The hub lacks what this receipt is for. One of an earlier epoch says nothing new: a recovery
 * that waited for every writer has begun since it was given. */
static bool
tells_of_a_loss(const struct lane_hub_writer *w, const struct sync_receipt *r)
{
	if (r->epoch < w->epoch || memcmp(r->writer, w->writer, sizeof(w->writer)) != 0)
		return false;
	return r->incarnation > w->incarnation ||
	       (r->incarnation == w->incarnation &&
		       r->mark.seq > w->lanes[r->lane - 1].durable.seq);
}

static bool
shows_a_loss(const struct lane_hub_writer *w, struct view packed)
{
	struct sync_receipt r;
	return !sync_unpack_receipt(&r, packed) && tells_of_a_loss(w, &r) &&
	       (lane_receipt_check(&r, w->receipt_public) ||
		       LANE_MUTANT(MUTANT_BACK_SIGNATURE));
}

static bool
claims_a_loss(const struct lane_hub_writer *w, const struct sync_hello *h)
{
	for (size_t i = 0; i < LANE_COUNT && h->incarnation == w->incarnation; i++)
		if (h->acked[i] > w->lanes[i].durable.seq)
			return true;
	return false;
}

void
hub_look_back(struct lane_hub_writer *w, const struct sync_hello *h, struct lane_actions *out)
{
	struct cursor c = cursor_of(h->receipts);
	bool shows = false, claims = claims_a_loss(w, h);
	for (size_t i = 0; i < LANE_COUNT && !shows && c.left; i++)
		shows = shows_a_loss(w, cursor_blob(&c));
	if (LANE_MUTANT(MUTANT_BACK_CLAIM))
		shows = shows || claims;
	if (LANE_MUTANT(MUTANT_BACK_DEAF))
		shows = false;
	if (shows) {
		hub_report(
			out, SYNC_BEHIND, "the hub lacks entries that it gave a receipt for");
		out->at[out->count - 1].ok = true;
	} else if (claims && w->mode == SYNC_RECOVERY) {
		hub_report(out, SYNC_OK,
			"the hub lacks entries that a node saw acknowledged, as a hub does "
			"that "
			"was restored");
	} else if (claims) {
		hub_report(out, SYNC_OK,
			"a node says that entries were acknowledged which the hub lacks, and "
			"shows no receipt of the hub for them: it is not believed");
	}
}
