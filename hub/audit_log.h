/* audit_log - a log's directory as weir-audit sees it: given by hand, trusted in nothing.
 *
 * What an auditor holds besides the directory are public keys: the log's, and those of
 * witnesses. Nothing here reads a secret, asks the hub or writes a file.
 * Errors: E_IO when something cannot be read (exit code 3), so that a missing file is not
 *         taken for a refusal; E_AUTH and E_FORMAT when what was read is not as it has to be.
 */
#ifndef WEIR_AUDIT_LOG_H
#define WEIR_AUDIT_LOG_H

#include "common/run/program.h"
#include "common/trust/note.h"

/* The sentence that ends every verdict (design 9). */
#define AUDIT_LIMIT                                                                            \
	"this shows that nothing logged was changed, not that everything that happened was "   \
	"logged"
/* The words for a checkpoint that no known witness cosigned. */
#define AUDIT_NOT_WITNESSED "not witnessed"

struct audit_log {
	const char *dir; /* lent by the command line */
	uint8_t *bytes;  /* the checkpoint file; the note lends from it */
	size_t len;
	struct note note;
	struct note_checkpoint cp;
	char root[48]; /* base64 of the checkpoint's root */
};

void audit_log_done(struct audit_log *a);
#define OWNED_AUDIT_LOG OWNED_BY(audit_log_done)

/* A key text, or @FILE with one in its first line. */
CHECKED enum err audit_log_key(struct note_key *ret, const char *text);

/* Read DIR/checkpoint. Its signature is not looked at: see note_check(). */
CHECKED enum err audit_log_open(struct audit_log *ret, const char *dir);

/* A signature by this key fits and the checkpoint is of the log that the key names. */
CHECKED enum err audit_log_signed(const struct audit_log *a, const struct note_key *log);

#endif
