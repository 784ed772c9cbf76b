#include "common/study/rules_keys.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

enum key_type {
	KEY_WORDS,  /* words, each of `of` unless that is "" */
	KEY_WORD,   /* one word, the same */
	KEY_FLAG,   /* yes or no */
	KEY_TIME,   /* "30 days" */
	KEY_COUNT,  /* a number with the unit `of` */
	KEY_CHOICE, /* one of `of`; its place is not kept */
	KEY_BITS,   /* words of `of`, a bit each */
	KEY_FAMILY, /* NAME.KIND = the approval that a site of this kind needs */
};
enum key_use {
	KEY_MAY,
	KEY_NEEDED,
	KEY_REMINDS, /* nobody is reminded by this version; no verdict hangs on it */
	KEY_BLOCKS,  /* this version cannot decide a rule that has it */
};

struct key {
	unsigned rule;
	const char *name;
	enum key_type type;
	enum key_use use;
	const char *of;
	size_t at; /* place in struct rule; 0: looked at, not kept */
};

#define AT(field) offsetof(struct rule, field)
#define DECISIONS                                                                              \
	"favourable|favourable-with-conditions|provisional|unfavourable|confirmed|"            \
	"withdrawn|suspended|not-required"
#define EVENTS                                                                                 \
	"requested|given|refused|advice-supports|advice-against|reaffirmed|changed|"           \
	"expired|invalidated"
#define CAPACITIES "presumed|assessed-has|assessed-lacks|lost-during-study|regained"
#define OUTCOMES   "deny|hold|permit"
#define CHECKS     "record-signature|consent-signature|batch-proof|decrypts"

