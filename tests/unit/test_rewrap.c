#include "tests/unit/erase_bench.h"
#include "tests/unit/manifest_bench.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_entry.h"
#include "common/trust/card.h"
#include "common/trust/seal.h"
#include "node/sync_late.h"
#include "node/sync_rewrap.h"
#include "node/vault_tables.h"

/* A desk with a manifest in force that says which intake numbers are left. */
struct desk {
	struct desk_site site;
	struct secret *root, *newest; /* of the study; of its intake key in force */
	uint8_t newest_public[BOX_PUBLIC_BYTES];
};

static void
desk_done(struct desk *d)
{
	erase_site_done(&d->site);
	secret_free(d->root);
	secret_free(d->newest);
}
#define OWNED_DESK OWNED_BY(desk_done)

static void
open_desk(struct desk *d, struct place *p)
{
	uint8_t root_public[SIGN_PUBLIC_BYTES];
	*d = (struct desk){.root = NULL};
	erase_open_site(&d->site, p);
	sign_keypair(root_public, &d->root);
	box_keypair(d->newest_public, &d->newest);
	(void)snprintf(d->site.card.study, sizeof(d->site.card.study), "%s", STUDY);
	card_root_hash(d->site.card.root_hash, root_public);
}

/* Number 2 alone is left, by a manifest of this root, and sync has heard of it. */
static void
destroy_number_1(struct desk *d, struct secret *root)
{
	OWNED_BUF struct buf manifest;
	struct vault *v = d->site.door.place->vault;
	struct sync_kept_place found = {.is_known = false};
	struct wire_numbered_key left[] = {{.number = 2}};
	memcpy(left[0].public, d->newest_public, BOX_PUBLIC_BYTES);
	buf_init(&manifest, MANIFEST_BENCH_BYTES);
	manifest_bench_make(&manifest, STUDY, left, ARRAY_LEN(left), root);
	assert_ok(
		vault_put(v, VAULT_META, view_text(VAULT_META_MANIFEST), buf_view(&manifest)));
	d->site.intake = d->site.intake_first = 2;
	const struct sync_judge j = erase_judge(&d->site);
	assert_ok(sync_kept_tick(&j, d->site.door.now_s, &found));
	assert_ok(sync_late_tick(&j, d->site.door.now_s));
	assert_ok(vault_commit(v));
}

static struct sync_late
late(struct desk *d)
{
	struct sync_late l;
	assert_ok(sync_late_get(d->site.door.place->vault, &l));
	return l;
}

static enum err
accept(struct desk *d, const char *name)
{
	OWNED_BUF struct buf asks, answer;
	const struct sync_judge j = erase_judge(&d->site);
	buf_init(&asks, 64);
	buf_init(&answer, 256);
	buf_blob_text(&asks, name);
	buf_u8(&asks, 1);
	buf_blob_text(&asks, "t7");
	buf_blob_text(&asks, "staff");
	struct cursor c = cursor_of(buf_view(&asks));
	enum err e = sync_held_decide(&j, &c, &answer);
	if (e)
		vault_abort(d->site.door.place->vault);
	else
		assert_ok(vault_commit(d->site.door.place->vault));
	return e;
}

static void
aside(struct desk *d, uint64_t count, uint64_t by_site, uint64_t by_nobody)
{
	struct sync_kept_aside got;
	const struct sync_judge j = erase_judge(&d->site);
	assert_ok(sync_kept_find(&j, &got));
	assert_int_equal(got.count, count);
	assert_int_equal(got.by_site, by_site);
	assert_int_equal(got.by_nobody, by_nobody);
}

/* How many acts of this name lane A has. */
static size_t
acts(struct desk *d, const char *action)
{
	struct vault *v = d->site.door.place->vault;
	size_t count = 0;
	for (uint64_t seq = 1; seq <= vault_committed(v, LANE_A).seq; seq++) {
		OWNED_BUF struct buf part;
		buf_init(&part, WIRE_ACT_MAX_BYTES);
		assert_ok(vault_part(v, &AT(v, LANE_A, seq), PART_ACT, &part));
		count += memmem(part.at, part.len, action, strlen(action)) != NULL;
	}
	return count;
}

