#include "tests/unit/release_bench.h"

static const struct {
	const char *id;
	const char *roles[2];
	size_t role_count;
} staff_is[STAFF] = {
	{"author-1", {"researcher", "approver"}, 2},
	{"approver-a", {"approver"}, 1},
	{"approver-b", {"approver"}, 1},
};

/* making */

static void
add_staff(struct release_bench *b)
{
	for (enum staff s = AUTHOR; s < STAFF; s++) {
		struct wire_card c = place_card(b->place, RESEARCHER_1);
		sign_keypair(c.sign_public, &b->sign[s]);
		(void)snprintf(c.person, sizeof(c.person), "%s", staff_is[s].id);
		c.role_count = staff_is[s].role_count;
		for (size_t i = 0; i < c.role_count; i++)
			(void)snprintf(
				c.roles[i], sizeof(c.roles[i]), "%s", staff_is[s].roles[i]);
		assert_ok(place_add_card(b->place, &c));
	}
}

static enum err
take_frame(void *arg, struct view frame)
{
	struct release_bench *b = arg;
	if (b->send_answers)
		return fail(b->send_answers, "the keeper takes nothing");
	buf_reset(&b->task);
	buf_add_view(&b->task, frame);
	b->task_count++;
	return OK;
}

void
bench_approval(struct release_bench *b, const char *id, const char *kind, const char *site,
	const char *decision)
{
	struct vault_txn *t = NULL;
	struct approval a = {.from_s = NODE_CAPTURED_S - DAY_S};
	(void)snprintf(a.id, sizeof(a.id), "%s", id);
	(void)snprintf(a.kind, sizeof(a.kind), "%s", kind);
	(void)snprintf(a.site, sizeof(a.site), "%s", site);
	(void)snprintf(a.decision, sizeof(a.decision), "%s", decision);
	(void)snprintf(a.entered_by, sizeof(a.entered_by), "researcher-1");
	(void)snprintf(a.verified_by, sizeof(a.verified_by), "officer-1");
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(approval_put(t, &a));
	assert_ok(hub_commit(&b->place->hub));
}

int
make_release_bench(void **state)
{
	struct release_bench *b = xcalloc(1, sizeof(*b));
	void *place = NULL;
	if (make_hub(&place))
		return -1;
	b->place = place;
	buf_init(&b->task, (size_t)8 << 20);
	sign_keypair(b->place->release_public, &b->release);
	place_add_persons(b->place);
	add_staff(b);
	place_set_up_keeper(b->place);
	place_publish(b->place);
	bench_approval(b, "rec-1", "rec", "", "favourable");
	bench_approval(b, "ag-1", "site_agreement", "norway", "confirmed");
	bench_approval(b, "ag-2", "site_agreement", "sweden", "confirmed");
	b->norway = node_new(b->place, "norway");
	b->sweden = node_new(b->place, "sweden");
	b->desk = release_desk_new(&b->place->hub, take_frame, b);
	for (uint8_t who = 1; who <= PEOPLE_COUNT; who++) {
		bench_person(b, b->norway, who, true);
		bench_person(b, b->sweden, (uint8_t)(who + 50), true);
	}
	*state = b;
	return 0;
}

int
drop_release_bench(void **state)
{
	struct release_bench *b = *state;
	void *place = b->place;
	release_desk_free(b->desk);
	node_free(b->norway);
	node_free(b->sweden);
	for (size_t i = 0; i < STAFF; i++)
		secret_free(b->sign[i]);
	secret_free(b->release);
	buf_done(&b->task);
	free(b);
	return drop_hub(&place);
}

/* people */

void
bench_arrive(struct release_bench *b, const struct fake_node *n, enum lane lane)
{
	struct hub *h = &b->place->hub;
	struct vault_txn *t = NULL;
	OWNED(judge) struct judge *judge = NULL;
	struct tally tally = {0};
	struct place p = {.incarnation = 1, .lane = (uint8_t)lane, .seq = n->count[lane - 1]};
	const struct sync_entry entry = node_entry(n, (uint8_t)lane, p.seq);
	const struct sync_mark mark = node_mark(n, (uint8_t)lane);
	const uint8_t signature[SIGNATURE_BYTES] = {0};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	assert_ok(hub_txn(h, &t));
	assert_ok(judge_new(&judge, h, t));
	const struct arrival a = {h, t, &n->writer, judge, &tally};
	assert_ok(arrival_keep(&a, &entry));
	assert_ok(standing_head_put(t, &p, &mark, signature));
	assert_ok(hub_commit(h));
	audit_committed(h->audit);
}

void
bench_bring(struct release_bench *b, struct fake_node *n, const struct wire_rules *r)
{
	enum lane lane = r->kind == RULES_RECORD ? LANE_R : LANE_C;
	node_add_rules(n, lane, r);
	bench_arrive(b, n, lane);
}

void
bench_person(struct release_bench *b, struct fake_node *n, uint8_t who, bool consents)
{
	struct wire_rules consent = node_consent(who, (uint8_t)(who + 100));
	struct wire_rules record = node_record(who, who);
	if (consents)
		bench_bring(b, n, &consent);
	bench_bring(b, n, &record);
}

void
bench_withdraw(struct release_bench *b, struct fake_node *n, uint8_t who)
{
	bench_withdraw_at(b, n, who, clock_wall_ms() / 1000);
}

