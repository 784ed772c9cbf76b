/* typed - whom a person at the terminal means: a study code, or the number of a receipt.
 *
 * Read from terminal, --file or standard input; never an argument.
 * Errors: E_FORMAT it is neither; E_NOTFOUND nobody has a receipt of this number; those of
 *         client.h.
 */
#ifndef WEIR_NODE_TYPED_H
#define WEIR_NODE_TYPED_H

#include "common/run/program.h"
#include "common/study/pack.h"

#include "node/client.h"

/* gives the study code; to be wiped before it is released. */
CHECKED enum err typed_code(
	struct program *p, struct client *sync, const struct pack *pack, char **ret_code);

#endif
