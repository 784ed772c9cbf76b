/* signer - a person's key file, opened by the person's passphrase, for as long as one command
 * lasts.
 *
 * Files:       DIR/persons/PERSON.key, kind "weir-person", payload sign seed 32 | box seed 32;
 *              DIR/root.key, kind "study-root", payload sign seed 32.
 * Always true: made once, never overwritten; the secret halves live in locked memory.
 * Errors:      E_AUTH "wrong passphrase for ..."; E_NOTFOUND naming the file; E_CONFLICT.
 */
#ifndef WEIR_HUB_SIGNER_H
#define WEIR_HUB_SIGNER_H

#include "common/trust/keys.h"

#define SIGNER_ROOT "root"

struct signer {
	char id[64]; /* "root" for the study root */
	struct secret *sign;
	struct secret *box; /* NULL for the root */
	uint8_t sign_public[SIGN_PUBLIC_BYTES];
	uint8_t box_public[BOX_PUBLIC_BYTES];
};

struct signer_file {
	const char *path;
	const char *id;
	struct secret *passphrase;
	enum kdf_cost cost; /* for making */
};

/* gives; id "root" makes or opens the study root. */
CHECKED enum err signer_make(struct signer **ret, const struct signer_file *f);
CHECKED enum err signer_open(struct signer **ret, const struct signer_file *f);
void signer_free(struct signer *s);
OWNER(signer)

#endif
