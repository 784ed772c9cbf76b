#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/card.h"
#include "node/hubcard.h"
#include "node/sitekeys.h"

#define PASSPHRASE "an example passphrase"

struct place {
	char dir[32];
	char path[64];
	struct hubcard card;
};

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (crypto_init() || !own_dir_make(p->dir, sizeof(p->dir), "card"))
		return -1;
	(void)snprintf(p->path, sizeof(p->path), "%s/hub.card", p->dir);
	p->card = (struct hubcard){.study = "example-study",
		.site = "example-site",
		.address = "tcp://127.0.0.1:7443",
		.joined_s = 1795305600};
	crypto_random(p->card.hub_public, BOX_PUBLIC_BYTES);
	crypto_random(p->card.root_public, SIGN_PUBLIC_BYTES);
	crypto_random(p->card.ledger_public, BOX_PUBLIC_BYTES);
	crypto_random(p->card.receipt_public, SIGN_PUBLIC_BYTES);
	crypto_random(p->card.writer, SIGN_PUBLIC_BYTES);
	crypto_random(p->card.review_public, BOX_PUBLIC_BYTES);
	card_root_hash(p->card.root_hash, p->card.root_public);
	*state = p;
	return 0;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static void
gives_back_what_was_written(void **state)
{
	struct place *p = *state;
	struct hubcard got;
	assert_ok(hubcard_write(&p->card, p->dir));
	assert_ok(hubcard_load(&got, p->dir));
	assert_memory_equal(&got, &p->card, sizeof(got));
}

static void
says_that_joining_comes_first(void **state)
{
	struct place *p = *state;
	struct hubcard got;
	assert_err(hubcard_load(&got, p->dir), E_NOTFOUND);
	assert_non_null(strstr(err_text(), "weir-node join"));
}

static void
is_never_replaced(void **state)
{
	struct place *p = *state;
	struct hubcard other = p->card, got;
	assert_ok(hubcard_write(&p->card, p->dir));
	other.root_public[0] ^= 1;
	assert_err(hubcard_write(&other, p->dir), E_CONFLICT);
	assert_ok(hubcard_load(&got, p->dir));
	assert_memory_equal(got.root_public, p->card.root_public, SIGN_PUBLIC_BYTES);
}

static void
refuses_every_changed_byte(void **state)
{
	struct place *p = *state;
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	struct hubcard got;
	assert_ok(hubcard_write(&p->card, p->dir));
	assert_ok(text_read_file(&bytes, &len, p->path, 4096));
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 0x40;
		assert_ok(text_write_file(p->path, view_of(bytes, len), 0600));
		if (hubcard_load(&got, p->dir) != E_FORMAT)
			fail_msg("byte %zu may be anything", i);
		bytes[i] ^= 0x40;
	}
	assert_ok(text_write_file(p->path, view_of(bytes, len - 1), 0600));
	assert_err(hubcard_load(&got, p->dir), E_FORMAT);
	assert_ok(text_write_file(p->path, view_of(NULL, 0), 0600));
	assert_err(hubcard_load(&got, p->dir), E_FORMAT);
}

static void
keys_of_a_site_open_with_their_passphrase_only(void **state)
{
	struct place *p = *state;
	OWNED_MEM char *keys = xasprintf("mkdir -m 700 '%s/keys'", p->dir);
	OWNED_SECRET struct secret *right = secret_copy(PASSPHRASE, strlen(PASSPHRASE));
	OWNED_SECRET struct secret *wrong = secret_copy("another one", 11);
	OWNED(sitekeys)
	struct sitekeys *made = NULL, *got = NULL, *again = NULL, *handed = NULL;
	assert_int_equal(system(keys), 0);
	assert_false(sitekeys_there(p->dir));
	assert_ok(sitekeys_make(&made, p->dir, right, KDF_INTERACTIVE));
	assert_true(sitekeys_there(p->dir));
	assert_err(sitekeys_make(&again, p->dir, right, KDF_INTERACTIVE), E_CONFLICT);
	assert_err(sitekeys_open(&got, p->dir, wrong), E_AUTH);
	assert_ok(sitekeys_open(&got, p->dir, right));
	assert_memory_equal(got->writer_public, made->writer_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(got->box_public, made->box_public, BOX_PUBLIC_BYTES);
	OWNED_SECRET struct secret *payload = sitekeys_payload(made);
	assert_ok(sitekeys_from(&handed, secret_view(payload)));
	assert_memory_equal(handed->witness_public, made->witness_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(handed->transport_public, made->transport_public, BOX_PUBLIC_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			gives_back_what_was_written, make_place, drop_place),
		cmocka_unit_test_setup_teardown(
			says_that_joining_comes_first, make_place, drop_place),
		cmocka_unit_test_setup_teardown(is_never_replaced, make_place, drop_place),
		cmocka_unit_test_setup_teardown(
			refuses_every_changed_byte, make_place, drop_place),
		cmocka_unit_test_setup_teardown(
			keys_of_a_site_open_with_their_passphrase_only, make_place, drop_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
