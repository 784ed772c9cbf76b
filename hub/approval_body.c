#include "hub/approval_body.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define TIME_MAX_S (INT64_MAX / 1000)
#define COST_MAX   1000000000000

/* A text of the struct and its member. */
struct field {
	const char *key;
	size_t at;
	size_t room;
	bool needed; /* written even when it says nothing */
};

#define TEXT(name, needed)                                                                     \
	{                                                                                      \
#name, offsetof(struct approval, name), sizeof(((struct approval *)0)->name),  \
			needed                                                                 \
	}
#define COVERS(key, which)                                                                     \
	{                                                                                      \
		key, offsetof(struct approval, covers) + (which)*APPROVAL_WORDS_BYTES,         \
			APPROVAL_WORDS_BYTES, false                                            \
	}

static const struct field first_texts[] = {
	TEXT(id, true),
	TEXT(kind, true),
	TEXT(decision, true),
	TEXT(reference, true),
	TEXT(reason, true),
	TEXT(site, true),
};
static const struct field more_texts[] = {
	TEXT(issuer, false),
	TEXT(partner, false),
	TEXT(person, false),
	TEXT(flow, false),
	TEXT(supersedes, false),
	TEXT(term, false),
	TEXT(category, false),
	TEXT(evidence, false),
};
static const struct field words[] = {
	COVERS("protocols", APPROVAL_PROTOCOLS),
	COVERS("forms", APPROVAL_FORMS),
	COVERS("data", APPROVAL_DATA),
	COVERS("activities", APPROVAL_ACTIVITIES),
	COVERS("sites", APPROVAL_SITES),
	COVERS("modes", APPROVAL_MODES),
};

/* write */

static void
put_texts(struct json_out *w, const struct approval *a, const struct field *f, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = (const char *)a + f[i].at;
		if (f[i].needed || *text)
			json_put_text(w, f[i].key, text);
	}
}

static void
put_number(struct json_out *w, const char *key, int64_t n)
{
	if (n)
		json_put_int(w, key, n);
}

void
approval_body_put(struct json_out *w, const struct approval *a)
{
	put_texts(w, a, first_texts, ARRAY_LEN(first_texts));
	json_put_int(w, "from_s", a->from_s);
	json_put_int(w, "until_s", a->until_s);
	put_texts(w, a, more_texts, ARRAY_LEN(more_texts));
	put_number(w, "submitted_s", a->submitted_s);
	put_number(w, "review_due_s", a->review_due_s);
	put_number(w, "cost", a->cost);
	put_texts(w, a, words, ARRAY_LEN(words));
	if (!a->condition_count)
		return;
	json_put_array(w, "conditions");
	for (size_t i = 0; i < a->condition_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "text", a->conditions[i].text);
		json_put_text(w, "kind", a->conditions[i].kind);
		json_put_int(w, "due_s", a->conditions[i].due_s);
		json_put_close(w);
	}
	json_put_close(w);
}

/* read */

static enum err
get_text(const struct json *from, const struct field *f, struct approval *a)
{
	const char *text = "";
	if (!f->needed && !json_has(from, f->key))
		return OK;
	enum err e = json_get_text(from, f->key, f->room - 1, &text);
	if (!e)
		(void)snprintf((char *)a + f->at, f->room, "%s", text);
	return e;
}

static enum err
get_texts(const struct json *from, const struct field *f, size_t count, struct approval *a)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++)
		e = get_text(from, &f[i], a);
	return e;
}

static enum err
get_number(const struct json *from, const char *key, int64_t most, int64_t *ret)
{
	return json_has(from, key) ? json_get_int(from, key, 0, most, ret) : OK;
}

static enum err
get_condition(const struct json *from, struct approval_condition *ret)
{
	static const char *const keys[] = {"text", "kind", "due_s"};
	const char *text = "", *kind = "";
	enum err e = json_only(from, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(from, "text", sizeof(ret->text) - 1, &text);
	if (!e)
		e = json_get_text(from, "kind", sizeof(ret->kind) - 1, &kind);
	if (!e)
		e = json_get_int(from, "due_s", 0, TIME_MAX_S, &ret->due_s);
	if (e)
		return e;
	(void)snprintf(ret->text, sizeof(ret->text), "%s", text);
	(void)snprintf(ret->kind, sizeof(ret->kind), "%s", kind);
	return OK;
}

static enum err
get_conditions(const struct json *body, struct approval *a)
{
	const struct json *list, *one;
	if (!json_has(body, "conditions"))
		return OK;
	enum err e = json_get_array(body, "conditions", APPROVAL_CONDITIONS_MAX, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "conditions", &one);
		if (!e)
			e = get_condition(one, &a->conditions[i]);
		if (!e)
			a->condition_count = i + 1;
	}
	return e;
}

