#include "hub/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/net/link.h"
#include "common/run/datadir.h"
#include "common/trust/backupdir.h"

#include "hub/copies.h"

static void
progress(void *arg, uint64_t looked)
{
	program_progress(arg, "%" PRIu64 " rows checked", looked);
}

static enum err
open_keys(struct program *p, struct servicekey **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = program_passphrase(p, "passphrase of the hub's services", &passphrase);
	return e ? e : servicekey_open(ret, program_dir(p), passphrase);
}

static void
print_made(struct program *p, const struct backup *b)
{
	if (program_json(p))
		printf("{\"entries\":%" PRIu64 ",\"leaves\":%" PRIu64 ",\"bytes\":%" PRIu64
		       "}\n",
			b->entries, b->leaves, b->bytes);
	else
		printf("backup in %s: %" PRIu64 " entries, %" PRIu64 " leaves, %" PRIu64
		       " bytes, every row checked; keys, log and journal are not in it\n",
			program_arg(p, 0), b->entries, b->leaves, b->bytes);
}

static enum err
run_backup(struct program *p)
{
	struct copies c;
	const char *keys_file = program_value(p, "keys"), *to = program_arg(p, 0);
	OWNED_BACKUP struct backup b = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.progress = progress, .arg = p};
	OWNED(servicekey) struct servicekey *keys = NULL;
	enum err e = open_keys(p, &keys);
	if (!e)
		e = copies_begin(&c, program_dir(p), keys);
	if (!e && keys_file)
		e = copies_keys_write(program_dir(p), keys_file, to);
	if (!e)
		e = copies_make(&b, &c, to, &f);
	program_progress(p, NULL);
	if (!e)
		print_made(p, &b);
	return e;
}

/* The commands' socket: its lock is what makes a process the vault's writer. */
static enum err
take_lock(struct program *p, struct link_context *context, struct link **ret)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_make(program_dir(p), "run");
	if (!e)
		e = datadir_make(program_dir(p), "run/cmd");
	if (!e)
		e = datadir_path(path, program_dir(p), "run/cmd/ledger.sock");
	if (!e)
		e = link_serve_ipc(ret, context, path);
	return e == E_CONFLICT ? fail(e, "the hub is running: stop `weir-hub run` first") : e;
}

/* A hub whose directory was lost begins with the papers of the backup. Its journal has to be
 * there: without it nobody could tell what was released or withdrawn since. */
static enum err
bring_back(struct program *p)
{
	static const char *const papers[] = {"hub.ini", "root.public", "vkey"};
	const char *keys_file = program_value(p, "keys");
	OWNED_MEM char *journal = xasprintf("%s/journal/journal", program_dir(p));
	enum err e = OK;
	if (access(journal, F_OK))
		return fail(E_NOTFOUND,
			"%s is not there: put back the journal and the log of this hub from "
			"where they lie, they are newer than any backup",
			journal);
	for (size_t i = 0; !e && i < ARRAY_LEN(papers); i++)
		e = backupdir_bring(program_arg(p, 0), program_dir(p), papers[i]);
	if (!e && keys_file)
		e = copies_keys_restore(program_dir(p), keys_file);
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
		printf("%" PRIu64
		       " entries that were here are not in the backup; the nodes send "
		       "them again\n",
			ahead);
	printf("next: `weir-hub run`, then `weir-hub status`: if the journal is ahead of the "
	       "backup, nothing is released until every node was heard\n");
}

static enum err
restore(struct program *p, struct findings *f)
{
	struct copies c;
	OWNED(link_context) struct link_context *context = link_context_new();
	OWNED(link) struct link *lock = NULL;
	OWNED(servicekey) struct servicekey *keys = NULL;
	uint64_t ahead = 0;
	enum err e = take_lock(p, context, &lock);
	if (!e)
		e = bring_back(p);
	if (!e)
		e = open_keys(p, &keys);
	if (!e)
		e = copies_begin(&c, program_dir(p), keys);
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
	.help = "copy the vault to a new directory beside the running hub, and check the copy",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
	.options = backup_options,
};

const struct program_command cmd_restore = {
	.name = "restore",
	.run = run_restore,
	.help = "put a backup in the place of the vault; the hub has to be stopped",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
	.options = restore_options,
};
