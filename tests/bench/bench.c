#include "tests/bench/bench.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXIT_BROKEN    3
#define PAUSE_US       (300000 / BENCH_SCALE)
#define WALK_FDS_COUNT 16
#define NS_PER_S       1e9

double
bench_now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / NS_PER_S;
}

void
bench_must(enum err e, const char *what)
{
	if (!e)
		return;
	(void)fprintf(stderr, "bench: %s: %s\n", what, err_text());
	exit(EXIT_BROKEN);
}

void
bench_zero(int rc, const char *what)
{
	if (!rc)
		return;
	(void)fprintf(stderr, "bench: %s: code %d\n", what, rc);
	exit(EXIT_BROKEN);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double
bench_quantile(double *values, size_t count, double share)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[(size_t)(share * (double)(count - 1))];
}

double
bench_median(double *values, size_t count)
{
	return bench_quantile(values, count, 0.5);
}

void
bench_line(const char *name, double value, const char *unit)
{
	(void)printf(value < 100 ? "%s %.3f %s\n" : "%s %.0f %s\n", name, value, unit);
	(void)fflush(stdout);
}

void
bench_say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

static void
make_dir(char ret[static BENCH_PATH_BYTES])
{
	const char *root = getenv("TMPDIR");
	(void)snprintf(ret, BENCH_PATH_BYTES, "%s/weir-bench-XXXXXX", root ? root : "/var/tmp");
	bench_zero(mkdtemp(ret) == NULL, "no directory below $TMPDIR or /var/tmp");
}

static int
remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s;
	(void)kind;
	(void)at;
	return remove(path);
}

double
bench_once(bench_fn *run, void *arg)
{
	char dir[BENCH_PATH_BYTES];
	make_dir(dir);
	double value = run(arg, dir);
	bench_zero(nftw(dir, remove_one, WALK_FDS_COUNT, FTW_DEPTH | FTW_PHYS), "remove");
	(void)usleep(PAUSE_US);
	return value;
}

double
bench_beside(const struct bench_pair *p)
{
	double program[BENCH_RUNS_COUNT], bare[BENCH_RUNS_COUNT];
	for (size_t i = 0; i < BENCH_RUNS_COUNT; i++) {
		program[i] = bench_once(p->program, p->arg);
		bare[i] = bench_once(p->bare, p->arg);
		bench_say("bench: %s: %.0f beside %.0f %s", p->name, program[i], bare[i],
			p->unit);
	}
	double made = bench_median(program, BENCH_RUNS_COUNT);
	double limit = bench_median(bare, BENCH_RUNS_COUNT);
	bench_line(p->name, made, p->unit);
	bench_line(p->limit, limit, p->unit);
	bench_line(p->ratio, made / limit, "of-limit");
	return made;
}

void
bench_fill(void *at, size_t len, uint32_t seed)
{
	uint8_t *bytes = at;
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(seed >> 24);
	}
}
