/* open_hub - opens disks of a hub that a power cut might have left, as its ledger does at a
 * start: vault, journal and log; then reads every row of the vault, whose tags have to hold.
 *
 *   crash-open-hub HUB_DIRECTORY    lends its service keys only; their passphrase in WEIR_PASS
 *
 * Standard input: directories, a line each. Standard output, likewise: "ok C R", how many
 * entries are there of the lanes, or "failed SENTENCE". Opening one may write its log anew.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/trust/entry.h"

#include "hub/audit.h"
#include "hub/servicekey.h"
#include "hub/settings.h"
#include "hub/vaultkeys.h"

#define LANE_AT (SIGN_PUBLIC_BYTES + 4) /* in the key of an entry: writer, incarnation, lane */

struct count {
	enum vault_table table;
	uint64_t lanes[LANE_R + 1];
};

static enum err
count_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct count *c = arg;
	(void)value;
	(void)ret_stop;
	if (c->table == VAULT_ENTRIES && key.len > LANE_AT && key.at[LANE_AT] <= LANE_R)
		c->lanes[key.at[LANE_AT]]++;
	return OK;
}

static enum err
read_all(struct vault *v, struct count *c)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	enum err e = vault_snapshot(&t, v);
	for (int i = 0; !e && i < VAULT_TABLE_COUNT; i++) {
		c->table = (enum vault_table)i;
		struct vault_range range = {.table = c->table};
		e = vault_each(t, &range, count_row, c);
	}
	return e;
}

static enum err
look(const char *dir, const struct servicekey *keys, struct count *c)
{
	struct settings s;
	char vault[DATADIR_PATH_BYTES], log[DATADIR_PATH_BYTES], journal[DATADIR_PATH_BYTES];
	OWNED(vault) struct vault *v = NULL;
	OWNED(audit) struct audit *a = NULL;
	struct audit_config at = {
		.log_dir = log, .journal_dir = journal, .log_seed = keys->log_seed};
	enum err e = settings_load(&s, dir);
	struct vault_limits limits = {.map_bytes = s.map_bytes};
	at.origin = s.origin;
	if (!e)
		e = datadir_path(vault, dir, "vault");
	if (!e)
		e = datadir_path(log, dir, "log");
	if (!e)
		e = datadir_path(journal, dir, "journal");
	const struct vaultkeys keys_at = {dir, keys->vault};
	if (!e)
		e = vault_open_lmdb(&v, vault, &keys_at, &limits, false);
	at.vault = v;
	if (!e)
		e = audit_open(&a, &at);
	return e ? e : read_all(v, c);
}

int
main(int argc, char **argv)
{
	OWNED(servicekey) struct servicekey *keys = NULL;
	const char *pass = getenv("WEIR_PASS");
	char dir[DATADIR_PATH_BYTES];
	if (argc != 2 || !pass || crypto_init())
		return 2;
	OWNED(secret) struct secret *secret = secret_copy(pass, strlen(pass));
	if (servicekey_open(&keys, argv[1], secret)) {
		(void)fprintf(stderr, "open_hub: %s\n", err_text());
		return 1;
	}
	while (fgets(dir, sizeof(dir), stdin)) {
		struct count c = {0};
		dir[strcspn(dir, "\n")] = '\0';
		if (look(dir, keys, &c))
			(void)printf("failed %s\n", err_text());
		else
			(void)printf("ok %" PRIu64 " %" PRIu64 "\n", c.lanes[LANE_C],
				c.lanes[LANE_R]);
		(void)fflush(stdout);
	}
	return 0;
}
