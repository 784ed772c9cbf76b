/* bench_rules - decisions a second from facts in memory, every rule asked.
 *
 * The rules are those that weir ships, each asked for every action; the facts are the usual day
 * of the tables (rules_world.h), of PERSONS_COUNT persons with a consent each, with approvals,
 * a toolkit review, a delegation log, witnesses and a window. Every verdict is a permit, so
 * that no rule is left out. `changed` are persons who agreed, objected and agreed anew. What is
 * of the study and the site is one for all, as whoever counts a site has it. Seconds are those
 * of the processor: there is nothing to wait for.
 * rejudge:     RECORDS_COUNT stored rules parts, each read from its bytes and judged with the
 * facts of
 *              its person, as a full re-judge does once the store has given the bytes.
 * Limit:       as many calls through the same kind of table, each of which holds one time of
 *              the facts against another.
 */
#include "tests/unit/suite.h"

#include <time.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/study/rules.h"
#include "common/study/rules_shipped.h"
#include "common/trust/crypto.h"

#include "tests/bench/bench.h"
#include "tests/unit/rules_world.h"

#define HEAD          "[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
#define ALL_ACTIONS   "actions = collect sync aggregate release query export\n"
#define PERSONS_COUNT 256
#define MAX_VERSIONS  3
#define ROUNDS_COUNT  4000
#define LIMIT_ROUNDS  40000
#define RECORDS_COUNT (1000000 / BENCH_SCALE)
#define PARTS_COUNT   4096
#define SALT_SEED     7

struct bench {
	struct rules *rules;
	struct world *world;
	struct rules_facts facts[PERSONS_COUNT];
	struct rules_consent consents[PERSONS_COUNT][MAX_VERSIONS];
	uint64_t permitted; /* so that no work can be left out */
};

static struct rules *
rules_for_all_actions(void)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_BUF struct buf text;
	buf_init(&text, (size_t)1 << 16);
	buf_format(&text, "%s", HEAD);
	for (const char *line = rules_shipped; *line; line += strcspn(line, "\n") + 1) {
		bool actions = strncmp(line, "actions", strlen("actions")) == 0;
		buf_add(&text, actions ? ALL_ACTIONS : line,
			actions ? strlen(ALL_ACTIONS) : strcspn(line, "\n") + 1);
	}
	struct rules *rules = rules_read(buf_view(&text), "rules.ini", faults);
	if (!rules)
		bench_must(fail(E_FORMAT, "the rules have a fault"), "rules");
	return rules;
}

static void
make(struct bench *b, const char *edits)
{
	b->world = world_new();
	world_edit(b->world, "+n1");
	world_edit(b->world, edits);
	const struct rules_facts *usual = world_facts(b->world);
	for (size_t i = 0; i < PERSONS_COUNT; i++) {
		struct rules_facts *f = &b->facts[i];
		*f = *usual;
		f->action = RULES_AGGREGATE;
		f->record.captured_ms += (int64_t)i;
		f->record.consents = b->consents[i];
		for (size_t k = 0; k < f->record.consent_count; k++)
			b->consents[i][k] = usual->record.consents[k];
	}
}

static double
processor_s(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
decide(void *arg, const char *dir)
{
	struct bench *b = arg;
	struct verdict v;
	uint64_t permitted = 0;
	(void)dir;
	double begun_s = processor_s();
	for (size_t round = 0; round < ROUNDS_COUNT; round++)
		for (size_t i = 0; i < PERSONS_COUNT; i++) {
			rules_judge(b->rules, &b->facts[i], &v);
			permitted += v.outcome == RULES_PERMIT;
		}
	double took_s = processor_s() - begun_s;
	if (permitted != (uint64_t)ROUNDS_COUNT * PERSONS_COUNT)
		bench_must(fail(E_FORMAT, "%s: %s", v.fired[0].rule, v.fired[0].reason),
			"verdict");
	b->permitted += permitted;
	return ROUNDS_COUNT * PERSONS_COUNT / took_s;
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
	double begun_s = processor_s();
	for (size_t round = 0; round < LIMIT_ROUNDS; round++)
		for (size_t i = 0; i < PERSONS_COUNT; i++) {
			bool met = true;
			for (size_t n = 0; n < RULES_MAX; n++)
				met = table[n & 1](&b->facts[i]) && met;
			b->permitted += met;
		}
	return LIMIT_ROUNDS * (double)PERSONS_COUNT / (processor_s() - begun_s);
}

/* Different people's parts, so that they are not all in the nearest cache. */
static void
make_parts(struct buf *parts, const struct rules_facts *usual)
{
	for (size_t i = 0; i < PARTS_COUNT; i++) {
		struct wire_rules r = {.kind = RULES_RECORD,
			.form = usual->form,
			.form_version = usual->form_version,
			.wave = usual->wave,
			.captured_s = usual->record.captured_ms / 1000 + (int64_t)(i % PERSONS_COUNT)};
		bench_fill(r.salt, sizeof(r.salt), SALT_SEED + (uint32_t)i);
		bench_fill(r.participant, sizeof(r.participant), (uint32_t)i);
		bench_fill(r.instance, sizeof(r.instance), PARTS_COUNT + (uint32_t)i);
		buf_init(&parts[i], WIRE_RULES_MAX_BYTES);
		bench_must(wire_rules_pack(&parts[i], &r), "rules part");
	}
}

/* Seconds for all of RECORDS_COUNT. */
static double
rejudge(void *arg, const char *dir)
{
	struct bench *b = arg;
	struct verdict v;
	(void)dir;
	OWNED_MEM struct buf *parts = xcalloc(PARTS_COUNT, sizeof(*parts));
	make_parts(parts, &b->facts[0]);
	double begun_s = processor_s();
	for (size_t i = 0; i < RECORDS_COUNT; i++) {
		struct rules_facts facts = b->facts[i % PERSONS_COUNT];
		struct wire_rules *r = NULL;
		bench_must(wire_rules_unpack(&r, buf_view(&parts[i % PARTS_COUNT])), "part");
		facts.form = r->form;
		facts.form_version = r->form_version;
		facts.wave = r->wave;
		facts.record.captured_ms = r->captured_s * 1000;
		rules_judge(b->rules, &facts, &v);
		b->permitted += v.outcome == RULES_PERMIT;
		wire_rules_free(r);
	}
	double took_s = processor_s() - begun_s;
	for (size_t i = 0; i < PARTS_COUNT; i++)
		buf_done(&parts[i]);
	return took_s;
}

int
main(void)
{
	struct bench b = {.permitted = 0};
	if (crypto_init() != OK)
		return 3;
	b.rules = rules_for_all_actions();
	make(&b, "");
	(void)bench_beside(&(struct bench_pair){.name = "rules_decisions_per_s",
		.limit = "rules_calls_limit_per_s",
		.ratio = "rules_decisions_ratio",
		.unit = "1/s",
		.program = decide,
		.bare = call,
		.arg = &b});
	bench_line("rules_rejudge_s", bench_once(rejudge, &b), "s");
	world_free(b.world);
	make(&b, "+c2 c2.event=changed c2.level=objection c2.given=810d +c3 c3.given=820d");
	bench_line("rules_decisions_changed_per_s", bench_once(decide, &b), "1/s");
	world_free(b.world);
	bench_say("%llu permits", (unsigned long long)b.permitted);
	rules_free(b.rules);
	return 0;
}
