#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/json.h"
#include "common/net/call.h"

#include "hub/ipc.h"
#include "hub/keeper_call.h"
#include "hub/keeperkey.h"
#include "hub/office.h"

#define BOXES_MAX_BYTES 16384
#define INNER_MAX_BYTES 1024

/* what is printed */

static const char *
word_of(enum keeper_state s)
{
	switch (s) {
	case KEEPER_LOCKED:
		return "locked";
	case KEEPER_ONE:
		return "one";
	case KEEPER_OPENED:
		return "open";
	}
	return "";
}

static void
print_people(const struct keeper_status *s)
{
	switch (s->state) {
	case KEEPER_LOCKED:
		printf("the keeper is locked: two holders unlock it\n");
		break;
	case KEEPER_ONE:
		printf("%s has begun to unlock the keeper; another holder has to follow within "
		       "%u s\n",
			s->first, s->left_s);
		break;
	case KEEPER_OPENED:
		printf("the keeper is open; it locks after %u s without use\n", s->left_s);
		break;
	}
}

static enum err
print_status(struct program *p, struct keeper_call *c)
{
	struct keeper_status s;
	enum err e = keeper_call_status(c, &s);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"state\":\"%s\",\"first\":\"%s\",\"left_s\":%u}\n", word_of(s.state),
			s.first, s.left_s);
	else
		print_people(&s);
	return OK;
}

/* the first holder */

struct peeling {
	const struct signer *by;
	struct buf boxes;
	uint32_t count;
};

static enum err
peel_one(void *arg, const char *outer, const char *inner, struct view box)
{
	struct peeling *p = arg;
	OWNED_BUF struct buf peeled;
	buf_init(&peeled, INNER_MAX_BYTES);
	if (strcmp(outer, p->by->id) != 0)
		return OK;
	enum err e = box_open(&peeled, box, p->by->box);
	if (e)
		return fail_in(e, "the box of %s", outer);
	buf_blob_text(&p->boxes, inner);
	buf_blob(&p->boxes, buf_view(&peeled));
	p->count++;
	return OK;
}

static enum err
send_boxes(struct keeper_call *c, const struct peeling *p)
{
	OWNED_BUF struct buf frame, answer;
	buf_init(&frame, BOXES_MAX_BYTES + 1024);
	buf_init(&answer, 64);
	call_begin(&frame, KEEPER_PEEL);
	buf_blob_text(&frame, p->by->id);
	buf_u32(&frame, p->count);
	buf_add_view(&frame, buf_view(&p->boxes));
	return keeper_call_ask(c, &frame, &answer);
}

static enum err
begin(struct program *program, struct keeper_call *c, const struct signer *by)
{
	struct peeling p = {.by = by};
	buf_init(&p.boxes, BOXES_MAX_BYTES);
	enum err e = keeperkey_pairs(program_dir(program), peel_one, &p);
	if (!e && p.count == 0)
		e = fail(E_DENIED, "%s is no holder of the keeper", by->id);
	if (!e)
		e = buf_check(&p.boxes, "the holder's boxes");
	if (!e)
		e = send_boxes(c, &p);
	buf_done(&p.boxes);
	return e;
}

/* the second holder */

static enum err
ask_inner(struct keeper_call *c, const struct signer *by, struct buf *ret_box)
{
	OWNED_BUF struct buf frame, answer;
	char first[ROW_ID_BYTES];
	buf_init(&frame, 1024);
	buf_init(&answer, BOXES_MAX_BYTES);
	call_begin(&frame, KEEPER_INNER);
	buf_blob_text(&frame, by->id);
	enum err e = keeper_call_ask(c, &frame, &answer);
	if (e)
		return e;
	struct cursor f = cursor_of(buf_view(&answer));
	row_text(&f, first, sizeof(first));
	buf_add_view(ret_box, cursor_blob(&f));
	return cursor_end(&f, "the keeper's answer");
}

static enum err
send_secret(struct keeper_call *c, const struct signer *by, struct secret *study_secret)
{
	OWNED_WIPED struct buf frame;
	OWNED_BUF struct buf answer;
	buf_init(&frame, 1024);
	buf_init(&answer, 64);
	call_begin(&frame, KEEPER_OPEN);
	buf_blob_text(&frame, by->id);
	buf_blob(&frame, secret_view(study_secret));
	return keeper_call_ask(c, &frame, &answer);
}

static enum err
finish(struct keeper_call *c, const struct signer *by)
{
	OWNED_BUF struct buf box;
	OWNED_SECRET struct secret *study_secret = NULL;
	buf_init(&box, INNER_MAX_BYTES);
	enum err e = ask_inner(c, by, &box);
	if (!e)
		e = box_open_secret(&study_secret, buf_view(&box), by->box);
	return e ? e : send_secret(c, by, study_secret);
}

static enum err
unlock(struct program *p, struct keeper_call *c, const struct signer *by)
{
	struct keeper_status s;
	enum err e = keeper_call_status(c, &s);
	if (e)
		return e;
	if (s.state == KEEPER_OPENED)
		return fail(E_CONFLICT, "the keeper is open already");
	e = s.state == KEEPER_LOCKED ? begin(p, c, by) : finish(c, by);
	return e ? e : print_status(p, c);
}

static enum err
run_unlock(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(keeper_call) struct keeper_call *c = NULL;
	OWNED(signer) struct signer *by = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = keeper_call_open(&c, program_dir(p));
	if (!e)
		e = office_signer(o, &by);
	return e ? e : unlock(p, c, by);
}

/* the others */

static enum err
run_lock(struct program *p)
{
	OWNED(keeper_call) struct keeper_call *c = NULL;
	OWNED_BUF struct buf frame, answer;
	buf_init(&frame, 64);
	buf_init(&answer, 64);
	call_begin(&frame, KEEPER_LOCK);
	enum err e = keeper_call_open(&c, program_dir(p));
	if (!e)
		e = keeper_call_ask(c, &frame, &answer);
	return e ? e : print_status(p, c);
}

static enum err
run_status(struct program *p)
{
	OWNED(keeper_call) struct keeper_call *c = NULL;
	enum err e = keeper_call_open(&c, program_dir(p));
	return e ? e : print_status(p, c);
}

static const struct program_option unlock_options[] = {
	{"by", "PERSON", "the holder; another one has to follow, or went before"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_keeper_unlock = {.name = "keeper unlock",
	.run = run_unlock,
	.help = "open the keeper, as the first or the second of two holders",
	.options = unlock_options};

const struct program_command cmd_keeper_lock = {
	.name = "keeper lock", .run = run_lock, .help = "lock the keeper now; anybody may"};

const struct program_command cmd_keeper_status = {.name = "keeper status",
	.run = run_status,
	.help = "is the keeper locked, begun or open"};
