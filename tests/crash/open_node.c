/* open_node - opens disks of a node that a power cut might have left, as its sync does at a
 * start, and holds all of each against itself.
 *
 * Standard input: directories, a line each. Standard output, likewise: "ok C R", how many
 * entries the lanes have, or "failed SENTENCE". Each is opened to write; nothing is changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/trust/findings.h"

#include "node/hubcard.h"
#include "node/settings.h"
#include "node/vault_check.h"

static enum err
open_vault(struct vault **ret, const char *dir)
{
	struct settings s;
	struct hubcard card;
	enum err e = settings_load(&s, dir);
	if (!e)
		e = hubcard_load(&card, dir);
	if (e)
		return e;
	struct vault_config c = {.dir = dir, .study = card.study, .map_bytes = s.map_bytes};
	memcpy(c.writer, card.writer, sizeof(c.writer));
	return vault_open(ret, &c);
}

static enum err
look(const char *dir, uint64_t *ret_c, uint64_t *ret_r)
{
	OWNED(vault) struct vault *v = NULL;
	OWNED_BY(findings_done) struct findings f = {0};
	enum err e = open_vault(&v, dir);
	if (!e)
		e = vault_check(v, true, &f, NULL);
	if (!e)
		e = findings_check(&f);
	if (e)
		return e;
	*ret_c = vault_committed(v, LANE_C).seq;
	*ret_r = vault_committed(v, LANE_R).seq;
	return OK;
}

int
main(void)
{
	char dir[DATADIR_PATH_BYTES];
	if (crypto_init())
		return 2;
	while (fgets(dir, sizeof(dir), stdin)) {
		uint64_t c = 0, r = 0;
		dir[strcspn(dir, "\n")] = '\0';
		if (look(dir, &c, &r))
			(void)printf("failed %s\n", err_text());
		else
			(void)printf("ok %" PRIu64 " %" PRIu64 "\n", c, r);
		(void)fflush(stdout);
	}
	return 0;
}
