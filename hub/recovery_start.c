#include "hub/recovery_start.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/log.h"
#include "common/trust/entry.h"

#include "hub/forward_erase.h"
#include "hub/hold.h"
#include "hub/leaving_note.h"
#include "hub/lineage_note.h"
#include "hub/record.h"
#include "hub/recovery.h"
#include "hub/standing.h"
#include "hub/unsaid.h"
#include "hub/withheld.h"
#include "hub/writer.h"

struct start {
	struct vault_txn *txn;
	struct forward *forward;
	bool forgets_tokens; /* of writers that the journal does not know */
	uint64_t leaves;
};

static void
start_done(struct start *s)
{
	vault_txn_free(s->txn);
}

/* withdrawals */

static enum err
hold_back(struct start *s)
{
	size_t count;
	const struct forward_withdrawal *all = forward_withdrawals(s->forward, &count);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		bool is_said = false;
		const struct forward_erasure *erasure =
			forward_erasure_of(s->forward, all[i].participant);
		if (erasure && erasure->gone_s)
			continue;
		const struct withheld w = {
			.level = all[i].level, .given_s = all[i].given_s, .known = s->leaves};
		if (hold_is_note(&all[i]) || leaving_is_note(&all[i]))
			continue;
		e = withheld_is_said(s->txn, all[i].participant, all[i].root, &is_said);
		if (!e && !is_said)
			e = withheld_put(s->txn, all[i].participant, all[i].root, &w);
	}
	if (!e)
		e = leaving_restore(s->txn, all, count, s->leaves);
	return e ? e : hold_restore(s->txn, all, count, s->leaves);
}

/* writers */

static enum err
revoke_again(struct start *s)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < forward_writer_count(s->forward); i++) {
		const struct forward_writer *known = forward_writer_at(s->forward, i);
		struct writer w;
		if (!known->revoked_s)
			continue;
		e = writer_get(s->txn, known->writer, &w);
		if (!e && !w.revoked_s) {
			w.revoked_s = known->revoked_s;
			e = writer_put(s->txn, &w);
			e = e ? e
			      : unsaid_put(s->txn, UNSAID_REVOKED,
					view_of(w.public, sizeof(w.public)));
		}
		e = e == E_NOTFOUND ? OK : e;
	}
	return e;
}

static enum err
note_ends(struct start *s, const struct writer *w, uint32_t incarnation)
{
	enum err e = OK;
	for (uint8_t lane = LANE_C; !e && lane <= LANE_A; lane++) {
		struct place p = {.incarnation = incarnation, .lane = lane};
		struct sync_mark end;
		memcpy(p.writer, w->public, sizeof(p.writer));
		e = standing_head_get(s->txn, &p, &end);
		if (!e && end.seq)
			forward_note_end(s->forward, w->public, incarnation, lane, &end);
	}
	return e;
}

/* A writer that the journal says nothing of; the tokens of an older vault say nothing
 * either. */
static enum err
note_writer(void *arg, const struct writer *w)
{
	struct start *s = arg;
	struct standing kept;
	struct forward_writer f = {.granted = 0};
	if (forward_find(s->forward, w->public))
		return OK;
	enum err e = standing_get(s->txn, w->public, &kept);
	if (e)
		return e;
	memcpy(f.writer, w->public, sizeof(f.writer));
	if (!s->forgets_tokens) {
		memcpy(f.token, kept.token, sizeof(f.token));
		memcpy(f.pending, kept.pending, sizeof(f.pending));
	}
	f.granted = MAX(kept.granted, kept.incarnation);
	f.standing = kept.standing;
	forward_note_tokens(s->forward, &f);
	if (w->revoked_s)
		forward_note_revoked(s->forward, w->public, w->revoked_s);
	return note_ends(s, w, kept.incarnation);
}

/* recovery */

static enum err
recover(struct vault_txn *t, struct forward *f)
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	enum err e = recovery_begin(&r, t);
	for (size_t i = 0; !e && i < forward_writer_count(f); i++) {
		const struct forward_writer *w = forward_writer_at(f, i);
		struct writer here = {.revoked_s = 0};
		e = writer_get(t, w->writer, &here);
		if (e && e != E_NOTFOUND)
			return e;
		e = OK;
		recovery_knows(&r, w->writer, w->revoked_s || here.revoked_s);
		for (uint8_t lane = LANE_C; lane <= LANE_A && w->incarnation; lane++)
			recovery_had_mark(
				&r, w->writer, w->incarnation, lane, &w->ever[lane - 1]);
	}
	return e ? e : recovery_keep(&r, t);
}

static void
forget_decisions(struct forward *f)
{
	size_t count;
	forward_undecide(f, &count);
	if (count)
		log_warn("ledger",
			"%zu decisions on erasures were cut off before anybody was answered: "
			"they have to be made again",
			count);
}

static enum err
compare(struct start *s, const struct recovery_cause *cause)
{
	struct forward_row row;
	enum err e = forward_row_get(s->txn, &row);
	if (e)
		return e;
	bool is_behind = cause->leaves_back || cause->journal_lost ||
			 forward_turn(s->forward) > row.turn + 1;
	if (!is_behind && forward_turn(s->forward) > row.turn)
		forget_decisions(s->forward);
	/* A note at each start: from then on the vault knows that there is a journal. */
	forward_note_epoch(s->forward, forward_epoch(s->forward) + (is_behind ? 1 : 0));
	if (!is_behind)
		return OK;
	s->forgets_tokens = true;
	log_warn("ledger",
		"the vault is at turn %" PRIu64 " and the journal at %" PRIu64
		": the hub is in recovery",
		row.turn, forward_turn(s->forward));
	return recover(s->txn, s->forward);
}

enum err
recovery_start(struct vault *v, struct forward *f, const struct recovery_cause *cause)
{
	OWNED_BY(start_done)
	struct start s = {.forward = f, .forgets_tokens = cause->journal_lost};
	enum err e = vault_begin_reserve(&s.txn, v);
	if (!e)
		e = vault_count(s.txn, VAULT_LEAVES, &s.leaves);
	if (!e)
		e = compare(&s, cause);
	if (!e)
		e = hold_back(&s);
	if (!e)
		e = lineage_restore(s.txn, f);
	if (!e)
		e = revoke_again(&s);
	if (!e)
		e = writer_each(s.txn, note_writer, &s);
	if (!e)
		e = forward_keep(f, s.txn);
	if (!e)
		e = vault_commit(take(s.txn));
	forward_kept(f, e);
	return e;
}

enum err
recovery_find_out(struct vault_txn *t, struct forward *f)
{
	if (recovery_is_on(t))
		return OK;
	forward_note_epoch(f, forward_epoch(f) + 1);
	return recover(t, f);
}
