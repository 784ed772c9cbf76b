/* admit - writes as many nodes into the vault of a hub that is stopped as a load test needs.
 *
 *   load-admit HUB COUNT     the passphrase of the services on standard input
 *
 * Nodes are those of tests/bench/bench_keys.h, numbered from 1, all of one site. What joining
 * does one by one with two persons is left out: this is no way into a hub that is in use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"

#include "hub/hub.h"
#include "hub/servicekey.h"
#include "hub/settings.h"
#include "hub/vaultkeys.h"
#include "hub/writer.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"

#define SITE_NAME      "norway"
#define PASSPHRASE_MAX 256

static struct secret *
read_passphrase(void)
{
	char line[PASSPHRASE_MAX] = "";
	bench_zero(fgets(line, sizeof(line), stdin) == NULL, "passphrase");
	return secret_copy(line, strcspn(line, "\n"));
}

static void
admit(struct vault_txn *t, unsigned i)
{
	struct writer w = {.admitted_s = 1};
	bench_sign_public(w.public, i, BENCH_WRITER);
	bench_sign_public(w.witness, i, BENCH_WITNESS);
	bench_box_public(w.transport, i, BENCH_TRANSPORT);
	bench_box_public(w.box, i, BENCH_BOX);
	bench_box_public(w.review, i, BENCH_BOX);
	(void)snprintf(w.site, sizeof(w.site), "%s", SITE_NAME);
	(void)snprintf(w.name, sizeof(w.name), "example node %u", i);
	bench_must(writer_put(t, &w), "writer");
}

int
main(int argc, char **argv)
{
	struct settings s;
	struct hub h = {.vault = NULL};
	struct vault_txn *t;
	char path[DATADIR_PATH_BYTES];
	OWNED(servicekey) struct servicekey *keys = NULL;
	if (argc != 3) {
		(void)fputs("usage: load-admit HUB COUNT\n", stderr);
		return 2;
	}
	bench_must(crypto_init(), "crypto");
	OWNED_SECRET struct secret *passphrase = read_passphrase();
	bench_must(settings_load(&s, argv[1]), "hub.ini");
	bench_must(servicekey_open(&keys, argv[1], passphrase), "keys");
	bench_must(datadir_path(path, argv[1], "vault"), "vault");
	const struct vault_limits limits = {
		.map_bytes = s.map_bytes, .floor_bytes = s.floor_bytes};
	const struct vaultkeys at = {argv[1], keys->vault};
	bench_must(vault_open_lmdb(&h.vault, path, &at, &limits, false), "vault");
	bench_must(hub_txn(&h, &t), "begin");
	for (unsigned i = 1; i <= (unsigned)strtoul(argv[2], NULL, 10); i++)
		admit(t, i);
	bench_must(hub_commit(&h), "commit");
	vault_free(h.vault);
	return 0;
}
