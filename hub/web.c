#include "hub/web.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/http.h"
#include "common/run/datadir.h"
#include "common/run/sandbox.h"
#include "common/run/supervisor.h"

#include "hub/web_errand.h"

#define UPLOADS_MAX_COUNT 8
#define TICK_MS           1000
#define MS_PER_MINUTE     60000
#define FILE_MODE         0600
#define TEXT_TYPE         "text/plain; charset=utf-8"
#define BUNDLE_TYPE       "application/octet-stream"

struct web;

/* One bundle on its way. */
struct upload {
	struct web *web;
	struct http_exchange *x;
	char path[DATADIR_PATH_BYTES];
	int fd;
	struct web_errand *errand;
	bool is_over; /* its errand can go */
};

struct web {
	const struct settings *settings;
	const char *dir;
	char socket[DATADIR_PATH_BYTES], spool[DATADIR_PATH_BYTES];
	struct reactor *reactor;
	struct link_context *context;
	struct http *http;
	struct upload *uploads[UPLOADS_MAX_COUNT];
	uint64_t next; /* number of a file */
	int64_t minute_ms;
	int64_t minute_count;
};

/* uploads */

static void
drop_upload(void *kept)
{
	struct upload *u = kept;
	for (size_t i = 0; i < UPLOADS_MAX_COUNT; i++)
		if (u->web->uploads[i] == u)
			u->web->uploads[i] = NULL;
	web_errand_free(u->errand);
	if (u->fd >= 0)
		(void)close(u->fd);
	(void)unlink(u->path);
	mem_drop(&u);
}

static struct upload **
free_place(struct web *w)
{
	for (size_t i = 0; i < UPLOADS_MAX_COUNT; i++)
		if (!w->uploads[i])
			return &w->uploads[i];
	return NULL;
}

static bool
is_within_quota(struct web *w)
{
	int64_t now_ms = clock_mono_ms();
	if (now_ms - w->minute_ms >= MS_PER_MINUTE) {
		w->minute_ms = now_ms;
		w->minute_count = 0;
	}
	return w->minute_count++ < w->settings->web_bundles_per_minute;
}

/* Room for the largest one beside what withdrawals need. */
static bool
has_room(const struct web *w)
{
	struct statvfs v;
	if (statvfs(w->spool, &v))
		return false;
	uint64_t free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	return free_bytes >= w->settings->floor_bytes + 2 * w->settings->web_bundle_max_bytes;
}

