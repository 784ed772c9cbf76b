/* fill - bulk for the vault of a node that is stopped: records with long answers, to queue
 * behind.
 *
 *   load-fill NODE MB
 *
 * Each record repeats the rules part of the first one under a new instance; its answers are
 * random bytes, as sealed ones look to everybody but the keeper. Consents and keys are those of
 * that first record, so that nothing but lane R grows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"

#include "node/hubcard.h"
#include "node/settings.h"
#include "node/vault.h"

#include "tests/bench/bench.h"

#define ANSWERS_BYTES ((size_t)20 * 1000)
#define PER_COMMIT    500
#define BYTES_PER_MB  1000000
#define RULES_BYTES   ((size_t)64 * 1024)

static void
open_node(struct vault **ret, const char *dir)
{
	struct hubcard card;
	struct settings s;
	bench_must(hubcard_load(&card, dir), "hub.card");
	bench_must(settings_load(&s, dir), "node.ini");
	struct vault_config c = {.dir = dir, .study = card.study, .map_bytes = s.map_bytes};
	memcpy(c.writer, card.writer, sizeof(c.writer));
	bench_must(vault_open(ret, &c), "vault");
}

static void
add_record(struct vault *v, struct wire_rules *rules)
{
	static uint8_t answers[ANSWERS_BYTES];
	OWNED_BUF struct buf part;
	struct sync_mark end;
	buf_init(&part, RULES_BYTES);
	crypto_random(rules->salt, sizeof(rules->salt));
	crypto_random(rules->instance, sizeof(rules->instance));
	crypto_random(answers, sizeof(answers));
	bench_must(wire_rules_pack(&part, rules), "rules part");
	const struct entry_part parts[] = {{PART_RULES, buf_view(&part)},
		{PART_ANSWERS, view_of(answers, sizeof(answers))}};
	bench_must(vault_append(v, LANE_R, parts, ARRAY_LEN(parts), &end), "record");
}

int
main(int argc, char **argv)
{
	OWNED_BUF struct buf first;
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	struct vault *v = NULL;
	if (argc != 3) {
		(void)fputs("usage: load-fill NODE MB\n", stderr);
		return 2;
	}
	bench_must(crypto_init(), "crypto");
	open_node(&v, argv[1]);
	buf_init(&first, RULES_BYTES);
	const struct vault_at at = vault_here(v, LANE_R, 1);
	bench_must(vault_part(v, &at, PART_RULES, &first), "first record");
	bench_must(wire_rules_unpack(&rules, buf_view(&first)), "first record");
	size_t count = strtoul(argv[2], NULL, 10) * BYTES_PER_MB / ANSWERS_BYTES;
	for (size_t i = 1; i <= count; i++) {
		add_record(v, rules);
		if (i % PER_COMMIT == 0 || i == count)
			bench_must(vault_commit(v), "commit");
	}
	vault_free(v);
	return 0;
}
