#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/run/sandbox.h"

#include "node/client.h"
#include "node/custody.h"
#include "node/desk.h"
#include "node/ipc_desk.h"
#include "node/namebook.h"
#include "node/settings.h"

#define BACKUP_WORDS                                                                           \
	"the review key of this site was renewed. The one from before is destroyed when a "    \
	"backup holds what it opened: make one with `weir-node backup DIR --keys FILE`, then " \
	"open the desk again. If none can be made: `weir-node desk unlock --no-backup`"

#define DUE_WORDS                                                                              \
	"names are kept for longer behind the last contact than the study says: look at "      \
	"`weir-node contact list`, and remove them with `weir-node contact remove --due`"

#define DAMAGE_WORDS                                                                           \
	"names of this desk are damaged and cannot be read; the first stands in row %s. "      \
	"Everybody else is there: see whom `weir-node contact list` lacks, and put them back " \
	"with `weir-node contact restore FILE` or `weir-node contact add`"

struct desk_state {
	bool is_open, renews, waits_for_backup;
	uint32_t left_s, due_count, damaged_count;
	char damaged_row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1]; /* of the first */
};

static enum err
ask_state(struct program *p, struct desk_state *ret)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, 256);
	enum err e =
		client_ask(program_dir(p), "desk.sock", DESK_STATUS, view_of(NULL, 0), &reply);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&reply));
	ret->is_open = cursor_u8(&c);
	ret->left_s = cursor_u32(&c);
	ret->renews = cursor_u8(&c);
	ret->waits_for_backup = cursor_u8(&c);
	ret->due_count = cursor_u32(&c);
	ret->damaged_count = cursor_u32(&c);
	const struct view row = cursor_blob(&c);
	(void)snprintf(ret->damaged_row, sizeof(ret->damaged_row), "%.*s", (int)row.len,
		(const char *)row.at);
	return cursor_end(&c, "answer of the desk");
}

/* Where somebody was erased the desk renews the key of the site first, and wraps again what is
 * held for too long: it goes on by itself if this command ends. */
static enum err
wait_for_renewal(struct program *p, struct desk_state *s)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	enum err e = OK;
	*s = (struct desk_state){.renews = true};
	while (!e && s->renews) {
		(void)nanosleep(&pause, NULL);
		e = ask_state(p, s);
		if (!e && s->renews)
			program_progress(p, "bringing the keys of the site up to date");
	}
	program_progress(p, NULL);
	return e;
}

/* What the coordinator has to look after. */
static void
print_notes(const struct desk_state *s)
{
	if (s->waits_for_backup)
		fprintf(stderr, "weir-node: %s\n", BACKUP_WORDS);
	if (s->due_count)
		fprintf(stderr, "weir-node: %" PRIu32 " " DUE_WORDS "\n", s->due_count);
	if (s->damaged_count)
		fprintf(stderr, "weir-node: %" PRIu32 " " DAMAGE_WORDS "\n", s->damaged_count,
			s->damaged_row);
}

static enum err
run_unlock(struct program *p)
{
	OWNED(custody) struct custody *keys = NULL;
	OWNED_SECRET struct secret *passphrase = NULL;
	OWNED_WIPED struct buf fields, packed;
	OWNED_BUF struct buf reply;
	char id[CUSTODY_ID_BYTES];
	struct desk_state state;
	buf_init(&packed, CUSTODY_PACKED_BYTES);
	buf_reserve(&packed, CUSTODY_PACKED_BYTES);
	buf_init(&fields, CUSTODY_PACKED_BYTES + 256);
	buf_reserve(&fields, CUSTODY_PACKED_BYTES + 256);
	buf_init(&reply, 256);
	enum err e = program_passphrase(p, "passphrase of the coordinator", &passphrase);
	if (!e)
		e = custody_open(&keys, id, program_dir(p), program_value(p, "by"), passphrase);
	if (e)
		return e;
	custody_pack(keys, &packed);
	buf_blob_text(&fields, id);
	buf_blob(&fields, buf_view(&packed));
	buf_add(&fields, keys->file, sizeof(keys->file));
	buf_u8(&fields, program_has(p, "no-backup"));
	e = client_ask(program_dir(p), "desk.sock", DESK_UNLOCK, buf_view(&fields), &reply);
	if (!e)
		e = wait_for_renewal(p, &state);
	if (!e)
		printf(program_json(p) ? "{\"desk\":\"open\"}\n" : "the desk is open\n");
	if (!e)
		print_notes(&state);
	return e;
}

static enum err
run_lock(struct program *p)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, 256);
	enum err e =
		client_ask(program_dir(p), "desk.sock", DESK_LOCK, view_of(NULL, 0), &reply);
	if (!e)
		printf(program_json(p) ? "{\"desk\":\"locked\"}\n" : "the desk is locked\n");
	return e;
}

static enum err
run_status(struct program *p)
{
	struct desk_state s;
	enum err e = ask_state(p, &s);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"desk\":\"%s\",\"idle_left_s\":%" PRIu32 ",\"renews\":%s}\n",
			s.is_open ? "open" : "locked", s.left_s, s.renews ? "true" : "false");
	else if (s.renews)
		printf("the desk is open and renews the review key of the site\n");
	else if (s.is_open)
		printf("the desk is open; it locks in %" PRIu32 " s unless used\n", s.left_s);
	else
		printf("the desk is locked; open it with `weir-node desk unlock`\n");
	return OK;
}

static enum err
run_role(struct program *p)
{
	OWNED_MEM char *run = xasprintf("%s/run", program_dir(p));
	OWNED_MEM char *own = xasprintf("%s/desk", program_dir(p));
	const struct sandbox_path paths[] = {
		{run, SANDBOX_READ | SANDBOX_WRITE}, {own, SANDBOX_READ | SANDBOX_WRITE}};
	struct settings settings;
	struct hubcard card;
	enum err e = settings_load(&settings, program_dir(p));
	if (!e)
		e = hubcard_load(&card, program_dir(p));
	if (!e)
		e = datadir_make(program_dir(p), "desk");
	if (!e)
		e = sandbox_harden();
	if (!e && !program_has(p, "no-sandbox"))
		e = sandbox_confine(paths, ARRAY_LEN(paths), false);
	if (e)
		return e;
	struct desk_config c = {
		.dir = program_dir(p), .card = &card, .idle_s = settings.desk_idle_s};
	return desk_run(&c);
}

static const struct program_option unlock_options[] = {
	{"by", "ID", "the coordinator, where there are several"},
	{"no-backup", NULL,
		"destroy a review key from before though no backup could be made; the log says "
		"so"},
	{NULL, NULL, NULL},
};

static const struct program_option role_options[] = {
	{"no-sandbox", NULL, "do not confine the process"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_desk_unlock = {
	.name = "desk unlock",
	.run = run_unlock,
	.help = "open the desk with the coordinator's passphrase",
	.options = unlock_options,
};

const struct program_command cmd_desk_lock = {
	.name = "desk lock",
	.run = run_lock,
	.help = "lock the desk at once",
};

const struct program_command cmd_desk_status = {
	.name = "desk status",
	.run = run_status,
	.help = "whether the desk is open",
};

const struct program_command cmd_role_desk = {
	.name = "role desk",
	.run = run_role,
	.help = "the process behind the desk",
	.options = role_options,
	.role = true,
};
