/* audit_list - `weir-audit list` and `weir-audit prove`: what stands in a log. */
#ifndef WEIR_AUDIT_LIST_H
#define WEIR_AUDIT_LIST_H

#include "common/run/program.h"

extern const struct program_option audit_list_options[];
extern const struct program_option audit_prove_options[];

/* A table of the leaves that fit the filters. With --key the whole log is verified first;
 * without it a line on standard error says that nothing was. */
CHECKED enum err audit_list(struct program *p);

/* A proof that a leaf is under the checkpoint, for others to check offline (C2SP tlog-proof);
 * it is checked here before it is printed. */
CHECKED enum err audit_prove(struct program *p);

#endif
