#include "node/sync_terms.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"

#include "node/hubclock.h"
#include "node/putback.h"

#define META_TERMS  "terms"
#define META_UNTIL  "terms-until"
#define UNTIL_BYTES 16
#define MS_PER_S    1000

/* The last day of a version. */
struct until {
	uint64_t manifest; /* 0: none */
	int64_t s;
};

struct sync_terms {
	struct vault *vault;
	struct terms *now;
	struct terms *next; /* put into this turn's transaction */
	struct until before, next_before;
	int64_t refused_s;
	struct hubclock clock;
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

static enum err
read_until(struct sync_terms *t)
{
	struct view row;
	enum err e = vault_get(t->vault, VAULT_META, view_text(META_UNTIL), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	const struct until u = {.manifest = cursor_u64(&c), .s = (int64_t)cursor_u64(&c)};
	if (!c.broken)
		t->before = u;
	return OK;
}

enum err
sync_terms_open(struct sync_terms **ret, struct vault *v)
{
	OWNED(sync_terms) struct sync_terms *t = xcalloc(1, sizeof(*t));
	*ret = NULL;
	t->vault = v;
	enum err e = read_row(t);
	if (!e)
		e = read_until(t);
	if (!e)
		e = hubclock_open(&t->clock, v);
	t->next_before = t->before;
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

int64_t
sync_terms_until_s(const struct sync_terms *t, uint64_t in_force)
{
	if (!t->now)
		return 0;
	return t->now->manifest_number > in_force && t->before.manifest == in_force
		       ? t->before.s
		       : t->now->until_s;
}

int64_t
sync_terms_over_s(struct sync_terms *t, uint64_t in_force)
{
	const struct hubclock_here here = hubclock_here();
	const int64_t until_s = sync_terms_until_s(t, in_force);
	return until_s <= hubclock_now_s(&t->clock, &here) ? until_s : 0;
}

void
sync_terms_heard(struct sync_terms *t, int64_t hub_ms)
{
	const struct hubclock_here here = hubclock_here();
	hubclock_heard(&t->clock, hub_ms / MS_PER_S, &here);
}

enum err
sync_terms_tick(struct sync_terms *t)
{
	const struct hubclock_here here = hubclock_here();
	(void)hubclock_now_s(&t->clock, &here);
	return hubclock_keep(&t->clock, t->vault);
}

int64_t
sync_terms_refused_s(const struct sync_terms *t)
{
	return t->refused_s;
}

static bool
is_newer(const struct terms *came, const struct terms *than)
{
	if (!than || came->number > than->number)
		return true;
	return came->number == than->number && came->until_s > than->until_s;
}

static enum err
check_whose(const struct terms *came, const struct sync_terms_for *whose)
{
	if (strcmp(came->study, whose->study) != 0 || strcmp(came->site, whose->site) != 0)
		return fail(E_DENIED, "terms came that are for another study or site");
	return OK;
}

static enum err
check_until(struct sync_terms *t, const struct terms *came, int64_t now_s)
{
	char until[CLOCK_TEXT_BYTES];
	if (came->until_s > now_s)
		return OK;
	t->refused_s = came->until_s;
	clock_text(until, came->until_s * MS_PER_S);
	return fail(E_DENIED,
		"what the hub says here of the study counted until %s and is over: what was in "
		"force before stays; ask for a newer bundle, or set the clock of this machine "
		"if it is wrong",
		until);
}

/* A newer version was told of: what was said last of the one in force here goes on to count. */
static enum err
keep_until(struct sync_terms *t, const struct terms *before, const struct terms *came,
	uint64_t in_force)
{
	OWNED_BUF struct buf row;
	buf_init(&row, UNTIL_BYTES);
	if (!before || before->manifest_number > in_force || came->manifest_number <= in_force)
		return OK;
	buf_u64(&row, in_force);
	buf_u64(&row, (uint64_t)before->until_s);
	enum err e = vault_put(t->vault, VAULT_META, view_text(META_UNTIL), buf_view(&row));
	if (!e)
		t->next_before = (struct until){in_force, before->until_s};
	return e;
}

enum err
sync_terms_take(
	struct sync_terms *t, const struct sync_terms_for *whose, struct view signed_terms)
{
	const struct hubclock_here here = hubclock_here();
	OWNED(terms) struct terms *came = NULL;
	const struct terms *before = t->next ? t->next : t->now;
	enum err e = terms_open(&came, signed_terms, whose->receipt_public);
	if (!e)
		e = check_whose(came, whose);
	if (!e)
		e = putback_hear(t->vault);
	if (e || !is_newer(came, before))
		return e;
	e = check_until(t, came, hubclock_guess_s(&t->clock, &here));
	if (!e)
		e = keep_until(t, before, came, whose->in_force);
	if (!e)
		e = vault_put(t->vault, VAULT_META, view_text(META_TERMS), signed_terms);
	if (e)
		return e;
	t->refused_s = 0;
	hubclock_believe(&t->clock, came->made_s, &here);
	terms_free(t->next);
	t->next = take(came);
	return OK;
}

void
sync_terms_committed(struct sync_terms *t)
{
	t->before = t->next_before;
	if (!t->next)
		return;
	terms_free(t->now);
	t->now = take(t->next);
}

void
sync_terms_dropped(struct sync_terms *t)
{
	t->next_before = t->before;
	terms_free(take(t->next));
}
