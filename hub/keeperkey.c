#include "hub/keeperkey.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#include "hub/keeperkey_inside.h"

#define KEY_VERSION     2
#define HOLDERS_VERSION 1
#define PAIR_MAX_BYTES  1024
#define SEED_BYTES      32

struct keeperkey *
keeperkey_new(const uint8_t root_public[static SIGN_PUBLIC_BYTES],
	const uint8_t log_public[static SIGN_PUBLIC_BYTES])
{
	struct keeperkey *k = xcalloc(1, sizeof(*k));
	uint8_t intake_public[BOX_PUBLIC_BYTES];
	memcpy(k->root_public, root_public, sizeof(k->root_public));
	memcpy(k->log_public, log_public, sizeof(k->log_public));
	sign_keypair(k->release_public, &k->release);
	k->epoch = 1;
	k->epoch_key = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(k->epoch_key), AEAD_KEY_BYTES);
	k->intake_count = 1;
	k->intake_number[0] = 1;
	box_keypair(intake_public, &k->intake[0]);
	return k;
}

void
keeperkey_free(struct keeperkey *k)
{
	if (!k)
		return;
	secret_free(k->release);
	secret_free(k->epoch_key);
	for (size_t i = 0; i < k->intake_count; i++)
		secret_free(k->intake[i]);
	for (size_t i = 0; i < k->before_count; i++)
		secret_free(k->before_key[i]);
	mem_drop(&k);
}

/* writing */

void
keeperkey_pack(const struct keeperkey *k, struct buf *out)
{
	buf_u8(out, KEY_VERSION);
	buf_add(out, k->root_public, sizeof(k->root_public));
	buf_add(out, k->log_public, sizeof(k->log_public));
	buf_add(out, secret_bytes(k->release), SEED_BYTES); /* the seed is its first half */
	buf_u32(out, k->epoch);
	buf_add_view(out, secret_view(k->epoch_key));
	buf_u32(out, (uint32_t)k->intake_count);
	for (size_t i = 0; i < k->intake_count; i++) {
		buf_u32(out, k->intake_number[i]);
		buf_add_view(out, secret_view(k->intake[i]));
	}
	buf_u32(out, (uint32_t)k->before_count);
	for (size_t i = 0; i < k->before_count; i++) {
		buf_u32(out, k->before_epoch[i]);
		buf_add_view(out, secret_view(k->before_key[i]));
	}
}

static enum err
check_absent(const char *dir, const char *name)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, dir, name);
	if (!e && access(path, F_OK) == 0)
		e = fail(E_CONFLICT, "%s is there already: the keeper is set up", path);
	return e;
}

static enum err
write_file(const char *dir, const char *name, struct view content)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, dir, name);
	return e ? e : text_write_file(path, content, 0600);
}

/* A box that could not be sealed would leave a pair of holders with nothing, found years
 * later. */
static enum err
pack_pair(struct buf *out, const struct keeperkey_holder *outer,
	const struct keeperkey_holder *inner, struct secret *study_secret)
{
	OWNED_BUF struct buf first, second;
	buf_init(&first, PAIR_MAX_BYTES);
	buf_init(&second, PAIR_MAX_BYTES);
	box_seal(&first, secret_view(study_secret), inner->box_public);
	box_seal(&second, buf_view(&first), outer->box_public);
	if (first.broken || second.broken)
		return fail(E_FORMAT, "the box key of %s is no key",
			first.broken ? inner->person : outer->person);
	buf_blob_text(out, outer->person);
	buf_blob_text(out, inner->person);
	buf_blob(out, buf_view(&second));
	return OK;
}

static enum err
check_holders(const struct keeperkey_holder *holders, size_t count)
{
	if (count < 2 || count > KEEPERKEY_HOLDERS_COUNT)
		return fail(E_FORMAT, "the keeper needs two to %d holders",
			KEEPERKEY_HOLDERS_COUNT);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			if (strcmp(holders[i].person, holders[j].person) == 0)
				return fail(E_FORMAT, "%s is named twice as holder",
					holders[i].person);
			if (memcmp(holders[i].box_public, holders[j].box_public,
				    BOX_PUBLIC_BYTES) == 0)
				return fail(E_FORMAT, "the holders %s and %s have one key",
					holders[j].person, holders[i].person);
		}
	return OK;
}

enum err
keeperkey_pack_pairs(struct buf *out, const struct keeperkey_holder *holders, size_t count,
	struct secret *study_secret)
{
	uint8_t study_public[BOX_PUBLIC_BYTES];
	enum err e = check_holders(holders, count);
	if (e)
		return e;
	box_public(study_public, study_secret);
	buf_u8(out, HOLDERS_VERSION);
	buf_add(out, study_public, sizeof(study_public));
	buf_u32(out, (uint32_t)(count * (count - 1)));
	for (size_t i = 0; !e && i < count; i++)
		for (size_t j = 0; !e && j < count; j++)
			if (i != j)
				e = pack_pair(out, &holders[i], &holders[j], study_secret);
	return e ? e : buf_check(out, "holders");
}

/* Both files or neither. */
static enum err
write_both(const char *dir, struct view sealed, struct view pairs)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = write_file(dir, HOLDERS_FILE, pairs);
	if (e)
		return e;
	e = write_file(dir, KEEPER_FILE, sealed);
	if (e && !datadir_path(path, dir, HOLDERS_FILE))
		(void)unlink(path);
	return e;
}