/* Does the newest intake key open the wrap of every key in lane C, in the key's own context? */
static size_t
opened_by_study(struct desk *d)
{
	struct vault *v = d->site.door.place->vault;
	size_t count = 0;
	for (uint64_t seq = 1; seq <= vault_committed(v, LANE_C).seq; seq++) {
		OWNED_BUF struct buf rules, wrap;
		OWNED(wire_rules) struct wire_rules *r = NULL;
		OWNED_SECRET struct secret *key = NULL;
		struct seal_context c = {.study = STUDY, .class = SEAL_BOTH};
		buf_init(&rules, TEXT_MAX);
		buf_init(&wrap, TEXT_MAX);
		if (vault_part(v, &AT(v, LANE_C, seq), PART_WRAP_STUDY, &wrap))
			continue;
		assert_ok(vault_part(v, &AT(v, LANE_C, seq), PART_RULES, &rules));
		assert_ok(wire_rules_unpack(&r, buf_view(&rules)));
		memcpy(c.participant, r->participant, ID_BYTES);
		assert_ok(seal_open_wrap(&key, buf_view(&wrap), &c, d->newest));
		count++;
	}
	return count;
}

static void
hold(struct desk *d, struct sent s, char ret_name[static SYNC_HOLD_NAME_LEN + 1])
{
	s.problem = SUBMIT_INVALID;
	assert_outcome(&d->site.door, s, SUBMIT_HELD);
	(void)held_why(&d->site.door, ret_name);
}

static void
a_held_record_that_the_site_can_open_is_wrapped_again_and_goes_on(void **state)
{
	OWNED_DESK struct desk d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_desk(&d, *state);
	agree(&d.site.door, "N0001", PERMIT);
	hold(&d, (struct sent){.code = "N0001"}, name);
	destroy_number_1(&d, d.root);
	aside(&d, 1, 1, 0);
	assert_err(accept(&d, name), E_DENIED);
	assert_non_null(strstr(err_text(), "weir-node desk unlock"));
	assert_ok(erase_renew(&d.site));
	aside(&d, 0, 0, 0);
	assert_int_equal(acts(&d, "key-wrapped-again"), 1);
	assert_ok(accept(&d, name));
	assert_int_equal(records(&d.site.door), 1);
	assert_int_equal(opened_by_study(&d), 1);
	assert_ok(erase_renew(&d.site));
	assert_int_equal(acts(&d, "key-wrapped-again"), 1);
}

static void
what_waited_for_an_approval_alone_goes_on_with_it(void **state)
{
	OWNED_DESK struct desk d;
	open_desk(&d, *state);
	struct door *door = &d.site.door;
	agree(door, "N0001", PERMIT);
	door->terms.terms.approval_count = 0;
	assert_outcome(door, (struct sent){.code = "N0001"}, SUBMIT_HELD);
	door->terms.terms.approval_count = TERMS_BENCH_COUNT;
	destroy_number_1(&d, d.root);
	assert_int_equal(records(door), 0);
	assert_ok(erase_renew(&d.site));
	assert_int_equal(held(door), 0);
	assert_int_equal(records(door), 1);
	assert_int_equal(opened_by_study(&d), 1);
}

static void
the_key_of_a_file_that_came_later_is_wrapped_again_too(void **state)
{
	OWNED_DESK struct desk d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_desk(&d, *state);
	agree(&d.site.door, "N0001", PERMIT);
	hold(&d, (struct sent){.code = "N0001", .expected = "photo.jpg"}, name);
	assert_outcome(&d.site.door,
		(struct sent){.instance = "uuid:1", .file = "photo.jpg", .bytes = "example"},
		SUBMIT_FILES_ADDED);
	destroy_number_1(&d, d.root);
	assert_ok(erase_renew(&d.site));
	aside(&d, 0, 0, 0);
	assert_int_equal(acts(&d, "key-wrapped-again"), 1);
	assert_ok(accept(&d, name));
	assert_int_equal(opened_by_study(&d), 2);
}

static void
what_only_the_study_could_open_stays_and_says_so(void **state)
{
	OWNED_DESK struct desk d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_desk(&d, *state);
	for (size_t i = 0; i < d.site.door.pack->form_count; i++)
		d.site.door.pack->forms[i]->coordinator_reads = false;
	agree(&d.site.door, "N0001", PERMIT);
	hold(&d, (struct sent){.code = "N0001"}, name);
	destroy_number_1(&d, d.root);
	aside(&d, 1, 0, 1);
	assert_ok(erase_renew(&d.site));
	assert_int_equal(acts(&d, "key-wrapped-again"), 0);
	assert_err(accept(&d, name), E_DENIED);
	assert_non_null(strstr(err_text(), "nobody at the study can open it"));
	assert_int_equal(held(&d.site.door), 1);
}

