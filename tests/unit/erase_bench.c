#include "tests/unit/erase_bench.h"

#include "common/codec/json.h"
#include "common/trust/statement.h"
#include "node/renewal.h"
#include "node/sync_review.h"
#include "node/sync_rewrap.h"

#define HUB_FORMAT   "weir-erased-v1"
#define PAPER_BYTES  4096
#define ANSWER_BYTES ((size_t)16 << 20)

void
erase_site_done(struct desk_site *s)
{
	door_done(&s->door);
	custody_free(s->keys);
	secret_free(s->passphrase);
	secret_free(s->hub);
	secret_free(s->writer);
}

void
erase_use_review(struct desk_site *s)
{
	struct sync_review r;
	assert_ok(sync_review_get(s->door.place->vault, &s->card, &r));
	s->door.site.review_number = r.number;
	memcpy(s->door.site.review_public, r.public, sizeof(r.public));
}

void
erase_open_site(struct desk_site *s, struct place *p)
{
	struct custody_who who;
	*s = (struct desk_site){.fails_at = 0};
	open_door(&s->door, p);
	s->passphrase = secret_copy("example passphrase", 18);
	assert_ok(custody_coordinator(&who, "anna", s->passphrase, KDF_INTERACTIVE));
	assert_ok(custody_make(&s->keys, p->dir, &who));
	box_public(s->card.review_public, s->keys->review[0]);
	sign_keypair(s->hub_public, &s->hub);
	sign_keypair(s->writer_public, &s->writer);
	erase_use_review(s);
}

struct sync_judge
erase_judge(const struct desk_site *s)
{
	struct sync_judge j = judge_of(&s->door);
	j.intake = s->intake;
	j.intake_first = s->intake_first;
	return j;
}

struct sync_erase_ask
erase_ask(struct desk_site *s, const struct sync_judge *j)
{
	return (struct sync_erase_ask){.judge = j,
		.study = STUDY,
		.receipt_public = s->hub_public,
		.writer_public = s->writer_public,
		.writer = s->writer};
}

/* wishes and papers */

void
erase_wish(struct desk_site *s, const char *code, uint8_t ret_instance[static ID_BYTES])
{
	OWNED_BUF struct buf part;
	struct sync_mark at;
	struct wire_rules r = {.kind = RULES_CHANGE, .captured_s = NOW_S};
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	person_of(&s->door, code, r.participant);
	crypto_random(r.instance, sizeof(r.instance));
	crypto_random(r.salt, sizeof(r.salt));
	r.consent = (struct wire_consent){.event = "change",
		.grantor_role = "self",
		.level = "erase",
		.given_at_s = NOW_S};
	assert_ok(wire_rules_pack(&part, &r));
	const struct entry_part parts[] = {{PART_RULES, buf_view(&part)}};
	struct vault *v = s->door.place->vault;
	assert_ok(vault_append(v, LANE_C, parts, 1, &at));
	const struct vault_at place = vault_here(v, LANE_C, at.seq);
	OWNED_BUF struct buf row;
	buf_init(&row, 64);
	buf_add(&row, (const uint8_t[HASH_BYTES]){0}, HASH_BYTES);
	vault_at_write(&row, &place);
	assert_ok(vault_put(v, VAULT_INSTANCES, view_of(r.instance, ID_BYTES), buf_view(&row)));
	assert_ok(sync_item_put_person(v, &r, &place));
	assert_ok(sync_item_put_consent(v, &r, &place));
	memcpy(ret_instance, r.instance, ID_BYTES);
}

/* The hub has signed for everything. */
void
erase_all_at_hub(struct desk_site *s)
{
	struct vault *v = s->door.place->vault;
	static const enum lane lanes[] = {LANE_C, LANE_R};
	for (size_t i = 0; i < ARRAY_LEN(lanes); i++) {
		struct vault_mark m;
		assert_ok(vault_mark_get(v, lanes[i], &m));
		m.durable = m.at_hub = vault_head(v, lanes[i]).seq;
		assert_ok(vault_mark_put(v, lanes[i], &m));
	}
	assert_ok(vault_commit(v));
}

