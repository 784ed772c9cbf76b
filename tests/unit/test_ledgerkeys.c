#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/trust/ledgernote.h"
#include "hub/ledgerkeys.h"

struct place {
	char dir[32];
	struct secret *vault_key, *first;
	uint8_t first_public[BOX_PUBLIC_BYTES];
};

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	p->vault_key = secret_copy("an example of a key with 32 byte", AEAD_KEY_BYTES);
	box_keypair(p->first_public, &p->first);
	*state = p;
	return own_dir_make(p->dir, sizeof(p->dir), "ledger") &&
			       datadir_make(p->dir, "ledger") == OK
		       ? 0
		       : -1;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	secret_free(p->vault_key);
	secret_free(p->first);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static struct numbered *
open_keys(const struct place *p)
{
	struct numbered *k = NULL;
	assert_ok(ledgerkeys_recover(p->dir));
	assert_ok(ledgerkeys_open(&k, p->dir, p->vault_key, p->first));
	return k;
}

static enum err
unbox(const struct numbered *k, const uint8_t public[static BOX_PUBLIC_BYTES])
{
	OWNED_BUF struct buf box, plain;
	buf_init(&box, 256);
	buf_init(&plain, 256);
	box_seal(&box, view_text("a batch"), public);
	enum err e = ledgerkeys_unbox(k, &plain, buf_view(&box));
	if (!e)
		assert_true(view_same(buf_view(&plain), view_text("a batch")));
	return e;
}

static void
begins_with_the_key_of_the_services_and_opens_for_every_number(void **state)
{
	const struct place *p = *state;
	OWNED(numbered) struct numbered *k = open_keys(p), *again = NULL;
	uint8_t second[BOX_PUBLIC_BYTES], stranger[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *unused = NULL;
	assert_int_equal(ledgerkeys_newest(k, second), 1);
	assert_memory_equal(second, p->first_public, sizeof(second));
	assert_ok(ledgerkeys_renew(k, p->dir, p->vault_key));
	assert_int_equal(ledgerkeys_newest(k, second), 2);
	again = open_keys(p);
	assert_int_equal(again->count, 2);
	assert_ok(unbox(again, p->first_public));
	assert_ok(unbox(again, second));
	box_keypair(stranger, &unused);
	assert_err(unbox(again, stranger), E_AUTH);
}

static void
a_destroyed_number_opens_nothing_and_the_newest_stays(void **state)
{
	const struct place *p = *state;
	OWNED(numbered) struct numbered *k = open_keys(p), *again = NULL;
	uint8_t second[BOX_PUBLIC_BYTES];
	assert_ok(ledgerkeys_retire(k, p->dir, p->vault_key, 7));
	assert_ok(unbox(k, p->first_public));
	assert_ok(ledgerkeys_renew(k, p->dir, p->vault_key));
	assert_ok(ledgerkeys_retire(k, p->dir, p->vault_key, 1));
	assert_err(unbox(k, p->first_public), E_AUTH);
	again = open_keys(p);
	assert_int_equal(again->count, 1);
	assert_int_equal(ledgerkeys_newest(again, second), 2);
	assert_ok(unbox(again, second));
	assert_err(unbox(again, p->first_public), E_AUTH);
}

static void
another_vault_key_opens_nothing(void **state)
{
	const struct place *p = *state;
	OWNED(numbered) struct numbered *k = open_keys(p), *none = NULL;
	OWNED_SECRET struct secret *other = secret_copy(p->first_public, AEAD_KEY_BYTES);
	assert_ok(ledgerkeys_renew(k, p->dir, p->vault_key));
	assert_err(ledgerkeys_open(&none, p->dir, other, p->first), E_AUTH);
	assert_null(none);
}

static void
zeros_are_no_key(void **state)
{
	const struct place *p = *state;
	OWNED(numbered) struct numbered *none = NULL;
	OWNED_SECRET struct secret *zeros = secret_new(BOX_SECRET_BYTES);
	assert_true(ledgerkeys_is_box(p->first));
	assert_false(ledgerkeys_is_box(zeros));
	assert_err(ledgerkeys_open(&none, p->dir, p->vault_key, zeros), E_NOTFOUND);
}

/* The note that a node is given. */
static void
a_note_holds_for_its_study_and_its_hub_alone(void **state)
{
	const struct place *p = *state;
	struct ledgernote n = {.number = 3}, read;
	uint8_t public[SIGN_PUBLIC_BYTES], other[SIGN_PUBLIC_BYTES];
	OWNED_SECRET struct secret *receipt = NULL, *unused = NULL;
	OWNED_BUF struct buf note;
	buf_init(&note, LEDGERNOTE_MAX_BYTES);
	memcpy(n.public, p->first_public, sizeof(n.public));
	sign_keypair(public, &receipt);
	sign_keypair(other, &unused);
	assert_ok(ledgernote_make(&note, &n, "example", receipt));
	assert_ok(ledgernote_read(&read, buf_view(&note), "example", public));
	assert_int_equal(read.number, 3);
	assert_memory_equal(read.public, n.public, sizeof(n.public));
	assert_err(ledgernote_read(&read, buf_view(&note), "example", other), E_AUTH);
	assert_err(ledgernote_read(&read, buf_view(&note), "another", public), E_DENIED);
	assert_err(ledgernote_read(&read, view_of(note.at, note.len - 1), "example", public),
		E_FORMAT);
	note.at[11 + 3] ^= 1; /* in the number */
	assert_err(ledgernote_read(&read, buf_view(&note), "example", public), E_AUTH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(begins_with_the_key_of_the_services_and_opens_for_every_number),
		TEST(a_destroyed_number_opens_nothing_and_the_newest_stays),
		TEST(another_vault_key_opens_nothing),
		TEST(zeros_are_no_key),
		TEST(a_note_holds_for_its_study_and_its_hub_alone),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("ledgerkeys", tests, NULL, NULL);
}
