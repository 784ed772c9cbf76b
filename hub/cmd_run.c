#include "hub/cmd.h"

#include <string.h>

#include "common/run/datadir.h"
#include "common/run/sandbox.h"
#include "common/run/supervisor.h"

#include "hub/ledgerkeys.h"
#include "hub/servicekey.h"
#include "hub/settings.h"

#define ARGS_COUNT 4

/* What the supervisor holds: the service keys, and what of them each role is given. */
struct office_keys {
	struct servicekey *service;
	uint8_t root_public[SIGN_PUBLIC_BYTES];
};

static enum err
ledger_keys(void *arg, struct secret **ret)
{
	const struct office_keys *k = arg;
	*ret = servicekey_payload(k->service);
	return OK;
}

static enum err
gate_keys(void *arg, struct secret **ret)
{
	const struct office_keys *k = arg;
	*ret = secret_copy(secret_bytes(k->service->transport), BOX_SECRET_BYTES);
	return OK;
}

/* vault key 32 | root public 32, as keeper.h says */
static enum err
keeper_keys(void *arg, struct secret **ret)
{
	const struct office_keys *k = arg;
	*ret = secret_new(AEAD_KEY_BYTES + SIGN_PUBLIC_BYTES);
	memcpy(secret_bytes(*ret), secret_bytes(k->service->vault), AEAD_KEY_BYTES);
	memcpy(secret_bytes(*ret) + AEAD_KEY_BYTES, k->root_public, SIGN_PUBLIC_BYTES);
	return OK;
}

static enum err
make_dirs(const char *dir)
{
	static const char *const names[] = {"journal", "log", "shelf", "keyring", "run",
		"run/cmd", "run/gate", "run/keeper", "run/keeper-cmd", "run/web"};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(names); i++)
		e = datadir_make(dir, names[i]);
	return e;
}

/* The ledger has destroyed its key number 1, but has no passphrase for the file that it came
 * from. */
static enum err
drop_first(struct program *p, const struct settings *s, struct servicekey *k,
	struct secret *passphrase)
{
	OWNED(numbered) struct numbered *keys = NULL;
	const char *dir = program_dir(p);
	enum err e = ledgerkeys_open(&keys, dir, k->vault, k->box);
	if (e || keys->number[0] == 1 || !ledgerkeys_is_box(k->box))
		return e;
	return servicekey_drop_box(
		k, dir, passphrase, s->kdf_interactive ? KDF_INTERACTIVE : KDF_MODERATE);
}

static enum err
open_keys(struct program *p, const struct settings *s, struct office_keys *k)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = settings_root(k->root_public, program_dir(p));
	if (!e)
		e = program_passphrase(p, "passphrase of the hub's services", &passphrase);
	if (!e)
		e = servicekey_open(&k->service, program_dir(p), passphrase);
	return e ? e : drop_first(p, s, k->service, passphrase);
}

static enum err
supervise(struct program *p, const struct settings *s, struct office_keys *k)
{
	const char *args[ARGS_COUNT] = {"--dir", program_dir(p),
		program_has(p, "no-sandbox") ? "--no-sandbox" : NULL, NULL};
	/* The ledger makes the vault that the keeper reads; the gate opens the door last. */
	const struct supervisor_child children[] = {
		{"ledger", args, ledger_keys, k, 0}, {"keeper", args, keeper_keys, k, 0},
		{"gate", args, gate_keys, k, s->gate_memory_bytes},
		{"web", args, NULL, NULL, 0}, /* the last: a hub may have no such door */
	};
	int64_t ready_fd = -1;
	enum err e = program_number(p, "ready-fd", 3, 1 << 20, &ready_fd);
	const struct supervisor_spec spec = {.program = program_name(p),
		.children = children,
		.count = ARRAY_LEN(children) - (s->web_listen[0] == '\0'),
		.ready_fd = (int)ready_fd};
	return e ? e : supervisor_run(&spec);
}

static enum err
run(struct program *p)
{
	struct settings s;
	struct office_keys k = {.service = NULL};
	enum err e = sandbox_harden();
	if (!e)
		e = settings_load(&s, program_dir(p));
	if (!e)
		e = make_dirs(program_dir(p));
	if (!e)
		e = open_keys(p, &s, &k);
	if (!e)
		e = supervise(p, &s, &k);
	servicekey_free(k.service);
	return e;
}

static const struct program_option options[] = {
	{"no-sandbox", NULL, "run even where the kernel cannot confine processes"},
	{"ready-fd", "N", "write one byte there when all processes serve"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_run = {
	.name = "run",
	.run = run,
	.help = "serve: gate, ledger and keeper; asks for the passphrase of the services",
	.options = options,
};
