#include "hub/keeper_renew.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/run/datadir.h"

#include "hub/record.h"
#include "hub/unseal.h"

#define SWEEP_COUNT 64 /* epochs below the one in force that may have been left */

struct renewing {
	struct vault_txn *txn;
	struct unseal *unseal; /* puts into the new keyring */
	struct keyring *before;
	struct keeper_renewed *done;
	struct place *places; /* of entries that hold keys */
	size_t count;
};

static void
renewing_done(struct renewing *r)
{
	unseal_free(r->unseal);
	mem_drop(&r->places);
	vault_txn_free(r->txn);
}

/* A wrap for the study is in key entries only. */
static bool
is_wrap(struct view key)
{
	return key.len == PLACE_PART_KEY_BYTES && key.at[PLACE_KEY_BYTES] == PART_WRAP_STUDY;
}

static enum err
see_part(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct renewing *r = arg;
	struct place p;
	(void)value;
	(void)ret_stop;
	if (place_from_key(&p, view_of(key.at, PLACE_KEY_BYTES)))
		return OK;
	if ((r->count & (r->count - 1)) == 0)
		r->places =
			xrealloc(r->places, MAX(r->count * 2, (size_t)1), sizeof(*r->places));
	r->places[r->count++] = p;
	return OK;
}

static bool
is_of_one(enum err e)
{
	return e == E_NOTFOUND || e == E_AUTH || e == E_FORMAT || e == E_DENIED;
}

/* The places of all entries that hold keys, and what opens them into `ring`. */
static enum err
begin(struct renewing *r, const struct keeper_renew *ask, const struct keeperkey *keys,
	struct keyring *ring)
{
	const struct vault_range all = {
		.table = VAULT_PARTS, .only = is_wrap, .takes_damaged = true};
	enum err e = vault_snapshot(&r->txn, ask->vault);
	if (e)
		return e;
	const struct unseal_with with = {ask->study, r->txn, keys, ring};
	r->unseal = unseal_new(&with);
	return vault_each(r->txn, &all, see_part, r);
}

/* E_BUSY when a key is in an entry that cannot be read now. */
static enum err
look_for_damage(const struct keeper_renew *ask, const struct keeperkey *keys,
	struct keyring *ring, uint64_t *ret_count)
{
	OWNED_BY(renewing_done) struct renewing r = {.before = ring};
	enum err e = begin(&r, ask, keys, ring);
	for (size_t i = 0; !e && i < r.count; i++) {
		bool is_damaged = false;
		e = unseal_is_damaged(r.unseal, &r.places[i], &is_damaged);
		*ret_count += is_damaged;
	}
	if (!e && *ret_count && !ask->leaves_damaged)
		e = fail(E_BUSY,
			"%" PRIu64 " keys are in entries that are damaged: `weir-hub scrub` "
			"fetches them from their nodes",
			*ret_count);
	return e;
}

static enum err
take_all(struct renewing *r)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < r->count; i++) {
		bool taken = false;
		e = unseal_key(r->unseal, &r->places[i], r->before, &taken);
		r->done->keys += taken;
		r->done->lost += e && is_of_one(e);
		e = is_of_one(e) ? OK : e;
	}
	return e;
}

static enum err
fill(const struct keeper_renew *ask, const struct keeperkey *old, struct keyring *before,
	struct keyring *next, struct keeper_renewed *ret)
{
	OWNED_BY(renewing_done) struct renewing r = {.before = before, .done = ret};
	enum err e = begin(&r, ask, old, next);
	if (!e)
		e = keyring_copy_claims(next, before);
	if (!e)
		e = take_all(&r);
	return e ? e : keyring_commit(next);
}

enum err
keeper_renew_sweep(const char *dir, uint32_t epoch)
{
	char path[DATADIR_PATH_BYTES];
	uint32_t first = epoch > SWEEP_COUNT ? epoch - SWEEP_COUNT : 1;
	enum err e = OK;
	for (uint32_t i = first; !e && i <= epoch + 1; i++) {
		if (i == epoch)
			continue;
		e = keyring_path(path, dir, i);
		if (!e)
			e = keyring_remove(path);
	}
	return e;
}

static bool
is_keyring_there(const char *dir, uint32_t epoch)
{
	char path[DATADIR_PATH_BYTES];
	return keyring_path(path, dir, epoch) == OK && access(path, F_OK) == 0;
}