enum err
approval_body_get(const struct json *body, struct approval *ret)
{
	enum err e = get_texts(body, first_texts, ARRAY_LEN(first_texts), ret);
	if (!e)
		e = json_get_int(body, "from_s", 1, TIME_MAX_S, &ret->from_s);
	if (!e)
		e = json_get_int(body, "until_s", 0, TIME_MAX_S, &ret->until_s);
	if (!e)
		e = get_texts(body, more_texts, ARRAY_LEN(more_texts), ret);
	if (!e)
		e = get_number(body, "submitted_s", TIME_MAX_S, &ret->submitted_s);
	if (!e)
		e = get_number(body, "review_due_s", TIME_MAX_S, &ret->review_due_s);
	if (!e)
		e = get_number(body, "cost", COST_MAX, &ret->cost);
	if (!e)
		e = get_texts(body, words, ARRAY_LEN(words), ret);
	return e ? e : get_conditions(body, ret);
}

enum err
approval_body_only(const struct json *body)
{
	const char *keys[ARRAY_LEN(first_texts) + ARRAY_LEN(more_texts) + ARRAY_LEN(words) +
			 6] = {
		"from_s", "until_s", "submitted_s", "review_due_s", "cost", "conditions"};
	size_t count = 6;
	for (size_t i = 0; i < ARRAY_LEN(first_texts); i++)
		keys[count++] = first_texts[i].key;
	for (size_t i = 0; i < ARRAY_LEN(more_texts); i++)
		keys[count++] = more_texts[i].key;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		keys[count++] = words[i].key;
	return json_only(body, keys, count);
}

/* check */

static bool
is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static bool
is_name_or_nothing(const char *text)
{
	return !*text || text_is_name(text, ROW_ID_BYTES - 1);
}

static enum err
check_decision(const struct approval *a)
{
	static const char *const decisions[] = {"favourable", "favourable-with-conditions",
		"provisional", "unfavourable", "confirmed", "not-required", "withdrawn",
		"suspended"};
	if (!text_is_name(a->kind, sizeof(a->kind) - 1) ||
		!is_one_of(a->decision, decisions, ARRAY_LEN(decisions)))
		return fail(
			E_FORMAT, "approval %s: kind or decision is not of its form", a->id);
	if (strcmp(a->decision, "not-required") == 0 && !a->reason[0])
		return fail(E_FORMAT, "approval %s: \"not-required\" needs a reason", a->id);
	return OK;
}

/* Of a change of the study: by the terms since 2026 and those before, and by the categories
 * that say which sites of the NHS have to confirm again. */
static enum err
check_modification(const struct approval *a)
{
	static const char *const terms[] = {
		"substantial", "important-detail", "minor", "non-substantial"};
	static const char *const categories[] = {"", "a", "b", "c"};
	bool is_one = strcmp(a->kind, "modification") == 0;
	if (is_one && !is_one_of(a->term, terms, ARRAY_LEN(terms)))
		return fail(E_FORMAT,
			"approval %s: a modification is substantial, important-detail, minor "
			"or "
			"non-substantial",
			a->id);
	if (!is_one && (a->term[0] || a->category[0]))
		return fail(E_FORMAT,
			"approval %s: only a modification has a term and a "
			"category",
			a->id);
	if (!is_one_of(a->category, categories, ARRAY_LEN(categories)))
		return fail(E_FORMAT, "approval %s: the category is a, b or c", a->id);
	if (is_one && !a->covers[APPROVAL_FORMS][0])
		return fail(E_FORMAT,
			"approval %s: a modification names the forms it brings, as "
			"FORM@VERSION",
			a->id);
	return OK;
}

static enum err
check_names(const struct approval *a)
{
	uint8_t hash[HASH_BYTES];
	if (!is_name_or_nothing(a->partner) || !is_name_or_nothing(a->person) ||
		!is_name_or_nothing(a->flow) || !is_name_or_nothing(a->supersedes))
		return fail(E_FORMAT, "approval %s: an id in it is not of its form", a->id);
	if (a->partner[0] && !a->site[0])
		return fail(E_FORMAT, "approval %s: a partner is one of a site: name the site",
			a->id);
	if (a->evidence[0] && !text_unhex(hash, sizeof(hash), a->evidence))
		return fail(E_FORMAT, "approval %s: the evidence is no SHA-256 in hex", a->id);
	return OK;
}

static enum err
check_conditions(const struct approval *a)
{
	for (size_t i = 0; i < a->condition_count; i++)
		if (!a->conditions[i].text[0])
			return fail(E_FORMAT, "approval %s: a condition says nothing", a->id);
	if (strcmp(a->decision, "favourable-with-conditions") == 0 && a->condition_count == 0)
		return fail(E_FORMAT, "approval %s: the conditions are not named", a->id);
	return OK;
}

enum err
approval_body_check(const struct approval *a)
{
	if (!text_is_name(a->id, sizeof(a->id) - 1))
		return fail(E_FORMAT, "approval: the id is not of its form");
	enum err e = check_decision(a);
	if (!e && a->until_s && a->until_s <= a->from_s)
		e = fail(E_FORMAT, "approval %s ends before it begins", a->id);
	if (!e && a->submitted_s > a->from_s)
		e = fail(E_FORMAT, "approval %s was decided before it was asked for", a->id);
	if (!e)
		e = check_modification(a);
	if (!e)
		e = check_names(a);
	return e ? e : check_conditions(a);
}
