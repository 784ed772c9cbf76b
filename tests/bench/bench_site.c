#include "tests/bench/bench_site.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"
#include "tests/unit/terms_bench.h"

#define MAP_BYTES        ((size_t)1 << 30)
#define MS_PER_S         1000
#define CODE_BYTES       16
#define ANSWERS_COUNT    6
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
	OWNED_SECRET struct secret *review = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	*s = (struct bench_site){.node = node};
	bench_must(pack_load(&s->pack, BENCH_STUDY_DIR, faults), "study");
	s->keys.study = s->pack->id;
	s->keys.intake_number = s->keys.review_number = 1;
	bench_box_public(s->keys.intake_public, BENCH_STUDY, BENCH_BOX);
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

/* Different persons answer differently, so that every cell of a table is filled. */
static void
answer(struct form_answer ret[static ANSWERS_COUNT], const char *code, unsigned number)
{
	static const char *const poverty[] = {"1", "2", "3"}, *const yes_no[] = {"yes", "no"};
	static const char *const genders[] = {"female", "male"};
	static const char *const ages[] = {"21", "34", "48", "55", "67"};
	ret[0] = (struct form_answer){FORM_PARTICIPANT, code};
	ret[1] = (struct form_answer){"poverty", poverty[number % ARRAY_LEN(poverty)]};
	ret[2] = (struct form_answer){"religion", yes_no[number / 3 % ARRAY_LEN(yes_no)]};
	ret[3] = (struct form_answer){"degree", yes_no[number / 6 % ARRAY_LEN(yes_no)]};
	ret[4] = (struct form_answer){"age", ages[number / 12 % ARRAY_LEN(ages)]};
	ret[5] = (struct form_answer){"gender", genders[number / 60 % ARRAY_LEN(genders)]};
}

static void
capture(const struct bench_site *s, unsigned number, struct sync_keep *k)
{
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
	struct form_answer filled[ANSWERS_COUNT];
	answer(filled, code, number);
	struct capture_record r = {.form = form,
		.code = code,
		.wave = "1",
		.group = "public",
		.answers = filled,
		.count = ARRAY_LEN(filled),
		.consent = &consent,
		.captured_s = now_s};
	person_of(r.participant, s, number);
	bench_must(capture_row(&item, &s->keys, &r), "capture");
	bench_must(sync_keep_add(k, 1, buf_view(&item)), "keep");
}

static void
say_who(const struct bench_site *s, struct sync_keep *k)
{
	OWNED_BUF struct buf by;
	buf_init(&by, ITEM_BYTES);
	sync_keep_put_by(&by,
		&(struct sync_keep_by){"example", "coordinator", s->pack->forms[0]->id, false});
	bench_must(sync_keep_add(k, 0, buf_view(&by)), "keep");
}

void
bench_site_keep(const struct bench_site *s, unsigned first, unsigned count)
{
	OWNED(sync_keep) struct sync_keep *k = sync_keep_new();
	struct sync_kept kept;
	for (unsigned i = 0; i < count; i++)
		capture(s, first + i, k);
	say_who(s, k);
	struct terms_bench terms;
	terms_bench_fill(&terms, BENCH_SITE_NAME);
	const struct sync_judge judge = {.vault = s->vault,
		.terms = &terms.terms,
		.pack = s->pack,
		.site = BENCH_SITE_NAME,
		.now_ms = clock_wall_ms()};
	bench_must(sync_keep_apply(k, &judge, &kept), "keep");
	bench_must(vault_commit(s->vault), "commit");
}
