#include "node/contact_typed.h"

#include <string.h>
#include <unistd.h>

#define TEXT_MOST_BYTES 4096

void
contact_typed_done(struct contact_typed *t)
{
	secret_free(t->all);
}

static struct view
trimmed(struct view v)
{
	while (v.len && (v.at[0] == ' ' || v.at[0] == '\t'))
		v = view_of(v.at + 1, v.len - 1);
	while (v.len && strchr(" \t\r", v.at[v.len - 1]))
		v.len--;
	return v;
}

static enum err
split(struct contact_typed *t)
{
	struct view rest = secret_view(t->all);
	size_t count = 0;
	while (rest.len) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.at) : rest.len;
		if (count == CONTACT_TYPED_COUNT)
			return fail(
				E_FORMAT, "more than %d lines were given", CONTACT_TYPED_COUNT);
		t->line[count++] = trimmed(view_of(rest.at, len));
		rest = view_of(rest.at + len + (end != NULL), rest.len - len - (end != NULL));
	}
	return OK;
}

/* At a terminal each is asked for by its name; nothing of it is an argument. */
static enum err
ask_each(struct program *p, struct contact_typed *t, size_t count)
{
	static const char *const prompts[CONTACT_TYPED_COUNT] = {"study code", "name",
		"contact (telephone, e-mail or address)", "preferred way (may be empty)"};
	OWNED_WIPED struct buf all;
	buf_init(&all, CONTACT_TYPED_COUNT * TEXT_MOST_BYTES);
	buf_reserve(&all, CONTACT_TYPED_COUNT * TEXT_MOST_BYTES);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		OWNED_SECRET struct secret *one = NULL;
		e = program_secret_text(p, prompts[i], &one);
		if (e)
			break;
		buf_add_view(&all, secret_view(one));
		buf_u8(&all, '\n');
	}
	if (!e)
		e = buf_check(&all, "what was typed");
	if (!e)
		t->all = secret_copy(all.at, all.len);
	return e;
}

static const char *
wanted_lines(size_t count)
{
	return count == 1 ? "the study code, typed when asked, by --file FILE or on standard "
			    "input"
			  : "study code, name, contact and preferred way, a line each, typed "
			    "when asked, by --file FILE or on standard input";
}

enum err
contact_typed_read(struct program *p, struct contact_typed *t, size_t count)
{
	enum err e = isatty(STDIN_FILENO) && !program_value(p, "file")
			     ? ask_each(p, t, count)
			     : program_secret_text(p, wanted_lines(count), &t->all);
	if (!e)
		e = split(t);
	if (!e && !t->line[0].len)
		e = fail(E_FORMAT, "no study code was given; wanted: %s", wanted_lines(count));
	if (!e && count == 1 && t->line[1].len)
		e = fail(E_FORMAT, "one line is wanted: the study code");
	return e;
}
