#include "common/study/rules_keys.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_code.h"
#include "common/study/rules_limits.h"

#define AT(field) offsetof(struct rule, field)
#define DECISIONS                                                                              \
	"favourable|favourable-with-conditions|provisional|unfavourable|confirmed|"            \
	"withdrawn|suspended|not-required"
#define EVENTS                                                                                 \
	"requested|given|refused|advice-supports|advice-against|reaffirmed|changed|"           \
	"expired|invalidated"
#define MODES                                                                                  \
	"written|electronic-drawn|electronic-typed|verbal-witnessed|returned-questionnaire"
#define CAPACITIES  "presumed|assessed-has|assessed-lacks|lost-during-study|regained"
#define OUTCOMES    "deny|hold|permit"
#define TASKS       "approach|consent|collect"
#define APPROACHERS "care-team|local-staff|researcher|self-referred"
#define CHECKS      "record-signature|consent-signature|batch-proof|decrypts"
/* Without the key two sites have to sign. */
#define QUORUM_SITES 2

static const struct rules_key keys[] = {
	{1, "approval.any", KEY_WORDS, KEY_NEEDED, "", AT(approvals), STRICT_FEWER},
	{1, "accept", KEY_WORDS, KEY_NEEDED, DECISIONS, AT(accept), STRICT_FEWER},
	{1, "not_required.reason", KEY_FLAG, KEY_MAY, "", AT(reason), STRICT_HIGHER},
	{1, "at", KEY_BITS, KEY_NEEDED, "collection|now", AT(bits), STRICT_MORE},

	{2, "approval.any", KEY_WORDS, KEY_NEEDED, "", AT(approvals), STRICT_FEWER},
	{2, "site.kinds", KEY_WORDS, KEY_NEEDED, "", AT(kinds), STRICT_MORE},

	{3, "approval", KEY_FAMILY, KEY_NEEDED, "", AT(kinds), STRICT_BY_HAND},
	{3, "latest", KEY_CHOICE, KEY_NEEDED, "collection", 0, STRICT_ALIKE},

	{4, "stop", KEY_BITS, KEY_NEEDED, "suspended|withdrawn", AT(bits), STRICT_MORE},

	{5, "grace", KEY_TIME, KEY_MAY, "", AT(grace_ms), STRICT_LESS},

	{6, "grace", KEY_TIME, KEY_MAY, "", AT(grace_ms), STRICT_LESS},
	{6, "progress.every", KEY_TIME, KEY_MAY, "", AT(progress_ms), STRICT_LESS_KEPT},
	{6, "progress.longer", KEY_TIME, KEY_MAY, "", AT(progress_longer_ms), STRICT_LESS},
	{6, "cag.every", KEY_TIME, KEY_MAY, "", AT(cag_ms), STRICT_LESS_KEPT},
	{6, "dspt.every", KEY_TIME, KEY_MAY, "", AT(dspt_ms), STRICT_LESS_KEPT},
	{6, "dspt.kinds", KEY_WORDS, KEY_MAY, "", AT(kinds), STRICT_MORE},

	{7, "accept", KEY_WORDS, KEY_NEEDED, EVENTS, AT(accept), STRICT_FEWER},
	{7, "accept.consultee", KEY_WORDS, KEY_MAY, EVENTS, AT(consultee), STRICT_FEWER},
	{7, "consultee.approval", KEY_WORD, KEY_MAY, "", AT(consultee_approval),
		STRICT_SAME_OR_NO},
	{7, "child.needs", KEY_BITS, KEY_MAY, "given|assent", AT(bits), STRICT_BY_HAND},
	{7, "child.groups", KEY_WORDS, KEY_MAY, "", AT(children), STRICT_MORE},
	{7, "mode.approval", KEY_WORDS, KEY_MAY, "", AT(modes), STRICT_FEWER_KEPT},
	{7, "mode.witness", KEY_WORDS, KEY_MAY, MODES, AT(witness), STRICT_MORE},

	{8, "data.answers", KEY_WORD, KEY_NEEDED, "", AT(data_answers), STRICT_SAME_OR_NO},
	{8, "data.records", KEY_WORD, KEY_MAY, "", AT(data_records), STRICT_SAME_OR_NO},
	{8, "data.audio", KEY_WORD, KEY_MAY, "", AT(data_audio), STRICT_SAME_OR_NO},
	{8, "use.site", KEY_WORD, KEY_NEEDED, "", AT(use_site), STRICT_SAME_OR_NO},
	{8, "use.pooled", KEY_WORD, KEY_NEEDED, "", AT(use_pooled), STRICT_SAME_OR_NO},
	{8, "use.quote", KEY_WORD, KEY_MAY, "", AT(use_quote), STRICT_SAME_OR_NO},
	{8, "use.link", KEY_WORD, KEY_MAY, "", AT(use_link), STRICT_SAME_OR_NO},
	{8, "use.share", KEY_WORD, KEY_MAY, "", AT(use_share), STRICT_SAME_OR_NO},
	{8, "after.death", KEY_CHOICE, KEY_MAY, "stop|keep", AT(after_death), STRICT_LESS},
	{8, "unanswered", KEY_CHOICE, KEY_NEEDED, "deny", 0, STRICT_ALIKE},

	{9, "outcome.before-use", KEY_CHOICE, KEY_MAY, OUTCOMES, AT(before_use), STRICT_LESS},
	{9, "outcome.before-collection", KEY_CHOICE, KEY_MAY, OUTCOMES, AT(before_collection),
		STRICT_LESS},
	{9, "outcome.next-contact", KEY_CHOICE, KEY_MAY, OUTCOMES, AT(next_contact),
		STRICT_LESS},
	{9, "minimum", KEY_CHOICE, KEY_MAY, "form-version", 0, STRICT_ALIKE},
	{9, "sixteen", KEY_CHOICE, KEY_MAY, "before-use|before-collection",
		AT(sixteen_collection), STRICT_LESS},

	{10, "consent.until", KEY_CHOICE, KEY_NEEDED, "valid_until", 0, STRICT_ALIKE},
	{10, "retention", KEY_WORD, KEY_MAY, "legal.retention.answers", AT(retention),
		STRICT_SAME},
	{10, "warn", KEY_TIME, KEY_REMINDS, "", 0, STRICT_ALIKE},

	{11, "taker", KEY_WORD, KEY_MAY, "", AT(taker), STRICT_SAME},
	{11, "taker.task", KEY_WORD, KEY_MAY, TASKS, AT(taker_task), STRICT_SAME},
	{11, "taker.none", KEY_WORDS, KEY_MAY, MODES, AT(taker_none), STRICT_FEWER},
	{11, "approacher", KEY_WORD, KEY_MAY, "", AT(approacher), STRICT_SAME},
	{11, "approacher.code", KEY_WORD, KEY_MAY, "approacher", AT(approacher_code),
		STRICT_SAME},
	{11, "approacher.task", KEY_WORD, KEY_MAY, TASKS, AT(approacher_task), STRICT_SAME},
	{11, "approacher.none", KEY_WORDS, KEY_MAY, APPROACHERS, AT(approacher_none),
		STRICT_FEWER},
	{11, "collector", KEY_WORD, KEY_MAY, "collected_by", AT(collector), STRICT_SAME},
	{11, "collector.task", KEY_WORD, KEY_MAY, TASKS, AT(collector_task), STRICT_SAME},
	{11, "allowed", KEY_CHOICE, KEY_MAY, "local_approach", 0, STRICT_ALIKE},

	{12, "basis", KEY_WORDS, KEY_MAY, "consent|s251|mca-s30-33|anonymised", AT(basis),
		STRICT_MORE},
	{12, "checked.within", KEY_TIME, KEY_MAY, "", AT(within_ms), STRICT_LESS},

	{13, "starts", KEY_WORDS, KEY_NEEDED, CAPACITIES, AT(starts), STRICT_MORE},
	{13, "ends", KEY_WORDS, KEY_NEEDED, EVENTS, AT(ends), STRICT_FEWER},
	{13, "keep.permission", KEY_WORD, KEY_MAY, "", AT(keep), STRICT_SAME_OR_NO},

	{14, "dissent", KEY_WORDS, KEY_NEEDED, "given|not-sought|dissent", AT(dissent),
		STRICT_MORE},
	{14, "objection", KEY_WORDS, KEY_NEEDED, EVENTS, AT(objection), STRICT_MORE},

	{15, "purposes", KEY_WORDS, KEY_MAY, "", AT(purposes), STRICT_BY_HAND},
	{15, "purposes.secondary", KEY_WORDS, KEY_MAY, "", AT(secondary), STRICT_BY_HAND},
	{15, "duo", KEY_WORDS, KEY_MAY, "", AT(duo), STRICT_BY_HAND},

	{16, "list", KEY_CHOICE, KEY_MAY, "forms", 0, STRICT_ALIKE},
	{16, "unlisted", KEY_CHOICE, KEY_MAY, "refuse-record", 0, STRICT_ALIKE},

	{17, "roles", KEY_WORDS, KEY_MAY, "", AT(roles), STRICT_FEWER},
	{17, "training.within", KEY_TIME, KEY_MAY, "", AT(within_ms), STRICT_LESS_KEPT},
	{17, "contract", KEY_FLAG, KEY_MAY, "", AT(contract), STRICT_HIGHER},
	{17, "reason", KEY_FLAG, KEY_MAY, "", AT(reason), STRICT_HIGHER},

	{18, "checks", KEY_BITS, KEY_NEEDED, CHECKS, AT(bits), STRICT_MORE},

	{19, "decide.within", KEY_TIME, KEY_REMINDS, "", 0, STRICT_ALIKE},

	{20, "approval.all", KEY_WORDS, KEY_NEEDED, "", AT(approvals), STRICT_MORE},
	{20, "approval.partner", KEY_WORD, KEY_MAY, "", AT(partner_approval), STRICT_SAME},

	{21, "checkpoint.within", KEY_TIME, KEY_MAY, "", AT(within_ms), STRICT_LESS},
	{21, "quorum.sites", KEY_COUNT, KEY_MAY, "sites", AT(sites), STRICT_HIGHER},
	{21, "quorum.also", KEY_WORDS, KEY_MAY, "", AT(also), STRICT_MORE},
	{0, NULL, KEY_FLAG, KEY_MAY, "", 0, STRICT_ALIKE},
};

