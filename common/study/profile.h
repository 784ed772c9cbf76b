/* profile - what disclosure control is asked to do: section [disclosure] of rules.ini, and the
 * section [disclosure.NAME] that its key `use` names, as numbers.
 *
 * Always true: a key that no section in use has is not asked: its field is 0, false or the
 *              first word of its enum. A key that the named section has stands before that of
 *              [disclosure]. All profiles of the file are read and checked, in use or not.
 *              What this version cannot carry out is warned about; `unbuilt` names the first
 *              such key, and a release is refused by it.
 * Not refused: extremes and model.*, since nothing of the kind is released; table.dimensions
 *              from the four variables that a table may have; count.of, round.base,
 *              dominance.sites and audit, which whoever makes the tables looks at.
 */
#ifndef WEIR_PROFILE_H
#define WEIR_PROFILE_H

#include "common/codec/ini.h"
#include "common/study/faults.h"

enum profile_zero { PROFILE_ZERO_SHOW = 0, PROFILE_ZERO_HIDE, PROFILE_ZERO_REVIEW };
enum profile_least { PROFILE_LEAST_NONE = 0, PROFILE_LEAST_PEOPLE, PROFILE_LEAST_CELLS };
enum profile_audit { PROFILE_AUDIT_NONE = 0, PROFILE_AUDIT_EXACT, PROFILE_AUDIT_BOUNDS };
enum profile_audit_of { PROFILE_AUDIT_PRIMARY = 0, PROFILE_AUDIT_ALL };

struct profile {
	uint32_t count_min;     /* people; a count is shown when n >= this */
	bool count_of_cells;    /* asked of every count; else only of bases */
	enum profile_zero zero; /* what a true zero becomes */
	uint32_t round_base;    /* 0 = counts are not rounded */
	bool complementary;
	enum profile_least least;
	enum profile_audit audit;
	enum profile_audit_of audit_of;
	uint32_t audit_width; /* people */
	double audit_span;    /* share of the true count, 0 to 1 */
	bool linked;
	bool dominance_sites; /* dominance or p rule asked for of sites */
	uint32_t sites_min;   /* sites in a figure over several */
	uint32_t approvers;   /* people, none of them the author */
	const char *unbuilt;  /* key that this version cannot carry out; NULL: none */
};

/* Read the sections of a rules file; faults are added under `file`. */
struct profile profile_read(const struct ini *rules, const char *file, struct faults *faults);

#endif
