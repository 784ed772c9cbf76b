#include "tests/unit/node_place.h"

#include "common/codec/wire_answers.h"
#include "common/study/pack.h"
#include "node/attach.h"
#include "node/capture.h"
#include "node/sync_people.h"
#include "node/sync_submit.h"

#define NOW_S       1796083200 /* 2026-12-01 */
#define SITE        "norway"
#define PERMIT      "collect-direct,use-site-report,use-aggregate"
#define REQUEST_MAX ((size_t)4 << 20)
#define DAY_S       86400

/* What intake does before it hands a submission to sync. */
struct door {
	struct place *place;
	struct pack *pack;
	struct capture_site site;
	struct secret *intake, *review;
	int64_t now_s;
};

static void
door_done(struct door *d)
{
	pack_free(d->pack);
	secret_free(d->intake);
	secret_free(d->review);
}
#define OWNED_DOOR __attribute__((cleanup(door_done)))

static void
open_door(struct door *d, struct place *p)
{
	OWNED(faults) struct faults *faults = faults_new();
	*d = (struct door){.place = p, .now_s = NOW_S};
	assert_ok(pack_load(&d->pack, WEIR_SOURCE_DIR "/tests/data/wvs/study", faults));
	d->site.study = STUDY;
	d->site.intake_number = d->site.review_number = 1;
	box_keypair(d->site.intake_public, &d->intake);
	box_keypair(d->site.review_public, &d->review);
	memcpy(d->site.row_key, vault_row_key(p->vault), HASH_BYTES);
}

static void
person_of(struct door *d, const char *code, uint8_t ret[static ID_BYTES])
{
	OWNED_BUF struct buf asks, answer;
	buf_init(&asks, 256);
	buf_init(&answer, 256);
	buf_u32(&asks, 1);
	buf_blob_text(&asks, code);
	struct cursor c = cursor_of(buf_view(&asks));
	assert_ok(sync_people_of(d->place->vault, &c, &answer));
	memcpy(ret, answer.at + 4, ID_BYTES);
}

/* One submission; what a test leaves out is as a sound one has it. */
struct sent {
	const char *code;     /* N0001 */
	const char *instance; /* uuid:1 */
	const char *edits;    /* its deprecatedID */
	const char *age;      /* 30 */
	const char *form;     /* attitudes */
	const char *wave;     /* 1 */
	enum submit_problem problem;
	bool stranger;        /* the code has no person */
	const char *expected; /* name of a file that goes to the study */
	const char *file;     /* name of one that is sent with it */
	const char *bytes;    /* of it */
	int64_t captured_s;
};

static const char * or (const char *text, const char *usual)
{
	return text ? text : usual;
}

