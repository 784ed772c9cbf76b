#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/supersede.h"

#include "node/custody_inside.h"
#include "node/rescue.h"

#define SHEET_ID "sheet"

/* One box for each, and the list in front. */
static enum err
write_file(const struct custody *k, const char *dir, const struct custody_list *l)
{
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf whole, box;
	buf_init(&plain, CUSTODY_PACKED_BYTES);
	buf_reserve(&plain, CUSTODY_PACKED_BYTES);
	buf_init(&whole, CUSTODY_FILE_MAX_BYTES);
	buf_init(&box, CUSTODY_PACKED_BYTES + BOX_EXTRA_BYTES);
	custody_pack(k, &plain);
	buf_add(&whole, CUSTODY_FORMAT, strlen(CUSTODY_FORMAT));
	custody_put_list(&whole, l);
	enum err e = buf_check(&plain, "what opens at this site");
	for (size_t i = 0; !e && i < l->count; i++) {
		buf_reset(&box);
		box_seal(&box, buf_view(&plain), l->who[i].public);
		if (box.broken)
			e = fail(E_FORMAT, "the key of %s is no key", l->who[i].id);
		buf_blob(&whole, buf_view(&box));
	}
	if (!e)
		e = buf_check(&whole, CUSTODY_FILE_NAME);
	const struct supersede_file file = {CUSTODY_FILE_NAME, buf_view(&whole)};
	return e ? e : supersede(dir, &file, 1);
}

static void
add_review(struct custody *k)
{
	uint8_t public[BOX_PUBLIC_BYTES];
	k->number[k->count] = k->count ? k->number[k->count - 1] + 1 : 1;
	box_keypair(public, &k->review[k->count]);
	k->count++;
}

enum err
custody_make(struct custody **ret, const char *dir, const struct custody_who *first)
{
	OWNED(custody) struct custody *k = xcalloc(1, sizeof(*k));
	const struct custody_list list = {.count = 1, .who = {*first}};
	*ret = NULL;
	if (custody_there(dir))
		return fail(E_CONFLICT, CUSTODY_FILE_NAME ": a key file is there already");
	k->names = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(k->names), AEAD_KEY_BYTES);
	add_review(k);
	enum err e = datadir_make(dir, "desk");
	if (!e)
		e = custody_change(k, dir, &list);
	if (!e)
		*ret = take(k);
	return e;
}

enum err
custody_coordinator(
	struct custody_who *ret, const char *id, struct secret *passphrase, enum kdf_cost cost)
{
	OWNED_SECRET struct secret *seed = secret_new(CUSTODY_SEED_BYTES), *secret = NULL;
	OWNED_BUF struct buf lock;
	buf_init(&lock, sizeof(ret->lock));
	*ret = (struct custody_who){.kind = CUSTODY_COORDINATOR};
	if (!text_is_name(id, sizeof(ret->id) - 1) || strcmp(id, SHEET_ID) == 0)
		return fail(E_FORMAT, "a coordinator's id is made of a-z, 0-9, _ and -");
	(void)snprintf(ret->id, sizeof(ret->id), "%s", id);
	crypto_random(secret_bytes(seed), CUSTODY_SEED_BYTES);
	box_from_seed(ret->public, &secret, secret_bytes(seed));
	enum err e = keys_seal(&lock, CUSTODY_LOCK_KIND, secret_view(seed), passphrase, cost);
	if (!e) {
		memcpy(ret->lock, lock.at, lock.len);
		ret->lock_len = lock.len;
	}
	return e;
}

enum err
custody_sheet(struct custody_who *ret, const char *code)
{
	OWNED_SECRET struct secret *seed = NULL, *secret = NULL;
	*ret = (struct custody_who){.kind = CUSTODY_SHEET, .id = SHEET_ID};
	enum err e = rescue_seed(&seed, code);
	if (!e)
		box_from_seed(ret->public, &secret, secret_bytes(seed));
	return e;
}

enum err
custody_renew(struct custody *k, bool makes_number, uint32_t retired)
{
	size_t kept = 0;
	if (makes_number && k->count == CUSTODY_REVIEW_COUNT)
		return fail(E_FULL, "the site has %d review keys that are not destroyed yet",
			CUSTODY_REVIEW_COUNT);
	if (makes_number)
		add_review(k);
	for (size_t i = 0; i < k->count; i++) {
		struct secret *secret = take(k->review[i]);
		if (k->number[i] <= retired && i + 1 < k->count) {
			secret_free(secret);
			continue;
		}
		k->number[kept] = k->number[i];
		k->review[kept++] = secret;
	}
	k->count = kept;
	return OK;
}

enum err
custody_change(struct custody *k, const char *dir, const struct custody_list *to)
{
	uint8_t before[HASH_BYTES];
	memcpy(before, k->list, sizeof(before));
	enum err e = custody_check_list(to);
	if (!e)
		e = custody_hash_list(k->list, to);
	if (!e)
		e = write_file(k, dir, to);
	if (e)
		memcpy(k->list, before, sizeof(before));
	return e;
}

enum err
custody_rewrite(const struct custody *k, const char *dir)
{
	OWNED_BY(custody_file_done) struct custody_file f = {.bytes = NULL};
	uint8_t list[HASH_BYTES];
	enum err e = custody_read_file(&f, dir);
	if (!e)
		e = custody_hash_list(list, &f.list);
	if (!e && memcmp(list, k->list, sizeof(list)) != 0)
		e = fail(E_AUTH, "the list of those who open the desk was changed");
	return e ? e : write_file(k, dir, &f.list);
}

enum err
custody_recover(const char *dir)
{
	const struct supersede_file file = {.name = CUSTODY_FILE_NAME};
	return supersede_recover(dir, &file, 1);
}
