#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"

#include "hub/attachments.h"
#include "hub/ingest_inside.h"
#include "hub/witness.h"

#define DIFFERS                                                                                \
	"a node cosigned another log than this one: show its checkpoint and this log to the "  \
	"ethics officer"

/* Between turns there is no transaction; what is asked for then is what was committed. */
enum err
ingest_next_file(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps)
{
	OWNED(vault_txn) struct vault_txn *snapshot = NULL;
	struct lane_event ev = ingest_answer_to(a, LANE_LACKS);
	enum err e = g->hub->txn ? OK : vault_snapshot(&snapshot, g->hub->vault);
	if (!e)
		e = attachments_next(g->hub->txn ? g->hub->txn : snapshot, n->writer.public,
			a->file.cursor, &ev.file);
	if (!e)
		ingest_steps_add(steps, &ev);
	return e;
}

enum err
ingest_keep_chunk(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps)
{
	const struct lane_event failed = {.kind = LANE_STORE_FAILED};
	if (g->hub->on_reserve) {
		ingest_steps_add(steps, &failed);
		return OK;
	}
	n->is_touched = true;
	enum err e = attachments_keep(g->hub->txn, n->writer.public, &a->file, a->bytes);
	n->has_chunk = !e;
	n->chunk = a->file;
	n->chunk.next++;
	return e;
}

bool
ingest_chunk_stored(struct node *n, struct lane_event *ret)
{
	bool has = n->has_chunk;
	ret->file = n->chunk;
	n->has_chunk = false;
	return has;
}

/* A log that cannot be read proves nothing: the node asks again. */
enum err
ingest_prove(struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps)
{
	struct lane_event ev = ingest_answer_to(a, LANE_PROVED);
	(void)n;
	buf_reset(&g->note);
	ev.mark.seq = a->mark.seq;
	if (witness_prove(g->hub->audit, a->mark.seq, &g->note, &g->proof)) {
		log_error("ingest", "no proof of the log: %s", err_text());
		return OK;
	}
	ev.bytes = buf_view(&g->note);
	ev.proof = view_of(g->proof.hash, g->proof.count * HASH_BYTES);
	ingest_steps_add(steps, &ev);
	return OK;
}

enum err
ingest_cosign(struct ingest *g, struct node *n, const struct lane_action *a)
{
	enum err e = witness_keep(g->hub->audit, g->hub->txn, &n->writer, &a->msg.witness);
	if (e == E_CONFLICT) {
		n->reason = DIFFERS;
		log_error("ingest", "node of %s: %s", n->writer.site, DIFFERS);
		return OK;
	}
	/* The row says it, and with the next one the file is written again. */
	if (e == E_IO || e == E_FORMAT)
		log_error("ingest", "cosignature: %s", err_text());
	return e == E_IO || e == E_FORMAT ? OK : e;
}
