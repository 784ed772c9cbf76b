#include "tests/unit/node_place.h"

#include "common/study/pack.h"
#include "common/study/receipt.h"
#include "node/capture.h"
#include "node/ipc.h"
#include "node/sync_keep.h"
#include "node/sync_people.h"
#include "node/sync_review.h"
#include "tests/unit/pack_bench.h"
#include "tests/unit/terms_bench.h"

#define NOW_S          1796083200    /* 2026-12-01 */
#define LATER_S        (NOW_S + 120) /* of rows that name their wave */
#define PERMIT         "collect-direct,use-site-report,use-aggregate"
#define SITE           "norway"
#define ITEM_MAX_BYTES ((size_t)1 << 20)

/* What import does before it asks sync to keep. */
struct desk {
	struct place *place;
	struct pack *pack;
	struct capture_site site;
	struct secret *intake, *review;
	struct consent consent;
	char codes[CONSENT_LIST_BYTES];
	struct sync_keep *keep;
	struct terms_bench terms;
};

static void
desk_done(struct desk *d)
{
	pack_free(d->pack);
	secret_free(d->intake);
	secret_free(d->review);
	sync_keep_free(d->keep);
}
#define OWNED_DESK __attribute__((cleanup(desk_done)))

static void
open_desk(struct desk *d, struct place *p)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct consent_given given = {
		.mode = "returned-questionnaire", .list = PERMIT, .given_at_s = NOW_S};
	*d = (struct desk){.place = p, .keep = sync_keep_new()};
	terms_bench_fill(&d->terms, SITE);
	assert_ok(pack_load(&d->pack, WEIR_SOURCE_DIR "/tests/data/wvs/study", faults));
	d->site.study = STUDY;
	d->site.intake_number = d->site.review_number = 1;
	box_keypair(d->site.intake_public, &d->intake);
	box_keypair(d->site.review_public, &d->review);
	memcpy(d->site.row_key, vault_row_key(p->vault), HASH_BYTES);
	assert_ok(consent_give(&d->consent, d->codes, &given));
}

static void
person_of(struct desk *d, const char *code, uint8_t ret[static ID_BYTES])
{
	OWNED_BUF struct buf asks, answer;
	buf_init(&asks, 256);
	buf_init(&answer, 256);
	buf_u32(&asks, 1);
	buf_blob_text(&asks, code);
	struct cursor c = cursor_of(buf_view(&asks));
	assert_ok(sync_people_of(d->place->vault, &c, &answer));
	assert_int_equal(answer.len, 4 + ID_BYTES);
	memcpy(ret, answer.at + 4, ID_BYTES);
}

struct row {
	const char *code;
	const char *age;
	bool consents;
	const char *wave; /* NULL: 1 */
};

static void
make_item(struct desk *d, struct row row, struct buf *out)
{
	const struct form_answer answers[] = {{"participant", row.code}, {"poverty", "1"},
		{"religion", "yes"}, {"degree", "no"}, {"age", row.age}, {"gender", "female"}};
	struct capture_record r = {.form = pack_form(d->pack, "attitudes"),
		.code = row.code,
		.wave = row.wave ? row.wave : "1",
		.group = "public",
		.answers = answers,
		.count = ARRAY_LEN(answers),
		.consent = row.consents ? &d->consent : NULL,
		.captured_s = row.wave ? LATER_S : NOW_S};
	person_of(d, row.code, r.participant);
	assert_non_null(r.form);
	assert_ok(capture_row(out, &d->site, &r));
}

static void
add(struct desk *d, struct row row)
{
	OWNED_BUF struct buf item;
	buf_init(&item, ITEM_MAX_BYTES);
	make_item(d, row, &item);
	assert_ok(sync_keep_add(d->keep, 1, buf_view(&item)));
}

/* Apply what was added as sync does: kept whole, or taken back. */
static enum err
apply(struct desk *d, struct sync_kept *ret)
{
	struct vault *v = d->place->vault;
	struct sync_judge j = {.vault = v,
		.pack = d->pack,
		.terms = &d->terms.terms,
		.site = SITE,
		.now_ms = (int64_t)LATER_S * 1000};
	assert_ok(vault_commit(v));
	enum err e = sync_keep_apply(d->keep, &j, ret);
	if (e)
		vault_abort(v);
	else
		assert_ok(vault_commit(v));
	sync_keep_free(d->keep);
	d->keep = sync_keep_new();
	return e;
}