void
bench_withdraw_at(struct release_bench *b, struct fake_node *n, uint8_t who, int64_t given_at_s)
{
	static const struct wire_permission denied[] = {{.code = "collect-direct"},
		{.code = "use-site-report"}, {.code = "use-aggregate"}};
	struct wire_rules r = node_consent(who, (uint8_t)(who + 101));
	r.kind = RULES_CHANGE;
	memset(r.refers_to, who + 100, sizeof(r.refers_to));
	memset(r.instance, who + 130, sizeof(r.instance));
	r.consent.event = "changed";
	r.consent.level = "no-further-use";
	r.consent.permissions = denied;
	r.consent.permission_count = ARRAY_LEN(denied);
	r.consent.given_at_s = given_at_s;
	bench_bring(b, n, &r);
}

/* acts */

enum err
bench_submit(struct release_bench *b, enum staff by, const char *kind, const char *id,
	struct view body)
{
	OWNED_BUF struct buf packed, reply;
	struct statement_about about = {PLACE_STUDY, kind, id, {0}};
	buf_init(&packed, WIRE_SIGNED_MAX_BYTES);
	buf_init(&reply, 65536);
	acts_digest_of(about.digest, kind, body);
	assert_ok(statement_make(
		&packed, &about, staff_is[by].id, clock_wall_ms() / 1000, b->sign[by]));
	return place_submit_packed(b->place, buf_view(&packed), body, &reply);
}

enum err
bench_propose(struct release_bench *b, const char *body)
{
	return bench_submit(b, AUTHOR, "release-propose", RELEASE, view_text(body));
}

enum err
bench_approve(struct release_bench *b, enum staff by, const char *document)
{
	return bench_submit(b, by, "release-approve", RELEASE, view_text(document));
}

enum err
bench_publish(struct release_bench *b, const char *document)
{
	uint8_t digest[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	acts_digest_of(digest, "release-approve", view_text(document));
	text_hex(hex, digest, sizeof(digest));
	OWNED_MEM char *body = xasprintf("{\"id\":\"%s\",\"digest\":\"%s\"}", RELEASE, hex);
	return bench_submit(b, AUTHOR, "release-publish", RELEASE, view_text(body));
}

void
bench_checkpoint(struct release_bench *b)
{
	assert_ok(audit_publish(b->place->hub.audit));
}

/* the keeper */

static void
end_turn(struct release_bench *b)
{
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
	assert_ok(release_desk_tick(b->desk));
}

void
bench_open_keeper(struct release_bench *b)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, 256);
	call_begin(&frame, KEEPER_HELLO);
	buf_u8(&frame, 1);
	buf_blob_text(&frame, "holder-1");
	buf_blob_text(&frame, "holder-2");
	assert_ok(release_desk_frame(b->desk, buf_view(&frame)));
	end_turn(b);
}

void
bench_hand_back(
	struct release_bench *b, enum err code, const char *document, struct secret *key)
{
	OWNED_BUF struct buf frame;
	uint8_t signature[SIGNATURE_BYTES];
	buf_init(&frame, (size_t)2 << 20);
	signed_make(signature, STAGED_FORMAT, view_text(document), key);
	call_begin(&frame, KEEPER_DONE);
	buf_blob_text(&frame, RELEASE);
	buf_u8(&frame, (uint8_t)code);
	buf_blob_text(&frame, code ? "too few people" : "");
	buf_blob_text(&frame, document);
	buf_add(&frame, signature, sizeof(signature));
	buf_blob_text(&frame, "sealed evidence");
	assert_ok(release_desk_frame(b->desk, buf_view(&frame)));
	end_turn(b);
}

struct release
bench_row(struct release_bench *b, const char *release)
{
	struct vault_txn *t = NULL;
	struct release r;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(release_row_get(t, release, &r));
	hub_abort(&b->place->hub);
	return r;
}

char *
bench_document(struct release_bench *b, const char *release)
{
	struct release r = bench_row(b, RELEASE);
	char cohort[2 * HASH_BYTES + 1];
	text_hex(cohort, r.cohort_digest, sizeof(r.cohort_digest));
	return xasprintf("{\"format\":\"weir-release-v1\",\"study\":\"%s\",\"release\":\"%s\","
			 "\"purpose\":\"example\",\"author\":\"author-1\",\"cohort\":\"%s\","
			 "\"frozen_at\":0,\"count_bucket\":\"10-99\",\"by\":[],\"rows\":["
			 "{\"indicator\":\"W01\",\"site\":\"ALL\",\"by\":{},\"level\":\"\","
			 "\"statistic\":\"n\",\"value\":\"12\"}]}",
		PLACE_STUDY, release, cohort);
}

char *
bench_stage(struct release_bench *b)
{
	assert_ok(bench_propose(b,
		"{\"id\":\"r1\",\"indicators\":[\"W01\"],\"purpose\":\"example\",\"wave\":0}"));
	bench_checkpoint(b);
	bench_open_keeper(b);
	assert_int_equal(b->task_count, 1);
	char *document = bench_document(b, RELEASE);
	bench_hand_back(b, OK, document, b->release);
	return document;
}

struct cohort *
bench_cohort(struct release_bench *b)
{
	struct vault_txn *t = NULL;
	struct cohort *c = NULL;
	OWNED_BUF struct buf packed;
	buf_init(&packed, COHORT_MAX_BYTES);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(cohort_get(t, RELEASE, &packed));
	hub_abort(&b->place->hub);
	assert_ok(cohort_unpack(&c, buf_view(&packed)));
	return c;
}

void
bench_new_manifest(struct release_bench *b)
{
	OWNED_MEM struct place_manifest *m = xcalloc(1, sizeof(*m));
	place_manifest(b->place, 2, m);
	assert_ok(place_sign_manifest(b->place, OFFICER_1, "2", m));
	assert_ok(place_sign_manifest(b->place, OFFICER_2, "2", m));
}
