#include "tests/unit/rules_world.h"

#include "tests/unit/suite.h"

#include <sys/mman.h>

#include "common/base/mem.h"

#define MAX_PARTS  8
#define MAX_WORDS  16
#define MAX_COPIES 256
#define PAGE_BYTES ((size_t)4096)
#define DAY        WORLD_DAY_MS

enum kind { TEXT, TIME, FLAG, NUMBER64, NUMBER32, PLACE, LIST };

struct field {
	const char *name;
	size_t at;
	enum kind kind;
	const char *words; /* of a PLACE */
};

/* A part with what it lends. */
struct approval {
	struct rules_approval is;
	struct rules_condition conditions[2];
};
struct consent {
	struct rules_consent is;
	struct rules_list permits, denies;
	int64_t from_ms, until_ms; /* of permits */
};

struct world {
	struct approval approvals[MAX_PARTS];
	struct rules_modification modifications[MAX_PARTS];
	struct rules_review reviews[MAX_PARTS];
	struct consent consents[MAX_PARTS];
	struct rules_sheet sheets[MAX_PARTS];
	struct rules_duty duties[MAX_PARTS];
	struct rules_opt_out opt_outs[MAX_PARTS];
	struct rules_item items[MAX_PARTS];
	struct rules_cosignature cosignatures[MAX_PARTS];
	struct rules_window windows[MAX_PARTS];
	struct rules_protocol protocols[MAX_PARTS];
	struct rules_facts facts;
	uint32_t absent[12]; /* by kind of part: a bit for each that is left out */
	void *copies[MAX_COPIES];
	size_t copy_count;
	void *pages[MAX_COPIES]; /* what is lent for the call */
	size_t page_count;
};

#define CHECKS  "unknown|yes|no|not-asked"
#define F(S, m) offsetof(struct S, m)
#define A(m)    offsetof(struct approval, m)
#define C(m)    offsetof(struct consent, m)

static const struct field approval_fields[] = {{"id", A(is.id), TEXT, ""},
	{"kind", A(is.kind), TEXT, ""}, {"site", A(is.site), TEXT, ""},
	{"partner", A(is.partner), TEXT, ""}, {"flow", A(is.flow), TEXT, ""},
	{"protocols", A(is.covers.protocols), LIST, ""}, {"decision", A(is.decision), TEXT, ""},
	{"reason", A(is.reason_given), FLAG, ""}, {"from", A(is.from_ms), TIME, ""},
	{"until", A(is.until_ms), TIME, ""},
	{"stop", A(is.stop), PLACE, "runs|suspended|withdrawn"},
	{"stop.from", A(is.stop_from_ms), TIME, ""},
	{"stop.until", A(is.stop_until_ms), TIME, ""}, {"forms", A(is.covers.forms), LIST, ""},
	{"data", A(is.covers.data), LIST, ""},
	{"activities", A(is.covers.activities), LIST, ""},
	{"sites", A(is.covers.sites), LIST, ""}, {"modes", A(is.covers.modes), LIST, ""},
	{"conditions", A(is.condition_count), NUMBER64, ""},
	{"due", A(conditions[0].due_ms), TIME, ""}, {"met", A(conditions[0].met_ms), TIME, ""},
	{"due.known", A(conditions[0].known), NUMBER64, ""},
	{"met.known", A(conditions[0].met_known), NUMBER64, ""},
	{"due2", A(conditions[1].due_ms), TIME, ""},
	{"met2", A(conditions[1].met_ms), TIME, ""}, {"known", A(is.known), NUMBER64, ""},
	{NULL, 0, TEXT, ""}};