static void
assert_entries(struct desk *d, uint64_t control, uint64_t records)
{
	struct place *p = d->place;
	assert_int_equal(vault_committed(p->vault, LANE_C).seq, control);
	assert_int_equal(vault_committed(p->vault, LANE_R).seq, records);
	close_vault(p);
	open_vault(p);
	assert_int_equal(vault_committed(p->vault, LANE_C).seq, control);
	assert_int_equal(vault_committed(p->vault, LANE_R).seq, records);
}

static void
keeps_keys_consents_and_records(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	add(&d, (struct row){"N0002", "41", true, NULL});
	assert_ok(apply(&d, &kept));
	assert_int_equal(kept.items, 2);
	assert_int_equal(kept.skipped, 0);
	assert_int_equal(kept.entries, 6);
	assert_entries(&d, 4, 2);
}

static void
keeps_nothing_when_one_item_is_bad(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	add(&d, (struct row){"N0002", "41", false, NULL});
	add(&d, (struct row){"N0003", "52", true, NULL});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_non_null(strstr(err_text(), "item 1: "));
	assert_entries(&d, 0, 0);
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	assert_int_equal(kept.items, 1);
}

static void
collects_nothing_before_the_legal_bases_are_confirmed(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	struct pack *pack = d.pack, unconfirmed = *d.pack;
	unconfirmed.unconfirmed = true;
	d.pack = &unconfirmed;
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_non_null(strstr(err_text(), "nobody has confirmed the legal bases"));
	d.pack = pack;
	assert_entries(&d, 0, 0);
}

