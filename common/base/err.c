#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ERR_TEXT_BYTES 1024

/* What analyzers see in their place, see err.h. */
#undef fail
#undef fail_in

static _Thread_local char kept[ERR_TEXT_BYTES];

enum err
fail(enum err code, const char *format, ...)
{
	/* Made aside first: an argument may be err_text() itself. */
	char made[ERR_TEXT_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(made, sizeof(made), format, args);
	va_end(args);
	memcpy(kept, made, sizeof(kept));
	return code;
}

enum err
fail_in(enum err code, const char *format, ...)
{
	char prefix[ERR_TEXT_BYTES / 2];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(prefix, sizeof(prefix), format, args);
	va_end(args);
	return fail(code, "%s: %s", prefix, kept);
}

const char *
err_text(void)
{
	return kept;
}

const char *
err_word(enum err code)
{
	static const char *const words[] = {
		[OK] = "ok",
		[E_FORMAT] = "format",
		[E_DENIED] = "denied",
		[E_NOTFOUND] = "not-found",
		[E_CONFLICT] = "conflict",
		[E_FULL] = "full",
		[E_IO] = "io",
		[E_AUTH] = "auth",
		[E_BUSY] = "busy",
		[E_ABSENT] = "absent",
	};
	return (size_t)code < ARRAY_LEN(words) ? words[code] : "unknown";
}

int
err_exit_code(enum err code)
{
	switch (code) {
	case OK:
		return 0;
	case E_FORMAT:
	case E_DENIED:
	case E_NOTFOUND:
	case E_CONFLICT:
	case E_AUTH:
	case E_BUSY:
		return 1;
	case E_FULL:
	case E_IO:
	case E_ABSENT:
		return 3;
	}
	return 3;
}
