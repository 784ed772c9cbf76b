#include <inttypes.h>

#include "common/base/clock.h"
#include "common/base/log.h"

#include "node/desk_inside.h"
#include "node/renewal.h"

#define FIELDS_MAX_BYTES ((size_t)65 << 20)

static enum err
ask(struct desk *d, bool *ret_asks)
{
	OWNED_BUF struct buf fields;
	enum node_verb verb;
	buf_init(&fields, FIELDS_MAX_BYTES);
	*ret_asks = renewal_ask(d->renewal, &verb, &fields);
	enum err e = buf_check(&fields, "question of the desk");
	if (e || !*ret_asks)
		return e;
	d->used_mono_ms = clock_mono_ms();
	d->moves = verb == SYNC_REVIEW_TAKEN;
	/* Before anybody is erased: a name may have been removed by hand, and be in a copy. */
	if (verb == SYNC_REVIEW_TAKEN)
		e = desk_names_renew(d);
	return e ? e : desk_ask_sync(d, verb, buf_view(&fields), WAITS_FOR_RENEWAL);
}

static void
go_on(struct desk *d, enum err e)
{
	bool asks = false;
	if (!e)
		e = ask(d, &asks);
	if (e)
		log_warn("desk",
			"the review key is not renewed yet: %s; opening the desk again goes on",
			err_text());
	else if (!asks && renewal_ended_one(d->renewal))
		log_info("desk", "the review key was renewed, the one before is destroyed");
	if (!e && !asks && renewal_wrapped_count(d->renewal))
		log_info("desk", "%" PRIu64 " keys of held records were wrapped again",
			renewal_wrapped_count(d->renewal));
	if (!e && !asks)
		d->waits_for_backup = renewal_waits(d->renewal);
	if (e || !asks)
		desk_finish(d, OK);
}

void
desk_renewal_begin(struct desk *d)
{
	d->renews = false;
	if (!d->open)
		return;
	const struct renewal_with with = {
		d->config->dir, d->open, d->opened_by, d->config->card, d->without_backup};
	d->renewal = renewal_new(&with);
	go_on(d, OK);
}

void
desk_renewal_answer(struct desk *d, enum err code, struct cursor *fields)
{
	if (d->renewal)
		go_on(d, renewal_answer(d->renewal, code, fields));
	else
		desk_finish(d, OK);
}
