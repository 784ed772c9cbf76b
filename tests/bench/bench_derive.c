/* bench_derive - indicators worked out from records of the example study pack.
 *
 * A record of the staff form has its 70 answers and three instances of the repeat; every
 * indicator of the form is worked out for it, by rows. One evaluation is one value of one
 * indicator. Reading answers into a record is measured apart.
 * Limit:       the mean of two answers, one of them turned round, straight from an array: the
 *              commonest indicator as a compiler makes it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/derive.h"

#include "tests/bench/bench.h"
#include "tests/unit/partnership.h"

#define RECORDS_COUNT 256
#define ROUNDS_COUNT  (200 / BENCH_SCALE)
#define PUTS_COUNT    (20000 / BENCH_SCALE)
#define TURNS_COUNT   3
#define MAX_ANSWERS   200
#define PATH_BYTES    128
#define LIMIT_ROUNDS  (20000 / BENCH_SCALE)

struct answer {
	char path[PATH_BYTES];
	const char *value;
};

struct bench {
	struct partnership *pack;
	const struct form *form;
	struct record *records[RECORDS_COUNT];
	struct answer answers[MAX_ANSWERS]; /* of the last record that was made */
	size_t answer_count;
	double sum; /* so that no work can be left out */
};

static void
add(struct bench *b, const char *path, const char *value)
{
	struct answer *a = &b->answers[b->answer_count++];
	(void)snprintf(a->path, sizeof(a->path), "%s", path);
	a->value = value;
}

static const char *
value_of(const struct form_field *f, uint32_t random)
{
	static const char *const numbers[] = {"0", "4", "8", "12", "37"};
	if (f->list)
		return f->list->choices[random % f->list->count].code;
	if (f->type == FORM_INTEGER || f->type == FORM_DECIMAL)
		return numbers[random % ARRAY_LEN(numbers)];
	return "words of a person";
}

static void
make_answers(struct bench *b, uint32_t seed)
{
	uint32_t random[MAX_ANSWERS * TURNS_COUNT];
	bench_fill(random, sizeof(random), seed);
	b->answer_count = 0;
	for (size_t i = 0; i < b->form->field_count; i++) {
		const struct form_field *f = &b->form->fields[i];
		if (f->repeat < 0)
			add(b, f->path, value_of(f, random[i]));
	}
	for (unsigned n = 0; n < TURNS_COUNT; n++) {
		for (size_t i = 0; i < b->form->field_count; i++) {
			const struct form_field *f = &b->form->fields[i];
			char path[PATH_BYTES];
			if (f->repeat < 0)
				continue;
			const char *repeat = b->form->repeats[f->repeat].path;
			(void)snprintf(path, sizeof(path), "%s[%u]%s", repeat, n + 1,
				f->path + strlen(repeat));
			add(b, path, value_of(f, random[MAX_ANSWERS * n + i]));
		}
	}
}

static void
put_answers(const struct bench *b, struct record *r)
{
	for (size_t i = 0; i < b->answer_count; i++)
		bench_must(record_put(r, b->answers[i].path, b->answers[i].value), "an answer");
}

static double
fill_records(void *arg, const char *dir)
{
	struct bench *b = arg;
	(void)dir;
	OWNED(record) struct record *r = record_new(b->form, NULL, &b->pack->missing);
	double from = bench_now_s();
	for (size_t i = 0; i < PUTS_COUNT; i++) {
		record_clear(r);
		put_answers(b, r);
	}
	return PUTS_COUNT / (bench_now_s() - from);
}

static size_t
derive_all(struct bench *b, struct derive *d)
{
	const struct codebook *c = b->pack->book;
	size_t count = 0;
	for (size_t i = 0; i < c->count; i++) {
		size_t rows = derive_rows(d, &c->indicators[i]);
		for (size_t n = 0; n < rows; n++) {
			const struct derive_row row = derive_row(d, &c->indicators[i], n);
			b->sum += row.value.present ? row.value.number : 0;
		}
		count += rows;
	}
	return count;
}

static double
evaluate(void *arg, const char *dir)
{
	struct bench *b = arg;
	size_t count = 0;
	(void)dir;
	OWNED(derive) struct derive *d = derive_new(b->pack->book);
	double from = bench_now_s();
	for (size_t round = 0; round < ROUNDS_COUNT; round++) {
		for (size_t i = 0; i < RECORDS_COUNT; i++) {
			derive_record(d, b->records[i]);
			count += derive_all(b, d);
		}
	}
	return (double)count / (bench_now_s() - from);
}

static double
evaluate_bare(void *arg, const char *dir)
{
	struct bench *b = arg;
	uint8_t answers[2 * RECORDS_COUNT];
	(void)dir;
	bench_fill(answers, sizeof(answers), 1);
	double from = bench_now_s();
	for (size_t round = 0; round < LIMIT_ROUNDS; round++) {
		for (size_t i = 0; i < RECORDS_COUNT; i++) {
			double plain = answers[2 * i] % 5 + 1;
			double turned = 6 - (answers[2 * i + 1] % 5 + 1);
			double sum = 0;
			size_t count = 0;
			if (answers[2 * i] < 250 && ++count)
				sum += plain;
			if (answers[2 * i + 1] < 250 && ++count)
				sum += turned;
			b->sum += count ? sum / (double)count : 0;
		}
	}
	return (double)LIMIT_ROUNDS * RECORDS_COUNT / (bench_now_s() - from);
}

int
main(void)
{
	OWNED_MEM struct bench *b = xcalloc(1, sizeof(*b));
	OWNED(partnership) struct partnership *pack = partnership_open();
	b->pack = pack;
	b->form = partnership_form(pack, "staff_p1");
	for (uint32_t i = 0; i < RECORDS_COUNT; i++) {
		b->records[i] = record_new(b->form, NULL, &pack->missing);
		make_answers(b, i + 1);
		put_answers(b, b->records[i]);
	}
	const struct bench_pair evaluations = {"indicator_evaluations_per_s",
		"indicator_evaluations_limit_per_s", "indicator_evaluations_ratio",
		"evaluations/s", evaluate, evaluate_bare, b};
	(void)bench_beside(&evaluations);
	bench_line("record_fills_per_s", bench_once(fill_records, b), "records/s");
	bench_line("record_answers_count", (double)b->answer_count, "answers");
	for (size_t i = 0; i < RECORDS_COUNT; i++)
		record_free(b->records[i]);
	return isfinite(b->sum) ? 0 : 3;
}
