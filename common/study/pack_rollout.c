#include "common/study/pack_rollout.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/formcheck.h"
#include "common/study/pack_own.h"

#define FILE_NAME "study.ini"

/* Only a consent form can ask to be agreed to anew. */
static const char *
read_reconsent(const struct values *v, const struct form *f)
{
	static const char *const words[] = {
		"none", "next-contact", "before-collection", "before-use"};
	if (!*values_text(v, "reconsent"))
		return "";
	if (!formcheck_is_consent(f))
		faults_add(v->faults, values_place(v, "reconsent"),
			"only a form with permissions can ask to be agreed to anew");
	return words[values_one_of(
		v, "reconsent", "none|next-contact|before-collection|before-use")];
}

void
pack_rollout_read(struct pack *p, const struct values *v, const struct form *f)
{
	struct pack_private *own = p->own;
	own->rollouts = xrealloc(own->rollouts, own->rollout_count + 1, sizeof(*own->rollouts));
	own->rollouts[own->rollout_count++] = (struct pack_rollout){.form = f,
		.sites = xstrdup(values_text(v, "sites")),
		.eligible = xstrdup(values_text(v, "eligible")),
		.closed = values_one_of(v, "state", "open|closed") == 1,
		.reconsent = read_reconsent(v, f),
		.flow = xstrdup(values_text(v, "flow")),
		.is_second = strcmp(values_text(v, "phase"), "2") == 0};
	const char *flow = own->rollouts[own->rollout_count - 1].flow;
	if (*flow && !text_is_name(flow, FORM_MAX_NAME_BYTES))
		faults_add(v->faults, values_place(v, "flow"),
			"a flow is a word of a-z, 0-9, '_', '-'");
}

void
pack_rollout_check(const struct pack *p, struct faults *faults)
{
	for (size_t i = 0; i < p->own->rollout_count; i++) {
		const struct pack_rollout *r = &p->own->rollouts[i];
		const char *at = r->sites;
		char site[VALUES_WORD_BYTES];
		while (values_next(&at, site))
			if (!pack_site(p, site))
				faults_add(faults, (struct fault_place){FILE_NAME, 0, "sites"},
					"[form.%s] names the site '%s', which sites.csv does "
					"not",
					r->form->id, site);
	}
}

void
pack_rollout_done(struct pack_private *own)
{
	for (size_t i = 0; i < own->rollout_count; i++) {
		free(own->rollouts[i].sites);
		free(own->rollouts[i].eligible);
		free(own->rollouts[i].flow);
	}
	free(own->rollouts);
}

static const struct pack_rollout *
rollout_of(const struct pack *p, const struct form *f)
{
	for (size_t i = 0; i < p->own->rollout_count; i++)
		if (p->own->rollouts[i].form == f)
			return &p->own->rollouts[i];
	return NULL;
}

bool
pack_form_at(const struct pack *p, const struct form *f, const char *site)
{
	const struct pack_rollout *r = rollout_of(p, f);
	const char *at = r ? r->sites : "";
	char word[VALUES_WORD_BYTES];
	bool any = false;
	while (values_next(&at, word)) {
		any = true;
		if (strcmp(word, site) == 0)
			return true;
	}
	return !any;
}

bool
pack_form_closed(const struct pack *p, const struct form *f)
{
	const struct pack_rollout *r = rollout_of(p, f);
	return r && r->closed;
}

const char *
pack_reconsent(const struct pack *p, const struct form *f)
{
	const struct pack_rollout *r = rollout_of(p, f);
	return r ? r->reconsent : "";
}

const char *
pack_flow(const struct pack *p, const char *form)
{
	const struct form *f = pack_form(p, form);
	const struct pack_rollout *r = f ? rollout_of(p, f) : NULL;
	return r ? r->flow : "";
}

bool
pack_has_flow(const struct pack *p, const char *flow)
{
	for (size_t i = 0; i < p->own->rollout_count; i++)
		if (strcmp(p->own->rollouts[i].flow, flow) == 0)
			return true;
	return false;
}

bool
pack_waits_for_amendment(const struct pack *p, const struct form *f)
{
	const struct pack_rollout *r = rollout_of(p, f);
	return p->own->list_is_amended && r && r->is_second;
}
