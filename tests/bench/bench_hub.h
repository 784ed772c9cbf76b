/* bench_hub - the ledger's rooms with nodes admitted, which take what bench_node sends.
 *
 * Turns end as the ledger ends them; the gate's hop is left out. Study, site and approvals are
 * those under which every record is permitted.
 * It can hurt: it ends the program at every error (bench.h).
 */
#ifndef WEIR_BENCH_HUB_H
#define WEIR_BENCH_HUB_H

#include "hub/audit.h"
#include "hub/ingest.h"

#include "tests/bench/bench_far.h"

#define BENCH_STUDY_DIR WEIR_SOURCE_DIR "/tests/data/wvs/study"
#define BENCH_SITE_NAME "norway"
#define BENCH_ENTRIES   3 /* of one record */

/* Embedded, zeros at first; read freely. */
struct bench_hub {
	struct hub hub;
	struct ingest *ingest;
	struct bench_far far;
	uint64_t entries; /* that will come */
	int64_t published_ms;
};

/* An empty hub in `dir` with so many nodes. */
void bench_hub_open(struct bench_hub *b, const char *dir, unsigned nodes);
void bench_hub_close(struct bench_hub *b);

/* Fill the vaults dir/1, dir/2, ... of as many nodes with records, all together so many. */
void bench_hub_fill_nodes(const char *dir, unsigned nodes, unsigned records);
/* Take them all; gives the seconds from connecting to the last receipt. */
double bench_hub_take(struct bench_hub *b, const char *dir, unsigned nodes, unsigned records);

#endif
