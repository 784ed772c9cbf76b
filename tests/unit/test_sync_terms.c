#include "tests/unit/submit_bench.h"

#include "common/base/mem.h"
#include "node/sync_keep.h"
#include "node/sync_terms.h"

#define NOW_MS ((int64_t)NOW_S * 1000)
#define DAY_MS ((int64_t)DAY_S * 1000)

/* where records are collected */

static void
lose(struct door *d, const char *kind)
{
	for (size_t i = 0; i < TERMS_BENCH_COUNT; i++)
		if (strcmp(d->terms.approvals[i].kind, kind) == 0)
			d->terms.approvals[i].decision = "provisional";
}

static struct rules_approval *
of_kind(struct door *d, const char *kind)
{
	for (size_t i = 0; i < TERMS_BENCH_COUNT; i++)
		if (strcmp(d->terms.approvals[i].kind, kind) == 0)
			return &d->terms.approvals[i];
	fail_msg("no approval of kind %s", kind);
	return NULL;
}

static void
opinion_lacks(struct door *d)
{
	lose(d, "rec");
}
static void
agreement_lacks(struct door *d)
{
	lose(d, "site_agreement");
}
static void
agreement_of_another_site(struct door *d)
{
	of_kind(d, "site_agreement")->site = "sweden";
}
static void
opinion_ended_now(struct door *d)
{
	of_kind(d, "rec")->until_ms = NOW_MS;
}
static void
opinion_ends_in_a_second(struct door *d)
{
	of_kind(d, "rec")->until_ms = NOW_MS + 1000;
}
static void
opinion_begins_in_a_second(struct door *d)
{
	of_kind(d, "rec")->from_ms = NOW_MS + 1000;
}
static void
suspended(struct door *d)
{
	of_kind(d, "dpia")->decision = "suspended";
}
static void
suspended_elsewhere(struct door *d)
{
	of_kind(d, "dpia")->decision = "suspended";
	of_kind(d, "dpia")->site = "sweden";
}
static void
another_kind_lacks(struct door *d)
{
	lose(d, "nhs_rg");
}

/* D-88, D-89 */
static const struct {
	void (*change)(struct door *d);
	const char *rule; /* NULL: it is collected */
} rows[] = {
	{opinion_lacks, "R01"},
	{agreement_lacks, "R03"},
	{agreement_of_another_site, "R03"},
	{opinion_ended_now, "R01"},
	{opinion_ends_in_a_second, NULL},
	{opinion_begins_in_a_second, "R01"},
	{suspended, "R04"},
	{suspended_elsewhere, NULL},
	{another_kind_lacks, NULL},
};

static enum submit_hold
why_held(struct door *d)
{
	char name[SYNC_HOLD_NAME_LEN + 1];
	return held_why(d, name);
}

static void
records_wait_until_every_kind_that_the_site_needs_is_in_force(void **state)
{
	struct place *p = *state;
	OWNED_DOOR struct door d;
	open_door(&d, p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *code = xasprintf("N00%02zu", i + 10);
		OWNED_MEM char *instance = xasprintf("uuid:row-%zu", i);
		const uint64_t before = records(&d);
		const uint32_t waiting = held(&d);
		terms_bench_fill(&d.terms, SITE);
		agree(&d, code, PERMIT);
		rows[i].change(&d);
		assert_outcome(&d, (struct sent){.code = code, .instance = instance},
			rows[i].rule ? SUBMIT_HELD : SUBMIT_NEW);
		assert_int_equal(records(&d), before + (rows[i].rule ? 0 : 1));
		assert_int_equal(held(&d), waiting + (rows[i].rule ? 1 : 0));
		if (rows[i].rule)
			assert_int_equal(why_held(&d), HOLD_TERMS);
	}
}

static void
the_reason_is_said_and_lists_what_lacks(void **state)
{
	OWNED_DOOR struct door d;
	open_door(&d, *state);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF struct buf lines;
		struct sync_judge j = judge_of(&d);
		buf_init(&lines, 4096);
		terms_bench_fill(&d.terms, SITE);
		rows[i].change(&d);
		assert_ok(sync_rules_lacking(&j, pack_form(d.pack, "attitudes"), &lines));
		buf_u8(&lines, 0);
		const char *said = (const char *)lines.at;
		if (rows[i].rule ? !strstr(said, rows[i].rule) : *said != '\0')
			fail_msg("row %zu: '%s'", i, said);
	}
}