const struct rules_key *
rules_keys_all(void)
{
	return keys;
}

/* What is being read: keys of one rule. */
struct reading {
	const struct values *v;
	struct rules *rules;
	struct rule *rule;
};

/* The shared copy of the word, or one that the rules own. */
static const char *
keep_word(struct rules *r, const char *word)
{
	const char *shared = rules_code(word);
	if (shared != word)
		return shared;
	if ((r->owned_count & (r->owned_count - 1)) == 0)
		r->owned = xrealloc(
			r->owned, MAX(2 * r->owned_count, (size_t)1), sizeof(*r->owned));
	r->owned[r->owned_count] = xstrdup(word);
	return r->owned[r->owned_count++];
}

static void
add_word(const struct reading *g, const char *key, struct rules_words *to, const char *word)
{
	const struct values *v = g->v;
	if (to->count == RULES_MAX_WORDS || strlen(word) >= RULES_WORD_BYTES - 1) {
		faults_add(v->faults, values_place(v, key),
			"more than %d words, or a word too long", RULES_MAX_WORDS);
		return;
	}
	to->word[to->count++] = keep_word(g->rules, word);
}

static struct rules_words
read_words(const struct reading *g, const struct rules_key *k)
{
	const struct values *v = g->v;
	struct rules_words words = {.count = 0};
	const char *at = values_text(v, k->name);
	char word[VALUES_WORD_BYTES];
	while (values_next(&at, word))
		add_word(g, k->name, &words, word);
	if (*k->of)
		(void)values_bits(v, k->name, k->of);
	if (k->type == KEY_WORD && words.count != 1 && ini_find(v->ini, v->section, k->name))
		faults_add(v->faults, values_place(v, k->name), "one word is wanted");
	return words;
}

