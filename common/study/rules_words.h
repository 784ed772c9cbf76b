/* rules_words - the smallest questions of the judges, in place because they are asked most. */
#ifndef WEIR_RULES_WORDS_H
#define WEIR_RULES_WORDS_H

#include <string.h>

#include "common/study/rules_set.h"

/* NULL is no word, and not the same as another. Shared copies (rules_code.h) are the same at
 * once; the others are told apart by their first letters, so they are looked at in place. */
static inline bool
rules_same(const char *a, const char *b)
{
	if (a == b)
		return a != NULL;
	if (!a || !b)
		return false;
	for (; *a == *b; a++, b++)
		if (!*a)
			return true;
	return false;
}

/* Of "" and NULL. */
static inline bool
rules_blank(const char *text)
{
	return !text || !*text;
}

static inline bool
rules_within(int64_t at_ms, int64_t from_ms, int64_t until_ms)
{
	return at_ms >= from_ms && (until_ms == 0 || at_ms < until_ms);
}

static inline bool
rules_has_word(const struct rules_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (rules_same(words->word[i], word))
			return true;
	return false;
}

static inline bool
rules_lists(const struct rules_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (rules_same(list->words[i], word))
			return true;
	return false;
}

/* Is the record on its way, and asked about again before it is used? */
static inline bool
rules_is_coming(const struct rules_facts *f)
{
	return f->action == RULES_COLLECT || f->action == RULES_SYNC;
}

/* Does this level of change end collection? */
static inline bool
rules_takes_away(const struct rules_consent *c)
{
	return *c->level && !rules_same(c->level, "no-further-contact");
}

/* A refusal, advice against it, or the person's own no: whatever else was said. */
static inline bool
rules_says_no(const struct rules_consent *c)
{
	return rules_same(c->event, "refused") || rules_same(c->event, "advice-against") ||
	       rules_same(c->assent, "dissent");
}

/* Is the person known to have died by then, and before this time? */
static inline bool
rules_had_died(const struct rules_facts *f, int64_t at_ms)
{
	return f->record.life.died_ms && f->record.life.died_known <= f->known_upto &&
	       at_ms >= f->record.life.died_ms;
}

/* Is there no version at this place of the list, in a study that may go without: by section 251
 * support? */
static inline bool
rules_goes_without(const struct rules_facts *f, int which)
{
	return which < 0 && rules_same(f->basis, RULES_WITHOUT);
}

/* The version at this place of the list; NULL: none. */
static inline const struct rules_consent *
rules_consent_at(const struct rules_facts *f, int which)
{
	return which < 0 ? NULL : &f->record.consents[which];
}

/* A consultee advises about somebody who cannot decide, whichever kind of consultee it is. */
static inline bool
rules_is_consultee(const struct rules_consent *c)
{
	static const char start[] = "consultee";
	return c->grantor_role && *c->grantor_role == *start &&
	       strncmp(c->grantor_role, start, sizeof(start) - 1) == 0;
}

/* A yes that follows no other; who reaffirms or changes said one before. */
static inline bool
rules_is_first_yes(const struct rules_consent *c)
{
	return rules_same(c->event, "given") || rules_same(c->event, "advice-supports");
}

#endif
