#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/net/call.h"

#include "hub/holders.h"
#include "hub/ipc.h"
#include "hub/keeper_call.h"
#include "hub/office.h"

#define INNER_MAX_BYTES 1024
#define FRAME_BYTES     1024

static size_t
place_of(const struct holders_body *b, const char *id)
{
	size_t i = 0;
	while (i < b->count && strcmp(b->id[i], id) != 0)
		i++;
	return i;
}

/* the study secret */

struct opening {
	struct signer *outer, *inner;
	struct secret *study_secret;
};

static enum err
open_pair(void *arg, const char *outer, const char *inner, struct view box)
{
	struct opening *o = arg;
	OWNED_BUF struct buf peeled;
	buf_init(&peeled, INNER_MAX_BYTES);
	if (strcmp(outer, o->outer->id) != 0 || strcmp(inner, o->inner->id) != 0)
		return OK;
	enum err e = box_open(&peeled, box, o->outer->box);
	if (!e)
		e = box_open_secret(&o->study_secret, buf_view(&peeled), o->inner->box);
	return e ? fail_in(e, "the box of %s and %s", outer, inner) : OK;
}

static enum err
open_study(struct program *p, struct opening *o)
{
	enum err e = keeperkey_pairs(program_dir(p), open_pair, o);
	return e || o->study_secret
		       ? e
		       : fail(E_DENIED, "%s and %s do not hold the study key together",
				 o->outer->id, o->inner->id);
}

static enum err
tell_keeper(struct program *p, struct secret *study_secret)
{
	OWNED(keeper_call) struct keeper_call *c = NULL;
	OWNED_WIPED struct buf frame;
	OWNED_BUF struct buf answer;
	buf_init(&frame, FRAME_BYTES);
	buf_reserve(&frame, FRAME_BYTES);
	buf_init(&answer, FRAME_BYTES);
	call_begin(&frame, KEEPER_HOLDERS);
	buf_blob(&frame, secret_view(study_secret));
	enum err e = keeper_call_open(&c, program_dir(p));
	return e ? e : keeper_call_ask(c, &frame, &answer);
}

/* changing */

/* Both say the same, one after the other; then the keeper does it. */
static enum err
agree(struct program *p, struct office *o, const struct holders_body *b, struct opening *open)
{
	OWNED(json) struct json *first = NULL, *second = NULL;
	OWNED_BUF struct buf body;
	buf_init(&body, HOLDERS_BODY_MAX_BYTES);
	enum err e = holders_write(&body, b);
	const struct office_act act = {HOLDERS_KIND, HOLDERS_ID, buf_view(&body)};
	if (!e)
		e = office_submit(o, open->outer, &act, &first);
	if (!e)
		e = office_submit(o, open->inner, &act, &second);
	if (!e)
		e = tell_keeper(p, open->study_secret);
	return e;
}

static enum err
check_by(struct program *p)
{
	if (program_value_count(p, "by") != 2)
		return program_usage(
			p, "--by is needed twice: two holders decide this together");
	if (strcmp(program_value_at(p, "by", 0), program_value_at(p, "by", 1)) == 0)
		return program_usage(p, "--by names the same person twice");
	if (!program_value(p, "reason"))
		return program_usage(p, "--reason TEXT is needed");
	return OK;
}

static enum err
change(struct program *p, struct holders_body *b)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *outer = NULL, *inner = NULL;
	struct opening open = {.study_secret = NULL};
	(void)snprintf(b->reason, sizeof(b->reason), "%s", program_value(p, "reason"));
	enum err e = office_open(&o, p);
	if (!e)
		e = office_person(o, program_value_at(p, "by", 0), &outer);
	if (!e)
		e = office_person(o, program_value_at(p, "by", 1), &inner);
	open.outer = outer;
	open.inner = inner;
	if (!e)
		e = open_study(p, &open);
	if (!e)
		e = agree(p, o, b, &open);
	secret_free(open.study_secret);
	if (e)
		return e;
	OWNED_MEM char *warning = holders_warning(program_dir(p));
	if (program_json(p))
		printf("{\"holders\":%zu}\n", b->count);
	else
		printf("any two of %zu holders open the study key now, and it is a new one. "
		       "Destroy copies of\nkeys/keeper.key and keys/holders from before, and "
		       "make "
		       "a new one: weir-hub backup DIR --keys FILE\n%s",
			b->count, warning);
	return OK;
}

static enum err
run_add(struct program *p)
{
	struct holders_body b;
	const char *id = program_arg(p, 0);
	enum err e = check_by(p);
	if (!e)
		e = holders_read(&b, program_dir(p));
	if (!e && place_of(&b, id) < b.count)
		e = fail(E_CONFLICT, "%s holds the study key already", id);
	if (!e && b.count == KEEPERKEY_HOLDERS_COUNT)
		e = fail(E_DENIED, "%d hold the study key already: no more can",
			KEEPERKEY_HOLDERS_COUNT);
	if (!e && strlen(id) >= ROW_ID_BYTES)
		e = fail(E_NOTFOUND, "nobody of the study is called %s", id);
	if (e)
		return e;
	(void)snprintf(b.id[b.count++], ROW_ID_BYTES, "%s", id);
	holders_sort(&b);
	return change(p, &b);
}

static enum err
run_remove(struct program *p)
{
	struct holders_body b;
	const char *id = program_arg(p, 0);
	enum err e = check_by(p);
	if (!e)
		e = holders_read(&b, program_dir(p));
	if (!e && place_of(&b, id) == b.count)
		e = fail(E_NOTFOUND, "%s does not hold the study key", id);
	if (!e && b.count == 2)
		e = fail(E_DENIED,
			"two hold the study key: add another one first, no one alone "
			"may be left");
	if (e)
		return e;
	size_t at = place_of(&b, id);
	memmove(b.id[at], b.id[at + 1], (b.count - at - 1) * sizeof(b.id[0]));
	b.count--;
	return change(p, &b);
}

static enum err
run_list(struct program *p)
{
	struct holders_body b;
	enum err e = holders_read(&b, program_dir(p));
	if (e)
		return e;
	for (size_t i = 0; i < b.count; i++)
		printf(program_json(p) ? "%s\"%s\"" : "%s%s\n",
			!program_json(p) ? ""
			: i              ? ","
					 : "{\"holders\":[",
			b.id[i]);
	if (program_json(p))
		printf("]}\n");
	return OK;
}

static const struct program_option change_options[] = {
	{"by", "PERSON...", "a holder who agrees; give it twice"},
	{"reason", "TEXT", "why; it stands in the log"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_holder_add = {
	.name = "holder add",
	.run = run_add,
	.help = "let another person hold the study key; two who hold it agree",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = change_options,
};

const struct program_command cmd_holder_remove = {
	.name = "holder remove",
	.run = run_remove,
	.help = "a person holds the study key no more; two who hold it agree",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = change_options,
};

const struct program_command cmd_holder_list = {
	.name = "holder list",
	.run = run_list,
	.help = "who holds the study key: any two of them open it",
};
