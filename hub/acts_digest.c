#include "hub/acts_digest.h"

#include <string.h>

#include "common/trust/manifest.h"

void
acts_digest_of(uint8_t ret[static HASH_BYTES], const char *kind, struct view body)
{
	if (strcmp(kind, MANIFEST_KIND) == 0)
		manifest_hash(ret, body);
	else
		crypto_hash_one(ret, "weir-body-v1", body);
}
