#include "node/cmd.h"

#include "common/run/backupcmd.h"
#include "common/run/datadir.h"
#include "common/run/keycopy.h"
#include "common/trust/backupdir.h"
#include "common/trust/statement.h"

#include "node/client.h"
#include "node/copies.h"
#include "node/ipc_review.h"
#include "node/sync_review.h"

#define WORD_MAX_BYTES 256

static const struct backupcmd_side side = {.name = "node",
	.dirs = "run",
	.socket = "run/sync.sock",
	.absent = "keys",
	.later = "",
	.next = "if the hub has more of this node than the backup, it takes nothing from it "
		"until somebody has looked at it: `weir-node status` then says that "
		"sending has stopped; what is collected stays here. The desk stays locked "
		"until the hub has said who was erased since the backup"};

static enum err
open_keys(struct program *p, struct sitekeys **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = program_passphrase(p, "passphrase of this node's services", &passphrase);
	return e ? e : sitekeys_open(ret, program_dir(p), passphrase);
}

/* Where the review key was renewed the one from before waits for this word. A node that does
 * not run hears it with the next backup. */
static enum err
tell_sync(struct program *p, const struct copies *c, struct secret *writer)
{
	OWNED(vault) struct vault *v = NULL;
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf fields, answer;
	struct sync_review r;
	uint8_t signature[SIGNATURE_BYTES];
	buf_init(&fields, WORD_MAX_BYTES);
	buf_init(&answer, WORD_MAX_BYTES);
	enum err e = copies_vault(&v, c, program_arg(p, 0));
	if (!e)
		e = sync_review_get(v, &c->card, &r);
	if (!e && client_open(&sync, program_dir(p), "sync.sock"))
		return OK;
	if (e)
		return e;
	buf_u32(&fields, r.taken);
	signed_make(signature, SYNC_REVIEW_KEPT_FORMAT, buf_view(&fields), writer);
	buf_add(&fields, signature, sizeof(signature));
	return client_call(sync, SYNC_REVIEW_KEPT, buf_view(&fields), &answer);
}

static enum err
run_backup(struct program *p)
{
	struct copies c;
	const char *keys_file = program_value(p, "keys"), *to = program_arg(p, 0);
	OWNED_BACKUP struct backup b = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.progress = backupcmd_progress, .arg = p};
	OWNED(sitekeys) struct sitekeys *keys = NULL;
	enum err e = copies_begin(&c, program_dir(p));
	if (!e)
		e = open_keys(p, &keys);
	if (!e && keys_file)
		e = keycopy_may_lie(keys_file, to);
	if (!e)
		e = copies_make(&b, &c, to, keys->writer, &f);
	program_progress(p, NULL);
	/* Behind it: the review key may be renewed while a vault is copied. */
	if (!e && keys_file)
		e = copies_keys_write(program_dir(p), keys_file);
	if (!e)
		e = tell_sync(p, &c, keys->writer);
	if (!e)
		backupcmd_print_made(p, &side, &b);
	return e;
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

static enum err
restore(struct program *p, struct findings *f)
{
	struct copies c;
	OWNED(link_context) struct link_context *context = link_context_new();
	OWNED(link) struct link *lock = NULL;
	uint64_t ahead = 0;
	enum err e = backupcmd_lock(p, &side, context, &lock);
	if (!e)
		e = bring_back(p);
	if (!e)
		e = copies_begin(&c, program_dir(p));
	if (!e)
		e = copies_restore(
			&c, program_arg(p, 0), program_has(p, "over-newer"), f, &ahead);
	if (!e)
		e = copies_put_back(&c);
	if (!e)
		backupcmd_print_restored(p, &side, ahead);
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
	.help = "copy the vault to a new directory beside the running node, and check the copy",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
	.options = backupcmd_backup_options,
};

const struct program_command cmd_restore = {
	.name = "restore",
	.run = run_restore,
	.help = "put a backup in the place of the vault; the node has to be stopped",
	.args = "DIR",
	.args_min = 1,
	.args_max = 1,
	.options = backupcmd_restore_options,
};
