#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/run/datadir.h"

#include "node/custody.h"
#include "node/enrol.h"
#include "node/settings.h"

#define WAIT_DEFAULT_S 10
#define WAIT_MOST_S    3600
#define NAME_DEFAULT   "node"
#define NAME_MAX_BYTES 64

static enum err
check_not_joined(struct program *p)
{
	struct hubcard card;
	enum err e = hubcard_load(&card, program_dir(p));
	if (e == E_NOTFOUND)
		return OK;
	return e ? e
		 : fail(E_CONFLICT, "%s has joined already: it is site %s of study %s",
			   program_dir(p), card.site, card.study);
}

/* Joining that was stopped goes on with the settings it began with. */
static enum err
prepare_dir(struct program *p, struct settings *ret)
{
	const char *dir = program_dir(p), *name = program_value(p, "name"),
		   *kdf = program_value(p, "kdf"), *socks = program_value(p, "socks");
	enum err e = datadir_make(dir, "");
	if (!e)
		e = datadir_make(dir, "keys");
	if (e)
		return e;
	e = settings_load(ret, dir);
	if (e != E_NOTFOUND)
		return e;
	e = settings_default(ret);
	if (e)
		return e;
	(void)snprintf(ret->name, sizeof(ret->name), "%s", name ? name : NAME_DEFAULT);
	ret->kdf_interactive = kdf && strcmp(kdf, "interactive") == 0;
	if (socks)
		e = settings_socks(ret, socks);
	return e ? e : settings_write(ret, dir);
}

static enum err
check_options(struct program *p)
{
	const char *name = program_value(p, "name"), *kdf = program_value(p, "kdf");
	if (kdf && strcmp(kdf, "interactive") != 0 && strcmp(kdf, "moderate") != 0)
		return program_usage(p, "--kdf is interactive or moderate");
	if (name && (!name[0] || strlen(name) > NAME_MAX_BYTES))
		return program_usage(p, "--name has 1 to %d bytes", NAME_MAX_BYTES);
	return OK;
}

/* Asked once the invitation is known to be good: of a wrong file nobody needs to know more. */
static enum err
check_coordinator(struct program *p)
{
	if (!program_value(p, "coordinator") && !custody_there(program_dir(p)))
		return program_usage(p,
			"--coordinator ID is needed: who opens the desk, as the "
			"log names that person");
	return OK;
}

static enum err
read_invitation(struct program *p, struct invite **ret)
{
	OWNED_SECRET struct secret *text = NULL;
	*ret = NULL;
	enum err e = program_secret_text(p, "invitation", &text);
	if (e)
		return e;
	/* invite_parse() wants a final zero, which the secret has not. */
	OWNED_SECRET struct secret *line = secret_new(secret_len(text) + 1);
	memcpy(secret_bytes(line), secret_bytes(text), secret_len(text));
	e = invite_parse(ret, (const char *)secret_bytes(line));
	if (!e && (*ret)->expires_s <= clock_wall_ms() / 1000)
		e = fail(E_DENIED,
			"this invitation has expired: ask the research team for a new one");
	return e;
}

static enum err
service_keys(struct program *p, enum kdf_cost cost, struct sitekeys **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	const char *dir = program_dir(p), *prompt = "passphrase of the node's services";
	bool there = sitekeys_there(dir);
	enum err e = there ? program_passphrase(p, prompt, &passphrase)
			   : program_passphrase_new(p, prompt, &passphrase);
	if (e)
		return e;
	return there ? sitekeys_open(ret, dir, passphrase)
		     : sitekeys_make(ret, dir, passphrase, cost);
}

/* The custody of the site's review keys, opened or made. */
static enum err
review_keys(struct custody **ret, struct program *p, enum kdf_cost cost)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	struct custody_who who;
	const char *dir = program_dir(p), *prompt = "passphrase of the coordinator",
		   *id = program_value(p, "coordinator");
	const bool there = custody_there(dir);
	char opened_by[CUSTODY_ID_BYTES];
	*ret = NULL;
	enum err e = there ? program_passphrase(p, prompt, &passphrase)
			   : program_passphrase_new(p, prompt, &passphrase);
	if (e)
		return e;
	if (there)
		return custody_open(ret, opened_by, dir, id, passphrase);
	e = custody_coordinator(&who, id, passphrase, cost);
	return e ? e : custody_make(ret, dir, &who);
}

static enum err
review_key(struct program *p, enum kdf_cost cost, uint8_t ret_public[static BOX_PUBLIC_BYTES])
{
	OWNED(custody) struct custody *k = NULL;
	enum err e = review_keys(&k, p, cost);
	if (!e)
		box_public(ret_public, k->review[k->count - 1]);
	return e;
}

static void
show_waiting(void *arg, const char *groups)
{
	struct program *p = arg;
	program_progress(p, NULL);
	if (program_json(p))
		fprintf(stderr, "the hub shows: %s\n", groups);
	else
		printf("read these digits to the research team by telephone: %s\n", groups);
	(void)fflush(stdout);
	program_progress(p, "waiting until the research team has admitted this node");
}

static void
show_trying(void *arg, int64_t left_ms)
{
	program_progress(arg, "asking the hub, %d s left", (int)(left_ms / 1000));
}

static enum err
join(struct program *p, struct enrol_ask *ask)
{
	struct hubcard card;
	int64_t wait_s = WAIT_DEFAULT_S;
	enum err e = program_number(p, "wait", 1, WAIT_MOST_S, &wait_s);
	ask->wait_ms = wait_s * 1000;
	ask->waiting = show_waiting;
	ask->trying = show_trying;
	ask->arg = p;
	if (!e)
		e = enrol_run(ask, &card);
	program_progress(p, NULL);
	if (!e)
		e = hubcard_write(&card, program_dir(p));
	if (!e)
		printf(program_json(p) ? "{\"site\":\"%s\",\"study\":\"%s\"}\n"
				       : "joined as site %s of study %s\n"
					 "next: `weir-node run`, then print the sheet that "
					 "opens the desk when the passphrase is lost: "
					 "`weir-node recovery sheet`\n",
			card.site, card.study);
	return e;
}

static enum err
run(struct program *p)
{
	struct settings settings;
	OWNED(invite) struct invite *invite = NULL;
	OWNED(sitekeys) struct sitekeys *keys = NULL;
	struct enrol_ask ask = {.name = settings.name, .socks = settings.socks};
	enum err e = check_options(p);
	if (!e)
		e = check_not_joined(p);
	if (!e)
		e = read_invitation(p, &invite);
	if (!e)
		e = check_coordinator(p);
	if (!e)
		e = prepare_dir(p, &settings);
	if (e)
		return e;
	enum kdf_cost cost = settings.kdf_interactive ? KDF_INTERACTIVE : KDF_MODERATE;
	e = service_keys(p, cost, &keys);
	if (!e)
		e = review_key(p, cost, ask.review_public);
	ask.invite = invite;
	ask.keys = keys;
	return e ? e : join(p, &ask);
}

static const struct program_option options[] = {
	{"name", "TEXT", "how the hub lists this installation (default: node)"},
	{"coordinator", "ID",
		"who opens the desk: a name of that person in the log (required at first)"},
	{"kdf", "COST", "cost of passphrases: moderate (default) or interactive"},
	{"socks", "HOST:PORT", "a SOCKS5 proxy on the way to the hub, kept in node.ini"},
	{"wait", "S", "seconds to wait for the hub's first answer (default 10)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_join = {
	.name = "join",
	.run = run,
	.help = "join a study with the invitation of its hub",
	.options = options,
};