void
erase_paper_done(struct paper *p)
{
	buf_done(&p->text);
}

void
erase_make_paper(
	struct desk_site *s, struct paper *p, const uint8_t *instance, const char *state)
{
	struct json_out w;
	char number[RECEIPT_BYTES];
	receipt_number(number, instance);
	buf_init(&p->text, PAPER_BYTES);
	json_begin(&w, &p->text);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", STUDY);
	json_put_text(&w, "receipt", number);
	json_put_text(&w, "state", state);
	json_put_close(&w);
	assert_ok(json_end(&w, "paper"));
	signed_make(p->signature, HUB_FORMAT, buf_view(&p->text), s->hub);
}

enum err
erase_by(struct desk_site *s, const struct paper *p)
{
	const struct sync_judge j = judge_of(&s->door);
	const struct sync_erase_ask ask = erase_ask(s, &j);
	enum err e = sync_erase_run(
		&ask, buf_view(&p->text), view_of(p->signature, SIGNATURE_BYTES));
	if (e)
		vault_abort(s->door.place->vault);
	return e;
}

/* sync, as sync_desk.c has it, but for the act and the study */

static enum err
challenge(
	struct desk_site *s, const uint8_t public[static BOX_PUBLIC_BYTES], struct buf *answer)
{
	OWNED_BUF struct buf box;
	buf_init(&box, 256);
	crypto_random(s->proof, sizeof(s->proof));
	box_seal(&box, view_of(s->proof, sizeof(s->proof)), public);
	buf_blob(answer, buf_view(&box));
	return OK;
}

static enum err
serve(struct desk_site *s, enum node_verb verb, struct cursor *fields, struct buf *answer)
{
	struct vault *v = s->door.place->vault;
	const struct sync_judge j = erase_judge(s);
	const struct sync_erase_ask ask = erase_ask(s, &j);
	struct sync_review r;
	uint32_t wants = 0;
	bool is_late = false, may_end = false;
	enum err e = sync_review_get(v, &s->card, &r);
	if (!e)
		e = sync_erased_wants(v, &wants);
	if (!e)
		e = sync_rewrap_due(&j, &is_late);
	if (!e)
		e = sync_review_may_end(v, s->door.now_s, &may_end);
	if (e)
		return e;
	if (verb == SYNC_REVIEW) {
		buf_u32(answer, r.number);
		buf_add(answer, r.public, sizeof(r.public));
		buf_u32(answer, r.taken);
		buf_u32(answer, r.destroyed);
		buf_u32(answer, wants);
		e = challenge(s, r.public, answer);
		buf_u8(answer, is_late);
		buf_u8(answer, may_end || wants);
		return e;
	}
	if (verb == SYNC_REWRAP_LIST)
		return sync_rewrap_list(&j, fields, answer);
	if (verb == SYNC_REVIEW_LIST)
		return sync_review_list(v, &s->card, fields, answer);
	bool proven = crypto_same(
		cursor_bytes(fields, sizeof(s->proof)).at, s->proof, sizeof(s->proof));
	if (verb == SYNC_REVIEW_SET)
		return sync_review_set(v, &s->card, proven, fields);
	assert_true(proven);
	if (verb == SYNC_REWRAP_PUT)
		return sync_rewrap_put(&j, fields, answer);
	if (verb == SYNC_REVIEW_PUT)
		return sync_review_put(v, &s->card, fields, answer);
	if (verb == SYNC_REVIEW_GONE)
		s->ended_without_backup = cursor_u8(fields) == 1;
	uint32_t number = cursor_u32(fields);
	if (verb == SYNC_REVIEW_TAKEN)
		return sync_review_taken(v, &s->card, number, s->door.now_s);
	e = sync_review_destroyed(v, &s->card, number);
	return e ? e : sync_erased_settle(&ask, s->door.place->dir, number);
}

/* One run of the renewal. fails_at: this question is not carried out (odd) or carried out and
 * not answered (even), as a process that is killed leaves it. */
