/* bench_rules - decisions a second from facts in memory, every rule asked.
 *
 * The rules are those that weir ships, each asked for every action; the facts are those of a
 * study of many sites, forms and people (rules_study.h), in the order in which a vault holds
 * them. What is settled for a site, a form and a wave is worked out inside the clock, anew in
 * every round. Each outcome is held against the one that rules_judge() comes to beforehand; two
 * of sixteen people are refused. Seconds are those of the processor: there is nothing to wait
 * for.
 * alone:       the same records by rules_judge(), nothing settled.
 * changed:     everybody agreed, objected and agreed anew.
 * rejudge:     RECORDS_COUNT records, each read from the bytes of a rules part and judged, as a
 *              full re-judge does it once the store has given the bytes.
 * Limit:       as many calls through a table as there are rules, each of which holds one time
 *              of the facts against another.
 */
#include "tests/unit/suite.h"

#include <time.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/study/rules_settled.h"
#include "common/trust/crypto.h"

#include "tests/bench/bench.h"
#include "tests/bench/rules_study.h"
#include "tests/unit/rules_rows.h"

#define ROUNDS_COUNT  (BENCH_SCALE > 1 ? 1 : 40)
#define LIMIT_ROUNDS  (BENCH_SCALE > 1 ? 1 : 40000)
#define RECORDS_COUNT (1000000 / BENCH_SCALE)
#define LIMIT_COUNT   256 /* facts that the limit looks at */
#define SALT_SEED     7
#define MS_PER_S      1000

struct bench {
	struct rules *rules;
	struct rules_study *study;
	uint8_t outcomes[STUDY_RECORDS_COUNT]; /* enum rules_outcome, by rules_judge() */
	uint64_t permitted;                    /* so that no work can be left out */
};

static struct rules_facts
facts_of(const struct bench *b, size_t i)
{
	struct rules_facts f = *rules_study_facts(
		b->study, i / STUDY_SITE_RECORDS_COUNT, i % STUDY_KINDS_COUNT);
	f.record = *rules_study_record(b->study, i);
	return f;
}

static void
make(struct bench *b, bool all_changed)
{
	struct verdict v;
	b->study = rules_study_new(all_changed);
	for (size_t i = 0; i < STUDY_RECORDS_COUNT; i++) {
		const struct rules_facts f = facts_of(b, i);
		rules_judge(b->rules, &f, &v);
		b->outcomes[i] = (uint8_t)v.outcome;
	}
}

/* The outcome has to be the one known before. */
static void
count(struct bench *b, size_t i, const struct verdict *v)
{
	if (v->outcome != b->outcomes[i])
		bench_must(fail(E_FORMAT, "%s: %s", v->fired[0].rule, v->fired[0].reason),
			"verdict");
	b->permitted += v->outcome == RULES_PERMIT;
}

