/* rules_keys - the keys of every rule: what each may say, where a rule keeps it, and which way
 * it is stricter.
 *
 * Always true: a key that is not in the table is refused; one that is there is of its type and
 *              unit.
 */
#ifndef WEIR_RULES_KEYS_H
#define WEIR_RULES_KEYS_H

#include "common/study/rules_set.h"
#include "common/study/values.h"

enum rules_key_type {
	KEY_WORDS,  /* words, each of `of` unless that is "" */
	KEY_WORD,   /* one word, the same */
	KEY_FLAG,   /* yes or no; no without the key */
	KEY_TIME,   /* "30 days" */
	KEY_COUNT,  /* a number with the unit `of` */
	KEY_CHOICE, /* one of `of`, kept as its place unless `at` is 0 */
	KEY_BITS,   /* words of `of`, a bit each */
	KEY_FAMILY, /* NAME.KIND = the approval that a site of this kind needs */
};
enum rules_key_use {
	KEY_MAY,
	KEY_NEEDED,
	KEY_REMINDS, /* nobody is reminded by this version; no verdict hangs on it */
};
enum rules_key_strict {
	STRICT_ALIKE,      /* there is nothing to choose, or no verdict hangs on it */
	STRICT_FEWER,      /* words: what is accepted */
	STRICT_FEWER_KEPT, /* the same, and none at all would not be asked */
	STRICT_MORE,       /* words or bits: what is asked */
	STRICT_LESS,       /* number */
	STRICT_LESS_KEPT,  /* the same, and 0 would not be asked */
	STRICT_HIGHER,     /* number, flag or place */
	STRICT_SAME,       /* word; "" would not be asked */
	STRICT_SAME_OR_NO, /* word; "" permits nothing */
	STRICT_BY_HAND,    /* rules_compare knows */
};

struct rules_key {
	unsigned rule;
	const char *name;
	enum rules_key_type type;
	enum rules_key_use use;
	const char *of;
	uint32_t at; /* place in struct rule; 0: looked at, not kept */
	enum rules_key_strict strict;
};

/* All keys, those of a rule together, rules in order, and one of rule 0 behind them; lent. */
const struct rules_key *rules_keys_all(void);

/* Read the keys of this rule's section, but for title, on, outcome, actions and source, into
 * the rules, with a fault for each misfit. One that only asks for a reminder is warned about.
 */
void rules_keys_read(const struct values *v, unsigned number, struct rules *rules);

#endif
