#include "hub/signer.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#define PERSON_KIND        "weir-person"
#define ROOT_KIND          "study-root"
#define SEED_BYTES         32
#define PERSON_SEEDS_BYTES (2 * SEED_BYTES)

static bool
is_root(const char *id)
{
	return strcmp(id, SIGNER_ROOT) == 0;
}

static struct signer *
from_seeds(const char *id, struct secret *seeds)
{
	struct signer *s = xcalloc(1, sizeof(*s));
	(void)snprintf(s->id, sizeof(s->id), "%s", id);
	sign_from_seed(s->sign_public, &s->sign, secret_bytes(seeds));
	if (!is_root(id))
		box_from_seed(s->box_public, &s->box, secret_bytes(seeds) + SEED_BYTES);
	return s;
}

enum err
signer_make(struct signer **ret, const struct signer_file *f)
{
	bool root = is_root(f->id);
	OWNED_SECRET struct secret *seeds = secret_new(root ? SEED_BYTES : PERSON_SEEDS_BYTES);
	*ret = NULL;
	crypto_random(secret_bytes(seeds), secret_len(seeds));
	enum err e = keys_write(f->path, root ? ROOT_KIND : PERSON_KIND, secret_view(seeds),
		f->passphrase, f->cost);
	if (!e)
		*ret = from_seeds(f->id, seeds);
	return e;
}

enum err
signer_open(struct signer **ret, const struct signer_file *f)
{
	bool root = is_root(f->id);
	OWNED_SECRET struct secret *seeds = NULL;
	*ret = NULL;
	enum err e = keys_read(&seeds, f->path, root ? ROOT_KIND : PERSON_KIND, f->passphrase);
	if (!e && secret_len(seeds) != (root ? SEED_BYTES : PERSON_SEEDS_BYTES))
		e = fail(E_FORMAT, "%s is not a key file of this kind", f->path);
	if (!e)
		*ret = from_seeds(f->id, seeds);
	return e;
}

void
signer_free(struct signer *s)
{
	if (!s)
		return;
	secret_free(s->sign);
	secret_free(s->box);
	mem_drop(&s);
}
