#include "hub/keeperkey_inside.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

enum err
keeperkey_renew(struct keeperkey *k, bool makes_intake, uint32_t retired)
{
	uint8_t public[BOX_PUBLIC_BYTES];
	size_t kept = 0;
	if (makes_intake && k->intake_count == KEEPERKEY_INTAKE_COUNT)
		return fail(E_FULL, "the keeper has %u intake keys that are not destroyed yet",
			KEEPERKEY_INTAKE_COUNT);
	if (makes_intake) {
		k->intake_number[k->intake_count] = k->intake_number[k->intake_count - 1] + 1;
		box_keypair(public, &k->intake[k->intake_count++]);
	}
	for (size_t i = 0; i < k->intake_count; i++) {
		struct secret *secret = take(k->intake[i]);
		if (k->intake_number[i] <= retired && i + 1 < k->intake_count) {
			secret_free(secret);
			continue;
		}
		k->intake_number[kept] = k->intake_number[i];
		k->intake[kept++] = secret;
	}
	k->intake_count = kept;
	k->epoch++;
	secret_free(k->epoch_key);
	k->epoch_key = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(k->epoch_key), AEAD_KEY_BYTES);
	return OK;
}

static enum err
read_study_public(uint8_t ret[static BOX_PUBLIC_BYTES], const char *dir)
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

static void
fd_drop(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* The file has no name any more; its bytes go, too. */
static enum err
overwrite(int fd)
{
	uint8_t zeros[4096] = {0};
	off_t len = lseek(fd, 0, SEEK_END);
	for (off_t at = 0; at < len; at += (off_t)sizeof(zeros))
		if (pwrite(fd, zeros, sizeof(zeros), at) < 0)
			return fail(E_IO, "the old key file cannot be overwritten: %m");
	return fsync(fd) ? fail(E_IO, "the old key file cannot be overwritten: %m") : OK;
}

enum err
keeperkey_rewrite(const struct keeperkey *k, const char *dir)
{
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf sealed;
	uint8_t study[BOX_PUBLIC_BYTES];
	char path[DATADIR_PATH_BYTES];
	buf_init(&plain, KEEPERKEY_MAX_BYTES);
	buf_reserve(&plain, KEEPERKEY_MAX_BYTES);
	buf_init(&sealed, KEEPERKEY_MAX_BYTES);
	enum err e = read_study_public(study, dir);
	if (!e)
		e = datadir_path(path, dir, KEEPER_FILE);
	if (e)
		return e;
	keeperkey_pack(k, &plain);
	box_seal(&sealed, buf_view(&plain), study);
	e = buf_check(&plain, "the keeper's keys");
	if (!e)
		e = buf_check(&sealed, "the keeper's keys");
	OWNED_BY(fd_drop) int old = open(path, O_WRONLY | O_CLOEXEC);
	if (!e && old < 0)
		e = fail(E_IO, "%s: %m", path);
	if (!e)
		e = text_write_file(path, buf_view(&sealed), 0600);
	return e ? e : overwrite(old);
}
