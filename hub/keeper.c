#include "hub/keeper_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/run/datadir.h"
#include "common/run/supervisor.h"

#include "hub/ipc.h"
#include "hub/keeper_renew.h"
#include "hub/vaultkeys.h"

#define TICK_MS         1000
#define FRAME_BYTES_MAX (STAGED_MAX_BYTES + EVIDENCE_MAX_BYTES + 65536)

static void
keeper_done(struct keeper *k)
{
	keeper_task_free(k->task);
	keyring_free(k->keyring);
	keeper_lock_free(k->lock);
	vault_free(k->vault);
	buf_done(&k->hello);
	buf_done(&k->done);
	link_free(k->commands);
	link_free(k->ledger);
	link_context_free(k->context);
	reactor_free(k->reactor);
}

/* to the ledger */

/* Send what waits; what finds no room waits for the next tick. */
static void
flush(struct keeper *k)
{
	struct buf *const waiting[] = {&k->hello, &k->done};
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
		if (!waiting[i]->len)
			continue;
		enum err e = link_send(k->ledger, view_of(NULL, 0), buf_view(waiting[i]));
		if (e && e != E_BUSY && e != E_ABSENT)
			log_warn("keeper", "the ledger cannot be told: %s", err_text());
		if (e == E_BUSY || e == E_ABSENT)
			return;
		buf_reset(waiting[i]);
	}
}

void
keeper_say_hello(struct keeper *k)
{
	const bool is_open = keeper_lock_state(k->lock) == KEEPER_OPENED;
	buf_reset(&k->hello);
	call_begin(&k->hello, KEEPER_HELLO);
	buf_u8(&k->hello, is_open);
	buf_blob_text(&k->hello, is_open ? keeper_lock_first(k->lock) : "");
	buf_blob_text(&k->hello, is_open ? keeper_lock_second(k->lock) : "");
	flush(k);
}

static void
say_done(struct keeper *k, const char *id, enum err code, const struct keeper_result *r)
{
	buf_reset(&k->done);
	call_begin(&k->done, KEEPER_DONE);
	buf_blob_text(&k->done, id);
	buf_u8(&k->done, (uint8_t)code);
	buf_blob_text(&k->done, code ? err_text() : "");
	buf_blob(&k->done, r->document);
	buf_add(&k->done, r->signature, sizeof(r->signature));
	buf_blob(&k->done, r->evidence);
	flush(k);
}

/* tasks */

static void
end_task(struct keeper *k, enum err code, const struct keeper_result *r)
{
	say_done(k, k->task_id, code, r);
	keeper_task_free(take(k->task));
	k->task_id[0] = '\0';
}

static void
close_task(struct keeper *k)
{
	struct keeper_result r;
	size_t missed = keeper_task_missed_count(k->task);
	if (missed)
		log_warn("keeper", "%zu records did not open and were left out", missed);
	enum err e = keeper_task_close(k->task, &r);
	end_task(k, e, &r);
}

static void
on_step(struct reactor *r, void *arg)
{
	struct keeper *k = arg;
	const struct keeper_result nothing = {0};
	bool is_done = false;
	if (!k->task)
		return;
	keeper_lock_touch(k->lock, clock_mono_ms());
	enum err e = keeper_task_step(k->task, clock_mono_ms(), &is_done);
	if (e)
		end_task(k, e, &nothing);
	else if (is_done)
		close_task(k);
	else
		(void)reactor_timer(r, 0, 0, on_step, k);
}

static enum err
begin_task(struct keeper *k, const struct warrant_task *fields)
{
	const struct keeper_task_room room = {.study = k->settings->study,
		.origin = k->settings->origin,
		.vault = k->vault,
		.keys = keeper_lock_keys(k->lock),
		.keyring = k->keyring};
	if (!room.keys || !room.keyring)
		return fail(E_BUSY, "the keeper is locked");
	if (k->task)
		return fail(E_BUSY, "the keeper works at another release");
	keeper_lock_touch(k->lock, clock_mono_ms());
	return keeper_task_new(&k->task, &room, fields);
}

static void
say_renewed(
	struct keeper *k, enum err code, uint32_t retired, const struct keeper_renewed *done)
{
	OWNED_BUF struct buf answer;
	uint8_t public[BOX_PUBLIC_BYTES] = {0};
	const struct keeperkey *keys = keeper_lock_keys(k->lock);
	buf_init(&answer, KEEPER_ANSWER_BYTES_MAX);
	call_begin(&answer, KEEPER_RENEWED);
	buf_u8(&answer, (uint8_t)code);
	buf_blob_text(&answer, code ? err_text() : "");
	buf_u32(&answer, keys ? keys->epoch : 0);
	buf_u32(&answer, keys ? keys->intake_number[keys->intake_count - 1] : 0);
	buf_u32(&answer, done->retired ? retired : 0);
	if (keys)
		box_public(public, keys->intake[keys->intake_count - 1]);
	buf_add(&answer, public, sizeof(public));
	buf_u64(&answer, done->keys);
	buf_u64(&answer, done->damaged);
	if (link_send(k->ledger, view_of(NULL, 0), buf_view(&answer)))
		log_warn("keeper", "the ledger was not told: %s", err_text());
}

/* A new epoch, or old numbers destroyed; what fails half-way locks the keeper, so that the keys
 * are read anew. */