static void
seal(struct door *d, const struct sent *s, const uint8_t participant[static ID_BYTES],
	struct capture_sealed *ret)
{
	const char *code = or (s->code, "N0001");
	const char *wave = or (s->wave, "1");
	const struct form_answer answers[] = {{"participant", code}, {"poverty", "1"},
		{"religion", "yes"}, {"degree", "no"}, {"age", or (s->age, "30")},
		{"gender", "female"}};
	uint8_t instance[ID_BYTES], digest[HASH_BYTES];
	capture_instance_of(instance, d->site.row_key, or (s->instance, "uuid:1"));
	capture_digest_of(digest, d->site.row_key, view_text(or (s->age, "30")));
	struct capture_record r = {.form = pack_form(d->pack, "attitudes"),
		.code = code,
		.wave = wave,
		.group = "public",
		.answers = answers,
		.count = ARRAY_LEN(answers),
		.captured_s = s->captured_s ? s->captured_s : d->now_s,
		.instance = instance,
		.digest = digest,
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

static void
make_request(struct door *d, const struct sent *s, struct buf *out)
{
	OWNED_SEALED struct capture_sealed sealed;
	uint8_t participant[ID_BYTES], id[ID_BYTES] = {0}, digest[HASH_BYTES];
	if (s->stranger)
		memset(participant, 77, ID_BYTES);
	else
		person_of(d, or (s->code, "N0001"), participant);
	seal(d, s, participant, &sealed);
	buf_blob_text(out, or (s->form, "attitudes"));
	buf_blob_text(out, pack_form(d->pack, "attitudes")->version);
	buf_blob_text(out, or (s->code, "N0001"));
	buf_add(out, participant, ID_BYTES);
	buf_add(out, sealed.instance, ID_BYTES);
	if (s->edits)
		capture_instance_of(id, d->site.row_key, s->edits);
	buf_add(out, id, ID_BYTES);
	capture_digest_of(digest, d->site.row_key, view_text(or (s->age, "30")));
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
	assert_false(out->broken);
}

static struct sync_judge
judge_of(const struct door *d)
{
	return (struct sync_judge){.vault = d->place->vault,
		.pack = d->pack,
		.site = SITE,
		.now_ms = d->now_s * 1000};
}

static enum err
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

static void
assert_outcome(struct door *d, struct sent s, enum submit_outcome wanted)
{
	enum submit_outcome got;
	assert_ok(submit(d, s, &got));
	if (got != wanted)
		fail_msg("the outcome is %d, and not %d", got, wanted);
}

/* A consent on file, as an import brings it. */
static void
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

/* A participation change, put without asking. */
static void
end(struct door *d, const char *code)
{
	OWNED_BUF struct buf part;
	OWNED_ITEM struct sync_item t = {.entry_count = 1};
	struct wire_rules rules = {.kind = RULES_CHANGE,
		.captured_s = d->now_s,
		.consent = {.event = "changed",
			.level = "no-more-collection",
			.given_at_s = d->now_s}};
	buf_init(&t.changed_rules, 1);
	buf_init(&t.roots, 1);
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	person_of(d, code, rules.participant);
	crypto_random(rules.salt, sizeof(rules.salt));
	crypto_random(rules.instance, sizeof(rules.instance));
	assert_ok(wire_rules_pack(&part, &rules));
	assert_ok(wire_rules_unpack(&t.entries[0].rules, buf_view(&part)));
	t.entries[0].lane = LANE_C;
	t.entries[0].part_count = 1;
	t.entries[0].parts[0] = (struct entry_part){PART_RULES, buf_view(&part)};
	assert_ok(sync_item_put(d->place->vault, &t));
	assert_ok(vault_commit(d->place->vault));
}

static uint64_t
records(struct door *d)
{
	return vault_committed(d->place->vault, LANE_R).seq;
}

static uint32_t
held(struct door *d)
{
	OWNED_BUF struct buf answer;
	buf_init(&answer, REQUEST_MAX);
	assert_ok(sync_hold_list(d->place->vault, &answer));
	struct cursor c = cursor_of(buf_view(&answer));
	return cursor_u32(&c);
}

/* Of the first that is held. */
static enum submit_hold
held_why(struct door *d, char ret_name[static SYNC_HOLD_NAME_LEN + 1])
{
	OWNED_BUF struct buf answer;
	buf_init(&answer, REQUEST_MAX);
	assert_ok(sync_hold_list(d->place->vault, &answer));
	struct cursor c = cursor_of(buf_view(&answer));
	assert_true(cursor_u32(&c) > 0);
	struct view name = cursor_blob(&c);
	(void)snprintf(ret_name, SYNC_HOLD_NAME_LEN + 1, "%.*s", (int)name.len, name.at);
	(void)cursor_blob(&c);
	(void)cursor_blob(&c);
	return (enum submit_hold)cursor_u8(&c);
}

static enum err
decide(struct door *d, const char *name, uint8_t what)
{
	OWNED_BUF struct buf asks, answer;
	struct sync_judge j = judge_of(d);
	buf_init(&asks, 256);
	buf_init(&answer, 256);
	buf_blob_text(&asks, name);
	buf_u8(&asks, what);
	struct cursor c = cursor_of(buf_view(&asks));
	enum err e = sync_hold_decide(&j, &c, &answer);
	assert_ok(vault_commit(d->place->vault));
	return e;
}

static struct wire_rules *
record(struct door *d, uint64_t seq)
{
	OWNED_BUF struct buf part;
	struct wire_rules *r = NULL;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	assert_ok(vault_part(d->place->vault, LANE_R, seq, PART_RULES, &part));
	assert_ok(wire_rules_unpack(&r, buf_view(&part)));
	return r;
}

/* outcomes */

static void
a_new_record_is_kept(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
}

static void
the_same_again_is_no_second_record(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	for (int i = 0; i < 3; i++)
		assert_outcome(&d, (struct sent){0}, SUBMIT_SAME);
	assert_int_equal(records(&d), 1);
}

static void
other_answers_under_the_same_number_are_held(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_outcome(&d, (struct sent){.age = "31"}, SUBMIT_HELD);
	assert_outcome(&d, (struct sent){.age = "31"}, SUBMIT_HELD);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 1);
	assert_int_equal(held_why(&d, name), HOLD_OTHER_COPY);
	assert_err(decide(&d, name, 1), E_DENIED);
	assert_ok(decide(&d, name, 2));
	assert_int_equal(held(&d), 0);
	assert_outcome(&d, (struct sent){.age = "31"}, SUBMIT_DELETED);
}

static void
a_second_record_of_a_person_and_wave_is_held(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .age = "31"}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_OTHER_RECORD);
	/* Accepted, it corrects the one that is here. */
	OWNED(wire_rules) struct wire_rules *first = record(&d, 1);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(records(&d), 2);
	OWNED(wire_rules) struct wire_rules *second = record(&d, 2);
	assert_memory_equal(second->refers_to, first->instance, ID_BYTES);
}

