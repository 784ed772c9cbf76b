/* err - what went wrong, by what the caller can do about it, and one sentence for people.
 *
 * A fallible function returns enum err. The sentence of the last failure in this thread is kept
 * here by fail(); it is for people only, code branches on the value. One sentence, lower case,
 * names the thing, never its contents: no answer, no name, no key.
 */
#ifndef WEIR_ERR_H
#define WEIR_ERR_H

#include "common/base/base.h"

enum err {
	OK = 0,
	E_FORMAT,   /* bytes, file or argument are not of their form: correct them */
	E_DENIED,   /* a rule, a role or a signature says no */
	E_NOTFOUND, /* nothing of that name */
	E_CONFLICT, /* something else stands there already */
	E_FULL,     /* disk or a stated limit: make room */
	E_IO,       /* the system failed: disk, socket, process */
	E_AUTH,     /* a key, passphrase, signature or tag does not fit */
	E_BUSY,     /* not now: try again */
	E_ABSENT,   /* the program that should answer is not running */
};

/* Keep one sentence and give the code back:
 * `return fail(E_FORMAT, "envelope: %zu bytes", n);` */
CHECKED enum err fail(enum err code, const char *format, ...) PRINTF(2, 3);

/* Put `prefix: ` before the kept sentence: "FILE line 3: ..." is made where the file is
 * known. */
CHECKED enum err fail_in(enum err code, const char *format, ...) PRINTF(2, 3);

/* Analyzers read one file at a time and would follow paths on which a failure gives OK. They
 * are told that these two give their code back; compilers see the plain functions. */
#if defined(__clang_analyzer__) || defined(WEIR_ANALYZE)
static inline enum err
err_given(enum err code, enum err same)
{
	(void)same;
	return code;
}
#define fail(code, ...)    err_given(code, fail(code, __VA_ARGS__))
#define fail_in(code, ...) err_given(code, fail_in(code, __VA_ARGS__))
#endif

/* The kept sentence; "" if none. Lent until the next fail() of this thread. */
const char *err_text(void);

/* One word for the code, for logs and --json: "format", "denied", ... */
const char *err_word(enum err code);

/* Exit code for the code (design 10): 0 done, 1 refused or not found, 3 broken environment. */
int err_exit_code(enum err code);

#endif
