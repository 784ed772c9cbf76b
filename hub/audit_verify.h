/* audit_verify - `weir-audit verify`: is the log in a directory what its checkpoint says? */
#ifndef WEIR_AUDIT_VERIFY_H
#define WEIR_AUDIT_VERIFY_H

#include "common/run/program.h"

extern const struct program_option audit_verify_options[];

/* Names everything that does not fit, one line each; E_AUTH if there was anything. */
CHECKED enum err audit_verify(struct program *p);

#endif
