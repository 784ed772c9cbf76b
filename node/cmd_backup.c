#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/net/link.h"
#include "common/run/datadir.h"
#include "common/trust/backupdir.h"

#include "node/copies.h"

static void
progress(void *arg, uint64_t looked)
{
	program_progress(arg, "%" PRIu64 " rows checked", looked);
}

static enum err
open_keys(struct program *p, struct sitekeys **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = program_passphrase(p, "passphrase of this node's services", &passphrase);
	return e ? e : sitekeys_open(ret, program_dir(p), passphrase);
}

static void
print_made(struct program *p, const struct backup *b)
{
	const char *to = program_arg(p, 0);
	if (program_json(p))
		printf("{\"entries\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n", b->entries,
			b->bytes);
	else
		printf("backup in %s: %" PRIu64 " entries, %" PRIu64
		       " bytes, every row checked; keys are not in it\n",
			to, b->entries, b->bytes);
}

static enum err
run_backup(struct program *p)
{
	struct copies c;
	const char *keys_file = program_value(p, "keys"), *to = program_arg(p, 0);
	OWNED_BACKUP struct backup b = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.progress = progress, .arg = p};
	OWNED(sitekeys) struct sitekeys *keys = NULL;
	enum err e = copies_begin(&c, program_dir(p));
	if (!e)
		e = open_keys(p, &keys);
	if (!e && keys_file)
		e = copies_keys_write(program_dir(p), keys_file, to);
	if (!e)
		e = copies_make(&b, &c, to, keys->writer, &f);
	program_progress(p, NULL);
	if (!e)
		print_made(p, &b);
	return e;
}

/* The socket's lock is what makes a process the vault's writer. */
static enum err
take_lock(struct program *p, struct link_context *context, struct link **ret)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_make(program_dir(p), "run");
	if (!e)
		e = datadir_path(path, program_dir(p), "run/sync.sock");
	if (!e)
		e = link_serve_ipc(ret, context, path);
	return e == E_CONFLICT ? fail(e, "the node is running: stop `weir-node run` first") : e;
}

/* A node whose directory was lost begins with the papers of the backup. */
static enum err
bring_back(struct program *p)
{
	const char *keys_file = program_value(p, "keys");
	enum err e = datadir_make(program_dir(p), "");
	if (!e)
		e = backupdir_bring(program_arg(p, 0), program_dir(p), "hub.card");
	if (!e)
		e = backupdir_bring(program_arg(p, 0), program_dir(p), "node.ini");
	if (!e && keys_file)
		e = copies_keys_restore(program_dir(p), keys_file);
	if (!e && !sitekeys_there(program_dir(p)))
		e = fail(E_NOTFOUND, "the keys of this node are not here: a backup holds none; "
				     "--keys FILE brings back their copy");
	return e;
}

static void
print_restored(struct program *p, uint64_t ahead)
{
	if (program_json(p)) {
		printf("{\"ahead\":%" PRIu64 "}\n", ahead);
		return;
	}
	printf("restored and checked; what was here before is kept beside it as "
	       "vault.before-N: delete it when it is no longer needed\n");
	if (ahead)
		printf("%" PRIu64 " entries that were here are not in the backup\n", ahead);
	printf("if the hub has more of this node than the backup, it takes nothing from it "
	       "until "
	       "somebody has looked at it: `weir-node status` then says that sending has "
	       "stopped; "
	       "what is collected stays here\n");
}

static enum err
restore(struct program *p, struct findings *f)
{
	struct copies c;
	OWNED(link_context) struct link_context *context = link_context_new();
	OWNED(link) struct link *lock = NULL;
	uint64_t ahead = 0;
	enum err e = take_lock(p, context, &lock);
	if (!e)
		e = bring_back(p);
	if (!e)
		e = copies_begin(&c, program_dir(p));
	if (!e)
		e = copies_restore(
			&c, program_arg(p, 0), program_has(p, "over-newer"), f, &ahead);
	if (!e)
		print_restored(p, ahead);
	return e;
}

static enum err
run_restore(struct program *p)
{
	OWNED_BY(findings_done) struct findings f = {.progress = progress, .arg = p};
	enum err e = restore(p, &f);
	program_progress(p, NULL);
	return e;
}

static const struct program_option backup_options[] = {
	{"keys", "FILE", "also copy the key files, each under its passphrase, to FILE"},
	{NULL, NULL, NULL},
};

static const struct program_option restore_options[] = {
	{"keys", "FILE", "put back the key files that are missing, from their copy"},
	{"over-newer", NULL, "also in the place of a vault that has more than the backup"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_backup = {
	.name = "backup",
	.run = run_backup,
	.help = "copy the vault to a new directory beside the running node, and check the copy",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
	.options = backup_options,
};

const struct program_command cmd_restore = {
	.name = "restore",
	.run = run_restore,
	.help = "put a backup in the place of the vault; the node has to be stopped",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
	.options = restore_options,
};
