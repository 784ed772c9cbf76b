/* metrics - counters and gauges as OpenMetrics text, version 1.0.0.
 *
 * A program keeps one table of struct metric and adds to its values; rows of the same name
 * stand together and differ by their label. Names and labels are constants of the program:
 * never a person, a code or a key, and nothing that would need escaping.
 */
#ifndef WEIR_METRICS_H
#define WEIR_METRICS_H

#include "common/codec/bytes.h"

#define METRICS_MEDIA_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

enum metric_kind {
	METRIC_COUNTER, /* only grows; "_total" is put behind its name */
	METRIC_GAUGE,
};

struct metric {
	const char *name; /* weir_entries_received, with its unit at the end where it has one */
	enum metric_kind kind;
	const char *help;
	const char *label; /* NULL: no label */
	const char *label_value;
	int64_t value;
};

/* Adds the table to out. */
void metrics_add(struct buf *out, const struct metric *table, size_t count);
/* Adds memory and open descriptors of this process, from /proc/self. */
void metrics_add_process(struct buf *out);
/* Adds the final "# EOF" line. */
void metrics_end(struct buf *out);

#endif
