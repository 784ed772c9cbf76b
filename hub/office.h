/* office - a command's way to the hub: whose key, which ledger, one signed act, one question.
 *
 * Always true: a secret never leaves the command; what goes to the ledger is a statement, a
 *              body or a question. Passphrases are asked through program.h.
 * Errors:      E_ABSENT naming `weir-hub run`; what the ledger said; those of signer.h.
 */
#ifndef WEIR_HUB_OFFICE_H
#define WEIR_HUB_OFFICE_H

#include "common/run/datadir.h"
#include "common/run/program.h"

#include "hub/ipc.h"
#include "hub/settings.h"
#include "hub/signer.h"

struct json;
struct office;

/* gives an office in the hub directory of --dir; the ledger is looked for at the first need. */
CHECKED enum err office_open(struct office **ret, struct program *p);
void office_free(struct office *o);
OWNER(office)

const struct settings *office_settings(const struct office *o);

/* gives the signer named by option --by (or the root: option --root FILE), asking its
 * passphrase once the ledger was found to listen; "alone" for a ledger that cannot run. */
CHECKED enum err office_signer(struct office *o, struct signer **ret);
CHECKED enum err office_signer_alone(struct office *o, struct signer **ret);
CHECKED enum err office_person(struct office *o, const char *person, struct signer **ret);
CHECKED enum err office_root(struct office *o, struct signer **ret);
/* The path of a person's key file. */
CHECKED enum err office_key_path(
	struct office *o, const char *person, char ret[static DATADIR_PATH_BYTES]);

/* A question; gives the answer's tree. args: canonical JSON, "{}" for none. */
CHECKED enum err office_ask(
	struct office *o, const char *question, const char *args, struct json **ret);
/* The same, the answer's bytes as they came. */
CHECKED enum err office_ask_bytes(
	struct office *o, const char *question, const char *args, struct buf *out);

/* A list, asked for by a command that takes no argument: each of its rows in order, or with
 * --json the answer as it came. */
struct office_list {
	const char *question;
	const char *member; /* of the answer: the array */
	size_t most;
	enum err (*row)(const struct json *one);
	const char *none; /* what people are told of an empty one; NULL: nothing */
};
CHECKED enum err office_list(struct program *p, const struct office_list *l);

/* What an operator says without a statement (upkeep.h); gives the answer's tree. */
CHECKED enum err office_do(
	struct office *o, const char *name, struct view args, struct json **ret);

/* The same, printed on standard output with a newline: what --json shows. */
CHECKED enum err office_print(struct office *o, const char *question, const char *args);

/* Sign `body` as an act of this kind on `id` and hand it in; gives the answer's tree. */
struct office_act {
	const char *kind;
	const char *id;
	struct view body;
};
CHECKED enum err office_submit(
	struct office *o, struct signer *by, const struct office_act *a, struct json **ret);

/* One request about a bundle (LEDGER_BUNDLE_*); adds the answer's fields. */
CHECKED enum err office_bundle(
	struct office *o, enum hub_verb verb, struct view fields, struct buf *reply);

/* Only the statement, for a ledger that cannot be asked. */
CHECKED enum err office_sign(
	struct office *o, struct signer *by, const struct office_act *a, struct buf *out);

/* Send a document that a manifest will name. */
CHECKED enum err office_document(struct office *o, struct view bytes);

#endif
