/* opening_inside - what the files of opening share. */
#ifndef WEIR_HUB_OPENING_INSIDE_H
#define WEIR_HUB_OPENING_INSIDE_H

#include "common/figures/printed.h"

#include "hub/cellfigures.h"
#include "hub/compared.h"
#include "hub/opening.h"
#include "hub/sitefigures.h"
#include "hub/systemfigures.h"
#include "hub/tableplan.h"

#define MISSES_NAMED_MAX 1000 /* more are counted only */

struct miss {
	char *entry;
	char *why;
};

/* Records of one version of a form, read as the form in force. */
struct opening_version {
	const struct form *form; /* in force */
	const struct form *written;
	struct record *record; /* the one at hand */
	size_t count;
};

/* Records that staff of one organisation gave at a printed site. */
struct opening_partner {
	uint16_t site;
	char id[ROW_ID_BYTES];
	uint64_t count;
};

/* What is counted of one wave, besides the columns that all share. */
struct opening_wave {
	struct sitefigures **sites; /* by number of the indicator; NULL: not about sites */
	struct systemfigures *system;
	struct opening_partner *partners;
	size_t partner_count;
};

struct opening {
	struct opening_ask ask;
	struct opening_wave waves[OPENING_WAVES_MAX];
	size_t wave_count;           /* 2 where it compares: the wave, then the earlier one */
	struct cohort_site *printed; /* sites as the tables name them */
	size_t printed_count;
	uint16_t *printed_of; /* one a site that was asked for */
	struct chosen *chosen;
	struct disclose_profile profile;
	struct tableplan *people;
	struct columns *columns;
	struct column_value *row; /* of the record at hand, by column */
	struct derive *derive;
	struct opening_version *versions;
	size_t version_count;
	size_t system_count; /* records of counts */
	bool *groups;        /* of the record at hand */
	struct miss *misses;
	size_t miss_count; /* named and not */
};

/* Fills printed, printed_count and printed_of. */
void opening_print_sites(struct opening *o);
/* The site of this code, of those that were asked for; E_NOTFOUND. */
CHECKED enum err opening_find_site(const struct opening *o, const char *site, size_t *ret);

/* Of which of the two a record is; 0 where there is one. E_DENIED: of neither. */
CHECKED enum err opening_find_wave(const struct opening *o, const char *wave, size_t *ret);
/* The number of the wave in the study; 0 where the release did not say it. */
uint32_t opening_wave_number(const struct opening *o, size_t wave);
void opening_wave_done(struct opening *o, struct opening_wave *w);

/* The finished figures; done in any case. */
struct opened {
	struct table *tables[DISCLOSE_TABLES_MAX];
	size_t table_count;
	/* Those of a wave end where the next begins. */
	size_t first_table[OPENING_WAVES_MAX + 1];
	struct disclosure *shown; /* NULL when no table is of people */
	struct figure_rows *rows[OPENING_WAVES_MAX];
	struct compared *compared; /* NULL where nothing is compared */
};
void opened_done(struct opened *t);
/* All rows of one wave, out of its tables and the rest. */
CHECKED enum err opening_put_figures(struct opening *o, struct opened *t, size_t wave);

/* Count whose staff gave a record, where its form asks. */
void opening_count_partner(struct opening *o, struct opening_wave *w, uint16_t site,
	const struct form *f, const struct wire_rules *rules);
/* Adds a note for each site whose outcomes too few gave to be judged (D-82), which waves are
 * compared or are like this one (D-18), and what is left out of ALL. */
void opening_put_marks(
	struct json_out *w, const struct opening *o, const struct opened *t, uint32_t wave);
CHECKED enum err opening_write_document(const struct opening *o, const struct staged_head *h,
	const struct opened *t, struct buf *document);
CHECKED enum err opening_write_evidence(const struct opening *o, const struct staged_head *h,
	const struct opened *t, struct buf *evidence);

#endif
