#include "hub/belonging.h"

#include <string.h>

#include "common/study/counts.h"
#include "common/study/pack.h"

#include "hub/versions.h"

static const struct form counts_form = {.per_site = true};

static bool
is_correction(const struct wire_rules *r)
{
	return !wire_is_zero(r->refers_to, sizeof(r->refers_to));
}

/* What the pack in force cannot say. */
static enum err
look_back(const struct hub *h, struct vault_txn *t, const char *site,
	const struct wire_rules *r, struct belonging *b)
{
	struct versions *v = h->versions;
	enum err e = v ? versions_read(v, t) : OK;
	if (e)
		return e;
	if (!b->form && v) {
		b->form = versions_form(v, r->form, r->form_version);
		b->is_at_site = versions_at_site(v, r->form, r->form_version, site);
	}
	bool has_form = pack_form(h->pack, r->form) || (v && versions_has(v, r->form));
	if (!b->form)
		b->unknown = has_form ? JUDGE_NO_VERSION : JUDGE_NO_FORM;
	b->is_closed = v && !is_correction(r) && r->captured_s >= versions_closed_s(v, r->form);
	return OK;
}

enum err
belonging_find(const struct hub *h, struct vault_txn *t, const char *site,
	const struct wire_rules *r, struct belonging *ret)
{
	const struct pack *pack = h->pack;
	const struct form *f = pack_form(pack, r->form);
	*ret = (struct belonging){.form = &counts_form, .is_at_site = true};
	if (!f && strcmp(r->form, COUNTS_FORM) == 0)
		return OK;
	bool is_in_force = f && strcmp(f->version, r->form_version) == 0;
	ret->form = is_in_force ? f : NULL;
	ret->is_at_site = is_in_force && pack_form_at(pack, f, site);
	if (is_in_force && !pack_form_closed(pack, f))
		return OK;
	return look_back(h, t, site, r, ret);
}
