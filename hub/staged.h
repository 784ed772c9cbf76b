/* staged - the document that the keeper signs, two persons approve and the shelf shows.
 *
 * Format:      canonical JSON, members in this order:
 *              {"format":"weir-release-v1","study","release","purpose","author","manifest",
 *              "rules","profile","cohort","frozen_at","count_bucket","code",
 *              "witnessed":"not witnessed","wave","compared","sites_by",
 *              "sites":[{"id","name"}],
 *              "notes":[],"by":[],
 *              "rows":[{"indicator","site","by":{},"level","statistic","value","earlier",
 *              "change"}]}
 *              manifest, wave and compared are numbers, frozen_at a whole minute in unix
 *              seconds; all else is text. "by" of the document lists every by-variable of its
 *              tables in codebook order, "by" of a row those that it is broken down by. Values
 *              are numbers or symbols, as printed.
 *              sites_by says how sites are named (lineage.h); notes what a reader has to know,
 *              a sentence each: what happened to sites, where too few gave to judge an
 *              outcome, which waves are like this one. Documents from before these two lack
 *              them: as recorded, none.
 *              compared is the earlier wave that the figures stand beside, earlier and change
 *              what compared.h says; all three are left out where nothing is compared.
 * CSV:         columns indicator, site, the by-variables, level, statistic, value, and where
 *              waves are compared earlier, change; ALL where a row is not broken down; lines
 *              end with LF.
 * Signature:   Ed25519 by the release key, format name "weir-release-v1" (statement.h,
 *              signed_make).
 * Always true: it holds no reason why anything is hidden.
 * Errors:      E_FORMAT naming the member; E_FULL over STAGED_MAX_BYTES.
 */
#ifndef WEIR_HUB_STAGED_H
#define WEIR_HUB_STAGED_H

#include "common/codec/json.h"
#include "common/trust/crypto.h"

#define STAGED_FORMAT    "weir-release-v1"
#define STAGED_MAX_BYTES ((size_t)8 * 1024 * 1024) /* fits an act's body (ipc.h) */
#define STAGED_BY_MAX    16
#define STAGED_ROWS_MAX  100000
#define STAGED_NOTES_MAX 2000

/* What the release is about; all lent. */
struct staged_head {
	const char *study;
	const char *release;
	const char *purpose;
	const char *author;
	uint64_t manifest_number;
	uint8_t rules_digest[HASH_BYTES];
	uint8_t cohort_digest[HASH_BYTES];
	int64_t frozen_at_s; /* a whole minute */
	const char *count_bucket;
	uint32_t wave;
};

struct staged_row {
	const char *indicator;
	const char *site;
	const char
		*by[STAGED_BY_MAX]; /* in the order of the document's `by`; NULL: not by this */
	const char *level;          /* "" if it is of no level */
	const char *statistic;
	const char *value;
	const char *earlier; /* NULL, as the next, where nothing is compared */
	const char *change;
};

/* A parsed document; all lent by its tree. */
struct staged {
	struct json *tree;
	const char *study;
	const char *release;
	const char *purpose;
	const char *author;
	const char *count_bucket;
	const char *cohort; /* digest, hex */
	int64_t frozen_at_s;
	uint32_t wave;     /* 0: the document does not say it */
	uint32_t compared; /* 0: nothing is compared */
	size_t by_count;
	const char *by[STAGED_BY_MAX];
	const char *sites_by;
	size_t note_count;
	const struct json *notes; /* NULL: none */
	size_t row_count;
	const struct json *rows;
};

CHECKED enum err staged_parse(struct staged **ret, struct view document); /* gives */
void staged_free(struct staged *s);
OWNER(staged)

/* Row i of a parsed document; lent by it. */
CHECKED enum err staged_row(const struct staged *s, size_t i, struct staged_row *ret);

/* Note i; lent. */
CHECKED enum err staged_note(const struct staged *s, size_t i, const char **ret);
/* Adds a line for each note, the first one about how sites are named; nothing where there is
 * nothing to say. */
CHECKED enum err staged_notes(const struct staged *s, struct buf *out);

/* Adds all rows as CSV. */
CHECKED enum err staged_csv(const struct staged *s, struct buf *out);

/* Write a row of a document being made. */
void staged_put_row(struct json_out *w, const char *const *by, size_t by_count,
	const struct staged_row *row);

#endif