static void
an_edit_refers_to_what_it_corrects(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	struct sent edit = {.instance = "uuid:2", .edits = "uuid:1", .age = "31"};
	assert_outcome(&d, edit, SUBMIT_EDITED);
	assert_outcome(&d, edit, SUBMIT_SAME);
	assert_int_equal(records(&d), 2);
	OWNED(wire_rules) struct wire_rules *first = record(&d, 1);
	OWNED(wire_rules) struct wire_rules *second = record(&d, 2);
	assert_memory_equal(second->refers_to, first->instance, ID_BYTES);
	assert_true(wire_is_zero(first->refers_to, ID_BYTES));
}

static void
an_edit_of_an_old_version_is_kept_beside(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){0}, SUBMIT_NEW);
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .edits = "uuid:1", .age = "31"},
		SUBMIT_EDITED);
	assert_outcome(&d, (struct sent){.instance = "uuid:3", .edits = "uuid:1", .age = "32"},
		SUBMIT_BRANCH);
	assert_int_equal(records(&d), 2);
	assert_int_equal(held_why(&d, name), HOLD_BRANCH);
	assert_ok(decide(&d, name, 1));
	OWNED(wire_rules) struct wire_rules *second = record(&d, 2);
	OWNED(wire_rules) struct wire_rules *third = record(&d, 3);
	assert_memory_equal(third->refers_to, second->instance, ID_BYTES);
}

static void
an_edit_of_something_unknown_is_not_kept(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.edits = "uuid:0"}, SUBMIT_UNKNOWN_DEPRECATED);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held(&d), 0);
}

static void
an_edit_takes_the_place_of_what_was_held(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_HELD);
	assert_outcome(&d, (struct sent){.instance = "uuid:2", .edits = "uuid:1", .age = "31"},
		SUBMIT_EDITED);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
	OWNED(wire_rules) struct wire_rules *first = record(&d, 1);
	assert_true(wire_is_zero(first->refers_to, ID_BYTES));
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_DELETED);
}

static void
invalid_answers_are_held_until_somebody_accepts_them(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_INVALID}, SUBMIT_HELD);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held_why(&d, name), HOLD_INVALID);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
}

static void
an_unknown_form_version_is_kept_aside(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.problem = SUBMIT_NO_FORM}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_NO_FORM);
	assert_err(decide(&d, name, 1), E_DENIED);
	assert_int_equal(held(&d), 1);
}

static void
a_form_that_is_not_here_takes_no_new_record(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.form = "elsewhere"}, SUBMIT_CLOSED);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held(&d), 0);
}

