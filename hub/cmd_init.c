#include "hub/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/study/pack.h"
#include "common/trust/card.h"
#include "common/trust/note.h"

#include "hub/servicekey.h"
#include "hub/settings.h"
#include "hub/signer.h"
#include "hub/vaultkeys.h"

static enum err
refuse_existing(const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, dir, "hub.ini");
	if (!e && access(path, F_OK) == 0)
		e = fail(E_CONFLICT, "%s holds a hub already", dir);
	return e;
}

/* Study id and log origin come from the pack, so that nobody types them twice. */
static enum err
read_study(const char *pack_dir, struct settings *s)
{
	OWNED(pack) struct pack *pack = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	enum err e = pack_load(&pack, pack_dir, faults);
	if (e == E_FORMAT && faults->errors) {
		e = faults_check(faults);
		e = fail_in(e, "%s", pack_dir);
	}
	if (e)
		return e;
	(void)snprintf(s->study, sizeof(s->study), "%s", pack->id);
	(void)snprintf(s->origin, sizeof(s->origin), "%s", pack->log_origin);
	return OK;
}

static enum err
make_dirs(const char *dir)
{
	static const char *const names[] = {"", "keys", "persons", "log", "journal", "shelf"};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(names); i++)
		e = datadir_make(dir, names[i]);
	return e;
}

static enum err
make_root(struct program *p, enum kdf_cost cost, struct signer **ret)
{
	char path[DATADIR_PATH_BYTES];
	char hex[2 * SIGN_PUBLIC_BYTES + 2];
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = program_passphrase_new(p, "passphrase of the study root", &passphrase);
	if (!e)
		e = datadir_path(path, program_dir(p), "root.key");
	struct signer_file f = {
		.path = path, .id = SIGNER_ROOT, .passphrase = passphrase, .cost = cost};
	if (!e)
		e = signer_make(ret, &f);
	if (!e)
		e = datadir_path(path, program_dir(p), "root.public");
	if (e)
		return e;
	text_hex(hex, (*ret)->sign_public, SIGN_PUBLIC_BYTES);
	hex[2 * SIGN_PUBLIC_BYTES] = '\n';
	return text_write_file(path, view_of(hex, 2 * SIGN_PUBLIC_BYTES + 1), 0644);
}

static enum err
make_services(struct program *p, enum kdf_cost cost, struct servicekey **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	enum err e = program_passphrase_new(p, "passphrase of the hub's services", &passphrase);
	if (!e)
		e = servicekey_make(ret, program_dir(p), passphrase, cost);
	if (e)
		return e;
	const struct vaultkeys keys = {program_dir(p), (*ret)->vault};
	return vaultkeys_make(&keys);
}

static enum err
write_settings(const char *dir, const struct settings *s)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_BUF struct buf text;
	buf_init(&text, 65536);
	enum err e = settings_print(s, &text);
	if (!e)
		e = datadir_path(path, dir, "hub.ini");
	return e ? e : text_write_file(path, buf_view(&text), 0600);
}

/* The verifier key stands beside the log, for everybody who checks it. */
static enum err
write_vkey(const char *dir, const struct settings *s, const struct servicekey *k, char **ret)
{
	char path[DATADIR_PATH_BYTES];
	struct note_key key;
	enum err e = note_key_make(&key, s->origin, NOTE_ED25519, k->log_public);
	if (e)
		return e;
	OWNED_MEM char *text = note_key_text(&key);
	OWNED_MEM char *line = xasprintf("%s\n", text);
	e = datadir_path(path, dir, "vkey");
	if (!e)
		e = text_write_file(path, view_text(line), 0644);
	if (!e)
		*ret = take(text);
	return e;
}

static enum err
read_options(struct program *p, struct settings *s)
{
	const char *study = program_value(p, "study"), *kdf = program_value(p, "kdf");
	const char *listen = program_value(p, "listen");
	if (!study)
		return program_usage(
			p, "--study DIR is needed: the study pack this hub serves");
	if (kdf && strcmp(kdf, "interactive") != 0 && strcmp(kdf, "moderate") != 0)
		return program_usage(p, "--kdf is interactive or moderate");
	s->kdf_interactive = kdf && strcmp(kdf, "interactive") == 0;
	if (snprintf(s->listen, sizeof(s->listen), "%s",
		    listen ? listen : "tcp://127.0.0.1:7443") >= (int)sizeof(s->listen) ||
		strncmp(s->listen, "tcp://", 6) != 0)
		return program_usage(p, "--listen is tcp://ADDRESS:PORT");
	return read_study(study, s);
}

static void
print_done(struct program *p, const struct settings *s, const struct signer *root,
	const char *vkey)
{
	uint8_t hash[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	card_root_hash(hash, root->sign_public);
	text_hex(hex, hash, sizeof(hash));
	if (program_json(p)) {
		printf("{\"study\":\"%s\",\"root_hash\":\"%s\",\"vkey\":\"%s\"}\n", s->study,
			hex, vkey);
		return;
	}
	printf("hub of study %s in %s\n", s->study, program_dir(p));
	printf("root hash  %s\n", hex);
	printf("log key    %s\n", vkey);
	printf("next: `weir-hub run`, then for each person `weir-hub person add ID --role ROLE "
	       "--organisation NAME`;\nkeep root.key offline after that\n");
}

static enum err
run_init(struct program *p)
{
	const char *dir = program_dir(p);
	struct settings s = {0};
	OWNED(signer) struct signer *root = NULL;
	OWNED(servicekey) struct servicekey *services = NULL;
	OWNED_MEM char *vkey = NULL;
	enum err e = read_options(p, &s);
	if (!e)
		e = refuse_existing(dir);
	if (!e)
		e = make_dirs(dir);
	enum kdf_cost cost = s.kdf_interactive ? KDF_INTERACTIVE : KDF_MODERATE;
	if (!e)
		e = make_root(p, cost, &root);
	if (!e)
		e = make_services(p, cost, &services);
	if (!e)
		e = write_vkey(dir, &s, services, &vkey);
	if (!e)
		e = write_settings(dir, &s);
	if (!e)
		print_done(p, &s, root, vkey);
	return e;
}

static const struct program_option options[] = {
	{"study", "DIR",
		"study pack that this hub serves; gives the study's id and the log's name"},
	{"listen", "ADDRESS",
		"where nodes connect, tcp://ADDRESS:PORT (default 127.0.0.1:7443)"},
	{"kdf", "COST", "cost of passphrases: moderate (default) or interactive"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_init = {
	.name = "init",
	.run = run_init,
	.help = "make a hub: its directory, the study root and the service keys",
	.options = options,
};
