#include "node/outlook.h"

#include <string.h>

#include "common/base/mem.h"

#define MS_PER_S 1000

static const char *const own_word[] = {"R07", "R08", "R10", "R13", "R14", "R19"};

static bool
is_own_word(const char *rule)
{
	for (size_t i = 0; i < ARRAY_LEN(own_word); i++)
		if (strcmp(rule, own_word[i]) == 0)
			return true;
	return false;
}

static bool
is_let_go(const struct rules *rules, const struct rules_facts *f)
{
	struct verdict v;
	rules_judge(rules, f, &v);
	for (size_t i = 0; i < v.fired_count; i++)
		if (v.fired[i].outcome != RULES_PERMIT && is_own_word(v.fired[i].rule))
			return true;
	return false;
}

/* A bit for each kind of data and use where no rule about the person's own word lets a record
 * go. */
static unsigned
counted_in(const struct rules *rules, struct rules_facts *f)
{
	static const enum rules_use uses[] = {RULES_USE_SITE, RULES_USE_POOLED};
	static const char *const kinds[] = {"answers", "records", "audio"};
	unsigned bits = 0;
	for (size_t i = 0; i < ARRAY_LEN(uses) * ARRAY_LEN(kinds); i++) {
		f->use = uses[i % ARRAY_LEN(uses)];
		f->data_kind = kinds[i / ARRAY_LEN(uses)];
		if (!is_let_go(rules, f))
			bits |= 1u << i;
	}
	return bits;
}

/* The last agreement's, or of the first version if there is none. */
static int64_t
collected_ms(const struct sync_consents *p)
{
	int64_t at_ms = p->count ? p->consents[0].given_ms : 0;
	for (size_t i = 0; i < p->count; i++)
		if (!*p->consents[i].level)
			at_ms = p->consents[i].given_ms;
	return at_ms + MS_PER_S;
}

enum outlook
outlook_of(const struct pack *pack, const struct sync_consents *on_file,
	const struct wire_consent *change, int64_t now_ms)
{
	OWNED_MEM struct rules_permission *permissions = sync_consents_permissions(change);
	OWNED_MEM struct rules_consent *all = xcalloc(on_file->count + 1, sizeof(*all));
	struct rules_facts f = {.action = RULES_AGGREGATE,
		.true_at_ms = now_ms,
		.known_upto = UINT64_MAX,
		.basis = pack->confidentiality,
		.record.captured_ms = collected_ms(on_file),
		.record.record_signature = RULES_YES,
		.record.consent_signature = RULES_YES,
		.record.consents = all,
		.record.consent_count = on_file->count,
		.record.life = on_file->life};
	memcpy(all, on_file->consents, on_file->count * sizeof(*all));
	const unsigned now = counted_in(pack->rules, &f);
	const struct wire_rules part = {.kind = RULES_CHANGE, .consent = *change};
	if (strcmp(change->level, WIRE_LEVEL_DIED) == 0) {
		f.record.life.died_ms = change->given_at_s * MS_PER_S;
	} else {
		struct rules_consent *last = &all[f.record.consent_count++];
		*last = sync_consents_view(&part);
		last->permissions = permissions;
		last->permission_count = change->permission_count;
		last->known = on_file->part_count;
	}
	if (!now)
		return OUTLOOK_IN_NO_TABLE;
	return now & ~counted_in(pack->rules, &f) ? OUTLOOK_LEAVES : OUTLOOK_COUNTED;
}
