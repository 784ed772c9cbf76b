/* faults - everything found wrong with a study pack, each with its place.
 *
 * Always true: a pack with a fault is not loaded; a warning is shown and does not stop it.
 *              at most FAULTS_MAX are kept; `dropped` counts the rest, so nothing is silently
 *              lost.
 * Sentences name files, rows, columns, keys and codes of the pack. A pack is no secret.
 */
#ifndef WEIR_FAULTS_H
#define WEIR_FAULTS_H

#include "common/base/err.h"

#define FAULTS_MAX 200

struct fault {
	bool warning;
	char *file;   /* "forms/consent/survey.csv", "rules.ini" */
	size_t row;   /* row of a sheet or line of a file; 0 = the whole file */
	char *column; /* column of a sheet or key of a file; "" = none */
	char *reason;
};

struct faults {
	struct fault items[FAULTS_MAX];
	size_t count;
	size_t errors; /* of all, kept or not; warnings are not counted here */
	size_t dropped;
};

struct faults *faults_new(void); /* gives */
void faults_free(struct faults *f);
OWNER(faults)

struct fault_place {
	const char *file;
	size_t row;
	const char *column; /* NULL = none */
};

void faults_add(struct faults *f, struct fault_place at, const char *format, ...) PRINTF(3, 4);
void faults_warn(struct faults *f, struct fault_place at, const char *format, ...) PRINTF(3, 4);

/* What err_text() says of a file, that names it in front and perhaps its line, as a fault. */
void faults_add_said(struct faults *f, const char *file);

/* gives one line: "forms/consent/survey.csv row 12, column type: 'begin group' is not built
 * ..."; files of keys say "line" in place of "row" and "key" in place of "column". */
char *faults_line(const struct fault *f);

/* OK if there is no error, else E_FORMAT with the first one and the number of the others. */
CHECKED enum err faults_check(const struct faults *f);

#endif
