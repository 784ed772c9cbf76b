#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/codec/wire_statement.h"
#include "common/study/pack.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/freeze.h"
#include "hub/opening.h"
#include "hub/question.h"
#include "hub/release.h"
#include "hub/release_row.h"
#include "hub/season.h"
#include "hub/tableplan.h"

#define BODY_MAX_BYTES 65536
#define WAVE_MAX       9999

struct proposal {
	struct json *tree;
	struct release row;
	const char *indicators[RELEASE_INDICATORS_MAX_COUNT];
	char sites[LINEAGE_VIEW_BYTES];
	struct chosen *chosen;
};

static void
proposal_done(struct proposal *p)
{
	json_free(p->tree);
	chosen_free(p->chosen);
}

static bool
has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static enum err
read_indicators(struct proposal *p)
{
	const struct json *list = NULL;
	enum err e = json_get_array(p->tree, "indicators", RELEASE_INDICATORS_MAX_COUNT, &list);
	p->row.indicator_count = e ? 0 : json_count(list);
	for (size_t i = 0; !e && i < p->row.indicator_count; i++) {
		e = json_item_text(
			list, i, "indicators", RELEASE_INDICATOR_BYTES - 1, &p->indicators[i]);
		if (!e)
			(void)snprintf(p->row.indicators[i], RELEASE_INDICATOR_BYTES, "%s",
				p->indicators[i]);
	}
	return e;
}

/* As recorded where nothing is said, in one spelling. */
static enum err
read_sites(struct proposal *p)
{
	struct lineage_view view = {.by = LINEAGE_RECORDED};
	const char *text = "";
	enum err e = OK;
	if (json_has(p->tree, "sites"))
		e = json_get_text(p->tree, "sites", LINEAGE_VIEW_BYTES - 1, &text);
	if (!e && *text)
		e = lineage_view_read(&view, text);
	lineage_view_text(p->sites, &view);
	return e;
}

static enum err
read_proposal(struct proposal *p, const struct act *a)
{
	static const char *const keys[] = {
		"id", "indicators", "purpose", "wave", "compare", "sites"};
	const char *id = "", *purpose = "";
	int64_t wave = 0, compared = 0;
	enum err e = json_parse(&p->tree, a->body, BODY_MAX_BYTES);
	if (!e)
		e = json_only(p->tree, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(p->tree, "id", ROW_ID_BYTES - 1, &id);
	if (!e && (!text_is_name(id, ROW_ID_BYTES - 1) || strcmp(id, a->id) != 0))
		e = fail(E_FORMAT, "a release's id is made of a-z, 0-9, _ and -, and the "
				   "statement names it");
	if (!e)
		e = json_get_text(p->tree, "purpose", RELEASE_PURPOSE_MAX_BYTES, &purpose);
	if (!e && (!purpose[0] || has_control(purpose)))
		e = fail(E_FORMAT, "a release needs a purpose in one line");
	if (!e)
		e = json_get_int(p->tree, "wave", 0, WAVE_MAX, &wave);
	if (!e && json_has(p->tree, "compare"))
		e = json_get_int(p->tree, "compare", 1, WAVE_MAX, &compared);
	if (!e)
		e = read_indicators(p);
	if (!e)
		e = read_sites(p);
	(void)snprintf(p->row.id, sizeof(p->row.id), "%s", id);
	(void)snprintf(p->row.purpose, sizeof(p->row.purpose), "%s", purpose);
	p->row.wave = (uint32_t)wave;
	p->row.compared = (uint32_t)compared;
	return e;
}

static enum err
choose_wave(const struct pack *pack, uint32_t *wave)
{
	if (*wave == 0 && pack->wave_count == 1)
		*wave = pack->waves[0].number;
	if (*wave == 0)
		return fail(
			E_FORMAT, "the study has %zu waves: say which one", pack->wave_count);
	return pack_wave(pack, *wave) ? OK
				      : fail(E_NOTFOUND, "the study has no wave %u", *wave);
}

static enum err
check_proposal(struct hub *h, struct proposal *p)
{
	struct release known;
	enum err e = release_row_get(h->txn, p->row.id, &known);
	if (!e)
		return fail(E_CONFLICT, "there is a release %s already", p->row.id);
	if (e != E_NOTFOUND)
		return e;
	if (!h->pack)
		return fail(E_NOTFOUND, "no study is in force");
	e = choose_wave(h->pack, &p->row.wave);
	if (!e && p->row.compared)
		e = season_check(h->pack, p->row.wave, p->row.compared);
	return e ? e
		 : opening_check(h->pack, p->indicators, p->row.indicator_count, &p->chosen);
}

static enum err
read_nonce(const struct act *a, uint8_t ret[static ID_BYTES])
{
	struct wire_signed packed;
	struct wire_statement s;
	enum err e = wire_signed_unpack(&packed, a->signed_statement);
	if (!e)
		e = wire_statement_unpack(&s, packed.body);
	if (!e)
		memcpy(ret, s.nonce, ID_BYTES);
	return e;
}

static enum err
add_proposed_leaf(struct hub *h, const struct act *a, const struct release *r)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, "release-proposed");
	leaf.object_type = "release";
	leaf.purpose = r->purpose;
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