static const struct key keys[] = {
	{1, "approval.any", KEY_WORDS, KEY_NEEDED, "", AT(approvals)},
	{1, "accept", KEY_WORDS, KEY_NEEDED, DECISIONS, AT(accept)},
	{1, "not_required.reason", KEY_FLAG, KEY_MAY, "yes", AT(reason)},
	{1, "at", KEY_BITS, KEY_NEEDED, "collection|now", AT(bits)},

	{2, "approval.any", KEY_WORDS, KEY_NEEDED, "", AT(approvals)},
	{2, "site.kinds", KEY_WORDS, KEY_NEEDED, "", AT(kinds)},

	{3, "approval", KEY_FAMILY, KEY_NEEDED, "", 0},
	{3, "latest", KEY_CHOICE, KEY_NEEDED, "collection", 0},

	{4, "stop", KEY_BITS, KEY_NEEDED, "suspended|withdrawn", AT(bits)},

	{5, "grace", KEY_TIME, KEY_MAY, "", 0},

	{6, "grace", KEY_TIME, KEY_MAY, "", 0},
	{6, "progress.every", KEY_TIME, KEY_MAY, "", 0},
	{6, "cag.every", KEY_TIME, KEY_MAY, "", 0},
	{6, "dspt.every", KEY_TIME, KEY_MAY, "", 0},

	{7, "accept", KEY_WORDS, KEY_NEEDED, EVENTS, AT(accept)},
	{7, "accept.consultee", KEY_WORDS, KEY_MAY, EVENTS, AT(consultee)},
	{7, "consultee.approval", KEY_WORD, KEY_MAY, "", AT(consultee_approval)},
	{7, "child.needs", KEY_BITS, KEY_MAY, "given|assent", AT(bits)},

	{8, "data.answers", KEY_WORD, KEY_NEEDED, "", AT(data_answers)},
	{8, "data.records", KEY_WORD, KEY_MAY, "", AT(data_records)},
	{8, "data.audio", KEY_WORD, KEY_MAY, "", AT(data_audio)},
	{8, "use.site", KEY_WORD, KEY_NEEDED, "", AT(use_site)},
	{8, "use.pooled", KEY_WORD, KEY_NEEDED, "", AT(use_pooled)},
	{8, "use.quote", KEY_WORD, KEY_MAY, "", AT(use_quote)},
	{8, "use.link", KEY_WORD, KEY_MAY, "", AT(use_link)},
	{8, "use.share", KEY_WORD, KEY_MAY, "", AT(use_share)},
	{8, "unanswered", KEY_CHOICE, KEY_NEEDED, "deny", 0},

	{9, "outcome.before-use", KEY_CHOICE, KEY_MAY, OUTCOMES, 0},
	{9, "outcome.before-collection", KEY_CHOICE, KEY_MAY, OUTCOMES, 0},
	{9, "outcome.next-contact", KEY_CHOICE, KEY_MAY, OUTCOMES, 0},
	{9, "minimum", KEY_CHOICE, KEY_MAY, "form-version", 0},

	{10, "consent.until", KEY_CHOICE, KEY_NEEDED, "valid_until", 0},
	{10, "retention", KEY_WORD, KEY_MAY, "legal.retention.answers", AT(retention)},
	{10, "warn", KEY_TIME, KEY_REMINDS, "", 0},

	{11, "taker", KEY_WORD, KEY_MAY, "", 0},
	{11, "approacher", KEY_WORD, KEY_MAY, "", 0},
	{11, "allowed", KEY_WORD, KEY_MAY, "", 0},

	{12, "basis", KEY_WORDS, KEY_MAY, "consent|s251|mca-s30-33|anonymised", AT(basis)},
	{12, "checked.within", KEY_TIME, KEY_MAY, "", 0},

	{13, "starts", KEY_WORDS, KEY_NEEDED, CAPACITIES, AT(starts)},
	{13, "ends", KEY_WORDS, KEY_NEEDED, EVENTS, AT(ends)},
	{13, "keep.permission", KEY_WORD, KEY_MAY, "", AT(keep)},

	{14, "dissent", KEY_WORDS, KEY_NEEDED, "given|not-sought|dissent", AT(dissent)},
	{14, "objection", KEY_WORDS, KEY_NEEDED, EVENTS, AT(objection)},

	{15, "purposes", KEY_WORDS, KEY_MAY, "", 0},
	{15, "purposes.secondary", KEY_WORDS, KEY_MAY, "", 0},
	{15, "duo", KEY_WORDS, KEY_MAY, "", 0},

	{16, "list", KEY_CHOICE, KEY_MAY, "forms", 0},
	{16, "unlisted", KEY_CHOICE, KEY_MAY, "refuse-record", 0},

	{17, "roles", KEY_WORDS, KEY_MAY, "", 0},
	{17, "training.within", KEY_TIME, KEY_MAY, "", 0},
	{17, "contract", KEY_FLAG, KEY_MAY, "no", 0},
	{17, "reason", KEY_FLAG, KEY_MAY, "no", 0},

	{18, "checks", KEY_BITS, KEY_NEEDED, CHECKS, AT(bits)},

	{19, "decide.within", KEY_TIME, KEY_REMINDS, "", 0},

	{20, "approval.all", KEY_WORDS, KEY_NEEDED, "", AT(approvals)},
	{20, "partner.item", KEY_WORD, KEY_BLOCKS, "", 0},
	{20, "partner.value", KEY_WORD, KEY_MAY, "", 0},

	{21, "checkpoint.within", KEY_TIME, KEY_MAY, "", 0},
	{21, "quorum.sites", KEY_COUNT, KEY_MAY, "sites", 0},
	{21, "quorum.also", KEY_WORDS, KEY_MAY, "", 0},
};

bool
rules_keys_built(unsigned number)
{
	static const bool built[RULES_MAX + 1] = {[1] = true,
		[2] = true,
		[3] = true,
		[4] = true,
		[7] = true,
		[8] = true,
		[10] = true,
		[12] = true,
		[13] = true,
		[14] = true,
		[18] = true,
		[19] = true,
		[20] = true};
	return number <= RULES_MAX && built[number];
}

static void
add_word(const struct values *v, const char *key, struct rules_words *to, const char *word)
{
	if (to->count == RULES_MAX_WORDS || strlen(word) >= RULES_WORD_BYTES - 1) {
		faults_add(v->faults, values_place(v, key),
			"more than %d words, or a word too long", RULES_MAX_WORDS);
		return;
	}
	(void)snprintf(to->word[to->count++], RULES_WORD_BYTES, "%s", word);
}

