#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/trust/card.h"
#include "common/trust/note.h"

#include "hub/holders.h"
#include "hub/keeperkey.h"
#include "hub/office.h"

/* The holders' box keys, from cards whose root signature is checked here: the ledger is not
 * asked to be believed. */
struct holders {
	struct keeperkey_holder list[KEEPERKEY_HOLDERS_COUNT];
	size_t count;
};

static enum err
read_card(const struct json *person, const char *study, const struct signer *root,
	struct wire_card *ret)
{
	const char *base64 = "";
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	struct wire_signed s;
	enum err e = json_get_text(person, "card", 16384, &base64);
	if (!e)
		e = text_unbase64(&bytes, &len, view_text(base64), WIRE_SIGNED_MAX_BYTES);
	if (!e)
		e = wire_signed_unpack(&s, view_of(bytes, len));
	return e ? e : card_verify(ret, &s, study, root->sign_public);
}

static enum err
find_holder(const struct json *facts, const char *id, const struct signer *root,
	struct keeperkey_holder *ret)
{
	const struct json *persons = NULL, *person = NULL;
	const char *study = "", *who = "";
	struct wire_card card;
	enum err e = json_get_text(facts, "study", 63, &study);
	if (!e)
		e = json_get_array(facts, "persons", 100000, &persons);
	for (size_t i = 0; !e && i < json_count(persons); i++) {
		e = json_item_object(persons, i, "persons", &person);
		if (!e)
			e = json_get_text(person, "id", 200, &who);
		if (e || strcmp(who, id) != 0)
			continue;
		e = read_card(person, study, root, &card);
		if (!e && !card_has_role(&card, "holder"))
			e = fail(E_DENIED, "%s has not the role holder", id);
		if (!e) {
			ret->person = id;
			memcpy(ret->box_public, card.box_public, sizeof(ret->box_public));
		}
		return e;
	}
	return e ? e : fail(E_NOTFOUND, "nobody of the study is called %s", id);
}

static enum err
read_holders(struct program *p, const struct json *facts, const struct signer *root,
	struct holders *h)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < program_value_count(p, "holder"); i++) {
		if (i == KEEPERKEY_HOLDERS_COUNT)
			return fail(E_FORMAT, "at most %d holders", KEEPERKEY_HOLDERS_COUNT);
		e = find_holder(facts, program_value_at(p, "holder", i), root, &h->list[i]);
		h->count = i + 1;
	}
	return e;
}

static enum err
read_key(const struct json *facts, const char *name, uint8_t ret[static 32])
{
	const char *hex = "";
	enum err e = json_get_text(facts, name, 64, &hex);
	if (!e && !text_unhex(ret, 32, hex))
		e = fail(E_FORMAT, "the ledger's %s is not a key", name);
	return e;
}

/* body of the act: blob SignedHubKeys, u32 count, count x (number u32, public 32) */
static enum err
make_body(const struct json *facts, struct signer *root, const struct keeperkey *k,
	struct buf *body)
{
	struct wire_hub_keys keys = {.time_s = clock_wall_ms() / 1000};
	const char *study = "", *vkey = "";
	OWNED_BUF struct buf signed_keys;
	buf_init(&signed_keys, WIRE_SIGNED_MAX_BYTES);
	enum err e = json_get_text(facts, "study", sizeof(keys.study) - 1, &study);
	if (!e)
		e = json_get_text(facts, "log_vkey", sizeof(keys.log_vkey) - 1, &vkey);
	if (!e)
		e = read_key(facts, "receipt_public", keys.receipt_public);
	if (e)
		return e;
	(void)snprintf(keys.study, sizeof(keys.study), "%s", study);
	(void)snprintf(keys.log_vkey, sizeof(keys.log_vkey), "%s", vkey);
	memcpy(keys.release_public, k->release_public, sizeof(keys.release_public));
	e = card_hub_keys_make(&signed_keys, &keys, root->sign);
	if (e)
		return e;
	buf_blob(body, buf_view(&signed_keys));
	buf_u32(body, (uint32_t)k->intake_count);
	for (size_t i = 0; i < k->intake_count; i++) {
		uint8_t public[BOX_PUBLIC_BYTES];
		box_public(public, k->intake[i]);
		buf_u32(body, k->intake_number[i]);
		buf_add(body, public, sizeof(public));
	}
	return buf_check(body, "keys of the hub");
}

/* Was it the ledger that said no? Otherwise it is not known whether it took the keys, and files
 * that may be the only copy of them stay. */
static bool
is_refusal(enum err e)
{
	return e == E_DENIED || e == E_FORMAT || e == E_AUTH || e == E_CONFLICT ||
	       e == E_NOTFOUND;
}

static void
remove_files(const char *dir)
{
	static const char *const names[] = {"keys/keeper.key", "keys/holders"};
	char path[DATADIR_PATH_BYTES];
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!datadir_path(path, dir, names[i]))
			(void)unlink(path);
}

static enum err
set_up(struct program *p, struct office *o, const struct json *facts, struct signer *root)
{
	struct holders holders = {0};
	struct note_key log;
	const char *vkey = "";
	OWNED_BUF struct buf body;
	OWNED(json) struct json *answer = NULL;
	buf_init(&body, 65536);
	enum err e = read_holders(p, facts, root, &holders);
	if (!e)
		e = json_get_text(facts, "log_vkey", NOTE_NAME_MOST_BYTES * 2, &vkey);
	if (!e)
		e = note_key_parse(&log, vkey);
	if (e)
		return e;
	OWNED(keeperkey) struct keeperkey *k = keeperkey_new(root->sign_public, log.public);
	e = make_body(facts, root, k, &body);
	if (!e)
		e = keeperkey_write(k, program_dir(p), holders.list, holders.count);
	if (e)
		return e;
	struct office_act act = {"keeper-setup", "1", buf_view(&body)};
	e = office_submit(o, root, &act, &answer);
	if (is_refusal(e))
		remove_files(program_dir(p));
	else if (e)
		e = fail_in(e,
			"it is not known whether the hub took the keys; the files stay, and "
			"`weir-hub study show --json` says under \"keeper\" whether it did");
	return e;
}

static enum err
run_setup(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *root = NULL;
	OWNED(json) struct json *facts = NULL;
	bool done = false;
	if (program_value_count(p, "holder") < 2)
		return program_usage(
			p, "--holder is needed at least twice: any two open the keeper");
	enum err e = office_open(&o, p);
	if (!e)
		e = office_ask(o, "facts", "{}", &facts);
	if (!e)
		e = json_get_bool(facts, "keeper", &done);
	if (!e && done)
		e = fail(E_CONFLICT, "the keeper is set up already");
	if (!e)
		e = office_root(o, &root);
	if (!e)
		e = set_up(p, o, facts, root);
	OWNED_MEM char *warning = holders_warning(program_dir(p));
	if (!e && !program_json(p))
		printf("the keeper is set up; any two of its %zu holders open it\n%s",
			program_value_count(p, "holder"), warning);
	if (!e && program_json(p))
		printf("{\"holders\":%zu}\n", program_value_count(p, "holder"));
	return e;
}

static const struct program_option options[] = {
	{"holder", "PERSON...",
		"a person with the role holder; give it two to seven times, better three than "
		"two"},
	{"root", "FILE", "key file of the study root (default DIR/root.key)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_keeper_setup = {
	.name = "keeper setup",
	.run = run_setup,
	.help = "make the keys that open answers, for any two of the named holders",
	.options = options,
};
