#include "hub/instance.h"

#include <string.h>

#include "hub/record_instance.h"
#include "hub/writer.h"

/* Let the entry stand for this id if nothing does yet. */
static enum err
claim(struct vault_txn *t, const struct instance_entry *n, const uint8_t id[static ID_BYTES],
	bool *ret_taken)
{
	struct place other;
	enum err e = record_instance_claim(t, id, n->place);
	*ret_taken = e == E_CONFLICT;
	/* Reading what stands there shows a row that was put in place by another. */
	return *ret_taken ? record_instance_get(t, id, &other) : e;
}

static bool
is_counts(const struct wire_rules *r)
{
	return strcmp(r->form, COUNTS_FORM) == 0;
}

/* first ones */

/* Does what stands for the id wait for its form or version to be published? */
static enum err
is_aside(struct vault_txn *t, const uint8_t id[static ID_BYTES], bool *ret)
{
	struct record_verdict stored;
	struct place other;
	*ret = false;
	enum err e = record_instance_get(t, id, &other);
	if (!e)
		e = record_verdict_get(t, &other, &stored);
	if (!e)
		*ret = strcmp(stored.reason, JUDGE_NO_FORM) == 0 ||
		       strcmp(stored.reason, JUDGE_NO_VERSION) == 0;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
take_first(struct vault_txn *t, const struct instance_entry *n, const char **ret_why)
{
	uint8_t once[ID_BYTES];
	bool taken = false, gives_way = false;
	if (n->is_many)
		return OK;
	record_instance_once(once, n->rules, n->place, n->site);
	if (is_counts(n->rules))
		return record_instance_put(t, once, n->place);
	enum err e = claim(t, n, once, &taken);
	if (!e && taken && !n->is_aside)
		e = is_aside(t, once, &gives_way);
	if (!e && gives_way)
		return record_instance_put(t, once, n->place);
	if (!e && taken)
		*ret_why = JUDGE_DUPLICATE;
	return e;
}

/* corrections */

/* What a correction refers to. */
struct before {
	struct place place;
	struct wire_rules *rules;
};

static void
before_done(struct before *b)
{
	wire_rules_free(b->rules);
}

static enum err
read_before(struct vault_txn *t, const struct instance_entry *n, struct before *b,
	const char **ret_why)
{
	enum err e = record_instance_get(t, n->rules->refers_to, &b->place);
	if (e == E_NOTFOUND)
		*ret_why = JUDGE_CORRECTS "a record that is not at the hub";
	if (!e)
		e = record_rules(t, &b->place, &b->rules);
	if (e == E_FORMAT || (!e && b->rules->kind != RULES_RECORD))
		*ret_why = JUDGE_CORRECTS "what is no record";
	else if (e == E_NOTFOUND && !*ret_why)
		*ret_why = JUDGE_CORRECTS "a record that was erased";
	return *ret_why ? OK : e;
}

static enum err
check_site(struct vault_txn *t, const struct instance_entry *n, const struct before *b,
	const char **ret_why)
{
	struct writer writer;
	enum err e = writer_get(t, b->place.writer, &writer);
	if (!e && strcmp(writer.site, n->site) != 0)
		*ret_why = JUDGE_CORRECTS "a record of another site";
	return e;
}

/* What refers to an instance that another entry stands for refers to what is no longer current.
 */
static enum err
check_current(struct vault_txn *t, const struct instance_entry *n, const struct before *b,
	const char **ret_why)
{
	struct record_verdict stored;
	if (memcmp(b->rules->instance, n->rules->refers_to, ID_BYTES) != 0) {
		*ret_why = JUDGE_BRANCH;
		return OK;
	}
	enum err e = record_verdict_get(t, &b->place, &stored);
	if (!e && judge_is_final(stored.reason))
		*ret_why = JUDGE_CORRECTS "a record that does not count";
	return e;
}

static enum err
check_before(struct vault_txn *t, const struct instance_entry *n, const struct before *b,
	const char **ret_why)
{
	const struct wire_rules *was = b->rules, *now = n->rules;
	if (memcmp(was->participant, now->participant, ID_BYTES) != 0)
		*ret_why = JUDGE_CORRECTS "a record of another person";
	else if (strcmp(was->form, now->form) != 0)
		*ret_why = JUDGE_CORRECTS "a record of another form";
	enum err e = *ret_why ? OK : check_site(t, n, b, ret_why);
	return e || *ret_why ? e : check_current(t, n, b, ret_why);
}

/* The one record of its person, form and wave; a correction may move it to another wave, if
 * there is none yet. */
static enum err
move_once(struct vault_txn *t, const struct instance_entry *n, const struct before *b,
	const char **ret_why)
{
	uint8_t was[ID_BYTES], now[ID_BYTES];
	struct place holder = b->place;
	record_instance_once(was, b->rules, &b->place, n->site);
	record_instance_once(now, n->rules, n->place, n->site);
	enum err e = record_instance_get(t, now, &holder);
	if (e && e != E_NOTFOUND)
		return e;
	if (!e && !place_same(&holder, &b->place)) {
		*ret_why = JUDGE_DUPLICATE;
		return OK;
	}
	e = record_instance_put(t, now, n->place);
	if (!e && memcmp(was, now, sizeof(was)) != 0)
		e = record_instance_drop(t, was);
	return e;
}

static enum err
take_correction(struct vault_txn *t, const struct instance_entry *n, const char **ret_why)
{
	OWNED_BY(before_done) struct before b = {.rules = NULL};
	enum err e = read_before(t, n, &b, ret_why);
	if (!e && !*ret_why)
		e = check_before(t, n, &b, ret_why);
	if (!e && !*ret_why && !n->is_many)
		e = move_once(t, n, &b, ret_why);
	return e || *ret_why ? e : record_instance_put(t, n->rules->refers_to, n->place);
}

enum err
instance_take(struct vault_txn *t, const struct instance_entry *n, const char **ret_why)
{
	bool taken = false;
	*ret_why = NULL;
	enum err e = claim(t, n, n->rules->instance, &taken);
	if (!e && taken)
		*ret_why = JUDGE_DUPLICATE;
	if (e || taken)
		return e;
	bool refers = !wire_is_zero(n->rules->refers_to, ID_BYTES) && !is_counts(n->rules);
	if (refers && memcmp(n->rules->refers_to, n->rules->instance, ID_BYTES) == 0) {
		*ret_why = JUDGE_CORRECTS "itself";
		return OK;
	}
	return refers ? take_correction(t, n, ret_why) : take_first(t, n, ret_why);
}
