#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_keys.h"
#include "common/study/rules_shipped.h"
#include "common/trust/crypto.h"

#define ACTIONS          "collect|sync|aggregate|release|query|export"
#define SIGNATURES_COUNT 2 /* of officers: one proposes, another one puts in force */

static void
read_rule(const struct values *v, struct rules *rules, unsigned number)
{
	struct rule *r = &rules->rule[number];
	r->title = xstrdup(values_need(v, "title"));
	(void)values_need(v, "on");
	(void)values_need(v, "outcome");
	(void)values_need(v, "actions");
	r->on = values_flag(v, "on", true);
	r->outcome = values_one_of(v, "outcome", "deny|hold") ? RULES_HOLD : RULES_DENY;
	r->actions = values_bits(v, "actions", ACTIONS);
	rules_keys_read(v, number, rules);
}

/* Sites witness; a body has no way to yet. */
static void
warn_bodies(const struct rule *r, struct fault_place place, struct faults *faults)
{
	if (r->on && r->also.count)
		faults_warn(faults, place,
			"no body can countersign the log in this version: where it is asked "
			"the outcome is always %s",
			rules_outcome_word(r->outcome));
}

/* 1 to 23 for "R01" to "R23", else 0. */
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
		if (!n) {
			faults_add(faults, (struct fault_place){file, item->line, NULL},
				"there is no section [%s]", item->section);
			continue;
		}
		read_rule(&v, rules, n);
		warn_bodies(&rules->rule[n], values_place(&v, "quorum.also"), faults);
	}
}

/* `unlisted = on`: a rule without a section is asked as weir ships it. */
static void
read_unlisted(const struct values *v, struct rules *rules)
{
	OWNED(ini) struct ini *shipped = NULL;
	(void)values_need(v, "unlisted");
	if (values_one_of(v, "unlisted", "off|on") == 0)
		return;
	if (ini_load(&shipped, view_text(rules_shipped), "rules as shipped") != OK) {
		faults_add(v->faults, values_place(v, "unlisted"), "%s", err_text());
		return;
	}
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		char name[4];
		(void)snprintf(name, sizeof(name), "R%02u", n % 100);
		const struct values of = {shipped, "rules as shipped", name, v->faults};
		if (ini_find(v->ini, name, ""))
			continue;
		read_rule(&of, rules, n);
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
	read_unlisted(&v, rules);
	if (values_count(&v, "signatures", "officers", SIGNATURES_COUNT) != SIGNATURES_COUNT)
		faults_add(faults, values_place(&v, "signatures"),
			"two officers sign; any other number is not built yet in this version");
}

static void
note_asked(struct rules *r)
{
	for (unsigned n = 1; n <= RULES_MAX; n++)
		for (unsigned action = 0; r->rule[n].on && action < RULES_ACTIONS; action++)
			if (r->rule[n].actions >> action & 1)
				r->asked[action] |= RULES_BIT(n);
	r->rule[10].left_to_sheets = r->rule[9].on ? r->rule[9].actions : 0;
}

struct rules *
rules_read(struct view text, const char *file, struct faults *faults)
{
	size_t before = faults->errors;
	OWNED(ini) struct ini *ini = NULL;
	if (ini_load(&ini, text, file) != OK) {
		faults_add_said(faults, file);
		return NULL;
	}
	OWNED(rules) struct rules *rules = xcalloc(1, sizeof(*rules));
	read_head(ini, file, rules, faults);
	read_sections(ini, file, rules, faults);
	note_asked(rules);
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
	for (size_t i = 0; i < r->owned_count; i++)
		free(r->owned[i]);
	free(r->owned);
	free(r);
}
