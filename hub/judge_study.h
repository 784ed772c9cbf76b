/* judge_study - what the study and the hub as a whole say to the rules: windows, plan,
 * witnesses.
 *
 * Windows:     opens and closes of [wave.N] in study.ini, for each form.
 * Plan:        [plan] sealed = yes counts from its date, or from when the first manifest that
 *              says so came into force if that is later: a date that is put in afterwards is
 *              none.
 * Rows:        META "first-WAVE" -> version u8 | captured u64 s: the first record of the wave
 *              that was permitted. META "task-SITE" -> version u8 | captured u64 s | leaf u64:
 *              the first permitted record about the site with its task and reason, captured
 *              when it came in at the node and not when somebody says it was
 * Task:        a form about the site in which the items `declared_model` (the task) and
 *              `why_together` (the reason) are compulsory; answers are sealed, so that a record
 *              of it was permitted is what the ledger knows of them.
 * Witnesses:   the newest cosignature of each node in force, if it covers what is asked about.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_JUDGE_STUDY_H
#define WEIR_HUB_JUDGE_STUDY_H

#include "common/codec/wire_rules.h"
#include "common/study/pack.h"
#include "common/study/rules_facts.h"

#include "hub/hub.h"
#include "hub/witness.h"

struct judge_study {
	struct rules_window *windows;
	size_t window_count;
	char (*waves)[16]; /* numbers as texts, one a wave */
	struct rules_cosignature *cosignatures;
	uint64_t *sizes; /* of the log that each covers */
	char (*sites)[ROW_ID_BYTES];
	size_t cosignature_count;
	uint32_t sites_joined;
};

/* Fills an empty struct; release it with judge_study_done() whatever the result. pack may be
 * NULL. */
CHECKED enum err judge_study_read(
	struct judge_study *ret, struct vault_txn *t, const struct pack *pack);
/* The cosignatures of a log of at least this size come first; how many. */
size_t judge_study_cover(struct judge_study *s, uint64_t size);
void judge_study_done(struct judge_study *s);

/* What was recorded before the record: fills ret but for sealed_ms. */
CHECKED enum err judge_study_plan(
	struct vault_txn *t, const char *site, const char *wave, struct rules_plan *ret);
/* A record was permitted when it came. Sites hear of a task (hub.terms_changes). */
CHECKED enum err judge_study_note(
	struct hub *h, const struct wire_rules *r, const char *site, uint64_t leaf);

#endif