enum err
keeperkey_write(const struct keeperkey *k, const char *dir,
	const struct keeperkey_holder *holders, size_t count)
{
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf sealed, pairs;
	OWNED_SECRET struct secret *study_secret = NULL;
	uint8_t study_public[BOX_PUBLIC_BYTES];
	buf_init(&plain, KEEPERKEY_MAX_BYTES);
	buf_reserve(&plain, KEEPERKEY_MAX_BYTES);
	buf_init(&sealed, KEEPERKEY_MAX_BYTES);
	buf_init(&pairs, KEEPERKEY_MAX_BYTES);
	enum err e = check_holders(holders, count);
	if (!e)
		e = check_absent(dir, HOLDERS_FILE);
	if (!e)
		e = check_absent(dir, KEEPER_FILE);
	if (e)
		return e;
	box_keypair(study_public, &study_secret);
	keeperkey_pack(k, &plain);
	box_seal(&sealed, buf_view(&plain), study_public);
	e = buf_check(&plain, "the keeper's keys");
	if (!e)
		e = buf_check(&sealed, "the keeper's keys");
	if (!e)
		e = keeperkey_pack_pairs(&pairs, holders, count, study_secret);
	return e ? e : write_both(dir, buf_view(&sealed), buf_view(&pairs));
}

/* opening */

static void
unpack_before(struct keeperkey *k, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	if (count > KEEPERKEY_EPOCHS_COUNT)
		c->broken = true;
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		k->before_epoch[i] = cursor_u32(c);
		struct view key = cursor_bytes(c, AEAD_KEY_BYTES);
		k->before_key[i] = key.len ? secret_copy(key.at, key.len) : NULL;
		k->before_count = i + 1;
	}
}

static enum err
unpack(struct keeperkey *k, struct view plain)
{
	struct cursor c = cursor_of(plain);
	const uint8_t version = cursor_u8(&c);
	if (!c.broken && version < KEY_VERSION)
		return fail(E_FORMAT,
			"keys/keeper.key is of version %u, and this program reads version %d: "
			"run the hub with the program that wrote it; no other opens its "
			"answers",
			version, KEY_VERSION);
	if (version != KEY_VERSION)
		c.broken = true;
	cursor_copy(&c, k->root_public, sizeof(k->root_public));
	cursor_copy(&c, k->log_public, sizeof(k->log_public));
	struct view seed = cursor_bytes(&c, SEED_BYTES);
	k->epoch = cursor_u32(&c);
	struct view epoch_key = cursor_bytes(&c, AEAD_KEY_BYTES);
	uint32_t count = cursor_u32(&c);
	if (c.broken || count == 0 || count > KEEPERKEY_INTAKE_COUNT)
		return fail(E_FORMAT, "the keeper's key file is not of its form");
	sign_from_seed(k->release_public, &k->release, seed.at);
	k->epoch_key = secret_copy(epoch_key.at, epoch_key.len);
	for (uint32_t i = 0; i < count; i++) {
		k->intake_number[i] = cursor_u32(&c);
		struct view secret = cursor_bytes(&c, BOX_SECRET_BYTES);
		k->intake[i] = secret.len ? secret_copy(secret.at, secret.len) : NULL;
		k->intake_count = i + 1;
	}
	unpack_before(k, &c);
	return cursor_end(&c, "the keeper's key file");
}

static enum err
read_file(const char *dir, const char *name, uint8_t **ret, size_t *ret_len)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, dir, name);
	if (!e)
		e = text_read_file(ret, ret_len, path, KEEPERKEY_MAX_BYTES);
	return e == E_NOTFOUND
		       ? fail(e, "the keeper is not set up: run `weir-hub keeper setup`")
		       : e;
}

enum err
keeperkey_open(struct keeperkey **ret, const char *dir, struct secret *study_secret)
{
	OWNED_MEM uint8_t *sealed = NULL;
	OWNED_SECRET struct secret *plain = NULL;
	OWNED(keeperkey) struct keeperkey *k = xcalloc(1, sizeof(*k));
	size_t len = 0;
	*ret = NULL;
	enum err e = read_file(dir, KEEPER_FILE, &sealed, &len);
	if (!e)
		e = box_open_secret(&plain, view_of(sealed, len), study_secret);
	if (!e)
		e = unpack(k, secret_view(plain));
	if (!e)
		*ret = take(k);
	return e;
}

enum err
keeperkey_pairs(const char *dir, keeperkey_pair_fn *each, void *arg)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = read_file(dir, HOLDERS_FILE, &bytes, &len);
	if (e)
		return e;
	struct cursor c = cursor_of(view_of(bytes, len));
	if (cursor_u8(&c) != HOLDERS_VERSION)
		c.broken = true;
	(void)cursor_bytes(&c, BOX_PUBLIC_BYTES);
	uint32_t count = cursor_u32(&c);
	for (uint32_t i = 0; !e && !c.broken && i < count; i++) {
		OWNED_MEM char *outer = cursor_text(&c, 63);
		OWNED_MEM char *inner = cursor_text(&c, 63);
		struct view box = cursor_blob(&c);
		if (!c.broken)
			e = each(arg, outer, inner, box);
	}
	return e ? e : cursor_end(&c, "the file of holders");
}
