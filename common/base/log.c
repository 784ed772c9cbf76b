#include "common/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LOG_LINE_BYTES 1400

void
log_line(enum log_level level, const char *module, const char *format, ...)
{
	char line[LOG_LINE_BYTES];
	int used = snprintf(line, sizeof(line) - 1, "<%d>%s: ", (int)level, module);
	size_t n = used > 0 ? MIN((size_t)used, sizeof(line) - 2) : 0;
	va_list args;
	va_start(args, format);
	used = vsnprintf(line + n, sizeof(line) - 1 - n, format, args);
	va_end(args);
	if (used > 0)
		n = MIN(n + (size_t)used, sizeof(line) - 2);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	/* One write a line, so that lines of several processes do not mix. */
	ssize_t written UNUSED = write(STDERR_FILENO, line, n);
}
