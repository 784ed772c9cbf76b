#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/run/datadir.h"

#include "hub/ipc.h"
#include "hub/keeper_holders.h"
#include "hub/keeper_inside.h"
#include "hub/keeper_renew.h"
#include "hub/person.h"

/* A backup of an earlier epoch was put back. */
static enum err
renew_from(struct keeper *k, struct keeperkey *keys, uint32_t epoch)
{
	struct keeper_renewed done;
	const struct keeper_renew ask = {
		.dir = k->dir, .study = k->settings->study, .vault = k->vault};
	log_warn("keeper", "the keyring is that of epoch %u: its keys are taken over", epoch);
	return keeper_renew(&ask, keys, &k->keyring, &done);
}

static enum err
open_keyring(struct keeper *k)
{
	char path[DATADIR_PATH_BYTES];
	struct keeperkey *keys = keeper_lock_keys(k->lock);
	const uint32_t there = keeper_renew_there(k->dir, keys);
	if (there != keys->epoch)
		return renew_from(k, keys, there);
	enum err e = keeper_renew_sweep(k->dir, keys->epoch);
	if (!e)
		e = keyring_path(path, k->dir, keys->epoch);
	const struct keyring_config config = {
		path, k->settings->study, keys->epoch, keys->epoch_key};
	return e ? e : keyring_open(&k->keyring, &config);
}

static enum err
do_status(struct keeper *k, struct cursor *c, struct buf *out)
{
	enum err e = cursor_end(c, "status");
	buf_u8(out, (uint8_t)keeper_lock_state(k->lock));
	buf_blob_text(out, keeper_lock_first(k->lock));
	buf_u32(out,
		(uint32_t)(keeper_lock_left_ms(k->lock, clock_mono_ms()) / KEEPER_MS_PER_S));
	return e;
}

/* Who is out of office opens nothing, whatever boxes are still there. */
static enum err
check_office(struct keeper *k, const char *holder)
{
	OWNED(vault_txn) struct vault_txn *txn = NULL;
	struct person p;
	enum err e = vault_snapshot(&txn, k->vault);
	if (!e)
		e = person_get(txn, holder, &p);
	return !e && p.revoked_s ? fail(E_DENIED, "%s is no longer in office", holder) : e;
}

static enum err
do_peel(struct keeper *k, struct cursor *c, struct buf *out)
{
	OWNED_MEM char *holder = cursor_text(c, ROW_ID_BYTES - 1);
	enum err e = check_office(k, holder);
	if (!e)
		e = keeper_lock_peel(k->lock, holder, c, clock_mono_ms());
	buf_u32(out, (uint32_t)(KEEPER_LOCK_WAIT_MS / KEEPER_MS_PER_S));
	return e;
}

static enum err
do_inner(struct keeper *k, struct cursor *c, struct buf *out)
{
	OWNED_MEM char *holder = cursor_text(c, ROW_ID_BYTES - 1);
	struct view box = {NULL, 0};
	enum err e = cursor_end(c, "second holder");
	if (!e)
		e = check_office(k, holder);
	if (!e)
		e = keeper_lock_inner(k->lock, holder, &box);
	buf_blob_text(out, keeper_lock_first(k->lock));
	buf_blob(out, box);
	return e;
}

static enum err
do_open(struct keeper *k, struct cursor *c, struct buf *out)
{
	OWNED_SECRET struct secret *study_secret = NULL;
	OWNED_MEM char *holder = cursor_text(c, ROW_ID_BYTES - 1);
	struct view bytes = cursor_blob(c);
	(void)out;
	enum err e = cursor_end(c, "study secret");
	if (!e && bytes.len != BOX_SECRET_BYTES)
		e = fail(E_FORMAT, "the study secret is not of its length");
	if (e)
		return e;
	study_secret = secret_copy(bytes.at, bytes.len);
	e = check_office(k, holder);
	if (!e)
		e = keeper_lock_open(k->lock, holder, study_secret, clock_mono_ms());
	if (e)
		return e;
	e = open_keyring(k);
	if (e)
		keeper_lock_close(k->lock);
	else
		keeper_say_hello(k);
	return e;
}

static enum err
do_lock(struct keeper *k, struct cursor *c, struct buf *out)
{
	(void)out;
	enum err e = cursor_end(c, "lock");
	if (!e)
		keeper_lock_up(k);
	return e;
}

/* Who holds the study key is changed whether the keeper is open or not; an open one stays
 * so. */
static enum err
do_holders(struct keeper *k, struct cursor *c, struct buf *out)
{
	OWNED_SECRET struct secret *study_secret = NULL;
	struct view bytes = cursor_blob(c);
	size_t count = 0;
	enum err e = cursor_end(c, "study secret");
	if (!e && bytes.len != BOX_SECRET_BYTES)
		e = fail(E_FORMAT, "the study secret is not of its length");
	if (!e && keeper_lock_state(k->lock) == KEEPER_ONE)
		e = fail(E_BUSY, "somebody has begun to unlock the keeper: finish that first, "
				 "or lock it");
	if (e)
		return e;
	study_secret = secret_copy(bytes.at, bytes.len);
	const struct keeper_holders change = {.dir = k->dir,
		.study = k->settings->study,
		.root_public = k->root_public,
		.vault = k->vault,
		.study_secret = study_secret};
	e = keeper_holders_change(&change, &count);
	buf_u32(out, (uint32_t)count);
	return e;
}

static enum err
dispatch(struct keeper *k, struct view frame, struct buf *out)
{
	static const struct {
		uint16_t verb;
		enum err (*run)(struct keeper *k, struct cursor *c, struct buf *out);
	} verbs[] = {{KEEPER_STATUS, do_status}, {KEEPER_PEEL, do_peel},
		{KEEPER_INNER, do_inner}, {KEEPER_OPEN, do_open}, {KEEPER_LOCK, do_lock},
		{KEEPER_HOLDERS, do_holders}};
	struct cursor c;
	uint16_t verb = 0;
	enum err e = call_read(frame, &verb, &c);
	if (e)
		return e;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (verbs[i].verb == verb)
			return verbs[i].run(k, &c, out);
	return fail(E_FORMAT, "the keeper knows no verb %u", verb);
}

void
keeper_on_command(struct reactor *r, void *arg)
{
	struct keeper *k = arg;
	OWNED(link_message) struct link_message *m = NULL;
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, KEEPER_ANSWER_BYTES_MAX);
	buf_init(&answer, KEEPER_ANSWER_BYTES_MAX);
	(void)r;
	if (link_recv(k->commands, &m))
		return;
	enum err e = dispatch(k, m->payload, &fields);
	/* It may have held the study secret. */
	crypto_wipe((uint8_t *)(uintptr_t)m->payload.at, m->payload.len);
	call_answer(&answer, e);
	if (!e)
		buf_add_view(&answer, buf_view(&fields));
	if (link_send(k->commands, m->peer, buf_view(&answer)))
		log_warn("keeper", "a command was not answered: %s", err_text());
}
