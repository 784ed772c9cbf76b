#include "common/study/rules_compare.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_keys.h"

struct pair {
	const struct rule *study, *own;
	unsigned number;
	struct rules_looser *ret;
	size_t *count;
};

static void
note(const struct pair *p, const char *key, const char *kind)
{
	if (*p->count >= RULES_MAX_LOOSER)
		return;
	struct rules_looser *to = &p->ret[(*p->count)++];
	(void)snprintf(to->rule, sizeof(to->rule), "R%02u", p->number % 100);
	(void)snprintf(to->key, sizeof(to->key), "%s%s%s", key, *kind ? "." : "", kind);
}

/* ---- lists ---- */

static bool
has(const struct rules_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->word[i], word) == 0)
			return true;
	return false;
}

static bool
is_part(const struct rules_words *part, const struct rules_words *whole)
{
	for (size_t i = 0; i < part->count; i++)
		if (!has(whole, part->word[i]))
			return false;
	return true;
}

static bool
words_loosen(const struct rules_key *k, const struct rules_words *study,
	const struct rules_words *own)
{
	if (k->strict == STRICT_MORE)
		return !is_part(study, own);
	if (k->strict == STRICT_FEWER_KEPT && study->count && !own->count)
		return true;
	if (k->strict == STRICT_FEWER_KEPT && !study->count)
		return false;
	return !is_part(own, study);
}

/* ---- single values ---- */

static bool
word_loosens(const struct rules_key *k, const char *study, const char *own)
{
	if (strcmp(study, own) == 0)
		return false;
	return k->strict == STRICT_SAME ? *study != '\0' : *own != '\0';
}

static int64_t
number_at(const struct rules_key *k, const struct rule *r)
{
	const void *at = (const unsigned char *)r + k->at;
	switch (k->type) {
	case KEY_FLAG:
		return *(const bool *)at;
	case KEY_TIME:
		return *(const int64_t *)at;
	case KEY_COUNT:
		return *(const uint32_t *)at;
	case KEY_CHOICE:
	case KEY_BITS:
		return *(const unsigned *)at;
	case KEY_WORDS:
	case KEY_WORD:
	case KEY_FAMILY:
		break;
	}
	return 0;
}

static bool
number_loosens(const struct rules_key *k, int64_t study, int64_t own)
{
	if (k->strict == STRICT_HIGHER)
		return own < study;
	if (k->strict == STRICT_MORE)
		return ((uint64_t)study & ~(uint64_t)own) != 0;
	if (k->strict == STRICT_LESS_KEPT && (study == 0 || own == 0))
		return study != 0;
	return own > study;
}

static bool
key_loosens(const struct rules_key *k, const struct rule *study, const struct rule *own)
{
	const void *s = (const unsigned char *)study + k->at;
	const void *o = (const unsigned char *)own + k->at;
	if (k->strict == STRICT_ALIKE || k->strict == STRICT_BY_HAND)
		return false;
	if (k->type == KEY_WORDS)
		return words_loosen(k, s, o);
	if (k->type == KEY_WORD)
		return word_loosens(k, *(const char *const *)s, *(const char *const *)o);
	return number_loosens(k, number_at(k, study), number_at(k, own));
}

/* ---- by hand ---- */

/* Another approval for a kind of site, or one for a kind that the study does not take. */
static void
compare_agreements(const struct pair *p)
{
	for (size_t i = 0; i < p->own->kinds.count; i++) {
		const char *kind = p->own->kinds.word[i];
		size_t k = 0;
		while (k < p->study->kinds.count && strcmp(p->study->kinds.word[k], kind) != 0)
			k++;
		if (k == p->study->kinds.count ||
			strcmp(p->study->agreement.word[k], p->own->agreement.word[i]) != 0)
			note(p, "approval", kind);
	}
}

static void
compare_children(const struct pair *p)
{
	const unsigned study = p->study->bits, own = p->own->bits;
	if (own & RULES_CHILD_GIVEN &&
		(!(study & RULES_CHILD_GIVEN) ||
			(study & RULES_CHILD_ASSENT && !(own & RULES_CHILD_ASSENT))))
		note(p, "child.needs", "");
}

static void
compare_purposes(const struct pair *p)
{
	bool outside = false, unasked = false;
	for (size_t i = 0; i < p->own->purposes.count; i++) {
		const char *word = p->own->purposes.word[i];
		bool secondary = has(&p->study->secondary, word);
		outside = outside || (!secondary && !has(&p->study->purposes, word));
		unasked = unasked || (secondary && !has(&p->own->secondary, word));
	}
	for (size_t i = 0; i < p->own->secondary.count; i++) {
		const char *word = p->own->secondary.word[i];
		unasked = unasked ||
			  (!has(&p->study->secondary, word) && !has(&p->study->purposes, word));
	}
	if (outside || unasked)
		note(p, outside ? "purposes" : "purposes.secondary", "");
	/* No limits at all: nothing is shared. */
	if (p->own->duo.count &&
		(!p->study->duo.count || !is_part(&p->study->duo, &p->own->duo)))
		note(p, "duo", "");
}

static void
compare_by_hand(const struct pair *p)
{
	if (p->number == 3)
		compare_agreements(p);
	if (p->number == 7)
		compare_children(p);
	if (p->number == 15)
		compare_purposes(p);
}

/* ---- rules ---- */

static void
compare_rule(const struct pair *p)
{
	if (!p->study->on)
		return;
	if (!p->own->on) {
		note(p, "on", "");
		return;
	}
	if (p->own->outcome > p->study->outcome)
		note(p, "outcome", "");
	if (p->study->actions & ~p->own->actions)
		note(p, "actions", "");
	for (const struct rules_key *k = rules_keys_all(); k->rule; k++)
		if (k->rule == p->number && key_loosens(k, p->study, p->own))
			note(p, k->name, "");
	compare_by_hand(p);
}

size_t
rules_compare(const struct rules *study, const struct rules *own,
	struct rules_looser ret[static RULES_MAX_LOOSER])
{
	size_t count = 0;
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		const struct pair p = {&study->rule[n], &own->rule[n], n, ret, &count};
		compare_rule(&p);
	}
	return count;
}
