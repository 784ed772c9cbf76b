#include "common/study/xpath_inside.h"

#include <string.h>

/* Patterns of forms are written for Java or JavaScript, where a letter is a letter; POSIX is
 * told here what that means in bytes of UTF-8. What it cannot say (looking ahead, back
 * references, lazy repeats, classes with letters beyond ASCII in a range) is left to the
 * client. */

#define BEYOND "[\302-\364][\200-\277]{1,3}" /* one letter that is not ASCII */

struct reading {
	struct buf *out;
	const uint8_t *at;
	size_t left;
	bool lost;
};

static uint8_t
peek(const struct reading *r, size_t ahead)
{
	return ahead < r->left ? r->at[ahead] : 0;
}

static uint8_t
next(struct reading *r)
{
	if (r->left == 0) {
		r->lost = true;
		return 0;
	}
	r->left--;
	return *r->at++;
}

static void
put(struct reading *r, const char *text)
{
	buf_add(r->out, text, strlen(text));
}

/* What a class of one letter holds, without the brackets; NULL if it is none. */
static const char *
class_of(uint8_t c)
{
	switch (c) {
	case 'd':
	case 'D':
		return "0-9";
	case 'w':
	case 'W':
		return "A-Za-z0-9_";
	case 's':
	case 'S':
		return " \t\r\n\f\v";
	case 't':
		return "\t";
	case 'n':
		return "\n";
	case 'r':
		return "\r";
	default:
		return NULL;
	}
}

/* Signs that mean themselves behind a backslash. */
static bool
is_plain_escape(uint8_t c)
{
	return c && c < 0x80 && strchr("^$.[]|()?*+{}\\-/'\"#@!%&,:;<=>~_` ", c);
}

static void
escape(struct reading *r)
{
	uint8_t c = next(r);
	const char *class = class_of(c);
	if (class) {
		bool not = c == 'D' || c == 'W' || c == 'S';
		put(r, not ? "([^\200-\377" : "[");
		put(r, class);
		put(r, not ? "]|" BEYOND ")" : "]");
		return;
	}
	if (!is_plain_escape(c)) {
		r->lost = true;
		return;
	}
	if (strchr("^$.[]|()?*+{}\\", c)) {
		/* A bracket takes every sign as it stands but '^', which stands alone. */
		if (c == '^')
			put(r, "\\^");
		else {
			buf_u8(r->out, '[');
			buf_u8(r->out, c);
			buf_u8(r->out, ']');
		}
		return;
	}
	buf_u8(r->out, c);
}

/* One letter beyond ASCII, as a group, so that a repeat behind it takes all of its bytes. */
static void
letter_beyond(struct reading *r, struct buf *out)
{
	buf_u8(out, next(r));
	while ((peek(r, 0) & 0xc0) == 0x80)
		buf_u8(out, next(r));
}

/* One element of [...] into `plain`; a letter beyond ASCII into `more`. */
static void
class_element(struct reading *r, struct buf *plain, struct buf *more)
{
	uint8_t c = peek(r, 0);
	if (c >= 0x80) {
		if (more->len)
			buf_u8(more, '|');
		letter_beyond(r, more);
		/* A range from or to it has no bytes of its own. */
		r->lost = r->lost || (peek(r, 0) == '-' && peek(r, 1) != ']');
		return;
	}
	(void)next(r);
	if (c == '-' && peek(r, 0) >= 0x80)
		r->lost = true;
	if (c != '\\') {
		r->lost = r->lost || c == '[' || (c == '&' && peek(r, 0) == '&');
		buf_u8(plain, c);
		return;
	}
	c = next(r);
	const char *class = class_of(c);
	if (class && c != 'D' && c != 'W' && c != 'S')
		buf_add(plain, class, strlen(class));
	else if (is_plain_escape(c))
		buf_u8(plain, c);
	else
		r->lost = true;
}

/* In POSIX ']' has to stand first, '-' last and '^' not first. */
static void
write_class(struct reading *r, const struct buf *plain, bool not )
{
	static const char late[] = {'^', '-'};
	put(r, not ? "[^\200-\377" : "[");
	if (memchr(plain->at, ']', plain->len)) {
		if (not )
			r->lost = true;
		buf_u8(r->out, ']');
	}
	bool waits[2] = {false, false};
	for (size_t i = 0; i < plain->len; i++) {
		uint8_t c = plain->at[i];
		bool range = c == '-' && i > 0 && i + 1 < plain->len;
		const char *found = c == ']' || range ? NULL : memchr(late, c, sizeof(late));
		if (found)
			waits[found - late] = true;
		else if (c != ']')
			buf_u8(r->out, c);
	}
	if (waits[0])
		buf_u8(r->out, '^');
	if (waits[1])
		buf_u8(r->out, '-');
	buf_u8(r->out, ']');
}

static void class(struct reading *r)
{
	OWNED_BUF struct buf plain, more;
	buf_init(&plain, XPATH_MAX_BYTES);
	buf_init(&more, XPATH_MAX_BYTES);
	bool not = peek(r, 0) == '^';
	if (not )
		(void)next(r);
	while (!r->lost && peek(r, 0) != ']')
		class_element(r, &plain, &more);
	(void)next(r);
	if ((not &&more.len) || (plain.len == 0 && more.len == 0))
		r->lost = true;
	/* Only '^' is no class of POSIX. */
	if (plain.len == 1 && plain.at[0] == '^' && !not )
		r->lost = true;
	if (r->lost)
		return;
	put(r, "(");
	if (plain.len)
		write_class(r, &plain, not );
	if (not )
		put(r, "|" BEYOND);
	if (plain.len && more.len)
		put(r, "|");
	buf_add_view(r->out, buf_view(&more));
	put(r, ")");
}

static void
one(struct reading *r)
{
	uint8_t c = peek(r, 0);
	if (c >= 0x80) {
		put(r, "(");
		letter_beyond(r, r->out);
		put(r, ")");
		return;
	}
	(void)next(r);
	if (c == '\\')
		escape(r);
	else if (c == '[')
		class(r);
	else if (c == '.')
		put(r, "([^\200-\377\n\r]|" BEYOND ")");
	else if (c == '(' && peek(r, 0) == '?') {
		r->lost = peek(r, 1) != ':';
		(void)next(r);
		(void)next(r);
		buf_u8(r->out, '(');
	} else
		buf_u8(r->out, c);
	/* Lazy and possessive repeats. */
	if (c && strchr("*+?}", c) && (peek(r, 0) == '?' || peek(r, 0) == '+'))
		r->lost = true;
}

bool
xpath_posix(struct buf *ret, struct view java)
{
	struct reading r = {.out = ret, .at = java.at, .left = java.len};
	while (r.left && !r.lost)
		one(&r);
	return !r.lost && !ret->broken;
}
