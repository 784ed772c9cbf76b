#include "hub/cmd.h"

#include <inttypes.h>

#include "hub/copies.h"

static void
progress(void *arg, uint64_t looked)
{
	program_progress(arg, "%" PRIu64 " rows looked at", looked);
}

static enum err
open_keys(struct program *p, struct servicekey **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = program_passphrase(p, "passphrase of the hub's services", &passphrase);
	return e ? e : servicekey_open(ret, program_dir(p), passphrase);
}

/* A vault that does not open is a finding like any other. */
static enum err
look(struct program *p, const struct copies *c, struct findings *f)
{
	enum err e = copies_check(c, c->dir, program_has(p, "read-data"), f, NULL);
	if (e != E_FORMAT && e != E_AUTH)
		return e;
	findings_add(f, "%s", err_text());
	return OK;
}

static enum err
run(struct program *p)
{
	struct copies c;
	OWNED_BY(findings_done) struct findings f = {.progress = progress, .arg = p};
	OWNED(servicekey) struct servicekey *keys = NULL;
	enum err e = open_keys(p, &keys);
	if (!e)
		e = copies_begin(&c, program_dir(p), keys);
	if (!e)
		e = look(p, &c, &f);
	program_progress(p, NULL);
	if (!e)
		e = findings_print(&f, program_json(p));
	return e ? e : findings_check(&f);
}

static const struct program_option options[] = {
	{"read-data", NULL, "read every byte: parts and leaves against their hashes, all rows"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_check = {
	.name = "check",
	.run = run,
	.help = "does the vault agree with itself and the journal: chains, heads, counts, log",
	.options = options,
};
