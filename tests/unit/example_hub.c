#include "tests/unit/example_hub.h"

#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/trust/card.h"
#include "common/trust/manifest.h"
#include "common/trust/note.h"
#include "common/trust/statement.h"
#include "hub/acts_digest.h"
#include "hub/study.h"

const struct who_is who_is[WHO] = {
	{"root", "owner"},
	{"researcher-1", "researcher"},
	{"researcher-2", "researcher"},
	{"officer-1", "officer"},
	{"officer-2", "officer"},
	{"approver-1", "approver"},
	{"operator-1", "operator"},
};

/* acts */

void
example_sign(
	struct example *p, const struct example_act *a, const char *person, struct buf *out)
{
	struct statement_about about = {a->study, a->kind, a->id, {0}};
	if (a->digest)
		memcpy(about.digest, a->digest, HASH_BYTES);
	else
		acts_digest_of(about.digest, a->kind, a->body);
	assert_ok(statement_make(out, &about, person, a->time_s, p->sign[a->signed_by]));
}

static enum err
add_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	uint8_t *sum = arg;
	const struct view parts[] = {view_of(sum, HASH_BYTES), key, value};
	(void)ret_stop;
	crypto_hash_many(sum, NULL, NULL, parts, ARRAY_LEN(parts));
	return OK;
}

/* What the vault holds in this turn, and the log, as one hash. */
static void
holds(struct example *p, uint8_t ret[static HASH_BYTES])
{
	struct vault_txn *t = NULL;
	uint64_t leaves = audit_size(p->hub.audit);
	memset(ret, 0, HASH_BYTES);
	assert_ok(hub_txn(&p->hub, &t));
	for (size_t i = 0; i < VAULT_TABLE_COUNT; i++) {
		struct vault_range all = {.table = (enum vault_table)i};
		assert_ok(vault_each(t, &all, add_row, ret));
	}
	assert_ok(add_row(ret, view_of(&leaves, sizeof(leaves)), view_of(NULL, 0), NULL));
}

enum err
example_submit_packed(
	struct example *p, struct view packed, struct view body, struct buf *reply)
{
	uint8_t before[HASH_BYTES], after[HASH_BYTES];
	holds(p, before);
	enum err e = acts_apply(&p->hub, packed, body, reply);
	holds(p, after);
	assert_int_equal(memcmp(before, after, HASH_BYTES) == 0, e != OK);
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
	return e;
}

enum err
example_submit_act(struct example *p, const struct example_act *a, const char *person)
{
	OWNED_BUF struct buf packed, reply;
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, 65536);
	example_sign(p, a, person, &packed);
	return example_submit_packed(p, buf_view(&packed), a->body, &reply);
}

enum err
example_submit(
	struct example *p, enum who by, const char *kind, const char *id, struct view body)
{
	struct example_act a = {
		by, by, EXAMPLE_STUDY, kind, id, body, clock_wall_ms() / 1000, NULL};
	return example_submit_act(p, &a, who_is[by].id);
}

void
assert_words(const char *words)
{
	if (!strstr(err_text(), words))
		fail_msg("\"%s\" is not in \"%s\"", words, err_text());
}

/* persons, keys, study */

struct wire_card
example_card(struct example *p, enum who w)
{
	struct wire_card c = {.role_count = 1, .time_s = EXAMPLE_NOW_S};
	(void)snprintf(c.study, sizeof(c.study), "%s", EXAMPLE_STUDY);
	(void)snprintf(c.person, sizeof(c.person), "%s", who_is[w].id);
	(void)snprintf(c.name, sizeof(c.name), "Example %s", who_is[w].id);
	(void)snprintf(c.roles[0], sizeof(c.roles[0]), "%s", who_is[w].role);
	(void)snprintf(c.organisation, sizeof(c.organisation), "Example organisation");
	memcpy(c.sign_public, p->public[w], sizeof(c.sign_public));
	memset(c.box_public, (int)w + 1, sizeof(c.box_public));
	return c;
}

