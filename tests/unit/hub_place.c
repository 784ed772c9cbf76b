#include "tests/unit/hub_place.h"
#include "tests/unit/own_dir.h"

#include "hub/vaultkeys.h"

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
place_sign(struct hub_place *p, const struct place_act *a, const char *person, struct buf *out)
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

void
place_holds(struct hub_place *p, uint8_t ret[static HASH_BYTES])
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
place_submit_packed(
	struct hub_place *p, struct view packed, struct view body, struct buf *reply)
{
	uint8_t before[HASH_BYTES], after[HASH_BYTES];
	place_holds(p, before);
	enum err e = acts_apply(&p->hub, packed, body, reply);
	place_holds(p, after);
	assert_int_equal(memcmp(before, after, HASH_BYTES) == 0, e != OK);
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
	return e;
}

enum err
place_submit_act(struct hub_place *p, const struct place_act *a, const char *person)
{
	OWNED_BUF struct buf packed, reply;
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, 65536);
	place_sign(p, a, person, &packed);
	return place_submit_packed(p, buf_view(&packed), a->body, &reply);
}

enum err
place_submit(
	struct hub_place *p, enum who by, const char *kind, const char *id, struct view body)
{
	struct place_act a = {
		by, by, PLACE_STUDY, kind, id, body, clock_wall_ms() / 1000, NULL};
	return place_submit_act(p, &a, who_is[by].id);
}

void
assert_words(const char *words)
{
	if (!strstr(err_text(), words))
		fail_msg("\"%s\" is not in \"%s\"", words, err_text());
}

/* persons, keys, study */

struct wire_card
place_card(struct hub_place *p, enum who w)
{
	struct wire_card c = {.role_count = 1, .time_s = PLACE_NOW_S};
	(void)snprintf(c.study, sizeof(c.study), "%s", PLACE_STUDY);
	(void)snprintf(c.person, sizeof(c.person), "%s", who_is[w].id);
	(void)snprintf(c.name, sizeof(c.name), "Example %s", who_is[w].id);
	(void)snprintf(c.roles[0], sizeof(c.roles[0]), "%s", who_is[w].role);
	(void)snprintf(c.organisation, sizeof(c.organisation), "Example organisation");
	memcpy(c.sign_public, p->public[w], sizeof(c.sign_public));
	memset(c.box_public, (int)w + 1, sizeof(c.box_public));
	return c;
}

enum err
place_add_card(struct hub_place *p, const struct wire_card *card)
{
	OWNED_BUF struct buf signed_card;
	buf_init(&signed_card, WIRE_SIGNED_MAX_BYTES);
	assert_ok(card_make(&signed_card, card, p->sign[ROOT]));
	return place_submit(p, ROOT, "person", card->person, buf_view(&signed_card));
}

void
place_add_persons(struct hub_place *p)
{
	for (enum who w = RESEARCHER_1; w < WHO; w++) {
		struct wire_card c = place_card(p, w);
		assert_ok(place_add_card(p, &c));
	}
}

struct wire_hub_keys
hub_place_keys(const struct hub_place *p)
{
	struct wire_hub_keys k = {.time_s = PLACE_NOW_S};
	(void)snprintf(k.study, sizeof(k.study), "%s", PLACE_STUDY);
	(void)snprintf(k.log_vkey, sizeof(k.log_vkey), "%s", p->log_vkey);
	memcpy(k.receipt_public, p->keys->receipt_public, sizeof(k.receipt_public));
	memcpy(k.release_public, p->release_public, sizeof(k.release_public));
	return k;
}

void
place_setup_body(
	struct hub_place *p, const struct wire_hub_keys *k, uint32_t number, struct buf *out)
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
place_set_up_keeper(struct hub_place *p)
{
	OWNED_BUF struct buf body;
	struct wire_hub_keys k = hub_place_keys(p);
	buf_init(&body, 16384);
	place_setup_body(p, &k, 1, &body);
	assert_ok(place_submit(p, ROOT, "keeper-setup", "1", buf_view(&body)));
}