static const struct field protocol_fields[] = {{"is", F(rules_protocol, version), TEXT, ""},
	{"from", F(rules_protocol, from_ms), TIME, ""},
	{"known", F(rules_protocol, known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field modification_fields[] = {
	{"term", F(rules_modification, term), TEXT, ""},
	{"form", F(rules_modification, form), TEXT, ""},
	{"version", F(rules_modification, form_version), TEXT, ""},
	{"site", F(rules_modification, site), TEXT, ""},
	{"decision", F(rules_modification, decision), TEXT, ""},
	{"from", F(rules_modification, from_ms), TIME, ""},
	{"until", F(rules_modification, until_ms), TIME, ""},
	{"known", F(rules_modification, known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field review_fields[] = {{"kind", F(rules_review, kind), TEXT, ""},
	{"site", F(rules_review, site), TEXT, ""}, {"from", F(rules_review, from_ms), TIME, ""},
	{"due", F(rules_review, due_ms), TIME, ""},
	{"done", F(rules_review, done_ms), TIME, ""},
	{"reviewed", F(rules_review, reviewed), FLAG, ""},
	{"known", F(rules_review, known), NUMBER64, ""},
	{"done.known", F(rules_review, done_known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field consent_fields[] = {{"event", C(is.event), TEXT, ""},
	{"level", C(is.level), TEXT, ""}, {"role", C(is.grantor_role), TEXT, ""},
	{"capacity", C(is.capacity), TEXT, ""}, {"assent", C(is.assent), TEXT, ""},
	{"mode", C(is.mode), TEXT, ""}, {"form", C(is.form), TEXT, ""},
	{"version", C(is.form_version), TEXT, ""}, {"taker", C(is.taken_by), TEXT, ""},
	{"approach", C(is.approach_by), TEXT, ""}, {"approacher", C(is.approacher), TEXT, ""},
	{"witnessed", C(is.witnessed), PLACE, CHECKS}, {"duo", C(is.duo), LIST, ""},
	{"given", C(is.given_ms), TIME, ""}, {"begins", C(is.valid_from_ms), TIME, ""},
	{"until", C(is.valid_until_ms), TIME, ""}, {"permits", C(permits), LIST, ""},
	{"denies", C(denies), LIST, ""}, {"permits.from", C(from_ms), TIME, ""},
	{"permits.until", C(until_ms), TIME, ""}, {"known", C(is.known), NUMBER64, ""},
	{NULL, 0, TEXT, ""}};
static const struct field sheet_fields[] = {{"form", F(rules_sheet, form), TEXT, ""},
	{"version", F(rules_sheet, version), TEXT, ""},
	{"supersedes", F(rules_sheet, supersedes), TEXT, ""},
	{"reconsent", F(rules_sheet, reconsent), TEXT, ""},
	{"from", F(rules_sheet, from_ms), TIME, ""},
	{"known", F(rules_sheet, known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field duty_fields[] = {{"person", F(rules_duty, person), TEXT, ""},
	{"site", F(rules_duty, site), TEXT, ""}, {"task", F(rules_duty, task), TEXT, ""},
	{"from", F(rules_duty, from_ms), TIME, ""},
	{"until", F(rules_duty, until_ms), TIME, ""},
	{"known", F(rules_duty, known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field opt_out_fields[] = {{"at", F(rules_opt_out, checked_ms), TIME, ""},
	{"out", F(rules_opt_out, opted_out), FLAG, ""},
	{"known", F(rules_opt_out, known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field item_fields[] = {{"name", F(rules_item, name), TEXT, ""},
	{"goes", F(rules_item, goes), PLACE, "unlisted|site|hub|open"}, {NULL, 0, TEXT, ""}};
static const struct field cosignature_fields[] = {{"by", F(rules_cosignature, by), TEXT, ""},
	{"site", F(rules_cosignature, is_site), FLAG, ""},
	{"arrived", F(rules_cosignature, arrived_ms), TIME, ""},
	{"known", F(rules_cosignature, known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field window_fields[] = {{"form", F(rules_window, form), TEXT, ""},
	{"wave", F(rules_window, wave), TEXT, ""}, {"site", F(rules_window, site), TEXT, ""},
	{"from", F(rules_window, from_ms), TIME, ""},
	{"until", F(rules_window, until_ms), TIME, ""},
	{"known", F(rules_window, known), NUMBER64, ""}, {NULL, 0, TEXT, ""}};
static const struct field facts_fields[] = {
	{"use", F(rules_facts, use), PLACE, "none|site|pooled|quote|link|share"},
	{"unfed", F(rules_facts, unfed), NUMBER32, ""},
	{"data", F(rules_facts, data_kind), TEXT, ""},
	{"quote_ok", F(rules_facts, record.quote_ok), FLAG, ""},
	{"per_site", F(rules_facts, per_site), FLAG, ""},
	{"by_staff", F(rules_facts, by_staff), FLAG, ""},
	{"collector", F(rules_facts, record.collected_by), TEXT, ""},
	{"form", F(rules_facts, form), TEXT, ""},
	{"version", F(rules_facts, form_version), TEXT, ""},
	{"wave", F(rules_facts, wave), TEXT, ""}, {"flow", F(rules_facts, flow), TEXT, ""},
	{"partner", F(rules_facts, partner), TEXT, ""},
	{"no_partner", F(rules_facts, no_partner), FLAG, ""},
	{"site", F(rules_facts, site), TEXT, ""},
	{"site_kind", F(rules_facts, site_kind), TEXT, ""},
	{"local_approach", F(rules_facts, local_approach), LIST, ""},
	{"needs", F(rules_facts, needs), LIST, ""},
	{"needs.known", F(rules_facts, needs_known), FLAG, ""},
	{"now", F(rules_facts, true_at_ms), TIME, ""},
	{"captured", F(rules_facts, record.captured_ms), TIME, ""},
	{"known_upto", F(rules_facts, known_upto), NUMBER64, ""},
	{"basis", F(rules_facts, basis), TEXT, ""},
	{"planned", F(rules_facts, planned_ms), TIME, ""},
	{"elsewhere", F(rules_facts, approvals_elsewhere), FLAG, ""},
	{"died", F(rules_facts, record.life.died_ms), TIME, ""},
	{"died.known", F(rules_facts, record.life.died_known), NUMBER64, ""},
	{"group", F(rules_facts, record.group), TEXT, ""},
	{"purpose", F(rules_facts, request.purpose), TEXT, ""},
	{"duo", F(rules_facts, request.duo), LIST, ""},
	{"role", F(rules_facts, request.role), TEXT, ""},
	{"trained", F(rules_facts, request.trained_ms), TIME, ""},
	{"contract", F(rules_facts, request.contract_from_ms), TIME, ""},
	{"contract.until", F(rules_facts, request.contract_until_ms), TIME, ""},
	{"reason", F(rules_facts, request.reason_given), FLAG, ""},
	{"items", F(rules_facts, record.items_known), PLACE, CHECKS},
	{"joined", F(rules_facts, sites_joined), NUMBER32, ""},
	{"windows", F(rules_facts, windows_known), FLAG, ""},
	{"sealed", F(rules_facts, plan.sealed_ms), TIME, ""},
	{"sealed.known", F(rules_facts, plan.sealed_known), NUMBER64, ""},
	{"task", F(rules_facts, plan.task_ms), TIME, ""},
	{"task.known", F(rules_facts, plan.task_known), NUMBER64, ""},
	{"first_record", F(rules_facts, plan.first_record_ms), TIME, ""},
	{"record_signature", F(rules_facts, record.record_signature), PLACE, CHECKS},
	{"consent_signature", F(rules_facts, record.consent_signature), PLACE, CHECKS},
	{"batch_proof", F(rules_facts, record.batch_proof), PLACE, CHECKS},
	{"decrypts", F(rules_facts, record.decrypts), PLACE, CHECKS},
	{"retained", F(rules_facts, record.retained), PLACE, CHECKS}, {NULL, 0, TEXT, ""}};

/* Kinds of parts: where they lie, how large one is, its fields, and the names of its parts; a
 * name with '-' before it is not there usually. */
static const struct kind_of_part {
	size_t at, size;
	const struct field *fields;
	const char *names[MAX_PARTS];
} parts[] = {
	{F(world, approvals), sizeof(struct approval), approval_fields,
		{"rec", "hra", "nhs_rg", "dsa", "dpia", "s30", "-careco", "-x"}},
	{F(world, modifications), sizeof(struct rules_modification), modification_fields,
		{"-m1", "-m2"}},
	{F(world, reviews), sizeof(struct rules_review), review_fields,
		{"progress", "dspt", "-cag", "-v1"}},
	{F(world, consents), sizeof(struct consent), consent_fields,
		{"c1", "-c2", "-c3", "-c4"}},
	{F(world, sheets), sizeof(struct rules_sheet), sheet_fields,
		{"s1", "-s2", "-s3", "-s4"}},
	{F(world, duties), sizeof(struct rules_duty), duty_fields, {"d1", "-d2", "-d3", "-d4"}},
	{F(world, opt_outs), sizeof(struct rules_opt_out), opt_out_fields,
		{"o1", "-o2", "-o3"}},
	{F(world, items), sizeof(struct rules_item), item_fields, {"i1", "i2"}},
	{F(world, cosignatures), sizeof(struct rules_cosignature), cosignature_fields,
		{"w1", "w2", "-w3", "-w4"}},
	{F(world, windows), sizeof(struct rules_window), window_fields, {"-n1", "-n2", "-n3"}},
	{F(world, protocols), sizeof(struct rules_protocol), protocol_fields, {"p1", "-p2"}},
};

/* ---- lending ---- */

/* A copy right before a page that nobody may read: who looks behind the last part is ended. */
static void *
lend(struct world *w, const void *at, size_t len)
{
	if (w->page_count == MAX_COPIES || len > PAGE_BYTES)
		fail_msg("too much is lent");
	uint8_t *page = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || mprotect(page + PAGE_BYTES, PAGE_BYTES, PROT_NONE) != 0)
		fail_msg("no memory to lend");
	w->pages[w->page_count++] = page;
	if (len)
		memcpy(page + PAGE_BYTES - len, at, len);
	return page + PAGE_BYTES - len;
}

static struct rules_list
lend_list(struct world *w, const char *const *words, size_t count)
{
	return (struct rules_list){lend(w, words, count * sizeof(*words)), count};
}

/* ---- the usual day ---- */

static void
set_approval(
	struct world *w, size_t i, const char *kind, const char *site, const char *decision)
{
	w->approvals[i].is = (struct rules_approval){.id = kind,
		.kind = kind,
		.site = site,
		.decision = decision,
		.from_ms = 700 * DAY,
		.known = 5};
}

static void
set_papers(struct world *w)
{
	set_approval(w, 0, "rec", "", "favourable");
	set_approval(w, 1, "hra", "", "favourable");
	set_approval(w, 2, "nhs_rg", "exa", "confirmed");
	set_approval(w, 3, "dsa", "exa", "confirmed");
	set_approval(w, 4, "dpia", "", "confirmed");
	set_approval(w, 5, "mca-s30", "", "favourable");
	set_approval(w, 6, "dsa", "exa", "confirmed");
	w->approvals[6].is.id = "dsa-careco";
	w->approvals[6].is.partner = "careco";
	set_approval(w, 7, "x", "", "confirmed");
	for (size_t i = 0; i < 2; i++)
		w->modifications[i] = (struct rules_modification){.term = "substantial",
			.form = "staff_p1",
			.form_version = "1",
			.site = "",
			.decision = "favourable",
			.from_ms = 800 * DAY,
			.known = 5};
	w->reviews[0] = (struct rules_review){
		.kind = "progress", .site = "", .from_ms = 700 * DAY, .done_ms = 900 * DAY};
	w->reviews[1] = (struct rules_review){.kind = "dspt",
		.site = "exa",
		.from_ms = 700 * DAY,
		.done_ms = 900 * DAY,
		.reviewed = true};
	w->reviews[2] = (struct rules_review){
		.kind = "cag", .site = "", .from_ms = 700 * DAY, .done_ms = 900 * DAY};
	w->reviews[3] = w->reviews[0];
}

static void
set_persons(struct world *w)
{
	static const char *const versions[] = {"", "1", "2", "3", "4"};
	static const char *const permits[] = {"contact", "collect-direct", "use-site-report",
		"use-aggregate", "share-secondary", "retain-after-loss-of-capacity"};
	for (size_t i = 0; i < 4; i++)
		w->consents[i] =
			(struct consent){.is = {.event = "given",
						 .level = "",
						 .grantor_role = "self",
						 .capacity = "presumed",
						 .assent = "",
						 .mode = "written",
						 .form = "consent",
						 .form_version = "1",
						 .taken_by = "AB",
						 .approach_by = "care-team",
						 .given_ms = (800 + 50 * (int64_t)i) * DAY,
						 .known = 5 + i},
				.permits = lend_list(w, permits, ARRAY_LEN(permits))};
	for (size_t i = 0; i < 4; i++)
		w->sheets[i] = (struct rules_sheet){.form = "consent",
			.version = versions[i + 1],
			.supersedes = versions[i],
			.reconsent = "none",
			.from_ms = (700 + 50 * (int64_t)i) * DAY,
			.known = i};
	w->duties[0] = (struct rules_duty){"AB", "exa", "consent", 700 * DAY, 0, 5};
	w->duties[1] = (struct rules_duty){"CD", "exa", "consent", 700 * DAY, 0, 5};
	w->duties[2] = (struct rules_duty){"EF", "exa", "approach", 700 * DAY, 0, 5};
	w->duties[3] = (struct rules_duty){"GH", "exa", "collect", 700 * DAY, 0, 5};
	w->opt_outs[0] = (struct rules_opt_out){990 * DAY, false, 5};
	w->opt_outs[1] = w->opt_outs[2] = (struct rules_opt_out){980 * DAY, false, 5};
}

static void
set_rest(struct world *w)
{
	static const char *const local[] = {"care-team", "local-staff"};
	static const char *const needs[] = {"dsa", "dpia"};
	w->items[0] = (struct rules_item){"depth", RULES_GOES_HUB};
	w->items[1] = (struct rules_item){"wave", RULES_GOES_OPEN};
	w->cosignatures[0] = (struct rules_cosignature){"exa", true, 990 * DAY, 5};
	w->cosignatures[1] = (struct rules_cosignature){"exb", true, 990 * DAY, 5};
	w->cosignatures[2] = (struct rules_cosignature){"ethics", false, 990 * DAY, 5};
	w->cosignatures[3] = (struct rules_cosignature){"exc", true, 990 * DAY, 5};
	for (size_t i = 0; i < 3; i++)
		w->windows[i] =
			(struct rules_window){"staff_p1", "1", "", 850 * DAY, 950 * DAY, 5};
	w->protocols[0] = (struct rules_protocol){"1", 0, 0};
	w->protocols[1] = (struct rules_protocol){"2", 900 * DAY, 5};
	w->facts = (struct rules_facts){.use = RULES_USE_POOLED,
		.data_kind = "answers",
		.form = "staff_p1",
		.form_version = "1",
		.wave = "1",
		.no_partner = true,
		.site = "exa",
		.site_kind = "nhs",
		.local_approach = lend_list(w, local, ARRAY_LEN(local)),
		.needs_known = true,
		.needs = lend_list(w, needs, ARRAY_LEN(needs)),
		.true_at_ms = 1000 * DAY,
		.record.captured_ms = 900 * DAY,
		.known_upto = 10,
		.basis = "consent",
		.planned_ms = 1200 * DAY,
		.request = {.purpose = "study-plan",
			.role = "researcher",
			.trained_ms = 900 * DAY,
			.contract_from_ms = 700 * DAY,
			.reason_given = true},
		.record.items_known = RULES_YES,
		.sites_joined = 4,
		.windows_known = true,
		.plan = {.sealed_ms = 600 * DAY, .task_ms = 650 * DAY},
		.record.record_signature = RULES_YES,
		.record.consent_signature = RULES_YES,
		.record.batch_proof = RULES_YES,
		.record.decrypts = RULES_YES,
		.record.retained = RULES_YES};
}

struct world *
world_new(void)
{
	struct world *w = xcalloc(1, sizeof(*w));
	set_papers(w);
	set_persons(w);
	set_rest(w);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (size_t k = 0; k < MAX_PARTS; k++)
			if (!parts[i].names[k] || parts[i].names[k][0] == '-')
				w->absent[i] |= 1u << k;
	world_edit(w, "rec.modes=written|electronic-drawn");
	return w;
}

void
world_free(struct world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->copy_count; i++)
		free(w->copies[i]);
	for (size_t i = 0; i < w->page_count; i++)
		(void)munmap(w->pages[i], 2 * PAGE_BYTES);
	free(w);
}

/* ---- edits ---- */

static void *
keep(struct world *w, void *copy)
{
	if (w->copy_count == MAX_COPIES)
		fail_msg("too many edits");
	w->copies[w->copy_count++] = copy;
	return copy;
}

/* "900d", "900d-1s", "1000d+5" */
static int64_t
time_of(const char *text)
{
	int64_t sum = 0;
	while (*text) {
		char *end = NULL;
		int64_t n = strtoll(text, &end, 10);
		int64_t unit = *end == 'd' ? DAY : *end == 's' ? 1000 : 1;
		if (end == text)
			fail_msg("not a time: %s", text);
		sum += n * unit;
		text = end + (unit != 1);
	}
	return sum;
}

static unsigned
place_of(const char *word, const char *words)
{
	size_t len = strlen(word);
	for (unsigned place = 0; words; place++) {
		const char *end = strchr(words, '|');
		if ((end ? (size_t)(end - words) : strlen(words)) == len &&
			strncmp(words, word, len) == 0)
			return place;
		words = end ? end + 1 : NULL;
	}
	fail_msg("no such word: %s", word);
	return 0;
}

static struct rules_list
list_of(struct world *w, char *text)
{
	const char *words[MAX_WORDS];
	size_t count = 0;
	for (char *rest = text, *word; *text && (word = strsep(&rest, "|"));)
		words[count++] = word;
	return lend_list(w, words, count);
}

static void
set_field(struct world *w, const struct field *f, void *part, char *value)
{
	void *to = (unsigned char *)part + f->at;
	switch (f->kind) {
	case TEXT:
		*(const char **)to = strcmp(value, "NULL") == 0 ? NULL : value;
		return;
	case TIME:
		*(int64_t *)to = time_of(value);
		return;
	case FLAG:
		*(bool *)to = strcmp(value, "yes") == 0;
		return;
	case NUMBER64:
		*(uint64_t *)to = strtoull(value, NULL, 10);
		return;
	case NUMBER32:
		*(uint32_t *)to = (uint32_t)strtoul(value, NULL, 10);
		return;
	case PLACE:
		*(unsigned *)to = place_of(value, f->words);
		return;
	case LIST:
		*(struct rules_list *)to = list_of(w, value);
		return;
	}
}

static const struct field *
find_field(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

/* The part of this name; NULL: none. */
static void *
find_part(struct world *w, const char *name, size_t *ret_kind, size_t *ret_which)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (size_t k = 0; k < MAX_PARTS && parts[i].names[k]; k++) {
			const char *known = parts[i].names[k];
			if (strcmp(known + (*known == '-'), name) != 0)
				continue;
			*ret_kind = i;
			*ret_which = k;
			return (unsigned char *)w + parts[i].at + k * parts[i].size;
		}
	return NULL;
}

static void
edit_field(struct world *w, char *name, char *value)
{
	const struct field *f = find_field(facts_fields, name);
	size_t kind, which;
	char *dot = strchr(name, '.');
	if (f) {
		set_field(w, f, &w->facts, value);
		return;
	}
	if (dot)
		*dot = '\0';
	void *part = dot ? find_part(w, name, &kind, &which) : NULL;
	f = part ? find_field(parts[kind].fields, dot + 1) : NULL;
	if (!f)
		fail_msg("no such field: %s of %s", dot ? dot + 1 : "", name);
	else
		set_field(w, f, part, value);
}

static void
edit(struct world *w, char *word)
{
	size_t kind, which;
	char *value = strchr(word, '=');
	if (value) {
		*value = '\0';
		edit_field(w, word, value + 1);
	} else if (!find_part(w, word + 1, &kind, &which)) {
		fail_msg("no such part: %s", word + 1);
	} else if (*word == '+') {
		w->absent[kind] &= ~(1u << which);
	} else {
		w->absent[kind] |= 1u << which;
	}
}

void
world_edit(struct world *w, const char *words)
{
	char *rest = keep(w, xstrdup(words));
	for (char *word; (word = strsep(&rest, " "));)
		if (*word)
			edit(w, word);
}

/* ---- facts ---- */

static struct rules_consent
consent_of(struct world *w, const struct consent *c)
{
	struct rules_permission list[2 * MAX_WORDS];
	struct rules_consent is = c->is;
	for (size_t i = 0; i < c->permits.count; i++)
		list[is.permission_count++] = (struct rules_permission){
			c->permits.words[i], true, c->from_ms, c->until_ms};
	for (size_t i = 0; i < c->denies.count; i++)
		list[is.permission_count++] =
			(struct rules_permission){c->denies.words[i], false, 0, 0};
	is.permissions = lend(w, list, is.permission_count * sizeof(*list));
	return is;
}

static struct rules_approval
approval_of(struct world *w, const struct approval *a)
{
	struct rules_approval is = a->is;
	is.conditions = lend(w, a->conditions, is.condition_count * sizeof(a->conditions[0]));
	return is;
}

#define LEND(I, type, list, what, counted)                                                     \
	do {                                                                                   \
		struct type there[MAX_PARTS];                                                  \
		size_t n = 0;                                                                  \
		for (size_t k = 0; k < MAX_PARTS; k++)                                         \
			if (!(w->absent[I] >> k & 1))                                          \
				there[n++] = what;                                             \
		w->facts.list = lend(w, there, n * sizeof(*there));                            \
		w->facts.counted = n;                                                          \
	} while (0)

const struct rules_facts *
world_facts(struct world *w)
{
	LEND(0, rules_approval, approvals, approval_of(w, &w->approvals[k]), approval_count);
	LEND(1, rules_modification, modifications, w->modifications[k], modification_count);
	LEND(2, rules_review, reviews, w->reviews[k], review_count);
	LEND(3, rules_consent, record.consents, consent_of(w, &w->consents[k]),
		record.consent_count);
	LEND(4, rules_sheet, sheets, w->sheets[k], sheet_count);
	LEND(5, rules_duty, duties, w->duties[k], duty_count);
	LEND(6, rules_opt_out, record.opt_outs, w->opt_outs[k], record.opt_out_count);
	LEND(7, rules_item, record.items, w->items[k], record.item_count);
	LEND(8, rules_cosignature, cosignatures, w->cosignatures[k], cosignature_count);
	LEND(9, rules_window, windows, w->windows[k], window_count);
	LEND(10, rules_protocol, protocols, w->protocols[k], protocol_count);
	return &w->facts;
}