static void
skips_a_row_that_is_on_file(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	add(&d, (struct row){"N0001", "30", true, NULL});
	add(&d, (struct row){"N0002", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	assert_int_equal(kept.items, 1);
	assert_int_equal(kept.skipped, 1);
	assert_entries(&d, 4, 2);
}

/* A row with answers that stay at the site, as they come: boxed, so any bytes will do. */
static void
add_with_local(struct desk *d, struct row row, const char *local)
{
	OWNED_BUF struct buf item;
	buf_init(&item, ITEM_MAX_BYTES);
	make_item(d, row, &item);
	item.len -= 4; /* the study has no such item: its part is empty */
	buf_blob_text(&item, local);
	assert_ok(sync_keep_add(d->keep, 1, buf_view(&item)));
}

struct locals {
	uint8_t instance[ID_BYTES];
	const char *wanted;
	size_t count;
};

static enum err
see_local(void *arg, struct view key, struct view content)
{
	struct locals *l = arg;
	assert_int_equal(key.len, ID_BYTES);
	memcpy(l->instance, key.at, ID_BYTES);
	assert_true(view_same(content, view_text(l->wanted)));
	l->count++;
	return OK;
}

static struct locals
locals(struct desk *d, const char *wanted)
{
	struct locals l = {.wanted = wanted};
	assert_ok(vault_each(d->place->vault, VAULT_LOCALS, view_of(NULL, 0), see_local, &l));
	return l;
}

/* As boxes for the review key begin: version 1 and a number, here one without a zero byte. */
#define NUMBER      0x01010101u
#define HEAD        "\1\1\1\1\1"
#define EXAMPLE_BOX HEAD "example box, sealed for the review key of this number"
#define ANOTHER_BOX HEAD "another box, sealed for the review key of this number"

static void
keeps_what_stays_at_the_site_beside_the_chains(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	const struct sync_review in_force = {.number = NUMBER};
	open_desk(&d, *state);
	assert_ok(sync_review_note(d.place->vault, &in_force));
	d.site.review_number = NUMBER;
	add_with_local(&d, (struct row){"N0001", "30", true, NULL}, EXAMPLE_BOX);
	assert_ok(apply(&d, &kept));
	struct locals l = locals(&d, EXAMPLE_BOX);
	assert_int_equal(l.count, 1);
	/* What was lost comes back with the sheet; what is there stays. */
	assert_ok(vault_delete(d.place->vault, VAULT_LOCALS, view_of(l.instance, ID_BYTES)));
	add_with_local(&d, (struct row){"N0001", "30", true, NULL}, EXAMPLE_BOX);
	assert_ok(apply(&d, &kept));
	assert_int_equal(kept.skipped, 1);
	assert_int_equal(locals(&d, EXAMPLE_BOX).count, 1);
	add_with_local(&d, (struct row){"N0001", "30", true, NULL}, ANOTHER_BOX);
	assert_ok(apply(&d, &kept));
	assert_int_equal(locals(&d, EXAMPLE_BOX).count, 1);
	assert_entries(&d, 2, 1);
}

static void
refuses_other_answers_for_the_same_wave(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	add(&d, (struct row){"N0002", "30", true, NULL});
	add(&d, (struct row){"N0001", "31", true, NULL});
	assert_err(apply(&d, &kept), E_CONFLICT);
	assert_non_null(strstr(err_text(), "item 1: "));
	assert_entries(&d, 2, 1);
}

static void
refuses_a_record_without_consent(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", false, NULL});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_entries(&d, 0, 0);
}

static void
refuses_a_consent_that_does_not_permit_collecting(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	struct consent_given given = {
		.mode = "returned-questionnaire", .list = "use-aggregate", .given_at_s = NOW_S};
	assert_ok(consent_give(&d.consent, d.codes, &given));
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_non_null(strstr(err_text(), "R08"));
}

static const struct pack_edit children[] = {{"rules.ini", "accept = given reaffirmed changed\n",
						    "accept = given reaffirmed changed\n"
						    "child.needs = given assent\n"
						    "child.groups = public\n"},
	{NULL, NULL, NULL}};

/* D-83: the parent's agreement and the child's own assent, or nothing of the child is kept, so
 * nothing of it can be sent. */
static void
keeps_nothing_of_a_child_without_both_yeses(void **state)
{
	static const struct {
		const char *role, *event, *assent;
		bool kept;
	} rows[] = {{"parent", "given", "", false}, {"parent", "given", "not-sought", false},
		{"parent", "given", "dissent", false}, {"parent", "refused", "given", false},
		{"self", "given", "given", false}, {"parent", "given", "given", true}};
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	pack_free(take(d.pack));
	d.pack = pack_bench_sound(children);
	d.site.study = d.pack->id;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		d.consent.wire.grantor_role = rows[i].role;
		d.consent.wire.event = rows[i].event;
		d.consent.wire.assent = rows[i].assent;
		add(&d, (struct row){"N0001", "30", true, NULL});
		const enum err e = apply(&d, &kept);
		if (e != (rows[i].kept ? OK : E_DENIED))
			fail_msg("%s: %s, assent %s", rows[i].role, rows[i].event,
				rows[i].assent);
		assert_entries(&d, rows[i].kept ? 2 : 0, rows[i].kept ? 1 : 0);
	}
}

static void
refuses_everything_before_a_study_has_arrived(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	struct sync_judge j = {.vault = d.place->vault, .site = SITE, .now_ms = 1};
	assert_err(sync_keep_apply(d.keep, &j, &kept), E_NOTFOUND);
}

static void
refuses_a_code_nobody_asked_for(void **state)
{
	OWNED_DESK struct desk d;
	OWNED_BUF struct buf item;
	struct sync_kept kept;
	open_desk(&d, *state);
	buf_init(&item, ITEM_MAX_BYTES);
	make_item(&d, (struct row){"N0001", "30", true, NULL}, &item);
	memcpy(item.at + 4, "N0009", 5);
	assert_ok(sync_keep_add(d.keep, 1, buf_view(&item)));
	assert_err(apply(&d, &kept), E_NOTFOUND);
	uint8_t other[ID_BYTES];
	person_of(&d, "N0009", other);
	assert_ok(sync_keep_add(d.keep, 1, buf_view(&item)));
	assert_err(apply(&d, &kept), E_DENIED);
}

/* changes of participation */

static void
add_change(struct desk *d, const char *code, const char *level)
{
	OWNED_BUF struct buf asks, file, item;
	OWNED(wire_rules) struct wire_rules *last = NULL;
	struct consent after;
	struct capture_change c = {.code = code, .after = &after, .captured_s = NOW_S + 60};
	buf_init(&asks, 256);
	buf_init(&file, ITEM_MAX_BYTES);
	buf_init(&item, ITEM_MAX_BYTES);
	buf_blob_text(&asks, code);
	struct cursor a = cursor_of(buf_view(&asks));
	assert_ok(sync_people_file(d->place->vault, &a, &file));
	struct cursor f = cursor_of(buf_view(&file));
	cursor_copy(&f, c.participant, ID_BYTES);
	for (uint32_t i = cursor_u32(&f); i > 0; i--)
		(void)cursor_blob(&f);
	assert_int_not_equal(cursor_u32(&f), 0);
	assert_ok(wire_rules_unpack(&last, cursor_blob(&f)));
	memcpy(c.refers_to, last->instance, ID_BYTES);
	assert_ok(consent_change(&after, &last->consent, level, NOW_S + 60));
	assert_ok(capture_change_item(&item, &c));
	assert_ok(sync_keep_add(d->keep, 1, buf_view(&item)));
}

static void
takes_no_lesser_change_after_a_request_to_erase(void **state)
{
	static const char *const lesser[] = {
		"no-further-contact", "no-more-collection", "no-further-use", "objection"};
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(lesser); i++) {
		OWNED_MEM char *code = xasprintf("N000%zu", i + 1);
		add(&d, (struct row){code, "30", true, NULL});
		assert_ok(apply(&d, &kept));
		add_change(&d, code, "erase");
		assert_ok(apply(&d, &kept));
		add_change(&d, code, lesser[i]);
		assert_err(apply(&d, &kept), E_DENIED);
		assert_non_null(strstr(err_text(), "asked that everything be erased"));
	}
}

