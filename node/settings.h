/* settings - node.ini: what one node is called and how much it may hold.
 *
 * File:        DIR/node.ini, written by `weir-node join`; the options are one table
 *              (settings.c).
 * Errors:      E_NOTFOUND "... is not a node directory", E_FORMAT naming file and line.
 */
#ifndef WEIR_NODE_SETTINGS_H
#define WEIR_NODE_SETTINGS_H

#include "common/sync/pace.h"

#define SETTINGS_NAME_BYTES   65
#define SETTINGS_LISTEN_BYTES 64
#define SETTINGS_HOSTS_BYTES  512
#define SETTINGS_SOCKS_BYTES  256
#define SETTINGS_URL_BYTES    512

struct settings {
	char name[SETTINGS_NAME_BYTES]; /* of the installation, as the hub lists it */
	/* passphrases of this node: interactive cost instead of moderate */
	bool kdf_interactive;
	int64_t scrub_days;  /* 0: only when asked for */
	bool prunes;         /* what every backup of the hub has */
	int64_t desk_idle_s; /* the desk locks after this */
	size_t map_bytes;
	size_t floor_bytes; /* free disk kept for withdrawals */
	/* The door for tablets: */
	char intake_listen[SETTINGS_LISTEN_BYTES]; /* "": this node has none */
	char intake_hosts[SETTINGS_HOSTS_BYTES];
	/* The way to the hub: */
	char socks[SETTINGS_SOCKS_BYTES]; /* "host:port" of a SOCKS5 proxy; "": none */
	struct pace_rules pace;
	/* Bundles by HTTPS; url "": none. */
	char courier_url[SETTINGS_URL_BYTES], courier_proxy[SETTINGS_URL_BYTES];
	char courier_ca[SETTINGS_URL_BYTES];
	int64_t courier_every_minutes;
	size_t intake_accept_bytes, intake_max_bytes, intake_memory_bytes;
};

CHECKED enum err settings_load(struct settings *ret, const char *dir);
/* What the table says without a file. */
CHECKED enum err settings_default(struct settings *ret);
/* HOST:PORT of a proxy, or "" for none. */
CHECKED enum err settings_socks(struct settings *s, const char *socks);
/* Writes DIR/node.ini: name, cost of passphrases and proxy as here, the rest by default. */
CHECKED enum err settings_write(const struct settings *s, const char *dir);

#endif
