#include "tests/unit/hub_place.h"

#include <unistd.h>

#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/supersede.h"
#include "hub/copies.h"
#include "hub/ledgerkeys.h"
#include "hub/vault_move.h"
#include "hub/vaultkeys.h"

#define FILE_MOST_BYTES ((size_t)1 << 20)
#define PIECE_BYTES     ((size_t)1 << 20)

/* ---- the bench ---- */

static struct copies
copies_of(const struct hub_place *p)
{
	return (struct copies){.dir = p->dir, .keys = p->keys};
}

static char *
path_in(const struct hub_place *p, const char *name)
{
	return xasprintf("%s/%s", p->dir, name);
}

static void
put(const struct hub_place *p, const char *name, const char *content)
{
	OWNED_MEM char *path = path_in(p, name);
	assert_ok(text_write_file(path, view_text(content), 0600));
}

static bool
is_there(const struct hub_place *p, const char *name)
{
	OWNED_MEM char *path = path_in(p, name);
	return access(path, F_OK) == 0;
}

/* What the paper of a backup says of the keys that it needs. */
static enum err
copy(const struct hub_place *p, const char *name, uint32_t vault_key, uint32_t epoch)
{
	const struct copies c = copies_of(p);
	const struct backup b = {.vault_key = vault_key, .keyring = {.epoch = epoch}};
	OWNED_MEM char *file = path_in(p, name);
	return copies_keys_write(&c, file, &b);
}

static bool
opens(const struct hub_place *p, uint32_t vault_key, uint32_t epoch)
{
	const struct copies c = copies_of(p);
	const struct backup b = {.vault_key = vault_key, .keyring = {.epoch = epoch}};
	return copies_keys_open(&c, &b);
}

/* As an erasure does it: a move, and the end of the keys before. */
static void
move_vault(struct hub_place *p)
{
	bool done = false;
	uint32_t oldest = 0;
	struct vault *v = p->hub.vault;
	assert_ok(vault_move_begin(v, 0));
	while (!done)
		assert_ok(vault_move_step(v, PIECE_BYTES, &done));
	hub_abort(&p->hub);
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&p->hub, &t));
	hub_abort(&p->hub);
	assert_ok(vault_destroy_keys(v, vault_key_number(v), &oldest));
}

static int
make_hub_with_key_files(void **state)
{
	if (make_hub(state))
		return -1;
	const struct hub_place *p = *state;
	assert_ok(datadir_make(p->dir, "keys"));
	assert_ok(datadir_make(p->dir, "ledger"));
	put(p, "keys/service.key", "example of a sealed file");
	put(p, "keys/keeper.key", "example of another");
	return 0;
}

/* ---- tests ---- */

static void
a_copy_has_the_keys_that_its_backup_needs(void **state)
{
	struct hub_place *p = *state;
	assert_ok(copy(p, "first", 1, 1));
	assert_refused(copy(p, "second", 2, 1), E_NOTFOUND, "vault key 2");
	assert_false(is_there(p, "second"));
	move_vault(p);
	assert_ok(copy(p, "second", 2, 1));
	assert_refused(copy(p, "third", 1, 1), E_NOTFOUND, "vault key 1");
	assert_false(is_there(p, "third"));
}

static void
a_copy_of_files_that_do_not_open_is_refused(void **state)
{
	static const struct {
		const char *name, *content; /* NULL: it is taken away */
		const char *words;
	} rows[] = {
		{"vaultkeys/keys", "zeros, say", "does not open"},
		{"vaultkeys/keys", NULL, "does not open"},
		{"ledger/keys", "zeros, say", "does not open"},
		{"keys/service.key", NULL, "keys/service.key is not there"},
		{"keys/keeper.key", NULL, "keys/keeper.key is not there"},
	};
	struct hub_place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *path = path_in(p, rows[i].name);
		OWNED_MEM char *kept = path_in(p, "kept");
		const bool was = rename(path, kept) == 0;
		if (rows[i].content)
			put(p, rows[i].name, rows[i].content);
		if (copy(p, "file", 1, 1) == OK)
			fail_msg("row %zu: it was copied", i);
		assert_words(rows[i].words);
		assert_false(is_there(p, "file"));
		assert_false(opens(p, 1, 1));
		(void)unlink(path);
		assert_true(!was || rename(kept, path) == 0);
	}
	assert_ok(copy(p, "file", 1, 1));
}

static void
a_hub_without_a_keeper_has_no_key_file_of_it(void **state)
{
	struct hub_place *p = *state;
	OWNED_MEM char *path = path_in(p, "keys/keeper.key");
	assert_int_equal(unlink(path), 0);
	assert_ok(copy(p, "file", 1, 0));
}

static void
what_the_newest_copy_opens_is_known(void **state)
{
	struct hub_place *p = *state;
	assert_false(opens(p, 1, 0)); /* there is none */
	assert_ok(copy(p, "file", 1, 2));
	assert_true(opens(p, 1, 2));
	assert_true(opens(p, 1, 1));
	assert_false(opens(p, 2, 2)); /* an erasure since */
	assert_false(opens(p, 1, 3)); /* the keeper renewed its keys since */
	put(p, "keys/copied", "damaged");
	assert_false(opens(p, 1, 1));
}

#define with_key_files(test)                                                                   \
	cmocka_unit_test_setup_teardown(test, make_hub_with_key_files, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_key_files(a_copy_has_the_keys_that_its_backup_needs),
		with_key_files(a_copy_of_files_that_do_not_open_is_refused),
		with_key_files(a_hub_without_a_keeper_has_no_key_file_of_it),
		with_key_files(what_the_newest_copy_opens_is_known),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("copies_keys", tests, NULL, NULL);
}
