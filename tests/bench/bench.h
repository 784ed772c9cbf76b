/* bench - what all benchmarks share: a clock, medians, a directory, lines of figures.
 *
 * Output:      "name value unit" lines on standard output, progress on standard error.
 * Always true: a figure of the program and its lower limit are measured in turn in one run of
 *              the benchmark, three times each; medians are printed. Ratio = program / limit:
 *              1 is the limit itself, rates are below it, times above.
 * Directory:   below $TMPDIR, else /var/tmp, which is a disk where /tmp may be memory. Each run
 *              has a fresh one and removes it.
 * Size:        every count is divided by BENCH_SCALE: 1 to measure, more for a test that only
 *              wants to see each benchmark go through (tests/bench/CMakeLists.txt).
 * Errors:      a benchmark that cannot go on says why and ends with exit code 3.
 */
#ifndef WEIR_BENCH_H
#define WEIR_BENCH_H

#include "common/codec/bytes.h"

#define BENCH_RUNS_COUNT 3
#define BENCH_PATH_BYTES 128

/* Seconds on a clock that only goes forward. */
double bench_now_s(void);
/* Ends the program unless e is OK. */
void bench_must(enum err e, const char *what);
/* The same for an answer of a foreign library: 0 is fine. */
void bench_zero(int rc, const char *what);

/* Median; sorts the values. */
double bench_median(double *values, size_t count);
/* The value below which this share (0 to 1) lies; sorts the values. */
double bench_quantile(double *values, size_t count, double share);

void bench_line(const char *name, double value, const char *unit);
void bench_say(const char *format, ...) PRINTF(1, 2);

/* One timed run in a fresh directory; gives its figure. */
typedef double bench_fn(void *arg, const char *dir);
struct bench_pair {
	const char *name;  /* "captures_per_s" */
	const char *limit; /* "captures_limit_per_s" */
	const char *ratio; /* "captures_ratio" */
	const char *unit;
	bench_fn *program;
	bench_fn *bare;
	void *arg;
};
/* Run both in turn, program first, and print the three lines; gives the program's figure. */
double bench_beside(const struct bench_pair *p);
/* One run in a fresh directory, and a pause, so that the disk's burst allowance recovers. */
double bench_once(bench_fn *run, void *arg);

/* Random bytes that are the same in every run; no secrets. */
void bench_fill(void *at, size_t len, uint32_t seed);

#endif
