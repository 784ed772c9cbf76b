#include "hub/cmd.h"

#include "common/base/mem.h"
#include "common/run/datadir.h"
#include "common/run/sandbox.h"
#include "common/run/supervisor.h"

#include "hub/gate.h"
#include "hub/keeper.h"
#include "hub/ledger.h"
#include "hub/settings.h"
#include "hub/web.h"

static const struct program_option role_options[] = {
	{"no-sandbox", NULL, "do not confine the process to its own files"},
	{NULL, NULL, NULL},
};

/* What every role begins with: the hub's settings and the keys from the supervisor. */
static enum err
begin(struct program *p, struct settings *s, struct secret **ret_keys)
{
	enum err e = settings_load(s, program_dir(p));
	return e ? e : supervisor_child_keys(ret_keys);
}

static enum err
run_ledger(struct program *p)
{
	OWNED_SECRET struct secret *keys = NULL;
	struct settings s;
	enum err e = begin(p, &s, &keys);
	return e ? e : ledger_run(program_dir(p), &s, keys, !program_has(p, "no-sandbox"));
}

static enum err
run_gate(struct program *p)
{
	OWNED_SECRET struct secret *keys = NULL;
	struct settings s;
	enum err e = begin(p, &s, &keys);
	return e ? e : gate_run(program_dir(p), &s, keys, !program_has(p, "no-sandbox"));
}

/* It gets no keys. */
static enum err
run_web(struct program *p)
{
	struct settings s;
	enum err e = settings_load(&s, program_dir(p));
	if (!e && !s.web_listen[0])
		e = fail(E_NOTFOUND, "hub.ini names no address for the door of web");
	return e ? e : web_run(program_dir(p), &s, !program_has(p, "no-sandbox"));
}

/* The keeper reads the vault and has a keyring of its own. */
static enum err
confine_keeper(const char *dir)
{
	/* keeper.key may be made later than the process, so its directory is named. */
	static const struct sandbox_path names[] = {{"vault", SANDBOX_READ | SANDBOX_WRITE},
		{"vaultkeys", SANDBOX_READ}, {"keyring", SANDBOX_READ | SANDBOX_WRITE},
		{"run/keeper", SANDBOX_READ | SANDBOX_WRITE},
		{"run/keeper-cmd", SANDBOX_READ | SANDBOX_WRITE},
		{"keys", SANDBOX_READ | SANDBOX_WRITE}, {"hub.ini", SANDBOX_READ}};
	char room[ARRAY_LEN(names)][DATADIR_PATH_BYTES];
	struct sandbox_path paths[ARRAY_LEN(names)];
	enum err e = datadir_make(dir, "keyring");
	for (size_t i = 0; !e && i < ARRAY_LEN(names); i++) {
		e = datadir_path(room[i], dir, names[i].path);
		paths[i] = (struct sandbox_path){room[i], names[i].rights | SANDBOX_OPTIONAL};
	}
	return e ? e : sandbox_confine(paths, ARRAY_LEN(paths), false);
}

static enum err
run_keeper(struct program *p)
{
	OWNED_SECRET struct secret *keys = NULL;
	struct settings s;
	enum err e = begin(p, &s, &keys);
	if (!e)
		e = sandbox_harden();
	if (!e && !program_has(p, "no-sandbox"))
		e = confine_keeper(program_dir(p));
	return e ? e : keeper_run(program_dir(p), &s, keys);
}

const struct program_command cmd_role_ledger = {
	.name = "role ledger",
	.run = run_ledger,
	.help = "keep entries, acts and the log; started by run",
	.options = role_options,
	.role = true,
};

const struct program_command cmd_role_gate = {
	.name = "role gate",
	.run = run_gate,
	.help = "let nodes in; started by run",
	.options = role_options,
	.role = true,
};

const struct program_command cmd_role_keeper = {
	.name = "role keeper",
	.run = run_keeper,
	.help = "open answers and make tables; started by run",
	.options = role_options,
	.role = true,
};

const struct program_command cmd_role_web = {
	.name = "role web",
	.run = run_web,
	.help = "take bundles by HTTP on the loopback; started by run",
	.options = role_options,
	.role = true,
};
