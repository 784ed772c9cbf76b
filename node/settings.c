#include "node/settings.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/conf.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#define SETTINGS_MAX_BYTES  65536
#define SETTINGS_TEXT_BYTES 32
#define SETTINGS_MODE       0600
#define KIB                 ((size_t)1 << 10)
#define MIB                 ((size_t)1 << 20)

static const struct conf_option options[] = {
	{"node", "name", CONF_TEXT, "", 0, 0, "",
		"name of this installation, as the hub lists it"},
	{"keys", "interactive", CONF_FLAG, "no", 0, 0, "",
		"cheaper passphrases (interactive Argon2id), for demonstrations and small "
		"machines"},
	{"desk", "idle", CONF_NUMBER, "900", 10, 86400, "s", "the desk locks after this"},
	{"vault", "map", CONF_NUMBER, "16384", 16, 1048576, "MiB",
		"address space of the vault (sparse)"},
	{"vault", "floor", CONF_NUMBER, "64", 0, 1048576, "MiB",
		"free disk that is kept for withdrawals"},
	{"vault", "scrub", CONF_NUMBER, "7", 0, 365, "days",
		"everything is read once more within this time; 0: only when asked for"},
	{"vault", "prune", CONF_TEXT, "never", 0, 0, "",
		"never, or at-hub: answers of records that every backup of the hub has are "
		"removed here"},
	{"intake", "listen", CONF_TEXT, "127.0.0.1:8095", 0, 0, "",
		"loopback address of the door for tablets; none: there is no door"},
	{"intake", "hosts", CONF_TEXT, "", 0, 0, "",
		"names it may be called by, with blanks between; empty: any"},
	{"intake", "accept", CONF_NUMBER, "2048", 64, 32768, "KiB",
		"size of a request that tablets are asked to stay below"},
	{"intake", "max", CONF_NUMBER, "32", 1, 40, "MiB", "a request of more is refused"},
	{"intake", "memory", CONF_NUMBER, "128", 16, 4096, "MiB",
		"memory of all requests that are under way"},
	{"link", "socks", CONF_TEXT, "", 0, 0, "",
		"HOST:PORT of a SOCKS5 proxy on the way to the hub; empty: none"},
	{"link", "bandwidth_kbit_per_s", CONF_NUMBER, "0", 0, 1000000, "kbit/s",
		"records, acts and files together take no more of the line; 0: any. What "
		"people "
		"decided (consents, changes) is not held back by this or the next three"},
	{"link", "daily_mb", CONF_NUMBER, "0", 0, 1000000, "MB",
		"as much of them is sent in one day; 0: any"},
	{"link", "quiet_hours", CONF_TEXT, "", 0, 0, "",
		"none of them is sent then, as 08:00-17:00 on this machine's clock; empty: "
		"never"},
	{"link", "metered", CONF_FLAG, "no", 0, 0, "",
		"none of them is sent until this says no again"},
	{"courier", "url", CONF_TEXT, "", 0, 0, "",
		"https address of the hub's door for bundles, for example "
		"https://hub.example/bundle/v1; empty: none are sent"},
	{"courier", "proxy", CONF_TEXT, "", 0, 0, "",
		"http://HOST:PORT of a proxy (HTTP CONNECT) on the way there; empty: none"},
	{"courier", "ca", CONF_TEXT, "", 0, 0, "",
		"file of the authority that vouches for the door; empty: the system's"},
	{"courier", "every_minutes", CONF_NUMBER, "30", 1, 10080, "min",
		"a bundle is sent so often, while there is no other connection"},
};

/* HOST:PORT, both there; what else libzmq asks of it is found when it connects. */
static bool
is_socks(const char *text)
{
	const char *colon = strrchr(text, ':');
	int64_t port = 0;
	return colon && colon != text && text_int(view_text(colon + 1), &port) && port >= 1 &&
	       port <= UINT16_MAX;
}

enum err
settings_socks(struct settings *s, const char *socks)
{
	if (strlen(socks) >= sizeof(s->socks) || (socks[0] && !is_socks(socks)))
		return fail(E_FORMAT, "a SOCKS5 proxy is written HOST:PORT");
	memcpy(s->socks, socks, strlen(socks) + 1);
	return OK;
}

static enum err
fill_text(char *to, const struct conf *c, const char *key)
{
	int n = snprintf(to, SETTINGS_URL_BYTES, "%s", conf_text(c, "courier", key));
	if (n < 0 || n >= SETTINGS_URL_BYTES)
		return fail(E_FORMAT, "courier.%s is too long", key);
	return OK;
}

