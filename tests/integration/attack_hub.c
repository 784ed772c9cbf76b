/* attack_hub - what a copy of a hub's stores gives to whoever has some secrets.
 *
 * attack_hub secrets DIR HOLDER HOLDER   every secret of the hub in DIR as a pool
 *                                (attack_try.h); on standard input the passphrase of its
 *                                services and those of the two holders, a line each
 * attack_hub try DIR STUDY POOL PERSON [SIGHT]
 *                                tries the pool on vault and keyrings of the hub in DIR, which
 *                                must not run; what opened joins the pool. SIGHT is another
 *                                pool that reads the vault's rows, so that what is sealed
 *                                inside them is tried even where POOL opens none
 * attack_hub find DIR POOL WORDS what the vault of the hub in DIR has of these words, once the
 *                                pool has opened all its rows (attack_words.h)
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_entry.h"

#include "hub/keeperkey.h"
#include "hub/keyring.h"
#include "hub/place.h"
#include "hub/servicekey.h"
#include "hub/signer.h"
#include "hub/vaultkeys.h"
#include "tests/integration/attack_rows.h"
#include "tests/integration/attack_try.h"
#include "tests/integration/attack_words.h"

#define PART_BYTES  ((size_t)2 << 20)
#define PATH_BYTES  4096
#define LINE_BYTES  256
#define HOLDERS     2
#define EPOCHS_MOST 64

/* secrets */

static struct secret *
read_line(void)
{
	char line[LINE_BYTES] = "";
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	return secret_copy(line, strcspn(line, "\n"));
}

struct holders {
	struct signer *who[HOLDERS]; /* owned */
	struct secret *study;        /* owned */
};

static void
holders_done(struct holders *h)
{
	for (size_t i = 0; i < HOLDERS; i++)
		signer_free(h->who[i]);
	secret_free(h->study);
}

/* A pair opens when both of its holders are here. */
static enum err
try_pair(void *arg, const char *outer, const char *inner, struct view box)
{
	struct holders *h = arg;
	for (size_t i = 0; !h->study && i < HOLDERS; i++) {
		OWNED_WIPED struct buf half;
		buf_init(&half, PATH_BYTES);
		if (strcmp(outer, h->who[i]->id) == 0 &&
			strcmp(inner, h->who[1 - i]->id) == 0 &&
			!box_open(&half, box, h->who[i]->box))
			return box_open_secret(&h->study, buf_view(&half), h->who[1 - i]->box);
	}
	return OK;
}

static enum err
open_holders(struct holders *h, char **words)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < HOLDERS; i++) {
		char path[PATH_BYTES];
		OWNED_SECRET struct secret *passphrase = read_line();
		(void)snprintf(path, sizeof(path), "%s/persons/%s.key", words[2], words[3 + i]);
		const struct signer_file f = {
			.path = path, .id = words[3 + i], .passphrase = passphrase};
		e = signer_open(&h->who[i], &f);
	}
	return e ? e : keeperkey_pairs(words[2], try_pair, h);
}

static enum err
print_vault_keys(const char *dir, const struct servicekey *services)
{
	const struct vaultkeys at = {dir, services->vault};
	struct vaultkeys_there there;
	enum err e = vaultkeys_look(&at, &there);
	for (uint32_t i = there.oldest; !e && i <= there.newest; i++) {
		OWNED_SECRET struct secret *key = NULL;
		if (!vaultkeys_get(&at, i, &key))
			attack_print(secret_bytes(key));
	}
	return e;
}

static enum err
print_secrets(char **words)
{
	OWNED_BY(holders_done) struct holders h = {.study = NULL};
	OWNED(servicekey) struct servicekey *keys = NULL;
	OWNED(keeperkey) struct keeperkey *keeper = NULL;
	OWNED_SECRET struct secret *services = read_line(), *payload = NULL;
	enum err e = servicekey_open(&keys, words[2], services);
	if (!e)
		e = open_holders(&h, words);
	if (!e && !h.study)
		e = fail(E_AUTH, "the two holders do not open the study key");
	if (!e)
		e = keeperkey_open(&keeper, words[2], h.study);
	if (e)
		return e;
	payload = servicekey_payload(keys);
	for (size_t at = 0; at < secret_len(payload); at += ATTACK_SECRET_BYTES)
		attack_print(secret_bytes(payload) + at);
	attack_print(secret_bytes(h.study));
	attack_print(secret_bytes(keeper->epoch_key));
	for (size_t i = 0; i < keeper->before_count; i++)
		attack_print(secret_bytes(keeper->before_key[i]));
	attack_print(secret_bytes(keeper->release));
	for (size_t i = 0; i < keeper->intake_count; i++)
		attack_print(secret_bytes(keeper->intake[i]));
	for (size_t i = 0; i < HOLDERS; i++)
		attack_print(secret_bytes(h.who[i]->box));
	return print_vault_keys(words[2], keys);
}

/* the vault */

static enum err
add_part(struct attack_rows *rows, const struct place *p, enum part_kind kind, struct buf *out)
{
	uint8_t key[PLACE_PART_KEY_BYTES];
	place_part_key(key, p, (uint8_t)kind);
	enum err e = attack_rows_get(rows, VAULT_PARTS, view_of(key, sizeof(key)), out);
	return e == E_NOTFOUND ? OK : e;
}

struct reading {
	struct attack *attack;
	struct attack_rows *rows;
};

