/* rules_facts - what the rules look at: plain data, collected by whoever asks.
 *
 * Zeros are the careful answer everywhere: a fact that nobody filled in counts as not met.
 * Time:        wall milliseconds. A period runs from its first millisecond to the one before
 *              `until`; until 0 = no end. What is known: only facts with known <=
 *              facts.known_upto are seen, so a decision can be replayed with the knowledge of
 *              that time.
 * It can hurt: everything is lent for the call; a text that does not apply is "", never NULL.
 */
#ifndef WEIR_RULES_FACTS_H
#define WEIR_RULES_FACTS_H

#include "common/base/base.h"

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
enum rules_stop { RULES_RUNS = 0, RULES_SUSPENDED, RULES_WITHDRAWN };
/* Unknown counts as no. Not asked: this process cannot check it, another does: fine for `sync`,
 * for `retained` at `collect`, and for `decrypts` everywhere: only the keeper can open. */
enum rules_check { RULES_UNKNOWN = 0, RULES_YES, RULES_NO, RULES_NOT_ASKED };

struct rules_approval {
	const char *id;
	const char *kind;     /* rec, site_agreement, ... */
	const char *site;     /* "" = the whole study */
	const char *decision; /* favourable, confirmed, not-required, ... */
	bool reason_given;    /* of a not-required */
	int64_t from_ms;
	int64_t until_ms;
	enum rules_stop stop;
	int64_t stop_from_ms;
	int64_t stop_until_ms;
	uint64_t known; /* log index */
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
	int64_t given_ms;
	int64_t valid_from_ms; /* 0 = from given_ms */
	int64_t valid_until_ms;
	const struct rules_permission *permissions;
	size_t permission_count;
	uint64_t known;
};

struct rules_facts {
	enum rules_action action;
	enum rules_use use;
	const char *data_kind; /* answers, records or audio */
	bool quote_ok;         /* the item quote_ok of the record says yes */
	bool per_site;         /* the record is about the site, not about a person */
	const char *site;
	const char *site_kind; /* column kind of sites.csv */
	int64_t true_at_ms;
	int64_t captured_ms; /* 0 = no record, or not known */
	uint64_t known_upto;
	const char *basis; /* of confidentiality: consent, s251, ...; NULL: not known */
	/* This process sees no approvals, another does: fine for collect and sync. */
	bool approvals_elsewhere;
	const struct rules_approval *approvals;
	size_t approval_count;
	const struct rules_consent *consents; /* versions of the participant, in any order */
	size_t consent_count;
	enum rules_check record_signature;
	enum rules_check consent_signature;
	enum rules_check batch_proof;
	enum rules_check decrypts;
	enum rules_check retained; /* the time answers are kept has not run out */
};

#endif
