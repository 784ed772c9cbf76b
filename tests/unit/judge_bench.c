#include "tests/unit/judge_bench.h"

#include "common/base/clock.h"
#include "common/study/receipt.h"
#include "hub/acts.h"
#include "hub/approval_body.h"
#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/forward_erase.h"

void
bench_approve(struct hub_place *p, const char *id, const char *kind, const char *site,
	const struct approval *as)
{
	struct vault_txn *t = NULL;
	struct approval a = *as;
	(void)snprintf(a.id, sizeof(a.id), "%s", id);
	(void)snprintf(a.kind, sizeof(a.kind), "%s", kind);
	(void)snprintf(a.site, sizeof(a.site), "%s", site);
	(void)snprintf(a.entered_by, sizeof(a.entered_by), "researcher-1");
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(approval_put(t, &a));
	assert_ok(hub_commit(&p->hub));
}

const struct approval bench_in_force = {.decision = "favourable",
	.verified_by = "officer-1",
	.from_s = NODE_CAPTURED_S - DAY_S};
const struct approval bench_confirmed = {
	.decision = "confirmed", .verified_by = "officer-1", .from_s = NODE_CAPTURED_S - DAY_S};

int
make_bench(void **state)
{
	void *place = NULL;
	struct bench *b = xcalloc(1, sizeof(*b));
	if (make_hub_in_force(&place))
		return -1;
	b->place = place;
	b->norway = node_new(b->place, "norway");
	b->sweden = node_new(b->place, "sweden");
	*state = b;
	return 0;
}

int
drop_bench(void **state)
{
	struct bench *b = *state;
	void *place = b->place;
	node_free(b->norway);
	node_free(b->sweden);
	free(b);
	return drop_hub(&place);
}

/* The newest entry of a lane arrives; its verdict. */
static struct record_verdict
arrive(struct bench *b, const struct fake_node *n, uint8_t lane)
{
	struct vault_txn *t = NULL;
	struct record_verdict v;
	OWNED(judge) struct judge *judge = NULL;
	struct tally tally = {0};
	struct place p = {.incarnation = 1, .lane = lane, .seq = n->count[lane - 1]};
	const struct sync_entry entry = node_entry(n, lane, p.seq);
	const struct sync_mark mark = node_mark(n, lane);
	const uint8_t signature[SIGNATURE_BYTES] = {0};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&judge, &b->place->hub, t));
	const struct arrival a = {&b->place->hub, t, &n->writer, judge, &tally};
	assert_ok(arrival_keep(&a, &entry));
	assert_ok(standing_head_put(t, &p, &mark, signature));
	assert_ok(record_verdict_get(t, &p, &v));
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
	return v;
}

struct record_verdict
bench_bring(struct bench *b, struct fake_node *n, const struct wire_rules *r)
{
	enum lane lane = r->kind == RULES_RECORD ? LANE_R : LANE_C;
	node_add_rules(n, lane, r);
	return arrive(b, n, (uint8_t)lane);
}

void
bench_record(struct vault_txn *t, const struct place *p, struct record *ret)
{
	uint32_t count = 0, i = 0;
	bool found = false;
	assert_ok(record_count(t, &count));
	for (; !found && i < count; i++) {
		assert_ok(record_get(t, i, ret));
		found = place_same(&ret->place, p);
	}
	assert_true(found);
}

void
assert_kept_alike(struct hub *h, struct vault_txn *t, const struct place *p,
	const struct judge_ask *ask, const struct judged *stored)
{
	OWNED(judge) struct judge *judge = NULL;
	struct record r;
	struct judged kept;
	bench_record(t, p, &r);
	assert_ok(judge_new(&judge, h, t));
	assert_ok(judge_kept(judge, &r, ask, &kept));
	assert_int_equal(kept.verdict.outcome, stored->verdict.outcome);
	assert_string_equal(kept.reason, stored->reason);
	assert_string_equal(kept.site, stored->site);
	assert_int_equal(kept.approval_count, stored->approval_count);
	assert_int_equal(kept.verdict.fired_count, stored->verdict.fired_count);
	for (size_t i = 0; i < kept.verdict.fired_count; i++) {
		assert_string_equal(kept.verdict.fired[i].rule, stored->verdict.fired[i].rule);
		assert_string_equal(
			kept.verdict.fired[i].reason, stored->verdict.fired[i].reason);
	}
}

struct judged
bench_judge(struct bench *b, const struct fake_node *n, uint64_t seq, enum rules_use use)
{
	struct vault_txn *t = NULL;
	struct judged judged;
	OWNED(judge) struct judge *judge = NULL;
	struct place p = {.incarnation = 1, .lane = LANE_R, .seq = seq};
	const struct judge_ask ask = {.action = RULES_AGGREGATE,
		.use = use,
		.true_at_ms = clock_wall_ms(),
		.known_upto = UINT64_MAX};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&judge, &b->place->hub, t));
	assert_ok(judge_stored(judge, &p, &ask, &judged));
	assert_kept_alike(&b->place->hub, t, &p, &ask, &judged);
	hub_abort(&b->place->hub);
	return judged;
}

