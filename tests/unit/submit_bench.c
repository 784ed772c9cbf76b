#include "tests/unit/submit_bench.h"

void
door_done(struct door *d)
{
	pack_free(d->pack);
	secret_free(d->intake);
	secret_free(d->review);
}

void
open_door(struct door *d, struct place *p)
{
	*d = (struct door){.place = p, .now_s = NOW_S};
	terms_bench_fill(&d->terms, SITE);
	site_bench_open(p->vault, &d->pack, &d->site, &d->intake, &d->review);
}

void
person_of(struct door *d, const char *code, uint8_t ret[static ID_BYTES])
{
	site_bench_person(d->place->vault, code, ret);
}

static const char *
usual(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void
seal(struct door *d, const struct sent *s, const uint8_t participant[static ID_BYTES],
	struct capture_sealed *ret)
{
	const char *code = usual(s->code, "N0001");
	const char *wave = usual(s->wave, "1");
	const struct form_answer answers[] = {{"participant", code}, {"poverty", "1"},
		{"religion", "yes"}, {"degree", "no"}, {"age", usual(s->age, "30")},
		{"gender", "female"}};
	/* The age stands for a text that leads to a person. */
	struct form_answer spare[ARRAY_LEN(answers)];
	memcpy(spare, answers, sizeof(spare));
	spare[4].value = "";
	uint8_t instance[ID_BYTES], digest[HASH_BYTES];
	capture_instance_of(instance, d->site.row_key, usual(s->instance, "uuid:1"));
	capture_digest_of(digest, d->site.row_key, view_text(usual(s->age, "30")));
	struct capture_record r = {.form = pack_form(d->pack, "attitudes"),
		.code = code,
		.wave = wave,
		.group = "public",
		.answers = answers,
		.count = ARRAY_LEN(answers),
		.captured_s = s->captured_s ? s->captured_s : d->now_s,
		.instance = instance,
		.digest = digest,
		.spare = s->problem == SUBMIT_TEXT ? spare : NULL,
		.checked = true};
	memcpy(r.participant, participant, ID_BYTES);
	assert_ok(capture_seal(ret, &d->site, &r));
}

static void
add_file(struct door *d, const struct sent *s, const struct capture_sealed *sealed,
	const uint8_t participant[static ID_BYTES], struct buf *out)
{
	OWNED_BUF struct buf bytes;
	uint8_t digest[HASH_BYTES];
	struct attach_context c = {.study = STUDY, .name = s->file};
	buf_init(&bytes, REQUEST_MAX);
	buf_u32(out, s->file ? 1 : 0);
	if (!s->file)
		return;
	memcpy(c.participant, participant, ID_BYTES);
	memcpy(c.instance, sealed->instance, ID_BYTES);
	assert_ok(attach_seal(&bytes, view_text(s->bytes), &c, sealed->key));
	capture_digest_of(digest, d->site.row_key, view_text(s->bytes));
	buf_blob_text(out, s->file);
	buf_u8(out, FORM_HUB);
	buf_u64(out, strlen(s->bytes));
	buf_add(out, digest, sizeof(digest));
	buf_blob(out, buf_view(&bytes));
}

void
make_request(struct door *d, const struct sent *s, struct buf *out)
{
	OWNED_SEALED struct capture_sealed sealed;
	uint8_t participant[ID_BYTES], id[ID_BYTES] = {0}, digest[HASH_BYTES];
	if (s->stranger)
		memset(participant, 77, ID_BYTES);
	else
		person_of(d, usual(s->code, "N0001"), participant);
	seal(d, s, participant, &sealed);
	buf_blob_text(out, usual(s->form, "attitudes"));
	buf_blob_text(out, pack_form(d->pack, "attitudes")->version);
	buf_blob_text(out, usual(s->code, "N0001"));
	buf_add(out, participant, ID_BYTES);
	buf_add(out, sealed.instance, ID_BYTES);
	if (s->edits)
		capture_instance_of(id, d->site.row_key, s->edits);
	buf_add(out, id, ID_BYTES);
	capture_digest_of(digest, d->site.row_key, view_text(usual(s->age, "30")));
	buf_add(out, digest, sizeof(digest));
	buf_blob_text(out, "tablet-1");
	buf_blob_text(out, "a test");
	buf_u8(out, (uint8_t)s->problem);
	buf_blob_text(out, s->problem ? "age: out of range" : "");
	buf_u32(out, s->expected ? 1 : 0);
	if (s->expected) {
		buf_blob_text(out, s->expected);
		buf_u8(out, FORM_HUB);
	}
	add_file(d, s, &sealed, participant, out);
	buf_blob(out, s->problem == SUBMIT_NO_FORM ? view_of(NULL, 0) : buf_view(&sealed.item));
	buf_blob(out, buf_view(&sealed.site_part));
	buf_blob(out, buf_view(&sealed.spare));
	assert_false(out->broken);
}

struct sync_judge
judge_of(const struct door *d)
{
	return (struct sync_judge){.vault = d->place->vault,
		.pack = d->pack,
		.terms = &d->terms.terms,
		.site = SITE,
		.over_s = d->over_s,
		.now_ms = d->now_s * 1000};
}

enum err
submit(struct door *d, struct sent s, enum submit_outcome *ret)
{
	OWNED_BUF struct buf request;
	struct sync_judge j = judge_of(d);
	struct sync_submitted done;
	buf_init(&request, REQUEST_MAX);
	make_request(d, &s, &request);
	enum err e = sync_submit(&j, buf_view(&request), &done);
	if (e)
		assert_false(done.put);
	else
		assert_true(*done.words);
	assert_ok(vault_commit(d->place->vault));
	*ret = done.outcome;
	return e;
}

/* What intake makes of it: one item of SYNC_KEEP. */
static void
put_consent(struct door *d, const struct sent_consent *s, struct wire_rules *r, struct buf *out)
{
	OWNED_BUF struct buf part;
	const struct form *form = pack_form(d->pack, "attitudes");
	*r = (struct wire_rules){.kind = RULES_CONSENT,
		.captured_s = s->captured_s,
		.form = form->id,
		.form_version = form->version,
		.wave = "",
		.group = "",
		.consent = s->said};
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	person_of(d, s->code, r->participant);
	crypto_random(r->salt, sizeof(r->salt));
	crypto_random(r->instance, sizeof(r->instance));
	assert_ok(wire_rules_pack(&part, r));
	buf_blob_text(out, s->code);
	for (int i = 0; i < 3; i++) /* instance, and a digest as good as any */
		buf_add(out, r->instance, ID_BYTES);
	buf_u32(out, 1);
	buf_u8(out, LANE_C);
	buf_u8(out, 1);
	buf_u8(out, PART_RULES);
	buf_blob(out, buf_view(&part));
}

enum submit_outcome
submit_consent(struct door *d, const struct sent_consent *s)
{
	static const uint8_t none[ID_BYTES];
	OWNED_BUF struct buf item, out;
	struct wire_rules r;
	struct sync_submitted done;
	buf_init(&item, REQUEST_MAX);
	buf_init(&out, REQUEST_MAX);
	put_consent(d, s, &r, &item);
	buf_blob_text(&out, usual(s->form, r.form));
	buf_blob_text(&out, r.form_version);
	buf_blob_text(&out, s->code);
	buf_add(&out, r.participant, ID_BYTES);
	buf_add(&out, r.instance, ID_BYTES);
	buf_add(&out, s->edits ? s->edits : none, ID_BYTES);
	buf_add(&out, r.instance, ID_BYTES);
	buf_add(&out, r.instance, ID_BYTES);
	buf_blob_text(&out, "tablet-1");
	buf_blob_text(&out, "a test");
	buf_u8(&out, (uint8_t)s->problem);
	buf_blob_text(&out, "");
	buf_u32(&out, 0);
	buf_u32(&out, 0);
	buf_blob(&out, s->problem == SUBMIT_NO_FORM ? view_of(NULL, 0) : buf_view(&item));
	buf_blob_text(&out, "");
	buf_blob_text(&out, "");
	struct sync_judge j = judge_of(d);
	assert_ok(sync_submit(&j, buf_view(&out), &done));
	assert_ok(vault_commit(d->place->vault));
	return done.outcome;
}

void
assert_outcome(struct door *d, struct sent s, enum submit_outcome wanted)
{
	enum submit_outcome got;
	assert_ok(submit(d, s, &got));
	if (got != wanted)
		fail_msg("the outcome is %d, and not %d", got, wanted);
}

void
agree(struct door *d, const char *code, const char *list)
{
	OWNED_BUF struct buf item;
	struct consent consent;
	char codes[CONSENT_LIST_BYTES];
	uint8_t random[ID_BYTES];
	struct wire_rules rules = {.kind = RULES_CONSENT, .captured_s = d->now_s - DAY_S};
	struct sync_judge j = judge_of(d);
	struct consent_given given = {
		.mode = "written", .list = list, .given_at_s = d->now_s - DAY_S};
	buf_init(&item, REQUEST_MAX);
	assert_ok(consent_give(&consent, codes, &given));
	rules.consent = consent.wire;
	rules.consent.permissions = consent.permissions;
	crypto_random(random, sizeof(random));
	crypto_random(rules.salt, sizeof(rules.salt));
	memcpy(rules.instance, random, sizeof(random));
	person_of(d, code, rules.participant);
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	assert_ok(wire_rules_pack(&part, &rules));
	buf_blob_text(&item, code);
	buf_add(&item, random, sizeof(random));
	buf_add(&item, rules.salt, ID_BYTES);
	buf_add(&item, rules.salt, ID_BYTES);
	buf_u32(&item, 1);
	buf_u8(&item, LANE_C);
	buf_u8(&item, 1);
	buf_u8(&item, PART_RULES);
	buf_blob(&item, buf_view(&part));
	OWNED_ITEM struct sync_item t;
	struct cursor c = cursor_of(buf_view(&item));
	assert_ok(sync_item_read(&c, &t));
	memcpy(t.participant, rules.participant, ID_BYTES);
	assert_ok(sync_item_put(d->place->vault, &t));
	assert_ok(sync_hold_release(&j, rules.participant));
	assert_ok(vault_commit(d->place->vault));
}

void
put_rules(struct door *d, const char *code, struct wire_rules *rules)
{
	OWNED_BUF struct buf part;
	OWNED_ITEM struct sync_item t = {.entry_count = 1};
	buf_init(&t.changed_rules, 1);
	buf_init(&t.roots, 1);
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	person_of(d, code, rules->participant);
	crypto_random(rules->salt, sizeof(rules->salt));
	crypto_random(rules->instance, sizeof(rules->instance));
	assert_ok(wire_rules_pack(&part, rules));
	assert_ok(wire_rules_unpack(&t.entries[0].rules, buf_view(&part)));
	t.entries[0].lane = LANE_C;
	t.entries[0].part_count = 1;
	t.entries[0].parts[0] = (struct entry_part){PART_RULES, buf_view(&part)};
	assert_ok(sync_item_put(d->place->vault, &t));
	assert_ok(vault_commit(d->place->vault));
}

void
put_change(struct door *d, const char *code, const char *level)
{
	struct wire_rules change = {.kind = RULES_CHANGE,
		.captured_s = d->now_s,
		.consent = {.event = "changed", .level = level, .given_at_s = d->now_s}};
	put_rules(d, code, &change);
}

void
end(struct door *d, const char *code)
{
	put_change(d, code, "no-more-collection");
}

uint64_t
records(struct door *d)
{
	return vault_committed(d->place->vault, LANE_R).seq;
}

/* The first page: no test holds more. */
static void
list_held(struct door *d, struct buf *answer)
{
	static const uint8_t first_page[4];
	struct cursor asks = cursor_of(view_of(first_page, sizeof(first_page)));
	buf_init(answer, REQUEST_MAX);
	assert_ok(sync_held_list(d->place->vault, &asks, answer));
}

uint32_t
held(struct door *d)
{
	OWNED_BUF struct buf answer;
	list_held(d, &answer);
	struct cursor c = cursor_of(buf_view(&answer));
	return cursor_u32(&c);
}

enum submit_hold
held_why(struct door *d, char ret_name[static SYNC_HOLD_NAME_LEN + 1])
{
	OWNED_BUF struct buf answer;
	list_held(d, &answer);
	struct cursor c = cursor_of(buf_view(&answer));
	assert_true(cursor_u32(&c) > 0);
	struct view name = cursor_blob(&c);
	(void)snprintf(ret_name, SYNC_HOLD_NAME_LEN + 1, "%.*s", (int)name.len, name.at);
	(void)cursor_blob(&c);
	(void)cursor_blob(&c);
	return (enum submit_hold)cursor_u8(&c);
}

enum err
decide(struct door *d, const char *name, uint8_t what)
{
	OWNED_BUF struct buf asks, answer;
	struct sync_judge j = judge_of(d);
	buf_init(&asks, 256);
	buf_init(&answer, 256);
	buf_blob_text(&asks, name);
	buf_u8(&asks, what);
	buf_blob_text(&asks, "t7");
	buf_blob_text(&asks, "staff");
	struct cursor c = cursor_of(buf_view(&asks));
	enum err e = sync_held_decide(&j, &c, &answer);
	assert_ok(vault_commit(d->place->vault));
	return e;
}

struct wire_rules *
record(struct door *d, uint64_t seq)
{
	OWNED_BUF struct buf part;
	struct wire_rules *r = NULL;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	assert_ok(vault_part(
		d->place->vault, &AT(d->place->vault, LANE_R, seq), PART_RULES, &part));
	assert_ok(wire_rules_unpack(&r, buf_view(&part)));
	return r;
}
