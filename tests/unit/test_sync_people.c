#include "tests/unit/keep_bench.h"

#include "node/capture_said.h"

#include "common/base/mem.h"
#include "common/study/receipt.h"
#include "node/sync_people.h"

static struct cursor
file_of(struct desk *d, const char *code, struct buf *file)
{
	OWNED_BUF struct buf asks;
	buf_init(&asks, 256);
	buf_blob_text(&asks, code);
	struct cursor c = cursor_of(buf_view(&asks));
	assert_ok(sync_people_file(d->place->vault, &c, file));
	return cursor_of(buf_view(file));
}

static struct wire_rules *
first_consent_of(struct desk *d, const char *code, uint8_t ret_participant[static ID_BYTES])
{
	OWNED_BUF struct buf file;
	struct wire_rules *first = NULL;
	buf_init(&file, ITEM_MAX_BYTES);
	struct cursor f = file_of(d, code, &file);
	cursor_copy(&f, ret_participant, ID_BYTES);
	for (uint32_t i = cursor_u32(&f); i > 0; i--)
		(void)cursor_blob(&f);
	assert_int_not_equal(cursor_u32(&f), 0);
	assert_ok(wire_rules_unpack(&first, cursor_blob(&f)));
	return first;
}

/* changes of participation */

static const uint8_t change_id[ID_BYTES] = {0x71}, back_id[ID_BYTES] = {0x72};

static void
add_change(struct desk *d, const char *code, const char *level, const uint8_t *instance)
{
	OWNED_BUF struct buf item;
	struct consent after;
	struct capture_change c = {
		.code = code, .after = &after, .captured_s = NOW_S + 60, .instance = instance};
	buf_init(&item, ITEM_MAX_BYTES);
	OWNED(wire_rules) struct wire_rules *last = first_consent_of(d, code, c.participant);
	memcpy(c.refers_to, last->instance, ID_BYTES);
	assert_ok(consent_change(&after, &last->consent, level, NOW_S + 60));
	assert_ok(capture_change_item(&item, &c));
	assert_ok(sync_keep_add(d->keep, 1, buf_view(&item)));
	d->by = NULL;
}

/* What was agreed before it, again. */
static void
add_taking_back(struct desk *d, const char *code)
{
	OWNED_BUF struct buf item;
	struct consent after;
	struct capture_change c = {
		.code = code, .after = &after, .captured_s = NOW_S + 90, .instance = back_id};
	buf_init(&item, ITEM_MAX_BYTES);
	OWNED(wire_rules) struct wire_rules *first = first_consent_of(d, code, c.participant);
	memcpy(c.refers_to, change_id, ID_BYTES);
	consent_again(&after, &first->consent, NOW_S + 90);
	assert_ok(capture_change_item(&item, &c));
	d->by = NULL;
	assert_ok(sync_keep_add(d->keep, 1, buf_view(&item)));
}

/* It is no row of an import: who enters it stands in it. */
static void
takes_a_change_back_though_nobody_brings_rows(void **state)
{
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	assert_ok(apply(&d, &kept));
	add_change(&d, "N0001", "objection", change_id);
	assert_ok(apply(&d, &kept));
	add_taking_back(&d, "N0001");
	assert_ok(apply(&d, &kept));
	assert_int_equal(kept.items, 1);
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
		add_change(&d, code, "erase", NULL);
		assert_ok(apply(&d, &kept));
		add_change(&d, code, lesser[i], NULL);
		assert_err(apply(&d, &kept), E_DENIED);
		assert_non_null(strstr(err_text(), "asked that everything be erased"));
	}
}

/* A file of the next wave does not bring the person back, whatever consent it claims. */
static void
takes_nothing_new_of_who_ended_taking_part_or_died(void **state)
{
	static const struct {
		const char *code, *level, *says;
		bool consents;
	} rows[] = {{"N0001", "no-more-collection", "no-more-collection", true},
		{"N0002", "no-more-collection", "had ended collection", false},
		{"N0003", "died", "died", true}, {"N0004", "died", "had died", false},
		{"N0005", "objection", "objection", true},
		{"N0006", "objection", "had ended", false},
		{"N0007", "capacity-lost", "capacity-lost", true},
		{"N0008", "capacity-lost", "had ended", false},
		{"N0009", "no-further-use", "no-further-use", true},
		{"N0010", "no-further-use", "had ended", false},
		{"N0011", "erase", "erase", true}, {"N0012", "erase", "had ended", false}};
	OWNED_DESK struct desk d;
	struct sync_kept kept;
	open_desk(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *code = rows[i].code;
		add(&d, (struct row){code, "30", true, NULL});
		assert_ok(apply(&d, &kept));
		add_change(&d, code, rows[i].level, NULL);
		assert_ok(apply(&d, &kept));
		add(&d, (struct row){code, "31", rows[i].consents, "2"});
		assert_err(apply(&d, &kept), E_DENIED);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("row %zu says: %s", i, err_text());
		assert_entries(&d, 3 * (i + 1), i + 1);
	}
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
	OWNED_BUF struct buf answer;
	struct sync_kept kept;
	uint8_t wrong[RECEIPT_START_BYTES] = {1, 2, 3, 4, 5}, participant[ID_BYTES];
	buf_init(&answer, 256);
	open_desk(&d, *state);
	add(&d, (struct row){"N0001", "30", true, NULL});
	add(&d, (struct row){"N0002", "41", true, NULL});
	assert_ok(apply(&d, &kept));
	OWNED(wire_rules) struct wire_rules *last = first_consent_of(&d, "N0002", participant);
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
	struct cursor f = file_of(&d, "N0002", &file);
	(void)cursor_bytes(&f, ID_BYTES);
	assert_int_equal(cursor_u32(&f), 3);
	char name[VAULT_NAME_BYTES];
	vault_name(d.place->vault, &AT(d.place->vault, LANE_C, 3), name);
	assert_true(view_same(cursor_blob(&f), view_text(name)));
	buf_blob_text(&asks, "N0009");
	struct cursor a = cursor_of(buf_view(&asks));
	assert_err(sync_people_file(d.place->vault, &a, &file), E_NOTFOUND);
}

/* bytes of any kind */

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(takes_a_change_back_though_nobody_brings_rows),
		at_a_node(takes_no_lesser_change_after_a_request_to_erase),
		at_a_node(takes_nothing_new_of_who_ended_taking_part_or_died),
		at_a_node(finds_a_person_by_the_number_of_a_receipt),
		at_a_node(knows_which_entries_are_about_a_person),
	};
	return cmocka_run_group_tests_name("sync_people", tests, NULL, NULL);
}