static void
before_the_hub_has_said_anything_nothing_is_collected(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf lines;
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	struct sync_judge j = judge_of(&d);
	j.terms = NULL;
	buf_init(&lines, 4096);
	assert_ok(sync_rules_lacking(&j, pack_form(d.pack, "attitudes"), &lines));
	assert_true(lines.len > 0);
	const struct wire_rules r = {.kind = RULES_RECORD,
		.form = (char *)"attitudes",
		.form_version = (char *)"1",
		.captured_s = NOW_S};
	struct wire_rules copy = r;
	person_of(&d, "N0001", copy.participant);
	assert_err(sync_judge_record(&j, &copy, false), E_DENIED);
	assert_non_null(strstr(err_text(), "has not said yet"));
}

/* Nothing is known of what is in force then. */
static void
terms_that_were_cut_end_collecting_in_words(void **state)
{
	OWNED_DOOR struct door d;
	OWNED_BUF struct buf lines;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	d.terms.terms.is_cut = true;
	const struct sync_judge j = judge_of(&d);
	buf_init(&lines, 4096);
	assert_ok(sync_rules_lacking(&j, pack_form(d.pack, "attitudes"), &lines));
	buf_u8(&lines, 0);
	assert_non_null(strstr((const char *)lines.at, "too many to be handed over"));
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_TERMS);
}

static void
want_of_consent_is_said_first_and_runs_out(void **state)
{
	OWNED_DOOR struct door d;
	char name[SYNC_HOLD_NAME_LEN + 1];
	open_door(&d, *state);
	opinion_lacks(&d);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	assert_int_equal(held_why(&d, name), HOLD_NO_CONSENT);
}

/* Newer terms, under which everything may be collected. */
static void
approval_comes(struct door *d, struct sync_hold_walk *walk)
{
	terms_bench_fill(&d->terms, SITE);
	d->terms.terms.number = 2;
	struct sync_judge after = judge_of(d);
	assert_ok(sync_hold_walk_tick(&after, walk));
	assert_ok(vault_commit(d->place->vault));
}

static void
what_waits_for_an_approval_goes_on_by_itself_when_it_comes(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	agreement_lacks(&d);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	struct sync_judge before = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&before, &walk));
	assert_int_equal(held(&d), 1);
	approval_comes(&d, &walk);
	assert_int_equal(held(&d), 0);
	assert_int_equal(records(&d), 1);
}

static void
what_waits_for_an_approval_does_not_run_out(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	open_door(&d, *state);
	agree(&d, "N0001", PERMIT);
	agreement_lacks(&d);
	assert_outcome(&d, (struct sent){0}, SUBMIT_HELD);
	d.now_s += (int64_t)(HOLD_DAYS + 1) * DAY_S;
	struct sync_judge late = judge_of(&d);
	assert_ok(sync_hold_walk_tick(&late, &walk));
	assert_ok(sync_hold_walk_tick(&late, &walk));
	assert_int_equal(held(&d), 1);
}

/* who takes consent */

static const char taker_rules[] =
	"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"
	"[R11]\ntitle = Example\non = yes\noutcome = hold\nactions = collect sync aggregate\n"
	"taker = taken_by\ntaker.task = consent\ntaker.none = returned-questionnaire\n"
	"approacher = approached_by\nallowed = local_approach\n"
	"approacher.code = approacher\napproacher.task = approach\n"
	"approacher.none = care-team\ncollector = collected_by\ncollector.task = collect\n";

struct taking {
	const char *event, *mode, *taken_by, *approach_by, *approacher;
	const char *words;  /* of the refusal; NULL: it is taken */
	const char *before; /* an event on file, after the care team approached; NULL: none */
};

