#include "tests/bench/bench_people.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/study/pack.h"
#include "common/trust/entry.h"
#include "common/trust/seal.h"

#include "hub/record_instance.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_hub.h"
#include "tests/bench/bench_keys.h"

#define TURN_PERSONS_COUNT 2000
#define CAPTURED_S         1800000000
#define ANSWERS_BYTES      296
#define WRAP_MAX_BYTES     512
#define WAVE_BYTES         16
#define INTAKE_NUMBER      1
#define HEAD_BYTES         (8 + HASH_BYTES + SIGNATURE_BYTES)

/* One filling. */
struct filling {
	struct hub *hub;
	const struct bench_people *people;
	const struct form *form;
	struct secret *key;
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint8_t intake[BOX_PUBLIC_BYTES];
	uint8_t answers[ANSWERS_BYTES];
	uint64_t seq[4]; /* by lane */
	uint64_t leaf;
};

/* An id that nothing else has. */
static void
id_of(uint8_t ret[static ID_BYTES], char kind, uint32_t person, uint32_t which)
{
	static const char name[] = "weir-bench";
	OWNED_BUF struct buf b;
	buf_init(&b, 64);
	buf_add_view(&b, view_text(name));
	buf_u8(&b, (uint8_t)kind);
	buf_u32(&b, person);
	buf_u32(&b, which);
	struct view all = buf_view(&b);
	crypto_hash_id(ret, "weir-bench", NULL, &all, 1);
}

void
bench_people_id(uint8_t ret[static ID_BYTES], uint32_t person)
{
	id_of(ret, 'p', person, 0);
}

/* Header and parts of an entry; a part without bytes is none. */
static void
put_entry(struct filling *f, enum lane lane, const struct entry_part *parts, size_t count,
	struct place *ret)
{
	struct entry_place at = {
		.study = f->hub->study, .incarnation = 1, .lane = lane, .seq = ++f->seq[lane]};
	OWNED_BUF struct buf header;
	uint8_t hash[HASH_BYTES], key[PLACE_KEY_BYTES], part_key[PLACE_PART_KEY_BYTES];
	memcpy(at.writer, f->writer, sizeof(at.writer));
	memset(at.prev, at.seq > 1, sizeof(at.prev));
	*ret = (struct place){.incarnation = 1, .lane = (uint8_t)lane, .seq = at.seq};
	memcpy(ret->writer, f->writer, sizeof(ret->writer));
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	bench_must(entry_make(&header, hash, &at, parts, count), "header");
	place_key(key, ret);
	bench_must(vault_put(f->hub->txn, VAULT_ENTRIES, view_of(key, sizeof(key)),
			   buf_view(&header)),
		"entry");
	for (size_t i = 0; i < count; i++) {
		place_part_key(part_key, ret, (uint8_t)parts[i].kind);
		bench_must(vault_put(f->hub->txn, VAULT_PARTS,
				   view_of(part_key, sizeof(part_key)), parts[i].bytes),
			"part");
	}
}

static struct record_verdict
next_verdict(struct filling *f)
{
	return (struct record_verdict){.leaf = f->leaf++,
		.at_s = CAPTURED_S,
		.manifest_number = 1,
		.verdict = {.outcome = RULES_PERMIT}};
}

static void
put_verdict(struct filling *f, const struct place *p)
{
	const struct record_verdict v = next_verdict(f);
	bench_must(record_verdict_put(f->hub->txn, p, &v), "verdict");
}

static void
put_consent(struct filling *f, const uint8_t *person, uint32_t number)
{
	static const struct wire_permission permissions[] = {
		{.code = "collect-direct", .permit = true}, {.code = "contact", .permit = true},
		{.code = "share-secondary", .permit = true},
		{.code = "use-aggregate", .permit = true},
		{.code = "use-site-report", .permit = true}};
	struct wire_rules r = {.kind = RULES_CONSENT,
		.captured_s = CAPTURED_S - 60,
		.consent = {.event = "given",
			.grantor_role = "self",
			.form = "consent",
			.form_version = "1",
			.mode = "returned-questionnaire",
			.capacity = "presumed",
			.assent = "",
			.given_at_s = CAPTURED_S - 60,
			.permission_count = ARRAY_LEN(permissions),
			.permissions = permissions}};
	OWNED_BUF struct buf part;
	struct place p;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	memcpy(r.participant, person, ID_BYTES);
	id_of(r.instance, 'c', number, 0);
	id_of(r.salt, 's', number, 0);
	bench_must(wire_rules_pack(&part, &r), "consent");
	const struct entry_part parts[] = {{PART_RULES, buf_view(&part)}};
	put_entry(f, LANE_C, parts, ARRAY_LEN(parts), &p);
	bench_must(record_consent_add(f->hub->txn, person, &p, f->leaf), "consent");
	bench_must(record_instance_claim(f->hub->txn, r.instance, &p), "instance");
	put_verdict(f, &p);
}