uint32_t
keeper_renew_there(const char *dir, const struct keeperkey *keys)
{
	if (is_keyring_there(dir, keys->epoch))
		return keys->epoch;
	for (size_t i = keys->before_count; i > 0; i--)
		if (is_keyring_there(dir, keys->before_epoch[i - 1]))
			return keys->before_epoch[i - 1];
	return keys->epoch;
}

/* gives a copy: the old keys open what is taken over while the new ones seal it. */
static struct keeperkey *
copy_keys(const struct keeperkey *k)
{
	struct keeperkey *c = xcalloc(1, sizeof(*c));
	*c = *k;
	c->release = secret_copy(secret_bytes(k->release), secret_len(k->release));
	c->epoch_key = secret_copy(secret_bytes(k->epoch_key), secret_len(k->epoch_key));
	for (size_t i = 0; i < k->intake_count; i++)
		c->intake[i] =
			secret_copy(secret_bytes(k->intake[i]), secret_len(k->intake[i]));
	for (size_t i = 0; i < k->before_count; i++)
		c->before_key[i] = secret_copy(secret_bytes(k->before_key[i]), AEAD_KEY_BYTES);
	return c;
}

static enum err
open_next(struct keyring **ret, const struct keeper_renew *ask, const struct keeperkey *next)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = keyring_path(path, ask->dir, next->epoch);
	if (!e)
		e = keyring_remove(path); /* one that was cut off */
	const struct keyring_config c = {path, ask->study, next->epoch, next->epoch_key};
	return e ? e : keyring_open(ret, &c);
}

/* The keyring lends its epoch key: what is in force stays in `keys`, and lives as long. */
static enum err
replace(const struct keeper_renew *ask, struct keeperkey *keys, struct keyring **keyring,
	struct keeper_renewed *ret)
{
	OWNED(keeperkey) struct keeperkey *old = copy_keys(keys);
	OWNED(keyring) struct keyring *next = NULL;
	char path[DATADIR_PATH_BYTES];
	/* The one in force lends the key of `keys`, which is about to be freed. */
	keyring_free(take(*keyring));
	OWNED(keyring) struct keyring *before = NULL;
	const uint32_t epoch = keeper_renew_there(ask->dir, old);
	enum err e = keyring_path(path, ask->dir, epoch);
	const struct keyring_config c = {
		path, ask->study, epoch, keeperkey_of_epoch(old, epoch)};
	if (!e)
		e = keyring_open(&before, &c);
	if (!e)
		e = keeperkey_renew(keys, ask->makes_intake);
	if (!e)
		e = open_next(&next, ask, keys);
	if (!e)
		e = fill(ask, old, before, next, ret);
	if (!e)
		e = keeperkey_rewrite(keys, ask->dir);
	if (e)
		return e;
	keyring_free(take(before));
	*keyring = take(next);
	return keeper_renew_sweep(ask->dir, keys->epoch);
}

enum err
keeper_renew(const struct keeper_renew *ask, struct keeperkey *keys, struct keyring **keyring,
	struct keeper_renewed *ret)
{
	*ret = (struct keeper_renewed){0};
	enum err e = look_for_damage(ask, keys, *keyring, &ret->damaged);
	return e ? e : replace(ask, keys, keyring, ret);
}

/* Is a key in a wrap of such a number, and nowhere else? What does not open is lost anyway. */
static enum err
is_any_left(const struct keeper_renew *ask, uint32_t number, const struct keeperkey *keys,
	struct keyring *keyring, bool *ret)
{
	OWNED_BY(renewing_done) struct renewing r = {.before = keyring};
	enum err e = begin(&r, ask, keys, keyring);
	*ret = false;
	for (size_t i = 0; !e && !*ret && i < r.count; i++) {
		uint32_t wrapped = 0;
		e = unseal_is_wrapped(r.unseal, &r.places[i], &wrapped);
		*ret = !e && wrapped && wrapped <= number;
		e = is_of_one(e) ? OK : e;
	}
	return e;
}

enum err
keeper_retire(const struct keeper_renew *ask, uint32_t number, struct keeperkey *keys,
	struct keyring **keyring, struct keeper_renewed *ret)
{
	bool is_left = false;
	*ret = (struct keeper_renewed){0};
	enum err e = look_for_damage(ask, keys, *keyring, &ret->damaged);
	if (!e)
		e = is_any_left(ask, number, keys, *keyring, &is_left);
	if (e || is_left)
		return e ? e : replace(ask, keys, keyring, ret);
	keeperkey_retire(keys, number, ask->kept_epoch);
	e = keeperkey_rewrite(keys, ask->dir);
	ret->retired = e == OK;
	return e;
}
