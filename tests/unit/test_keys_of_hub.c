#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "hub/keeperkey.h"
#include "hub/keeperkey_inside.h"
#include "hub/servicekey.h"
#include "hub/settings.h"
#include "hub/signer.h"

#define HOLDERS 3

/* A hub directory, two passphrases and three example holders. */
struct place {
	char dir[32];
	struct secret *right, *wrong;
	struct secret *box[HOLDERS];
	struct keeperkey_holder holders[HOLDERS];
};

static int
make_place(void **state)
{
	static const char *const ids[HOLDERS] = {"holder-1", "holder-2", "holder-3"};
	struct place *p = xcalloc(1, sizeof(*p));
	if (!own_dir_make(p->dir, sizeof(p->dir), "keys"))
		return -1;
	assert_ok(datadir_make(p->dir, "keys"));
	p->right = secret_copy("right", 5);
	p->wrong = secret_copy("wrong", 5);
	for (size_t i = 0; i < HOLDERS; i++) {
		p->holders[i].person = ids[i];
		box_keypair(p->holders[i].box_public, &p->box[i]);
	}
	*state = p;
	return 0;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	secret_free(p->right);
	secret_free(p->wrong);
	for (size_t i = 0; i < HOLDERS; i++)
		secret_free(p->box[i]);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static char *
path_in(const struct place *p, const char *name)
{
	return xasprintf("%s/%s", p->dir, name);
}

/* Turns one bit of a file round. */
static void
damage(const struct place *p, const char *name, size_t at)
{
	OWNED_MEM char *path = path_in(p, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, 65536));
	assert_in_range(at, 0, len - 1);
	bytes[at] ^= 1;
	assert_ok(text_write_file(path, view_of(bytes, len), 0600));
}

static bool
same(struct secret *a, struct secret *b)
{
	return view_same(secret_view(a), secret_view(b));
}

/* service.key */

