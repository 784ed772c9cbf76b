/* fill - bulk for the vault of a node that is stopped: records with long answers, to queue
 * behind.
 *
 *   load-fill NODE MB [CONTROL_MB]
 *
 * Each record repeats the rules part of the first one under a new instance; its answers are
 * random bytes, as sealed ones look to everybody but the keeper. Consents and keys are those of
 * that first record, so that nothing but lane R grows; with CONTROL_MB so much of lane C waits,
 * too: the key and the consent of that first record, each with all of its parts, repeated under
 * new instances as an import writes them.
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

#define ANSWERS_BYTES   ((size_t)20 * 1000)
#define PER_COMMIT      500
#define BYTES_PER_MB    1000000
#define RULES_BYTES     ((size_t)64 * 1024)
#define CONTROL_ENTRIES 2   /* of the first person: a key and a consent */
#define HEADER_BYTES    300 /* about, of an entry */

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

/* One entry of lane C, held to be repeated. */
struct control {
	struct wire_rules *rules;
	struct buf detail;
	enum part_kind kind; /* of the detail */
	enum part_kind second_kind;
	struct buf second;
};

static void
read_control(struct control *c, struct vault *v, uint64_t seq)
{
	static const enum part_kind kinds[] = {PART_DETAIL, PART_WRAP_STUDY, PART_WRAP_SITE};
	OWNED_BUF struct buf first;
	const struct vault_at at = vault_here(v, LANE_C, seq);
	buf_init(&first, RULES_BYTES);
	buf_init(&c->detail, RULES_BYTES);
	buf_init(&c->second, RULES_BYTES);
	bench_must(vault_part(v, &at, PART_RULES, &first), "first control entry");
	bench_must(wire_rules_unpack(&c->rules, buf_view(&first)), "first control entry");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct buf *to = c->detail.len ? &c->second : &c->detail;
		enum err e = vault_part(v, &at, kinds[i], to);
		if (e == E_NOTFOUND)
			continue;
		bench_must(e, "first control entry");
		*(to == &c->detail ? &c->kind : &c->second_kind) = kinds[i];
	}
}

/* The bytes that it takes. */
static size_t
add_control(struct vault *v, struct control *c)
{
	OWNED_BUF struct buf part;
	struct sync_mark end;
	size_t count = 1;
	buf_init(&part, RULES_BYTES);
	crypto_random(c->rules->salt, sizeof(c->rules->salt));
	crypto_random(c->rules->instance, sizeof(c->rules->instance));
	bench_must(wire_rules_pack(&part, c->rules), "rules part");
	struct entry_part parts[3] = {{PART_RULES, buf_view(&part)}};
	if (c->detail.len)
		parts[count++] = (struct entry_part){c->kind, buf_view(&c->detail)};
	if (c->second.len)
		parts[count++] = (struct entry_part){c->second_kind, buf_view(&c->second)};
	bench_must(vault_append(v, LANE_C, parts, count, &end), "control entry");
	return HEADER_BYTES + part.len + c->detail.len + c->second.len;
}

static void
add_controls(struct vault *v, size_t bytes)
{
	struct control all[CONTROL_ENTRIES] = {{.rules = NULL}};
	size_t done = 0;
	for (size_t i = 0; i < CONTROL_ENTRIES; i++)
		read_control(&all[i], v, i + 1);
	for (size_t n = 1; done < bytes; n++) {
		done += add_control(v, &all[n % CONTROL_ENTRIES]);
		if (n % (4 * PER_COMMIT) == 0 || done >= bytes)
			bench_must(vault_commit(v), "commit");
	}
	(void)fprintf(stderr, "control_bytes %zu\n", done);
	for (size_t i = 0; i < CONTROL_ENTRIES; i++) {
		wire_rules_free(all[i].rules);
		buf_done(&all[i].detail);
		buf_done(&all[i].second);
	}
}

int
main(int argc, char **argv)
{
	OWNED_BUF struct buf first;
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	struct vault *v = NULL;
	if (argc != 3 && argc != 4) {
		(void)fputs("usage: load-fill NODE MB [CONTROL_MB]\n", stderr);
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
	if (argc == 4)
		add_controls(v, strtoul(argv[3], NULL, 10) * BYTES_PER_MB);
	vault_free(v);
	return 0;
}
