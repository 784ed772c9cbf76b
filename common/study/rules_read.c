#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_set.h"
#include "common/study/values.h"
#include "common/trust/crypto.h"

#define COMMON_KEYS "|title|on|outcome|actions|source"

/* The keys of each rule. What a rule that is not built asks for is known, so that a study can
 * be written before weir can judge it; what a built rule cannot do yet is warned about. */
static const struct {
	bool built;
	const char *keys;
	const char *later;
} rules_known[RULES_MAX + 1] = {
	[1] = {true, COMMON_KEYS "|approval.any|accept|not_required.reason|at|", ""},
	[2] = {false, COMMON_KEYS "|approval.any|site.kinds|", ""},
	[3] = {true, COMMON_KEYS "|approval.*|latest|", ""},
	[4] = {true, COMMON_KEYS "|stop|", ""},
	[5] = {false, COMMON_KEYS "|grace|", ""},
	[6] = {false, COMMON_KEYS "|grace|progress.every|cag.every|dspt.every|", ""},
	[7] = {true, COMMON_KEYS "|accept|accept.consultee|consultee.approval|child.needs|",
		""},
	[8] = {true, COMMON_KEYS "|data.answers|use.site|use.pooled|unanswered|",
		"|data.records|data.audio|use.quote|use.link|use.share|"},
	[9] = {false, COMMON_KEYS "|outcome.*|minimum|", ""},
	[10] = {true, COMMON_KEYS "|consent.until|", "|retention|warn|"},
	[11] = {false, COMMON_KEYS "|taker|approacher|allowed|", ""},
	[12] = {false, COMMON_KEYS "|basis|checked.within|", ""},
	[13] = {false, COMMON_KEYS "|starts|ends|keep.permission|", ""},
	[14] = {false, COMMON_KEYS "|dissent|objection|", ""},
	[15] = {false, COMMON_KEYS "|purposes|purposes.secondary|duo|", ""},
	[16] = {false, COMMON_KEYS "|list|unlisted|", ""},
	[17] = {false, COMMON_KEYS "|roles|training.within|contract|reason|", ""},
	[18] = {true, COMMON_KEYS "|checks|", ""},
	[19] = {false, COMMON_KEYS "|decide.within|", ""},
	[20] = {false, COMMON_KEYS "|approval.all|partner.item|partner.value|", ""},
	[21] = {false, COMMON_KEYS "|checkpoint.within|quorum.sites|quorum.also|", ""},
};

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

static void
read_words(const struct values *v, const char *key, struct rules_words *to)
{
	const char *at = values_need(v, key);
	char word[VALUES_WORD_BYTES];
	while (values_next(&at, word))
		add_word(v, key, to, word);
}

static void
read_word(const struct values *v, const char *key, char to[static RULES_WORD_BYTES])
{
	struct rules_words words = {0};
	read_words(v, key, &words);
	if (words.count > 1)
		faults_add(v->faults, values_place(v, key), "one word is wanted");
	(void)snprintf(to, RULES_WORD_BYTES, "%s", words.word[0]);
}

/* A key that this version knows one value for. */
static void
need_word(const struct values *v, const char *key, const char *word)
{
	if (strcmp(values_need(v, key), word) != 0)
		faults_add(v->faults, values_place(v, key),
			"anything but '%s' is not built yet in this version", word);
}

/* approval.KIND = the approval that a site of this kind needs */
static void
read_agreements(const struct values *v, struct rule *r)
{
	static const char start[] = "approval.";
	for (size_t i = 0; i < v->ini->count; i++) {
		const struct ini_item *item = &v->ini->items[i];
		if (strcmp(item->section, v->section) != 0 ||
			strncmp(item->key, start, sizeof(start) - 1) != 0)
			continue;
		add_word(v, item->key, &r->kinds, item->key + sizeof(start) - 1);
		add_word(v, item->key, &r->agreement, values_need(v, item->key));
	}
	if (r->kinds.count == 0)
		faults_add(v->faults, values_place(v, ""),
			"R03 names the approval of no kind of site");
}

/* What counts when a consultee spoke, or a parent for a child. A study that names neither takes
 * only what people say for themselves. */
static void
read_consultee(const struct values *v, struct rule *r)
{
	if (*values_text(v, "accept.consultee")) {
		read_words(v, "accept.consultee", &r->consultee);
		read_word(v, "consultee.approval", r->consultee_approval);
	}
	if (*values_text(v, "child.needs")) {
		unsigned needs = values_bits(v, "child.needs", "given|assent");
		r->child_assent = (needs & 2u) != 0;
		r->parent = (needs & 1u) != 0;
		if (!r->parent)
			faults_add(v->faults, values_place(v, "child.needs"),
				"a child needs the agreement of a parent: 'given'");
	}
}

static unsigned
need_bits(const struct values *v, const char *key, const char *words)
{
	(void)values_need(v, key);
	return values_bits(v, key, words);
}

