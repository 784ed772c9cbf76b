#include "hub/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/pack.h"

#define FILE_NAME      "rules.ini"
#define FILE_MAX_BYTES 60000
#define OUTCOMES       3
#define MS_PER_S       1000

enum err
trial_purpose(const char *purpose, struct judge_ask *ret)
{
	static const struct {
		const char *word;
		enum rules_use use;
	} uses[] = {{"site", RULES_USE_SITE}, {"pooled", RULES_USE_POOLED},
		{"quote", RULES_USE_QUOTE}, {"link", RULES_USE_LINK},
		{"share", RULES_USE_SHARE}};
	*ret = (struct judge_ask){.action = RULES_AGGREGATE,
		.true_at_ms = clock_wall_ms(),
		.known_upto = UINT64_MAX};
	if (strcmp(purpose, "") == 0 || strcmp(purpose, "collect") == 0) {
		ret->action = RULES_COLLECT;
		return OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(uses); i++)
		if (strcmp(uses[i].word, purpose) == 0) {
			ret->use = uses[i].use;
			return OK;
		}
	return fail(E_FORMAT, "the purpose is collect, site, pooled, quote, link or share");
}

/* What was counted under one file. */
struct tried {
	uint64_t outcomes[OUTCOMES];
	uint64_t fired[RULES_MAX + 1];
};

struct trial {
	struct json_out *w;
	struct vault_txn *txn;
	struct judge *judge;
	const struct rules *changed;
	struct judge_ask ask;
	int64_t names_left;
	struct tried now, then;
};

static void
count(struct tried *to, const struct verdict *v)
{
	to->outcomes[v->outcome]++;
	for (size_t i = 0; i < v->fired_count; i++) {
		const char *rule = v->fired[i].rule;
		const long number = *rule ? strtol(rule + 1, NULL, 10) : 0;
		if (v->fired[i].outcome != RULES_PERMIT && number > 0 && number <= RULES_MAX)
			to->fired[number]++;
	}
}

/* What speaks for the worse of the two. */
static const char *
reason_of(const struct judged *j)
{
	for (size_t i = 0; i < j->verdict.fired_count; i++)
		if (j->verdict.fired[i].outcome == j->verdict.outcome)
			return j->verdict.fired[i].reason;
	return j->reason;
}

static void
name_change(struct trial *t, const struct place *p, const struct judged *now,
	const struct judged *then)
{
	char name[PLACE_NAME_BYTES];
	if (now->verdict.outcome == then->verdict.outcome || t->names_left-- <= 0)
		return;
	place_name(name, p);
	json_put_object(t->w, NULL);
	json_put_text(t->w, "entry", name);
	json_put_text(t->w, "now", rules_outcome_word(now->verdict.outcome));
	json_put_text(t->w, "then", rules_outcome_word(then->verdict.outcome));
	json_put_text(t->w, "reason",
		reason_of(then->verdict.outcome < now->verdict.outcome ? then : now));
	json_put_close(t->w);
}

static enum err
try_record(struct trial *t, uint32_t ordinal)
{
	struct judge_ask ask = t->ask;
	struct record r;
	struct judged now, then;
	enum err e = record_get(t->txn, ordinal, &r);
	if (!e && ask.action == RULES_COLLECT) {
		ask.true_at_ms = r.stored.at_s * MS_PER_S;
		ask.known_upto = r.stored.leaf;
	}
	if (!e)
		e = judge_kept(t->judge, &r, &ask, &now);
	ask.rules = t->changed;
	if (!e)
		e = judge_kept(t->judge, &r, &ask, &then);
	if (e)
		return e;
	count(&t->now, &now.verdict);
	count(&t->then, &then.verdict);
	name_change(t, &r.place, &now, &then);
	return OK;
}

static void
put_counts(struct json_out *w, const char *key, const struct tried *t)
{
	json_put_object(w, key);
	for (int i = RULES_PERMIT; i >= RULES_DENY; i--)
		json_put_int(
			w, rules_outcome_word((enum rules_outcome)i), (int64_t)t->outcomes[i]);
	json_put_close(w);
}

static void
put_rules(const struct trial *t)
{
	json_put_array(t->w, "rules");
	for (unsigned i = 1; i <= RULES_MAX; i++) {
		char rule[8];
		if (!t->now.fired[i] && !t->then.fired[i])
			continue;
		(void)snprintf(rule, sizeof(rule), "R%02u", i);
		json_put_object(t->w, NULL);
		json_put_text(t->w, "rule", rule);
		json_put_int(t->w, "now", (int64_t)t->now.fired[i]);
		json_put_int(t->w, "then", (int64_t)t->then.fired[i]);
		json_put_close(t->w);
	}
	json_put_close(t->w);
}

static enum err
try_records(struct trial *t, int64_t from, int64_t count_asked)
{
	uint32_t records = 0;
	enum err e = record_count(t->txn, &records);
	const int64_t end = MIN(from + count_asked, (int64_t)records);
	json_put_object(t->w, NULL);
	json_put_array(t->w, "changes");
	for (int64_t i = from; !e && i < end; i++)
		e = try_record(t, (uint32_t)i);
	json_put_close(t->w);
	json_put_int(t->w, "records", records);
	json_put_int(t->w, "next", end < (int64_t)records ? end : 0);
	json_put_int(t->w, "version", rules_version(t->changed));
	put_counts(t->w, "now", &t->now);
	put_counts(t->w, "then", &t->then);
	put_rules(t);
	json_put_close(t->w);
	return e;
}

static enum err
parse(struct rules **ret, const char *text)
{
	OWNED(faults) struct faults *faults = faults_new();
	*ret = rules_read(view_text(text), FILE_NAME, faults);
	enum err e = faults_check(faults);
	return e || *ret ? e : fail(E_FORMAT, "these are no rules");
}

enum err
trial_answer(struct json_out *w, struct hub *h, struct vault_txn *t, const struct json *args)
{
	OWNED(rules) struct rules *changed = NULL;
	OWNED(judge) struct judge *judge = NULL;
	struct trial trial = {.w = w, .txn = t};
	const char *text = "", *purpose = "";
	int64_t from = 0, asked = 0;
	if (!h->pack)
		return fail(E_NOTFOUND, "no study is in force");
	enum err e = json_get_text(args, "rules", FILE_MAX_BYTES, &text);
	if (!e)
		e = json_get_text(args, "purpose", 32, &purpose);
	if (!e)
		e = json_get_int(args, "from", 0, UINT32_MAX, &from);
	if (!e)
		e = json_get_int(args, "count", 1, TRIAL_MAX_COUNT, &asked);
	if (!e)
		e = json_get_int(args, "names", 0, TRIAL_MAX_NAMES, &trial.names_left);
	if (!e)
		e = trial_purpose(purpose, &trial.ask);
	if (!e)
		e = parse(&changed, text);
	if (!e)
		e = judge_new(&judge, h, t);
	trial.judge = judge;
	trial.changed = changed;
	return e ? e : try_records(&trial, from, asked);
}
