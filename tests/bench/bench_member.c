#include "tests/bench/bench_member.h"

#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"

#define PAYLOAD_KEY_BYTES 32
#define MAP_BYTES         ((size_t)1 << 30)

static void
open_keys(struct sitekeys **ret, unsigned node)
{
	OWNED_SECRET struct secret *payload = secret_new(BENCH_KEY_COUNT * PAYLOAD_KEY_BYTES);
	for (unsigned i = 0; i < BENCH_KEY_COUNT; i++) {
		OWNED_SECRET struct secret *one = bench_secret(node, (enum bench_key)i);
		memcpy(secret_bytes(payload) + i * PAYLOAD_KEY_BYTES, secret_bytes(one),
			PAYLOAD_KEY_BYTES);
	}
	bench_must(sitekeys_from(ret, secret_view(payload)), "keys");
}

void
bench_member_open(struct bench_member *ret, const struct hubcard *card, const char *dir,
	unsigned number, struct link_context *context, struct reactor *reactor)
{
	static const struct pace_rules none = {.kbit_per_s = 0};
	struct bench_member *m = ret;
	m->card = *card;
	bench_sign_public(m->card.writer, number, BENCH_WRITER);
	open_keys(&m->keys, number);
	struct vault_config v = {.dir = dir, .study = m->card.study, .map_bytes = MAP_BYTES};
	memcpy(v.writer, m->card.writer, sizeof(v.writer));
	bench_must(vault_open(&m->vault, &v), "vault");
	bench_must(sync_config_open(&m->config, m->vault, &m->card), "config");
	const struct sync_link_site site = {.card = &m->card,
		.keys = m->keys,
		.vault = m->vault,
		.config = m->config,
		.context = context,
		.reactor = reactor,
		.rules = &none};
	bench_must(sync_link_open(&m->link, &site), "link");
}

void
bench_member_close(struct bench_member *m)
{
	sync_link_free(m->link);
	sync_config_free(m->config);
	vault_free(m->vault);
	sitekeys_free(m->keys);
}

enum err
bench_member_end_turn(struct bench_member *m)
{
	enum err e = sync_link_error(m->link);
	if (!e)
		e = sync_link_flush(m->link);
	sync_link_settle(m->link);
	return e;
}

bool
bench_member_is_receipted(struct bench_member *m, enum lane first, enum lane last)
{
	bool all = true;
	for (enum lane lane = first; all && lane <= last; lane++) {
		struct vault_mark mark;
		bench_must(vault_mark_get(m->vault, lane, &mark), "mark");
		all = mark.at_hub == vault_committed(m->vault, lane).seq;
	}
	return all;
}
