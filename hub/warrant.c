#include "hub/warrant.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/card.h"
#include "common/trust/leaf.h"
#include "common/trust/manifest.h"
#include "common/trust/merkle.h"
#include "common/trust/note.h"
#include "common/trust/statement.h"

#include "hub/acts_digest.h"
#include "hub/packrows.h"
#include "hub/person.h"

#define PROPOSE_KIND   "release-propose"
#define PROPOSE_ROLE   "researcher"
#define FROZEN_ACTION  "cohort-frozen"
#define BODY_MAX_BYTES 65536

enum err
warrant_task_read(struct cursor *c, struct warrant_task *ret)
{
	*ret = (struct warrant_task){0};
	row_text(c, ret->release, sizeof(ret->release));
	ret->cohort = cursor_blob(c);
	ret->leaf_index = cursor_u64(c);
	ret->leaf = cursor_blob(c);
	ret->proof_count = cursor_u32(c);
	if (ret->proof_count > MERKLE_PROOF_MOST_COUNT)
		c->broken = true;
	ret->proof = cursor_bytes(c, c->broken ? 0 : ret->proof_count * HASH_BYTES);
	ret->checkpoint = cursor_blob(c);
	ret->statement = cursor_blob(c);
	ret->body = cursor_blob(c);
	return cursor_end(c, "task of the keeper");
}

/* log */

static enum err
check_proof(const struct warrant_task *task, const struct warrant_known *known)
{
	struct note_key key;
	struct note note;
	struct note_checkpoint cp;
	struct merkle_proof proof = {.count = task->proof_count};
	uint8_t hash[HASH_BYTES];
	memcpy(proof.hash, task->proof.at, task->proof.len);
	merkle_leaf(hash, task->leaf);
	enum err e = note_key_make(&key, known->origin, NOTE_ED25519, known->keys->log_public);
	if (!e)
		e = note_checkpoint_open(&cp, &note, task->checkpoint, &key);
	if (!e)
		e = merkle_check_inclusion(&proof, task->leaf_index, cp.size, hash, cp.root);
	return e ? fail_in(e, "the leaf of the freeze") : OK;
}

static enum err
check_leaf(struct warrant *w, const struct warrant_task *task)
{
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	char digest[2 * HASH_BYTES + 1];
	text_hex(digest, w->cohort_digest, sizeof(w->cohort_digest));
	enum err e = leaf_parse(&leaf, &tree, task->leaf);
	if (e)
		return e;
	if (strcmp(leaf.action, FROZEN_ACTION) != 0 ||
		strcmp(leaf.request_id, task->release) != 0 ||
		strcmp(leaf.object_commit, digest) != 0)
		return fail(E_DENIED, "the leaf that was shown is of another cohort");
	if (strcmp(leaf.actor, w->author) != 0 || strcmp(leaf.purpose, w->purpose) != 0)
		return fail(
			E_DENIED, "the leaf that was shown is of another author or purpose");
	if (strcmp(leaf.count_bucket, cohort_bucket(bitmap_count(w->cohort->members))) != 0)
		return fail(E_DENIED, "the leaf that was shown is of another number of people");
	return OK;
}

/* author */

static enum err
check_author(
	struct warrant *w, const struct warrant_task *task, const struct warrant_known *known)
{
	OWNED_BUF struct buf packed;
	struct wire_signed signed_card;
	struct wire_card card;
	struct wire_statement s;
	char person[WIRE_NAME_BYTES] = "";
	struct person p;
	struct statement_about about = {known->study, PROPOSE_KIND, task->release, {0}};
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	acts_digest_of(about.digest, PROPOSE_KIND, task->body);
	enum err e = statement_person(person, task->statement);
	if (!e)
		e = person_card(known->txn, person, &packed);
	if (!e)
		e = wire_signed_unpack(&signed_card, buf_view(&packed));
	if (!e)
		e = card_verify(&card, &signed_card, known->study, known->keys->root_public);
	if (!e && (strcmp(card.person, person) != 0 || !card_has_role(&card, PROPOSE_ROLE)))
		e = fail(E_DENIED, "the proposal is not by a %s of the study", PROPOSE_ROLE);
	if (!e)
		e = statement_verify(&s, task->statement, &about, person, card.sign_public);
	if (!e)
		e = person_get(known->txn, person, &p);
	if (!e && p.revoked_s && s.time_s >= p.revoked_s)
		e = fail(E_DENIED, "%s was no longer in office when the proposal was signed",
			person);
	if (!e)
		(void)snprintf(w->author, sizeof(w->author), "%s", person);
	return e;
}

static enum err
read_view(struct warrant *w, const struct json *tree)
{
	struct lineage_view view = {.by = LINEAGE_RECORDED};
	const char *text = "";
	enum err e = OK;
	if (json_has(tree, "sites"))
		e = json_get_text(tree, "sites", LINEAGE_VIEW_BYTES - 1, &text);
	if (!e && *text)
		e = lineage_view_read(&view, text);
	lineage_view_text(w->view, &view);
	return e;
}

