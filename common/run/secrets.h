/* secrets - how a command gets what must not stand in an argument: passphrases, codes.
 *
 * Passphrases: one line each in the order they are asked: from a descriptor, else from the file
 *              `passphrases` in $CREDENTIALS_DIRECTORY, else from the terminal without echo.
 * Texts:       from a file, else from standard input, else asked for at the terminal.
 * Always true: what is read goes straight into locked memory; the pieces in between are wiped.
 * Errors:      E_AUTH nothing to read from, or the input ended; E_FORMAT a line or text that is
 *              too long or empty.
 */
#ifndef WEIR_SECRETS_H
#define WEIR_SECRETS_H

#include "common/trust/crypto.h"

/* gives the next line of the descriptor, without its end; at most max bytes. */
CHECKED enum err secrets_line(int fd, size_t max, struct secret **ret);
/* gives a line typed at the terminal without echo, after the prompt and a colon. */
CHECKED enum err secrets_ask(const char *prompt, size_t max, struct secret **ret);
/* gives everything up to the end of the descriptor, without a last line end. */
CHECKED enum err secrets_whole(int fd, size_t max, struct secret **ret);

#endif
