/* backupcmd - what `backup` and `restore` of both programs take and say alike.
 *
 * Errors: E_CONFLICT the program is running; those of datadir.h and link.h.
 */
#ifndef WEIR_BACKUPCMD_H
#define WEIR_BACKUPCMD_H

#include "common/net/link.h"
#include "common/run/program.h"
#include "common/trust/backup.h"
#include "common/trust/findings.h"

extern const struct program_option backupcmd_backup_options[];
extern const struct program_option backupcmd_restore_options[];

/* One side, and the socket whose lock makes a process the writer of its vault. */
struct backupcmd_side {
	const char *name;   /* "hub" */
	const char *dirs;   /* that the socket is in: "run", or "run/cmd" below it */
	const char *socket; /* below the data directory */
	bool has_log;       /* leaves are counted */
	const char *absent; /* what is not in a backup */
	const char *later;  /* what becomes of entries that the backup lacks; may be empty */
	const char *next;   /* what happens, or has to be done, after a restore */
};

/* findings_progress_fn; arg is the program. */
void backupcmd_progress(void *arg, uint64_t looked);
/* gives the lock. */
CHECKED enum err backupcmd_lock(struct program *p, const struct backupcmd_side *side,
	struct link_context *context, struct link **ret);
/* The backup of args 0 was made. */
void backupcmd_print_made(
	struct program *p, const struct backupcmd_side *side, const struct backup *b);
/* ahead: entries that were here and that the backup lacks. */
void backupcmd_print_restored(
	struct program *p, const struct backupcmd_side *side, uint64_t ahead);

#endif
