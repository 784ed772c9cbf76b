#include "node/intake.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/supervisor.h"

#include "node/intake_submit.h"
#include "node/settings.h"

#define ADDRESS_MODE  0600
#define ADDRESS_BYTES 64

struct intake {
	struct settings settings;
	struct reactor *reactor;
	struct http *http;
	struct intake_door door;
	bool asking; /* for the facts, or for an earlier pack */
};

/* what is served */

#define DOCUMENTS(prefix)                                                                      \
	{"GET", prefix "/formList", intake_door_list, NULL, NULL},                             \
		{"GET", prefix "/form/:form/:version/xml", intake_door_xml, NULL, NULL},       \
		{"GET", prefix "/form/:form/:version/manifest", intake_door_manifest, NULL,    \
			NULL},                                                                 \
		{"GET", prefix "/form/:form/:version/media/:name", intake_door_media, NULL,    \
			NULL},                                                                 \
		{"GET", prefix "/integrity", intake_door_integrity, NULL, NULL},               \
		{"HEAD", prefix "/submission", intake_submit_head, NULL, NULL},                \
	{                                                                                      \
		"POST", prefix "/submission", intake_submit_serve, intake_submit_begin,        \
			intake_submit_piece                                                    \
	}

static const struct http_route routes[] = {
	DOCUMENTS("/key/:token"),
	DOCUMENTS("/v1/key/:token"),
	DOCUMENTS("/v1/key/:token/projects/:project"),
	{"GET", "/healthz", intake_door_health, NULL, NULL},
};

/* what it knows */

static void ask_past(struct intake *i);

static void
on_past(void *arg, enum err e, struct cursor *c)
{
	struct intake *i = arg;
	i->asking = false;
	if (!e)
		e = intake_forms_read_past(i->door.forms, c);
	if (e)
		log_warn("intake", "an earlier pack cannot be used: %s", err_text());
	else
		ask_past(i);
}

static void
ask_past(struct intake *i)
{
	OWNED_BUF struct buf fields;
	const struct intake_forms *f = i->door.forms;
	buf_init(&fields, sizeof(uint32_t));
	if (f->past_loaded >= f->past_count)
		return;
	buf_u32(&fields, (uint32_t)f->past_loaded);
	struct intake_question q = {SYNC_PAST, buf_view(&fields), on_past, i};
	i->asking = intake_link_ask(i->door.link, &q) == OK;
}

static void
on_facts(void *arg, enum err e, struct cursor *c)
{
	struct intake *i = arg;
	OWNED(intake_forms) struct intake_forms *next = NULL;
	i->asking = false;
	if (!e)
		e = intake_forms_read(&next, i->door.tokens, c);
	if (e == E_NOTFOUND || e == E_ABSENT)
		return;
	if (e) {
		log_error("intake", "what sync says cannot be used: %s", err_text());
		return;
	}
	struct intake_forms *before = i->door.forms;
	i->door.forms = take(next);
	intake_forms_free(before);
	i->door.facts_wanted = i->door.forms->number;
	log_info("intake", "%zu forms open, %zu collectors", i->door.forms->rosa_count,
		intake_tokens_count(i->door.tokens));
	ask_past(i);
}

static void
ask_facts(struct intake *i)
{
	struct intake_question q = {SYNC_FACTS, view_of(NULL, 0), on_facts, i};
	i->asking = intake_link_ask(i->door.link, &q) == OK;
}

static void
on_number(void *arg, enum err e, struct cursor *c)
{
	struct intake *i = arg;
	uint64_t number = cursor_u64(c);
	i->asking = false;
	if (!e && !c->broken && i->door.forms && number != i->door.forms->number)
		ask_facts(i);
}

/* An empty question about codes tells the number of the facts, and nothing is sent in vain. */
static void
ask_number(struct intake *i)
{
	static const uint8_t none[sizeof(uint32_t)];
	struct intake_question q = {SYNC_CODES, view_of(none, sizeof(none)), on_number, i};
	i->asking = intake_link_ask(i->door.link, &q) == OK;
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct intake *i = arg;
	const struct intake_forms *f = i->door.forms;
	(void)r;
	if (i->asking || !intake_link_is_up(i->door.link))
		return;
	if (!f || i->door.facts_wanted > f->number)
		ask_facts(i);
	else
		ask_number(i);
}

static void
on_up(struct reactor *r, void *arg)
{
	struct intake *i = arg;
	(void)r;
	i->asking = false;
	ask_facts(i);
}

/* make, run, free */

static enum err
write_address(const struct intake *i, const char *dir)
{
	char path[DATADIR_PATH_BYTES], address[ADDRESS_BYTES];
	const char *listen = i->settings.intake_listen;
	int host = (int)(strrchr(listen, ':') - listen);
	(void)snprintf(address, sizeof(address), "%.*s:%u\n", host, listen, http_port(i->http));
	enum err e = datadir_path(path, dir, "run/intake.address");
	return e ? e : text_write_file(path, view_text(address), ADDRESS_MODE);
}

static enum err
open_door(struct intake *i, const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	const struct settings *s = &i->settings;
	struct http_setup setup = {.listen = s->intake_listen,
		.routes = routes,
		.route_count = ARRAY_LEN(routes),
		.body_max_bytes = s->intake_max_bytes,
		.dress = intake_door_dress,
		.refuse = intake_door_refuse,
		.arg = &i->door};
	enum err e = datadir_path(path, dir, "run/sync.sock");
	if (!e)
		e = reactor_open(&i->reactor);
	if (e)
		return e;
	i->door = (struct intake_door){.tokens = intake_tokens_new(),
		.hosts = s->intake_hosts,
		.accept_bytes = MIN(s->intake_accept_bytes, s->intake_max_bytes),
		.max_bytes = s->intake_max_bytes,
		.memory_bytes = s->intake_memory_bytes};
	i->door.link = intake_link_new(i->reactor, path, on_up, i);
	e = http_open(&i->http, i->reactor, &setup);
	return e ? fail_in(e, "node.ini, intake.listen") : write_address(i, dir);
}

/* What waits is answered before the server goes; what exchanges hold goes with it. */
static void
close_all(struct intake *i)
{
	intake_link_free(i->door.link);
	http_free(i->http);
	intake_forms_free(i->door.forms);
	intake_tokens_free(i->door.tokens);
	reactor_free(i->reactor);
}

enum err
intake_run(const struct intake_setup *setup)
{
	OWNED_BY(close_all) struct intake i = {.http = NULL};
	enum err e = settings_load(&i.settings, setup->dir);
	if (!e)
		e = open_door(&i, setup->dir);
	if (!e && setup->confine)
		e = setup->confine(setup->arg);
	if (e)
		return e;
	intake_link_start(i.door.link);
	(void)reactor_timer(i.reactor, INTAKE_FACTS_MS, INTAKE_FACTS_MS, on_tick, &i);
	supervisor_child_ready();
	return reactor_run(i.reactor);
}
