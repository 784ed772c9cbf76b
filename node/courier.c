#include "node/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/codec/json.h"
#include "common/net/reactor.h"
#include "common/run/datadir.h"
#include "common/run/supervisor.h"
#include "common/trust/crypto.h"

#include "node/client.h"
#include "node/courier_post.h"

#define REPLY_MAX_BYTES ((uint64_t)1 << 30)
#define JSON_MAX_BYTES  ((size_t)65536)
#define MS_PER_MINUTE   60000
#define FIRST_MOST_MS   10000
#define AGAIN_MOST_MS   2000
#define LOCK_RIGHTS     0600
#define FILES_MAX_BYTES ((uint64_t)8 << 20) /* of an errand: 17 minutes at 64 kbit/s */

/* one errand */

enum err
courier_call(void *arg, enum bundlecall_verb verb, struct view fields, struct buf *reply)
{
	return client_call(arg, (enum node_verb)(SYNC_BUNDLE_OPEN + (int)verb), fields, reply);
}

/* Whatever is left of an errand before is of no use. */
static void
clear(const char *out, const char *in)
{
	(void)unlink(out);
	(void)unlink(in);
}

/* The process and the command use the same files, so one waits until the other is back. The
 * lock ends with the descriptor. */
static enum err
wait_for_turn(const char *dir, int *ret_fd)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, dir, "run/courier/lock");
	if (e)
		return e;
	*ret_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, LOCK_RIGHTS);
	while (*ret_fd >= 0 && flock(*ret_fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return fail(E_IO, "%s cannot be locked: %m", path);
	return *ret_fd < 0 ? fail(E_IO, "%s cannot be opened: %m", path) : OK;
}

struct courier_asks
courier_asks(bool all, uint64_t file_bytes)
{
	struct courier_asks a = {{all}};
	for (size_t i = 0; i < 8; i++)
		a.bytes[1 + i] = (uint8_t)(file_bytes >> (56 - 8 * i));
	return a;
}

/* A hub that kept nothing of it has no room: asking again at once would not help. */
static enum err
goes_on(const struct buf *written, const struct buf *taken, bool *ret)
{
	OWNED(json) struct json *out = NULL;
	OWNED(json) struct json *in = NULL;
	bool are_left = false;
	int64_t pieces = 0;
	enum err e = json_parse(&out, buf_view(written), JSON_MAX_BYTES);
	if (!e)
		e = json_parse(&in, buf_view(taken), JSON_MAX_BYTES);
	if (!e)
		e = json_get_bool(out, "files_left", &are_left);
	if (!e)
		e = json_get_int(in, "pieces", 0, INT64_MAX, &pieces);
	*ret = !e && are_left && pieces > 0;
	return e;
}

static enum err
carry(const struct bundlecall *c, const struct courier_post *post, const char *out,
	const char *in, struct buf *json, bool *ret_again)
{
	OWNED_BUF struct buf written;
	const struct courier_asks asks = courier_asks(false, FILES_MAX_BYTES);
	buf_init(&written, JSON_MAX_BYTES);
	enum err e = bundlecall_take(c, out, view_of(asks.bytes, sizeof(asks.bytes)), &written);
	if (!e)
		e = courier_post(post, out, in);
	if (!e)
		e = bundlecall_give(c, in, REPLY_MAX_BYTES, json);
	return e ? e : goes_on(&written, json, ret_again);
}

enum err
courier_once(const char *dir, const struct settings *s, struct buf *json, bool *ret_again)
{
	OWNED(client) struct client *sync = NULL;
	char out[DATADIR_PATH_BYTES], in[DATADIR_PATH_BYTES];
	int turn = -1;
	enum err e = datadir_make(dir, "run/courier");
	if (!e)
		e = datadir_path(out, dir, "run/courier/out.bundle");
	if (!e)
		e = datadir_path(in, dir, "run/courier/in.bundle");
	if (!e)
		e = client_open(&sync, dir, "sync.sock");
	if (!e)
		e = wait_for_turn(dir, &turn);
	if (e) {
		if (turn >= 0)
			(void)close(turn);
		return e;
	}
	const struct bundlecall c = {courier_call, sync};
	const struct courier_post post = {s->courier_url, s->courier_proxy, s->courier_ca};
	*ret_again = false;
	clear(out, in);
	e = carry(&c, &post, out, in, json, ret_again);
	clear(out, in);
	(void)close(turn);
	return e;
}

/* the process */

struct courier {
	const char *dir;
	struct settings settings;
	struct reactor *reactor;
};

static bool
is_connected(const struct courier *c)
{
	OWNED(json) struct json *status = NULL;
	OWNED_BUF struct buf answer;
	const char *link = "";
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = client_ask(c->dir, "sync.sock", SYNC_STATUS, view_of(NULL, 0), &answer);
	struct cursor left = cursor_of(buf_view(&answer));
	struct view text = cursor_blob(&left);
	if (!e)
		e = json_parse(&status, text, CLIENT_REPLY_BYTES);
	if (!e)
		e = json_get_text(status, "link", JSON_MAX_BYTES, &link);
	return !e && strcmp(link, "connected") == 0;
}

static void wait_for_next(struct courier *c, int64_t most_ms);

static void
on_time(struct reactor *r, void *arg)
{
	struct courier *c = arg;
	OWNED_BUF struct buf json;
	bool again = false;
	(void)r;
	buf_init(&json, JSON_MAX_BYTES);
	if (!is_connected(c)) {
		if (courier_once(c->dir, &c->settings, &json, &again))
			log_warn("courier", "%s", err_text());
		else
			log_info("courier", "a bundle was sent and its answer read");
	}
	wait_for_next(
		c, again ? AGAIN_MOST_MS : c->settings.courier_every_minutes * MS_PER_MINUTE);
}

/* Half of it certain, half chance: nodes that were started together do not come together. */
static void
wait_for_next(struct courier *c, int64_t most_ms)
{
	uint64_t chance;
	crypto_random(&chance, sizeof(chance));
	int64_t half_ms = most_ms / 2;
	int64_t wait_ms = half_ms + (int64_t)(chance % (uint64_t)(half_ms + 1));
	(void)reactor_timer(c->reactor, wait_ms, 0, on_time, c);
}

static void
close_all(struct courier *c)
{
	reactor_free(c->reactor);
}

enum err
courier_run(const struct courier_setup *setup)
{
	OWNED_BY(close_all) struct courier c = {.dir = setup->dir};
	enum err e = settings_load(&c.settings, setup->dir);
	if (!e && !c.settings.courier_url[0])
		e = fail(E_NOTFOUND, "node.ini names no address for bundles");
	if (!e)
		e = datadir_make(setup->dir, "run/courier");
	if (!e)
		e = reactor_open(&c.reactor);
	if (!e && setup->confine)
		e = setup->confine(setup->arg, c.settings.courier_ca);
	if (e)
		return e;
	wait_for_next(&c, FIRST_MOST_MS);
	supervisor_child_ready();
	return reactor_run(c.reactor);
}
