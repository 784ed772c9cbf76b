#include "hub/keeperkey_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/supersede.h"

enum err
keeperkey_renew(struct keeperkey *k, bool makes_intake)
{
	uint8_t public[BOX_PUBLIC_BYTES];
	if (makes_intake && k->intake_count == KEEPERKEY_INTAKE_COUNT)
		return fail(E_FULL, "the keeper has %u intake keys that are not destroyed yet",
			KEEPERKEY_INTAKE_COUNT);
	if (k->before_count == KEEPERKEY_EPOCHS_COUNT)
		return fail(E_FULL,
			"the keeper has keys of %u epochs that no backup went beyond: make a "
			"backup",
			KEEPERKEY_EPOCHS_COUNT);
	if (makes_intake) {
		k->intake_number[k->intake_count] = k->intake_number[k->intake_count - 1] + 1;
		box_keypair(public, &k->intake[k->intake_count++]);
	}
	k->before_epoch[k->before_count] = k->epoch++;
	k->before_key[k->before_count++] = take(k->epoch_key);
	k->epoch_key = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(k->epoch_key), AEAD_KEY_BYTES);
	return OK;
}

struct secret *
keeperkey_of_epoch(const struct keeperkey *k, uint32_t epoch)
{
	for (size_t i = 0; i < k->before_count; i++)
		if (k->before_epoch[i] == epoch)
			return k->before_key[i];
	return epoch == k->epoch ? k->epoch_key : NULL;
}

static void
retire_epochs(struct keeperkey *k, uint32_t epoch)
{
	size_t kept = 0;
	for (size_t i = 0; i < k->before_count; i++) {
		struct secret *key = take(k->before_key[i]);
		if (k->before_epoch[i] < epoch) {
			secret_free(key);
			continue;
		}
		k->before_epoch[kept] = k->before_epoch[i];
		k->before_key[kept++] = key;
	}
	k->before_count = kept;
}

void
keeperkey_retire(struct keeperkey *k, uint32_t number, uint32_t epoch)
{
	size_t kept = 0;
	retire_epochs(k, epoch);
	for (size_t i = 0; i < k->intake_count; i++) {
		struct secret *secret = take(k->intake[i]);
		if (k->intake_number[i] <= number && i + 1 < k->intake_count) {
			secret_free(secret);
			continue;
		}
		k->intake_number[kept] = k->intake_number[i];
		k->intake[kept++] = secret;
	}
	k->intake_count = kept;
}

enum err
keeperkey_study_public(uint8_t ret[static BOX_PUBLIC_BYTES], const char *dir)
{
	OWNED_MEM uint8_t *bytes = NULL;
	char path[DATADIR_PATH_BYTES];
	size_t len = 0;
	enum err e = datadir_path(path, dir, HOLDERS_FILE);
	if (!e)
		e = text_read_file(&bytes, &len, path, KEEPERKEY_MAX_BYTES);
	if (e)
		return e;
	struct cursor c = cursor_of(view_of(bytes, len));
	(void)cursor_u8(&c);
	cursor_copy(&c, ret, BOX_PUBLIC_BYTES);
	return c.broken ? fail(E_FORMAT, "the file of holders is not of its form") : OK;
}

/* The key file as it is to be. */
static enum err
seal_keys(const struct keeperkey *k, const uint8_t study_public[static BOX_PUBLIC_BYTES],
	struct buf *out)
{
	OWNED_WIPED struct buf plain;
	buf_init(&plain, KEEPERKEY_MAX_BYTES);
	buf_reserve(&plain, KEEPERKEY_MAX_BYTES);
	keeperkey_pack(k, &plain);
	box_seal(out, buf_view(&plain), study_public);
	enum err e = buf_check(&plain, "the keeper's keys");
	return e ? e : buf_check(out, "the keeper's keys");
}

enum err
keeperkey_rewrite(const struct keeperkey *k, const char *dir)
{
	OWNED_BUF struct buf sealed;
	uint8_t study[BOX_PUBLIC_BYTES];
	buf_init(&sealed, KEEPERKEY_MAX_BYTES);
	enum err e = keeperkey_study_public(study, dir);
	if (!e)
		e = seal_keys(k, study, &sealed);
	const struct supersede_file file = {KEEPER_FILE, buf_view(&sealed)};
	return e ? e : supersede(dir, &file, 1);
}

enum err
keeperkey_reseal(const struct keeperkey *k, const char *dir,
	const struct keeperkey_holder *holders, size_t count)
{
	OWNED_SECRET struct secret *study_secret = NULL;
	OWNED_BUF struct buf sealed, pairs;
	uint8_t study_public[BOX_PUBLIC_BYTES];
	buf_init(&sealed, KEEPERKEY_MAX_BYTES);
	buf_init(&pairs, KEEPERKEY_MAX_BYTES);
	box_keypair(study_public, &study_secret);
	enum err e = keeperkey_pack_pairs(&pairs, holders, count, study_secret);
	if (!e)
		e = seal_keys(k, study_public, &sealed);
	/* The key file first: it is what makes the new pairs the right ones. */
	const struct supersede_file files[] = {
		{KEEPER_FILE, buf_view(&sealed)}, {HOLDERS_FILE, buf_view(&pairs)}};
	return e ? e : supersede(dir, files, ARRAY_LEN(files));
}

enum err
keeperkey_recover(const char *dir)
{
	const struct supersede_file files[] = {{.name = KEEPER_FILE}, {.name = HOLDERS_FILE}};
	return supersede_recover(dir, files, ARRAY_LEN(files));
}