enum err
example_add_card(struct example *p, const struct wire_card *card)
{
	OWNED_BUF struct buf signed_card;
	buf_init(&signed_card, WIRE_SIGNED_MAX_BYTES);
	assert_ok(card_make(&signed_card, card, p->sign[ROOT]));
	return example_submit(p, ROOT, "person", card->person, buf_view(&signed_card));
}

void
example_add_persons(struct example *p)
{
	for (enum who w = RESEARCHER_1; w < WHO; w++) {
		struct wire_card c = example_card(p, w);
		assert_ok(example_add_card(p, &c));
	}
}

struct wire_hub_keys
example_hub_keys(const struct example *p)
{
	struct wire_hub_keys k = {.time_s = EXAMPLE_NOW_S};
	(void)snprintf(k.study, sizeof(k.study), "%s", EXAMPLE_STUDY);
	(void)snprintf(k.log_vkey, sizeof(k.log_vkey), "%s", p->log_vkey);
	memcpy(k.receipt_public, p->keys->receipt_public, sizeof(k.receipt_public));
	memcpy(k.release_public, p->release_public, sizeof(k.release_public));
	return k;
}

void
example_setup_body(
	struct example *p, const struct wire_hub_keys *k, uint32_t number, struct buf *out)
{
	OWNED_BUF struct buf keys;
	buf_init(&keys, WIRE_SIGNED_MAX_BYTES);
	assert_ok(card_hub_keys_make(&keys, k, p->sign[ROOT]));
	buf_blob(out, buf_view(&keys));
	buf_u32(out, 1);
	buf_u32(out, number);
	buf_add(out, p->intake_public, BOX_PUBLIC_BYTES);
}

void
example_set_up_keeper(struct example *p)
{
	OWNED_BUF struct buf body;
	struct wire_hub_keys k = example_hub_keys(p);
	buf_init(&body, 16384);
	example_setup_body(p, &k, 1, &body);
	assert_ok(example_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)));
}

void
example_send_documents(struct example *p)
{
	OWNED_BUF struct buf hash;
	size_t count;
	const struct pack_document *d = pack_documents(p->pack, &count);
	buf_init(&hash, 65536);
	for (size_t i = 0; i < count; i++)
		assert_ok(study_document(&p->hub, d[i].bytes, &hash));
	assert_ok(hub_commit(&p->hub));
}

void
example_manifest(struct example *p, uint64_t number, struct example_manifest *ret)
{
	size_t count;
	const struct pack_document *d = pack_documents(p->pack, &count);
	*ret = (struct example_manifest){.m = {.number = number,
						 .document_count = count,
						 .log_vkey = p->log_vkey,
						 .intake_count = 1,
						 .time_s = EXAMPLE_NOW_S},
		.intake = {.number = 1}};
	(void)snprintf(ret->m.study, sizeof(ret->m.study), "%s", EXAMPLE_STUDY);
	for (size_t i = 0; i < count; i++) {
		ret->documents[i] =
			(struct wire_document){.name = d[i].name, .length = d[i].bytes.len};
		manifest_document_hash(ret->documents[i].hash, d[i].bytes);
	}
	memcpy(ret->m.ledger_public, p->keys->box_public, sizeof(ret->m.ledger_public));
	memcpy(ret->m.receipt_public, p->keys->receipt_public, sizeof(ret->m.receipt_public));
	memcpy(ret->m.release_public, p->release_public, sizeof(ret->m.release_public));
	memcpy(ret->intake.public, p->intake_public, BOX_PUBLIC_BYTES);
	assert_ok(study_manifest_hash(&p->hub, ret->m.previous));
	assert_ok(hub_commit(&p->hub));
	ret->m.documents = ret->documents;
	ret->m.intake = &ret->intake;
}

enum err
example_sign_manifest(
	struct example *p, enum who by, const char *id, const struct example_manifest *m)
{
	OWNED_BUF struct buf bytes;
	buf_init(&bytes, WIRE_MANIFEST_MAX_BYTES);
	assert_ok(wire_manifest_pack(&bytes, &m->m));
	return example_submit(p, by, MANIFEST_KIND, id, buf_view(&bytes));
}