static void
renew(struct keeper *k, struct cursor *c)
{
	struct keeper_renewed done = {0};
	struct keeperkey *keys = keeper_lock_keys(k->lock);
	uint32_t retired = cursor_u32(c);
	const bool makes = cursor_u8(c) == 1;
	const struct keeper_renew ask = {.dir = k->dir,
		.study = k->settings->study,
		.vault = k->vault,
		.makes_intake = makes,
		.kept_epoch = cursor_u32(c),
		.leaves_damaged = cursor_u8(c) == 1};
	enum err e = cursor_end(c, "renewal");
	if (!e && (!keys || !k->keyring || k->task)) {
		say_renewed(k, fail(E_BUSY, "the keeper is locked or at work"), 0, &done);
		return; /* it is asked again */
	}
	if (!e && ask.makes_intake)
		e = keeper_renew(&ask, keys, &k->keyring, &done);
	else if (!e && retired)
		e = keeper_retire(&ask, retired, keys, &k->keyring, &done);
	if (done.lost)
		log_warn("keeper", "%llu keys do not open and are in no keyring",
			(unsigned long long)done.lost);
	say_renewed(k, e, retired, &done);
	if (e && !(e == E_BUSY && k->keyring))
		keeper_lock_up(k);
}

static void
on_ledger(struct reactor *r, void *arg)
{
	struct keeper *k = arg;
	OWNED(link_message) struct link_message *m = NULL;
	const struct keeper_result nothing = {0};
	struct warrant_task fields;
	struct cursor c;
	uint16_t verb = 0;
	if (link_recv(k->ledger, &m))
		return;
	enum err e = call_read(m->payload, &verb, &c);
	if (!e && verb == KEEPER_RENEW) {
		renew(k, &c);
		return;
	}
	if (!e && verb != KEEPER_TASK)
		e = fail(E_FORMAT, "a frame with verb %u", verb);
	if (!e)
		e = warrant_task_read(&c, &fields);
	if (e) {
		log_warn("keeper", "a frame of the ledger: %s", err_text());
		return;
	}
	e = begin_task(k, &fields);
	if (e) {
		say_done(k, fields.release, e, &nothing);
		return;
	}
	(void)snprintf(k->task_id, sizeof(k->task_id), "%s", fields.release);
	(void)reactor_timer(r, 0, 0, on_step, k);
}

static void
on_ledger_event(struct reactor *r, void *arg, enum link_event event)
{
	(void)r;
	if (event == LINK_UP) /* it may be another process now */
		keeper_say_hello(arg);
}

/* locking */

void
keeper_lock_up(struct keeper *k)
{
	const struct keeper_result nothing = {0};
	if (k->task)
		end_task(k, fail(E_BUSY, "the keeper was locked"), &nothing);
	keyring_free(take(k->keyring));
	keeper_lock_close(k->lock);
	keeper_say_hello(k);
}

/* loop */

static void
on_tick(struct reactor *r, void *arg)
{
	struct keeper *k = arg;
	const int64_t now_ms = clock_mono_ms();
	(void)r;
	if (vault_tick(k->vault, now_ms))
		log_warn("keeper", "vault: %s", err_text());
	if (keeper_lock_state(k->lock) == KEEPER_OPENED &&
		keeper_lock_left_ms(k->lock, now_ms) == 0)
		keeper_lock_up(k);
	else
		(void)keeper_lock_tick(k->lock, now_ms);
	flush(k);
}

static enum err
open_vault(struct keeper *k, struct secret *keys)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_SECRET struct secret *key = NULL;
	struct keeper_lock_config lock = {
		.dir = k->dir, .idle_ms = k->settings->keeper_idle_s * KEEPER_MS_PER_S};
	const struct vault_limits limits = {.map_bytes = k->settings->map_bytes};
	if (secret_len(keys) != AEAD_KEY_BYTES + SIGN_PUBLIC_BYTES)
		return fail(E_FORMAT, "the keeper is started by `weir-hub run` only");
	key = secret_copy(secret_bytes(keys), AEAD_KEY_BYTES);
	memcpy(lock.root_public, secret_bytes(keys) + AEAD_KEY_BYTES, SIGN_PUBLIC_BYTES);
	memcpy(k->root_public, lock.root_public, sizeof(k->root_public));
	k->lock = keeper_lock_new(&lock);
	const struct vaultkeys at = {k->dir, key};
	enum err e = datadir_path(path, k->dir, "vault");
	return e ? e : vault_open_lmdb(&k->vault, path, &at, &limits, true);
}

static enum err
open_links(struct keeper *k)
{
	char serve[DATADIR_PATH_BYTES], connect[DATADIR_PATH_BYTES];
	enum err e = datadir_path(serve, k->dir, "run/keeper-cmd/keeper.sock");
	if (!e)
		e = datadir_path(connect, k->dir, "run/keeper/ledger.sock");
	if (!e)
		e = reactor_open(&k->reactor);
	if (e)
		return e;
	k->context = link_context_new();
	e = link_serve_ipc(&k->commands, k->context, serve);
	if (!e)
		e = link_connect_ipc(&k->ledger, k->context, connect, "weir-hub run");
	return e;
}

enum err
keeper_run(const char *dir, const struct settings *settings, struct secret *keys)
{
	OWNED_BY(keeper_done) struct keeper k = {.dir = dir, .settings = settings};
	buf_init(&k.hello, KEEPER_ANSWER_BYTES_MAX);
	buf_init(&k.done, FRAME_BYTES_MAX);
	enum err e = keeperkey_recover(dir);
	if (!e)
		e = open_vault(&k, keys);
	if (!e)
		e = open_links(&k);
	if (e)
		return e;
	link_watch(k.commands, k.reactor, keeper_on_command, &k);
	link_watch(k.ledger, k.reactor, on_ledger, &k);
	link_on_event(k.ledger, on_ledger_event, &k);
	(void)reactor_timer(k.reactor, TICK_MS, TICK_MS, on_tick, &k);
	keeper_say_hello(&k);
	supervisor_child_ready();
	return reactor_run(k.reactor);
}
