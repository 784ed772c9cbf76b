/* keep_bench - what an import does before it asks sync to keep, for suites of what is kept.
 *
 * The study is that of tests/data/wvs/study, the site norway; codes and people are examples.
 */
#ifndef WEIR_TESTS_KEEP_BENCH_H
#define WEIR_TESTS_KEEP_BENCH_H

#include "node/capture.h"
#include "node/sync_keep.h"
#include "tests/unit/site_bench.h"
#include "tests/unit/terms_bench.h"

#define NOW_S          1796083200    /* 2026-12-01 */
#define LATER_S        (NOW_S + 120) /* of rows that name their wave */
#define ITEM_MAX_BYTES ((size_t)1 << 20)

struct desk {
	struct place *place;
	struct pack *pack;
	struct capture_site site;
	struct secret *intake, *review;
	struct consent consent;
	char codes[CONSENT_LIST_BYTES];
	struct sync_keep *keep;
	const struct sync_keep_by *by; /* NULL: nobody is named */
	struct terms_bench terms;
};
void desk_done(struct desk *d);
#define OWNED_DESK __attribute__((cleanup(desk_done)))

struct row {
	const char *code;
	const char *age;
	bool consents;
	const char *wave; /* NULL: 1 */
};

void open_desk(struct desk *d, struct place *p);
/* The pseudonym of a code; made where there is none. */
void person_of(struct desk *d, const char *code, uint8_t ret[static ID_BYTES]);
void make_item(struct desk *d, struct row row, struct buf *out);
void add(struct desk *d, struct row row);
/* Apply what was added as sync does: kept whole, or taken back. The rows are brought by d->by,
 * which is an example coordinator again afterwards. */
enum err apply(struct desk *d, struct sync_kept *ret);
/* So many entries are there, after a new start, too. */
void assert_entries(struct desk *d, uint64_t control, uint64_t records);

#endif
