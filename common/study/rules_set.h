/* rules_set - a rules.ini in memory, shared by its reader and its judge and by nobody else. */
#ifndef WEIR_RULES_SET_H
#define WEIR_RULES_SET_H

#include "common/study/rules.h"

#define RULES_ACTIONS    32 /* as many as there can be bits */
#define RULES_MAX_WORDS  12 /* in one key */
#define RULES_WORD_BYTES 48 /* with its end */

/* Points in time of R01, stops of R04, needs of a child of R07, checks of R18: bits in the
 * order of the words. */
enum { RULES_AT_COLLECTION = 1 << 0, RULES_AT_NOW = 1 << 1 };
enum { RULES_STOP_SUSPENDED = 1 << 0, RULES_STOP_WITHDRAWN = 1 << 1 };
enum { RULES_CHILD_GIVEN = 1 << 0, RULES_CHILD_ASSENT = 1 << 1 };
enum {
	RULES_RECORD_SIGNATURE = 1 << 0,
	RULES_CONSENT_SIGNATURE = 1 << 1,
	RULES_BATCH_PROOF = 1 << 2,
	RULES_DECRYPTS = 1 << 3,
};
/* What a new version of a consent form asks (R09); the later ones include those before. */
enum rules_demand {
	RULES_ASKS_NOTHING = 0,
	RULES_ASKS_AT_CONTACT,
	RULES_ASKS_BEFORE_COLLECTION,
	RULES_ASKS_BEFORE_USE,
};

/* Words are lent by the shared copies (rules_code.h) or by struct rules. */
struct rules_words {
	const char *word[RULES_MAX_WORDS];
	size_t count;
};

struct rule {
	bool on;
	enum rules_outcome outcome;
	unsigned actions; /* of enum rules_action */
	char *title;
	unsigned bits;                /* R01 at, R04 stop, R07 child.needs, R18 checks */
	struct rules_words approvals; /* R01, R02: any of them; R20: all */
	struct rules_words accept;    /* R01 decisions, R07 events */
	bool reason;                  /* R01: a not-required, R17: a question has to say why */
	struct rules_words kinds;     /* R02, R03, R06: kinds of site ... */
	struct rules_words agreement; /* ... and the approval each needs by R03 */
	int64_t grace_ms;             /* R05, R06 */
	int64_t progress_ms, progress_longer_ms, cag_ms, dspt_ms; /* R06; 0: not asked */
	struct rules_words consultee;   /* R07: events that count when a consultee spoke */
	const char *consultee_approval; /* R07: kind of approval asked for then */
	struct rules_words children; /* R07: groups of the study whose own yes is not enough */
	struct rules_words modes;    /* R07: kinds of approval, one has to name the mode */
	struct rules_words witness;  /* R07: modes that need one */
	const char *data_answers;    /* R08: permissions; "" none will do */
	const char *data_records;
	const char *data_audio;
	const char *use_site;
	const char *use_pooled;
	const char *use_quote;
	const char *use_link;
	const char *use_share;
	unsigned after_death; /* R08: 0 use stops, 1 it goes on */
	unsigned before_use, before_collection, next_contact; /* R09: enum rules_outcome */
	unsigned sixteen_collection;   /* R09: 0 asked before use, 1 before collection */
	unsigned left_to_sheets;       /* R10: actions of R09, which asks who turned sixteen */
	const char *retention;         /* R10: "" when it is not asked */
	const char *taker;             /* R11: "" when it is not asked ... */
	const char *taker_task;        /* ... task on the delegation log */
	struct rules_words taker_none; /* ... modes of consent that nobody takes */
	const char *approacher;        /* R11: kind of person; "" when it is not asked */
	const char *approacher_code;   /* R11: who it was; "" when it is not asked ... */
	const char *approacher_task;   /* ... task on the delegation log */
	struct rules_words approacher_none; /* ... kinds of person who are not on it */
	const char *collector;              /* R11: "" when it is not asked ... */
	const char *collector_task;         /* ... task on the delegation log */
	struct rules_words basis;           /* R12 */
	int64_t within_ms;                  /* R12 checks, R17 training, R21 cosignatures */
	struct rules_words starts;          /* R13: of capacity ... */
	struct rules_words ends;            /* ... and events */
	const char *keep;                   /* R13: permission; "" none */
	struct rules_words dissent;         /* R14: of assent ... */
	struct rules_words objection;       /* ... and events */
	struct rules_words purposes;        /* R15 */
	struct rules_words secondary;
	struct rules_words duo;
	struct rules_words roles; /* R17 */
	bool contract;
	const char *partner_approval; /* R20: "" when it is not asked */
	uint32_t sites;               /* R21 */
	struct rules_words also;
};

struct rules {
	struct rule rule[RULES_MAX + 1]; /* by number; 0 is not used */
	uint32_t asked[RULES_ACTIONS];   /* for each action a bit for each rule, RULES_BIT() */
	uint32_t version;
	uint8_t digest[RULES_DIGEST_BYTES];
	char **owned; /* words that are not shared */
	size_t owned_count;
};

#endif