static void
read_own_keys(const struct values *v, struct rule *r, unsigned number)
{
	switch (number) {
	case 1:
		read_words(v, "approval.any", &r->approvals);
		read_words(v, "accept", &r->accept);
		r->reason = values_flag(v, "not_required.reason", true);
		r->bits = need_bits(v, "at", "collection|now");
		break;
	case 3:
		read_agreements(v, r);
		need_word(v, "latest", "collection");
		break;
	case 4:
		r->bits = need_bits(v, "stop", "suspended|withdrawn");
		break;
	case 7:
		read_words(v, "accept", &r->accept);
		read_consultee(v, r);
		break;
	case 8:
		read_word(v, "data.answers", r->data_answers);
		read_word(v, "use.site", r->use_site);
		read_word(v, "use.pooled", r->use_pooled);
		need_word(v, "unanswered", "deny");
		break;
	case 10:
		need_word(v, "consent.until", "valid_until");
		break;
	case 18:
		r->bits = need_bits(
			v, "checks", "record-signature|consent-signature|batch-proof|decrypts");
		break;
	}
}

static void
read_rule(const struct values *v, struct rule *r, unsigned number)
{
	OWNED_MEM char *keys =
		xasprintf("%s%s", rules_known[number].keys, rules_known[number].later);
	values_check_keys(v, keys);
	values_warn_keys(v, rules_known[number].later);
	r->built = rules_known[number].built;
	r->title = xstrdup(values_need(v, "title"));
	(void)values_need(v, "on");
	(void)values_need(v, "outcome");
	r->on = values_flag(v, "on", true);
	r->outcome = values_one_of(v, "outcome", "deny|hold") ? RULES_HOLD : RULES_DENY;
	r->actions = need_bits(v, "actions", "collect|sync|aggregate|release|query|export");
	if (r->built)
		read_own_keys(v, r, number);
	else if (r->on)
		faults_warn(v->faults, values_place(v, "on"),
			"this version cannot decide %s: where it is asked its outcome is "
			"always %s",
			v->section, rules_outcome_word(r->outcome));
}

/* 1 to 21 for "R01" to "R21", else 0. */
static unsigned
number_of(const char *section)
{
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		char name[4];
		(void)snprintf(name, sizeof(name), "R%02u", n);
		if (strcmp(section, name) == 0)
			return n;
	}
	return 0;
}

static void
read_sections(
	const struct ini *ini, const char *file, struct rules *rules, struct faults *faults)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_item *item = &ini->items[i];
		if (*item->key || strcmp(item->section, "rules") == 0 ||
			strncmp(item->section, "disclosure", strlen("disclosure")) == 0)
			continue;
		unsigned n = number_of(item->section);
		const struct values v = {ini, file, item->section, faults};
		if (n)
			read_rule(&v, &rules->rule[n], n);
		else
			faults_add(faults, (struct fault_place){file, item->line, NULL},
				"there is no section [%s]", item->section);
	}
}

/* What holds for a rule without a section says nothing when all have one. */
static void
check_unlisted(const struct values *v)
{
	(void)values_need(v, "unlisted");
	if (values_one_of(v, "unlisted", "off|on") == 0)
		return;
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		char name[4];
		(void)snprintf(name, sizeof(name), "R%02u", n);
		if (ini_find(v->ini, name, ""))
			continue;
		faults_add(v->faults, values_place(v, "unlisted"),
			"anything but 'off' is not built yet in this version while a rule, "
			"here %s, has no section",
			name);
		return;
	}
}

static void
read_head(const struct ini *ini, const char *file, struct rules *rules, struct faults *faults)
{
	const struct values v = {ini, file, "rules", faults};
	values_check_keys(&v, "|version|unlisted|signatures|");
	(void)values_need(&v, "version");
	rules->version = values_count(&v, "version", "", 0);
	if (rules->version == 0)
		faults_add(faults, values_place(&v, "version"), "versions count from 1");
	check_unlisted(&v);
	rules->signatures = values_count(&v, "signatures", "officers", 2);
	if (rules->signatures < 2)
		faults_add(faults, values_place(&v, "signatures"),
			"two officers or more have to sign");
}

struct rules *
rules_read(struct view text, const char *file, struct faults *faults)
{
	size_t before = faults->errors;
	OWNED(ini) struct ini *ini = NULL;
	if (ini_load(&ini, text, file) != OK) {
		faults_add(faults, (struct fault_place){file, 0, NULL}, "%s", err_text());
		return NULL;
	}
	OWNED(rules) struct rules *rules = xcalloc(1, sizeof(*rules));
	read_head(ini, file, rules, faults);
	read_sections(ini, file, rules, faults);
	crypto_sha256(rules->digest, &text, 1);
	return faults->errors == before ? take(rules) : NULL;
}

void
rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i <= RULES_MAX; i++)
		free(r->rule[i].title);
	free(r);
}
