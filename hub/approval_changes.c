#include "hub/approval_facts_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_code.h"

#define MS_PER_S          1000
#define MODIFICATION_KIND "modification"

static void
add_modification(struct approval_facts *f, const struct rules_modification *m)
{
	f->modifications = xrealloc(
		f->modifications, f->modification_count + 1, sizeof(*f->modifications));
	f->modifications[f->modification_count++] = *m;
}

/* Has this site a word of its own on the form that the change brings? */
static bool
has_site_word(const struct approval_making *m, const char *site, const char *form)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct approval *a = &m->rows[i];
		if (strcmp(a->kind, MODIFICATION_KIND) != 0 || strcmp(a->site, site) != 0 ||
			!approval_is_seen(m, a))
			continue;
		struct rules_list forms = approval_list(m->to, a->covers[APPROVAL_FORMS]);
		for (size_t k = 0; k < forms.count; k++)
			if (strcmp(forms.words[k], form) == 0)
				return true;
	}
	return false;
}

static bool
has_to_confirm(const struct approval *a, const struct rules_list *named,
	const struct approval_site *site)
{
	if (a->category[0] == 'a')
		return site->is_nhs;
	for (size_t i = 0; a->category[0] == 'b' && i < named->count; i++)
		if (strcmp(named->words[i], site->id) == 0)
			return true;
	return false;
}

/* Sites that have to confirm again and have not: as a change that they have not agreed to. */
static void
add_waiting_sites(const struct approval_making *m, const struct approval *a, const char *word,
	const struct rules_modification *change)
{
	const struct rules_list named = approval_list(m->to, a->covers[APPROVAL_SITES]);
	for (size_t i = 0; i < m->study->site_count; i++) {
		const struct approval_site *site = &m->study->sites[i];
		if (!has_to_confirm(a, &named, site) || has_site_word(m, site->id, word))
			continue;
		struct rules_modification waits = *change;
		waits.term = "substantial";
		waits.site = site->id;
		waits.decision = "";
		add_modification(m->to, &waits);
	}
}

static void
add_modifications(const struct approval_making *m, const struct approval *a)
{
	const struct rules_list forms = approval_list(m->to, a->covers[APPROVAL_FORMS]);
	for (size_t i = 0; i < forms.count; i++) {
		char *form = approval_keep(m->to, xstrdup(forms.words[i])),
		     *version = strchr(form, '@');
		if (!version)
			continue;
		*version++ = '\0';
		const struct rules_modification change = {.term = rules_code(a->term),
			.form = form,
			.form_version = version,
			.site = a->site,
			.decision = rules_code(a->decision),
			.from_ms = a->from_s * MS_PER_S,
			.until_ms = approval_end_s(m, a) * MS_PER_S,
			.known = a->verified_leaf};
		add_modification(m->to, &change);
		if (!a->site[0])
			add_waiting_sites(m, a, forms.words[i], &change);
	}
}

/* Does this paper of the whole study bring the version, or was it given to it by name? */
static bool
speaks_of(const struct approval_making *m, const struct approval *a, const char *version)
{
	if (!approval_is_seen(m, a) || a->site[0] || a->partner[0] || a->person[0] ||
		(!approval_is_opinion(a) && strcmp(a->kind, MODIFICATION_KIND) != 0))
		return false;
	const struct rules_list forms = approval_list(m->to, a->covers[APPROVAL_FORMS]);
	for (size_t i = 0; i < forms.count; i++)
		if (strcmp(forms.words[i], version) == 0)
			return true;
	return false;
}

/* Versions that came without a paper: as a change that nobody agreed to. */
static void
add_unspoken(const struct approval_making *m)
{
	for (size_t i = 0; i < m->study->form_count; i++) {
		const struct approval_form *one = &m->study->forms[i];
		OWNED_MEM char *version = xasprintf("%s@%s", one->form, one->version);
		bool is_spoken = one->known > m->known_upto;
		for (size_t k = 0; k < m->count && !is_spoken; k++)
			is_spoken = speaks_of(m, &m->rows[k], version);
		const struct rules_modification waits = {.term = "substantial",
			.form = one->form,
			.form_version = one->version,
			.site = "",
			.decision = "",
			.known = one->known};
		if (!is_spoken)
			add_modification(m->to, &waits);
	}
}

void
approval_changes_add(const struct approval_making *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct approval *a = &m->rows[i];
		if (approval_is_seen(m, a) && !a->person[0] &&
			strcmp(a->kind, MODIFICATION_KIND) == 0)
			add_modifications(m, a);
	}
	add_unspoken(m);
}