static enum err
see_part(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct reading *r = arg;
	struct place p;
	OWNED_BUF struct buf sealed, study, site;
	(void)ret_stop;
	buf_init(&sealed, PART_BYTES);
	buf_init(&study, PART_BYTES);
	buf_init(&site, PART_BYTES);
	if (key.len != PLACE_PART_KEY_BYTES || key.at[PLACE_KEY_BYTES] != PART_RULES)
		return OK;
	enum err e = place_from_key(&p, view_of(key.at, PLACE_KEY_BYTES));
	if (!e)
		e = add_part(
			r->rows, &p, p.lane == LANE_R ? PART_ANSWERS : PART_DETAIL, &sealed);
	if (!e)
		e = add_part(r->rows, &p, PART_WRAP_STUDY, &study);
	if (!e)
		e = add_part(r->rows, &p, PART_WRAP_SITE, &site);
	const struct attack_entry n = {
		value, buf_view(&sealed), {buf_view(&study), buf_view(&site)}};
	return e ? e : attack_add_entry(r->attack, &n);
}

/* Entries as the secrets of `sight` show them. */
static enum err
add_entries(struct attack *a, const char *dir, const struct attack *sight)
{
	OWNED(attack_rows) struct attack_rows *rows = NULL;
	uint64_t count;
	enum err e = attack_rows_open(&rows, dir, sight);
	struct reading r = {a, rows};
	return e ? e : attack_rows_each(rows, VAULT_PARTS, see_part, &r, &count);
}

static enum err
try_rows(const struct attack *a, const char *dir)
{
	OWNED(attack_rows) struct attack_rows *rows = NULL;
	enum err e = attack_rows_open(&rows, dir, a);
	return e ? e : attack_rows_print(rows);
}

/* keyrings */

struct ring {
	struct keyring *keyring;
	struct attack *attack;
	unsigned opened;
};

static void
try_key(void *arg, const uint8_t id[static ID_BYTES],
	const uint8_t participant[static ID_BYTES])
{
	struct ring *r = arg;
	struct secret *key;
	for (int class = SEAL_HUB; class <= SEAL_SITE; class ++) {
		struct keyring_entry e = {.class = (enum seal_class) class};
		memcpy(e.id, id, ID_BYTES);
		memcpy(e.participant, participant, ID_BYTES);
		if (keyring_find(&key, r->keyring, &e))
			continue;
		attack_add_secret(r->attack, secret_bytes(key));
		r->opened++;
	}
}

static enum err
try_ring(struct attack *a, const char *study, const char *dir, uint32_t epoch)
{
	size_t count = attack_pool_count(a);
	for (size_t i = 0; i < count; i++) {
		OWNED(keyring) struct keyring *k = NULL;
		OWNED_SECRET struct secret *s =
			secret_copy(attack_pool(a, i), ATTACK_SECRET_BYTES);
		const struct keyring_config c = {dir, study, epoch, s};
		enum err e = keyring_open(&k, &c);
		if (e)
			return e;
		struct ring r = {.keyring = k, .attack = a};
		attack_each_key(a, try_key, &r);
	}
	return OK;
}

static enum err
add_keyrings(struct attack *a, const char *dir, const char *study)
{
	enum err e = OK;
	for (uint32_t epoch = 1; !e && epoch <= EPOCHS_MOST; epoch++) {
		char path[PATH_BYTES];
		DIR *there;
		e = keyring_path(path, dir, epoch);
		there = e ? NULL : opendir(path);
		if (!there)
			continue;
		(void)closedir(there);
		e = try_ring(a, study, path, epoch);
	}
	return e;
}

static enum err
try_all(char **words, const char *sight_file)
{
	OWNED(attack) struct attack *a = NULL, *sight = NULL;
	uint8_t person[ID_BYTES];
	if (!text_unhex(person, sizeof(person), words[5]))
		return fail(E_FORMAT, "PERSON is a pseudonym in hex");
	a = attack_new(words[3], person);
	sight = attack_new(words[3], person);
	enum err e = attack_read_pool(a, words[4]);
	if (!e)
		e = attack_read_pool(sight, sight_file);
	if (!e)
		e = try_rows(a, words[2]);
	if (!e)
		e = add_entries(a, words[2], sight);
	if (!e)
		e = add_keyrings(a, words[2], words[3]);
	if (!e)
		e = attack_run(a, "hub");
	return e ? e : attack_write_pool(a, words[4]);
}

static enum err
find_words(char **words)
{
	static const uint8_t nobody[ID_BYTES];
	OWNED(attack) struct attack *pool = attack_new("", nobody);
	OWNED(attack_rows) struct attack_rows *rows = NULL;
	enum err e = attack_read_pool(pool, words[3]);
	if (!e)
		e = attack_rows_open(&rows, words[2], pool);
	return e ? e : attack_words_find(rows, words[4]);
}

int
main(int count, char **words)
{
	enum err e = crypto_init();
	if (e || count < 5)
		return 2;
	if (strcmp(words[1], "secrets") == 0)
		e = print_secrets(words);
	else if (strcmp(words[1], "find") == 0)
		e = find_words(words);
	else
		e = count == 6 || count == 7 ? try_all(words, words[count == 7 ? 6 : 4])
					     : fail(E_FORMAT, "see the source");
	if (e)
		fprintf(stderr, "attack_hub: %s\n", err_text());
	return e ? 1 : 0;
}
