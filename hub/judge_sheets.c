#include "hub/judge_sheets.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/formcheck.h"

#define MS_PER_S 1000

/* The version of a form that came last. */
static const struct rules_sheet *
newest(const struct judge_sheets *s, const char *form)
{
	for (size_t i = s->count; i > 0; i--)
		if (strcmp(s->at[i - 1].form, form) == 0)
			return &s->at[i - 1];
	return NULL;
}

static bool
was_there(const struct judge_sheets *s, const struct form *f)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->at[i].form, f->id) == 0 &&
			strcmp(s->at[i].version, f->version) == 0)
			return true;
	return false;
}

static void
add_form(struct judge_sheets *s, const struct versions_manifest *m, const struct form *f)
{
	if (!formcheck_is_consent(f) || !pack_form_at(m->pack, f, s->site) || was_there(s, f))
		return;
	const struct rules_sheet *before = newest(s, f->id);
	const struct rules_sheet sheet = {.form = f->id,
		.version = f->version,
		.supersedes = before ? before->version : "",
		.reconsent = pack_reconsent(m->pack, f),
		.from_ms = before ? m->in_force_s * MS_PER_S : 0,
		.known = m->leaf};
	s->at = xrealloc(s->at, s->count + 1, sizeof(*s->at));
	s->at[s->count++] = sheet;
}

void
judge_sheets_read(struct judge_sheets *s, const struct versions *v, const char *site)
{
	if (s->is_read && strcmp(s->site, site) == 0)
		return;
	judge_sheets_done(s);
	s->is_read = true;
	(void)snprintf(s->site, sizeof(s->site), "%s", site);
	for (size_t i = 0; v && i < versions_manifests(v); i++) {
		const struct versions_manifest m = versions_manifest(v, i);
		for (size_t k = 0; m.pack && k < m.pack->form_count; k++)
			add_form(s, &m, m.pack->forms[k]);
	}
}

void
judge_sheets_done(struct judge_sheets *s)
{
	mem_drop(&s->at);
	*s = (struct judge_sheets){.count = 0};
}
