/* rules_words - the smallest questions of the judges, in place because they are asked most. */
#ifndef WEIR_RULES_WORDS_H
#define WEIR_RULES_WORDS_H

#include <string.h>

#include "common/study/rules_set.h"

/* NULL is no word, and not the same as another. Shared copies (rules_code.h) are the same at
 * once; of the others the first two letters tell most apart. */
static inline bool
rules_same(const char *a, const char *b)
{
	if (a == b)
		return a != NULL;
	if (!a || !b || *a != *b)
		return false;
	return !*a || (a[1] == b[1] && strcmp(a, b) == 0);
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

/* The version at this place of the list; NULL: none. */
static inline const struct rules_consent *
rules_consent_at(const struct rules_facts *f, int which)
{
	return which < 0 ? NULL : &f->record.consents[which];
}

#endif
