#include "hub/ingest_inside.h"

#include <string.h>

#include "common/study/termspieces.h"
#include "common/trust/ledgernote.h"

#include "hub/renewal_ledger.h"

/* A frame may be lost on the way, and nothing answers these: they are said again. */
#define SAY_AGAIN_MS ((int64_t)10 * 60 * 1000)

static enum err
say(struct ingest *g, struct node *n, struct view terms, uint64_t number)
{
	OWNED_BUF struct buf piece;
	enum err e = OK;
	buf_init(&piece, TERMS_FRAME_BYTES);
	for (size_t i = 0; !e && i < termspieces_count(terms); i++) {
		buf_reset(&piece);
		e = termspieces_write(&piece, terms, number, i);
		if (!e)
			ingest_send_beside(
				g, n, buf_view(&n->routing), INGEST_TERMS, buf_view(&piece));
	}
	return e;
}

/* They stand beside the session: signed, numbered, and taken by the node whatever came before
 * or behind them, so nothing of the order of entries depends on them. */
static enum err
tell_node(struct ingest *g, struct node *n, struct vault_txn *t, int64_t mono_ms)
{
	const uint64_t generation = siteterms_generation(g->terms);
	struct siteterms_say what;
	const bool is_other =
		memcmp(n->terms_session, n->lane.session, sizeof(n->terms_session)) != 0;
	const bool is_due = is_other || mono_ms - n->terms_said_ms >= SAY_AGAIN_MS;
	if (n->lane.state != LANE_ALIVE || (n->terms_seen == generation && !is_due))
		return OK;
	const struct view terms = siteterms_of(g->terms, n->writer.site, &what);
	const bool is_new = n->terms_seen == 0 || what.number != n->terms_said;
	memcpy(n->terms_session, n->lane.session, sizeof(n->terms_session));
	n->terms_seen = generation;
	if (terms.len == 0 || (!is_new && !is_due) || say(g, n, terms, what.number))
		return OK;
	n->terms_said = what.number;
	n->terms_said_ms = mono_ms;
	const struct standing_told told = {what.manifest_number, what.until_s};
	return standing_told_put(t, n->writer.public, &told);
}

enum err
ingest_tell_terms(struct ingest *g, int64_t mono_ms)
{
	struct vault_txn *t;
	enum err e = hub_txn_reserve(g->hub, &t);
	if (!e)
		e = siteterms_refresh(g->terms, g->hub, t);
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = tell_node(g, g->nodes[i], t, mono_ms);
	return e;
}

const char *
ingest_terms_cut(const struct ingest *g, size_t index)
{
	return siteterms_cut(g->terms, index);
}

void
ingest_tell_ledger_key(struct ingest *g, const struct node *n, struct view routing)
{
	OWNED_BUF struct buf note;
	buf_init(&note, LEDGERNOTE_MAX_BYTES);
	if (renewal_ledger_has_ended(g->hub) && !renewal_ledger_note(g->hub, &note))
		ingest_send_beside(g, n, routing, INGEST_LEDGER_KEY, buf_view(&note));
}
