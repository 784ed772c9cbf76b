#include "common/run/backupcmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/run/datadir.h"

#define RUN_DIR "run"

const struct program_option backupcmd_backup_options[] = {
	{"keys", "FILE", "also copy the key files, each under its passphrase, to FILE"},
	{NULL, NULL, NULL},
};

const struct program_option backupcmd_restore_options[] = {
	{"keys", "FILE", "put back the key files that are missing, from their copy"},
	{"over-newer", NULL, "also in the place of a vault that has more than the backup"},
	{NULL, NULL, NULL},
};

void
backupcmd_progress(void *arg, uint64_t looked)
{
	program_progress(arg, "%" PRIu64 " rows checked", looked);
}

enum err
backupcmd_lock(struct program *p, const struct backupcmd_side *side,
	struct link_context *context, struct link **ret)
{
	char path[DATADIR_PATH_BYTES];
	enum err e =
		datadir_make(program_dir(p), ""); /* what was lost as a whole is made anew */
	if (!e)
		e = datadir_make(program_dir(p), RUN_DIR);
	if (!e)
		e = datadir_make(program_dir(p), side->dirs);
	if (!e)
		e = datadir_path(path, program_dir(p), side->socket);
	if (!e)
		e = link_serve_ipc(ret, context, path);
	return e == E_CONFLICT ? fail(e, "the %s is running: stop `weir-%s run` first",
					 side->name, side->name)
			       : e;
}

void
backupcmd_print_made(
	struct program *p, const struct backupcmd_side *side, const struct backup *b)
{
	char leaves[64] = "";
	if (side->has_log)
		(void)snprintf(leaves, sizeof(leaves),
			program_json(p) ? "\"leaves\":%" PRIu64 "," : "%" PRIu64 " leaves, ",
			b->leaves);
	if (program_json(p))
		printf("{\"entries\":%" PRIu64 ",%s\"bytes\":%" PRIu64 "}\n", b->entries,
			leaves, b->bytes);
	else
		printf("backup in %s: %" PRIu64 " entries, %s%" PRIu64
		       " bytes, every row checked; %s are not in it\n",
			program_arg(p, 0), b->entries, leaves, b->bytes, side->absent);
}

void
backupcmd_print_restored(struct program *p, const struct backupcmd_side *side, uint64_t ahead)
{
	if (program_json(p)) {
		printf("{\"ahead\":%" PRIu64 "}\n", ahead);
		return;
	}
	printf("restored and checked; what was here before is kept beside it as "
	       "vault.before-N: delete it when it is no longer needed\n");
	if (ahead)
		printf("%" PRIu64 " entries that were here are not in the backup%s\n", ahead,
			side->later);
	printf("%s\n", side->next);
}