enum err
erase_renew(struct desk_site *s)
{
	const struct renewal_with with = {
		s->door.place->dir, s->keys, "c1", &s->card, s->without_backup};
	OWNED(renewal) struct renewal *r = renewal_new(&with);
	enum node_verb verb;
	enum err e = OK;
	for (;;) {
		OWNED_BUF struct buf fields, answer;
		buf_init(&fields, ANSWER_BYTES);
		buf_init(&answer, ANSWER_BYTES);
		s->waits_for_backup = renewal_waits(r);
		if (e || !renewal_ask(r, &verb, &fields))
			return e;
		struct cursor c = cursor_of(buf_view(&fields));
		s->asked += 2;
		if (s->asked - 1 == s->fails_at)
			return E_ABSENT;
		enum err said = serve(s, verb, &c, &answer);
		assert_ok(vault_commit(s->door.place->vault));
		if (s->asked == s->fails_at)
			return E_ABSENT;
		struct cursor back = cursor_of(buf_view(&answer));
		e = renewal_answer(r, said, &back);
	}
}

/* The keys as they stand in the file, as after an unlock. */
void
erase_open_again(struct desk_site *s)
{
	char id[CUSTODY_ID_BYTES];
	custody_free(take(s->keys));
	assert_ok(custody_recover(s->door.place->dir));
	assert_ok(custody_open(&s->keys, id, s->door.place->dir, NULL, s->passphrase));
}

/* what opens */

/* The number that the wrap for the site of the key entry at seq names, and whether the site's
 * keys open it. */
bool
erase_opens(struct desk_site *s, uint64_t seq, uint32_t *ret_number)
{
	OWNED_BUF struct buf rules, wrap, plain;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct vault *v = s->door.place->vault;
	const struct vault_at at = vault_here(v, LANE_C, seq);
	buf_init(&rules, TEXT_MAX);
	buf_init(&wrap, TEXT_MAX);
	buf_init(&plain, TEXT_MAX);
	assert_ok(vault_part(v, &at, PART_RULES, &rules));
	assert_ok(wire_rules_unpack(&r, buf_view(&rules)));
	assert_ok(sync_review_wrap(v, r->instance, &at, &wrap));
	assert_ok(sync_review_number(ret_number, buf_view(&wrap)));
	const struct view box =
		view_of(wrap.at + SYNC_REVIEW_HEAD_BYTES, wrap.len - SYNC_REVIEW_HEAD_BYTES);
	for (size_t i = 0; i < s->keys->count; i++)
		if (!box_open(&plain, box, s->keys->review[i]))
			return true;
	return false;
}

uint64_t
erase_first_key(struct desk_site *s)
{
	for (uint64_t seq = 1;; seq++) {
		OWNED_BUF struct buf wrap;
		const struct vault_at at = vault_here(s->door.place->vault, LANE_C, seq);
		buf_init(&wrap, TEXT_MAX);
		enum err e = vault_part(s->door.place->vault, &at, PART_WRAP_SITE, &wrap);
		if (!e)
			return seq;
		assert_true(seq < vault_head(s->door.place->vault, LANE_C).seq);
	}
}

uint32_t
erase_wanted(struct desk_site *s)
{
	uint32_t number = 0;
	assert_ok(sync_erased_wants(s->door.place->vault, &number));
	return number;
}

/* Two persons, one of whom wishes to be erased, with everything at the hub. */
void
erase_two_persons(struct desk_site *s, uint8_t ret_instance[static ID_BYTES])
{
	agree(&s->door, "N0001", PERMIT);
	agree(&s->door, "N0002", PERMIT);
	assert_outcome(&s->door, (struct sent){.code = "N0002"}, SUBMIT_NEW);
	assert_outcome(&s->door, (struct sent){.instance = "uuid:2"}, SUBMIT_NEW);
	assert_outcome(&s->door,
		(struct sent){.code = "N0002", .instance = "uuid:3", .problem = SUBMIT_INVALID},
		SUBMIT_HELD);
	erase_wish(s, "N0001", ret_instance);
	erase_all_at_hub(s);
}