static enum err
fill_courier(struct settings *s, const struct conf *c)
{
	s->courier_every_minutes = conf_number(c, "courier", "every_minutes");
	enum err e = fill_text(s->courier_url, c, "url");
	if (!e)
		e = fill_text(s->courier_proxy, c, "proxy");
	if (!e)
		e = fill_text(s->courier_ca, c, "ca");
	if (!e && s->courier_url[0] && strncmp(s->courier_url, "https://", 8) != 0)
		e = fail(E_FORMAT, "courier.url has to begin with https://");
	if (!e && s->courier_proxy[0] && strncmp(s->courier_proxy, "http://", 7) != 0)
		e = fail(E_FORMAT, "courier.proxy has to begin with http://");
	return e;
}

static enum err
fill_link(struct settings *s, const struct conf *c)
{
	enum err e = settings_socks(s, conf_text(c, "link", "socks"));
	if (e)
		return e;
	s->pace.kbit_per_s = (uint32_t)conf_number(c, "link", "bandwidth_kbit_per_s");
	s->pace.daily_mb = (uint32_t)conf_number(c, "link", "daily_mb");
	s->pace.metered = conf_flag(c, "link", "metered");
	return pace_read_hours(&s->pace, conf_text(c, "link", "quiet_hours"));
}

static enum err
fill(struct settings *ret, const struct conf *c)
{
	struct settings s = {.kdf_interactive = conf_flag(c, "keys", "interactive"),
		.scrub_days = conf_number(c, "vault", "scrub"),
		.prunes = strcmp(conf_text(c, "vault", "prune"), "at-hub") == 0,
		.desk_idle_s = conf_number(c, "desk", "idle"),
		.map_bytes = (size_t)conf_number(c, "vault", "map") * MIB,
		.floor_bytes = (size_t)conf_number(c, "vault", "floor") * MIB,
		.intake_accept_bytes = (size_t)conf_number(c, "intake", "accept") * KIB,
		.intake_max_bytes = (size_t)conf_number(c, "intake", "max") * MIB,
		.intake_memory_bytes = (size_t)conf_number(c, "intake", "memory") * MIB};
	const char *listen = conf_text(c, "intake", "listen");
	if (!s.prunes && strcmp(conf_text(c, "vault", "prune"), "never") != 0)
		return fail(E_FORMAT, "vault.prune is never or at-hub");
	int n = snprintf(s.name, sizeof(s.name), "%s", conf_text(c, "node", "name"));
	if (n < 0 || n >= (int)sizeof(s.name))
		return fail(E_FORMAT, "the name of the node has more than %d bytes",
			SETTINGS_NAME_BYTES - 1);
	n = snprintf(s.intake_listen, sizeof(s.intake_listen), "%s",
		strcmp(listen, "none") == 0 ? "" : listen);
	if (n < 0 || n >= (int)sizeof(s.intake_listen))
		return fail(E_FORMAT, "intake.listen is too long");
	n = snprintf(
		s.intake_hosts, sizeof(s.intake_hosts), "%s", conf_text(c, "intake", "hosts"));
	if (n < 0 || n >= (int)sizeof(s.intake_hosts))
		return fail(E_FORMAT, "intake.hosts is too long");
	enum err e = fill_link(&s, c);
	if (!e)
		e = fill_courier(&s, c);
	if (!e)
		*ret = s;
	return e;
}

enum err
settings_load(struct settings *ret, const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_MEM uint8_t *text = NULL;
	OWNED(conf) struct conf *c = NULL;
	size_t len = 0;
	*ret = (struct settings){0};
	enum err e = datadir_path(path, dir, "node.ini");
	if (!e)
		e = text_read_file(&text, &len, path, SETTINGS_MAX_BYTES);
	if (e == E_NOTFOUND)
		return fail(
			e, "%s is not a node directory: make one with `weir-node join`", dir);
	if (!e)
		e = conf_load(&c, view_of(text, len), path, options, ARRAY_LEN(options));
	return e ? e : fill(ret, c);
}

enum err
settings_default(struct settings *ret)
{
	OWNED(conf) struct conf *c = NULL;
	*ret = (struct settings){0};
	enum err e = conf_load(&c, view_of(NULL, 0), "node.ini", options, ARRAY_LEN(options));
	return e ? e : fill(ret, c);
}

enum err
settings_write(const struct settings *s, const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	OWNED(conf) struct conf *c = NULL;
	OWNED_BUF struct buf out;
	buf_init(&out, SETTINGS_MAX_BYTES);
	enum err e = datadir_path(path, dir, "node.ini");
	if (!e)
		e = conf_load(&c, view_of(NULL, 0), "node.ini", options, ARRAY_LEN(options));
	if (!e && s->name[0])
		e = conf_set(c, "node", "name", s->name);
	if (!e)
		e = conf_set(c, "keys", "interactive", s->kdf_interactive ? "yes" : "no");
	if (!e)
		e = conf_set(c, "link", "socks", s->socks);
	if (e)
		return e;
	conf_print(c, &out);
	e = buf_check(&out, "node.ini");
	return e ? e : text_write_file(path, buf_view(&out), SETTINGS_MODE);
}