/* The last entry of lane C holds the key of the one at `first` for the newest number. */
static void
assert_wrapped_again(struct desk *d, uint64_t first)
{
	struct vault *v = d->site.door.place->vault;
	const uint64_t last = vault_committed(v, LANE_C).seq;
	OWNED_BUF struct buf rules, again, wrap;
	OWNED(wire_rules) struct wire_rules *was = NULL, *now = NULL;
	OWNED_SECRET struct secret *key = NULL;
	struct seal_context c = {.study = STUDY, .class = SEAL_BOTH};
	uint8_t id[ID_BYTES];
	buf_init(&rules, TEXT_MAX);
	buf_init(&again, TEXT_MAX);
	buf_init(&wrap, TEXT_MAX);
	assert_ok(vault_part(v, &AT(v, LANE_C, first), PART_RULES, &rules));
	assert_ok(wire_rules_unpack(&was, buf_view(&rules)));
	assert_ok(vault_part(v, &AT(v, LANE_C, last), PART_RULES, &again));
	assert_ok(wire_rules_unpack(&now, buf_view(&again)));
	assert_ok(vault_part(v, &AT(v, LANE_C, last), PART_WRAP_STUDY, &wrap));
	seal_again_id(id, was->instance);
	assert_memory_equal(now->instance, id, ID_BYTES);
	assert_memory_equal(now->refers_to, was->instance, ID_BYTES);
	assert_memory_equal(now->participant, was->participant, ID_BYTES);
	memcpy(c.participant, now->participant, ID_BYTES);
	assert_ok(seal_open_wrap(&key, buf_view(&wrap), &c, d->newest));
}

/* The node had no word with the hub while number 1 was destroyed. */
static void
a_key_that_came_to_the_hub_too_late_is_wrapped_again_beside_it(void **state)
{
	OWNED_DESK struct desk d;
	open_desk(&d, *state);
	agree(&d.site.door, "N0001", PERMIT);
	assert_outcome(&d.site.door, (struct sent){.code = "N0001"}, SUBMIT_NEW);
	const uint64_t key = erase_first_key(&d.site);
	destroy_number_1(&d, d.root);
	assert_int_equal(late(&d).by_site, 1);
	erase_all_at_hub(&d.site); /* it is sent, and opens nowhere */
	assert_ok(erase_renew(&d.site));
	assert_wrapped_again(&d, key);
	assert_int_equal(acts(&d, "key-wrapped-again"), 1);
	assert_int_equal(late(&d).by_site, 0);
	assert_ok(erase_renew(&d.site));
	assert_int_equal(acts(&d, "key-wrapped-again"), 1);
}

static void
a_late_key_that_only_the_study_could_open_is_counted(void **state)
{
	OWNED_DESK struct desk d;
	open_desk(&d, *state);
	for (size_t i = 0; i < d.site.door.pack->form_count; i++)
		d.site.door.pack->forms[i]->coordinator_reads = false;
	agree(&d.site.door, "N0001", PERMIT);
	assert_outcome(&d.site.door, (struct sent){.code = "N0001"}, SUBMIT_NEW);
	destroy_number_1(&d, d.root);
	assert_int_equal(late(&d).by_site, 0);
	assert_int_equal(late(&d).by_nobody, 1);
	assert_ok(erase_renew(&d.site));
	assert_int_equal(acts(&d, "key-wrapped-again"), 0);
}

/* Number 2 was told when number 1 was there still, and all was at the hub within sixty days; or
 * it was there on an earlier day than that on which the hub was heard again. */