/* The leaf that the keeper is shown before it opens anything. */
static enum err
add_frozen_leaf(struct hub *h, const struct act *a, const struct frozen *f, struct release *r)
{
	struct act_leaf_room room;
	struct leaf leaf;
	char rules[2 * HASH_BYTES + 1];
	acts_leaf(&leaf, &room, a, "cohort-frozen");
	text_hex(room.commit, r->cohort_digest, sizeof(r->cohort_digest));
	text_hex(rules, r->rules_digest, sizeof(r->rules_digest));
	leaf.object_type = "cohort";
	leaf.purpose = r->purpose;
	leaf.count_bucket = r->count_bucket;
	leaf.ruleset_sha256 = rules;
	leaf.decision = "permit";
	for (size_t i = 0; i < f->approval_count; i++)
		leaf.approvals.at[leaf.approvals.count++] = f->approvals[i];
	return audit_add(h->audit, h->txn, &leaf, &r->frozen_leaf);
}

/* What of the same people is, or is about to be, released by sites that are cut otherwise. */
struct other_views {
	struct hub *hub;
	const struct release *of;
	const struct cohort *cohort;
};

static enum err
compare_view(void *arg, const struct release *r, bool *ret_stop)
{
	const struct other_views *o = arg;
	OWNED(cohort) struct cohort *c = NULL;
	OWNED_BUF struct buf packed;
	(void)ret_stop;
	const bool shares = release_has_wave(r, o->of->wave) ||
			    (o->of->compared && release_has_wave(r, o->of->compared));
	if (!shares || r->state == RELEASE_REFUSED)
		return OK;
	buf_init(&packed, COHORT_MAX_BYTES);
	enum err e = cohort_get(o->hub->txn, r->id, &packed);
	if (!e)
		e = cohort_unpack(&c, buf_view(&packed));
	if (!e && !cohort_same_view(c, o->cohort))
		e = fail(E_DENIED,
			"release %s of this wave names its sites otherwise: what one of the "
			"two "
			"hides could be worked out from both",
			r->id);
	return e;
}

static enum err
check_other_views(struct hub *h, const struct release *r, const struct cohort *c)
{
	struct other_views others = {h, r, c};
	struct disclose_profile profile;
	enum err e = tableplan_profile(&profile, &h->pack->profile);
	if (e || !tableplan_hides(&profile))
		return e;
	return release_row_each(h->txn, compare_view, &others);
}

static enum err
freeze(struct hub *h, const struct act *a, struct proposal *p, struct frozen *f)
{
	struct release *r = &p->row;
	const int64_t now_ms = clock_wall_ms();
	const struct freeze_ask ask = {
		r->id, p->chosen, r->wave, r->compared, now_ms, p->sites, r->purpose};
	const struct question question = {p->chosen, r->author, a->role, r->purpose, now_ms};
	OWNED_BUF struct buf packed;
	buf_init(&packed, COHORT_MAX_BYTES);
	enum err e = question_check(h, &question);
	if (!e)
		e = freeze_make(h, &ask, f);
	if (!e && bitmap_count(f->cohort->members) == 0)
		e = fail(E_DENIED, "no record of its forms in wave %u may be counted now",
			r->wave);
	if (!e)
		e = check_other_views(h, r, f->cohort);
	if (!e)
		e = cohort_pack(&packed, f->cohort);
	if (e)
		return e;
	cohort_digest(r->cohort_digest, buf_view(&packed));
	memcpy(r->rules_digest, f->cohort->rules_digest, sizeof(r->rules_digest));
	r->manifest_number = f->cohort->manifest_number;
	r->proposed_s = f->cohort->true_at_s;
	(void)snprintf(r->count_bucket, sizeof(r->count_bucket), "%s",
		cohort_bucket(bitmap_count(f->cohort->members)));
	e = add_proposed_leaf(h, a, r);
	if (!e)
		e = add_frozen_leaf(h, a, f, r);
	return e ? e : cohort_keep(h->txn, r->id, buf_view(&packed));
}

enum err
release_propose(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED_BY(proposal_done) struct proposal p = {.row = {.state = RELEASE_PROPOSED}};
	OWNED_FROZEN struct frozen f = {0};
	struct vault_txn *txn;
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = read_proposal(&p, a);
	if (!e)
		e = check_proposal(h, &p);
	if (!e)
		e = read_nonce(a, p.row.nonce);
	(void)snprintf(p.row.author, sizeof(p.row.author), "%s", a->by.id);
	if (!e)
		e = freeze(h, a, &p, &f);
	if (!e)
		e = release_row_put(txn, &p.row);
	if (!e)
		buf_format(reply,
			"{\"release\":\"%s\",\"state\":\"proposed\",\"count_bucket\":"
			"\"%s\"}",
			p.row.id, p.row.count_bucket);
	return e;
}