static enum err
read_body(struct warrant *w, struct view body)
{
	OWNED(json) struct json *tree = NULL;
	const struct json *list = NULL;
	const char *id = "", *purpose = "", *indicator = "";
	int64_t wave = 0, compared = 0;
	enum err e = json_parse(&tree, body, BODY_MAX_BYTES);
	if (!e)
		e = json_get_text(tree, "id", ROW_ID_BYTES - 1, &id);
	if (!e && strcmp(id, w->release) != 0)
		e = fail(E_DENIED, "the proposal is for another release");
	if (!e)
		e = json_get_text(tree, "purpose", RELEASE_PURPOSE_MAX_BYTES, &purpose);
	if (!e)
		e = json_get_int(tree, "wave", 0, UINT32_MAX, &wave);
	w->wave = (uint32_t)wave;
	if (!e && json_has(tree, "compare"))
		e = json_get_int(tree, "compare", 1, UINT32_MAX, &compared);
	w->compared = (uint32_t)compared;
	if (!e)
		e = read_view(w, tree);
	if (!e)
		e = json_get_array(tree, "indicators", RELEASE_INDICATORS_MAX_COUNT, &list);
	w->indicator_count = e ? 0 : json_count(list);
	for (size_t i = 0; !e && i < w->indicator_count; i++) {
		e = json_item_text(
			list, i, "indicators", RELEASE_INDICATOR_BYTES - 1, &indicator);
		(void)snprintf(
			w->indicators[i], sizeof(w->indicators[i]), "%s", e ? "" : indicator);
	}
	(void)snprintf(w->purpose, sizeof(w->purpose), "%s", purpose);
	return e;
}

/* study */

static enum err
read_manifest(const struct warrant_known *known, uint64_t number, struct wire_manifest **ret)
{
	OWNED_BUF struct buf bytes;
	struct manifest_known pinned = {.study = known->study};
	uint8_t key[PACKROWS_NUMBER_BYTES], hash[HASH_BYTES];
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	card_root_hash(pinned.root_hash, known->keys->root_public);
	packrows_key(key, number);
	enum err e = vault_get(known->txn, VAULT_MANIFESTS, view_of(key, sizeof(key)), &bytes);
	if (!e)
		e = manifest_open(ret, hash, buf_view(&bytes), &pinned);
	if (!e && (*ret)->number != number)
		e = fail(E_DENIED, "the manifest is of another number");
	return e;
}

/* An older study may hide less, or know a rule less. */
static enum err
check_in_force(const struct warrant_known *known, uint64_t number)
{
	OWNED_BUF struct buf last;
	uint8_t key[PACKROWS_NUMBER_BYTES];
	buf_init(&last, PACKROWS_NUMBER_BYTES);
	packrows_key(key, number);
	enum err e = vault_last(known->txn, VAULT_MANIFESTS, view_of(NULL, 0), &last, NULL);
	if (!e && !view_same(buf_view(&last), view_of(key, sizeof(key))))
		e = fail(
			E_CONFLICT, "the study was changed since the freeze: propose it again");
	return e;
}

/* The waves that the author signed; 0 is the only one of the study. */
static enum err
check_wave(const struct warrant *w)
{
	uint32_t wave = w->wave;
	if (wave == 0 && w->pack->wave_count == 1)
		wave = w->pack->waves[0].number;
	return wave != 0 && wave == w->cohort->wave && w->compared == w->cohort->compared
		       ? OK
		       : fail(E_DENIED, "the cohort is of another wave than was proposed");
}

/* Who may write the vault alone does not decide which sites are put together: the author named
 * the view, and the changes of sites make the rest. */
static enum err
check_view(struct warrant *w, const struct warrant_known *known)
{
	enum err e = sitecut_read(
		&w->cut, known->txn, w->pack, w->view, w->cohort->true_at_s * 1000);
	if (!e && !sitecut_is_of(w->cut, w->cohort))
		e = fail(E_CONFLICT, "the cohort's sites count for others than the changes of "
				     "sites say: propose it again");
	return e;
}

static enum err
load_pack(struct warrant *w, const struct warrant_known *known)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	enum err e = check_in_force(known, w->cohort->manifest_number);
	if (!e)
		e = read_manifest(known, w->cohort->manifest_number, &m);
	if (!e)
		e = packrows_load(&w->pack, known->txn, m);
	if (e)
		return fail_in(
			e, "manifest %llu", (unsigned long long)w->cohort->manifest_number);
	if (memcmp(rules_digest(w->pack->rules), w->cohort->rules_digest, HASH_BYTES) != 0)
		return fail(E_DENIED, "the cohort was frozen under other rules");
	e = check_wave(w);
	return e ? e : check_view(w, known);
}

/* all of it */

static enum err
check_cohort(
	struct warrant *w, const struct warrant_task *task, const struct warrant_known *known)
{
	enum err e = cohort_unpack(&w->cohort, task->cohort);
	if (e)
		return e;
	cohort_digest(w->cohort_digest, task->cohort);
	if (strcmp(w->cohort->study, known->study) != 0 ||
		strcmp(w->cohort->release, task->release) != 0)
		return fail(E_DENIED, "the cohort is of another study or release");
	return OK;
}

enum err
warrant_check(struct warrant **ret, const struct warrant_task *task,
	const struct warrant_known *known)
{
	OWNED(warrant) struct warrant *w = xcalloc(1, sizeof(*w));
	*ret = NULL;
	(void)snprintf(w->release, sizeof(w->release), "%s", task->release);
	enum err e = check_cohort(w, task, known);
	if (!e)
		e = check_proof(task, known);
	if (!e)
		e = check_author(w, task, known);
	if (!e)
		e = read_body(w, task->body);
	if (!e)
		e = check_leaf(w, task);
	if (!e)
		e = load_pack(w, known);
	if (!e)
		*ret = take(w);
	return e;
}

void
warrant_free(struct warrant *w)
{
	if (!w)
		return;
	cohort_free(w->cohort);
	sitecut_free(w->cut);
	pack_free(w->pack);
	mem_drop(&w);
}