static void
service_keys_come_back_under_their_passphrase_alone(void **state)
{
	struct place *p = *state;
	OWNED(servicekey) struct servicekey *made = NULL, *opened = NULL, *none = NULL;
	OWNED_MEM char *path = path_in(p, "keys/service.key");
	struct stat st;
	assert_err(servicekey_open(&none, p->dir, p->right), E_NOTFOUND);
	assert_ok(servicekey_make(&made, p->dir, p->right, KDF_INTERACTIVE));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(servicekey_open(&opened, p->dir, p->right));
	assert_true(same(made->receipt, opened->receipt));
	assert_true(same(made->log_seed, opened->log_seed));
	assert_true(same(made->box, opened->box));
	assert_true(same(made->transport, opened->transport));
	assert_true(same(made->vault, opened->vault));
	assert_memory_equal(made->receipt_public, opened->receipt_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(made->log_public, opened->log_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(made->box_public, opened->box_public, BOX_PUBLIC_BYTES);
	assert_memory_equal(made->transport_public, opened->transport_public, BOX_PUBLIC_BYTES);
	assert_err(servicekey_open(&none, p->dir, p->wrong), E_AUTH);
	assert_null(none);
	assert_err(servicekey_make(&none, p->dir, p->wrong, KDF_INTERACTIVE), E_CONFLICT);
	assert_null(none);
	damage(p, "keys/service.key", 40);
	assert_err(servicekey_open(&none, p->dir, p->right), E_FORMAT);
}

static void
the_box_key_is_destroyed_and_all_else_stays(void **state)
{
	struct place *p = *state;
	OWNED(servicekey) struct servicekey *made = NULL, *opened = NULL;
	OWNED_SECRET struct secret *zeros = secret_new(BOX_SECRET_BYTES);
	assert_ok(servicekey_make(&made, p->dir, p->right, KDF_INTERACTIVE));
	assert_ok(servicekey_drop_box(made, p->dir, p->right, KDF_INTERACTIVE));
	assert_ok(servicekey_open(&opened, p->dir, p->right));
	assert_true(same(opened->box, zeros));
	assert_true(same(made->vault, opened->vault));
	assert_true(same(made->receipt, opened->receipt));
	assert_true(same(made->transport, opened->transport));
}

static void
the_payload_that_the_supervisor_hands_on_gives_the_same_keys(void **state)
{
	(void)state;
	OWNED(servicekey) struct servicekey *k = NULL, *again = NULL, *none = NULL;
	uint8_t bytes[5 * 32];
	crypto_random(bytes, sizeof(bytes));
	assert_ok(servicekey_from(&k, view_of(bytes, sizeof(bytes))));
	OWNED_SECRET struct secret *payload = servicekey_payload(k);
	assert_int_equal(secret_len(payload), sizeof(bytes));
	assert_memory_equal(secret_bytes(payload), bytes, sizeof(bytes));
	assert_ok(servicekey_from(&again, secret_view(payload)));
	assert_memory_equal(k->receipt_public, again->receipt_public, SIGN_PUBLIC_BYTES);
	assert_err(servicekey_from(&none, view_of(bytes, sizeof(bytes) - 1)), E_FORMAT);
	assert_null(none);
}

/* signers */

static void
a_signer_comes_back_and_is_never_overwritten(void **state)
{
	struct place *p = *state;
	OWNED_MEM char *path = path_in(p, "officer-1.key");
	OWNED(signer) struct signer *made = NULL, *opened = NULL, *none = NULL;
	struct signer_file f = {path, "officer-1", p->right, KDF_INTERACTIVE};
	assert_err(signer_open(&none, &f), E_NOTFOUND);
	assert_ok(signer_make(&made, &f));
	assert_ok(signer_open(&opened, &f));
	assert_string_equal(opened->id, "officer-1");
	assert_true(same(made->sign, opened->sign));
	assert_true(same(made->box, opened->box));
	assert_memory_equal(made->sign_public, opened->sign_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(made->box_public, opened->box_public, BOX_PUBLIC_BYTES);
	assert_err(signer_make(&none, &f), E_CONFLICT);
	f.passphrase = p->wrong;
	assert_err(signer_open(&none, &f), E_AUTH);
	assert_null(none);
	/* The file of a person is not read as the root's. */
	f = (struct signer_file){path, SIGNER_ROOT, p->right, KDF_INTERACTIVE};
	assert_err(signer_open(&none, &f), E_FORMAT);
}

static void
the_root_signs_and_has_no_box(void **state)
{
	struct place *p = *state;
	OWNED_MEM char *path = path_in(p, "root.key");
	OWNED(signer) struct signer *made = NULL, *opened = NULL, *none = NULL;
	struct signer_file f = {path, SIGNER_ROOT, p->right, KDF_INTERACTIVE};
	assert_ok(signer_make(&made, &f));
	assert_ok(signer_open(&opened, &f));
	assert_true(same(made->sign, opened->sign));
	assert_null(opened->box);
	f.id = "officer-1";
	assert_err(signer_open(&none, &f), E_FORMAT);
}

/* the keeper's keys */

static struct keeperkey *
new_keys(void)
{
	uint8_t root[SIGN_PUBLIC_BYTES], log[SIGN_PUBLIC_BYTES];
	memset(root, 3, sizeof(root));
	memset(log, 4, sizeof(log));
	return keeperkey_new(root, log);
}

static size_t
holder_of(const struct place *p, const char *person)
{
	for (size_t i = 0; i < HOLDERS; i++)
		if (strcmp(p->holders[i].person, person) == 0)
			return i;
	fail_msg("%s holds nothing", person);
	return 0;
}

struct pairs {
	const struct place *place;
	const struct keeperkey *made;
	size_t count;
	bool seen[HOLDERS][HOLDERS];
};

/* Takes both layers off one pair's box with the two holders' keys and opens the file with what
 * is in it; no key alone takes off both. */
static enum err
open_by_pair(void *arg, const char *outer, const char *inner, struct view box)
{
	struct pairs *w = arg;
	const struct place *p = w->place;
	size_t first = holder_of(p, outer), second = holder_of(p, inner);
	OWNED_BUF struct buf peeled;
	OWNED_SECRET struct secret *study = NULL, *none = NULL;
	OWNED(keeperkey) struct keeperkey *k = NULL;
	buf_init(&peeled, 1024);
	assert_false(w->seen[first][second]);
	w->seen[first][second] = true;
	w->count++;
	for (size_t i = 0; i < HOLDERS; i++)
		if (i != first)
			assert_err(box_open_secret(&none, box, p->box[i]), E_AUTH);
	assert_ok(box_open(&peeled, box, p->box[first]));
	for (size_t i = 0; i < HOLDERS; i++)
		if (i != second)
			assert_err(
				box_open_secret(&none, buf_view(&peeled), p->box[i]), E_AUTH);
	assert_ok(box_open_secret(&study, buf_view(&peeled), p->box[second]));
	assert_ok(keeperkey_open(&k, p->dir, study));
	assert_memory_equal(k->root_public, w->made->root_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(k->log_public, w->made->log_public, SIGN_PUBLIC_BYTES);
	assert_memory_equal(k->release_public, w->made->release_public, SIGN_PUBLIC_BYTES);
	assert_true(same(k->release, w->made->release));
	assert_int_equal(k->epoch, 1);
	assert_true(same(k->epoch_key, w->made->epoch_key));
	assert_int_equal(k->intake_count, 1);
	assert_int_equal(k->intake_number[0], 1);
	assert_true(same(k->intake[0], w->made->intake[0]));
	return OK;
}

static void
any_two_holders_open_the_keeper_in_either_order_and_none_alone(void **state)
{
	struct place *p = *state;
	OWNED(keeperkey) struct keeperkey *k = new_keys(), *none = NULL;
	struct pairs w = {.place = p, .made = k};
	assert_ok(keeperkey_write(k, p->dir, p->holders, HOLDERS));
	assert_ok(keeperkey_pairs(p->dir, open_by_pair, &w));
	assert_int_equal(w.count, HOLDERS * (HOLDERS - 1));
	for (size_t i = 0; i < HOLDERS; i++)
		assert_err(keeperkey_open(&none, p->dir, p->box[i]), E_AUTH);
	assert_null(none);
}

static enum err
count_pair(void *arg, const char *outer, const char *inner, struct view box)
{
	size_t *count = arg;
	(void)outer, (void)inner, (void)box;
	(*count)++;
	return OK;
}

static bool
is_there(const struct place *p, const char *name)
{
	OWNED_MEM char *path = path_in(p, name);
	return access(path, F_OK) == 0;
}

static void
says_what_to_run_before_the_setup(void **state)
{
	struct place *p = *state;
	OWNED(keeperkey) struct keeperkey *none = NULL;
	size_t count = 0;
	assert_err(keeperkey_open(&none, p->dir, p->box[0]), E_NOTFOUND);
	assert_non_null(strstr(err_text(), "weir-hub keeper setup"));
	assert_err(keeperkey_pairs(p->dir, count_pair, &count), E_NOTFOUND);
	assert_int_equal(count, 0);
}

static void
refuses_a_key_file_of_the_version_before_by_name(void **state)
{
	struct place *p = *state;
	OWNED(keeperkey) struct keeperkey *k = new_keys(), *opened = NULL;
	OWNED_MEM char *path = path_in(p, "keys/keeper.key");
	OWNED_SECRET struct secret *study = NULL;
	uint8_t public[BOX_PUBLIC_BYTES];
	box_keypair(public, &study);
	for (uint8_t version = 1; version <= 2; version++) {
		OWNED_WIPED struct buf plain, sealed;
		buf_init(&plain, 4096);
		buf_init(&sealed, 4096);
		keeperkey_pack(k, &plain);
		assert_int_equal(plain.at[0], 2);
		plain.at[0] = version;
		box_seal(&sealed, buf_view(&plain), public);
		assert_ok(text_write_file(path, buf_view(&sealed), 0600));
		assert_err(
			keeperkey_open(&opened, p->dir, study), version == 1 ? E_FORMAT : OK);
		if (version == 1)
			assert_non_null(strstr(err_text(), "keys/keeper.key is of version 1"));
	}
}

static void
refuses_holders_that_are_not_two_to_seven_different_persons(void **state)
{
	struct place *p = *state;
	OWNED(keeperkey) struct keeperkey *k = new_keys();
	struct keeperkey_holder h[KEEPERKEY_HOLDERS_COUNT + 1];
	for (size_t i = 0; i < ARRAY_LEN(h); i++)
		h[i] = p->holders[i % HOLDERS];
	assert_err(keeperkey_write(k, p->dir, h, 1), E_FORMAT);
	assert_err(keeperkey_write(k, p->dir, h, ARRAY_LEN(h)), E_FORMAT);
	h[1].person = h[0].person;
	assert_err(keeperkey_write(k, p->dir, h, 2), E_FORMAT);
	h[1] = p->holders[1];
	memcpy(h[1].box_public, h[0].box_public, BOX_PUBLIC_BYTES);
	assert_err(keeperkey_write(k, p->dir, h, 2), E_FORMAT); /* one person, two names */
	memset(h[1].box_public, 0, BOX_PUBLIC_BYTES);
	assert_err(
		keeperkey_write(k, p->dir, h, 2), E_FORMAT); /* nothing can be sealed to it */
	assert_false(is_there(p, "keys/keeper.key"));
	assert_false(is_there(p, "keys/holders"));
	assert_ok(keeperkey_write(k, p->dir, p->holders, 2));
}

static void
a_setup_is_done_once_and_whole_or_not_at_all(void **state)
{
	struct place *p = *state;
	OWNED(keeperkey) struct keeperkey *k = new_keys();
	OWNED_MEM char *holders = path_in(p, "keys/holders");
	assert_ok(text_write_file(holders, view_text("of somebody"), 0600));
	assert_err(keeperkey_write(k, p->dir, p->holders, HOLDERS), E_CONFLICT);
	assert_false(is_there(p, "keys/keeper.key"));
	assert_int_equal(unlink(holders), 0);
	OWNED_MEM uint8_t *before = NULL, *after = NULL;
	size_t before_len = 0, after_len = 0;
	assert_ok(keeperkey_write(k, p->dir, p->holders, HOLDERS));
	assert_ok(text_read_file(&before, &before_len, holders, 65536));
	assert_err(keeperkey_write(k, p->dir, p->holders, HOLDERS), E_CONFLICT);
	assert_ok(text_read_file(&after, &after_len, holders, 65536));
	assert_true(view_same(view_of(before, before_len), view_of(after, after_len)));
}

static enum err
open_first_pair(void *arg, const char *outer, const char *inner, struct view box)
{
	struct pairs *w = arg;
	OWNED_BUF struct buf peeled;
	OWNED_SECRET struct secret *study = NULL;
	OWNED(keeperkey) struct keeperkey *k = NULL;
	buf_init(&peeled, 1024);
	assert_ok(box_open(&peeled, box, w->place->box[holder_of(w->place, outer)]));
	assert_ok(box_open_secret(
		&study, buf_view(&peeled), w->place->box[holder_of(w->place, inner)]));
	return keeperkey_open(&k, w->place->dir, study);
}

static void
damaged_files_are_refused(void **state)
{
	struct place *p = *state;
	OWNED(keeperkey) struct keeperkey *k = new_keys();
	struct pairs w = {.place = p, .made = k};
	size_t count = 0;
	assert_ok(keeperkey_write(k, p->dir, p->holders, HOLDERS));
	assert_ok(keeperkey_pairs(p->dir, open_first_pair, &w));
	damage(p, "keys/keeper.key", 60);
	assert_err(keeperkey_pairs(p->dir, open_first_pair, &w), E_AUTH);
	damage(p, "keys/holders", 0); /* version */
	assert_err(keeperkey_pairs(p->dir, count_pair, &count), E_FORMAT);
	assert_int_equal(count, 0);
	damage(p, "keys/holders", 0);
	damage(p, "keys/holders", 1 + BOX_PUBLIC_BYTES + 3); /* count */
	assert_err(keeperkey_pairs(p->dir, count_pair, &count), E_FORMAT);
}

struct taken {
	struct pairs pairs;
	struct secret *study;
};

static enum err
take_study(void *arg, const char *outer, const char *inner, struct view box)
{
	struct taken *t = arg;
	const struct place *p = t->pairs.place;
	OWNED_BUF struct buf peeled;
	buf_init(&peeled, 1024);
	if (t->study)
		return OK;
	assert_ok(box_open(&peeled, box, p->box[holder_of(p, outer)]));
	assert_ok(box_open_secret(&t->study, buf_view(&peeled), p->box[holder_of(p, inner)]));
	return OK;
}

static enum err
is_of_the_first_two(void *arg, const char *outer, const char *inner, struct view box)
{
	size_t *count = arg;
	(void)box;
	assert_string_not_equal(outer, "holder-3");
	assert_string_not_equal(inner, "holder-3");
	(*count)++;
	return OK;
}

static void
who_holds_no_more_opens_nothing_even_with_the_old_study_key(void **state)
{
	struct place *p = *state;
	OWNED(keeperkey) struct keeperkey *k = new_keys(), *again = NULL, *none = NULL;
	struct taken before = {.pairs = {.place = p, .made = k}}, after = before;
	uint8_t old_public[BOX_PUBLIC_BYTES], new_public[BOX_PUBLIC_BYTES];
	size_t count = 0;
	assert_ok(keeperkey_write(k, p->dir, p->holders, HOLDERS));
	assert_ok(keeperkey_study_public(old_public, p->dir));
	assert_ok(keeperkey_pairs(p->dir, take_study, &before));
	assert_err(keeperkey_reseal(k, p->dir, p->holders, 1), E_FORMAT);
	assert_ok(keeperkey_open(&none, p->dir, before.study)); /* nothing changed */
	keeperkey_free(take(none));
	assert_ok(keeperkey_reseal(k, p->dir, p->holders, 2));
	assert_err(keeperkey_open(&none, p->dir, before.study), E_AUTH);
	assert_ok(keeperkey_study_public(new_public, p->dir));
	assert_memory_not_equal(old_public, new_public, sizeof(old_public));
	assert_ok(keeperkey_pairs(p->dir, is_of_the_first_two, &count));
	assert_int_equal(count, 2);
	assert_ok(keeperkey_pairs(p->dir, take_study, &after));
	assert_ok(keeperkey_open(&again, p->dir, after.study));
	assert_true(same(again->epoch_key, k->epoch_key));
	assert_ok(keeperkey_rewrite(k, p->dir)); /* to the new study key */
	assert_ok(keeperkey_open(&none, p->dir, after.study));
	secret_free(before.study);
	secret_free(after.study);
}

/* hub.ini */

static void
settings_come_back_as_they_were_written(void **state)
{
	struct place *p = *state;
	OWNED_MEM char *path = path_in(p, "hub.ini");
	OWNED_BUF struct buf text;
	struct settings s = {.study = "example",
				.origin = "example.org/log",
				.listen = "tcp://127.0.0.1:7000",
				.kdf_interactive = true,
				.keeper_idle_s = 60,
				.map_bytes = (size_t)128 << 20,
				.floor_bytes = (size_t)3 << 20},
			got;
	buf_init(&text, 65536);
	assert_err(settings_load(&got, p->dir), E_NOTFOUND);
	assert_ok(settings_print(&s, &text));
	assert_ok(text_write_file(path, buf_view(&text), 0600));
	assert_ok(settings_load(&got, p->dir));
	assert_string_equal(got.study, s.study);
	assert_string_equal(got.origin, s.origin);
	assert_string_equal(got.listen, s.listen);
	assert_true(got.kdf_interactive);
	assert_int_equal(got.keeper_idle_s, s.keeper_idle_s);
	assert_int_equal(got.map_bytes, s.map_bytes);
	assert_int_equal(got.floor_bytes, s.floor_bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(service_keys_come_back_under_their_passphrase_alone),
		TEST(the_box_key_is_destroyed_and_all_else_stays),
		TEST(the_payload_that_the_supervisor_hands_on_gives_the_same_keys),
		TEST(a_signer_comes_back_and_is_never_overwritten),
		TEST(the_root_signs_and_has_no_box),
		TEST(any_two_holders_open_the_keeper_in_either_order_and_none_alone),
		TEST(says_what_to_run_before_the_setup),
		TEST(refuses_a_key_file_of_the_version_before_by_name),
		TEST(refuses_holders_that_are_not_two_to_seven_different_persons),
		TEST(a_setup_is_done_once_and_whole_or_not_at_all),
		TEST(damaged_files_are_refused),
		TEST(who_holds_no_more_opens_nothing_even_with_the_old_study_key),
		TEST(settings_come_back_as_they_were_written),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("keys_of_hub", tests, NULL, NULL);
}
