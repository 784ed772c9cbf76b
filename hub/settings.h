/* settings - hub.ini: what one hub is and where it listens.
 *
 * File:        DIR/hub.ini, written by `weir-hub init`; the options are one table (settings.c).
 * Always true: study and origin are fixed at init; a change of either is found at the next
 *              start.
 * Errors:      E_NOTFOUND "... is not a hub directory", E_FORMAT naming file and line.
 */
#ifndef WEIR_HUB_SETTINGS_H
#define WEIR_HUB_SETTINGS_H

#include "common/codec/bytes.h"

struct settings {
	char study[64];
	char origin[201]; /* first line of every checkpoint */
	char listen[256]; /* "tcp://127.0.0.1:7443" */
	/* passphrases of this hub: interactive cost instead of moderate */
	bool kdf_interactive;
	size_t gate_connections;  /* at a time, strangers among them */
	size_t gate_memory_bytes; /* then the gate is started anew */
	int64_t keeper_idle_s;    /* the keeper locks after this */
	char web_listen[64];      /* "": this hub has no door for HTTP */
	uint64_t web_bundle_max_bytes;
	int64_t web_bundles_per_minute;
	size_t map_bytes;
	size_t floor_bytes; /* free disk kept for withdrawals */
	int64_t renew_days; /* numbered keys are renewed after so long; 0: when asked */
	int64_t scrub_days; /* a pass of reading everything takes so long; 0: none */
};

CHECKED enum err settings_load(struct settings *ret, const char *dir);
/* Adds a hub.ini with these values to out; a number that is 0 stands for its default. */
CHECKED enum err settings_print(const struct settings *s, struct buf *out);

/* The study root's public key (32 bytes): DIR/root.public, as 64 hex digits and a newline. */
CHECKED enum err settings_root(uint8_t ret[static 32], const char *dir);

#endif
