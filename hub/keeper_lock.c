#include "hub/keeper_lock.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#define BOX_MAX_BYTES 1024

/* What the first holder left for another. */
struct inner {
	char *holder;
	uint8_t *box;
	size_t len;
};

struct keeper_lock {
	struct keeper_lock_config config;
	char first[ROW_ID_BYTES];
	char second[ROW_ID_BYTES];
	int64_t ends_ms; /* of the first holder's turn, or of the open keeper */
	struct inner *inner;
	size_t inner_count;
	struct keeperkey *keys;
};

struct keeper_lock *
keeper_lock_new(const struct keeper_lock_config *c)
{
	struct keeper_lock *l = xcalloc(1, sizeof(*l));
	l->config = *c;
	return l;
}

static void
drop_inner(struct keeper_lock *l)
{
	for (size_t i = 0; i < l->inner_count; i++) {
		mem_drop(&l->inner[i].holder);
		mem_drop(&l->inner[i].box);
	}
	mem_drop(&l->inner);
	l->inner_count = 0;
}

void
keeper_lock_close(struct keeper_lock *l)
{
	drop_inner(l);
	keeperkey_free(take(l->keys));
	l->first[0] = l->second[0] = '\0';
	l->ends_ms = 0;
}

void
keeper_lock_free(struct keeper_lock *l)
{
	if (!l)
		return;
	keeper_lock_close(l);
	mem_drop(&l);
}

enum keeper_state
keeper_lock_state(const struct keeper_lock *l)
{
	if (l->keys)
		return KEEPER_OPENED;
	return l->first[0] ? KEEPER_ONE : KEEPER_LOCKED;
}

const char *
keeper_lock_first(const struct keeper_lock *l)
{
	return l->first;
}

const char *
keeper_lock_second(const struct keeper_lock *l)
{
	return l->second;
}

int64_t
keeper_lock_left_ms(const struct keeper_lock *l, int64_t now_ms)
{
	if (keeper_lock_state(l) == KEEPER_LOCKED)
		return 0;
	return MAX(l->ends_ms - now_ms, (int64_t)0);
}

struct keeperkey *
keeper_lock_keys(struct keeper_lock *l)
{
	return l->keys;
}

static enum err
read_boxes(struct keeper_lock *l, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	if (count == 0 || count >= KEEPERKEY_HOLDERS_COUNT)
		c->broken = true;
	l->inner = xcalloc(KEEPERKEY_HOLDERS_COUNT, sizeof(*l->inner));
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		OWNED_MEM char *holder = cursor_text(c, ROW_ID_BYTES - 1);
		struct view box = cursor_blob(c);
		if (c->broken || box.len > BOX_MAX_BYTES) {
			c->broken = true;
			break;
		}
		l->inner[l->inner_count++] =
			(struct inner){take(holder), xmemdup(box.at, box.len), box.len};
	}
	return cursor_end(c, "the holder's boxes");
}

enum err
keeper_lock_peel(
	struct keeper_lock *l, const char *holder, struct cursor *boxes, int64_t now_ms)
{
	if (l->keys)
		return fail(E_DENIED, "the keeper is open already");
	if (!holder[0] || strlen(holder) >= sizeof(l->first))
		return fail(E_FORMAT, "a holder has to be named");
	keeper_lock_close(l); /* a first holder may begin again, or another take the place */
	enum err e = read_boxes(l, boxes);
	if (e) {
		keeper_lock_close(l);
		return e;
	}
	(void)snprintf(l->first, sizeof(l->first), "%s", holder);
	l->ends_ms = now_ms + KEEPER_LOCK_WAIT_MS;
	return OK;
}

static enum err
check_second(const struct keeper_lock *l, const char *holder)
{
	if (l->keys)
		return fail(E_DENIED, "the keeper is open already");
	if (!l->first[0])
		return fail(E_DENIED, "no first holder has begun to unlock the keeper");
	if (strcmp(l->first, holder) == 0)
		return fail(E_DENIED,
			"%s was the first holder: the second holder has to be another person",
			l->first);
	return OK;
}

enum err
keeper_lock_inner(struct keeper_lock *l, const char *holder, struct view *ret_box)
{
	*ret_box = view_of(NULL, 0);
	enum err e = check_second(l, holder);
	for (size_t i = 0; !e && i < l->inner_count; i++)
		if (strcmp(l->inner[i].holder, holder) == 0) {
			*ret_box = view_of(l->inner[i].box, l->inner[i].len);
			return OK;
		}
	return e ? e : fail(E_NOTFOUND, "%.63s is no holder of the keeper", holder);
}

enum err
keeper_lock_open(
	struct keeper_lock *l, const char *holder, struct secret *study_secret, int64_t now_ms)
{
	OWNED(keeperkey) struct keeperkey *keys = NULL;
	struct view box;
	enum err e = keeper_lock_inner(l, holder, &box);
	if (!e)
		e = keeperkey_open(&keys, l->config.dir, study_secret);
	if (!e && memcmp(keys->root_public, l->config.root_public, SIGN_PUBLIC_BYTES) != 0)
		e = fail(E_AUTH, "the keeper's key file names another study root than "
				 "root.public");
	if (e)
		return e;
	drop_inner(l);
	(void)snprintf(l->second, sizeof(l->second), "%s", holder);
	l->keys = take(keys);
	keeper_lock_touch(l, now_ms);
	return OK;
}

void
keeper_lock_touch(struct keeper_lock *l, int64_t now_ms)
{
	if (l->keys)
		l->ends_ms = now_ms + l->config.idle_ms;
}

bool
keeper_lock_tick(struct keeper_lock *l, int64_t now_ms)
{
	if (keeper_lock_state(l) == KEEPER_LOCKED || now_ms < l->ends_ms)
		return false;
	keeper_lock_close(l);
	return true;
}