static void
takes_nothing_new_after_a_person_has_ended_collection(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	add_change(&d, "N0001", "no-more-collection");
	assert_ok(apply(&d, &kept));
	assert_entries(&d, 3, 1);
	/* A file of the next wave does not bring the person back, whatever consent it
	 * claims. */
	add(&d, (struct row){"N0001", "31", true, "2"});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_non_null(strstr(err_text(), "no-more-collection"));
	add(&d, (struct row){"N0001", "31", false, "2"});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_entries(&d, 3, 1);
}

static void
takes_nothing_new_of_a_person_who_has_died(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	add_change(&d, "N0001", "died");
	assert_ok(apply(&d, &kept));
	add(&d, (struct row){"N0001", "31", false, "2"});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_non_null(strstr(err_text(), "had died"));
	add(&d, (struct row){"N0001", "31", true, "2"});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_non_null(strstr(err_text(), "died"));
	assert_entries(&d, 3, 1);
}

static void
ask_receipt(struct desk *d, const uint8_t start[static RECEIPT_START_BYTES], enum err wanted,
	struct buf *answer)
{
	struct cursor c = cursor_of(view_of(start, RECEIPT_START_BYTES));
	assert_err(sync_people_receipt(d->place->vault, &c, answer), wanted);
}

static void
finds_a_person_by_the_number_of_a_receipt(void **state)
{
	OWNED_DESK struct desk d;
	OWNED_BUF struct buf asks, file, answer;
	OWNED(wire_rules) struct wire_rules *last = NULL;
	struct sync_kept kept;
	uint8_t wrong[RECEIPT_START_BYTES] = {1, 2, 3, 4, 5};
	buf_init(&asks, 256);
	buf_init(&file, ITEM_MAX_BYTES);
	buf_init(&answer, 256);
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	add(&d, (struct row){"N0002", "41", true, NULL});
	assert_ok(apply(&d, &kept));
	buf_blob_text(&asks, "N0002");
	struct cursor a = cursor_of(buf_view(&asks));
	assert_ok(sync_people_file(d.place->vault, &a, &file));
	struct cursor f = cursor_of(buf_view(&file));
	(void)cursor_bytes(&f, ID_BYTES);
	for (uint32_t i = cursor_u32(&f); i > 0; i--)
		(void)cursor_blob(&f);
	assert_int_not_equal(cursor_u32(&f), 0);
	assert_ok(wire_rules_unpack(&last, cursor_blob(&f)));
	ask_receipt(&d, last->instance, OK, &answer);
	struct cursor code = cursor_of(buf_view(&answer));
	assert_true(view_same(cursor_blob(&code), view_text("N0002")));
	ask_receipt(&d, wrong, E_NOTFOUND, &answer);
}

