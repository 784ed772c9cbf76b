#include "hub/erase_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/study/rules_wish.h"

#include "hub/audit.h"
#include "hub/consents.h"

#define MS_PER_S 1000

int64_t
erase_now_s(void)
{
	return clock_wall_ms() / MS_PER_S;
}

struct forward *
erase_forward(const struct hub *h)
{
	return audit_forward(h->audit);
}

bool
erase_is_pending(const struct forward_erasure *e)
{
	return !e->refused_s && !e->back_s && !e->begun_s && !e->gone_s;
}

bool
erase_is_gone(const struct hub *h, const uint8_t participant[static ID_BYTES])
{
	const struct forward_erasure *e = forward_erasure_of(erase_forward(h), participant);
	return e && (e->begun_s || e->gone_s);
}

bool
erase_is_asked(const struct hub *h, const uint8_t participant[static ID_BYTES])
{
	const struct forward_erasure *e = forward_erasure_of(erase_forward(h), participant);
	return e && !e->back_s;
}

void
erase_asked(struct hub *h, const struct erase_asking *asking)
{
	struct forward_erasure e = {.stopped_s = erase_now_s()};
	if (erase_is_asked(h, asking->participant))
		return;
	memcpy(e.participant, asking->participant, sizeof(e.participant));
	memcpy(e.receipt, asking->instance, sizeof(e.receipt));
	(void)snprintf(e.site, sizeof(e.site), "%s", asking->site);
	forward_note_erasure(erase_forward(h), &e);
}

/* What the site reported, or what the journal says of who asked. */
enum err
erase_wish_read(struct hub *h, const struct forward_erasure *e, struct erase_wish *ret)
{
	struct vault_txn *t;
	*ret = (struct erase_wish){.hub = e};
	enum err err = hub_txn_reserve(h, &t);
	if (!err)
		err = erase_site_get(t, e->receipt, &ret->site);
	if (err != E_NOTFOUND && err != E_AUTH && err != E_FORMAT)
		return err;
	ret->is_unread = err != E_NOTFOUND;
	ret->site = (struct erase_site){.gone_s = 0};
	(void)snprintf(ret->site.site, sizeof(ret->site.site), "%s", e->site);
	return OK;
}

bool
erase_wish_is_erased(const struct erase_wish *w)
{
	return w->hub->erased_s && w->site.erased_s;
}

enum err
erase_unread(struct hub *h, size_t *ret_count)
{
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
	enum err e = OK;
	*ret_count = 0;
	for (size_t i = 0; !e && i < count; i++) {
		struct erase_wish wish;
		e = erase_wish_read(h, &all[i], &wish);
		*ret_count += !e && wish.is_unread;
	}
	return e;
}

size_t
erase_waiting(struct hub *h)
{
	size_t count, waiting = 0;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
	for (size_t i = 0; i < count; i++)
		waiting += erase_is_pending(&all[i]);
	return waiting;
}

/* taken back */

enum err
erase_consented(struct hub *h, const uint8_t participant[static ID_BYTES])
{
	OWNED_CONSENTS struct consents c = {.count = 0};
	const struct forward_erasure *e = forward_erasure_of(erase_forward(h), participant);
	if (!e || !erase_is_pending(e))
		return OK;
	enum err err = consents_read(&c, h->txn, participant);
	const struct rules_facts facts = {.true_at_ms = clock_wall_ms(),
		.known_upto = UINT64_MAX,
		.record.consents = c.at,
		.record.consent_count = c.count,
		.record.life = c.life};
	if (err || !rules_erasure_taken_back(&facts))
		return err;
	struct forward_erasure back = *e;
	back.back_s = erase_now_s();
	forward_note_erasure(erase_forward(h), &back);
	return erase_add_leaf(h, "erasure-taken-back", "a consent given later");
}
