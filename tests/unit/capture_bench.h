/* capture_bench - what suites of captured records share: a form, the readers' keys, one record.
 *
 * Names and keys are examples.
 */
#ifndef WEIR_TESTS_CAPTURE_BENCH_H
#define WEIR_TESTS_CAPTURE_BENCH_H

#include "common/codec/wire_answers.h"
#include "common/codec/wire_entry.h"
#include "common/codec/wire_rules.h"
#include "common/study/form.h"
#include "common/trust/seal.h"

#include "node/capture_ids.h"

#define BENCH_NOW_S 1795305600
#define BENCH_STUDY "example-study"
#define BENCH_WORD  "qzkvtrwplmxjhgfdsbnycaeiou"

/* A form of four items: the code, one answer that stays at the site, one that travels sealed,
 * one that rules may see. */
enum { PARTICIPANT, HOME, STORY, REGION, FIELDS };

struct bench_form {
	struct form form;
	struct form_field fields[FIELDS];
};

/* The readers' keys and one record, valid as it stands. */
struct capture_bench {
	struct bench_form form;
	struct secret *intake, *review;
	struct capture_site site;
	struct form_answer answers[FIELDS];
	struct capture_record record;
	struct buf item;
};

int make_capture_bench(void **state);
int drop_capture_bench(void **state);

/* An item taken apart as sync takes it; views are lent by the item. */
#define ENTRIES_MOST 3
#define PARTS_MOST   4
struct bench_entry {
	uint8_t lane;
	size_t count;
	struct {
		uint8_t kind;
		struct view bytes;
	} parts[PARTS_MOST];
};

struct bench_item {
	struct view code;
	uint8_t instance[ID_BYTES];
	uint8_t digest[HASH_BYTES];
	size_t count;
	struct bench_entry entries[ENTRIES_MOST];
	struct view site_part; /* of what SYNC_KEEP wants; else empty */
};

/* Takes an item apart. lends views. */
struct bench_item bench_read(struct view bytes);
/* The record of the bench as an item. */
struct bench_item bench_capture(struct capture_bench *p);
/* The bytes of the part of this kind; none if there is no such part. */
struct view bench_part(const struct bench_entry *e, enum part_kind kind);
/* gives the rules part. */
struct wire_rules *bench_rules(const struct bench_entry *e);
/* Opens the record of an item with one reader's key; gives the answers. */
enum err bench_open(struct capture_bench *p, const struct bench_item *i, enum part_kind wrap,
	struct secret *reader, struct wire_answers **ret);

#endif
