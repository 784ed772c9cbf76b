#include "hub/why.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/judge.h"
#include "hub/question.h"
#include "hub/release_row.h"
#include "hub/trial.h"
#include "hub/versions.h"
#include "hub/writer.h"

#define MS_PER_S 1000
#define MINUTE_S 60

static void
put_verdict(struct answer *a, const char *key, const struct verdict *v, const char *reason)
{
	json_put_object(&a->out, key);
	json_put_text(&a->out, "outcome", rules_outcome_word(v->outcome));
	json_put_text(&a->out, "reason", reason);
	json_put_array(&a->out, "fired");
	for (size_t i = 0; i < v->fired_count; i++) {
		json_put_object(&a->out, NULL);
		json_put_text(&a->out, "rule", v->fired[i].rule);
		json_put_text(&a->out, "outcome", rules_outcome_word(v->fired[i].outcome));
		json_put_text(&a->out, "reason", v->fired[i].reason);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
	json_put_close(&a->out);
}

static void
put_limits(struct answer *a, const struct wire_permission *p)
{
	json_put_array(&a->out, "limits");
	for (size_t i = 0; i < p->limit_count; i++)
		json_put_text(&a->out, NULL, p->limits[i]);
	json_put_close(&a->out);
}

static void
put_permissions(struct answer *a, const struct wire_consent *c)
{
	json_put_array(&a->out, "permissions");
	for (size_t i = 0; i < c->permission_count; i++) {
		json_put_object(&a->out, NULL);
		json_put_text(&a->out, "code", c->permissions[i].code);
		json_put_text(
			&a->out, "decision", c->permissions[i].permit ? "permit" : "deny");
		json_put_int(&a->out, "from_s", c->permissions[i].from_s);
		json_put_int(&a->out, "until_s", c->permissions[i].until_s);
		put_limits(a, &c->permissions[i]);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
}

static const char *
event_of(const struct wire_rules *r)
{
	if (!r)
		return "erased";
	return r->kind == RULES_OPT_OUT ? "opt-out-checked" : r->consent.event;
}

static enum err
put_consent(void *arg, const struct record_consent *c)
{
	struct answer *a = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	char name[PLACE_NAME_BYTES];
	enum err e = record_rules(a->txn, &c->place, &r);
	if (e && e != E_NOTFOUND)
		return e;
	place_name(name, &c->place);
	json_put_object(&a->out, NULL);
	json_put_text(&a->out, "entry", name);
	json_put_int(&a->out, "leaf", (int64_t)c->leaf);
	json_put_text(&a->out, "event", event_of(r));
	if (r && r->kind == RULES_OPT_OUT) {
		json_put_int(&a->out, "given_s", r->opt_out.checked_at_s);
		json_put_text(&a->out, "level", r->opt_out.opted_out ? "out" : "in");
	} else if (r) {
		json_put_text(&a->out, "level", r->consent.level);
		json_put_int(&a->out, "given_s", r->consent.given_at_s);
		json_put_int(&a->out, "until_s", r->consent.valid_until_s);
		put_permissions(a, &r->consent);
	}
	json_put_close(&a->out);
	return OK;
}

static enum err
put_person(struct answer *a, const struct wire_rules *r)
{
	enum err e = OK;
	json_put_array(&a->out, "consents");
	if (r && !wire_is_zero(r->participant, sizeof(r->participant)))
		e = record_consent_each(a->txn, r->participant, put_consent, a);
	json_put_close(&a->out);
	return e;
}

/* What is asked, and of which study. */
struct asked {
	struct judge_ask ask;
	struct rules_request request; /* for a release; ask.request, or not used */
	struct question_purpose purpose;
	const struct pack *pack;
};

/* The last second in which a leaf can have been written: it says its minute. */
static enum err
leaf_time(const struct answer *a, uint64_t index, int64_t *ret_ms)
{
	OWNED_BUF struct buf bytes;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	buf_init(&bytes, LEAF_MOST_BYTES);
	enum err e = audit_leaf(a->txn, index, &bytes);
	if (!e)
		e = leaf_parse(&leaf, &tree, buf_view(&bytes));
	if (!e)
		*ret_ms = MIN((leaf.t_s + MINUTE_S) * MS_PER_S - 1, clock_wall_ms());
	return e;
}

static enum err
read_known(const struct answer *a, struct judge_ask *ask)
{
	int64_t at = 0;
	enum err e = json_get_int(a->args, "known_at", 0, INT64_MAX, &at);
	if (!e && (uint64_t)at >= audit_size(a->from->hub->audit))
		e = fail(E_NOTFOUND, "the log has no leaf %" PRId64, at);
	if (e)
		return e;
	ask->known_upto = (uint64_t)at;
	return leaf_time(a, (uint64_t)at, &ask->true_at_ms);
}

/* The study that was in force then, as far as the log had said so. */
static enum err
find_study(const struct answer *a, struct asked *q)
{
	const struct versions *v = a->from->hub->versions;
	const size_t count = v ? versions_manifests(v) : 0;
	struct versions_manifest then = {.pack = a->from->hub->pack};
	bool found = count == 0;
	for (size_t i = 0; i < count; i++) {
		const struct versions_manifest m = versions_manifest(v, i);
		if (m.leaf > q->ask.known_upto || m.in_force_s * MS_PER_S > q->ask.true_at_ms)
			continue;
		then = m;
		found = true;
	}
	/* A time before all of it is a question of what if: today's study answers. */
	if (!found && q->ask.known_upto != UINT64_MAX)
		return fail(E_NOTFOUND, "no study was in force then");
	if (!then.pack)
		return fail(E_NOTFOUND, "the study that was in force then cannot be read");
	q->pack = then.pack;
	return OK;
}

/* What was known decides by the study, the rules and the time of that leaf, unless another time
 * is asked for. */
static enum err
read_when(const struct answer *a, struct asked *q)
{
	int64_t at = 0;
	enum err e = OK;
	const bool known = json_has(a->args, "known_at"),
		   true_at = json_has(a->args, "true_at_s");
	q->pack = a->from->hub->pack;
	if (known)
		e = read_known(a, &q->ask);
	if (!e && true_at)
		e = json_get_int(a->args, "true_at_s", 0, INT64_MAX / 1000, &at);
	if (!e && true_at)
		q->ask.true_at_ms = at * MS_PER_S;
	return e || !(known || true_at) ? e : find_study(a, q);
}

/* An approval that was suspended and lifted is looked at in each of its states. */
static bool
is_named_before(const struct judged *j, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(j->approvals[i], j->approvals[at]) == 0)
			return true;
	return false;
}

/* As a release for this purpose would ask. */
static enum err
read_request(const struct answer *a, struct asked *q)
{
	const char *text = "";
	if (!json_has(a->args, "request"))
		return OK;
	enum err e = json_get_text(a->args, "request", RELEASE_PURPOSE_MAX_BYTES, &text);
	if (e)
		return e;
	q->request.role = QUESTION_ROLE;
	question_purpose(text, &q->purpose, &q->request);
	q->ask.action = RULES_RELEASE;
	q->ask.use = RULES_USE_POOLED;
	q->ask.request = &q->request;
	return OK;
}

/* Who would propose it: training and contract as they were known. */
static enum err
read_author(const struct answer *a, const struct judge *j, struct asked *q)
{
	const char *author = "";
	if (!json_has(a->args, "author"))
		return OK;
	enum err e = json_get_text(a->args, "author", ROW_ID_BYTES - 1, &author);
	if (!e)
		judge_requester(j, author, q->ask.known_upto, &q->request);
	return e;
}

/* Only records have a use that is judged; of all others the stored verdict is all there is. */
static enum err
put_now(struct answer *a, const struct place *p, const char *purpose)
{
	OWNED(judge) struct judge *judge = NULL;
	struct asked q = {.request = {.purpose = ""}};
	struct judged now;
	if (p->lane != LANE_R)
		return OK;
	enum err e = trial_purpose(purpose, &q.ask);
	if (!e)
		e = read_request(a, &q);
	if (!e && a->from->hub->versions)
		e = versions_read(a->from->hub->versions, a->txn);
	if (!e)
		e = read_when(a, &q);
	if (!e)
		e = judge_then(&judge, a->from->hub, a->txn, q.pack);
	if (!e)
		e = read_author(a, judge, &q);
	if (!e)
		e = judge_stored(judge, p, &q.ask, &now);
	if (e)
		return e;
	if (q.ask.request)
		purpose = q.request.purpose;
	json_put_text(&a->out, "purpose", purpose[0] ? purpose : "collect");
	json_put_int(&a->out, "true_at_s", q.ask.true_at_ms / MS_PER_S);
	if (q.ask.known_upto != UINT64_MAX)
		json_put_int(&a->out, "known_at", (int64_t)q.ask.known_upto);
	json_put_int(&a->out, "rules_version", now.verdict.rules_version);
	json_put_hex(&a->out, "rules_digest",
		view_of(now.verdict.rules_digest, sizeof(now.verdict.rules_digest)));
	put_verdict(a, "now", &now.verdict, now.reason);
	json_put_array(&a->out, "approvals");
	for (size_t i = 0; i < now.approval_count; i++)
		if (!is_named_before(&now, i))
			json_put_text(&a->out, NULL, now.approvals[i]);
	json_put_close(&a->out);
	return OK;
}

static const char *
kind_word(const struct wire_rules *r, const struct place *p)
{
	static const char *const words[] = {
		"", "record", "consent", "key", "participation change"};
	if (r)
		return words[r->kind];
	return p->lane == LANE_A ? "act" : "erased";
}

static enum err
find_entry(struct answer *a, struct place *ret_place, struct record_verdict *ret_stored,
	struct writer *ret_writer)
{
	const char *name = "";
	enum err e = json_get_text(a->args, "entry", PLACE_NAME_BYTES, &name);
	if (!e)
		e = place_find(ret_place, a->txn, name);
	if (!e)
		e = record_verdict_get(a->txn, ret_place, ret_stored);
	if (e == E_NOTFOUND)
		return fail(e, "there is no entry %s at the hub", name);
	return e ? e : writer_get(a->txn, ret_place->writer, ret_writer);
}

enum err
why_answer(struct answer *a)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct record_verdict stored;
	struct writer writer;
	struct place p;
	char name[PLACE_NAME_BYTES];
	const char *purpose = "";
	enum err e = find_entry(a, &p, &stored, &writer);
	if (!e && json_has(a->args, "purpose"))
		e = json_get_text(a->args, "purpose", WIRE_NAME_BYTES, &purpose);
	enum err found = e ? e : record_rules(a->txn, &p, &r);
	if (e || (found && found != E_NOTFOUND && found != E_FORMAT))
		return found;
	place_name(name, &p);
	json_put_object(&a->out, NULL);
	json_put_text(&a->out, "entry", name);
	json_put_text(&a->out, "site", writer.site);
	json_put_text(&a->out, "kind", kind_word(r, &p));
	json_put_text(&a->out, "form", r ? r->form : "");
	json_put_text(&a->out, "form_version", r ? r->form_version : "");
	json_put_text(&a->out, "wave", r ? r->wave : "");
	json_put_int(&a->out, "captured_s", r ? r->captured_s : 0);
	json_put_bool(&a->out, "captured_said", r && r->captured_said);
	json_put_int(&a->out, "received_s", stored.at_s);
	json_put_int(&a->out, "leaf", (int64_t)stored.leaf);
	json_put_int(&a->out, "manifest", (int64_t)stored.manifest_number);
	put_verdict(a, "stored", &stored.verdict, stored.reason);
	e = put_now(a, &p, purpose);
	if (!e)
		e = put_person(a, r);
	json_put_close(&a->out);
	return e;
}
