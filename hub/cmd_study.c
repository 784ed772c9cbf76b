#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/pack.h"
#include "common/trust/manifest.h"

#include "hub/faultlist.h"
#include "hub/office.h"
#include "hub/packfetch.h"
#include "hub/studydiff.h"
#include "hub/studypack.h"

#define DOCUMENTS_MAX_COUNT PACK_MAX_DOCUMENTS

/* checking */

static enum err
run_check(struct program *p)
{
	OWNED(pack) struct pack *pack = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	const char *dir = program_arg(p, 0);
	enum err e = pack_load(&pack, dir, faults);
	if (program_json(p)) {
		enum err printed = faultlist_print_json(faults);
		return e ? e : printed;
	}
	faultlist_print(faults);
	if (!e)
		printf("%s: study %s, %zu forms, %zu indicators, %zu sites: no fault\n", dir,
			pack->id, pack->form_count, pack->codebook->count, pack->site_count);
	else if (e == E_FORMAT && faults->errors)
		e = fail(e, "%s: %zu faults; nothing can be published", dir, faults->errors);
	return e;
}

/* publishing */

struct manifest_keys {
	struct wire_numbered_key intake[WIRE_INTAKE_MAX];
	const char *vkey;
};

static enum err
read_key(const struct json *object, const char *name, uint8_t ret[static 32])
{
	const char *hex = "";
	enum err e = json_get_text(object, name, 64, &hex);
	if (!e && !text_unhex(ret, 32, hex))
		e = fail(E_FORMAT, "the ledger's %s is not of its form", name);
	return e;
}

static enum err
read_intake(const struct json *facts, struct wire_manifest *m, struct manifest_keys *k)
{
	const struct json *list = NULL, *one = NULL;
	int64_t number = 0;
	enum err e = json_get_array(facts, "intake", WIRE_INTAKE_MAX, &list);
	if (!e && json_count(list) == 0)
		e = fail(E_NOTFOUND, "the keeper is not set up: run `weir-hub keeper setup`");
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "intake", &one);
		if (!e)
			e = json_get_int(one, "number", 1, UINT32_MAX, &number);
		if (!e)
			e = read_key(one, "public", k->intake[i].public);
		k->intake[i].number = (uint32_t)number;
		m->intake_count = i + 1;
	}
	m->intake = k->intake;
	return e;
}

static enum err
fill_from_facts(const struct json *facts, struct wire_manifest *m, struct manifest_keys *k)
{
	int64_t number = 0, ledger = 1;
	enum err e = json_get_int(facts, "manifest", 0, INT64_MAX - 1, &number);
	if (!e)
		e = read_key(facts, "manifest_hash", m->previous);
	if (!e)
		e = read_key(facts, "ledger_public", m->ledger_public);
	if (!e)
		e = json_get_int(facts, "ledger_number", 1, UINT32_MAX, &ledger);
	m->ledger_number = (uint32_t)ledger;
	if (!e)
		e = read_key(facts, "receipt_public", m->receipt_public);
	if (!e)
		e = read_key(facts, "release_public", m->release_public);
	if (!e)
		e = json_get_text(facts, "log_vkey", 400, &k->vkey);
	if (!e)
		e = read_intake(facts, m, k);
	m->number = (uint64_t)number + 1;
	m->log_vkey = k->vkey;
	m->time_s = clock_wall_ms() / 1000;
	return e;
}

static enum err
send_documents(struct office *o, const struct pack *pack, struct wire_document *list)
{
	size_t count = 0;
	const struct pack_document *documents = pack_documents(pack, &count);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		list[i].name = documents[i].name;
		list[i].length = documents[i].bytes.len;
		manifest_document_hash(list[i].hash, documents[i].bytes);
		e = office_document(o, documents[i].bytes);
	}
	return e;
}

static enum err
sign_manifest(struct office *o, struct view manifest, uint64_t number, struct signer *by)
{
	char id[24];
	OWNED(json) struct json *answer = NULL;
	(void)snprintf(id, sizeof(id), "%llu", (unsigned long long)number);
	struct office_act act = {MANIFEST_KIND, id, manifest};
	return office_submit(o, by, &act, &answer);
}

static enum err
publish(struct program *p, struct office *o, const struct pack *pack, struct signer *by)
{
	struct wire_manifest m = {0};
	struct manifest_keys keys = {.vkey = ""};
	struct wire_document list[DOCUMENTS_MAX_COUNT];
	OWNED(json) struct json *facts = NULL;
	OWNED_BUF struct buf manifest;
	buf_init(&manifest, WIRE_MANIFEST_MAX_BYTES);
	(void)snprintf(m.study, sizeof(m.study), "%s", pack->id);
	(void)pack_documents(pack, &m.document_count);
	m.documents = list;
	enum err e = office_ask(o, "facts", "{}", &facts);
	if (!e)
		e = fill_from_facts(facts, &m, &keys);
	if (!e)
		e = send_documents(o, pack, list);
	if (!e)
		e = wire_manifest_pack(&manifest, &m);
	if (!e)
		e = sign_manifest(o, buf_view(&manifest), m.number, by);
	if (!e)
		printf(program_json(p)
				? "{\"number\":%llu,\"documents\":%zu}\n"
				: "manifest %llu of %zu documents is proposed; another officer "
				  "puts it in force: `weir-hub study verify`\n",
			(unsigned long long)m.number, m.document_count);
	return e;
}

