#include "common/run/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/fd.h"

#define TERMINAL "/dev/tty"

/* One byte at a time: what stands behind the line belongs to the next one who asks. */
static enum err
read_byte(int fd, uint8_t *ret, bool *ret_end)
{
	ssize_t n;
	do
		n = read(fd, ret, 1);
	while (n < 0 && errno == EINTR);
	*ret_end = n == 0;
	return n < 0 ? fail(E_IO, "reading a secret: %m") : OK;
}

enum err
secrets_line(int fd, size_t max, struct secret **ret)
{
	OWNED_SECRET struct secret *line = secret_new(max + 1);
	size_t len = 0;
	bool end = false;
	*ret = NULL;
	for (;;) {
		enum err e = read_byte(fd, secret_bytes(line) + len, &end);
		if (e)
			return e;
		if (end || secret_bytes(line)[len] == '\n')
			break;
		if (++len > max)
			return fail(E_FORMAT, "a secret is longer than %zu bytes", max);
	}
	if (end && len == 0)
		return fail(E_AUTH, "a passphrase is needed, and the input has ended");
	*ret = secret_copy(secret_bytes(line), len);
	return OK;
}

enum err
secrets_ask(const char *prompt, size_t max, struct secret **ret)
{
	struct termios before, quiet;
	OWNED_FD int fd = open(TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY);
	*ret = NULL;
	if (fd < 0 || tcgetattr(fd, &before))
		return fail(E_AUTH,
			"%s is needed: there is no terminal to ask at, use "
			"--passphrase-fd N",
			prompt);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)dprintf(fd, "%s: ", prompt);
	enum err e = secrets_line(fd, max, ret);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	(void)dprintf(fd, "\n");
	return e;
}

enum err
secrets_whole(int fd, size_t max, struct secret **ret)
{
	OWNED_SECRET struct secret *text = secret_new(max + 1);
	size_t len = 0;
	bool end = false;
	*ret = NULL;
	while (!end) {
		enum err e = read_byte(fd, secret_bytes(text) + len, &end);
		if (e)
			return e;
		if (!end && ++len > max)
			return fail(E_FORMAT, "the text is longer than %zu bytes", max);
	}
	while (len &&
		(secret_bytes(text)[len - 1] == '\n' || secret_bytes(text)[len - 1] == '\r'))
		len--;
	if (len == 0)
		return fail(E_FORMAT, "the text is empty");
	*ret = secret_copy(secret_bytes(text), len);
	return OK;
}
