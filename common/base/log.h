/* log - lines to standard error with a level prefix that journald reads.
 *
 * Programs and process loops log; rooms below them fail(). Never an answer, a name, a key, a
 * study code; ids by their first eight hex digits.
 */
#ifndef WEIR_LOG_H
#define WEIR_LOG_H

#include "common/base/base.h"

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARN = 4,
	LOG_LEVEL_INFO = 6,
};

/* One line "<level>module: sentence". Control characters are replaced by '?'. */
void log_line(enum log_level level, const char *module, const char *format, ...) PRINTF(3, 4);

#define log_error(module, ...) log_line(LOG_LEVEL_ERROR, module, __VA_ARGS__)
#define log_warn(module, ...)  log_line(LOG_LEVEL_WARN, module, __VA_ARGS__)
#define log_info(module, ...)  log_line(LOG_LEVEL_INFO, module, __VA_ARGS__)

#endif
