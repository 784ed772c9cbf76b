#include "node/renewal.h"

#include <string.h>

#include "common/base/mem.h"

#include "node/rewrap.h"

#define BOX_VERSION       1
#define HEAD_BYTES        5 /* version and number in front of a sealed box */
#define FIELDS_MAX_BYTES  ((size_t)64 << 20)
#define PLACE_MAX_BYTES   1024
#define ROUNDS_MOST_COUNT 16

enum step { ASKS, SETS, LISTS, PUTS, TAKES, ENDS, LISTS_LATE, PUTS_LATE, IS_DONE };

struct renewal {
	struct renewal_with with;
	enum step step;
	uint32_t number;                   /* in force, or to be */
	uint32_t rounds;                   /* how often something was found left */
	uint8_t proof[REVIEW_PROOF_BYTES]; /* that the key in force is held; or zeros */
	struct buf place, puts;
	bool ended_one, waits;
	bool lacks_backup;
	uint64_t wrapped_count;
};

struct renewal *
renewal_new(const struct renewal_with *with)
{
	struct renewal *r = xcalloc(1, sizeof(*r));
	r->with = *with;
	buf_init(&r->place, PLACE_MAX_BYTES);
	buf_init(&r->puts, FIELDS_MAX_BYTES);
	return r;
}

void
renewal_free(struct renewal *r)
{
	if (!r)
		return;
	buf_done(&r->place);
	buf_done(&r->puts);
	mem_drop(&r);
}

bool
renewal_ended_one(const struct renewal *r)
{
	return r->ended_one;
}

bool
renewal_waits(const struct renewal *r)
{
	return r->waits;
}

uint64_t
renewal_wrapped_count(const struct renewal *r)
{
	return r->wrapped_count;
}

static struct secret *
newest(const struct renewal *r)
{
	return r->with.keys->review[r->with.keys->count - 1];
}

/* asking */

bool
renewal_ask(const struct renewal *r, enum node_verb *ret_verb, struct buf *fields)
{
	static const enum node_verb verbs[] = {[ASKS] = SYNC_REVIEW,
		[SETS] = SYNC_REVIEW_SET,
		[LISTS] = SYNC_REVIEW_LIST,
		[PUTS] = SYNC_REVIEW_PUT,
		[TAKES] = SYNC_REVIEW_TAKEN,
		[ENDS] = SYNC_REVIEW_GONE,
		[LISTS_LATE] = SYNC_REWRAP_LIST,
		[PUTS_LATE] = SYNC_REWRAP_PUT};
	uint8_t public[BOX_PUBLIC_BYTES];
	if (r->step == IS_DONE)
		return false;
	*ret_verb = verbs[r->step];
	const bool lists = r->step == LISTS || r->step == LISTS_LATE;
	if (r->step != ASKS && !lists)
		buf_add(fields, r->proof, sizeof(r->proof));
	if (r->step == ASKS)
		buf_blob_text(fields, r->with.by);
	if (r->step == ENDS)
		buf_u8(fields, r->lacks_backup);
	if (r->step == SETS || r->step == TAKES || r->step == ENDS)
		buf_u32(fields, r->number);
	if (r->step == SETS) {
		box_public(public, newest(r));
		buf_add(fields, public, sizeof(public));
	}
	if (lists)
		buf_blob(fields, buf_view(&r->place));
	if (r->step == PUTS || r->step == PUTS_LATE)
		buf_add_view(fields, buf_view(&r->puts));
	return true;
}

/* the key file */

/* What is not in the file must not be told: without it the number is forgotten again. */
static enum err
make_number(struct renewal *r)
{
	struct custody *k = r->with.keys;
	enum err e = custody_renew(k, true, 0);
	if (e)
		return e;
	e = custody_rewrite(k, r->with.dir);
	if (e) {
		k->count--;
		secret_free(take(k->review[k->count]));
	}
	return e;
}

static enum err
destroy_before(struct renewal *r, uint32_t number)
{
	size_t count = r->with.keys->count;
	enum err e = custody_renew(r->with.keys, false, number - 1);
	if (e || r->with.keys->count == count)
		return e;
	r->ended_one = true;
	return custody_rewrite(r->with.keys, r->with.dir);
}

/* sealing anew */

static enum err
reseal(struct renewal *r, struct view box, struct buf *out)
{
	OWNED_WIPED struct buf plain;
	uint8_t public[BOX_PUBLIC_BYTES];
	struct cursor c = cursor_of(box);
	const struct view sealed = view_of(box.at + HEAD_BYTES, box.len - HEAD_BYTES);
	enum err e = E_AUTH;
	(void)cursor_u8(&c);
	uint32_t number = cursor_u32(&c);
	buf_init(&plain, box.len);
	buf_reserve(&plain, box.len);
	for (size_t i = 0; i < r->with.keys->count; i++)
		if (r->with.keys->number[i] == number)
			e = box_open(&plain, sealed, r->with.keys->review[i]);
	buf_u8(out, BOX_VERSION);
	buf_u32(out, r->number);
	box_public(public, newest(r));
	if (e)
		buf_add_view(out, sealed);
	else
		box_seal(out, buf_view(&plain), public);
	return buf_check(out, "what is sealed for the site");
}

