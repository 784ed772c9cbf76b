#include "hub/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/conf.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#define SETTINGS_MAX_BYTES 65536
#define ROOT_TEXT_BYTES    65 /* 64 digits and a newline */
#define MIB                ((size_t)1 << 20)

static const struct conf_option options[] = {
	{"hub", "study", CONF_TEXT, "", 0, 0, "", "id of the study; fixed at init"},
	{"hub", "origin", CONF_TEXT, "", 0, 0, "",
		"first line of every checkpoint; fixed at init"},
	{"hub", "listen", CONF_TEXT, "tcp://127.0.0.1:7443", 0, 0, "",
		"address that nodes connect to"},
	{"keys", "interactive", CONF_FLAG, "no", 0, 0, "",
		"cheaper passphrases (interactive Argon2id), for demonstrations and small "
		"machines"},
	{"keys", "renew", CONF_NUMBER, "30", 0, 365, "days",
		"numbered keys get a new number after so long; 0: only when an officer asks"},
	{"gate", "connections", CONF_NUMBER, "2048", 16, 100000, "",
		"at a time; twice as many descriptors have to be allowed (ulimit -n, "
		"LimitNOFILE)"},
	{"gate", "memory", CONF_NUMBER, "1024", 64, 1048576, "MiB",
		"a gate that holds more is started anew; nodes connect again by themselves"},
	{"keeper", "idle", CONF_NUMBER, "900", 10, 86400, "s", "the keeper locks after this"},
	{"web", "listen", CONF_TEXT, "none", 0, 0, "",
		"loopback address of the door for bundles by HTTP, for example "
		"127.0.0.1:8096; none: there is no door"},
	{"web", "bundle_max", CONF_NUMBER, "256", 1, 65536, "MiB",
		"a bundle of more is refused"},
	{"web", "bundles_per_minute", CONF_NUMBER, "60", 1, 6000, "",
		"more are asked to come again later"},
	{"vault", "map", CONF_NUMBER, "262144", 64, 1048576, "MiB",
		"address space of the vault (sparse); the same in every process"},
	{"vault", "floor", CONF_NUMBER, "64", 0, 1048576, "MiB",
		"free disk that is kept for withdrawals"},
	{"vault", "scrub", CONF_NUMBER, "7", 0, 365, "days",
		"everything is read once more in so long, and what is damaged fetched again "
		"from its node; 0: only when asked for"},
};

static enum err
fill(struct settings *s, const struct conf *c)
{
	const char *study = conf_text(c, "hub", "study"),
		   *origin = conf_text(c, "hub", "origin");
	const char *listen = conf_text(c, "hub", "listen");
	const char *web = conf_text(c, "web", "listen");
	if (!text_is_name(study, sizeof(s->study) - 1))
		return fail(E_FORMAT, "hub.ini: study is not of its form");
	if (!origin[0] || strlen(origin) >= sizeof(s->origin))
		return fail(E_FORMAT, "hub.ini: origin is empty or too long");
	if (strncmp(listen, "tcp://", 6) != 0 || strlen(listen) >= sizeof(s->listen))
		return fail(E_FORMAT, "hub.ini: listen has to be tcp://ADDRESS:PORT");
	(void)snprintf(s->study, sizeof(s->study), "%s", study);
	(void)snprintf(s->origin, sizeof(s->origin), "%s", origin);
	(void)snprintf(s->listen, sizeof(s->listen), "%s", listen);
	if (strlen(web) >= sizeof(s->web_listen))
		return fail(E_FORMAT, "hub.ini: web.listen is too long");
	(void)snprintf(s->web_listen, sizeof(s->web_listen), "%s",
		strcmp(web, "none") == 0 ? "" : web);
	s->web_bundle_max_bytes = (uint64_t)conf_number(c, "web", "bundle_max") * MIB;
	s->web_bundles_per_minute = conf_number(c, "web", "bundles_per_minute");
	s->kdf_interactive = conf_flag(c, "keys", "interactive");
	s->gate_connections = (size_t)conf_number(c, "gate", "connections");
	s->gate_memory_bytes = (size_t)conf_number(c, "gate", "memory") * MIB;
	s->keeper_idle_s = conf_number(c, "keeper", "idle");
	s->map_bytes = (size_t)conf_number(c, "vault", "map") * MIB;
	s->floor_bytes = (size_t)conf_number(c, "vault", "floor") * MIB;
	s->scrub_days = conf_number(c, "vault", "scrub");
	s->renew_days = conf_number(c, "keys", "renew");
	return OK;
}

enum err
settings_load(struct settings *ret, const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_MEM uint8_t *text = NULL;
	OWNED(conf) struct conf *c = NULL;
	size_t len = 0;
	struct settings s = {0};
	*ret = s;
	enum err e = datadir_path(path, dir, "hub.ini");
	if (!e)
		e = text_read_file(&text, &len, path, SETTINGS_MAX_BYTES);
	if (e == E_NOTFOUND)
		return fail(e, "%s is not a hub directory: make one with `weir-hub init`", dir);
	if (!e)
		e = conf_load(&c, view_of(text, len), path, options, ARRAY_LEN(options));
	if (!e)
		e = fill(&s, c);
	if (!e)
		*ret = s;
	return e;
}

struct number {
	const char *section, *key;
	int64_t value; /* 0: the default */
};

static enum err
set_number(struct conf *c, const struct number *n)
{
	char text[24];
	(void)snprintf(text, sizeof(text), "%" PRId64, n->value);
	return n->value ? conf_set(c, n->section, n->key, text) : OK;
}

enum err
settings_print(const struct settings *s, struct buf *out)
{
	const struct number numbers[] = {
		{"keeper", "idle", s->keeper_idle_s},
		{"vault", "map", (int64_t)(s->map_bytes / MIB)},
		{"vault", "floor", (int64_t)(s->floor_bytes / MIB)},
	};
	OWNED(conf) struct conf *c = NULL;
	enum err e = conf_load(&c, view_of(NULL, 0), "hub.ini", options, ARRAY_LEN(options));
	if (!e)
		e = conf_set(c, "hub", "study", s->study);
	if (!e)
		e = conf_set(c, "hub", "origin", s->origin);
	if (!e)
		e = conf_set(c, "hub", "listen", s->listen);
	if (!e)
		e = conf_set(c, "keys", "interactive", s->kdf_interactive ? "yes" : "no");
	for (size_t i = 0; !e && i < ARRAY_LEN(numbers); i++)
		e = set_number(c, &numbers[i]);
	if (!e)
		conf_print(c, out);
	return e;
}

enum err
settings_root(uint8_t ret[static 32], const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_MEM uint8_t *text = NULL;
	size_t len = 0;
	enum err e = datadir_path(path, dir, "root.public");
	if (!e)
		e = text_read_file(&text, &len, path, ROOT_TEXT_BYTES);
	if (e)
		return e;
	bool is_form = len == ROOT_TEXT_BYTES && text[len - 1] == '\n';
	if (is_form)
		text[len - 1] = '\0';
	return is_form && text_unhex(ret, 32, (const char *)text)
		       ? OK
		       : fail(E_FORMAT, "%s is not a study root", path);
}
