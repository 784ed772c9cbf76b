#include "common/figures/exact.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

struct exact {
	size_t unknowns;
	int64_t **lines;
	size_t *leads; /* the unknown that only this line holds */
	size_t count;
};

struct exact *
exact_new(size_t unknown_count)
{
	struct exact *x = xcalloc(1, sizeof *x);
	x->unknowns = unknown_count;
	x->lines = xcalloc(unknown_count + 1, sizeof *x->lines);
	x->leads = xcalloc(unknown_count + 1, sizeof *x->leads);
	return x;
}

void
exact_free(struct exact *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->count; i++)
		free(x->lines[i]);
	free(x->lines);
	free(x->leads);
	free(x);
}

static uint64_t
size_of(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

void
exact_shorten(int64_t *line, size_t len)
{
	uint64_t divisor = 0;
	for (size_t i = 0; i < len && divisor != 1; i++)
		divisor = common_divisor(size_of(line[i]), divisor);
	if (divisor > 1 && divisor <= INT64_MAX)
		for (size_t i = 0; i < len; i++)
			line[i] /= (int64_t)divisor;
}

/* line := line * lead - with * factor, where `with` leads with `lead`: the unknown goes
 * away. */
static enum err
clear(int64_t *line, const int64_t *with, size_t unknown, size_t len)
{
	int64_t lead = with[unknown], factor = line[unknown];
	if (factor == 0)
		return OK;
	for (size_t i = 0; i < len; i++) {
		int64_t a, b;
		if (__builtin_mul_overflow(line[i], lead, &a) ||
			__builtin_mul_overflow(with[i], factor, &b) ||
			__builtin_sub_overflow(a, b, &line[i]))
			return fail(E_FULL, "exact: a factor does not fit 64 bits");
	}
	exact_shorten(line, len);
	return OK;
}

enum err
exact_add(struct exact *x, const int64_t *factors_and_right, bool *ret_new)
{
	*ret_new = false;
	size_t len = x->unknowns + 1, lead = 0;
	OWNED_MEM int64_t *line = xmemdup(factors_and_right, len * sizeof *line);
	for (size_t i = 0; i < x->count; i++) {
		enum err e = clear(line, x->lines[i], x->leads[i], len);
		if (e)
			return e;
	}
	while (lead < x->unknowns && line[lead] == 0)
		lead++;
	if (lead == x->unknowns)
		return line[lead]
			       ? fail(E_CONFLICT, "exact: the equations contradict each other")
			       : OK;
	exact_shorten(line, len);
	/* A positive lead keeps the sign of the lines it is taken from. */
	for (size_t i = 0, turn = line[lead] < 0; turn && i < len; i++)
		line[i] = -line[i];
	for (size_t i = 0; i < x->count; i++) {
		enum err e = clear(x->lines[i], line, lead, len);
		if (e)
			return e;
	}
	x->leads[x->count] = lead;
	x->lines[x->count++] = take(line);
	*ret_new = true;
	return OK;
}

size_t
exact_count(const struct exact *x)
{
	return x->count;
}

const int64_t *
exact_line(const struct exact *x, size_t i)
{
	return x->lines[i];
}
