#include "tests/fuzz/fuzz.h"

#include "common/codec/wire_answers.h"
#include "common/codec/wire_entry.h"
#include "common/codec/wire_rules.h"

static void
try_header(struct view v, struct buf *out)
{
	struct wire_header h;
	if (!wire_header_unpack(&h, v)) {
		fuzz_must(!wire_header_pack(out, &h));
		fuzz_must_repeat(out, v);
	}
}

static void
try_rules(struct view v, struct buf *out)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	if (!wire_rules_unpack(&r, v)) {
		fuzz_must(!wire_rules_pack(out, r));
		fuzz_must_repeat(out, v);
	}
}

static void
try_answers(struct view v, struct buf *out)
{
	OWNED(wire_answers) struct wire_answers *a = NULL;
	if (!wire_answers_unpack(&a, v)) {
		fuzz_must(!wire_answers_pack(out, a));
		fuzz_must_repeat(out, v);
	}
}

static void
try_act(struct view v, struct buf *out)
{
	struct view json;
	if (!wire_act_unpack(&json, v)) {
		fuzz_must(!wire_act_pack(out, json));
		fuzz_must_repeat(out, v);
	}
}

/* The first byte says which: header, rules, answers or act. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct view v = view_of(data + 1, size - 1);
	OWNED_BUF struct buf out = {0};
	buf_init(&out, size);
	if (data[0] == 'h')
		try_header(v, &out);
	else if (data[0] == 'r')
		try_rules(v, &out);
	else if (data[0] == 'a')
		try_answers(v, &out);
	else
		try_act(v, &out);
	return 0;
}
