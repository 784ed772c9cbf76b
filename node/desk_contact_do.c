#include "node/desk_contact_inside.h"

#include "common/base/mem.h"

#define COPY_PAD_BYTES ((size_t)64 << 10)

static enum err
finish_get(struct desk_contact *c, struct namebook *n, struct buf *reply)
{
	struct cursor code = cursor_of(buf_view(&c->codes));
	struct name p;
	(void)cursor_u32(&code);
	enum err e = namebook_get(n, cursor_blob(&code), &p);
	if (e)
		return e;
	buf_blob(reply, p.name);
	buf_blob(reply, p.contact);
	buf_blob(reply, p.way);
	buf_u64(reply, (uint64_t)p.changed_s);
	if (c->purpose == CONTACT_TO_CORRECT)
		return OK;
	/* Texts are lent until the next call: what is put is what is there but for the time. */
	p.contacted_s = c->now_s;
	return namebook_put(n, &p);
}

static enum err
finish_list(struct desk_contact *c, struct namebook *n, struct buf *reply)
{
	struct cursor codes = cursor_of(buf_view(&c->codes));
	struct cursor states = cursor_of(buf_view(&c->states));
	enum err e = OK;
	(void)cursor_u32(&codes);
	buf_u32(reply, cursor_u32(&states));
	for (uint32_t i = 0; !e && i < c->count; i++) {
		struct view code = cursor_blob(&codes);
		const struct desk_contact_state s = desk_contact_state(&states);
		struct name p;
		e = namebook_get(n, code, &p);
		if (e)
			break;
		buf_blob(reply, code);
		buf_blob(reply, s.state == CONTACT_MAY ? p.name : view_of(NULL, 0));
		buf_u8(reply, (uint8_t)s.state);
		buf_blob(reply, s.why);
		buf_u8(reply, desk_contact_is_due(c, &p));
	}
	return e;
}

/* A copy has one time of each: the later one, behind which it may be due. */
static enum err
add_to_copy(void *arg, const struct name *p)
{
	struct name copied = *p;
	copied.changed_s = MAX(p->changed_s, p->contacted_s);
	desk_contact_write(arg, &copied);
	return OK;
}

static bool
is_due(const void *arg, const struct name *p)
{
	return desk_contact_is_due(arg, p);
}

static enum err
finish_due(struct desk_contact *c, struct namebook *n, struct buf *reply)
{
	uint32_t count = 0;
	if (!c->keep_s)
		return fail(E_DENIED, "the study does not say how long names are kept "
				      "(retention.contact in study.ini)");
	enum err e = namebook_remove_those(n, is_due, c, &count);
	buf_u32(reply, count);
	return e;
}

static enum err
add_due(void *arg, const struct name *p)
{
	struct desk_contact *c = arg;
	c->due += desk_contact_is_due(c, p);
	return OK;
}

enum err
desk_contact_due(struct desk_contact *c, struct namebook *n, uint32_t *ret)
{
	c->due = 0;
	enum err e = namebook_each(n, add_due, c);
	*ret = c->due;
	return e;
}

static enum err
finish_save(
	const struct desk_contact *c, struct namebook *n, struct secret *key, struct buf *reply)
{
	static const uint8_t zeros[4096];
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf copy;
	size_t room = MIN(
		(size_t)c->count * NAMEBOOK_PAD_BYTES + COPY_PAD_BYTES, DESK_CONTACT_MAX_BYTES);
	buf_init(&plain, DESK_CONTACT_MAX_BYTES);
	buf_reserve(&plain, room);
	buf_init(&copy, DESK_CONTACT_MAX_BYTES + 256);
	buf_u32(&plain, c->count);
	enum err e = namebook_each(n, add_to_copy, &plain);
	while (!e && !plain.broken && plain.len % COPY_PAD_BYTES)
		buf_add(&plain, zeros,
			MIN(sizeof(zeros), COPY_PAD_BYTES - plain.len % COPY_PAD_BYTES));
	if (!e)
		e = buf_check(&plain, "copy of the names");
	if (e)
		return e;
	buf_add_view(&copy, view_text(DESK_CONTACT_COPY));
	aead_seal(&copy, buf_view(&plain), view_text(DESK_CONTACT_COPY), secret_bytes(key));
	buf_blob(reply, buf_view(&copy));
	return buf_check(&copy, "copy of the names");
}

static enum err
finish_load(struct desk_contact *c, struct namebook *n, struct buf *reply)
{
	struct cursor copy = cursor_of(buf_view(&c->request));
	struct cursor states = cursor_of(buf_view(&c->states));
	uint32_t put = 0;
	enum err e = OK;
	(void)cursor_u32(&copy);
	(void)cursor_u32(&states);
	for (uint32_t i = 0; !e && i < c->count; i++) {
		const struct name p = desk_contact_read(&copy);
		const struct desk_contact_state s = desk_contact_state(&states);
		struct name there;
		if (s.state == CONTACT_ERASED || s.state == CONTACT_NOT)
			continue;
		e = namebook_get(n, p.code, &there);
		bool missing =
			e == E_NOTFOUND || e == E_FORMAT; /* damaged is as good as gone */
		if (missing)
			e = namebook_put(n, &p);
		put += missing && !e;
	}
	buf_u32(reply, put);
	return e;
}

enum err
desk_contact_finish(
	struct desk_contact *c, struct namebook *n, struct secret *key, struct buf *reply)
{
	if (c->refusal)
		return fail(c->refusal, "%s", c->reason);
	if (!n || !key)
		return fail(E_BUSY, "the desk was locked meanwhile");
	struct cursor fields = cursor_of(buf_view(&c->request));
	struct cursor codes = cursor_of(buf_view(&c->codes));
	(void)cursor_u32(&codes);
	if (c->verb == DESK_CONTACT_PUT) {
		const struct name p = desk_contact_read(&fields);
		return namebook_put(n, &p);
	}
	if (c->verb == DESK_CONTACT_DROP)
		return namebook_remove(n, cursor_blob(&codes));
	if (c->verb == DESK_CONTACT_GET)
		return finish_get(c, n, reply);
	if (c->verb == DESK_CONTACT_LIST)
		return finish_list(c, n, reply);
	if (c->verb == DESK_CONTACT_SAVE)
		return finish_save(c, n, key, reply);
	if (c->verb == DESK_CONTACT_DROP_DUE)
		return finish_due(c, n, reply);
	if (c->verb == DESK_CONTACT_LOAD)
		return finish_load(c, n, reply);
	return OK; /* who is erased left with the key */
}
