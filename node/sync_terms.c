#include "node/sync_terms.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"

#include "node/putback.h"

#define META_TERMS "terms"

struct sync_terms {
	struct vault *vault;
	struct terms *now;
	struct terms *next; /* put into this turn's transaction */
};

/* make, free */

static enum err
read_row(struct sync_terms *t)
{
	struct view row, body;
	enum err e = vault_get(t->vault, VAULT_META, view_text(META_TERMS), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	body = cursor_blob(&c);
	e = terms_read(&t->now, body);
	if (e == E_FORMAT) {
		log_warn("sync", "%s: they are asked of the hub again", err_text());
		e = OK;
	}
	return e;
}

enum err
sync_terms_open(struct sync_terms **ret, struct vault *v)
{
	OWNED(sync_terms) struct sync_terms *t = xcalloc(1, sizeof(*t));
	*ret = NULL;
	t->vault = v;
	enum err e = read_row(t);
	if (!e)
		*ret = take(t);
	return e;
}

void
sync_terms_free(struct sync_terms *t)
{
	if (!t)
		return;
	terms_free(t->now);
	terms_free(t->next);
	mem_drop(&t);
}

/* use */

const struct terms *
sync_terms_now(const struct sync_terms *t)
{
	return t->now;
}

static uint64_t
number_of(const struct sync_terms *t)
{
	if (t->next)
		return t->next->number;
	return t->now ? t->now->number : 0;
}

enum err
sync_terms_take(
	struct sync_terms *t, const struct sync_terms_for *whose, struct view signed_terms)
{
	OWNED(terms) struct terms *came = NULL;
	enum err e = terms_open(&came, signed_terms, whose->receipt_public);
	if (e)
		return e;
	if (strcmp(came->study, whose->study) != 0 || strcmp(came->site, whose->site) != 0)
		return fail(E_DENIED, "terms came that are for another study or site");
	e = putback_hear(t->vault);
	if (e || came->number <= number_of(t))
		return e;
	e = vault_put(t->vault, VAULT_META, view_text(META_TERMS), signed_terms);
	if (e)
		return e;
	terms_free(t->next);
	t->next = take(came);
	return OK;
}

void
sync_terms_committed(struct sync_terms *t)
{
	if (!t->next)
		return;
	terms_free(t->now);
	t->now = take(t->next);
}

void
sync_terms_dropped(struct sync_terms *t)
{
	terms_free(take(t->next));
}
