/* attack_try - every secret that somebody holds, tried on everything that is sealed in copies
 * of stores.
 *
 * Pool:        a file of secrets, 64 hex digits a line. Each is tried as the secret half of a
 *              box on every wrap and site part, and as a key on every sealed part in every
 *              class of readers. What a wrap gives joins the pool, and all begins again.
 * Prints:      a line each: sealed parts of the person and of all others, keys of both, and how
 *              many opened.
 */
#ifndef WEIR_ATTACK_TRY_H
#define WEIR_ATTACK_TRY_H

#include "common/trust/seal.h"

#define ATTACK_SECRET_BYTES 32

struct attack;
struct attack *attack_new(const char *study, const uint8_t person[static ID_BYTES]);
void attack_free(struct attack *a);
OWNER(attack)

CHECKED enum err attack_read_pool(struct attack *a, const char *path);
CHECKED enum err attack_write_pool(const struct attack *a, const char *path);
/* Once each. */
void attack_add_secret(struct attack *a, const uint8_t secret[static ATTACK_SECRET_BYTES]);
size_t attack_pool_count(const struct attack *a);
const uint8_t *attack_pool(const struct attack *a, size_t i); /* lent */

/* One entry: its rules part, what is sealed in it (or nothing), and its wraps; all copied. */
struct attack_entry {
	struct view rules, sealed;
	struct view wraps[3];
};
CHECKED enum err attack_add_entry(struct attack *a, const struct attack_entry *e);
/* Something boxed for the site, of the record or submission of this id. */
void attack_add_box(struct attack *a, const uint8_t instance[static ID_BYTES], struct view box);
/* Of each entry of a key: what else may hold it (a keyring). False ends the walk. */
typedef void attack_key_fn(void *arg, const uint8_t id[static ID_BYTES],
	const uint8_t participant[static ID_BYTES]);
void attack_each_key(struct attack *a, attack_key_fn *each, void *arg);

/* Tries all; prints what opened under this name. */
CHECKED enum err attack_run(struct attack *a, const char *name);

/* A secret as a line of a pool file. */
void attack_print(const uint8_t secret[static ATTACK_SECRET_BYTES]);

#endif
