#include "tests/unit/capture_bench.h"

#include "common/base/mem.h"
#include "tests/unit/suite.h"

#define OPEN_MAX ((size_t)1 << 20)

static struct form_choice regions[] = {
	{.code = (char[]){"north"}}, {.code = (char[]){"south"}}};
static struct form_list region_list = {
	.name = (char[]){"regions"}, .choices = regions, .count = ARRAY_LEN(regions)};

static void
make_form(struct bench_form *r)
{
	static char participant[] = FORM_PARTICIPANT, home[] = "home", story[] = "story",
		    region[] = "region", id[] = "example", version[] = "3", none[] = "";
	char *const names[FIELDS] = {participant, home, story, region};
	const enum form_goes goes[FIELDS] = {FORM_SITE, FORM_SITE, FORM_HUB, FORM_OPEN};
	*r = (struct bench_form){0};
	for (size_t i = 0; i < FIELDS; i++)
		r->fields[i] = (struct form_field){.name = names[i],
			.type = FORM_TEXT,
			.goes = goes[i],
			.constraint_message = none};
	r->fields[REGION].type = FORM_SELECT_ONE;
	r->fields[REGION].list = &region_list;
	r->form = (struct form){
		.id = id, .version = version, .fields = r->fields, .field_count = FIELDS};
}

int
make_capture_bench(void **state)
{
	struct capture_bench *p = xcalloc(1, sizeof(*p));
	make_form(&p->form);
	p->site = (struct capture_site){
		.study = BENCH_STUDY, .intake_number = 7, .review_number = 2};
	box_keypair(p->site.intake_public, &p->intake);
	box_keypair(p->site.review_public, &p->review);
	crypto_random(p->site.row_key, sizeof(p->site.row_key));
	p->answers[PARTICIPANT] = (struct form_answer){FORM_PARTICIPANT, "A0001"};
	p->answers[HOME] = (struct form_answer){"home", "by the mill"};
	p->answers[STORY] = (struct form_answer){"story", BENCH_WORD};
	p->answers[REGION] = (struct form_answer){"region", "north"};
	p->record = (struct capture_record){.form = &p->form.form,
		.code = "A0001",
		.wave = "1",
		.group = "public",
		.answers = p->answers,
		.count = FIELDS,
		.captured_s = BENCH_NOW_S};
	crypto_random(p->record.participant, ID_BYTES);
	crypto_random(p->record.consent_ref, ID_BYTES);
	buf_init(&p->item, OPEN_MAX);
	*state = p;
	return 0;
}

int
drop_capture_bench(void **state)
{
	struct capture_bench *p = *state;
	secret_free(p->intake);
	secret_free(p->review);
	buf_done(&p->item);
	free(p);
	return 0;
}

struct bench_item
bench_read(struct view bytes)
{
	struct bench_item i = {0};
	struct cursor c = cursor_of(bytes);
	i.code = cursor_blob(&c);
	cursor_copy(&c, i.instance, ID_BYTES);
	cursor_copy(&c, i.digest, HASH_BYTES);
	i.count = cursor_u32(&c);
	assert_in_range(i.count, 1, ENTRIES_MOST);
	for (size_t k = 0; k < i.count; k++) {
		struct bench_entry *e = &i.entries[k];
		e->lane = cursor_u8(&c);
		e->count = cursor_u8(&c);
		assert_in_range(e->count, 1, PARTS_MOST);
		for (size_t n = 0; n < e->count; n++) {
			e->parts[n].kind = cursor_u8(&c);
			e->parts[n].bytes = cursor_blob(&c);
		}
	}
	if (c.left) /* as SYNC_KEEP wants it */
		i.site_part = cursor_blob(&c);
	assert_ok(cursor_end(&c, "item"));
	return i;
}

struct bench_item
bench_capture(struct capture_bench *p)
{
	buf_reset(&p->item);
	assert_ok(capture_item(&p->item, &p->site, &p->record));
	return bench_read(buf_view(&p->item));
}

struct view
bench_part(const struct bench_entry *e, enum part_kind kind)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->parts[i].kind == kind)
			return e->parts[i].bytes;
	return view_of(NULL, 0);
}

struct wire_rules *
bench_rules(const struct bench_entry *e)
{
	struct wire_rules *r = NULL;
	assert_int_equal(e->parts[0].kind, PART_RULES);
	assert_ok(wire_rules_unpack(&r, e->parts[0].bytes));
	return r;
}

static struct seal_context
context_of(const struct capture_bench *p, const struct bench_item *i, enum seal_class class)
{
	struct seal_context c = {.study = BENCH_STUDY,
		.form = p->form.form.id,
		.form_version = p->form.form.version,
		.class = class};
	memcpy(c.participant, p->record.participant, ID_BYTES);
	memcpy(c.instance, i->instance, ID_BYTES);
	return c;
}

enum err
bench_open(struct capture_bench *p, const struct bench_item *i, enum part_kind wrap,
	struct secret *reader, struct wire_answers **ret)
{
	enum seal_class class = p->form.form.coordinator_reads ? SEAL_BOTH : SEAL_HUB;
	struct seal_context c = context_of(p, i, class);
	OWNED_SECRET struct secret *key = NULL;
	OWNED_BUF struct buf plain;
	buf_init(&plain, OPEN_MAX);
	enum err e = seal_open_wrap(&key, bench_part(&i->entries[0], wrap), &c, reader);
	if (!e)
		e = seal_open_answers(
			&plain, bench_part(&i->entries[i->count - 1], PART_ANSWERS), &c, key);
	return e ? e : wire_answers_unpack(ret, buf_view(&plain));
}
