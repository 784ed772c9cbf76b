#include "common/codec/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"

static const char base64_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
text_hex(char *ret, const void *at, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = at;
	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[p[i] >> 4];
		ret[2 * i + 1] = digits[p[i] & 15];
	}
	ret[2 * len] = '\0';
}

int
text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_unhex(void *ret, size_t len, const char *hex)
{
	uint8_t *out = ret;
	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int hi = text_hex_digit(hex[2 * i]), lo = text_hex_digit(hex[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

char *
text_base64(struct view v)
{
	char *out = xcalloc((v.len + 2) / 3 * 4 + 1, 1), *p = out;
	for (size_t i = 0; i < v.len; i += 3) {
		size_t left = v.len - i;
		uint32_t bits = (uint32_t)v.at[i] << 16;
		if (left > 1)
			bits |= (uint32_t)v.at[i + 1] << 8;
		if (left > 2)
			bits |= v.at[i + 2];
		*p++ = base64_letters[bits >> 18];
		*p++ = base64_letters[bits >> 12 & 63];
		*p++ = base64_letters[bits >> 6 & 63];
		*p++ = base64_letters[bits & 63];
	}
	size_t pads = (3 - v.len % 3) % 3;
	memset(p - pads, '=', pads);
	return out;
}

static int
base64_digit(uint8_t c)
{
	const char *p = c ? strchr(base64_letters, c) : NULL;
	return p ? (int)(p - base64_letters) : -1;
}

/* One group of four letters with `pad` equal signs at its end. */
static bool
unbase64_group(const uint8_t *in, size_t pad, uint8_t *out)
{
	uint32_t bits = 0;
	for (size_t k = 0; k < 4; k++) {
		int d = k < 4 - pad ? base64_digit(in[k]) : 0;
		if (d < 0)
			return false;
		bits = bits << 6 | (uint32_t)d;
	}
	if (bits & (pad == 0 ? 0u : pad == 1 ? 0xffu : 0xffffu))
		return false;
	for (size_t k = 0; k < 3 - pad; k++)
		out[k] = (uint8_t)(bits >> (16 - 8 * k));
	return true;
}

enum err
text_unbase64(uint8_t **ret, size_t *ret_len, struct view text, size_t max)
{
	*ret = NULL;
	*ret_len = 0;
	if (text.len % 4)
		return fail(E_FORMAT, "base64: length %zu is not a multiple of four", text.len);
	size_t pad = 0;
	if (text.len)
		pad = text.at[text.len - 1] != '=' ? 0 : text.at[text.len - 2] != '=' ? 1 : 2;
	size_t len = text.len / 4 * 3 - pad;
	if (len > max)
		return fail(E_FULL, "base64: more than %zu bytes", max);
	OWNED_MEM uint8_t *out = xcalloc(text.len / 4 * 3 + 1, 1);
	for (size_t i = 0; i < text.len / 4; i++) {
		bool last = i + 1 == text.len / 4;
		if (!unbase64_group(text.at + 4 * i, last ? pad : 0, out + 3 * i))
			return fail(E_FORMAT, "base64: a character that does not belong");
	}
	*ret = take(out);
	*ret_len = len;
	return OK;
}

/* Length of the well-formed sequence at p, 0 if there is none. */
static size_t
utf8_sequence(const uint8_t *p, size_t left)
{
	uint8_t c = p[0];
	if (c < 0x80)
		return c ? 1 : 0;
	size_t n = 0;
	if (c >= 0xc2 && c <= 0xdf)
		n = 2;
	else if (c >= 0xe0 && c <= 0xef)
		n = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		n = 4;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
		(c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

bool
text_is_utf8(struct view v)
{
	size_t i = 0;
	while (i < v.len) {
		/* Most text is ASCII: no sequence to look at. */
		if (v.at[i] - 1u < 0x7f) {
			i++;
			continue;
		}
		size_t n = utf8_sequence(v.at + i, v.len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

bool
text_int(struct view v, int64_t *ret)
{
	*ret = 0;
	bool minus = v.len && v.at[0] == '-';
	size_t i = minus ? 1 : 0;
	if (i == v.len || (v.at[i] == '0' && (v.len > i + 1 || minus)))
		return false;
	int64_t n = 0;
	for (; i < v.len; i++) {
		if (v.at[i] < '0' || v.at[i] > '9')
			return false;
		int64_t d = v.at[i] - '0';
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, minus ? -d : d, &n))
			return false;
	}
	*ret = n;
	return true;
}

bool
text_decimal(struct view v, double *ret)
{
	char copy[64];
	*ret = 0;
	if (v.len == 0 || v.len >= sizeof(copy))
		return false;
	size_t digits = 0, points = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.at[i];
		if (c >= '0' && c <= '9')
			digits++;
		else if (c == '.')
			points++;
		else if (c != '-' || i != 0)
			return false;
	}
	if (digits == 0 || points > 1)
		return false;
	memcpy(copy, v.at, v.len);
	copy[v.len] = '\0';
	double d = strtod(copy, NULL);
	if (!isfinite(d))
		return false;
	*ret = d;
	return true;
}

bool
text_number(struct view v, double *ret)
{
	char copy[64];
	size_t mark = 0;
	int64_t power;
	double d;
	*ret = 0;
	while (mark < v.len && v.at[mark] != 'E')
		mark++;
	if (mark == v.len)
		return text_decimal(v, ret);
	struct view behind = view_of(v.at + mark + 1, v.len - mark - 1);
	if (v.len >= sizeof(copy) || !text_decimal(view_of(v.at, mark), &d) ||
		!text_int(behind, &power))
		return false;
	memcpy(copy, v.at, v.len);
	copy[v.len] = '\0';
	d = strtod(copy, NULL);
	if (!isfinite(d))
		return false;
	*ret = d;
	return true;
}

bool
text_is_plain(const char *text)
{
	const char *other = text;
	while (*other >= ' ' && *other <= '~')
		other++;
	/* Most text is printable ASCII: nothing more to look at. */
	if (!*other)
		return true;
	for (const char *c = other; *c; c++)
		if (iscntrl((unsigned char)*c) ||
			((unsigned char)*c == 0xc2 && (unsigned char)c[1] < 0xa0))
			return false;
	return text_is_utf8(view_text(other));
}

bool
text_is_name(const char *text, size_t max)
{
	size_t n = strlen(text);
	if (n == 0 || n > max || text[0] < 'a' || text[0] > 'z')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return true;
}

enum err
text_read_file(uint8_t **ret, size_t *ret_len, const char *path, size_t max)
{
	*ret = NULL;
	*ret_len = 0;
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(errno == ENOENT ? E_NOTFOUND : E_IO, "%s: %m", path);
	OWNED_BUF struct buf b;
	buf_init(&b, max);
	uint8_t piece[16384];
	ssize_t n;
	while ((n = read(fd, piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(&b, piece, (size_t)n);
	if (n < 0)
		return fail(E_IO, "%s: %m", path);
	enum err e = buf_check(&b, path);
	if (!e)
		*ret = buf_take(&b, ret_len);
	return e;
}

static enum err
write_whole(int fd, struct view content, const char *path)
{
	while (content.len) {
		ssize_t n = write(fd, content.at, content.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fd_failed(path);
		content.at += n;
		content.len -= (size_t)n;
	}
	return fsync(fd) ? fail(E_IO, "%s: %m", path) : OK;
}

static enum err
sync_directory(const char *path)
{
	OWNED_MEM char *copy = xstrdup(path);
	OWNED_FD int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		return fail(E_IO, "directory of %s: %m", path);
	return OK;
}

enum err
text_write_file(const char *path, struct view content, unsigned mode)
{
	OWNED_MEM char *aside = xasprintf("%s.new", path);
	OWNED_FD int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return fd_failed(aside);
	enum err e = write_whole(fd, content, aside);
	if (!e && rename(aside, path))
		e = fail(E_IO, "%s: %m", path);
	if (!e)
		return sync_directory(path);
	(void)unlink(aside);
	return e;
}
