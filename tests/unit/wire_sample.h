/* wire_sample - a message of every kind that is kept or signed, as suites change and break it.
 *
 * All names and keys are examples.
 */
#ifndef WEIR_TESTS_WIRE_SAMPLE_H
#define WEIR_TESTS_WIRE_SAMPLE_H

#include "common/codec/wire_answers.h"
#include "common/codec/wire_entry.h"
#include "common/codec/wire_rules.h"
#include "common/codec/wire_study.h"

#define WIRE_SAMPLE_ANSWERS_COUNT 2

extern const struct wire_answer wire_sample_answers[WIRE_SAMPLE_ANSWERS_COUNT];

struct wire_header wire_sample_header(void);
struct wire_rules wire_sample_record(void);
struct wire_rules wire_sample_consent(void);
struct wire_rules wire_sample_change(void);
struct wire_rules wire_sample_opt_out(void);
struct wire_manifest wire_sample_manifest(void);

/* One unpacker behind one shape, so that all can be walked through alike. */
typedef enum err wire_sample_unpack(struct view bytes);

wire_sample_unpack wire_sample_unpack_header;
wire_sample_unpack wire_sample_unpack_rules;
wire_sample_unpack wire_sample_unpack_answers;
wire_sample_unpack wire_sample_unpack_act;
wire_sample_unpack wire_sample_unpack_statement;
wire_sample_unpack wire_sample_unpack_signed;
wire_sample_unpack wire_sample_unpack_manifest;
wire_sample_unpack wire_sample_unpack_card;
wire_sample_unpack wire_sample_unpack_signed_manifest;

/* Packs the sample of this number into out; false behind the last. */
bool wire_sample(size_t i, struct buf *out, wire_sample_unpack **ret);

/* Each try gets a copy of exactly its length, so that one byte too far is seen. */
enum err wire_sample_try(wire_sample_unpack *unpack, const uint8_t *at, size_t len);

#endif
