#include "hub/why.h"

#include <inttypes.h>
#include <string.h>

#include "common/codec/text.h"

#include "hub/audit.h"
#include "hub/judge.h"
#include "hub/trial.h"
#include "hub/versions.h"
#include "hub/writer.h"

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
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
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
	json_put_text(&a->out, "event", r ? r->consent.event : "erased");
	if (r) {
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

/* When it is to be true and what is to be known; with a time the rules of that time are
 * asked. */
static enum err
read_when(const struct answer *a, struct judge_ask *ask)
{
	int64_t at = 0;
	enum err e = OK;
	if (json_has(a->args, "known_at"))
		e = json_get_int(a->args, "known_at", 0, INT64_MAX, &at);
	if (!e && json_has(a->args, "known_at")) {
		if ((uint64_t)at >= audit_size(a->from->hub->audit))
			return fail(E_NOTFOUND, "the log has no leaf %" PRId64, at);
		ask->known_upto = (uint64_t)at;
	}
	if (e || !json_has(a->args, "true_at_s"))
		return e;
	e = json_get_int(a->args, "true_at_s", 0, INT64_MAX / 1000, &at);
	if (e)
		return e;
	ask->true_at_ms = at * 1000;
	const struct versions *v = a->from->hub->versions;
	const struct pack *then = v ? versions_in_force(v, ask->true_at_ms) : NULL;
	ask->rules = then ? then->rules : NULL;
	return OK;
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

/* Only records have a use that is judged; of all others the stored verdict is all there is. */
static enum err
put_now(struct answer *a, const struct place *p, const char *purpose)
{
	OWNED(judge) struct judge *judge = NULL;
	struct judge_ask ask;
	struct judged now;
	if (p->lane != LANE_R)
		return OK;
	enum err e = trial_purpose(purpose, &ask);
	if (!e && a->from->hub->versions)
		e = versions_read(a->from->hub->versions, a->txn);
	if (!e)
		e = read_when(a, &ask);
	if (!e)
		e = judge_new(&judge, a->from->hub, a->txn);
	if (!e)
		e = judge_stored(judge, p, &ask, &now);
	if (e)
		return e;
	json_put_text(&a->out, "purpose", purpose[0] ? purpose : "collect");
	json_put_int(&a->out, "true_at_s", ask.true_at_ms / 1000);
	json_put_int(&a->out, "rules_version", now.verdict.rules_version);
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