static enum err
add_put(struct renewal *r, struct cursor *c)
{
	OWNED_BUF struct buf anew;
	uint8_t kind = cursor_u8(c);
	struct view key = cursor_blob(c), box = cursor_blob(c);
	buf_init(&anew, FIELDS_MAX_BYTES);
	if (c->broken || box.len < HEAD_BYTES + BOX_EXTRA_BYTES)
		return fail(E_FORMAT, "what is sealed for the site is not of its form");
	enum err e = reseal(r, box, &anew);
	buf_u8(&r->puts, kind);
	buf_blob(&r->puts, key);
	buf_blob(&r->puts, box);
	buf_blob(&r->puts, buf_view(&anew));
	return e ? e : buf_check(&r->puts, "what is sealed for the site");
}

/* answers */

/* A key file that is ahead of a vault that was put back has no such secret. */
static void
open_proof(struct renewal *r, struct view box)
{
	memset(r->proof, 0, sizeof(r->proof));
	for (size_t i = 0; i < r->with.keys->count; i++) {
		OWNED_WIPED struct buf plain;
		buf_init(&plain, REVIEW_PROOF_BYTES);
		if (r->with.keys->number[i] == r->number &&
			!box_open(&plain, box, r->with.keys->review[i]) &&
			plain.len == sizeof(r->proof))
			memcpy(r->proof, plain.at, sizeof(r->proof));
	}
}

static enum err
see_state(struct renewal *r, struct cursor *c)
{
	const struct custody *k = r->with.keys;
	uint32_t mine = k->number[k->count - 1];
	r->number = cursor_u32(c);
	(void)cursor_bytes(c, BOX_PUBLIC_BYTES);
	uint32_t taken = cursor_u32(c), destroyed = cursor_u32(c), wants = cursor_u32(c);
	const struct view box = cursor_blob(c);
	const bool is_late = cursor_u8(c) == 1, may_end = cursor_u8(c) == 1;
	enum err e = cursor_end(c, "review key of the site");
	if (!e && mine < r->number)
		e = fail(E_CONFLICT, "the key file of the desk is older than this vault");
	if (!e)
		open_proof(r, box);
	r->step = IS_DONE;
	if (!e && mine == r->number && wants > r->number)
		e = make_number(r);
	if (e)
		return e;
	mine = k->number[k->count - 1];
	/* A key file that is ahead of a vault that was put back has no older ones left. */
	r->lacks_backup = k->number[0] < r->number && !may_end;
	r->waits = destroyed < r->number && r->lacks_backup && !r->with.without_backup;
	if (mine > r->number) {
		r->number = mine;
		r->step = SETS;
	} else if (taken < r->number) {
		buf_reset(&r->place);
		r->step = LISTS;
	} else if (destroyed < r->number && !r->waits) {
		e = destroy_before(r, r->number);
		r->step = ENDS;
	} else if (is_late) {
		buf_reset(&r->place);
		r->step = LISTS_LATE;
	}
	return e;
}

static enum err
see_list(struct renewal *r, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	enum err e = OK;
	buf_reset(&r->puts);
	buf_u32(&r->puts, count);
	for (uint32_t i = 0; !e && i < count; i++)
		e = add_put(r, c);
	struct view next = cursor_blob(c);
	buf_reset(&r->place);
	buf_add_view(&r->place, next);
	if (!e)
		e = cursor_end(c, "what is sealed for the site");
	if (!e)
		e = buf_check(&r->place, "a place in the list");
	r->step = count ? PUTS : next.len ? LISTS : TAKES;
	return e;
}

static enum err
see_late(struct renewal *r, struct cursor *c)
{
	uint32_t count = 0;
	buf_reset(&r->puts);
	buf_reset(&r->place);
	enum err e = rewrap_answer(r->with.card, r->with.keys, c, &r->puts, &r->place, &count);
	if (!e)
		e = buf_check(&r->place, "a place in the list");
	r->wrapped_count += count;
	r->step = count ? PUTS_LATE : r->place.len ? LISTS_LATE : IS_DONE;
	return e;
}

static enum err
see(struct renewal *r, struct cursor *c)
{
	switch (r->step) {
	case ASKS:
		return see_state(r, c);
	case LISTS:
		return see_list(r, c);
	case PUTS:
		r->step = r->place.len ? LISTS : TAKES;
		return OK;
	case SETS:
	case TAKES:
	case ENDS:
		r->step = ASKS;
		return OK;
	case LISTS_LATE:
		return see_late(r, c);
	case PUTS_LATE:
		r->step = r->place.len ? LISTS_LATE : IS_DONE;
		return OK;
	case IS_DONE:
		break;
	}
	return fail(E_FORMAT, "sync answered what nobody asked");
}

enum err
renewal_answer(struct renewal *r, enum err code, struct cursor *fields)
{
	enum err e = code;
	if (code == E_BUSY && r->step == TAKES && r->rounds < ROUNDS_MOST_COUNT) {
		buf_reset(&r->place);
		r->rounds++;
		r->step = LISTS;
		return OK;
	}
	if (!e)
		e = see(r, fields);
	if (e)
		r->step = IS_DONE;
	return e;
}