static void
an_unknown_code_is_held_and_becomes_a_person_when_accepted(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	uint8_t person[ID_BYTES], sealed_to[ID_BYTES];
	open_door(&d, *state);
	struct sent s = {.code = "N0007", .stranger = true, .problem = SUBMIT_NO_CODE};
	assert_outcome(&d, s, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_NO_CODE);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
	memset(sealed_to, 77, sizeof(sealed_to));
	person_of(&d, "N0007", person);
	assert_memory_equal(person, sealed_to, ID_BYTES);
	agree(&d, "N0007", PERMIT);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

static void
a_code_that_became_known_meanwhile_is_asked_for_again(void **state)
{
	OWNED_DOOR struct door d;
	uint8_t person[ID_BYTES];
	enum submit_outcome got;
	open_door(&d, *state);
	person_of(&d, "N0007", person);
	struct sent s = {.code = "N0007", .stranger = true, .problem = SUBMIT_NO_CODE};
	assert_err(submit(&d, s, &got), E_BUSY);
	assert_int_equal(held(&d), 0);
}

/* consent */

static void
without_a_consent_a_record_waits_for_one(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
	assert_ok(decide(&d, name, 1)); /* nobody can agree for the person */
	assert_int_equal(records(&d), 0);
	agree(&d, "N0001", PERMIT);
	assert_int_equal(held(&d), 0);
}

static void
without_a_consent_a_record_is_erased_after_thirty_days(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	d.now_s += (int64_t)(SYNC_HOLD_DAYS - 1) * DAY_S;
	struct sync_judge early = judge_of(&d);
	assert_ok(sync_hold_tick(&early));
	assert_int_equal(held(&d), 1);
	d.now_s += 2 * DAY_S;
	struct sync_judge late = judge_of(&d);
	assert_ok(sync_hold_tick(&late));
	assert_int_equal(held(&d), 0);
	d.now_s = NOW_S;
	assert_outcome(&d, (struct sent){0}, SUBMIT_DELETED);
}

static void
of_a_person_who_ended_nothing_is_kept_but_an_act(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	end(&d, "N0001");
	assert_outcome(&d, (struct sent){0}, SUBMIT_DELETED);
	assert_int_equal(records(&d), 0);
	assert_int_equal(held(&d), 0);
	assert_int_equal(vault_committed(d.place->vault, LANE_A).seq, 1);
}

static void
outside_its_wave_a_record_is_held(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.wave = "9"}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_WAVE);
	assert_ok(decide(&d, name, 1));
	assert_int_equal(records(&d), 1);
}

/* files */

static void
a_record_waits_for_its_files(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf part;
	struct attach_root roots[ATTACH_ROOTS_MAX_COUNT];
	size_t count;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	struct sent s = {.expected = "a.jpg"};
	assert_outcome(&d, s, SUBMIT_WAITING_FILES);
	assert_outcome(&d, s, SUBMIT_SAME);
	assert_int_equal(records(&d), 0);
	s.file = "a.jpg";
	s.bytes = "a picture";
	assert_outcome(&d, s, SUBMIT_FILES_ADDED);
	assert_int_equal(records(&d), 1);
	assert_int_equal(held(&d), 0);
	assert_outcome(&d, s, SUBMIT_SAME);
	buf_init(&part, ATTACH_PART_MAX_BYTES);
	assert_ok(vault_part(d.place->vault, LANE_R, 1, PART_ROOTS, &part));
	assert_ok(attach_roots_unpack(roots, &count, buf_view(&part)));
	assert_int_equal(count, 1);
	assert_int_equal(roots[0].plain_bytes, strlen(s.bytes));
	/* The key that the file is sealed with is on file, too. */
	struct view row;
	assert_ok(vault_get(
		d.place->vault, VAULT_INSTANCES, view_of(roots[0].key_ref, ID_BYTES), &row));
}

static void
a_record_goes_on_without_files_after_a_day(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	assert_outcome(&d, (struct sent){.expected = "a.jpg"}, SUBMIT_WAITING_FILES);
	d.now_s += DAY_S + 1;
	struct sync_judge j = judge_of(&d);
	assert_ok(sync_hold_tick(&j));
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(records(&d), 1);
}

