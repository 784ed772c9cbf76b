#include "hub/erase_renew.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/wire_study.h"
#include "common/net/call.h"

#include "hub/erase_inside.h"
#include "hub/hubkeys.h"
#include "hub/ipc.h"
#include "hub/renewal.h"
#include "hub/study.h"

#define WORDS_BYTES 4096

enum err
erase_numbers(struct hub *h, uint32_t *ret_made, uint32_t *ret_told)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	struct hubkeys keys;
	enum err e = hubkeys_get(h->txn, &keys);
	*ret_made = e ? 0 : keys.intake[keys.intake_count - 1].number;
	if (!e)
		e = study_in_force(h, &m);
	*ret_told = !e && m->intake_count ? m->intake[m->intake_count - 1].number : 0;
	return e == E_NOTFOUND ? OK : e;
}

/* the keeper */

/* The newest epoch whose keyring a verified backup holds. */
static uint32_t
newest_backed(const struct hub *h)
{
	size_t count;
	uint32_t newest = 0;
	const struct forward_backup *all = forward_backups(erase_forward(h), &count);
	for (size_t i = 0; i < count; i++)
		newest = MAX(newest, all[i].keyring_epoch);
	return newest;
}

static enum err
ask_keeper(struct erase *x, uint32_t retired, bool makes)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, 64);
	call_begin(&frame, KEEPER_RENEW);
	buf_u32(&frame, retired);
	buf_u8(&frame, makes);
	buf_u32(&frame, newest_backed(x->hub));
	buf_u8(&frame, x->leaves_damaged);
	enum err e = x->send(x->arg, buf_view(&frame));
	x->waits = !e;
	x->makes = makes;
	if (!e)
		x->asked_s = erase_now_s();
	return e == E_BUSY || e == E_ABSENT ? OK : e;
}

/* A new number that nobody needs for an erasure waits while officers agree on a manifest: the
 * one proposed names the keys of its day. */
static enum err
is_monthly_due(struct hub *h, bool *ret)
{
	OWNED_BUF struct buf proposal;
	char by[WIRE_NAME_BYTES];
	struct renewal_state s;
	buf_init(&proposal, IPC_BODY_MAX_BYTES);
	enum err e = renewal_state(h, RENEWAL_INTAKE, h->renew_days, &s);
	*ret = false;
	if (e || !s.is_due)
		return e;
	e = study_proposal(h, &proposal, by);
	*ret = e == E_NOTFOUND;
	return e == E_NOTFOUND ? OK : e;
}

enum err
erase_see_renewal(struct erase *x)
{
	size_t count;
	uint32_t made = 0, told = 0, retired = 0;
	bool makes = false;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	enum err e = erase_numbers(x->hub, &made, &told);
	if (!e)
		e = is_monthly_due(x->hub, &makes);
	for (size_t i = 0; !e && i < count; i++)
		makes = makes || (all[i].gone_s && !all[i].erased_s && all[i].intake >= made);
	if (!e && !makes)
		e = renewal_retired(x->hub, RENEWAL_INTAKE, &retired);
	return e || !(makes || retired) ? e : ask_keeper(x, retired, makes);
}

/* Nothing was renewed. */
static void
see_refusal(struct erase *x, enum err code, const char *why, uint64_t damaged)
{
	if (code != E_BUSY || (damaged && !x->damaged))
		log_warn("erase", "the keeper did not renew its keys: %s", why);
	if (damaged)
		x->damaged = damaged;
}

uint64_t
erase_damaged(const struct hub *h)
{
	return h->erase ? h->erase->damaged : 0;
}

enum err
erase_leave_damaged(struct hub *h)
{
	if (!erase_damaged(h))
		return fail(E_CONFLICT, "no renewal waits for damaged entries");
	h->erase->leaves_damaged = true;
	h->erase->asked_s = 0;
	return OK;
}

enum err
erase_renewed(struct erase *x, struct cursor *c)
{
	struct vault_txn *t;
	uint8_t public[BOX_PUBLIC_BYTES];
	char words[128];
	uint8_t code = cursor_u8(c);
	OWNED_MEM char *why = cursor_text(c, WORDS_BYTES);
	uint32_t epoch = cursor_u32(c), number = cursor_u32(c), retired = cursor_u32(c);
	cursor_copy(c, public, sizeof(public));
	uint64_t keys = cursor_u64(c), damaged = cursor_u64(c);
	x->waits = false;
	if (cursor_end(c, "renewal") || code) {
		see_refusal(x, code ? (enum err)code : E_FORMAT, why ? why : "", damaged);
		return OK; /* it is asked again */
	}
	(void)snprintf(words, sizeof(words),
		"epoch %u, intake %u, %" PRIu64 " keys, %" PRIu64 " given up", epoch, number,
		keys, damaged);
	x->damaged = 0;
	x->leaves_damaged = false;
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = hubkeys_renew(t, number, public, retired);
	if (!e)
		e = renewal_made(x->hub, RENEWAL_INTAKE, number, epoch);
	if (!e && retired)
		e = renewal_gone(x->hub, RENEWAL_INTAKE, retired);
	else if (!e)
		e = renewal_taken(x->hub, epoch);
	if (!e)
		e = erase_add_leaf(x->hub, "keys-renewed", words);
	x->asked_s = 0;
	return e || !retired ? e : erase_note_erased(x);
}
