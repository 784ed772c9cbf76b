#include "tests/unit/manifest_bench.h"

#include "tests/unit/suite.h"

#include "common/trust/card.h"
#include "common/trust/manifest.h"

#define TIME_S   1700000000
#define LOG_VKEY "example.test+00000000+AQ=="
#define OFFICERS 2

static void
pack_manifest(struct buf *out, const char *study, const struct wire_numbered_key *intake,
	size_t count)
{
	struct wire_manifest m = {.number = 1,
		.ledger_public = {3},
		.receipt_public = {1},
		.release_public = {2},
		.log_vkey = LOG_VKEY,
		.intake_count = count,
		.intake = intake,
		.time_s = TIME_S};
	(void)snprintf(m.study, sizeof(m.study), "%s", study);
	assert_ok(wire_manifest_pack(out, &m));
}

static void
make_hub_keys(struct buf *out, const char *study, struct secret *root)
{
	struct wire_hub_keys keys = {
		.receipt_public = {1}, .release_public = {2}, .log_vkey = LOG_VKEY};
	(void)snprintf(keys.study, sizeof(keys.study), "%s", study);
	assert_ok(card_hub_keys_make(out, &keys, root));
}

/* An officer with a card, and what the officer says of the manifest. */
static void
sign(struct buf *card, struct buf *statement, size_t i, const char *study, struct view manifest,
	struct secret *root)
{
	OWNED_SECRET struct secret *own = NULL;
	struct wire_card c = {.name = "Example Person", .role_count = 1, .time_s = TIME_S};
	(void)snprintf(c.study, sizeof(c.study), "%s", study);
	(void)snprintf(c.person, sizeof(c.person), "officer-%zu", i + 1);
	(void)snprintf(c.roles[0], sizeof(c.roles[0]), "%s", MANIFEST_ROLE);
	sign_keypair(c.sign_public, &own);
	buf_init(card, MANIFEST_BENCH_BYTES);
	buf_init(statement, MANIFEST_BENCH_BYTES);
	assert_ok(card_make(card, &c, root));
	assert_ok(manifest_sign(statement, manifest, c.person, TIME_S, own));
}

void
manifest_bench_make(struct buf *out, const char *study, const struct wire_numbered_key *intake,
	size_t count, struct secret *root)
{
	OWNED_BUF struct buf manifest, keys;
	struct buf cards[OFFICERS], statements[OFFICERS];
	buf_init(&manifest, MANIFEST_BENCH_BYTES);
	buf_init(&keys, MANIFEST_BENCH_BYTES);
	pack_manifest(&manifest, study, intake, count);
	make_hub_keys(&keys, study, root);
	struct wire_signed_manifest s = {.manifest = buf_view(&manifest),
		.statement_count = OFFICERS,
		.card_count = OFFICERS};
	sign_public(s.root_public, root);
	assert_ok(wire_signed_unpack(&s.hub_keys, buf_view(&keys)));
	for (size_t i = 0; i < OFFICERS; i++) {
		sign(&cards[i], &statements[i], i, study, buf_view(&manifest), root);
		assert_ok(wire_signed_unpack(&s.cards[i], buf_view(&cards[i])));
		assert_ok(wire_signed_unpack(&s.statements[i], buf_view(&statements[i])));
	}
	assert_ok(wire_signed_manifest_pack(out, &s));
	for (size_t i = 0; i < OFFICERS; i++) {
		buf_done(&cards[i]);
		buf_done(&statements[i]);
	}
}
