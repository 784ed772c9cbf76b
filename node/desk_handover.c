#include <string.h>

#include "common/base/mem.h"

#include "node/desk_inside.h"

/* Whoever had it open before may have kept what it held: the number of the review key rises
 * (the next opening seals what is left for the ones before anew, as renewal.h says) and the
 * names get another key. A number that waits for that already is enough. */
static enum err
renew_keys(struct desk *d, struct secret *next)
{
	struct custody *k = d->candidate;
	enum err e = OK;
	if (k->number[k->count - 1] == d->site_number)
		e = custody_renew(k, true, 0);
	if (e)
		return e;
	crypto_random(secret_bytes(next), secret_len(next));
	memcpy(secret_bytes(k->names), secret_bytes(next), secret_len(next));
	return OK;
}

static enum err
hand_over(struct desk *d)
{
	OWNED(namebook) struct namebook *names = NULL;
	OWNED_SECRET struct secret *next = secret_new(AEAD_KEY_BYTES);
	enum err e = namebook_open(&names, d->config->dir, d->candidate->names);
	if (!e)
		e = renew_keys(d, next);
	/* The names open with either key until the key file has the new one. */
	if (!e)
		e = namebook_renew(names, next, NULL, NULL);
	if (!e)
		desk_tell_damage(names, "were taken out");
	if (!e)
		e = custody_change(d->candidate, d->config->dir, &d->change->to);
	return e ? e : namebook_settle(names, next);
}

enum err
desk_carry_out(struct desk *d)
{
	const bool was_open = d->open != NULL;
	if (d->change->kind == DESK_HANDED_OVER) {
		desk_lock(d); /* one opening of the names at a time, and it is somebody's */
		return hand_over(d);
	}
	enum err e = custody_change(d->candidate, d->config->dir, &d->change->to);
	if (e || !was_open)
		return e;
	desk_lock(d);
	if (d->change->kind == DESK_NEW_SHEET)
		d->open = take(d->candidate);
	return OK;
}
