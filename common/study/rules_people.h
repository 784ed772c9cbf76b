/* rules_people - parts of the facts about persons, staff, requests, witnesses and times; as in
 * rules_parts.h.
 */
#ifndef WEIR_RULES_PEOPLE_H
#define WEIR_RULES_PEOPLE_H

#include "common/study/rules_parts.h"

/* Of the participant. Zeros are not careful here: nobody is taken for dead. */
struct rules_life {
	int64_t died_ms;     /* 0: not known to have died */
	uint64_t died_known; /* seen only when known by then; then it counts from its date */
};

/* A version of a consent form. The newest one in force and those it replaces, one by one, down
 * to what the person saw, say what they demand of the person. */
struct rules_sheet {
	const char *form, *version;
	const char *supersedes; /* "": the first one */
	const char *reconsent;  /* none, next-contact, before-collection, before-use */
	int64_t from_ms;
	uint64_t known;
};

/* A line of a site's delegation log: who may do what, while. */
struct rules_duty {
	const char *person; /* staff code */
	const char *site;
	const char *task; /* approach, consent, collect */
	int64_t from_ms, until_ms;
	uint64_t known;
};

/* One look at the national opt-out. */
struct rules_opt_out {
	int64_t checked_ms;
	bool opted_out;
	uint64_t known;
};

/* A question put to the data, and who puts it. */
struct rules_request {
	const char *purpose;   /* study-plan, secondary-research, ... */
	struct rules_list duo; /* limits on use that the request promises to keep */
	const char *role;
	int64_t trained_ms;
	int64_t contract_from_ms; /* contract or letter of access; 0: none */
	int64_t contract_until_ms;
	bool reason_given;
};

struct rules_item {
	const char *name;
	enum rules_goes goes;
};

struct rules_cosignature {
	const char *by; /* site, or body that witnesses */
	bool is_site;
	int64_t arrived_ms;
	uint64_t known;
};

/* When records are taken. "" or NULL: any form, wave, site. A site's own windows narrow those
 * of the study. */
struct rules_window {
	const char *form, *wave, *site;
	int64_t from_ms, until_ms;
	uint64_t known;
};

/* A version of the plan, until the next one begins. */
struct rules_protocol {
	const char *version; /* NULL: not known */
	int64_t from_ms;
	uint64_t known;
};

/* What has to be on paper before the first record. Moments at which it was recorded; 0: not. */
struct rules_plan {
	int64_t sealed_ms; /* analysis plan and indicator list, with a date */
	uint64_t sealed_known;
	int64_t task_ms; /* the site's task and its stated reason, both */
	uint64_t task_known;
	int64_t first_record_ms; /* of the wave, collected anywhere; 0: none yet */
};

#endif
