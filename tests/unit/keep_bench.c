#include "tests/unit/keep_bench.h"

#define PERMIT "collect-direct,use-site-report,use-aggregate"

static const struct sync_keep_by anna = {"anna", "coordinator", "attitudes", false};

void
desk_done(struct desk *d)
{
	pack_free(d->pack);
	secret_free(d->intake);
	secret_free(d->review);
	sync_keep_free(d->keep);
}

void
open_desk(struct desk *d, struct place *p)
{
	struct consent_given given = {
		.mode = "returned-questionnaire", .list = PERMIT, .given_at_s = NOW_S};
	*d = (struct desk){.place = p, .keep = sync_keep_new(), .by = &anna};
	terms_bench_fill(&d->terms, SITE);
	site_bench_open(p->vault, &d->pack, &d->site, &d->intake, &d->review);
	assert_ok(consent_give(&d->consent, d->codes, &given));
}

void
person_of(struct desk *d, const char *code, uint8_t ret[static ID_BYTES])
{
	site_bench_person(d->place->vault, code, ret);
}

void
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

void
add(struct desk *d, struct row row)
{
	OWNED_BUF struct buf item;
	buf_init(&item, ITEM_MAX_BYTES);
	make_item(d, row, &item);
	assert_ok(sync_keep_add(d->keep, 1, buf_view(&item)));
}

static void
say_who(struct desk *d)
{
	OWNED_BUF struct buf by;
	buf_init(&by, 256);
	if (!d->by)
		return;
	sync_keep_put_by(&by, d->by);
	assert_ok(sync_keep_add(d->keep, 0, buf_view(&by)));
}

enum err
apply(struct desk *d, struct sync_kept *ret)
{
	struct vault *v = d->place->vault;
	struct sync_judge j = {.vault = v,
		.pack = d->pack,
		.terms = &d->terms.terms,
		.site = SITE,
		.now_ms = (int64_t)LATER_S * 1000};
	assert_ok(vault_commit(v));
	say_who(d);
	enum err e = sync_keep_apply(d->keep, &j, ret);
	if (e)
		vault_abort(v);
	else
		assert_ok(vault_commit(v));
	sync_keep_free(d->keep);
	d->keep = sync_keep_new();
	d->by = &anna;
	return e;
}

void
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
