#include "hub/brought.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack_rollout.h"

#define MS_PER_S 1000

/* forms */

static bool
is_same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static const struct form *
form_of(const struct versions_manifest *m, const char *id)
{
	return m->pack ? pack_form(m->pack, id) : NULL;
}

static const char *
keep(struct brought *b, const char *text)
{
	b->owned = xrealloc(b->owned, b->owned_count + 1, sizeof(*b->owned));
	return b->owned[b->owned_count++] = xstrdup(text);
}

static bool
is_listed(const struct brought *b, const struct form *f)
{
	for (size_t i = 0; i < b->form_count; i++)
		if (strcmp(b->forms[i].form, f->id) == 0 &&
			strcmp(b->forms[i].version, f->version) == 0)
			return true;
	return false;
}

/* Did a manifest before this one bring the form, and in this version? One that cannot be read
 * may have had it in another: then this version waits for its change, too. */
static void
look_back(const struct versions *v, size_t before, const struct form *f, bool *ret_form,
	bool *ret_version)
{
	*ret_form = *ret_version = false;
	for (size_t i = 0; i < before && !*ret_version; i++) {
		const struct versions_manifest m = versions_manifest(v, i);
		const struct form *then = form_of(&m, f->id);
		*ret_form = *ret_form || then || !m.pack;
		*ret_version = then && strcmp(then->version, f->version) == 0;
	}
}

static void
add_forms(struct brought *b, const struct versions *v, size_t which)
{
	const struct versions_manifest m = versions_manifest(v, which);
	for (size_t i = 0; m.pack && i < m.pack->form_count; i++) {
		const struct form *f = m.pack->forms[i];
		bool has_form, has_version;
		look_back(v, which, f, &has_form, &has_version);
		const bool is_new = has_form && !has_version;
		if (is_listed(b, f) || !(is_new || pack_waits_for_amendment(m.pack, f)))
			continue;
		b->forms = xrealloc(b->forms, b->form_count + 1, sizeof(*b->forms));
		b->forms[b->form_count++] =
			(struct approval_form){keep(b, f->id), keep(b, f->version), m.leaf};
	}
}

/* protocols */

static void
add_protocol(struct brought *b, const struct versions_manifest *m)
{
	const char *version = m->pack ? m->pack->protocol : NULL;
	const size_t n = b->protocol_count;
	const char *before = n ? b->protocols[n - 1].version : NULL;
	if (n && (is_same_text(before, version) || before == version))
		return;
	b->protocols = xrealloc(b->protocols, n + 1, sizeof(*b->protocols));
	b->protocols[b->protocol_count++] = (struct rules_protocol){
		version ? keep(b, version) : NULL, n ? m->in_force_s * MS_PER_S : 0, m->leaf};
}

/* all */

/* A turn that was given up takes back the manifest that it brought. */
static bool
goes_on(const struct brought *b, const struct versions *v, size_t count)
{
	if (b->manifest_count == 0)
		return true;
	if (b->manifest_count > count)
		return false;
	const struct versions_manifest m = versions_manifest(v, b->manifest_count - 1);
	return m.leaf == b->last.leaf && m.in_force_s == b->last.in_force_s;
}

bool
brought_read(struct brought *b, const struct versions *v)
{
	const size_t count = v ? versions_manifests(v) : 0;
	const bool is_new = !goes_on(b, v, count);
	if (is_new)
		brought_done(b);
	const size_t before = b->manifest_count;
	for (; b->manifest_count < count; b->manifest_count++) {
		b->last = versions_manifest(v, b->manifest_count);
		add_forms(b, v, b->manifest_count);
		add_protocol(b, &b->last);
	}
	return is_new || count != before;
}

void
brought_done(struct brought *b)
{
	for (size_t i = 0; i < b->owned_count; i++)
		mem_drop(&b->owned[i]);
	mem_drop(&b->owned);
	mem_drop(&b->forms);
	mem_drop(&b->protocols);
	*b = (struct brought){.manifest_count = 0};
}