static void
files_come_with_the_record(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	struct sent s = {.expected = "a.jpg", .file = "a.jpg", .bytes = "one"};
	assert_outcome(&d, s, SUBMIT_NEW);
	s.bytes = "another";
	assert_outcome(&d, s, SUBMIT_FILES_ADDED);
	assert_outcome(&d, s, SUBMIT_SAME);
	/* An edit carries them forward by name. */
	assert_outcome(&d,
		(struct sent){.instance = "uuid:2",
			.edits = "uuid:1",
			.age = "31",
			.expected = "a.jpg"},
		SUBMIT_EDITED);
	assert_int_equal(records(&d), 2);
}

/* bytes of any kind */

static void
a_request_that_is_cut_short_puts_nothing(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf request;
	struct sync_submitted done;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	buf_init(&request, REQUEST_MAX);
	struct sent s = {.file = "a.jpg", .bytes = "x"};
	make_request(&d, &s, &request);
	assert_ok(vault_commit(d.place->vault));
	struct sync_judge j = judge_of(&d);
	for (size_t len = 0; len < request.len; len += 1 + len / 64) {
		assert_true(sync_submit(&j, view_of(request.at, len), &done) != OK);
		assert_false(done.put);
		assert_false(vault_is_changed(d.place->vault));
	}
	assert_ok(sync_submit(&j, buf_view(&request), &done));
}

static void
many_share_a_turn_and_none_takes_another_back(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_submitted done;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	agree(&d, "N0002", PERMIT);
	struct sync_judge j = judge_of(&d);
	const struct sent sent[] = {{.code = "N0001"}, {.code = "N0009", .instance = "uuid:2"},
		{.code = "N0002", .instance = "uuid:3", .edits = "uuid:9"},
		{.code = "N0002", .instance = "uuid:4"}};
	const enum submit_outcome outcomes[] = {
		SUBMIT_NEW, SUBMIT_HELD, SUBMIT_UNKNOWN_DEPRECATED, SUBMIT_NEW};
	for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
		OWNED_BUF struct buf request;
		buf_init(&request, REQUEST_MAX);
		make_request(&d, &sent[i], &request);
		assert_ok(sync_submit(&j, buf_view(&request), &done));
		assert_int_equal(done.outcome, outcomes[i]);
	}
	assert_int_equal(records(&d), 0); /* nothing is durable yet */
	assert_ok(vault_commit(d.place->vault));
	assert_int_equal(records(&d), 2);
	assert_int_equal(held(&d), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_new_record_is_kept),
		at_a_node(the_same_again_is_no_second_record),
		at_a_node(other_answers_under_the_same_number_are_held),
		at_a_node(a_second_record_of_a_person_and_wave_is_held),
		at_a_node(an_edit_refers_to_what_it_corrects),
		at_a_node(an_edit_of_an_old_version_is_kept_beside),
		at_a_node(an_edit_of_something_unknown_is_not_kept),
		at_a_node(an_edit_takes_the_place_of_what_was_held),
		at_a_node(invalid_answers_are_held_until_somebody_accepts_them),
		at_a_node(an_unknown_form_version_is_kept_aside),
		at_a_node(a_form_that_is_not_here_takes_no_new_record),
		at_a_node(an_unknown_code_is_held_and_becomes_a_person_when_accepted),
		at_a_node(a_code_that_became_known_meanwhile_is_asked_for_again),
		at_a_node(without_a_consent_a_record_waits_for_one),
		at_a_node(without_a_consent_a_record_is_erased_after_thirty_days),
		at_a_node(of_a_person_who_ended_nothing_is_kept_but_an_act),
		at_a_node(outside_its_wave_a_record_is_held),
		at_a_node(a_record_waits_for_its_files),
		at_a_node(a_record_goes_on_without_files_after_a_day),
		at_a_node(files_come_with_the_record),
		at_a_node(a_request_that_is_cut_short_puts_nothing),
		at_a_node(many_share_a_turn_and_none_takes_another_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
