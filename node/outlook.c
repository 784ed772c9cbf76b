#include "node/outlook.h"

#include <string.h>

#include "common/base/mem.h"

#define MS_PER_S 1000

static const char *const own_word[] = {"R07", "R08", "R10", "R13", "R14", "R19"};

/* A bit for each of these rules that lets the record go, for either use of a release. */
static unsigned
let_go(const struct rules *rules, struct rules_facts *f)
{
	static const enum rules_use uses[] = {RULES_USE_SITE, RULES_USE_POOLED};
	unsigned bits = 0;
	for (size_t u = 0; u < ARRAY_LEN(uses); u++) {
		struct verdict v;
		f->use = uses[u];
		rules_judge(rules, f, &v);
		for (size_t i = 0; i < v.fired_count; i++)
			for (size_t k = 0; k < ARRAY_LEN(own_word); k++)
				if (v.fired[i].outcome != RULES_PERMIT &&
					strcmp(v.fired[i].rule, own_word[k]) == 0)
					bits |= 1u << k;
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

bool
outlook_leaves(const struct pack *pack, const struct sync_consents *on_file,
	const struct wire_consent *change, int64_t now_ms)
{
	OWNED_MEM struct rules_permission *permissions = sync_consents_permissions(change);
	OWNED_MEM struct rules_consent *all = xcalloc(on_file->count + 1, sizeof(*all));
	struct rules_facts f = {.action = RULES_AGGREGATE,
		.data_kind = "answers",
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
	const unsigned now = let_go(pack->rules, &f);
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
	return (let_go(pack->rules, &f) & ~now) != 0;
}