/* What the ledger would refuse, all of it and before anything is sent. */
static enum err
check_changes(struct office *o, const struct pack *pack)
{
	OWNED(pack) struct pack *before = NULL;
	OWNED(studydiff) struct studydiff *d = NULL;
	enum err e = packfetch(&before, o);
	if (e || !before)
		return e;
	d = studydiff_make(before, pack, clock_wall_ms());
	for (size_t i = 0; i < d->count; i++) {
		const struct studydiff_change *c = &d->changes[i];
		if (c->refused)
			printf("%s%s%s: %s\n", c->file, *c->what ? " " : "", c->what, c->text);
	}
	return studydiff_check(d);
}

static enum err
run_publish(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(pack) struct pack *pack = NULL;
	OWNED(signer) struct signer *by = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = studypack_load(&pack, program_arg(p, 0), "nothing was published");
	if (!e)
		e = check_changes(o, pack);
	if (!e)
		e = office_signer(o, &by);
	return e ? e : publish(p, o, pack, by);
}

/* putting in force */

static enum err
print_documents(const struct json *proposal)
{
	const struct json *list = NULL, *one = NULL;
	const char *name = "", *hash = "";
	enum err e = json_get_array(proposal, "documents", WIRE_DOCUMENTS_MAX, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "documents", &one);
		if (!e)
			e = json_get_text(one, "name", 256, &name);
		if (!e)
			e = json_get_text(one, "hash", 64, &hash);
		if (!e)
			printf("  %.16s  %s\n", hash, name);
	}
	return e;
}

/* The verifier's own copy of the pack, if given, has to be what is proposed. */
static enum err
compare_pack(const char *dir, const struct wire_manifest *m)
{
	OWNED(pack) struct pack *pack = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	size_t count = 0;
	enum err e = pack_load(&pack, dir, faults);
	if (e)
		return e;
	const struct pack_document *mine = pack_documents(pack, &count);
	if (count != m->document_count)
		return fail(E_DENIED, "%s has %zu documents, the proposal %zu", dir, count,
			m->document_count);
	for (size_t i = 0; i < count; i++) {
		uint8_t hash[HASH_BYTES];
		manifest_document_hash(hash, mine[i].bytes);
		if (strcmp(mine[i].name, m->documents[i].name) != 0 ||
			memcmp(hash, m->documents[i].hash, sizeof(hash)) != 0)
			return fail(E_DENIED, "%s differs from the proposal in %s", dir,
				mine[i].name);
	}
	return OK;
}

static enum err
verify(struct program *p, struct office *o, const struct json *proposal)
{
	const char *base64 = "", *by = "";
	OWNED_MEM uint8_t *bytes = NULL;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	OWNED(signer) struct signer *signer = NULL;
	size_t len = 0;
	enum err e = json_get_text(proposal, "manifest", WIRE_MANIFEST_MAX_BYTES * 2, &base64);
	if (!e)
		e = json_get_text(proposal, "by", 64, &by);
	if (!e)
		e = text_unbase64(&bytes, &len, view_text(base64), WIRE_MANIFEST_MAX_BYTES);
	if (!e)
		e = wire_manifest_unpack(&m, view_of(bytes, len));
	if (!e && program_value(p, "pack"))
		e = compare_pack(program_value(p, "pack"), m);
	if (e)
		return e;
	if (!program_json(p)) {
		printf("manifest %llu of study %s, proposed by %s:\n",
			(unsigned long long)m->number, m->study, by);
		e = print_documents(proposal);
	}
	if (!e)
		e = office_signer(o, &signer);
	if (!e)
		e = sign_manifest(o, view_of(bytes, len), m->number, signer);
	if (!e)
		printf(program_json(p) ? "{\"number\":%llu,\"state\":\"in-force\"}\n"
				       : "manifest %llu is in force\n",
			(unsigned long long)m->number);
	return e;
}

static enum err
run_verify(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *proposal = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = office_ask(o, "proposal", "{}", &proposal);
	return e ? e : verify(p, o, proposal);
}

static enum err
run_show(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *facts = NULL;
	const char *study = "", *hash = "";
	int64_t number = 0;
	enum err e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "facts", "{}");
	if (!e)
		e = office_ask(o, "facts", "{}", &facts);
	if (!e)
		e = json_get_text(facts, "study", 64, &study);
	if (!e)
		e = json_get_int(facts, "manifest", 0, INT64_MAX, &number);
	if (!e)
		e = json_get_text(facts, "manifest_hash", 64, &hash);
	if (!e && number == 0)
		printf("study %s: nothing is in force; publish a pack with `weir-hub study "
		       "publish`\n",
			study);
	else if (!e)
		printf("study %s: manifest %lld is in force, hash %s\n", study,
			(long long)number, hash);
	return e;
}

static const struct program_option publish_options[] = {
	{"by", "PERSON", "the officer who proposes it"},
	{NULL, NULL, NULL},
};

static const struct program_option verify_options[] = {
	{"by", "PERSON", "another officer, who puts it in force"},
	{"pack", "DIR", "compare with this copy of the pack first"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_study_check = {.name = "study check",
	.run = run_check,
	.help = "check a study pack: every fault with its file, row and column",
	.args = "PACK",
	.args_min = 1,
	.args_max = 1};

const struct program_command cmd_study_publish = {.name = "study publish",
	.run = run_publish,
	.help = "propose a study pack to be put in force",
	.args = "PACK",
	.args_min = 1,
	.args_max = 1,
	.options = publish_options};

const struct program_command cmd_study_verify = {.name = "study verify",
	.run = run_verify,
	.help = "put the proposed study pack in force, as a second officer",
	.options = verify_options};

const struct program_command cmd_study_show = {
	.name = "study show", .run = run_show, .help = "which study pack is in force"};
