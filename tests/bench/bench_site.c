#include "tests/bench/bench_site.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"

#define MAP_BYTES        ((size_t)1 << 30)
#define MS_PER_S         1000
#define CODE_BYTES       16
#define ITEM_BYTES       ((size_t)64 * 1024)
#define PERSONS_PER_NODE 40000 /* as many as there are codes */
#define PERMITS          "collect-direct,use-site-report,use-aggregate"

static void
code_of(char ret[static CODE_BYTES], unsigned number)
{
	static const char letters[] = "ANSU";
	(void)snprintf(ret, CODE_BYTES, "%c%04u", letters[number / 10000 % 4], number % 10000);
}

static void
person_of(uint8_t ret[static ID_BYTES], const struct bench_site *s, unsigned number)
{
	bench_fill(ret, ID_BYTES, s->node * PERSONS_PER_NODE + number);
}

void
bench_site_init(struct bench_site *s, unsigned node)
{
	OWNED_SECRET struct secret *intake = NULL, *review = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	*s = (struct bench_site){.node = node};
	bench_must(pack_load(&s->pack, BENCH_STUDY_DIR, faults), "study");
	s->keys.study = s->pack->id;
	s->keys.intake_number = s->keys.review_number = 1;
	box_keypair(s->keys.intake_public, &intake);
	box_keypair(s->keys.review_public, &review);
	bench_sign_public(s->writer, node, BENCH_WRITER);
}

void
bench_site_done(struct bench_site *s)
{
	pack_free(s->pack);
}

static void
enrol(const struct bench_site *s, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char code[CODE_BYTES];
		uint8_t id[ID_BYTES];
		code_of(code, i);
		person_of(id, s, i);
		bench_must(vault_put(s->vault, VAULT_PEOPLE, view_text(code),
				   view_of(id, sizeof(id))),
			"enrol");
	}
	bench_must(vault_commit(s->vault), "enrol");
}

void
bench_site_open(struct bench_site *s, const char *dir, unsigned persons)
{
	struct vault_config c = {.dir = dir, .study = s->pack->id, .map_bytes = MAP_BYTES};
	memcpy(c.writer, s->writer, sizeof(c.writer));
	bench_must(vault_open(&s->vault, &c), "vault");
	memcpy(s->keys.row_key, vault_row_key(s->vault), HASH_BYTES);
	enrol(s, persons);
}

void
bench_site_close(struct bench_site *s)
{
	vault_free(take(s->vault));
}

static void
capture(const struct bench_site *s, unsigned number, struct sync_keep *k)
{
	static const struct form_answer answers[] = {{"poverty", "1"}, {"religion", "yes"},
		{"degree", "no"}, {"age", "48"}, {"gender", "female"}};
	OWNED_BUF struct buf item;
	char codes[CONSENT_LIST_BYTES], code[CODE_BYTES];
	struct consent consent;
	int64_t now_s = clock_wall_ms() / MS_PER_S;
	const struct form *form = s->pack->forms[0];
	const struct consent_given given = {
		"returned-questionnaire", PERMITS, form->id, form->version, now_s};
	buf_init(&item, ITEM_BYTES);
	bench_must(consent_give(&consent, codes, &given), "consent");
	code_of(code, number);
	struct form_answer filled[ARRAY_LEN(answers) + 1] = {{FORM_PARTICIPANT, code}};
	memcpy(filled + 1, answers, sizeof(answers));
	struct capture_record r = {.form = form,
		.code = code,
		.wave = "1",
		.group = "public",
		.answers = filled,
		.count = ARRAY_LEN(filled),
		.consent = &consent,
		.captured_s = now_s};
	person_of(r.participant, s, number);
	bench_must(capture_item(&item, &s->keys, &r), "capture");
	bench_must(sync_keep_add(k, 1, buf_view(&item)), "keep");
}

void
bench_site_keep(const struct bench_site *s, unsigned first, unsigned count)
{
	OWNED(sync_keep) struct sync_keep *k = sync_keep_new();
	struct sync_kept kept;
	for (unsigned i = 0; i < count; i++)
		capture(s, first + i, k);
	const struct sync_judge judge = {s->vault, s->pack, BENCH_SITE_NAME, clock_wall_ms()};
	bench_must(sync_keep_apply(k, &judge, &kept), "keep");
	bench_must(vault_commit(s->vault), "commit");
}