static void
begin_bundle(struct http_exchange *x, void *arg)
{
	struct web *w = arg;
	struct upload **place = free_place(w);
	if (!place || !is_within_quota(w)) {
		http_set(x, "Retry-After", "60");
		http_refuse(x, 429, "too many bundles are under way: try again in a minute");
		return;
	}
	if (!has_room(w)) {
		http_refuse(x, 503, "the hub has no room for bundles now");
		return;
	}
	struct upload *u = xcalloc(1, sizeof(*u));
	u->web = w;
	u->x = x;
	int n = snprintf(u->path, sizeof(u->path), "%s/%llu.bundle", w->spool,
		(unsigned long long)w->next++);
	u->fd = n < 0 || n >= (int)sizeof(u->path)
			? -1
			: open(u->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	*place = u;
	http_keep(x, u, drop_upload);
	if (u->fd < 0)
		http_refuse(x, 503, "the hub has no room for bundles now");
}

static void
add_piece(struct http_exchange *x, struct view piece, void *arg)
{
	const struct upload *u = http_kept(x);
	(void)arg;
	while (u && u->fd >= 0 && piece.len && !http_is_answered(x)) {
		ssize_t n = write(u->fd, piece.at, piece.len);
		if (n <= 0) {
			http_refuse(x, 503, "the hub has no room for bundles now");
			return;
		}
		piece.at += n;
		piece.len -= (size_t)n;
	}
}

/* errands */

static unsigned
status_of(enum err e)
{
	switch (e) {
	case OK:
		return 200;
	case E_FORMAT:
	case E_AUTH:
		return 400;
	case E_DENIED:
	case E_NOTFOUND:
		return 403;
	case E_CONFLICT:
		return 409;
	case E_FULL:
	case E_IO:
	case E_BUSY:
	case E_ABSENT:
		return 503;
	}
	return 503;
}

static void
on_done(void *arg, enum err e, struct view reply)
{
	struct upload *u = arg;
	u->is_over = true;
	if (!e)
		http_answer(u->x, 200, BUNDLE_TYPE, reply);
	else if (e == E_IO)
		http_refuse(u->x, 503, "the hub is busy: try again");
	else
		http_refuse(u->x, status_of(e), err_text());
}

static void
serve_bundle(struct http_exchange *x, void *arg)
{
	struct web *w = arg;
	struct upload *u = http_kept(x);
	if (!u || http_is_answered(x))
		return;
	const struct web_errand_setup setup = {.reactor = w->reactor,
		.context = w->context,
		.socket = w->socket,
		.file = u->path,
		.max_bytes = w->settings->web_bundle_max_bytes,
		.done = on_done,
		.arg = u};
	enum err e = web_errand_begin(&u->errand, &setup);
	if (e)
		on_done(u, e, view_of(NULL, 0));
}

static void
serve_health(struct http_exchange *x, void *arg)
{
	(void)arg;
	http_answer(x, 200, TEXT_TYPE, view_text("ok\n"));
}

/* Tells an errand that waits too long; its connection goes as soon as it is over. */
static void
on_tick(struct reactor *r, void *arg)
{
	struct web *w = arg;
	(void)r;
	for (size_t i = 0; i < UPLOADS_MAX_COUNT; i++) {
		struct upload *u = w->uploads[i];
		if (u && u->errand && !u->is_over)
			web_errand_tick(u->errand);
	}
}

/* start */

static const struct http_route routes[] = {
	{"POST", "/bundle/v1", serve_bundle, begin_bundle, add_piece},
	{"GET", "/healthz", serve_health, NULL, NULL},
};

static void
dress(struct http_exchange *x, void *arg)
{
	(void)arg;
	http_set(x, "Cache-Control", "no-store");
	http_set(x, "X-Content-Type-Options", "nosniff");
}

/* What a process before left behind is of no use: its clients send again. */
static void
clear_spool(const struct web *w)
{
	DIR *d = opendir(w->spool);
	if (!d)
		return;
	for (const struct dirent *f = readdir(d); f; f = readdir(d))
		if (f->d_name[0] != '.')
			(void)unlinkat(dirfd(d), f->d_name, 0);
	(void)closedir(d);
}

static enum err
write_address(const struct web *w)
{
	char path[DATADIR_PATH_BYTES], address[64];
	const char *listen = w->settings->web_listen;
	int host = (int)(strrchr(listen, ':') - listen);
	(void)snprintf(address, sizeof(address), "%.*s:%u\n", host, listen, http_port(w->http));
	enum err e = datadir_path(path, w->dir, "run/web/web.address");
	return e ? e : text_write_file(path, view_text(address), FILE_MODE);
}

static enum err
open_door(struct web *w)
{
	const struct http_setup setup = {.listen = w->settings->web_listen,
		.routes = routes,
		.route_count = ARRAY_LEN(routes),
		.body_max_bytes = w->settings->web_bundle_max_bytes,
		.dress = dress,
		.arg = w};
	enum err e = datadir_make(w->dir, "run/web/spool");
	if (!e)
		e = datadir_path(w->spool, w->dir, "run/web/spool");
	if (!e)
		e = datadir_path(w->socket, w->dir, "run/web/ledger.sock");
	if (!e)
		e = reactor_open(&w->reactor);
	if (e)
		return e;
	clear_spool(w);
	w->context = link_context_new();
	e = http_open(&w->http, w->reactor, &setup);
	return e ? fail_in(e, "hub.ini, web.listen") : write_address(w);
}

static enum err
confine_to(const struct web *w)
{
	char run[DATADIR_PATH_BYTES];
	const struct sandbox_path paths[] = {{run, SANDBOX_READ | SANDBOX_WRITE}};
	enum err e = datadir_path(run, w->dir, "run/web");
	return e ? e : sandbox_confine(paths, ARRAY_LEN(paths), false);
}

static void
close_all(struct web *w)
{
	http_free(w->http);
	reactor_free(w->reactor);
	link_context_free(w->context);
}

enum err
web_run(const char *dir, const struct settings *s, bool confine)
{
	OWNED_BY(close_all) struct web w = {.settings = s, .dir = dir};
	enum err e = sandbox_harden();
	if (!e)
		e = open_door(&w);
	if (!e && confine)
		e = confine_to(&w);
	if (e)
		return e;
	(void)reactor_timer(w.reactor, TICK_MS, TICK_MS, on_tick, &w);
	supervisor_child_ready();
	log_info("web", "bundles are taken at port %u", http_port(w.http));
	return reactor_run(w.reactor);
}
