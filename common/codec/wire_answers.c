#include "common/codec/wire_answers.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec/wire_pb.h"
#include "entry.pb-c.h"

#define ANSWERS_VERSION 1

#define ANSWERS(field) ((struct wire_field){"answers", field})

static enum err
check_answers(const Weir__Answers *m)
{
	enum err e = wire_is_version(ANSWERS("version"), m->version, ANSWERS_VERSION);
	if (!e)
		e = wire_is_text(ANSWERS("form"), m->form, 1, WIRE_TEXT_BYTES);
	if (!e)
		e = wire_is_text(ANSWERS("form_version"), m->form_version, 0, WIRE_NAME_BYTES);
	if (!e)
		e = wire_is_text(ANSWERS("instance_id"), m->instance_id, 0, WIRE_TEXT_BYTES);
	if (!e)
		e = wire_is_count(ANSWERS("answers"), m->n_answers, WIRE_ANSWERS_MAX_COUNT);
	for (size_t i = 0; !e && i < m->n_answers; i++) {
		e = wire_is_text(ANSWERS("path"), m->answers[i]->path, 1, WIRE_TEXT_BYTES);
		if (!e)
			e = wire_is_text(ANSWERS("value"), m->answers[i]->value, 0,
				WIRE_VALUE_MAX_BYTES + 1);
	}
	return e;
}

enum err
wire_answers_pack(struct buf *out, const struct wire_answers *a)
{
	enum err e = wire_is_count(ANSWERS("answers"), a->count, WIRE_ANSWERS_MAX_COUNT);
	if (e)
		return e;
	OWNED_MEM Weir__Answer *rows = xcalloc(a->count, sizeof(*rows));
	OWNED_MEM Weir__Answer **lent = xcalloc(a->count, sizeof(Weir__Answer *));
	for (size_t i = 0; i < a->count; i++) {
		rows[i] = (Weir__Answer)WEIR__ANSWER__INIT;
		rows[i].path = pb_text(a->answers[i].path);
		rows[i].value = pb_text(a->answers[i].value);
		lent[i] = &rows[i];
	}
	Weir__Answers m = WEIR__ANSWERS__INIT;
	m.version = ANSWERS_VERSION;
	m.form = pb_text(a->form);
	m.form_version = pb_text(a->form_version);
	m.instance_id = pb_text(a->instance_id);
	m.n_answers = a->count;
	m.answers = lent;
	e = check_answers(&m);
	if (e)
		return e;
	wire_pack(out, &m);
	return buf_check(out, "answers");
}

static enum err
read_answers(struct wire_answers *a, const Weir__Answers *m, struct wire_arena *arena)
{
	enum err e = check_answers(m);
	if (e)
		return e;
	struct wire_answer *rows = wire_arena_take(arena, m->n_answers * sizeof(*rows));
	if (!rows)
		return fail(E_FORMAT, "answers: too large");
	for (size_t i = 0; i < m->n_answers; i++)
		rows[i] = (struct wire_answer){m->answers[i]->path, m->answers[i]->value};
	a->form = m->form;
	a->form_version = m->form_version;
	a->instance_id = m->instance_id;
	a->count = m->n_answers;
	a->answers = rows;
	return OK;
}

enum err
wire_answers_unpack(struct wire_answers **ret, struct view bytes)
{
	*ret = NULL;
	enum err e = wire_is_capped("answers", bytes.len, WIRE_ANSWERS_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, sizeof(struct wire_answers));
	/* The first thing in the arena: freeing it frees all. */
	OWNED(wire_answers) struct wire_answers *a = wire_arena_take(&arena, sizeof(*a));
	void *m = NULL;
	e = wire_unpack(&m, &weir__answers__descriptor, &arena, bytes, "answers");
	a->memory_bytes = arena.used;
	if (!e)
		e = read_answers(a, m, &arena);
	if (!e)
		*ret = take(a);
	return e;
}

void
wire_answers_free(struct wire_answers *a)
{
	if (!a)
		return;
	explicit_bzero(a, a->memory_bytes);
	free(a);
}
