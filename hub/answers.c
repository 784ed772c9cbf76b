#include "hub/answers.h"

#include <string.h>

#include "common/codec/json.h"

#include "hub/export_fhir.h"
#include "hub/facts.h"
#include "hub/holdacts.h"
#include "hub/release.h"
#include "hub/siteacts.h"
#include "hub/status.h"
#include "hub/trial.h"
#include "hub/why.h"

#define ARGS_MAX_BYTES 65536

/* the consents of people, under an act that says so */
static enum err
answer_fhir(struct answer *a)
{
	return export_fhir_page(a->from->hub, a->args, &a->out);
}

static enum err
answer_try(struct answer *a)
{
	return trial_answer(&a->out, a->from->hub, a->txn, a->args);
}

static enum err
answer_hold(struct answer *a)
{
	return holdacts_answer(a->from->hub, a->args, &a->out);
}

static enum err
answer_lineage(struct answer *a)
{
	return siteacts_lineage(a->from->hub, &a->out);
}

static enum err
answer_sites(struct answer *a)
{
	return siteacts_sites(a->from->hub, a->args, &a->out);
}

/* the table */

static const struct {
	const char *question;
	enum err (*answer)(struct answer *a);
} questions[] = {
	{"status", status_answer},
	{"why", why_answer},
	{"hold", answer_hold},
	{"rules-try", answer_try},
	{"lineage", answer_lineage},
	{"sites", answer_sites},
	{"fhir", answer_fhir},
};

enum err
answers_give(const struct answers *a, const char *question, struct view args, struct buf *reply)
{
	OWNED(json) struct json *tree = NULL;
	struct answer asked = {.from = a};
	enum err e = hub_txn_reserve(a->hub, &asked.txn);
	if (!e)
		e = json_parse(&tree, args, ARGS_MAX_BYTES);
	if (e)
		return e;
	asked.args = tree;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		if (strcmp(questions[i].question, question) != 0)
			continue;
		json_begin(&asked.out, reply);
		e = questions[i].answer(&asked);
		return e ? e : json_end(&asked.out, question);
	}
	return release_is_question(question) ? release_answer(a->hub, question, args, reply)
					     : facts_answer(a->hub, question, tree, reply);
}
