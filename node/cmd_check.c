#include "node/cmd.h"

#include <inttypes.h>

#include "node/copies.h"
#include "node/vault_check.h"

static void
progress(void *arg, uint64_t looked)
{
	program_progress(arg, "%" PRIu64 " rows looked at", looked);
}

/* A vault that does not open is a finding like any other. */
static enum err
look(struct program *p, const struct copies *c, struct findings *f)
{
	OWNED(vault) struct vault *v = NULL;
	enum err e = copies_vault(&v, c, program_dir(p));
	if (!e)
		e = vault_check(v, program_has(p, "read-data"), f, NULL);
	if (e != E_FORMAT)
		return e;
	findings_add(f, "%s", err_text());
	return OK;
}

static enum err
run(struct program *p)
{
	struct copies c;
	OWNED_BY(findings_done) struct findings f = {.progress = progress, .arg = p};
	enum err e = copies_begin(&c, program_dir(p));
	if (!e)
		e = look(p, &c, &f);
	program_progress(p, NULL);
	if (!e)
		e = findings_print(&f, program_json(p));
	return e ? e : findings_check(&f);
}

static const struct program_option options[] = {
	{"read-data", NULL, "read every byte: parts against their hashes, rows against theirs"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_check = {
	.name = "check",
	.run = run,
	.help = "does the vault agree with itself: places, chains, heads, counts",
	.options = options,
};