void
example_publish(struct example *p)
{
	OWNED_MEM struct example_manifest *m = xcalloc(1, sizeof(*m));
	example_send_documents(p);
	example_manifest(p, 1, m);
	assert_ok(example_sign_manifest(p, OFFICER_1, "1", m));
	assert_ok(example_sign_manifest(p, OFFICER_2, "1", m));
	assert_int_equal(p->hub.manifest_number, 1);
}

/* making */

void
example_open_hub(struct example *p)
{
	static const struct vault_limits limits = {.map_bytes = (size_t)256 << 20};
	OWNED_MEM char *vault = xasprintf("%s/vault", p->dir);
	OWNED_MEM char *log = xasprintf("%s/log", p->dir);
	OWNED_MEM char *journal = xasprintf("%s/journal", p->dir);
	struct hub *h = &p->hub;
	(void)mkdir(log, 0700);
	(void)mkdir(journal, 0700);
	h->dir = p->dir;
	h->origin = EXAMPLE_ORIGIN;
	(void)snprintf(h->study, sizeof(h->study), "%s", EXAMPLE_STUDY);
	h->receipt = p->keys->receipt;
	h->box = p->keys->box;
	memcpy(h->root_public, p->public[ROOT], SIGN_PUBLIC_BYTES);
	memcpy(h->box_public, p->keys->box_public, BOX_PUBLIC_BYTES);
	memcpy(h->transport_public, p->keys->transport_public, BOX_PUBLIC_BYTES);
	assert_ok(vault_open_lmdb(&h->vault, vault, p->keys->vault, &limits, false));
	struct audit_config c = {h->vault, log, journal, EXAMPLE_ORIGIN, p->keys->log_seed};
	assert_ok(audit_open(&h->audit, &c));
}

void
example_close_hub(struct example *p)
{
	struct hub *h = &p->hub;
	hub_abort(h);
	audit_free(h->audit);
	vault_free(h->vault);
	pack_free(h->pack);
	*h = (struct hub){0};
}

int
make_hub(void **state)
{
	struct example *p = xcalloc(1, sizeof(*p));
	uint8_t payload[5 * 32];
	struct secret *unused = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	clock_freeze_wall_ms((int64_t)EXAMPLE_NOW_S * 1000);
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/weir-hub-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	crypto_random(payload, sizeof(payload));
	assert_ok(servicekey_from(&p->keys, view_of(payload, sizeof(payload))));
	for (enum who w = ROOT; w < WHO; w++)
		sign_keypair(p->public[w], &p -> sign[w]);
	sign_keypair(p->release_public, &unused);
	secret_free(unused);
	box_keypair(p->intake_public, &unused);
	secret_free(unused);
	assert_ok(pack_load(&p->pack, EXAMPLE_PACK, faults));
	example_open_hub(p);
	p->log_vkey = note_key_text(audit_key(p->hub.audit));
	*state = p;
	return 0;
}

int
make_hub_with_persons(void **state)
{
	if (make_hub(state))
		return -1;
	example_add_persons(*state);
	return 0;
}

int
make_hub_with_keeper(void **state)
{
	if (make_hub_with_persons(state))
		return -1;
	example_set_up_keeper(*state);
	return 0;
}

int
make_hub_in_force(void **state)
{
	if (make_hub_with_keeper(state))
		return -1;
	example_publish(*state);
	return 0;
}

int
drop_hub(void **state)
{
	struct example *p = *state;
	OWNED_MEM char *command = xasprintf("rm -rf '%s'", p->dir);
	example_close_hub(p);
	for (enum who w = ROOT; w < WHO; w++)
		secret_free(p->sign[w]);
	servicekey_free(p->keys);
	pack_free(p->pack);
	free(p->log_vkey);
	free(p);
	clock_freeze_wall_ms(0);
	return system(command);
}
