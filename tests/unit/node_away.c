#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "tests/unit/node_away.h"
#include "tests/unit/own_dir.h"

#define STUDY     "wvs-poverty"
#define MAP_BYTES ((size_t)64 << 20)

int
away_make(void **state)
{
	struct away *a = xcalloc(1, sizeof(*a));
	uint8_t payload[128];
	if (!own_dir_make(a->dir, sizeof(a->dir), "node"))
		return -1;
	crypto_random(payload, sizeof(payload));
	assert_ok(sitekeys_from(&a->keys, view_of(payload, sizeof(payload))));
	memcpy(a->card.study, STUDY, sizeof(STUDY));
	memcpy(a->card.site, "norway", 7);
	memcpy(a->card.address, "tcp://127.0.0.1:1", 18);
	memcpy(a->card.writer, a->keys->writer_public, sizeof(a->card.writer));
	sign_keypair(a->card.receipt_public, &a->receipt);
	box_keypair(a->card.ledger_public, &a->ledger);
	struct vault_config c = {.dir = a->dir, .study = STUDY, .map_bytes = MAP_BYTES};
	memcpy(c.writer, a->keys->writer_public, sizeof(c.writer));
	assert_ok(vault_open(&a->vault, &c));
	assert_ok(sync_config_open(&a->config, a->vault, &a->card));
	assert_ok(reactor_open(&a->reactor));
	a->context = link_context_new();
	a->site = (struct sync_link_site){.card = &a->card,
		.keys = a->keys,
		.vault = a->vault,
		.config = a->config,
		.context = a->context,
		.reactor = a->reactor};
	assert_ok(sync_link_open(&a->link, &a->site));
	assert_ok(vault_commit(a->vault));
	a->bundles = bundles_new(&a->site, a->link);
	*state = a;
	return 0;
}

int
away_drop(void **state)
{
	struct away *a = *state;
	bundles_free(a->bundles);
	sync_link_free(a->link);
	sync_config_free(a->config);
	vault_free(a->vault);
	reactor_free(a->reactor);
	link_context_free(a->context);
	sitekeys_free(a->keys);
	secret_free(a->receipt);
	secret_free(a->ledger);
	int rc = own_dir_drop(a->dir);
	free(a);
	return rc;
}

void
away_end_turn(struct away *a)
{
	assert_ok(sync_link_flush(a->link));
}

void
away_write(struct away *a, enum lane lane, size_t count)
{
	static uint8_t content[200];
	const struct entry_part parts[] = {
		{lane == LANE_A ? PART_ACT : PART_ANSWERS, view_of(content, sizeof(content))}};
	for (size_t i = 0; i < count; i++) {
		struct sync_mark at;
		content[0]++;
		assert_ok(vault_append(a->vault, lane, parts, ARRAY_LEN(parts), &at));
	}
	away_end_turn(a);
}
