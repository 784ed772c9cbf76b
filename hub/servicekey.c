#include "hub/servicekey.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/run/supersede.h"

#define SERVICE_FILE          "keys/service.key"
#define SERVICE_KIND          "hub-service"
#define SERVICE_FIELD_BYTES   32
#define SERVICE_PAYLOAD_BYTES (5 * SERVICE_FIELD_BYTES)

static struct secret *
field(struct view payload, size_t i)
{
	return secret_copy(payload.at + i * SERVICE_FIELD_BYTES, SERVICE_FIELD_BYTES);
}

enum err
servicekey_from(struct servicekey **ret, struct view payload)
{
	*ret = NULL;
	if (payload.len != SERVICE_PAYLOAD_BYTES)
		return fail(E_FORMAT, "the hub's service keys are not of their form");
	struct servicekey *k = xcalloc(1, sizeof(*k));
	OWNED_SECRET struct secret *log_secret = NULL;
	sign_from_seed(k->receipt_public, &k->receipt, payload.at);
	k->log_seed = field(payload, 1);
	sign_from_seed(k->log_public, &log_secret, secret_bytes(k->log_seed));
	k->box = field(payload, 2);
	box_public(k->box_public, k->box);
	k->transport = field(payload, 3);
	box_public(k->transport_public, k->transport);
	k->vault = field(payload, 4);
	*ret = k;
	return OK;
}

/* The seed of the receipt key is the first half of its secret (RFC 8032 as libsodium stores
 * it). */
struct secret *
servicekey_payload(const struct servicekey *k)
{
	struct secret *payload = secret_new(SERVICE_PAYLOAD_BYTES);
	struct secret *const fields[] = {
		k->receipt, k->log_seed, k->box, k->transport, k->vault};
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		memcpy(secret_bytes(payload) + i * SERVICE_FIELD_BYTES, secret_bytes(fields[i]),
			SERVICE_FIELD_BYTES);
	return payload;
}

enum err
servicekey_make(
	struct servicekey **ret, const char *dir, struct secret *passphrase, enum kdf_cost cost)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_SECRET struct secret *payload = secret_new(SERVICE_PAYLOAD_BYTES);
	*ret = NULL;
	crypto_random(secret_bytes(payload), SERVICE_PAYLOAD_BYTES);
	enum err e = datadir_path(path, dir, SERVICE_FILE);
	if (!e)
		e = keys_write(path, SERVICE_KIND, secret_view(payload), passphrase, cost);
	return e ? e : servicekey_from(ret, secret_view(payload));
}

enum err
servicekey_open(struct servicekey **ret, const char *dir, struct secret *passphrase)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_SECRET struct secret *payload = NULL;
	*ret = NULL;
	enum err e = datadir_path(path, dir, SERVICE_FILE);
	if (!e)
		e = keys_read(&payload, path, SERVICE_KIND, passphrase);
	return e ? e : servicekey_from(ret, secret_view(payload));
}

enum err
servicekey_drop_box(
	struct servicekey *k, const char *dir, struct secret *passphrase, enum kdf_cost cost)
{
	OWNED_BUF struct buf sealed;
	buf_init(&sealed, KEYS_PAYLOAD_MAX_BYTES);
	memset(secret_bytes(k->box), 0, secret_len(k->box));
	OWNED_SECRET struct secret *payload = servicekey_payload(k);
	enum err e = keys_seal(&sealed, SERVICE_KIND, secret_view(payload), passphrase, cost);
	const struct supersede_file file = {SERVICE_FILE, buf_view(&sealed)};
	return e ? e : supersede(dir, &file, 1);
}

void
servicekey_free(struct servicekey *k)
{
	if (!k)
		return;
	secret_free(k->receipt);
	secret_free(k->log_seed);
	secret_free(k->box);
	secret_free(k->transport);
	secret_free(k->vault);
	mem_drop(&k);
}
