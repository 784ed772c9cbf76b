#include "node/cmd.h"

#include "common/base/mem.h"
#include "common/run/sandbox.h"

#include "node/courier.h"

/* The socket of sync, its own files, and what a resolver and TLS read. */
static enum err
confine(void *arg, const char *ca)
{
	struct program *p = arg;
	OWNED_MEM char *sockets = xasprintf("%s/run", program_dir(p));
	const struct sandbox_path paths[] = {
		{sockets, SANDBOX_READ | SANDBOX_WRITE},
		{"/etc/resolv.conf", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/etc/hosts", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/etc/nsswitch.conf", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/etc/ssl", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/usr/share/ca-certificates", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/usr/local/share/ca-certificates", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/etc/ld.so.cache", SANDBOX_READ | SANDBOX_OPTIONAL},
		{"/usr/lib", SANDBOX_READ | SANDBOX_OPTIONAL},
		{ca[0] ? ca : "/etc/ssl", SANDBOX_READ | SANDBOX_OPTIONAL},
	};
	if (program_has(p, "no-sandbox"))
		return OK;
	return sandbox_confine(paths, ARRAY_LEN(paths), true);
}

static enum err
run_role(struct program *p)
{
	const struct courier_setup setup = {
		.dir = program_dir(p), .confine = confine, .arg = p};
	enum err e = sandbox_harden();
	return e ? e : courier_run(&setup);
}

static const struct program_option role_options[] = {
	{"no-sandbox", NULL, "do not confine the process"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_role_courier = {
	.name = "role courier",
	.run = run_role,
	.help = "the process that carries bundles to the hub by HTTPS",
	.options = role_options,
	.role = true,
};
