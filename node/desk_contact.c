#include "node/desk_contact_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#define CODES_BYTES ((size_t)NAMEBOOK_MAX_COUNT * (NAMEBOOK_CODE_MAX_BYTES + 4) + 12)
#define MS_PER_S    1000

bool
desk_contact_knows(uint16_t verb)
{
	return (verb >= DESK_CONTACT_PUT && verb <= DESK_CONTACT_LOAD) ||
	       verb == DESK_CONTACT_DROP_DUE;
}

void
desk_contact_free(struct desk_contact *c)
{
	if (!c)
		return;
	buf_wipe(&c->request);
	buf_wipe(&c->codes);
	buf_wipe(&c->gone);
	buf_done(&c->states);
	mem_drop(&c);
}

/* fields of one person */

void
desk_contact_write(struct buf *out, const struct name *p)
{
	buf_blob(out, p->code);
	buf_blob(out, p->name);
	buf_blob(out, p->contact);
	buf_blob(out, p->way);
	buf_u64(out, (uint64_t)p->changed_s);
}

struct name
desk_contact_read(struct cursor *c)
{
	struct name p = {.code = cursor_blob(c)};
	p.name = cursor_blob(c);
	p.contact = cursor_blob(c);
	p.way = cursor_blob(c);
	p.changed_s = (int64_t)cursor_u64(c);
	return p;
}

/* begin */

static int64_t
last_s(const struct name *p)
{
	return MAX(p->changed_s, p->contacted_s);
}

bool
desk_contact_is_due(const struct desk_contact *c, const struct name *p)
{
	return c->keep_s && last_s(p) + c->keep_s <= c->now_s;
}

static enum err
add_code(void *arg, const struct name *p)
{
	struct desk_contact *c = arg;
	c->oldest_s = c->count ? MIN(c->oldest_s, last_s(p)) : last_s(p);
	buf_blob(&c->codes, p->code);
	c->count++;
	return OK;
}

/* All that are kept; their number comes first. */
static enum err
ask_about_all(struct desk_contact *c, struct namebook *n)
{
	uint64_t count = 0;
	enum err e = namebook_count(n, &count);
	buf_u32(&c->codes, (uint32_t)count);
	if (!e)
		e = namebook_each(n, add_code, c);
	return e;
}

static void
ask_about_one(struct desk_contact *c, struct view code)
{
	buf_u32(&c->codes, 1);
	buf_blob(&c->codes, code);
	c->count = 1;
}

static enum err
begin_put(struct desk_contact *c, struct cursor *fields)
{
	struct name p = {.code = cursor_blob(fields)};
	p.name = cursor_blob(fields);
	p.contact = cursor_blob(fields);
	p.way = cursor_blob(fields);
	p.changed_s = c->now_s;
	desk_contact_write(&c->request, &p);
	ask_about_one(c, p.code);
	return buf_check(&c->request, "name");
}

static enum err
begin_get(struct desk_contact *c, struct namebook *n, struct cursor *fields)
{
	struct name p;
	struct view code = cursor_blob(fields);
	c->purpose = cursor_u8(fields);
	if (fields->broken || c->purpose < CONTACT_TO_CONTACT ||
		c->purpose > CONTACT_TO_ASK_ANEW)
		return fail(E_FORMAT, "a name is opened to contact somebody or to correct it");
	ask_about_one(c, code);
	return namebook_get(n, code, &p);
}

/* One that is damaged can be removed as well. */
static enum err
begin_drop(struct desk_contact *c, struct namebook *n, struct cursor *fields)
{
	struct name p;
	struct view code = cursor_blob(fields);
	ask_about_one(c, code);
	enum err e = namebook_get(n, code, &p);
	return e == E_FORMAT ? OK : e;
}

static enum err
open_copy(struct desk_contact *c, struct secret *key, struct view copy)
{
	const size_t head = sizeof(DESK_CONTACT_COPY) - 1;
	if (copy.len < head || memcmp(copy.at, DESK_CONTACT_COPY, head) != 0)
		return fail(E_FORMAT, "this is no copy of the names of a desk");
	enum err e = aead_open(&c->request, view_of(copy.at + head, copy.len - head),
		view_text(DESK_CONTACT_COPY), secret_bytes(key));
	return e == E_AUTH ? fail(e, "this copy is of another desk, or was made before the "
				     "names key was renewed: it opens no more")
			   : e;
}

static enum err
begin_load(struct desk_contact *c, struct secret *key, struct cursor *fields)
{
	enum err e = open_copy(c, key, cursor_blob(fields));
	if (e)
		return e;
	struct cursor copy = cursor_of(buf_view(&c->request));
	c->count = cursor_u32(&copy);
	buf_u32(&c->codes, c->count);
	for (uint32_t i = 0; i < c->count && !copy.broken; i++)
		buf_blob(&c->codes, desk_contact_read(&copy).code);
	return copy.broken ? fail(E_FORMAT, "the copy of the names is cut short") : OK;
}

static enum err
begin(struct desk_contact *c, struct namebook *n, struct secret *key, struct cursor *fields)
{
	if (c->verb == DESK_CONTACT_PUT)
		return begin_put(c, fields);
	if (c->verb == DESK_CONTACT_GET)
		return begin_get(c, n, fields);
	if (c->verb == DESK_CONTACT_LOAD)
		return begin_load(c, key, fields);
	return c->verb == DESK_CONTACT_DROP ? begin_drop(c, n, fields) : ask_about_all(c, n);
}

