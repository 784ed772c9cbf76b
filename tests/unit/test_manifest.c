#include "tests/unit/suite.h"

#include "common/trust/card.h"
#include "common/trust/manifest.h"
#include "common/trust/statement.h"

#define OUT_MAX_BYTES ((size_t)64 * 1024)
#define NOW_S         1700000000
#define PERSONS       3

/* A study with a root and three persons: two officers and a researcher. All are examples. */
struct world {
	struct secret *root;
	uint8_t root_public[SIGN_PUBLIC_BYTES];
	struct secret *secret[PERSONS];
	struct wire_card card[PERSONS];
	struct wire_hub_keys keys;
	struct manifest_known known;
};

static const char *const ids[PERSONS] = {"p1", "p2", "p3"};
static const char *const roles[PERSONS] = {"officer", "officer", "researcher"};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	assert_ok(crypto_init());
	sign_keypair(w->root_public, &w->root);
	for (size_t i = 0; i < PERSONS; i++) {
		struct wire_card *c = &w->card[i];
		*c = (struct wire_card){.study = "example-study",
			.name = "Example Person",
			.role_count = 1,
			.time_s = NOW_S};
		(void)snprintf(c->person, sizeof(c->person), "%s", ids[i]);
		(void)snprintf(c->roles[0], sizeof(c->roles[0]), "%s", roles[i]);
		sign_keypair(c->sign_public, &w->secret[i]);
	}
	w->keys = (struct wire_hub_keys){.study = "example-study",
		.receipt_public = {1},
		.release_public = {2},
		.log_vkey = "example.test+00000000+AQ=="};
	w->known.study = "example-study";
	card_root_hash(w->known.root_hash, w->root_public);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	secret_free(w->root);
	for (size_t i = 0; i < PERSONS; i++)
		secret_free(w->secret[i]);
	free(w);
	return 0;
}

static const struct wire_numbered_key one_key[] = {{.number = 1, .public = {9}}};

static struct wire_manifest
a_manifest(const struct world *w, uint64_t number)
{
	struct wire_manifest m = {.study = "example-study",
		.number = number,
		.log_vkey = w->keys.log_vkey,
		.intake_count = 1,
		.intake = one_key,
		.time_s = NOW_S};
	m.ledger_public[0] = 3;
	m.receipt_public[0] = 1;
	m.release_public[0] = 2;
	if (number > 1)
		memset(m.previous, 8, sizeof(m.previous));
	return m;
}

/* What is put into the envelope; tests change one thing at a time. */
struct plan {
	struct wire_manifest manifest;
	struct wire_hub_keys keys;
	struct secret *card_root; /* who signs the cards */
	struct secret *keys_root; /* who signs the hub keys */
	size_t signer[2];
	size_t statements;
	size_t cards;
	bool other_bytes; /* the second statement is over another manifest */
};

static struct plan
a_plan(const struct world *w)
{
	return (struct plan){.manifest = a_manifest(w, 1),
		.keys = w->keys,
		.card_root = w->root,
		.keys_root = w->root,
		.signer = {0, 1},
		.statements = 2,
		.cards = 2};
}

static void
sign_one(struct buf *out, const struct world *w, const struct plan *p, size_t i,
	struct view manifest)
{
	OWNED_BUF struct buf other;
	buf_init(&other, OUT_MAX_BYTES);
	struct wire_manifest m = p->manifest;
	m.time_s++;
	assert_ok(wire_manifest_pack(&other, &m));
	size_t who = p->signer[i];
	assert_ok(manifest_sign(out, i == 1 && p->other_bytes ? buf_view(&other) : manifest,
		ids[who], NOW_S, w->secret[who]));
}

static void
assemble(struct buf *out, const struct world *w, const struct plan *p)
{
	OWNED_BUF struct buf manifest, keys;
	struct buf cards[2], statements[2];
	buf_init(&manifest, OUT_MAX_BYTES);
	buf_init(&keys, OUT_MAX_BYTES);
	assert_ok(wire_manifest_pack(&manifest, &p->manifest));
	assert_ok(card_hub_keys_make(&keys, &p->keys, p->keys_root));
	struct wire_signed_manifest s = {.manifest = buf_view(&manifest),
		.statement_count = p->statements,
		.card_count = p->cards};
	memcpy(s.root_public, w->root_public, sizeof(s.root_public));
	assert_ok(wire_signed_unpack(&s.hub_keys, buf_view(&keys)));
	for (size_t i = 0; i < 2; i++) {
		buf_init(&cards[i], OUT_MAX_BYTES);
		buf_init(&statements[i], OUT_MAX_BYTES);
		assert_ok(card_make(&cards[i], &w->card[p->signer[i]], p->card_root));
		sign_one(&statements[i], w, p, i, buf_view(&manifest));
		assert_ok(wire_signed_unpack(&s.cards[i], buf_view(&cards[i])));
		assert_ok(wire_signed_unpack(&s.statements[i], buf_view(&statements[i])));
	}
	buf_reset(out);
	assert_ok(wire_signed_manifest_pack(out, &s));
	buf_done(&cards[0]);
	buf_done(&statements[0]);
	buf_done(&cards[1]);
	buf_done(&statements[1]);
}

