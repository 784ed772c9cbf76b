/* rules_facts - what the rules look at: plain data, collected by whoever asks.
 *
 * Zeros are the careful answer: a fact that nobody filled in counts as not met; the few that
 * cannot be careful say so. Who cannot bring a group of facts yet sets its bit in `unfed`.
 * Time:        wall milliseconds. A period runs from its first millisecond to the one before
 *              `until`; until 0 = no end. What is known: only facts with known <=
 *              facts.known_upto are seen, so a decision can be replayed with the knowledge of
 *              that time. A part with two `known` was written twice: said, then done.
 * It can hurt: everything is lent for the call; a text that does not apply is "", never NULL,
 *              unless it says NULL. Parts: rules_parts.h and rules_people.h.
 */
#ifndef WEIR_RULES_FACTS_H
#define WEIR_RULES_FACTS_H

#include "common/study/rules_parts.h"
#include "common/study/rules_people.h"

enum rules_action {
	RULES_COLLECT = 1 << 0,
	RULES_SYNC = 1 << 1,
	RULES_AGGREGATE = 1 << 2,
	RULES_RELEASE = 1 << 3,
	RULES_QUERY = 1 << 4,
	RULES_EXPORT = 1 << 5,
};
enum rules_outcome { RULES_DENY = 0, RULES_HOLD, RULES_PERMIT };
/* No use yet; a table of one site; a figure over several sites; printed words; following a
 * person between waves or groups; rows for other researchers. */
enum rules_use {
	RULES_NO_USE = 0,
	RULES_USE_SITE,
	RULES_USE_POOLED,
	RULES_USE_QUOTE,
	RULES_USE_LINK,
	RULES_USE_SHARE,
};

#define RULES_WITHOUT "s251" /* the basis on which data are used without consent */

/* Groups of facts: those of a rule, and the modes and witnesses of consent that R07 may ask. */
#define RULES_BIT(number) (1u << (number))
#define RULES_BIT_MODES   (1u << 24)

/* What differs from record to record. */
struct rules_record {
	int64_t captured_ms;      /* 0 = no record, or not known */
	const char *group;        /* of study.ini that it speaks for; "" or NULL: none */
	const char *collected_by; /* staff code; "" or NULL: nobody is named */
	const struct rules_consent *consents; /* versions of the participant, in any order */
	size_t consent_count;
	struct rules_life life;
	enum rules_check record_signature;
	enum rules_check consent_signature;
	enum rules_check batch_proof;
	enum rules_check decrypts;
	enum rules_check retained;    /* the time answers are kept has not run out */
	enum rules_check items_known; /* yes: `items` are all that is asked for or travels */
	const struct rules_item *items;
	size_t item_count;
	const struct rules_opt_out *opt_outs; /* checks of this person */
	size_t opt_out_count;
	bool quote_ok; /* the item quote_ok of the record says yes */
};

/* What records of one site, form, wave, partner and question have in common, and a record. */
struct rules_facts {
	enum rules_action action;
	enum rules_use use;
	uint32_t unfed;  /* groups of facts that are not brought: their rules are not met */
	bool per_site;   /* the record is about the site, not about a person */
	bool by_staff;   /* somebody of the site fills in its form */
	bool no_partner; /* its form does not ask for a partner */
	const char *data_kind;                  /* answers, records or audio */
	const char *form, *form_version, *wave; /* of the record; NULL: not known */
	const char *flow;    /* of data that its form belongs to; "" or NULL: none */
	const char *partner; /* organisation whose staff gave the record */
	const char *site;
	const char *site_kind;            /* column kind of sites.csv */
	bool needs_known;                 /* `needs` are all that the site needs */
	struct rules_list needs;          /* kinds of approval: column approvals */
	struct rules_list local_approach; /* column local_approach of sites.csv */
	int64_t true_at_ms;
	uint64_t known_upto;
	const char *basis;  /* of confidentiality: consent, s251, ...; NULL: not known */
	int64_t planned_ms; /* length the study is planned for; 0: not known */
	/* This process sees no approvals, another does: fine for collect and sync. */
	bool approvals_elsewhere;
	const struct rules_approval *approvals;
	size_t approval_count;
	const struct rules_protocol *protocols; /* by when they began */
	size_t protocol_count;
	const struct rules_modification *modifications; /* none: forms are as first approved */
	size_t modification_count;
	const struct rules_review *reviews;
	size_t review_count;
	const struct rules_sheet *sheets; /* versions of consent forms that were in force */
	size_t sheet_count;
	const struct rules_duty *duties; /* the delegation log of the site */
	size_t duty_count;
	struct rules_request request;
	const struct rules_cosignature *cosignatures; /* of the checkpoint in question */
	size_t cosignature_count;
	uint32_t sites_joined; /* 0: not known */
	bool windows_known;    /* `windows` are all that the study and the site have */
	const struct rules_window *windows;
	size_t window_count;
	struct rules_plan plan;
	struct rules_record record;
};

#endif
