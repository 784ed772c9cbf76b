#include "node/cmd.h"

#include "common/base/mem.h"
#include "common/run/sandbox.h"

#include "node/intake.h"

static enum err
confine(void *arg)
{
	struct program *p = arg;
	OWNED_MEM char *sockets = xasprintf("%s/run", program_dir(p));
	const struct sandbox_path paths[] = {{sockets, SANDBOX_READ | SANDBOX_WRITE}};
	if (program_has(p, "no-sandbox"))
		return OK;
	return sandbox_confine(paths, ARRAY_LEN(paths), false);
}

static enum err
run_role(struct program *p)
{
	struct intake_setup setup = {.dir = program_dir(p), .confine = confine, .arg = p};
	enum err e = sandbox_harden();
	return e ? e : intake_run(&setup);
}

static const struct program_option role_options[] = {
	{"no-sandbox", NULL, "do not confine the process"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_role_intake = {
	.name = "role intake",
	.run = run_role,
	.help = "the process that serves forms and takes submissions",
	.options = role_options,
	.role = true,
};