void
place_send_documents(struct hub_place *p)
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
place_manifest(struct hub_place *p, uint64_t number, struct place_manifest *ret)
{
	size_t count;
	const struct pack_document *d = pack_documents(p->pack, &count);
	*ret = (struct place_manifest){.m = {.number = number,
					       .document_count = count,
					       .log_vkey = p->log_vkey,
					       .intake_count = 1,
					       .time_s = PLACE_NOW_S},
		.intake = {.number = 1}};
	(void)snprintf(ret->m.study, sizeof(ret->m.study), "%s", PLACE_STUDY);
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
place_sign_manifest(
	struct hub_place *p, enum who by, const char *id, const struct place_manifest *m)
{
	OWNED_BUF struct buf bytes;
	buf_init(&bytes, WIRE_MANIFEST_MAX_BYTES);
	assert_ok(wire_manifest_pack(&bytes, &m->m));
	return place_submit(p, by, MANIFEST_KIND, id, buf_view(&bytes));
}

void
place_publish(struct hub_place *p)
{
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	place_send_documents(p);
	place_manifest(p, 1, m);
	assert_ok(place_sign_manifest(p, OFFICER_1, "1", m));
	assert_ok(place_sign_manifest(p, OFFICER_2, "1", m));
	assert_int_equal(p->hub.manifest_number, 1);
}

/* making */

void
place_open_vault(const struct hub_place *p, struct vault **ret)
{
	const struct vault_limits limits = {
		.map_bytes = (size_t)256 << 20, .limit_bytes = p->limit_bytes};
	const struct vaultkeys keys = {p->dir, p->keys->vault};
	OWNED_MEM char *path = xasprintf("%s/vault", p->dir);
	assert_ok(vault_open_lmdb(ret, path, &keys, &limits, false));
}

void
place_open_hub(struct hub_place *p)
{
	OWNED_MEM char *log = xasprintf("%s/log", p->dir);
	OWNED_MEM char *journal = xasprintf("%s/journal", p->dir);
	struct hub *h = &p->hub;
	(void)mkdir(log, 0700);
	(void)mkdir(journal, 0700);
	h->dir = p->dir;
	h->origin = PLACE_ORIGIN;
	(void)snprintf(h->study, sizeof(h->study), "%s", PLACE_STUDY);
	h->receipt = p->keys->receipt;
	h->box = p->keys->box;
	memcpy(h->root_public, p->public[ROOT], SIGN_PUBLIC_BYTES);
	memcpy(h->box_public, p->keys->box_public, BOX_PUBLIC_BYTES);
	memcpy(h->transport_public, p->keys->transport_public, BOX_PUBLIC_BYTES);
	place_open_vault(p, &h->vault);
	struct audit_config c = {
		h->vault, log, journal, PLACE_ORIGIN, p->keys->log_seed, false, NULL};
	assert_ok(audit_open(&h->audit, &c));
	audit_watch(h->audit, h);
}

void
place_close_hub(struct hub_place *p)
{
	struct hub *h = &p->hub;
	hub_abort(h);
	audit_free(h->audit);
	vault_free(h->vault);
	pack_free(h->pack);
	versions_free(h->versions);
	*h = (struct hub){0};
}

int
make_hub(void **state)
{
	struct hub_place *p = xcalloc(1, sizeof(*p));
	uint8_t payload[5 * 32];
	struct secret *unused = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	clock_freeze_wall_ms((int64_t)PLACE_NOW_S * 1000);
	if (!own_dir_make(p->dir, sizeof(p->dir), "hub"))
		return -1;
	crypto_random(payload, sizeof(payload));
	assert_ok(servicekey_from(&p->keys, view_of(payload, sizeof(payload))));
	const struct vaultkeys keys = {p->dir, p->keys->vault};
	assert_ok(vaultkeys_make(&keys));
	for (enum who w = ROOT; w < WHO; w++)
		sign_keypair(p->public[w], &p -> sign[w]);
	sign_keypair(p->release_public, &unused);
	secret_free(unused);
	box_keypair(p->intake_public, &unused);
	secret_free(unused);
	assert_ok(pack_load(&p->pack, PLACE_PACK, faults));
	place_open_hub(p);
	p->log_vkey = note_key_text(audit_key(p->hub.audit));
	*state = p;
	return 0;
}

int
make_hub_with_persons(void **state)
{
	if (make_hub(state))
		return -1;
	place_add_persons(*state);
	return 0;
}

int
make_hub_with_keeper(void **state)
{
	if (make_hub_with_persons(state))
		return -1;
	place_set_up_keeper(*state);
	return 0;
}

int
make_hub_in_force(void **state)
{
	if (make_hub_with_keeper(state))
		return -1;
	place_publish(*state);
	return 0;
}

int
drop_hub(void **state)
{
	struct hub_place *p = *state;
	place_close_hub(p);
	for (enum who w = ROOT; w < WHO; w++)
		secret_free(p->sign[w]);
	servicekey_free(p->keys);
	pack_free(p->pack);
	free(p->log_vkey);
	int rc = own_dir_drop(p->dir);
	free(p);
	clock_freeze_wall_ms(0);
	return rc;
}
