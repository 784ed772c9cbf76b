#include "hub/lease.h"

#include <string.h>

#include "common/base/mem.h"

#include "hub/leaving.h"

#define MS_PER_S 1000
/* Two clocks that are set by the network differ by less. */
#define AHEAD_MAX_S 300

int64_t
lease_word_s(const struct writer *w, const struct standing *s)
{
	return w->revoked_s ? 0 : MAX(w->admitted_s, s->consent_s);
}

bool
lease_holds(int64_t word_s, int64_t now_s, int64_t within_ms)
{
	return !within_ms ||
	       (word_s <= now_s + AHEAD_MAX_S && now_s - word_s <= within_ms / MS_PER_S);
}

/* sites */

struct looking {
	struct vault_txn *txn;
	int64_t now_s, within_ms;
	struct cohort *cohort;
	bool *has_word; /* by place of the site: one of its nodes is not revoked */
};

static enum err
see_writer(void *arg, const struct writer *w)
{
	struct looking *l = arg;
	struct standing s;
	size_t i = 0;
	while (i < l->cohort->site_count && strcmp(l->cohort->sites[i].id, w->site) != 0)
		i++;
	if (i == l->cohort->site_count || w->revoked_s)
		return OK;
	enum err e = standing_get(l->txn, w->public, &s);
	l->has_word[i] = true;
	if (!e && l->cohort->sites[i].state == SITE_TAKES_PART &&
		!lease_holds(lease_word_s(w, &s), l->now_s, l->within_ms))
		l->cohort->sites[i].state = SITE_LATE;
	return e;
}

static void
see_leavings(const struct leavings *all, const struct looking *l)
{
	for (size_t i = 0; i < l->cohort->site_count; i++) {
		struct cohort_site *site = &l->cohort->sites[i];
		const struct leaving *left = leaving_of(all, site->id, UINT64_MAX);
		const bool is_kept = left && left->data == LEAVING_KEEP;
		if (site->state == SITE_TAKES_PART && !l->has_word[i] && !is_kept)
			site->state = SITE_LATE;
	}
}

enum err
lease_sites(struct vault_txn *t, const struct pack *pack, int64_t now_s, struct cohort *c)
{
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	OWNED_MEM bool *has_word = xcalloc(MAX(c->site_count, (size_t)1), sizeof(*has_word));
	struct looking l = {t, now_s, pack->done_within_ms, c, has_word};
	if (!pack->done_within_ms)
		return OK;
	enum err e = writer_each(t, see_writer, &l);
	if (!e)
		e = leavings_read(&all, t);
	if (!e)
		see_leavings(&all, &l);
	return e;
}
