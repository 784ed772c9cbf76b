#include "common/run/program.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/program_inside.h"
#include "common/run/secrets.h"

#define PASSPHRASE_MIN_BYTES 8

/* what people are asked for */

/* The descriptor of systemd's credential, opened once, read line by line; -1: there is none. */
static int
credential_fd(struct program *p)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	if (!dir)
		return -1;
	OWNED_MEM char *path = xasprintf("%s/passphrases", dir);
	p->passphrase_fd = open(path, O_RDONLY | O_CLOEXEC);
	return p->passphrase_fd;
}

enum err
program_passphrase(struct program *p, const char *prompt, struct secret **ret)
{
	if (p->passphrase_fd < 0 && credential_fd(p) < 0)
		return secrets_ask(prompt, PROGRAM_LINE_BYTES_MAX, ret);
	enum err e = secrets_line(p->passphrase_fd, PROGRAM_LINE_BYTES_MAX, ret);
	return e ? fail_in(e, "%s", prompt) : OK;
}

enum err
program_passphrase_new(struct program *p, const char *prompt, struct secret **ret)
{
	OWNED_SECRET struct secret *first = NULL, *second = NULL;
	*ret = NULL;
	enum err e = program_passphrase(p, prompt, &first);
	if (!e && secret_len(first) < PASSPHRASE_MIN_BYTES)
		e = fail(E_FORMAT, "%s: at least %d bytes are needed", prompt,
			PASSPHRASE_MIN_BYTES);
	if (!e && p->passphrase_fd < 0) {
		e = secrets_ask("the same again", PROGRAM_LINE_BYTES_MAX, &second);
		if (!e && (secret_len(first) != secret_len(second) ||
				  !crypto_same(secret_bytes(first), secret_bytes(second),
					  secret_len(first))))
			e = fail(E_FORMAT, "%s: the two differ", prompt);
	}
	if (!e)
		*ret = take(first);
	return e;
}

enum err
program_secret_text(struct program *p, const char *prompt, struct secret **ret)
{
	const char *file = program_value(p, "file");
	*ret = NULL;
	if (!file && isatty(STDIN_FILENO))
		return secrets_ask(prompt, PROGRAM_LINE_BYTES_MAX, ret);
	int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (fd < 0)
		return fail(E_NOTFOUND, "%s: %m", file);
	enum err e = secrets_whole(fd, PROGRAM_SECRET_BYTES_MAX, ret);
	if (file)
		(void)close(fd);
	return e ? fail_in(e, "%s", prompt) : OK;
}

/* what they are told beside the output */

void
program_progress(struct program *p, const char *format, ...)
{
	(void)p;
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K");
	if (format) {
		va_list args;
		va_start(args, format);
		(void)vfprintf(stderr, format, args);
		va_end(args);
	}
	(void)fflush(stderr);
}

void
program_none(const struct program *p, const char *sentence)
{
	if (!program_json(p))
		fprintf(stderr, "%s\n", sentence);
}
