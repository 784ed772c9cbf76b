#include <string.h>

#include "common/base/mem.h"
#include "common/study/record_inside.h"

#define PATH_BYTES 1024

/* A path without its numbers, the numbers, and where they stood. */
struct steps {
	char text[PATH_BYTES];
	size_t len;
	size_t turns[RECORD_MAX_TURNS];
	size_t ends[RECORD_MAX_TURNS];
	size_t count;
};

/* Reads "[12]" and moves to its last character. */
static bool
read_turn(const char **at, size_t *ret)
{
	size_t n = 0;
	const char *c = *at + 1;
	for (; *c >= '0' && *c <= '9' && n <= RECORD_MAX_TURN; c++)
		n = n * 10 + (size_t)(*c - '0');
	*at = c;
	*ret = n;
	return *c == ']' && n >= 1 && n <= RECORD_MAX_TURN;
}

static bool
read_path(struct steps *s, const char *path)
{
	s->len = s->count = 0;
	for (const char *c = path; *c; c++) {
		if (*c != '[') {
			if (s->len == sizeof(s->text) - 1)
				return false;
			s->text[s->len++] = *c;
			continue;
		}
		if (s->count == RECORD_MAX_TURNS || !read_turn(&c, &s->turns[s->count]))
			return false;
		s->ends[s->count++] = s->len;
	}
	s->text[s->len] = '\0';
	return true;
}

/* The instance of a section with number `turn` inside the instance `outer`; makes it and all
 * before it when they are not there. */
static enum err
instance_at(struct record *r, struct record_section *s, size_t outer, size_t turn, size_t *ret)
{
	if (s->count && outer < s->outer)
		return fail(E_FORMAT, "instances of a repeat do not come in their order");
	if (!s->count || outer > s->outer) {
		s->outer = outer;
		s->first = s->count;
	}
	size_t wanted = s->first + turn;
	if (wanted > s->count) {
		size_t more = (wanted - s->count) * MAX(s->width + s->words, (size_t)1);
		if (more > RECORD_MAX_VALUES - MIN(r->values, RECORD_MAX_VALUES))
			return fail(
				E_FULL, "a record of more than %zu values", RECORD_MAX_VALUES);
		if (wanted > s->room)
			record_grow(s, MAX(wanted, MIN(2 * s->room, (size_t)RECORD_MAX_TURN)));
		s->count = wanted;
		r->values += more;
	}
	*ret = wanted - 1;
	return OK;
}

/* The repeats around a path, the outermost first; gives their number. */
static size_t
repeats_around(const struct form *f, int repeat, int ret[static RECORD_MAX_TURNS])
{
	size_t count = 0;
	for (int at = repeat; at >= 0 && count < RECORD_MAX_TURNS; at = f->repeats[at].outer)
		ret[count++] = at;
	for (size_t i = 0; i < count / 2; i++) {
		int swap = ret[i];
		ret[i] = ret[count - 1 - i];
		ret[count - 1 - i] = swap;
	}
	return count;
}

/* The instance that a path means, with all those around it. ret is RECORD_IGNORED when the
 * form in force has no such repeat. */
static enum err
find_instance(struct record *r, const struct record_path *p, const struct steps *s, size_t *ret)
{
	int around[RECORD_MAX_TURNS];
	size_t count = repeats_around(r->written, p->repeat, around);
	size_t at = 0;
	*ret = 0;
	if (s->count != count)
		return fail(E_FORMAT, "a path with %zu numbers, its repeats are %zu", s->count,
			count);
	for (size_t i = 0; i < count; i++) {
		if (s->ends[i] != strlen(r->written->repeats[around[i]].path))
			return fail(E_FORMAT, "a number that stands behind no repeat");
		int shared = r->form == r->written
				     ? around[i]
				     : record_repeat_shared(r->form, r->written, around[i]);
		if (shared < 0) {
			*ret = RECORD_IGNORED;
			return OK;
		}
		enum err e = instance_at(r, &r->sections[shared + 1], at, s->turns[i], &at);
		if (e)
			return e;
	}
	*ret = at;
	return OK;
}

enum err
record_find(struct record *r, const char *path, const struct record_path **ret_path,
	size_t *ret_instance)
{
	struct steps steps;
	size_t at;
	if (!read_path(&steps, path) || !names_find(r->names, steps.text, steps.len, &at))
		return fail(E_FORMAT, "the record has an answer that form %s does not ask for",
			r->written->id);
	*ret_path = &r->paths[at];
	return find_instance(r, *ret_path, &steps, ret_instance);
}
