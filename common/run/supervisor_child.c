/* The child's half of the supervisor: what a role does with the two pipes it inherits. */
#include "common/run/supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/codec/text.h"

/* The descriptor that the supervisor named in the environment; -1 if there is none. */
static int
inherited(const char *name)
{
	const char *text = getenv(name);
	int64_t fd = -1;
	if (!text || !text_int(view_text(text), &fd) || fd < 0 || fd > 65535)
		fd = -1;
	return (int)fd;
}

enum err
supervisor_child_keys(struct secret **ret)
{
	OWNED_SECRET struct secret *keys = secret_new(SUPERVISOR_KEYS_BYTES_MAX + 1);
	size_t len = 0;
	int fd = inherited("WEIR_KEYS_FD");
	*ret = NULL;
	ssize_t n = fd < 0 ? 0 : 1;
	while (n != 0) {
		n = read(fd, secret_bytes(keys) + len, SUPERVISOR_KEYS_BYTES_MAX + 1 - len);
		if (n < 0 && errno != EINTR)
			return fail(E_IO, "keys from the supervisor: %m");
		if (n > 0)
			len += (size_t)n;
		if (len > SUPERVISOR_KEYS_BYTES_MAX)
			return fail(E_FORMAT, "keys from the supervisor: too long");
	}
	if (fd >= 0)
		(void)close(fd);
	(void)unsetenv("WEIR_KEYS_FD");
	*ret = secret_copy(secret_bytes(keys), len);
	return OK;
}

static void
tell(const char *what, size_t len)
{
	int fd = inherited("WEIR_STATUS_FD");
	if (fd >= 0 && write(fd, what, len) < 0)
		log_warn("role", "the supervisor does not listen: %m");
}

void
supervisor_child_ready(void)
{
	tell("R", 1);
}

/* Would the same start fail in the same way again? */
static bool
is_fatal(enum err e)
{
	switch (e) {
	case E_FORMAT:
	case E_DENIED:
	case E_NOTFOUND:
	case E_CONFLICT:
	case E_AUTH:
		return true;
	case OK:
	case E_FULL:
	case E_IO:
	case E_BUSY:
	case E_ABSENT:
		return false;
	}
	return false;
}

int
supervisor_child_ended(enum err e)
{
	char words[600];
	if (e == OK)
		return 0;
	if (!is_fatal(e)) {
		log_error("role", "%s", err_text());
		return err_exit_code(e);
	}
	int n = snprintf(words, sizeof(words), "F%s", err_text());
	tell(words, MIN((size_t)MAX(n, 0), sizeof(words) - 1));
	if (inherited("WEIR_STATUS_FD") < 0)
		log_error("role", "%s", err_text());
	return SUPERVISOR_EXIT_FATAL;
}
