#include "hub/vaultkeys.h"

#include "common/base/mem.h"
#include "common/run/datadir.h"

#include "hub/numbered.h"

#define DIR_NAME  "vaultkeys"
#define FILE_NAME DIR_NAME "/keys"

static struct numbered_file
file_of(const struct vaultkeys *at)
{
	return (struct numbered_file){.dir = at->dir,
		.name = FILE_NAME,
		.format = "weir-vault-keys-v1",
		.subkey = "vault-keys",
		.key = at->key};
}

static enum err
read_all(struct numbered **ret, const struct vaultkeys *at)
{
	const struct numbered_file f = file_of(at);
	enum err e = numbered_read(ret, &f);
	if (e == E_NOTFOUND)
		return fail(e, "%s/%s is not there: put it back from the copy of the keys",
			at->dir, f.name);
	return e == E_AUTH ? fail(e, "%s/%s does not open with this hub's service key", at->dir,
				     f.name)
			   : e;
}

static struct secret *
new_key(void)
{
	struct secret *key = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(key), AEAD_KEY_BYTES);
	return key;
}

enum err
vaultkeys_make(const struct vaultkeys *at)
{
	const struct numbered_file f = file_of(at);
	OWNED(numbered) struct numbered *n = NULL;
	enum err e = datadir_make(at->dir, DIR_NAME);
	if (!e)
		e = numbered_read(&n, &f);
	if (!e || e == E_AUTH || e == E_FORMAT)
		return fail(E_CONFLICT, "%s/%s is there already", at->dir, f.name);
	if (e != E_NOTFOUND)
		return e;
	n = xcalloc(1, sizeof(*n));
	e = numbered_add(n, VAULTKEYS_FIRST, new_key());
	return e ? e : numbered_write(n, &f);
}

enum err
vaultkeys_recover(const struct vaultkeys *at)
{
	const struct numbered_file f = file_of(at);
	return numbered_recover(&f);
}

enum err
vaultkeys_get(const struct vaultkeys *at, uint32_t number, struct secret **ret)
{
	OWNED(numbered) struct numbered *n = NULL;
	*ret = NULL;
	enum err e = read_all(&n, at);
	struct secret *key = e ? NULL : numbered_find(n, number);
	if (!e && !key)
		return fail(E_NOTFOUND,
			"vault key %u is not among the keys of this hub: it was destroyed "
			"after an erasure, or made after this copy of the keys",
			number);
	if (!e)
		*ret = secret_copy(secret_bytes(key), secret_len(key));
	return e;
}

enum err
vaultkeys_holds(const struct vaultkeys *at, struct view content, uint32_t number)
{
	const struct numbered_file f = file_of(at);
	OWNED(numbered) struct numbered *n = NULL;
	enum err e = numbered_open(&n, &f, content);
	if (!e && !numbered_find(n, number))
		e = fail(E_NOTFOUND, "vault key %u is not in it", number);
	return e;
}

enum err
vaultkeys_look(const struct vaultkeys *at, struct vaultkeys_there *ret)
{
	OWNED(numbered) struct numbered *n = NULL;
	enum err e = read_all(&n, at);
	*ret = (struct vaultkeys_there){0};
	if (!e)
		*ret = (struct vaultkeys_there){n->number[0], n->number[n->count - 1]};
	return e;
}

/* Nothing is sealed under a key above `kept`, but perhaps in a vault that a restore put aside:
 * of those the newest goes, and only where there is no room. */
static void
make_room(struct numbered *n, uint32_t unused, uint32_t kept)
{
	const uint32_t newest = n->number[n->count - 1];
	if (newest == unused || (n->count == NUMBERED_COUNT && newest > kept))
		numbered_drop_newest(n);
}

enum err
vaultkeys_renew(
	const struct vaultkeys *at, uint32_t unused, uint32_t kept, struct vaultkeys_new *ret)
{
	const struct numbered_file f = file_of(at);
	OWNED(numbered) struct numbered *n = NULL;
	OWNED_SECRET struct secret *key = new_key();
	*ret = (struct vaultkeys_new){0};
	enum err e = read_all(&n, at);
	if (e)
		return e;
	const uint32_t number = MAX(n->number[n->count - 1], kept) + 1;
	make_room(n, unused, kept);
	e = numbered_add(n, number, secret_copy(secret_bytes(key), secret_len(key)));
	if (e)
		return fail_in(e, "vault keys: no backup went beyond the oldest: make one");
	e = numbered_write(n, &f);
	if (!e)
		*ret = (struct vaultkeys_new){number, take(key)};
	return e;
}

enum err
vaultkeys_destroy(const struct vaultkeys *at, uint32_t below)
{
	const struct numbered_file f = file_of(at);
	OWNED(numbered) struct numbered *n = NULL;
	enum err e = read_all(&n, at);
	return e || !numbered_drop_below(n, below) ? e : numbered_write(n, &f);
}
