#include "node/sitekeys.h"

#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"

#define SERVICE_FILE          "keys/service.key"
#define SERVICE_KIND          "node-service"
#define SERVICE_FIELD_BYTES   32
#define SERVICE_FIELDS_COUNT  4
#define SERVICE_PAYLOAD_BYTES (SERVICE_FIELDS_COUNT * SERVICE_FIELD_BYTES)

bool
sitekeys_there(const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	return datadir_path(path, dir, SERVICE_FILE) == OK && access(path, F_OK) == 0;
}

enum err
sitekeys_from(struct sitekeys **ret, struct view payload)
{
	*ret = NULL;
	if (payload.len != SERVICE_PAYLOAD_BYTES)
		return fail(E_FORMAT, "the node's service keys are not of their form");
	struct sitekeys *k = xcalloc(1, sizeof(*k));
	sign_from_seed(k->writer_public, &k->writer, payload.at);
	k->transport = secret_copy(payload.at + SERVICE_FIELD_BYTES, SERVICE_FIELD_BYTES);
	box_public(k->transport_public, k->transport);
	k->box = secret_copy(payload.at + 2 * SERVICE_FIELD_BYTES, SERVICE_FIELD_BYTES);
	box_public(k->box_public, k->box);
	sign_from_seed(k->witness_public, &k->witness, payload.at + 3 * SERVICE_FIELD_BYTES);
	*ret = k;
	return OK;
}

/* An Ed25519 secret begins with its seed (RFC 8032 as libsodium stores it). */
struct secret *
sitekeys_payload(const struct sitekeys *k)
{
	struct secret *payload = secret_new(SERVICE_PAYLOAD_BYTES);
	struct secret *const fields[SERVICE_FIELDS_COUNT] = {
		k->writer, k->transport, k->box, k->witness};
	for (size_t i = 0; i < SERVICE_FIELDS_COUNT; i++)
		memcpy(secret_bytes(payload) + i * SERVICE_FIELD_BYTES, secret_bytes(fields[i]),
			SERVICE_FIELD_BYTES);
	return payload;
}

enum err
sitekeys_make(
	struct sitekeys **ret, const char *dir, struct secret *passphrase, enum kdf_cost cost)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_SECRET struct secret *payload = secret_new(SERVICE_PAYLOAD_BYTES);
	*ret = NULL;
	crypto_random(secret_bytes(payload), SERVICE_PAYLOAD_BYTES);
	enum err e = datadir_path(path, dir, SERVICE_FILE);
	if (!e)
		e = keys_write(path, SERVICE_KIND, secret_view(payload), passphrase, cost);
	return e ? e : sitekeys_from(ret, secret_view(payload));
}

enum err
sitekeys_open(struct sitekeys **ret, const char *dir, struct secret *passphrase)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_SECRET struct secret *payload = NULL;
	*ret = NULL;
	enum err e = datadir_path(path, dir, SERVICE_FILE);
	if (!e)
		e = keys_read(&payload, path, SERVICE_KIND, passphrase);
	return e ? e : sitekeys_from(ret, secret_view(payload));
}

void
sitekeys_free(struct sitekeys *k)
{
	if (!k)
		return;
	secret_free(k->writer);
	secret_free(k->transport);
	secret_free(k->box);
	secret_free(k->witness);
	mem_drop(&k);
}