static void
knows_which_entries_are_about_a_person(void **state)
{
	OWNED_DESK struct desk d;
	OWNED_BUF struct buf asks, file;
	struct sync_kept kept;
	buf_init(&asks, 256);
	buf_init(&file, ITEM_MAX_BYTES);
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	add(&d, (struct row){"N0002", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	buf_blob_text(&asks, "N0002");
	struct cursor a = cursor_of(buf_view(&asks));
	assert_ok(sync_people_file(d.place->vault, &a, &file));
	struct cursor f = cursor_of(buf_view(&file));
	(void)cursor_bytes(&f, ID_BYTES);
	assert_int_equal(cursor_u32(&f), 3);
	char name[VAULT_NAME_BYTES];
	vault_name(d.place->vault, &AT(d.place->vault, LANE_C, 3), name);
	assert_true(view_same(cursor_blob(&f), view_text(name)));
	buf_reset(&asks);
	buf_blob_text(&asks, "N0009");
	a = cursor_of(buf_view(&asks));
	assert_err(sync_people_file(d.place->vault, &a, &file), E_NOTFOUND);
}

/* bytes of any kind */

static void
refuses_items_that_are_cut_short(void **state)
{
	OWNED_DESK struct desk d;
	OWNED_BUF struct buf item;
	struct sync_kept kept;
	open_desk(&d, *state);
	buf_init(&item, ITEM_MAX_BYTES);
	make_item(&d, (struct row){"N0001", "30", true, NULL}, &item);
	for (size_t len = 0; len < item.len; len += len < 128 ? 1 : 17) {
		assert_ok(sync_keep_add(d.keep, 1, view_of(item.at, len)));
		if (apply(&d, &kept) == OK)
			fail_msg("%zu bytes of an item are enough", len);
	}
	assert_ok(sync_keep_add(d.keep, 2, buf_view(&item)));
	assert_err(apply(&d, &kept), E_FORMAT);
	assert_entries(&d, 0, 0);
}

static void
stops_a_request_that_gets_too_large(void **state)
{
	OWNED(sync_keep) struct sync_keep *k = sync_keep_new();
	OWNED_MEM uint8_t *piece = xcalloc(KEEP_FRAME_BYTES, 1);
	size_t frames = KEEP_MAX_BYTES / KEEP_FRAME_BYTES;
	(void)state;
	for (size_t i = 0; i < frames; i++)
		assert_ok(sync_keep_add(k, 1, view_of(piece, KEEP_FRAME_BYTES)));
	assert_err(sync_keep_add(k, 1, view_of(piece, KEEP_FRAME_BYTES)), E_FULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(keeps_keys_consents_and_records),
		at_a_node(keeps_nothing_when_one_item_is_bad),
		at_a_node(collects_nothing_before_the_legal_bases_are_confirmed),
		at_a_node(skips_a_row_that_is_on_file),
		at_a_node(keeps_what_stays_at_the_site_beside_the_chains),
		at_a_node(refuses_other_answers_for_the_same_wave),
		at_a_node(refuses_a_record_without_consent),
		at_a_node(refuses_a_consent_that_does_not_permit_collecting),
		at_a_node(keeps_nothing_of_a_child_without_both_yeses),
		at_a_node(refuses_everything_before_a_study_has_arrived),
		at_a_node(refuses_a_code_nobody_asked_for),
		at_a_node(takes_no_lesser_change_after_a_request_to_erase),
		at_a_node(takes_nothing_new_after_a_person_has_ended_collection),
		at_a_node(takes_nothing_new_of_a_person_who_has_died),
		at_a_node(finds_a_person_by_the_number_of_a_receipt),
		at_a_node(knows_which_entries_are_about_a_person),
		at_a_node(refuses_items_that_are_cut_short),
		cmocka_unit_test(stops_a_request_that_gets_too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
