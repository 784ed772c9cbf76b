#include "tests/unit/keep_bench.h"

#include "common/codec/wire_entry.h"
#include "common/study/pack.h"
#include "common/trust/leaf.h"
#include "node/ipc.h"
#include "node/sync_review.h"
#include "tests/unit/pack_bench.h"

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

/* The newest act at this site. */
static void
assert_act(struct desk *d, uint64_t seq, const char *reason)
{
	OWNED(json) struct json *tree = NULL;
	OWNED_BUF struct buf part;
	struct vault *v = d->place->vault;
	struct view json;
	struct leaf leaf;
	buf_init(&part, WIRE_ACT_MAX_BYTES);
	assert_int_equal(vault_committed(v, LANE_A).seq, seq);
	assert_ok(vault_part(v, &AT(v, LANE_A, seq), PART_ACT, &part));
	assert_ok(wire_act_unpack(&json, buf_view(&part)));
	assert_ok(leaf_parse(&leaf, &tree, json));
	assert_string_equal(leaf.actor, "anna");
	assert_string_equal(leaf.role, "coordinator");
	assert_string_equal(leaf.action, "imported");
	assert_string_equal(leaf.reason_code, reason);
}

static void
says_who_brought_the_rows_where_any_are_kept(void **state)
{
	static const struct sync_keep_by kept_text = {"anna", "coordinator", "attitudes", true};
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	assert_act(&d, 1, "attitudes");
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept)); /* on file already */
	add(&d, (struct row){"N0002", "30", false, NULL});
	assert_err(apply(&d, &kept), E_DENIED);
	assert_act(&d, 1, "attitudes");
	d.by = &kept_text;
	add(&d, (struct row){"N0002", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	assert_act(&d, 2, "attitudes, text-kept");
}

static void
takes_no_rows_that_nobody_brings(void **state)
{
	static const struct sync_keep_by nobody[] = {
		{"", "coordinator", "attitudes", false}, {"anna", "", "attitudes", false}};
	const struct sync_keep_by *rows[] = {NULL, &nobody[0], &nobody[1]};
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		d.by = rows[i];
		add(&d, (struct row){"N0001", "30", true, NULL});
		assert_err(apply(&d, &kept), E_FORMAT);
		assert_entries(&d, 0, 0);
	}
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
						    "accept.consultee = advice-supports\n"
						    "consultee.approval = mca-s30\n"
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
		const char *reason; /* "": it is kept */
	} rows[] = {{"parent", "given", "", "own assent is missing"},
		{"parent", "given", "not-sought", "own assent is missing"},
		{"parent", "given", "dissent", "had said no"},
		{"parent", "refused", "given", "had said no"},
		{"self", "given", "given", "a child's own yes"},
		{"consultee-personal", "advice-supports", "not-sought", "a consultee does not"},
		{"consultee-nominated", "advice-supports", "given", "a consultee does not"},
		{"parent", "given", "given", ""}};
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
		const bool is_kept = !*rows[i].reason;
		if (e != (is_kept ? OK : E_DENIED) ||
			(e && !strstr(err_text(), rows[i].reason)))
			fail_msg("%s: %s, assent %s: %s", rows[i].role, rows[i].event,
				rows[i].assent, e ? err_text() : "kept");
		assert_entries(&d, is_kept ? 2 : 0, is_kept ? 1 : 0);
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

/* what is on file of a person */

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
	d.by = NULL;
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
		at_a_node(says_who_brought_the_rows_where_any_are_kept),
		at_a_node(takes_no_rows_that_nobody_brings),
		at_a_node(keeps_what_stays_at_the_site_beside_the_chains),
		at_a_node(refuses_other_answers_for_the_same_wave),
		at_a_node(refuses_a_record_without_consent),
		at_a_node(refuses_a_consent_that_does_not_permit_collecting),
		at_a_node(keeps_nothing_of_a_child_without_both_yeses),
		at_a_node(refuses_everything_before_a_study_has_arrived),
		at_a_node(refuses_a_code_nobody_asked_for),
		at_a_node(refuses_items_that_are_cut_short),
		cmocka_unit_test(stops_a_request_that_gets_too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