static void
put_key(struct filling *f, const uint8_t *person, uint32_t number)
{
	struct wire_rules r = {.kind = RULES_KEY, .captured_s = CAPTURED_S - 60};
	struct seal_context context = {.study = f->hub->study, .class = SEAL_HUB};
	OWNED_BUF struct buf part, wrap;
	struct place p;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	buf_init(&wrap, WRAP_MAX_BYTES);
	memcpy(r.participant, person, ID_BYTES);
	memcpy(context.participant, person, ID_BYTES);
	id_of(r.instance, 'k', number, 0);
	id_of(r.salt, 't', number, 0);
	bench_must(wire_rules_pack(&part, &r), "key");
	bench_must(seal_wrap(&wrap, &context, f->key, INTAKE_NUMBER, f->intake), "wrap");
	const struct entry_part parts[] = {
		{PART_RULES, buf_view(&part)}, {PART_WRAP_STUDY, buf_view(&wrap)}};
	put_entry(f, LANE_C, parts, ARRAY_LEN(parts), &p);
	bench_must(record_instance_claim(f->hub->txn, r.instance, &p), "instance");
	put_verdict(f, &p);
}

static void
put_record(struct filling *f, const uint8_t *person, uint32_t number, uint32_t which)
{
	char wave[WAVE_BYTES];
	struct wire_rules r = {.kind = RULES_RECORD,
		.form = f->form->id,
		.form_version = f->form->version,
		.wave = wave,
		.captured_s = CAPTURED_S + which};
	OWNED_BUF struct buf part;
	uint8_t once[ID_BYTES];
	struct record record = {.leads = true, .leads_once = true};
	const struct record_verdict v = next_verdict(f);
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	(void)snprintf(wave, sizeof(wave), "%u", which + 1);
	memcpy(r.participant, person, ID_BYTES);
	id_of(r.instance, 'r', number, which);
	id_of(r.salt, 'u', number, which);
	id_of(r.key_ref, 'k', number, 0);
	bench_must(wire_rules_pack(&part, &r), "record");
	const struct entry_part parts[] = {{PART_RULES, buf_view(&part)},
		{PART_ANSWERS, view_of(f->answers, sizeof(f->answers))}};
	put_entry(f, LANE_R, parts, f->people->answers ? 2 : 1, &record.place);
	entry_part_hash(record.part_hash, buf_view(&part));
	record_instance_once(once, &r, &record.place, BENCH_SITE_NAME);
	bench_must(record_add(f->hub->txn, &record, &v), "record");
	bench_must(record_instance_claim(f->hub->txn, r.instance, &record.place), "instance");
	bench_must(record_instance_claim(f->hub->txn, once, &record.place), "instance");
}

/* version u8 | seq u64 | hash | signature, as the ledger keeps it; the number alone is read. */
static void
put_head(struct filling *f, enum lane lane)
{
	const struct place p = {.incarnation = 1, .lane = (uint8_t)lane};
	static const uint8_t rest[HASH_BYTES + SIGNATURE_BYTES];
	struct place at = p;
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	memcpy(at.writer, f->writer, sizeof(at.writer));
	place_key(key, &at);
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, f->seq[lane]);
	buf_add(&row, rest, sizeof(rest));
	bench_must(vault_put(f->hub->txn, VAULT_HEADS, view_of(key, PLACE_LANE_BYTES),
			   buf_view(&row)),
		"head");
}

static void
put_person(struct filling *f, uint32_t number)
{
	struct record_person first = {.site = BENCH_SITE_NAME}, person;
	uint8_t id[ID_BYTES];
	bench_people_id(id, number);
	memcpy(first.writer, f->writer, sizeof(first.writer));
	bench_must(record_person_see(f->hub->txn, id, &first, &person), "person");
	put_consent(f, id, number);
	if (f->people->keys)
		put_key(f, id, number);
	for (uint32_t i = 0; i < f->people->records; i++)
		put_record(f, id, number, i);
}

void
bench_people_fill(struct hub *h, const struct bench_people *people)
{
	OWNED_SECRET struct secret *key = secret_new(AEAD_KEY_BYTES);
	struct filling f = {.hub = h, .people = people, .form = h->pack->forms[0], .key = key};
	struct vault_txn *t;
	bench_sign_public(f.writer, 1, BENCH_WRITER);
	bench_box_public(f.intake, BENCH_STUDY, BENCH_BOX);
	bench_fill(f.answers, sizeof(f.answers), 1);
	for (uint32_t i = 0; i < people->persons; i++) {
		bench_must(hub_txn(h, &t), "begin");
		put_person(&f, i);
		if ((i + 1) % TURN_PERSONS_COUNT != 0 && i + 1 < people->persons)
			continue;
		put_head(&f, LANE_C);
		put_head(&f, LANE_R);
		bench_must(hub_commit(h), "commit");
	}
}
