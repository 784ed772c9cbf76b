#include "tests/unit/submit_bench.h"

#include "node/sync_bounds.h"

#define LOCAL "participant" /* goes nowhere but to the site */
#define OPEN  "poverty"

/* A sound submission, as sync reads it. The item lends from the request. */
struct crafted {
	struct buf request;
	struct sync_item item;
	struct sync_item_entry *record;
};

static void
crafted_done(struct crafted *c)
{
	sync_item_done(&c->item);
	buf_done(&c->request);
}
#define OWNED_CRAFTED __attribute__((cleanup(crafted_done)))

static void
craft(struct crafted *c, struct door *d)
{
	OWNED_SEALED struct capture_sealed sealed;
	const struct form_answer answers[] = {{"participant", "N0001"}, {"poverty", "1"},
		{"religion", "yes"}, {"degree", "no"}, {"age", "30"}, {"gender", "female"}};
	struct capture_record r = {.form = pack_form(d->pack, "attitudes"),
		.code = "N0001",
		.wave = "1",
		.group = "public",
		.answers = answers,
		.count = ARRAY_LEN(answers),
		.captured_s = d->now_s,
		.checked = true};
	person_of(d, "N0001", r.participant);
	assert_ok(capture_seal(&sealed, &d->site, &r));
	buf_init(&c->request, REQUEST_MAX);
	buf_add_view(&c->request, buf_view(&sealed.item));
	struct cursor at = cursor_of(buf_view(&c->request));
	assert_ok(sync_item_read(&at, &c->item));
	memcpy(c->item.participant, r.participant, ID_BYTES);
	c->record = sync_item_named(&c->item);
	assert_non_null(c->record);
}

static enum err
judge(struct door *d, struct crafted *c)
{
	struct sync_judge j = judge_of(d);
	return sync_item_judge(&j, &c->item, c->record);
}

static void
a_record_whose_site_only_field_would_travel_is_refused_whole_D91(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_CRAFTED struct crafted c;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	craft(&c, &d);
	assert_ok(judge(&d, &c));
	c.record->rules->open_count = 1;
	c.record->rules->open[0] = (struct wire_open){LOCAL, "N0001"};
	assert_err(judge(&d, &c), E_FORMAT);
	assert_non_null(strstr(err_text(), LOCAL));
	assert_null(strstr(err_text(), "N0001"));
	assert_int_equal(c.record->rules->open_count, 1);
	assert_int_equal(records(&d), 0);
}

static void
what_is_to_travel_sealed_does_not_travel_open(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_CRAFTED struct crafted c;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	craft(&c, &d);
	c.record->rules->open_count = 1;
	c.record->rules->open[0] = (struct wire_open){"age", "30"};
	assert_err(judge(&d, &c), E_FORMAT);
	c.record->rules->open[0] = (struct wire_open){"nothing", "secret"};
	assert_err(judge(&d, &c), E_FORMAT);
	assert_null(strstr(err_text(), "secret"));
	assert_null(strstr(err_text(), "nothing"));
}

static void
an_open_field_travels_and_never_in_a_key(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_CRAFTED struct crafted c;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	craft(&c, &d);
	struct form *form = (struct form *)(uintptr_t)pack_form(d.pack, "attitudes");
	int at = form_field(form, OPEN);
	assert_true(at >= 0);
	form->fields[at].goes = FORM_OPEN;
	c.record->rules->open_count = 1;
	c.record->rules->open[0] = (struct wire_open){OPEN, "1"};
	assert_ok(sync_bounds_check(form, &c.item, c.record));
	assert_err(sync_bounds_check(NULL, &c.item, c.record), E_FORMAT);
	c.item.entries[0].rules->open_count = 1;
	c.item.entries[0].rules->open[0] = (struct wire_open){OPEN, "1"};
	assert_err(sync_bounds_check(form, &c.item, &c.item.entries[0]), E_FORMAT);
}

static void
a_form_that_nobody_at_the_site_reads_brings_no_key_for_the_site(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_CRAFTED struct crafted c;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	struct form *form = (struct form *)(uintptr_t)pack_form(d.pack, "attitudes");
	form->coordinator_reads = true;
	craft(&c, &d);
	assert_ok(judge(&d, &c));
	form->coordinator_reads = false;
	assert_err(judge(&d, &c), E_FORMAT);
	assert_non_null(strstr(err_text(), "nobody"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_record_whose_site_only_field_would_travel_is_refused_whole_D91),
		at_a_node(what_is_to_travel_sealed_does_not_travel_open),
		at_a_node(an_open_field_travels_and_never_in_a_key),
		at_a_node(a_form_that_nobody_at_the_site_reads_brings_no_key_for_the_site),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