static void
what_was_at_the_hub_in_time_is_not_late(void **state)
{
	static const struct {
		const char *name;
		bool all, told;
		int64_t days; /* from the receipts to the day on which it is destroyed */
		uint32_t late;
	} rows[] = {
		{"all of it, and number 2 was told", true, true, 0, 0},
		{"not all, and number 2 was told", false, true, 0, 1},
		{"all of it on the same day, and number 2 was not told", true, false, 0, 1},
		{"all of it the day before", true, false, 1, 0},
		{"not all the day before", false, false, 1, 1},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_DESK struct desk d;
		void *place = NULL;
		struct sync_kept_place found = {.is_known = false};
		assert_int_equal(make_place(&place), 0);
		open_desk(&d, place);
		agree(&d.site.door, "N0001", PERMIT);
		assert_outcome(&d.site.door, (struct sent){.code = "N0001"}, SUBMIT_NEW);
		if (rows[i].all)
			erase_all_at_hub(&d.site);
		d.site.intake = rows[i].told ? 2 : 1;
		d.site.intake_first = 1;
		struct sync_judge j = erase_judge(&d.site);
		assert_ok(sync_kept_tick(&j, NOW_S - DAY_S, &found));
		assert_ok(vault_commit(d.site.door.place->vault));
		if (rows[i].all)
			erase_all_at_hub(&d.site);
		assert_ok(sync_late_tick(&j, NOW_S - DAY_S));
		assert_ok(vault_commit(d.site.door.place->vault));
		d.site.door.now_s += rows[i].days * DAY_S;
		destroy_number_1(&d, d.root);
		if (late(&d).by_site != rows[i].late)
			fail_msg("%s: %u", rows[i].name, late(&d).by_site);
		(void)drop_place(&place);
	}
	(void)state;
}

/* As whoever has taken sync over would have it. */
static void
the_desk_wraps_for_no_key_that_the_study_has_not_signed(void **state)
{
	OWNED_DESK struct desk d;
	OWNED_SECRET struct secret *other = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES];
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_desk(&d, *state);
	sign_keypair(public, &other);
	hold(&d, (struct sent){.code = "N0001"}, name);
	destroy_number_1(&d, other);
	assert_err(erase_renew(&d.site), E_AUTH);
	aside(&d, 1, 1, 0);
	assert_int_equal(acts(&d, "key-wrapped-again"), 0);
}

static void
write_swap(struct buf *out, uint32_t old, uint32_t new, size_t new_len)
{
	uint8_t bytes[64] = {1};
	buf_reset(out);
	buf_u32(out, 1);
	buf_u32(out, ID_BYTES);
	buf_add(out, (const uint8_t[ID_BYTES]){7}, ID_BYTES);
	bytes[4] = (uint8_t)old;
	buf_blob(out, view_of(bytes, sizeof(bytes)));
	bytes[4] = (uint8_t) new;
	buf_blob(out, view_of(bytes, new_len));
}

/* Nobody takes a wrap away that opens. */
static void
only_a_destroyed_number_gives_way_to_the_one_in_force(void **state)
{
	static const struct {
		const char *name;
		uint32_t old, new;
		size_t len;
		enum err wanted;
	} rows[] = {
		{"destroyed, and the newest; it stands nowhere", 1, 2, 64, OK},
		{"one that opens", 2, 2, 64, E_CONFLICT},
		{"for a destroyed one", 1, 1, 64, E_CONFLICT},
		{"for one that is not there yet", 1, 3, 64, E_CONFLICT},
		{"of another length", 1, 2, 63, E_FORMAT},
	};
	OWNED_DESK struct desk d;
	OWNED_BUF struct buf fields, answer;
	open_desk(&d, *state);
	destroy_number_1(&d, d.root);
	const struct sync_judge j = erase_judge(&d.site);
	buf_init(&fields, TEXT_MAX);
	buf_init(&answer, TEXT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		write_swap(&fields, rows[i].old, rows[i].new, rows[i].len);
		struct cursor c = cursor_of(buf_view(&fields));
		if (sync_rewrap_put(&j, &c, &answer) != rows[i].wanted)
			fail_msg("%s", rows[i].name);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_held_record_that_the_site_can_open_is_wrapped_again_and_goes_on),
		TEST(what_waited_for_an_approval_alone_goes_on_with_it),
		TEST(the_key_of_a_file_that_came_later_is_wrapped_again_too),
		TEST(what_only_the_study_could_open_stays_and_says_so),
		TEST(the_desk_wraps_for_no_key_that_the_study_has_not_signed),
		TEST(a_key_that_came_to_the_hub_too_late_is_wrapped_again_beside_it),
		TEST(a_late_key_that_only_the_study_could_open_is_counted),
		cmocka_unit_test(what_was_at_the_hub_in_time_is_not_late),
		TEST(only_a_destroyed_number_gives_way_to_the_one_in_force),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("rewrap", tests, NULL, NULL);
}
