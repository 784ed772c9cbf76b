/* audit_inside - what the files of audit share: the log while it is open.
 *
 * audit_start: journal, vault and log of a start held against each other. audit: leaves that
 * are added, and the checkpoint over them.
 */
#ifndef WEIR_HUB_AUDIT_INSIDE_H
#define WEIR_HUB_AUDIT_INSIDE_H

#include "common/trust/idstock.h"
#include "common/trust/tlog.h"

#include "hub/audit.h"
#include "hub/forward.h"
#include "hub/fresh.h"
#include "hub/leafhashes.h"

struct audit {
	struct vault *vault;
	const struct hub *hub; /* whose study is in force; NULL: not watched */
	char *log_dir;
	struct note_key key;
	struct secret *secret;
	struct tlog *log;
	struct forward *forward;
	struct leafhashes leaves; /* with what this turn added */
	uint64_t committed;       /* leaves that the vault holds */
	struct buf note;          /* the checkpoint published last; empty before the first */
	struct note_checkpoint published;
	struct buf scratch; /* an entry that is being written, or read by the log's writer */
	struct fresh fresh; /* entries that it need not read back */
	struct idstock ids; /* for leaves */
};

/* The vault as the log's writer sees it. */
struct audit_reading {
	struct audit *audit;
	struct vault_txn *snapshot; /* lent */
};
struct tlog_source audit_source(struct audit_reading *r); /* lends r */

/* Opens journal and log and holds them against the vault; errors as audit_open(). */
CHECKED enum err audit_start(struct audit *a, const struct audit_config *c);

#endif