/* D-81 */
static const struct taking takings[] = {
	{"given", "written", "local-1", "local-staff", "local-3", NULL, NULL},
	{"given", "written", "local-2", "local-staff", "local-3", "took the consent was not on",
		NULL},
	{"given", "written", "", "local-staff", "local-3", "took the consent is not known",
		NULL},
	{"given", "returned-questionnaire", "", "local-staff", "local-3", NULL, NULL},
	{"given", "written", "local-1", "researcher", "local-3",
		"the kind of person who approached", NULL},
	{"given", "written", "local-1", "local-staff", "", "approached the person is not known",
		NULL},
	{"given", "written", "local-1", "local-staff", "local-1",
		"approached the person was not on the delegation log", NULL},
	{"given", "written", "local-1", "care-team", "", NULL, NULL},
	{"reaffirmed", "written", "local-1", "local-staff", "", NULL, "given"},
	{"changed", "written", "local-1", "local-staff", "", NULL, "advice-supports"},
	{"reaffirmed", "written", "local-1", "local-staff", "",
		"approached the person is not known", NULL},
	{"reaffirmed", "written", "local-1", "local-staff", "",
		"approached the person is not known", "reaffirmed"},
	{"given", "written", "local-1", "local-staff", "", "approached the person is not known",
		"given"},
	{"advice-supports", "written", "local-2", "local-staff", "local-3",
		"took the consent was not on", NULL},
	{"refused", "written", "local-2", "researcher", "", NULL, NULL},
};

static void
a_consent_waits_when_its_taker_or_approacher_may_not(void **state)
{
	static const char *const kinds[] = {"local-staff", "care-team"};
	OWNED_DOOR struct door d;
	OWNED(faults) struct faults *faults = faults_new();
	open_door(&d, *state);
	struct rules_duty duties[] = {
		{"local-1", SITE, "consent", NOW_MS - DAY_MS, NOW_MS + DAY_MS, 0},
		{"local-3", SITE, "approach", NOW_MS - DAY_MS, NOW_MS + DAY_MS, 0}};
	struct pack_site *site = &d.pack->sites[0];
	for (size_t i = 0; i < d.pack->site_count; i++)
		if (strcmp(d.pack->sites[i].id, SITE) == 0)
			site = &d.pack->sites[i];
	struct pack_site before = *site;
	site->approach = (const char **)(uintptr_t)kinds;
	site->approach_count = ARRAY_LEN(kinds);
	d.terms.terms.duties = duties;
	d.terms.terms.duty_count = ARRAY_LEN(duties);
	OWNED(rules)
	struct rules *own = rules_read(view_text(taker_rules), "rules.ini", faults);
	assert_non_null(own);
	d.terms.terms.rules = own;
	const struct sync_judge j = judge_of(&d);
	for (size_t i = 0; i < ARRAY_LEN(takings); i++) {
		const struct taking *t = &takings[i];
		struct wire_rules r = {.kind = RULES_CONSENT};
		r.consent.event = (char *)(uintptr_t)t->event;
		r.consent.mode = (char *)(uintptr_t)t->mode;
		r.consent.taken_by = (char *)(uintptr_t)t->taken_by;
		r.consent.approach_by = (char *)(uintptr_t)t->approach_by;
		r.consent.approacher = t->approacher;
		r.consent.given_at_s = NOW_S;
		r.consent.grantor_role = (char *)(uintptr_t) "self";
		r.consent.capacity = (char *)(uintptr_t) "presumed";
		struct sync_consents on_file = {.part_count = t->before != NULL,
			.count = t->before != NULL,
			.consents = {{.event = t->before,
				.given_ms = NOW_MS - DAY_MS,
				.approach_by = "care-team",
				.level = ""}}};
		enum err e = sync_rules_taker(&j, &on_file, &r);
		if (t->words ? e != E_DENIED || !strstr(err_text(), t->words) : e != OK)
			fail_msg("row %zu: %d '%s'", i, e, e ? err_text() : "");
	}
	*site = before;
}

/* what goes wrong with one */

/* An entry of the held record's id is on file, as after a restore that was cut off. */
static void
spoil(struct door *d, const char *instance)
{
	uint8_t id[ID_BYTES], row[HASH_BYTES + 32] = {0};
	capture_instance_of(id, vault_row_key(d->place->vault), instance);
	assert_ok(vault_put(d->place->vault, VAULT_INSTANCES, view_of(id, sizeof(id)),
		view_of(row, sizeof(row))));
	assert_ok(vault_commit(d->place->vault));
}

