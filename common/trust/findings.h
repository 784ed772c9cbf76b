/* findings - what a check of stored data met: one sentence each.
 *
 * Always true: sentences name places, tables and row numbers, never what is stored there.
 *              all are counted; those past FINDINGS_KEPT_COUNT are not kept.
 */
#ifndef WEIR_FINDINGS_H
#define WEIR_FINDINGS_H

#include "common/codec/json.h"

#define FINDINGS_KEPT_COUNT 1000

/* Called now and then while rows are looked at. */
typedef void findings_progress_fn(void *arg, uint64_t looked);

/* Begin with zeros, and with progress and arg where somebody watches. */
struct findings {
	uint64_t count;  /* found */
	uint64_t looked; /* rows that were looked at */
	char *kept[FINDINGS_KEPT_COUNT];
	findings_progress_fn *progress; /* or NULL */
	void *arg;
};

void findings_done(struct findings *f);

void findings_add(struct findings *f, const char *format, ...) PRINTF(2, 3);
/* One row was looked at. */
void findings_step(struct findings *f);
/* E_FORMAT with the first sentence and how many there are; OK when there is none. */
CHECKED enum err findings_check(const struct findings *f);
/* One line each on standard output and how many rows were looked at; or, as JSON, one
 * document. */
CHECKED enum err findings_print(const struct findings *f, bool json);

#endif
