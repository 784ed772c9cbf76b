#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/figures/hiding.h"
#include "common/figures/reader.h"

enum { SIDE = 3, ATOMS = SIDE * SIDE, LINES = 2 * SIDE, CELLS = ATOMS + LINES };

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* A square table: a cell for each field (atom), then the row sums, then the column sums. */
struct square {
	struct sums sums;
	int64_t people[ATOMS];
	struct sum_cell cells[CELLS];
	struct sum_goal goals[ATOMS];
};

static bool
holds(size_t cell, size_t atom)
{
	if (cell < ATOMS)
		return cell == atom;
	size_t line = cell - ATOMS;
	return line < SIDE ? atom / SIDE == line : atom % SIDE == line - SIDE;
}

static void
square_init(struct square *q, const int64_t *people, int64_t count_min)
{
	memset(q, 0, sizeof *q);
	memcpy(q->people, people, sizeof q->people);
	q->sums = (struct sums){.atom_people = q->people,
		.atom_count = ATOMS,
		.cells = q->cells,
		.cell_count = CELLS,
		.goals = q->goals};
	for (size_t c = 0; c < CELLS; c++) {
		q->cells[c].atoms = bitmap_new(ATOMS);
		for (size_t a = 0; a < ATOMS; a++)
			if (holds(c, a)) {
				bitmap_put(q->cells[c].atoms, a);
				q->cells[c].count += people[a];
			}
		q->cells[c].base = c >= ATOMS && c < ATOMS + SIDE;
	}
	for (size_t a = 0; a < ATOMS; a++)
		if (people[a] < count_min)
			q->goals[q->sums.goal_count++] =
				(struct sum_goal){.atoms = bitmap_copy(q->cells[a].atoms),
					.count = people[a],
					.cell = a};
}

static void
square_done(struct square *q)
{
	for (size_t c = 0; c < CELLS; c++)
		free(q->cells[c].atoms);
	for (size_t g = 0; g < q->sums.goal_count; g++)
		free(q->goals[g].atoms);
}
#define OWNED_SQUARE __attribute__((cleanup(square_done)))

static bool
agrees(const struct square *q, const bool *hidden, const int64_t *try, bool whole)
{
	for (size_t c = 0; c < CELLS; c++) {
		int64_t sum = 0;
		for (size_t a = 0; a < ATOMS; a++)
			sum += holds(c, a) ? try[a] : 0;
		if (!hidden[c] && (whole ? sum != q->cells[c].count : sum > q->cells[c].count))
			return false;
	}
	return true;
}

/* The least and the most of each field over every table that agrees with what is shown, by
 * trying them all: count up like an odometer, skipping what is too large already. */
static void
bounds_by_trying(const struct square *q, const bool *hidden, int64_t *least, int64_t *most)
{
	int64_t try[ATOMS] = {0};
	for (size_t a = 0; a < ATOMS; a++) {
		least[a] = INT64_MAX;
		most[a] = -1;
	}
	size_t at = 0;
	for (;;) {
		if (agrees(q, hidden, try, true))
			for (size_t a = 0; a < ATOMS; a++) {
				least[a] = MIN(least[a], try[a]);
				most[a] = MAX(most[a], try[a]);
			}
		at = ATOMS;
		while (at > 0) {
			at--;
			try[at]++;
			if (agrees(q, hidden, try, false))
				break;
			try[at] = 0;
			if (at == 0)
				return;
		}
	}
}

static void
intervals_are_those_of_every_table_that_agrees(void **state)
{
	(void)state;
	uint32_t seed = 3;
	size_t proven = 0;
	for (size_t turn = 0; turn < 30; turn++) {
		int64_t people[ATOMS], least[ATOMS], most[ATOMS];
		bool hidden[CELLS] = {0};
		for (size_t a = 0; a < ATOMS; a++) {
			people[a] = 1 + next(&seed) % 2;
			hidden[a] = next(&seed) % 3 != 0;
		}
		hidden[ATOMS + SIDE + next(&seed) % SIDE] = turn % 2;
		OWNED_SQUARE struct square q;
		square_init(&q, people, 2);
		bounds_by_trying(&q, hidden, least, most);
		OWNED(reader) struct reader *a = NULL;
		assert_ok(reader_open(&a, &q.sums, hidden));
		for (size_t i = 0; i < ATOMS; i++) {
			int64_t lowest, highest;
			enum err e = reader_interval(a, q.cells[i].atoms, &lowest, &highest);
			/* Fields that nothing tells apart are one unknown, and have no interval
			 * each. */
			if (e == E_DENIED)
				continue;
			assert_int_equal(lowest, least[i]);
			assert_int_equal(highest, most[i]);
			proven++;
		}
	}
	assert_true(proven > 150);
}

static bool
is_good(const struct square *q, const struct hiding_rules *rules, const bool *hidden)
{
	OWNED(reader) struct reader *a = NULL;
	bool good = reader_open(&a, &q->sums, hidden) == OK;
	for (size_t g = 0; good && g < q->sums.goal_count; g++) {
		int64_t lowest, highest;
		good = hidden[q->goals[g].cell] &&
		       reader_interval(a, q->goals[g].atoms, &lowest, &highest) == OK &&
		       probe_is_open(&rules->open, q->goals[g].count, lowest, highest);
	}
	return good;
}

/* Every choice of hidden fields and column sums with less weight; row sums are bases. */
static bool
is_beaten(const struct square *q, const struct hiding_rules *rules, uint64_t found)
{
	for (unsigned set = 0; set < 1u << (ATOMS + SIDE); set++) {
		bool hidden[CELLS] = {0};
		uint64_t weight = 0;
		for (size_t i = 0; i < ATOMS + SIDE; i++) {
			size_t cell = i < ATOMS ? i : i + SIDE;
			hidden[cell] = set >> i & 1;
			weight += hidden[cell] ? (uint64_t)q->cells[cell].count : 0;
		}
		bool small = true;
		for (size_t g = 0; g < q->sums.goal_count; g++)
			small &= hidden[q->goals[g].cell];
		if (small && weight < found && is_good(q, rules, hidden))
			return true;
	}
	return false;
}

static void
no_pattern_hides_fewer_people_than_the_one_found(void **state)
{
	(void)state;
	static const struct hiding_rules rules = {
		.open = {.width_people = 10, .span = 0.5}, .complementary = true};
	uint32_t seed = 11;
	for (size_t turn = 0; turn < 6; turn++) {
		int64_t people[ATOMS];
		for (size_t a = 0; a < ATOMS; a++)
			people[a] = 10 + next(&seed) % 40;
		people[next(&seed) % ATOMS] = 1 + next(&seed) % 9;
		people[next(&seed) % ATOMS] = 1 + next(&seed) % 9;
		OWNED_SQUARE struct square q;
		square_init(&q, people, 10);
		OWNED(hiding) struct hiding *p = NULL;
		assert_ok(hiding_find(&p, &q.sums, &rules, NULL));
		assert_true(is_good(&q, &rules, p->hidden));
		assert_false(is_beaten(&q, &rules, p->weight));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_those_of_every_table_that_agrees),
		cmocka_unit_test(no_pattern_hides_fewer_people_than_the_one_found),
	};
	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