void
assert_reason(const struct record_verdict *v, enum rules_outcome outcome, const char *words)
{
	char reason[TALLY_REASON_BYTES];
	tally_reason(reason, v);
	if (v->verdict.outcome != outcome || !strstr(reason, words) || (!*words && *reason))
		fail_msg("%s: \"%s\", not %s: \"%s\"", rules_outcome_word(v->verdict.outcome),
			reason, rules_outcome_word(outcome), words);
}

void
bench_open_sites(struct bench *b)
{
	bench_approve(b->place, "rec-1", "rec", "", &bench_in_force);
	bench_approve(b->place, "ag-1", "site_agreement", "norway", &bench_confirmed);
	bench_approve(b->place, "ag-2", "site_agreement", "sweden", &bench_confirmed);
}

void
bench_change(struct bench *b, const char *id, const char *forms)
{
	struct approval a = bench_in_force;
	(void)snprintf(a.term, sizeof(a.term), "minor");
	(void)snprintf(a.covers[APPROVAL_FORMS], APPROVAL_WORDS_BYTES, "%s", forms);
	bench_approve(b->place, id, "modification", "", &a);
}

void
bench_publish(struct bench *b, uint64_t number, const struct pack_edit *edits)
{
	struct hub_place *p = b->place;
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	char id[24];
	(void)snprintf(id, sizeof(id), "%llu", (unsigned long long)number);
	pack_free(p->pack);
	p->pack = pack_bench_sound(edits);
	place_send_documents(p);
	place_manifest(p, number, m);
	assert_ok(place_sign_manifest(p, OFFICER_1, id, m));
	assert_ok(place_sign_manifest(p, OFFICER_2, id, m));
	assert_int_equal(p->hub.manifest_number, number);
}

void
bench_body(struct buf *out, const struct approval *a)
{
	struct json_out w;
	buf_init(out, 8192);
	json_begin(&w, out);
	json_put_object(&w, NULL);
	approval_body_put(&w, a);
	json_put_close(&w);
	assert_ok(json_end(&w, "approval"));
}

enum err
bench_sign_body(struct bench *b, enum who by, const char *kind, const struct approval *a)
{
	OWNED_BUF struct buf body;
	bench_body(&body, a);
	return place_submit(b->place, by, kind, a->id, buf_view(&body));
}

void
bench_grant(struct bench *b, const struct approval *a)
{
	assert_ok(bench_sign_body(b, RESEARCHER_1, "approval", a));
	assert_ok(bench_sign_body(b, OFFICER_1, "approval-verify", a));
}

struct approval
bench_opinion(void)
{
	return (struct approval){.id = "rec-2",
		.kind = "rec",
		.decision = "favourable",
		.reference = "EX-2",
		.from_s = NODE_CAPTURED_S - DAY_S};
}

void
bench_ready(struct bench *b)
{
	struct wire_rules consent = node_consent(1, 1), record = node_record(1, 2);
	bench_approve(b->place, "ag-1", "site_agreement", "norway", &bench_confirmed);
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
}

void
bench_assert_now(struct bench *b, enum rules_outcome outcome, const char *rule)
{
	const struct judged now = bench_judge(b, b->norway, 1, RULES_USE_POOLED);
	if (now.verdict.outcome != outcome ||
		(*rule && strcmp(now.verdict.fired[0].rule, rule) != 0))
		fail_msg("%s by %s: %s %s", rules_outcome_word(now.verdict.outcome),
			now.verdict.fired_count ? now.verdict.fired[0].rule : "nothing",
			now.verdict.fired_count ? now.verdict.fired[0].reason : "", now.reason);
}

void
bench_erase_through(struct bench *b)
{
	struct hub *h = &b->place->hub;
	while (erase_is_busy(h->erase)) {
		assert_ok(erase_step(h->erase, true));
		assert_ok(hub_commit(h));
		audit_committed(h->audit);
		assert_ok(erase_between(h->erase));
	}
}

static size_t
put_asked(struct bench *b, struct buf *body)
{
	size_t count, asked = 0;
	const struct forward_erasure *all =
		forward_erasures(audit_forward(b->place->hub.audit), &count);
	buf_format(body, "{\"receipts\":[");
	for (size_t i = 0; i < count; i++) {
		const struct forward_erasure *e = &all[i];
		uint8_t instance[WIRE_ID_BYTES] = {0};
		char number[RECEIPT_BYTES];
		if (e->refused_s || e->back_s || e->begun_s || e->gone_s)
			continue;
		memcpy(instance, e->receipt, sizeof(e->receipt));
		receipt_number(number, instance);
		buf_format(body, "%s\"%s\"", asked++ ? "," : "", number);
	}
	buf_format(body, "]}");
	return asked;
}

enum err
bench_erase_run(struct bench *b, size_t *ret_count)
{
	OWNED_BUF struct buf body, packed, reply;
	char id[32];
	buf_init(&body, 65536);
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, 65536);
	*ret_count = put_asked(b, &body);
	if (!*ret_count)
		return OK; /* nobody to decide on: no statement is made */
	(void)snprintf(id, sizeof(id), "%zu", *ret_count);
	const struct place_act a = {OFFICER_1, OFFICER_1, PLACE_STUDY, "erase-run", id,
		buf_view(&body), clock_wall_ms() / 1000, NULL};
	place_sign(b->place, &a, who_is[OFFICER_1].id, &packed);
	return acts_apply(&b->place->hub, buf_view(&packed), buf_view(&body), &reply);
}