enum err
desk_contact_begin(struct desk_contact **ret, struct namebook *n, struct secret *key,
	enum node_verb verb, struct cursor *fields)
{
	OWNED(desk_contact) struct desk_contact *c = xcalloc(1, sizeof(*c));
	bool copy = verb == DESK_CONTACT_LOAD;
	*ret = NULL;
	c->verb = verb;
	c->purpose = copy || verb == DESK_CONTACT_PUT ? CONTACT_TO_KEEP : CONTACT_TO_CONTACT;
	buf_init(&c->request, copy ? DESK_CONTACT_MAX_BYTES : 2 * NAMEBOOK_PAD_BYTES);
	/* Growing would leave bytes behind that nobody wipes. */
	buf_reserve(&c->request, copy ? fields->left : 2 * NAMEBOOK_PAD_BYTES);
	buf_init(&c->codes, CODES_BYTES);
	buf_init(&c->states, DESK_CONTACT_MAX_BYTES);
	buf_init(&c->gone, CODES_BYTES);
	c->now_s = clock_wall_ms() / MS_PER_S;
	enum err e = begin(c, n, key, fields);
	buf_u64(&c->codes, (uint64_t)c->oldest_s);
	buf_u8(&c->codes, c->purpose);
	if (!e && verb != DESK_UNLOCK)
		e = cursor_end(fields, "request");
	if (!e)
		e = buf_check(&c->codes, "study codes");
	if (!e)
		*ret = take(c);
	return e;
}

struct view
desk_contact_asks(const struct desk_contact *c)
{
	return buf_view(&c->codes);
}

/* judge */

struct desk_contact_state
desk_contact_state(struct cursor *c)
{
	struct desk_contact_state s = {.state = (enum contact_state)cursor_u8(c)};
	s.why = cursor_blob(c);
	return s;
}

static void
refuse(struct desk_contact *c, enum err code, struct view why)
{
	c->refusal = code;
	(void)snprintf(
		c->reason, sizeof(c->reason), "%.*s", (int)why.len, (const char *)why.at);
}

/* A name is kept of whoever has a code here and permits it; it is shown only to whom it may
 * serve. */
static void
judge_one(struct desk_contact *c, const struct desk_contact_state *s)
{
	bool erased = s->state == CONTACT_ERASED;
	bool puts = c->verb == DESK_CONTACT_PUT, opens = c->verb == DESK_CONTACT_GET;
	bool may_put = !erased && s->state != CONTACT_NOT;
	bool may_open =
		!erased && (c->purpose == CONTACT_TO_CORRECT || s->state == CONTACT_MAY);
	if (puts && s->state == CONTACT_UNKNOWN)
		refuse(c, E_NOTFOUND, s->why);
	else if ((puts && !may_put) || (opens && !may_open))
		refuse(c, E_DENIED, s->why);
}

static const char *const purposes[] = {[CONTACT_TO_CONTACT] = "contact",
	[CONTACT_TO_CORRECT] = "correct",
	[CONTACT_TO_TELL_RESULTS] = "inform-results",
	[CONTACT_TO_ASK_ANEW] = "recontact-other-study"};

static struct desk_contact_act
act_of(const struct desk_contact *c)
{
	static const char *const actions[] = {"contact-kept", "contact-opened",
		"contact-removed", "contacts-listed", "contacts-copied", "contacts-put-back"};
	struct desk_contact_act a = {.purpose = "", .outcome = "done", .decision = "permit"};
	a.action = c->verb == DESK_UNLOCK             ? "contacts-erased"
		   : c->verb == DESK_CONTACT_DROP_DUE ? CONTACT_DUE_ACTION
						      : actions[c->verb - DESK_CONTACT_PUT];
	if (c->verb == DESK_CONTACT_GET && c->purpose == CONTACT_TO_CORRECT)
		a.action = "contact-opened-to-correct";
	if (c->verb == DESK_CONTACT_GET)
		a.purpose = purposes[c->purpose];
	if (c->refusal) {
		a.outcome = "refused";
		a.decision = "deny";
	}
	return a;
}

enum err
desk_contact_judge(struct desk_contact *c, struct cursor *states, struct desk_contact_act *ret)
{
	buf_add(&c->states, states->at, states->left);
	struct cursor all = cursor_of(buf_view(&c->states));
	struct cursor codes = cursor_of(buf_view(&c->codes));
	uint32_t count = cursor_u32(&all);
	(void)cursor_u32(&codes);
	for (uint32_t i = 0; i < count && !all.broken; i++) {
		const struct desk_contact_state s = desk_contact_state(&all);
		const struct view code = cursor_blob(&codes);
		if (c->count == 1)
			judge_one(c, &s);
		if (s.state != CONTACT_ERASED)
			continue;
		c->erased++;
		buf_blob(&c->gone, code);
	}
	c->keep_s = (int64_t)cursor_u64(&all);
	*ret = act_of(c);
	if (count != c->count)
		return fail(E_FORMAT, "sync answered about others than it was asked");
	enum err e = cursor_end(&all, "who may be contacted");
	if (!e)
		e = buf_check(&c->gone, "who asked to be erased");
	return e ? e : buf_check(&c->states, "who may be contacted");
}

bool
desk_contact_leaves(const struct desk_contact *c, struct view code)
{
	struct cursor gone = cursor_of(buf_view(&c->gone));
	if (!desk_contact_erases(c))
		return false;
	while (gone.left)
		if (view_same(cursor_blob(&gone), code))
			return true;
	return false;
}

bool
desk_contact_erases(const struct desk_contact *c)
{
	return c->verb == DESK_UNLOCK && c->erased > 0;
}
