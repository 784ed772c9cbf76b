#include "node/cmd.h"

#include <unistd.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/lookup.h"
#include "common/run/datadir.h"
#include "common/run/sandbox.h"
#include "common/run/supervisor.h"

#include "node/hubcard.h"
#include "node/settings.h"
#include "node/sync.h"

#define ARGS_COUNT 4

static enum err
sync_keys(void *arg, struct secret **ret)
{
	const struct sitekeys *k = arg;
	*ret = sitekeys_payload(k);
	return OK;
}

/* A sentence about joining comes before one about keys that joining makes. */
static enum err
check_joined(struct program *p, struct settings *ret)
{
	struct hubcard card;
	enum err e = settings_load(ret, program_dir(p));
	if (!e)
		e = hubcard_load(&card, program_dir(p));
	if (!e)
		e = datadir_make(program_dir(p), "run");
	return e;
}

static enum err
check_sandbox(struct program *p)
{
	if (program_has(p, "no-sandbox"))
		return OK;
	int abi = sandbox_abi();
	if (abi == 0)
		return fail(E_IO, "this kernel cannot confine processes (no Landlock): give "
				  "--no-sandbox to run all the same");
	if (sandbox_gaps(abi)[0])
		log_warn("run", "%s", sandbox_gaps(abi));
	return OK;
}

static enum err
supervise(struct program *p, const struct settings *settings, struct sitekeys *keys)
{
	const char *args[ARGS_COUNT] = {"--dir", program_dir(p),
		program_has(p, "no-sandbox") ? "--no-sandbox" : NULL, NULL};
	struct supervisor_child children[] = {
		{"sync", args, sync_keys, keys, 0}, {"desk", args, NULL, NULL, 0}, {0}, {0}};
	size_t count = 2;
	if (settings->intake_listen[0])
		children[count++] = (struct supervisor_child){"intake", args, NULL, NULL, 0};
	if (settings->courier_url[0])
		children[count++] = (struct supervisor_child){"courier", args, NULL, NULL, 0};
	int64_t ready_fd = -1;
	enum err e = program_number(p, "ready-fd", 3, 1 << 20, &ready_fd);
	const struct supervisor_spec spec = {.program = program_name(p),
		.children = children,
		.count = count,
		.ready_fd = (int)ready_fd};
	return e ? e : supervisor_run(&spec);
}

static enum err
run(struct program *p)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	OWNED(sitekeys) struct sitekeys *keys = NULL;
	struct settings settings;
	enum err e = sandbox_harden();
	if (!e)
		e = check_joined(p, &settings);
	if (!e)
		e = check_sandbox(p);
	if (!e)
		e = program_passphrase(p, "passphrase of the node's services", &passphrase);
	if (!e)
		e = sitekeys_open(&keys, program_dir(p), passphrase);
	return e ? e : supervise(p, &settings, keys);
}

/* Own files only; the vault is open by now. tcp: sync is the one that reaches the hub. */
static enum err
confine(void *arg)
{
	struct program *p = arg;
	OWNED_MEM char *vault = xasprintf("%s/vault", program_dir(p));
	OWNED_MEM char *sockets = xasprintf("%s/run", program_dir(p));
	const struct sandbox_path paths[] = {
		{vault, SANDBOX_READ | SANDBOX_WRITE},
		{sockets, SANDBOX_READ | SANDBOX_WRITE},
		{"/etc/resolv.conf", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/etc/hosts", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/etc/nsswitch.conf", SANDBOX_READ | SANDBOX_OPTIONAL},
		/* The resolver of libc loads its parts when the hub has a name. */
		{"/etc/ld.so.cache", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/usr/lib", SANDBOX_READ | SANDBOX_OPTIONAL},
	};
	if (program_has(p, "no-sandbox"))
		return OK;
	return sandbox_confine(paths, ARRAY_LEN(paths), true);
}

/* Only for a proxy; before there is a key in this process. */
static enum err
start_lookup(struct program *p, struct lookup **ret)
{
	const char *const argv[] = {program_name(p), "role", "lookup", "--dir", program_dir(p),
		program_has(p, "no-sandbox") ? "--no-sandbox" : NULL, NULL};
	struct settings settings;
	*ret = NULL;
	enum err e = settings_load(&settings, program_dir(p));
	return e || !settings.socks[0] ? e : lookup_start(ret, argv);
}

static enum err
run_sync(struct program *p)
{
	OWNED(lookup) struct lookup *names = NULL;
	OWNED_SECRET struct secret *payload = NULL;
	OWNED(sitekeys) struct sitekeys *keys = NULL;
	enum err e = sandbox_harden();
	if (!e)
		e = start_lookup(p, &names);
	if (!e)
		e = supervisor_child_keys(&payload);
	if (!e)
		e = sitekeys_from(&keys, secret_view(payload));
	if (e)
		return e;
	struct sync_setup setup = {.dir = program_dir(p),
		.keys = keys,
		.confine = confine,
		.arg = p,
		.names = names};
	return sync_run(&setup);
}

/* It reads what the resolver of libc reads, and nothing of the site. */
static enum err
run_lookup(struct program *p)
{
	static const struct sandbox_path paths[] = {
		{"/etc", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/run/systemd/resolve", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/usr/lib", SANDBOX_READ | SANDBOX_OPTIONAL},
	};
	enum err e = sandbox_harden();
	if (!e && !program_has(p, "no-sandbox"))
		e = sandbox_confine(paths, ARRAY_LEN(paths), true);
	return e ? e : lookup_serve(STDIN_FILENO);
}

static const struct program_option run_options[] = {
	{"no-sandbox", NULL, "run even where the kernel cannot confine processes"},
	{"ready-fd", "N", "write one byte there when all processes serve"},
	{NULL, NULL, NULL},
};

static const struct program_option role_options[] = {
	{"no-sandbox", NULL, "do not confine the process"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_run = {
	.name = "run",
	.run = run,
	.help = "keep, judge and send what is collected; asks for the passphrase of the "
		"services",
	.options = run_options,
};

const struct program_command cmd_role_lookup = {
	.name = "role lookup",
	.run = run_lookup,
	.help = "the process that looks up the name of a proxy",
	.options = role_options,
	.role = true,
};

const struct program_command cmd_role_sync = {
	.name = "role sync",
	.run = run_sync,
	.help = "the process that writes the vault and talks to the hub",
	.options = role_options,
	.role = true,
};