/* approval.KIND = the approval that a site of this kind needs */
static void
read_family(const struct reading *g, const struct rules_key *k)
{
	const struct values *v = g->v;
	struct rule *r = g->rule;
	OWNED_MEM char *start = xasprintf("%s.", k->name);
	for (size_t i = 0; i < v->ini->count; i++) {
		const struct ini_item *item = &v->ini->items[i];
		if (strcmp(item->section, v->section) != 0 ||
			strncmp(item->key, start, strlen(start)) != 0)
			continue;
		add_word(g, item->key, &r->kinds, item->key + strlen(start));
		add_word(g, item->key, &r->agreement, values_need(v, item->key));
	}
	if (r->kinds.count == 0)
		faults_add(v->faults, values_place(v, ""),
			"%s names the approval of no kind of site", v->section);
}

static void
keep_words(const struct reading *g, const struct rules_key *k, void *to)
{
	struct rules_words words = read_words(g, k);
	if (k->type == KEY_WORDS)
		*(struct rules_words *)to = words;
	else
		*(const char **)to = words.count ? words.word[0] : "";
}

static void
read_key(const struct reading *g, const struct rules_key *k)
{
	const struct values *v = g->v;
	void *to = (unsigned char *)g->rule + k->at;
	int64_t time_ms;
	unsigned place;
	switch (k->type) {
	case KEY_WORDS:
	case KEY_WORD:
		keep_words(g, k, to);
		return;
	case KEY_FLAG:
		*(bool *)to = values_flag(v, k->name, false);
		return;
	case KEY_TIME:
		time_ms = values_time(v, k->name);
		if (k->at)
			*(int64_t *)to = time_ms;
		return;
	case KEY_COUNT:
		*(uint32_t *)to = values_count(v, k->name, k->of, QUORUM_SITES);
		return;
	case KEY_CHOICE:
		place = values_one_of(v, k->name, k->of);
		if (k->at)
			*(unsigned *)to = place;
		return;
	case KEY_BITS:
		*(unsigned *)to = values_bits(v, k->name, k->of);
		return;
	case KEY_FAMILY:
		read_family(g, k);
		return;
	}
}

