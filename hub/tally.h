/* tally - how many records of a node were permitted, held and denied at arrival, of which form
 * version, and why.
 *
 * Row:         META "tally-" writer:32 -> version u8 | u32 count, count x (outcome u8, blob
 *              reason, number u64). A count of what stands in VERDICTS, kept so that nobody has
 *              to read them all.
 *              META "forms-" writer:32 -> version u8 | u32 count, count x (blob form, blob
 *              version, 3 x number u64: denied, held, permitted)
 * Always true: written in the transaction of the entries it counts; at most TALLY_ROWS_COUNT
 *              reasons and form versions, what is more counts under "other".
 */
#ifndef WEIR_HUB_TALLY_H
#define WEIR_HUB_TALLY_H

#include "hub/record.h"

#define TALLY_ROWS_COUNT   64
#define TALLY_REASON_BYTES (RULES_REASON_BYTES + 8)
#define TALLY_NAME_BYTES   64 /* longer ids are cut */

struct tally {
	size_t count;
	struct {
		enum rules_outcome outcome;
		char reason[TALLY_REASON_BYTES]; /* "R07 no consent stood ...", "duplicate" */
		uint64_t records;
	} at[TALLY_ROWS_COUNT];
	size_t form_count;
	struct tally_form {
		char form[TALLY_NAME_BYTES], version[TALLY_NAME_BYTES];
		uint64_t records[RULES_PERMIT + 1]; /* by outcome */
	} forms[TALLY_ROWS_COUNT];
};

/* All zeros for a writer without records. */
CHECKED enum err tally_get(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES], struct tally *ret);
CHECKED enum err tally_put(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct tally *tally);
/* form, version: "" where the rules part does not say. */
void tally_add(struct tally *tally, const struct record_verdict *v, const char *form,
	const char *version);

/* Why a verdict is what it is: what no rule decided, else the first rule that settled it. */
void tally_reason(char ret[static TALLY_REASON_BYTES], const struct record_verdict *v);

#endif