static enum err
open_plan(const struct world *w, const struct plan *p, const struct manifest_known *known)
{
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	assemble(&b, w, p);
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	uint8_t hash[HASH_BYTES];
	enum err e = manifest_open(&m, hash, buf_view(&b), known);
	assert_true((e == OK) == (m != NULL));
	return e;
}

static void
a_manifest_of_two_officers_is_taken(void **state)
{
	struct world *w = *state;
	struct plan p = a_plan(w);
	OWNED_BUF struct buf b, plain;
	buf_init(&b, OUT_MAX_BYTES);
	buf_init(&plain, OUT_MAX_BYTES);
	assemble(&b, w, &p);
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	uint8_t hash[HASH_BYTES], want[HASH_BYTES];
	assert_ok(manifest_open(&m, hash, buf_view(&b), &w->known));
	assert_int_equal(m->number, 1);
	assert_ok(wire_manifest_pack(&plain, &p.manifest));
	manifest_hash(want, buf_view(&plain));
	assert_memory_equal(hash, want, HASH_BYTES);
}

static void
each_thing_that_does_not_fit_is_refused_by_name(void **state)
{
	struct world *w = *state;
	OWNED_SECRET struct secret *other = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &other);
#define REFUSED(change, code, words)                                                           \
	do {                                                                                   \
		struct plan p = a_plan(w);                                                     \
		struct manifest_known known = w->known;                                        \
		change;                                                                        \
		assert_err(open_plan(w, &p, &known), code);                                    \
		assert_non_null(strstr(err_text(), words));                                    \
	} while (0)
	REFUSED(known.root_hash[0] ^= 1, E_AUTH, "another study root");
	REFUSED(known.study = "another-study", E_DENIED, "another study");
	REFUSED(p.card_root = other, E_AUTH, "the card is not signed");
	REFUSED(p.keys_root = other, E_AUTH, "hub keys are not signed");
	REFUSED(p.keys.receipt_public[0] = 9, E_AUTH, "other hub keys");
	REFUSED(p.keys.release_public[0] = 9, E_AUTH, "other hub keys");
	REFUSED(p.keys.log_vkey[0] = 'X', E_AUTH, "other hub keys");
	REFUSED(p.statements = 1, E_DENIED, "1 statements");
	REFUSED(p.statements = 0, E_DENIED, "0 statements");
	REFUSED(p.cards = 1, E_DENIED, "without the card of p2");
	REFUSED(p.signer[1] = 0, E_DENIED, "one person only");
	REFUSED(p.signer[1] = 2, E_DENIED, "p3 has not the role officer");
	REFUSED(p.other_bytes = true, E_DENIED, "other bytes");
#undef REFUSED
}

/* Two cards for one key would make one person two. */
static void
one_key_under_two_names_is_one_person(void **state)
{
	struct world *w = *state;
	struct plan p = a_plan(w);
	secret_free(w->secret[1]);
	w->secret[1] = secret_copy(secret_bytes(w->secret[0]), SIGN_SECRET_BYTES);
	memcpy(w->card[1].sign_public, w->card[0].sign_public, SIGN_PUBLIC_BYTES);
	assert_err(open_plan(w, &p, &w->known), E_DENIED);
	assert_non_null(strstr(err_text(), "one person only"));
}

static void
numbers_only_go_up_and_follow_each_other(void **state)
{
	struct world *w = *state;
	struct plan p = a_plan(w);
	struct manifest_known known = w->known;
	OWNED_BUF struct buf plain;
	buf_init(&plain, OUT_MAX_BYTES);
	p.manifest = a_manifest(w, 3);
	assert_ok(open_plan(w, &p, &known));
	/* The same again is fine, another of the same number is not. */
	assert_ok(wire_manifest_pack(&plain, &p.manifest));
	known.number = 3;
	manifest_hash(known.hash, buf_view(&plain));
	assert_ok(open_plan(w, &p, &known));
	known.hash[0] ^= 1;
	assert_err(open_plan(w, &p, &known), E_CONFLICT);
	/* An older one is refused; the next has to name the one before; a later one may
	 * skip. */
	known.number = 4;
	assert_err(open_plan(w, &p, &known), E_CONFLICT);
	known.number = 2;
	assert_err(open_plan(w, &p, &known), E_CONFLICT);
	memcpy(known.hash, p.manifest.previous, HASH_BYTES);
	assert_ok(open_plan(w, &p, &known));
	known.number = 1;
	memset(known.hash, 0, HASH_BYTES);
	assert_ok(open_plan(w, &p, &known));
}

static void
every_change_of_the_envelope_is_refused(void **state)
{
	struct world *w = *state;
	struct plan p = a_plan(w);
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	assemble(&b, w, &p);
	uint8_t hash[HASH_BYTES];
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	for (size_t i = 0; i < b.len; i++) {
		b.at[i] ^= 4;
		assert_int_not_equal(manifest_open(&m, hash, buf_view(&b), &w->known), OK);
		assert_null(m);
		b.at[i] ^= 4;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_manifest_of_two_officers_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			each_thing_that_does_not_fit_is_refused_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_key_under_two_names_is_one_person, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			numbers_only_go_up_and_follow_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			every_change_of_the_envelope_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