/* Whoever is asked about is asked for a task. */
static void
check_tasks(const struct values *v, const struct rule *r)
{
	const struct {
		const char *key, *who, *task;
	} rows[] = {{"taker", r->taker, r->taker_task},
		{"approacher.code", r->approacher_code, r->approacher_task},
		{"collector", r->collector, r->collector_task}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((rows[i].who[0] != '\0') != (rows[i].task[0] != '\0'))
			faults_add(v->faults, values_place(v, rows[i].key),
				"%s and %.*s.task go together", rows[i].key,
				(int)strcspn(rows[i].key, "."), rows[i].key);
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
	if (number == 7 && r->bits & RULES_CHILD_GIVEN && r->children.count == 0)
		faults_add(v->faults, values_place(v, "child.needs"),
			"child.groups has to say which groups of the study are children");
	if (number == 11)
		check_tasks(v, r);
	for (size_t i = 0; i < r->duo.count; i++)
		if (!rules_limit_is_known(r->duo.word[i]))
			faults_add(v->faults, values_place(v, "duo"),
				"'%s' is no limit of the data use ontology that can be kept",
				r->duo.word[i]);
}

static void
check_known(const struct values *v, unsigned number)
{
	OWNED_MEM char *known = xstrdup("|title|on|outcome|actions|source|");
	for (size_t i = 0; keys[i].rule; i++) {
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
rules_keys_read(const struct values *v, unsigned number, struct rules *rules)
{
	const struct reading g = {v, rules, &rules->rule[number]};
	check_known(v, number);
	for (size_t i = 0; keys[i].rule; i++) {
		const struct rules_key *k = &keys[i];
		if (k->rule != number)
			continue;
		if (k->use == KEY_NEEDED && k->type != KEY_FAMILY)
			(void)values_need(v, k->name);
		read_key(&g, k);
		if (k->use == KEY_REMINDS && *values_text(v, k->name))
			faults_warn(v->faults, values_place(v, k->name),
				"nobody is reminded by this version; no verdict hangs on it");
	}
	check_together(v, number, g.rule);
}