static void
one_that_cannot_go_on_keeps_no_other_from_it(void **state)
{
	OWNED_DOOR struct door d;
	struct sync_hold_walk walk = {0};
	char instance[32];
	open_door(&d, *state);
	agreement_lacks(&d);
	for (int i = 0; i < 4; i++) {
		OWNED_MEM char *code = xasprintf("N00%02d", 10 + i);
		(void)snprintf(instance, sizeof(instance), "uuid:held-%d", i);
		agree(&d, code, PERMIT);
		assert_outcome(
			&d, (struct sent){.code = code, .instance = instance}, SUBMIT_HELD);
	}
	spoil(&d, "uuid:held-0");
	spoil(&d, "uuid:held-1");
	approval_comes(&d, &walk);
	assert_int_equal(held(&d), 2);
	assert_int_equal(records(&d), 2);
}

/* So many versions that no more could be read would end that the person can withdraw. */
static void
a_person_can_withdraw_however_often_a_consent_was_sent(void **state)
{
	OWNED_DOOR struct door d;
	OWNED(sync_consents) struct sync_consents *p = NULL;
	struct wire_rules consent = {.kind = RULES_CONSENT, .consent.event = "given"};
	open_door(&d, *state);
	person_of(&d, "N0001", consent.participant);
	struct sync_judge j = judge_of(&d);
	size_t taken = 0;
	for (; taken <= SYNC_CONSENTS_MAX_COUNT && !sync_judge_consent(&j, &consent); taken++)
		agree(&d, "N0001", PERMIT);
	assert_true(taken < SYNC_CONSENTS_MAX_COUNT);
	assert_err(sync_judge_consent(&j, &consent), E_DENIED);
	assert_ok(sync_consents_read(&p, d.place->vault, consent.participant));
	struct wire_rules change = {.kind = RULES_CHANGE,
		.consent.event = "changed",
		.consent.level = "no-further-contact"};
	memcpy(change.participant, consent.participant, sizeof(change.participant));
	memcpy(change.refers_to, p->parts[taken - 1]->instance, sizeof(change.refers_to));
	assert_ok(sync_judge_change(&j, &change));
}

/* what comes from the hub */

static void
signed_terms(struct buf *out, struct secret *key, const char *site, uint64_t number)
{
	OWNED_BUF struct buf body;
	struct terms_bench b;
	terms_bench_fill(&b, site);
	b.terms.study = (char *)(uintptr_t)STUDY;
	b.terms.number = number;
	buf_init(&body, TERMS_MAX_BYTES);
	buf_init(out, TERMS_MAX_BYTES + 128);
	assert_ok(terms_write(&body, &b.terms));
	assert_ok(terms_sign(out, buf_view(&body), key));
}

static enum err
take_terms(struct sync_terms *t, struct place *p, struct secret *by, const uint8_t *public,
	const char *site, uint64_t number)
{
	OWNED_BUF struct buf out;
	const struct sync_terms_for whose = {STUDY, SITE, public, 1};
	signed_terms(&out, by, site, number);
	enum err e = sync_terms_take(t, &whose, buf_view(&out));
	assert_ok(vault_commit(p->vault));
	sync_terms_committed(t);
	return e;
}

static void
terms_are_taken_from_the_hub_alone_and_never_older_ones(void **state)
{
	struct place *p = *state;
	OWNED_SECRET struct secret *hub = NULL, *other = NULL;
	OWNED(sync_terms) struct sync_terms *t = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES], another[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &hub);
	sign_keypair(another, &other);
	assert_ok(sync_terms_open(&t, p->vault));
	assert_null(sync_terms_now(t));
	assert_err(take_terms(t, p, other, public, SITE, 5), E_AUTH);
	assert_err(take_terms(t, p, hub, public, "sweden", 5), E_DENIED);
	assert_null(sync_terms_now(t));
	assert_ok(take_terms(t, p, hub, public, SITE, 5));
	assert_int_equal(sync_terms_now(t)->number, 5);
	assert_ok(take_terms(t, p, hub, public, SITE, 4));
	assert_int_equal(sync_terms_now(t)->number, 5);
	assert_ok(take_terms(t, p, hub, public, SITE, 6));
	sync_terms_free(take(t));
	assert_ok(sync_terms_open(&t, p->vault));
	assert_int_equal(sync_terms_now(t)->number, 6);
	assert_int_equal(sync_terms_now(t)->approval_count, TERMS_BENCH_COUNT);
}