static double
processor_s(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What is settled of one site, for each form and wave. */
struct settled {
	struct rules_settled *of[STUDY_KINDS_COUNT];
};

static void
settle(struct settled *s, const struct bench *b, size_t site)
{
	for (size_t k = 0; k < STUDY_KINDS_COUNT; k++)
		s->of[k] = rules_settled_new(b->rules, rules_study_facts(b->study, site, k));
}

static void
settled_done(struct settled *s)
{
	for (size_t k = 0; k < STUDY_KINDS_COUNT; k++)
		rules_settled_free(s->of[k]);
}

static void
decide_site(struct bench *b, size_t site)
{
	OWNED_BY(settled_done) struct settled settled;
	struct verdict v;
	settle(&settled, b, site);
	for (size_t n = 0; n < STUDY_SITE_RECORDS_COUNT; n++) {
		const size_t i = site * STUDY_SITE_RECORDS_COUNT + n;
		rules_settled_judge(
			settled.of[n % STUDY_KINDS_COUNT], rules_study_record(b->study, i), &v);
		count(b, i, &v);
	}
}

static double
decide(void *arg, const char *dir)
{
	(void)dir;
	double begun_s = processor_s();
	for (size_t round = 0; round < ROUNDS_COUNT; round++)
		for (size_t site = 0; site < STUDY_SITES_COUNT; site++)
			decide_site(arg, site);
	return ROUNDS_COUNT * (double)STUDY_RECORDS_COUNT / (processor_s() - begun_s);
}

static double
decide_alone(void *arg, const char *dir)
{
	struct bench *b = arg;
	struct verdict v;
	(void)dir;
	double begun_s = processor_s();
	for (size_t i = 0; i < STUDY_RECORDS_COUNT; i++) {
		const struct rules_facts f = facts_of(b, i);
		rules_judge(b->rules, &f, &v);
		count(b, i, &v);
	}
	return STUDY_RECORDS_COUNT / (processor_s() - begun_s);
}

typedef bool look(const struct rules_facts *f);

static bool
look_now(const struct rules_facts *f)
{
	return f->true_at_ms >= f->record.captured_ms;
}

static bool
look_then(const struct rules_facts *f)
{
	return f->record.captured_ms >= f->plan.sealed_ms;
}

static double
call(void *arg, const char *dir)
{
	look *volatile table[] = {look_now, look_then};
	struct bench *b = arg;
	(void)dir;
	OWNED_MEM struct rules_facts *facts = xcalloc(LIMIT_COUNT, sizeof(*facts));
	for (size_t i = 0; i < LIMIT_COUNT; i++)
		facts[i] = facts_of(b, i);
	double begun_s = processor_s();
	for (size_t round = 0; round < LIMIT_ROUNDS; round++)
		for (size_t i = 0; i < LIMIT_COUNT; i++) {
			bool met = true;
			for (size_t n = 0; n < RULES_MAX; n++)
				met = table[n & 1](&facts[i]) && met;
			b->permitted += met;
		}
	return LIMIT_ROUNDS * (double)LIMIT_COUNT / (processor_s() - begun_s);
}

/* The rules parts of one site. */
static void
make_parts(struct buf *parts, const struct bench *b)
{
	for (size_t i = 0; i < STUDY_SITE_RECORDS_COUNT; i++) {
		const struct rules_facts f = facts_of(b, i);
		struct wire_rules r = {.kind = RULES_RECORD,
			.form = f.form,
			.form_version = f.form_version,
			.wave = f.wave,
			.captured_s = f.record.captured_ms / MS_PER_S};
		bench_fill(r.salt, sizeof(r.salt), SALT_SEED + (uint32_t)i);
		bench_fill(r.participant, sizeof(r.participant),
			(uint32_t)(i / STUDY_KINDS_COUNT));
		bench_fill(r.instance, sizeof(r.instance), (uint32_t)i);
		buf_init(&parts[i], WIRE_RULES_MAX_BYTES);
		bench_must(wire_rules_pack(&parts[i], &r), "rules part");
	}
}

/* What is settled for the form and wave that the part names. */
static struct rules_settled *
find(const struct bench *b, const struct settled *s, const struct wire_rules *r)
{
	for (size_t k = 0; k < STUDY_KINDS_COUNT; k++) {
		const struct rules_facts *f = rules_study_facts(b->study, 0, k);
		if (strcmp(f->form, r->form) == 0 && strcmp(f->wave, r->wave) == 0)
			return s->of[k];
	}
	bench_must(fail(E_NOTFOUND, "no such form and wave"), "part");
	return NULL;
}

/* Seconds for all of RECORDS_COUNT. */
static double
rejudge(void *arg, const char *dir)
{
	struct bench *b = arg;
	OWNED_BY(settled_done) struct settled settled;
	struct verdict v;
	(void)dir;
	OWNED_MEM struct buf *parts = xcalloc(STUDY_SITE_RECORDS_COUNT, sizeof(*parts));
	make_parts(parts, b);
	double begun_s = processor_s();
	settle(&settled, b, 0);
	for (size_t n = 0; n < RECORDS_COUNT; n++) {
		const size_t i = n % STUDY_SITE_RECORDS_COUNT;
		struct rules_record record = *rules_study_record(b->study, i);
		struct wire_rules *r = NULL;
		bench_must(wire_rules_unpack(&r, buf_view(&parts[i])), "part");
		record.captured_ms = r->captured_s * MS_PER_S;
		rules_settled_judge(find(b, &settled, r), &record, &v);
		count(b, i, &v);
		wire_rules_free(r);
	}
	double took_s = processor_s() - begun_s;
	for (size_t i = 0; i < STUDY_SITE_RECORDS_COUNT; i++)
		buf_done(&parts[i]);
	return took_s;
}

int
main(void)
{
	OWNED_MEM struct bench *b = xcalloc(1, sizeof(*b));
	if (crypto_init() != OK)
		return 3;
	b->rules = rules_row_shipped();
	make(b, false);
	(void)bench_beside(&(struct bench_pair){.name = "rules_decisions_per_s",
		.limit = "rules_calls_limit_per_s",
		.ratio = "rules_decisions_ratio",
		.unit = "1/s",
		.program = decide,
		.bare = call,
		.arg = b});
	bench_line("rules_decisions_alone_per_s", bench_once(decide_alone, b), "1/s");
	bench_line("rules_rejudge_s", bench_once(rejudge, b), "s");
	rules_study_free(b->study);
	make(b, true);
	bench_line("rules_decisions_changed_per_s", bench_once(decide, b), "1/s");
	rules_study_free(b->study);
	bench_say("%llu permits", (unsigned long long)b->permitted);
	rules_free(b->rules);
	return 0;
}
