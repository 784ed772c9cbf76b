#include "hub/cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/run/backupcmd.h"
#include "common/run/datadir.h"
#include "common/run/keycopy.h"
#include "common/trust/backupdir.h"

#include "hub/copies.h"
#include "hub/upnote.h"

static const struct backupcmd_side side = {.name = "hub",
	.dirs = "run/cmd",
	.socket = "run/cmd/ledger.sock",
	.has_log = true,
	.absent = "keys, log and journal",
	.later = "; the nodes send them again",
	.next = "next: `weir-hub run`, then `weir-hub status`: if the journal is ahead of the "
		"backup, nothing is released until every node was heard"};

static enum err
open_keys(struct program *p, struct servicekey **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = program_passphrase(p, "passphrase of the hub's services", &passphrase);
	return e ? e : servicekey_open(ret, program_dir(p), passphrase);
}

/* Nodes keep what not every backup holds: the hub has to know of this one. */
static void
tell(struct program *p, const struct backup *b)
{
	char id[UPNOTE_ID_DIGITS + 1];
	int64_t count = 0;
	enum err e = upnote_tell(p, b, id, &count);
	if (e)
		fprintf(stderr,
			"the hub has not taken note of this backup (%s): nodes prune nothing "
			"that it holds. When the hub runs: weir-hub backup note %s\n",
			err_text(), program_arg(p, 0));
	else if (!program_json(p))
		printf("noted as %s, the backups noted are now %lld; if it can never be "
		       "restored "
		       "again: weir-hub backup forget %s\n",
			id, (long long)count, id);
}

/* The backup is whole by now, and stays. */
static enum err
copy_keys(const struct copies *c, const char *file, const char *to, const struct backup *b)
{
	enum err e = copies_keys_write(c, file, b);
	return e ? fail_in(e,
			   "%s is made, but %s is not, and the hub was not told of either: "
			   "delete what there is and make the backup again",
			   to, file)
		 : OK;
}

/* Who loses the hub's directory needs keys that open the backup. */
static void
say_unopened(const struct copies *c, const struct backup *b)
{
	if (!copies_keys_open(c, b))
		fprintf(stderr,
			"no copy of the keys that was made here opens this backup (vault key "
			"%u, keyring epoch %u): make the next one with --keys FILE\n",
			b->vault_key, b->keyring.epoch);
}

static enum err
run_backup(struct program *p)
{
	struct copies c;
	const char *keys_file = program_value(p, "keys"), *to = program_arg(p, 0);
	OWNED_BACKUP struct backup b = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.progress = backupcmd_progress, .arg = p};
	OWNED(servicekey) struct servicekey *keys = NULL;
	enum err e = open_keys(p, &keys);
	if (!e)
		e = copies_begin(&c, program_dir(p), keys);
	if (!e && keys_file)
		e = keycopy_may_lie(keys_file, to);
	if (!e)
		e = copies_make(&b, &c, to, &f);
	program_progress(p, NULL);
	if (!e && keys_file)
		e = copy_keys(&c, keys_file, to, &b);
	if (e)
		return e;
	backupcmd_print_made(p, &side, &b);
	tell(p, &b);
	if (!keys_file)
		say_unopened(&c, &b);
	return OK;
}

static enum err
run_note(struct program *p)
{
	struct copies c;
	OWNED_BACKUP struct backup b = {.heads = NULL};
	OWNED(servicekey) struct servicekey *keys = NULL;
	enum err e = open_keys(p, &keys);
	if (!e)
		e = copies_begin(&c, program_dir(p), keys);
	if (!e)
		e = copies_paper(&b, &c, program_arg(p, 0));
	if (!e)
		tell(p, &b);
	return e;
}

/* A hub whose directory was lost begins with the papers of the backup. Its journal has to be
 * there: without it nobody could tell what was released or withdrawn since. One that is lost
 * for good has to be said to be so here, and is waived by an officer before the hub starts. */
static enum err
bring_back(struct program *p)
{
	static const char *const papers[] = {"hub.ini", "root.public", "vkey"};
	const char *keys_file = program_value(p, "keys");
	OWNED_MEM char *journal = xasprintf("%s/journal/journal", program_dir(p));
	OWNED_MEM char *service = xasprintf("%s/keys/service.key", program_dir(p));
	enum err e = OK;
	bool is_lost = access(journal, F_OK) != 0;
	if (is_lost && !program_has(p, "journal-lost"))
		return fail(E_NOTFOUND,
			"%s is not there: put back the journal and the log of this hub from "
			"where they lie, they are newer than any backup; if the journal is "
			"lost for good, say --journal-lost",
			journal);
	if (!is_lost && program_has(p, "journal-lost"))
		return fail(E_CONFLICT,
			"%s is there: it is used, and --journal-lost is not said", journal);
	for (size_t i = 0; !e && i < ARRAY_LEN(papers); i++)
		e = backupdir_bring(program_arg(p, 0), program_dir(p), papers[i]);
	if (!e && keys_file)
		e = copies_keys_restore(program_dir(p), keys_file);
	if (!e && access(service, F_OK) != 0)
		e = fail(E_NOTFOUND, "the keys of this hub are not here: a backup holds none; "
				     "--keys FILE brings back their copy");
	return e;
}

static enum err
restore(struct program *p, struct findings *f)
{
	struct copies c;
	OWNED(link_context) struct link_context *context = link_context_new();
	OWNED(link) struct link *lock = NULL;
	OWNED(servicekey) struct servicekey *keys = NULL;
	uint64_t ahead = 0;
	enum err e = backupcmd_lock(p, &side, context, &lock);
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
		backupcmd_print_restored(p, &side, ahead);
	if (!e && program_has(p, "journal-lost"))
		fprintf(stderr,
			"the hub does not start without its journal: start it, it then says "
			"that the journal is lost, and an officer waives that: weir-hub "
			"recovery journal --reason TEXT --by OFFICER\n");
	return e;
}

static enum err
run_restore(struct program *p)
{
	OWNED_BY(findings_done) struct findings f = {.progress = backupcmd_progress, .arg = p};
	enum err e = restore(p, &f);
	program_progress(p, NULL);
	return e;
}

const struct program_command cmd_backup = {
	.name = "backup",
	.run = run_backup,
	.help = "copy the vault to a new directory beside the running hub, and check the copy",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
	.options = backupcmd_backup_options,
};

static const struct program_option restore_options[] = {
	{"keys", "FILE", "put back the key files that are missing, from their copy"},
	{"over-newer", NULL, "also in the place of a vault that has more than the backup"},
	{"journal-lost", NULL,
		"the journal is lost for good: an officer has to waive it before the hub "
		"starts"},
	{NULL, NULL, NULL},
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

const struct program_command cmd_backup_note = {
	.name = "backup note",
	.run = run_note,
	.help = "let the hub know of a backup that was made while it was stopped",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
};