/* E_FULL would take the turn back, and what tablets sent in it. */
static void
terms_that_are_too_long_are_not_of_their_form(void **state)
{
	OWNED(terms) struct terms *t = NULL;
	OWNED_BUF struct buf out;
	OWNED_MEM uint8_t *body = xcalloc(TERMS_MAX_BYTES + 1024, 1);
	const uint8_t nobody[SIGN_PUBLIC_BYTES] = {0}, signature[SIGNATURE_BYTES] = {0};
	(void)state;
	buf_init(&out, 2 * TERMS_MAX_BYTES);
	buf_blob(&out, view_of(body, TERMS_MAX_BYTES + 1024));
	buf_add(&out, signature, sizeof(signature));
	assert_err(terms_open(&t, buf_view(&out), nobody), E_FORMAT);
}

/* Of another version of the program, or damaged. */
static void
kept_terms_that_cannot_be_read_count_as_none(void **state)
{
	struct place *p = *state;
	OWNED_SECRET struct secret *hub = NULL;
	OWNED(sync_terms) struct sync_terms *t = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &hub);
	assert_ok(
		vault_put(p->vault, VAULT_META, view_text("terms"), view_of("\0\0\0\1\7", 5)));
	assert_ok(vault_commit(p->vault));
	assert_ok(sync_terms_open(&t, p->vault));
	assert_null(sync_terms_now(t));
	assert_ok(take_terms(t, p, hub, public, SITE, 2));
	assert_int_equal(sync_terms_now(t)->number, 2);
}

static void
terms_of_a_turn_that_was_lost_are_not_in_force(void **state)
{
	struct place *p = *state;
	OWNED_SECRET struct secret *hub = NULL;
	OWNED(sync_terms) struct sync_terms *t = NULL;
	OWNED_BUF struct buf out;
	uint8_t public[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &hub);
	const struct sync_terms_for whose = {STUDY, SITE, public, 1};
	assert_ok(sync_terms_open(&t, p->vault));
	signed_terms(&out, hub, SITE, 7);
	assert_ok(sync_terms_take(t, &whose, buf_view(&out)));
	assert_null(sync_terms_now(t));
	vault_abort(p->vault);
	sync_terms_dropped(t);
	sync_terms_committed(t);
	assert_null(sync_terms_now(t));
	assert_ok(sync_terms_take(t, &whose, buf_view(&out)));
	assert_ok(vault_commit(p->vault));
	sync_terms_committed(t);
	assert_int_equal(sync_terms_now(t)->number, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(records_wait_until_every_kind_that_the_site_needs_is_in_force),
		at_a_node(the_reason_is_said_and_lists_what_lacks),
		at_a_node(before_the_hub_has_said_anything_nothing_is_collected),
		at_a_node(terms_that_were_cut_end_collecting_in_words),
		at_a_node(want_of_consent_is_said_first_and_runs_out),
		at_a_node(what_waits_for_an_approval_goes_on_by_itself_when_it_comes),
		at_a_node(what_waits_for_an_approval_does_not_run_out),
		at_a_node(a_consent_waits_when_its_taker_or_approacher_may_not),
		at_a_node(one_that_cannot_go_on_keeps_no_other_from_it),
		at_a_node(a_person_can_withdraw_however_often_a_consent_was_sent),
		at_a_node(terms_that_are_too_long_are_not_of_their_form),
		at_a_node(terms_are_taken_from_the_hub_alone_and_never_older_ones),
		at_a_node(kept_terms_that_cannot_be_read_count_as_none),
		at_a_node(terms_of_a_turn_that_was_lost_are_not_in_force),
	};
	return cmocka_run_group_tests_name("sync_terms", tests, NULL, NULL);
}