static struct rules_words
read_words(const struct values *v, const struct key *k)
{
	struct rules_words words = {.count = 0};
	const char *at = values_text(v, k->name);
	char word[VALUES_WORD_BYTES];
	while (values_next(&at, word))
		add_word(v, k->name, &words, word);
	if (*k->of)
		(void)values_bits(v, k->name, k->of);
	if (k->type == KEY_WORD && words.count != 1 && ini_find(v->ini, v->section, k->name))
		faults_add(v->faults, values_place(v, k->name), "one word is wanted");
	return words;
}

/* approval.KIND = the approval that a site of this kind needs */
static void
read_family(const struct values *v, const struct key *k, struct rule *r)
{
	OWNED_MEM char *start = xasprintf("%s.", k->name);
	for (size_t i = 0; i < v->ini->count; i++) {
		const struct ini_item *item = &v->ini->items[i];
		if (strcmp(item->section, v->section) != 0 ||
			strncmp(item->key, start, strlen(start)) != 0)
			continue;
		add_word(v, item->key, &r->kinds, item->key + strlen(start));
		add_word(v, item->key, &r->agreement, values_need(v, item->key));
	}
	if (r->kinds.count == 0)
		faults_add(v->faults, values_place(v, ""),
			"%s names the approval of no kind of site", v->section);
}

static void
read_key(const struct values *v, const struct key *k, struct rule *r)
{
	void *to = (unsigned char *)r + k->at;
	struct rules_words words;
	switch (k->type) {
	case KEY_WORDS:
	case KEY_WORD:
		words = read_words(v, k);
		if (k->at && k->type == KEY_WORDS)
			*(struct rules_words *)to = words;
		else if (k->at)
			(void)snprintf(to, RULES_WORD_BYTES, "%s", words.word[0]);
		return;
	case KEY_FLAG: {
		bool flag = values_flag(v, k->name, strcmp(k->of, "yes") == 0);
		if (k->at)
			*(bool *)to = flag;
		return;
	}
	case KEY_TIME:
		(void)values_time(v, k->name);
		return;
	case KEY_COUNT:
		(void)values_count(v, k->name, k->of, 0);
		return;
	case KEY_CHOICE:
		(void)values_one_of(v, k->name, k->of);
		return;
	case KEY_BITS:
		*(unsigned *)to = values_bits(v, k->name, k->of);
		return;
	case KEY_FAMILY:
		read_family(v, k, r);
		return;
	}
}

/* What no single key says. */
static void
check_together(const struct values *v, unsigned number, const struct rule *r)
{
	if (number == 7 && (r->consultee.count > 0) != (r->consultee_approval[0] != '\0'))
		faults_add(v->faults, values_place(v, "accept.consultee"),
			"accept.consultee and consultee.approval go together");
	if (number == 7 && *values_text(v, "child.needs") && !(r->bits & RULES_CHILD_GIVEN))
		faults_add(v->faults, values_place(v, "child.needs"),
			"a child needs the agreement of a parent: 'given'");
}

static void
check_known(const struct values *v, unsigned number)
{
	OWNED_MEM char *known = xstrdup("|title|on|outcome|actions|source|");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *end = keys[i].type == KEY_FAMILY ? ".*" : "";
		if (keys[i].rule != number)
			continue;
		char *more = xasprintf("%s%s%s|", known, keys[i].name, end);
		mem_drop(&known);
		known = more;
	}
	values_check_keys(v, known);
}

void
rules_keys_read(const struct values *v, unsigned number, struct rule *r)
{
	r->built = rules_keys_built(number);
	check_known(v, number);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct key *k = &keys[i];
		if (k->rule != number)
			continue;
		if (k->use == KEY_NEEDED && k->type != KEY_FAMILY)
			(void)values_need(v, k->name);
		read_key(v, k, r);
		if (!*values_text(v, k->name))
			continue;
		if (k->use == KEY_REMINDS)
			faults_warn(v->faults, values_place(v, k->name),
				"nobody is reminded by this version; no verdict hangs on it");
		if (k->use == KEY_BLOCKS)
			r->built = false;
	}
	check_together(v, number, r);
}
