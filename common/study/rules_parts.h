/* rules_parts - what the facts are made of: approvals, consents, and what is known beside them.
 *
 * All of it is lent, as in rules_facts.h, which says what time and knowledge mean. A text that
 * is not known is "" or NULL. Zeros are the careful answer; where they cannot be, it is said.
 */
#ifndef WEIR_RULES_PARTS_H
#define WEIR_RULES_PARTS_H

#include "common/base/base.h"

enum rules_stop { RULES_RUNS = 0, RULES_SUSPENDED, RULES_WITHDRAWN };
/* Unknown counts as no. Not asked: this process cannot check it, another does: fine for `sync`,
 * for `retained`, `items` and `witnessed` at `collect`, and for `decrypts` everywhere: only the
 * keeper can open. */
enum rules_check { RULES_UNKNOWN = 0, RULES_YES, RULES_NO, RULES_NOT_ASKED };
/* Where an item of a form may go; unlisted: on no form, or nothing is said of it. */
enum rules_goes { RULES_GOES_UNLISTED = 0, RULES_GOES_SITE, RULES_GOES_HUB, RULES_GOES_OPEN };

struct rules_list {
	const char *const *words; /* none of them NULL */
	size_t count;
};

/* What an approval covers. An empty list sets no limit, as site "" does: it covers the study as
 * it was put to the body. Of modes none is covered that is not named. */
struct rules_covers {
	struct rules_list protocols;  /* versions of the plan under which is collected */
	struct rules_list forms;      /* "staff_p1", or one version of it: "staff_p1@2" */
	struct rules_list data;       /* answers, records, audio */
	struct rules_list activities; /* collect, sync, aggregate, release, query, export */
	struct rules_list sites;
	struct rules_list modes; /* of consent: written, electronic-drawn, ... */
};

struct rules_condition {
	int64_t due_ms; /* first moment it is late; 0: it was due from the start */
	int64_t met_ms; /* 0: not met */
	uint64_t known, met_known;
};

struct rules_approval {
	const char *id;
	const char *kind;     /* rec, site_agreement, ... */
	const char *site;     /* "" = the whole study */
	const char *partner;  /* "" or NULL = the site itself; else one organisation of it */
	const char *flow;     /* "" or NULL = all records; else those of one flow of data */
	const char *decision; /* favourable, confirmed, not-required, ... */
	bool reason_given;    /* of a not-required */
	int64_t from_ms;
	int64_t until_ms;
	enum rules_stop stop;
	int64_t stop_from_ms;
	int64_t stop_until_ms;
	struct rules_covers covers;
	const struct rules_condition *conditions;
	size_t condition_count;
	uint64_t known; /* log index */
};

/* A change of the study that brought a version of a form. Terms since 2026: substantial,
 * important-detail, minor; before: substantial, non-substantial. Of minor and non-substantial
 * the body is only told; any other term needs its decision. */
struct rules_modification {
	const char *term;
	const char *form, *form_version;
	const char *site; /* "" = the whole study */
	const char *decision;
	int64_t from_ms, until_ms; /* in force */
	uint64_t known;
};

/* A report or review that comes round. kind: progress (of the ethics opinion), cag (of section
 * 251 support), dspt (of the organisation's security toolkit). */
struct rules_review {
	const char *kind;
	const char *site; /* "" = the whole study */
	int64_t from_ms;  /* what it is counted from, where due_ms is 0 */
	int64_t due_ms;   /* first moment it is late; 0: the rule's interval behind from_ms */
	int64_t done_ms;  /* 0: not done */
	bool reviewed;    /* dspt: by NHS England, not graded by the organisation alone */
	uint64_t known, done_known;
};

struct rules_permission {
	const char *code;
	bool permit;
	int64_t from_ms;
	int64_t until_ms;
};

/* A participation change is a version too: event `changed`, its permissions rewritten, its
 * level set. */
struct rules_consent {
	const char *event; /* given, refused, reaffirmed, changed, ... */
	const char *level; /* "" but for a participation change */
	/* As the consent form said: self, parent, consultee-personal, ...; presumed,
	 * assessed-lacks, ...; given, not-sought, dissent. NULL: not known. */
	const char *grantor_role;
	const char *capacity;
	const char *assent;
	const char *mode;                /* written, verbal-witnessed, ... */
	const char *form, *form_version; /* that the person saw */
	const char *taken_by;            /* staff code */
	const char *approach_by;         /* care-team, local-staff, ... */
	const char *approacher;          /* staff code; "" or NULL: nobody is named */
	enum rules_check witnessed;
	struct rules_list duo; /* under which other research may use it; none: not recorded */
	int64_t given_ms;
	int64_t valid_from_ms; /* 0 = from given_ms */
	int64_t valid_until_ms;
	const struct rules_permission *permissions;
	size_t permission_count;
	uint64_t known;
};

#endif
