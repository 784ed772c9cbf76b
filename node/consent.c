#include "node/consent.h"

#include <stdio.h>
#include <string.h>

#include "common/study/rules_limits.h"

/* What a level takes away; each level does what the bits say. Who takes a bit takes those below
 * it, too: the numbers are in the order of how far levels reach. */
enum takes {
	TAKES_CONTACT = 1 << 0,
	TAKES_COLLECTION = 1 << 1,
	TAKES_USE = 1 << 2,
	TAKES_STORAGE = 1 << 3,
};

static const struct {
	const char *code;
	const char *words;
	unsigned taken_by; /* enum takes */
} codes_known[] = {
	{"approach", "being asked to take part", TAKES_CONTACT},
	{"contact", "being contacted by the study", TAKES_CONTACT},
	{"collect-direct", "answering questions", TAKES_COLLECTION},
	{"collect-records", "the study reading records about me", TAKES_COLLECTION},
	{"record-audio", "being recorded", TAKES_COLLECTION},
	{"quote-verbatim", "my words being quoted", TAKES_USE},
	{"store-identifiable", "my name and contact being kept at this site", TAKES_STORAGE},
	{"use-site-report", "answers used in a report to this site", TAKES_USE},
	{"use-aggregate", "answers used in figures over all sites", TAKES_USE},
	{"link", "answers at different times being put together", TAKES_USE},
	{"share-secondary", "answers, without name, shared with other researchers", TAKES_USE},
	{"recontact-other-study", "being asked about other studies", TAKES_CONTACT},
	{"inform-results", "being told the results", TAKES_USE},
	{"retain-after-loss-of-capacity",
		"answers staying in the study if I can no longer decide myself", TAKES_STORAGE},
};

static const struct {
	const char *level;
	unsigned takes;
	struct consent_words words;
} levels_known[] = {
	{"no-further-contact", TAKES_CONTACT,
		{"Nobody of the study contacts the person any more.",
			"Answers already given stay in the study.",
			"Contacts that were made cannot be undone."}},
	{"no-more-collection", TAKES_CONTACT | TAKES_COLLECTION,
		{"Nothing more is collected and nobody contacts the person.",
			"Answers already given stay in the study.",
			"Tables already published stay as they are."}},
	{"no-further-use", TAKES_CONTACT | TAKES_COLLECTION | TAKES_USE,
		{"Nothing more is collected, and the answers are in no table made from now on.",
			"The answers stay stored, sealed; they are not used.",
			"Tables already published stay as they are."}},
	{"erase", TAKES_CONTACT | TAKES_COLLECTION | TAKES_USE | TAKES_STORAGE,
		{"Nothing more is collected, nothing is used, and the answers are to be "
		 "erased.",
			"A bare number without any answer stays, so that nothing is loaded "
			"again.",
			"Tables already published stay as they are; what is erased cannot be "
			"brought back. Until it is erased the wish can be taken back: ring "
			"the number above."}},
	{"objection", TAKES_CONTACT | TAKES_COLLECTION | TAKES_USE,
		{"Nothing more is collected until the objection has been looked at.",
			"Answers already given stay stored and are in no table until then.",
			"Tables already published stay as they are."}},
	{"capacity-lost", TAKES_CONTACT | TAKES_COLLECTION,
		{"Nothing more is collected until a consultee has advised.",
			"What happens to answers already given is as the study's plan says.",
			"Tables already published stay as they are."}},
	{WIRE_LEVEL_DIED, TAKES_CONTACT,
		{"Nobody of the study contacts the person or asks for anything more.",
			"What happens to answers already given is as the information sheet "
			"says.",
			"Tables already published stay as they are."}},
};

#define WITNESSED_MODE  "verbal-witnessed"
#define WITNESSED_ROLE  "witness-for-illiterate"
#define CONSULTEE_START "consultee-"
#define WORDS_MOST      9
#define LEVELS_BYTES    256

/* The words that a field of a consent may have; "" besides where it may be left out. */
struct words {
	const char *field;
	bool needed;
	const char *known[WORDS_MOST + 1];
};

static const struct words events = {"event", true,
	{"requested", "given", "refused", "advice-supports", "advice-against", "reaffirmed",
		"changed", "expired", "invalidated"}};
static const struct words modes = {"mode", true,
	{"written", "electronic-drawn", "electronic-typed", WITNESSED_MODE,
		"returned-questionnaire"}};
static const struct words grantors = {"given_by", false,
	{"self", "parent", "consultee-personal", "consultee-nominated", WITNESSED_ROLE}};
static const struct words capacities = {"capacity", false,
	{"presumed", "assessed-has", "assessed-lacks", "lost-during-study", "regained"}};
static const struct words assents = {"assent", false, {"given", "not-sought", "dissent"}};
static const struct words approachers = {
	"approached_by", false, {"care-team", "local-staff", "researcher", "self-referred"}};
static const char *const nothing_permitted[] = {
	"requested", "refused", "advice-against", "expired", "invalidated"};

static bool
has_word(const struct words *w, const char *text)
{
	for (size_t i = 0; w->known[i]; i++)
		if (strcmp(w->known[i], text) == 0)
			return true;
	return false;
}

static enum err
check_word(const struct words *w, const char *text)
{
	if ((!*text && !w->needed) || has_word(w, text))
		return OK;
	return *text ? fail(E_FORMAT, "%s: this answer is not known to this version", w->field)
		     : fail(E_FORMAT, "%s: this has to be said", w->field);
}

bool
consent_is_mode(const char *mode)
{
	return has_word(&modes, mode);
}

static bool
is_one_of(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

bool
consent_needs_witness(const struct wire_consent *c)
{
	return strcmp(c->mode, WITNESSED_MODE) == 0 ||
	       strcmp(c->grantor_role, WITNESSED_ROLE) == 0;
}

bool
consent_permits_nothing(const struct wire_consent *c)
{
	return is_one_of(c->event, nothing_permitted, ARRAY_LEN(nothing_permitted)) ||
	       strcmp(c->assent, "dissent") == 0;
}

static enum err
check_words(const struct wire_consent *c)
{
	const struct {
		const struct words *words;
		const char *text;
	} rows[] = {{&events, c->event}, {&modes, c->mode}, {&grantors, c->grantor_role},
		{&capacities, c->capacity}, {&assents, c->assent},
		{&approachers, c->approach_by}};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(rows); i++)
		e = check_word(rows[i].words, rows[i].text);
	return e;
}

/* A consultee gives advice, not consent (Mental Capacity Act 2005, section 32). */
static enum err
check_speaker(const struct wire_consent *c)
{
	static const char *const advice[] = {"advice-supports", "advice-against"};
	static const char *const own[] = {"given", "refused"};
	static const char *const cannot[] = {"", "assessed-lacks", "lost-during-study"};
	const bool is_consultee =
		strncmp(c->grantor_role, CONSULTEE_START, strlen(CONSULTEE_START)) == 0;
	if (is_consultee && is_one_of(c->event, own, ARRAY_LEN(own)))
		return fail(E_FORMAT, "event: a consultee advises, and does not agree or "
				      "refuse for the person");
	if (*c->grantor_role && !is_consultee && is_one_of(c->event, advice, ARRAY_LEN(advice)))
		return fail(E_FORMAT, "event: only a consultee gives advice");
	if (is_consultee && !is_one_of(c->capacity, cannot, ARRAY_LEN(cannot)))
		return fail(E_FORMAT, "capacity: a consultee is asked only about a person who "
				      "cannot decide");
	return OK;
}

enum err
consent_check(const struct wire_consent *c)
{
	enum err e = check_words(c);
	return e ? e : check_speaker(c);
}

static bool
find_code(const char *code, size_t *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(codes_known); i++)
		if (strcmp(codes_known[i].code, code) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

bool
consent_is_permission(const char *code)
{
	size_t known;
	return find_code(code, &known);
}

static enum err
find_level(const char *level, size_t *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(levels_known); i++)
		if (strcmp(levels_known[i].level, level) == 0) {
			*ret = i;
			return OK;
		}
	OWNED_BUF struct buf known;
	buf_init(&known, LEVELS_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(levels_known); i++)
		buf_format(&known, "%s%s", i ? ", " : "", levels_known[i].level);
	return fail(E_FORMAT, "there is no level %s of a participation change, only %.*s",
		level, (int)known.len, (const char *)known.at);
}

/* "HMB+NCU", taken apart where it stands. */
static enum err
add_limits(struct consent *c, struct wire_permission *to, char *text)
{
	if (strcmp(to->code, RULES_SHARING) != 0)
		return fail(E_FORMAT, "limits go with the permission %s alone", RULES_SHARING);
	to->limits = c->limits;
	for (char *limit = strsep(&text, "+"); limit; limit = strsep(&text, "+")) {
		if (!rules_limit_is_known(limit))
			return fail(
				E_FORMAT, "there is no limit \"%s\" on other research", limit);
		if (to->limit_count == WIRE_LIMITS_MAX)
			return fail(E_FORMAT, "a permission has at most %d limits",
				WIRE_LIMITS_MAX);
		c->limits[to->limit_count++] = limit;
	}
	return OK;
}

/* A code, with its limits behind it, taken apart where it stands. */
static enum err
add_code(struct consent *c, char *text, int64_t from_s)
{
	size_t known;
	const char *code = strsep(&text, ":");
	if (!find_code(code, &known))
		return fail(E_FORMAT, "there is no permission \"%s\"", code);
	for (size_t i = 0; i < c->wire.permission_count; i++)
		if (strcmp(c->permissions[i].code, codes_known[known].code) == 0)
			return fail(E_FORMAT, "the permission %s is named twice", code);
	struct wire_permission *to = &c->permissions[c->wire.permission_count++];
	*to = (struct wire_permission){
		.code = codes_known[known].code, .permit = true, .from_s = from_s};
	return text ? add_limits(c, to, text) : OK;
}

enum err
consent_give(struct consent *ret, char codes[static CONSENT_LIST_BYTES],
	const struct consent_given *g)
{
	if (!consent_is_mode(g->mode))
		return fail(E_FORMAT, "there is no mode of consent \"%s\"", g->mode);
	if (strcmp(g->mode, WITNESSED_MODE) == 0)
		return fail(E_FORMAT, "what is said in front of a witness needs the witness: "
				      "enter it with the consent form");
	if (strlen(g->list) >= CONSENT_LIST_BYTES)
		return fail(E_FORMAT, "the list of permissions is too long");
	(void)snprintf(codes, CONSENT_LIST_BYTES, "%s", g->list);
	*ret = (struct consent){.wire = {.event = CONSENT_GIVEN,
					.grantor_role = "self",
					.form = g->form,
					.form_version = g->form_version,
					.mode = g->mode,
					.capacity = "presumed",
					.given_at_s = g->given_at_s}};
	enum err e = OK;
	char *rest = codes;
	for (char *code = strsep(&rest, ","); !e && code; code = strsep(&rest, ","))
		e = add_code(ret, code, g->given_at_s);
	ret->wire.permissions = ret->permissions;
	return e;
}

enum err
consent_end(struct consent *c, int64_t until_s)
{
	if (until_s <= c->wire.given_at_s)
		return fail(E_FORMAT, "a consent cannot end before it was given");
	c->wire.valid_until_s = until_s;
	for (size_t i = 0; i < c->wire.permission_count; i++)
		c->permissions[i].until_s = until_s;
	return OK;
}

/* One permission after the change: what the level takes is denied from now on, the rest
 * stays. */
static struct wire_permission
change_permission(const struct wire_permission *before, unsigned takes, int64_t at_s)
{
	struct wire_permission p = *before;
	size_t known;
	/* A code of a later version is taken away by every level: the careful reading. */
	if (!find_code(p.code, &known) || (codes_known[known].taken_by & takes)) {
		p.permit = false;
		p.from_s = at_s;
		p.until_s = 0;
	}
	return p;
}

enum err
consent_change(
	struct consent *ret, const struct wire_consent *before, const char *level, int64_t at_s)
{
	return consent_change_as(ret, before, level, level, at_s);
}

enum err
consent_change_as(struct consent *ret, const struct wire_consent *before, const char *level,
	const char *as, int64_t at_s)
{
	size_t l = 0, takes = 0;
	enum err e = find_level(level, &l);
	if (!e)
		e = find_level(as, &takes);
	if (e)
		return e;
	*ret = (struct consent){.wire = *before};
	ret->wire.event = CONSENT_CHANGED;
	ret->wire.level = levels_known[l].level;
	ret->wire.given_at_s = at_s;
	ret->wire.permissions = ret->permissions;
	for (size_t i = 0; i < before->permission_count; i++)
		ret->permissions[i] = change_permission(
			&before->permissions[i], levels_known[takes].takes, at_s);
	return OK;
}

void
consent_again(struct consent *ret, const struct wire_consent *before, int64_t at_s)
{
	*ret = (struct consent){.wire = *before};
	ret->wire.event = CONSENT_REAFFIRMED;
	ret->wire.level = "";
	ret->wire.given_at_s = at_s;
	ret->wire.permissions = ret->permissions;
	for (size_t i = 0; i < before->permission_count; i++)
		ret->permissions[i] = before->permissions[i];
}

unsigned
consent_reach(const char *level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels_known); i++)
		if (strcmp(levels_known[i].level, level) == 0)
			return levels_known[i].takes;
	return 0;
}

enum err
consent_words(const char *level, struct consent_words *ret)
{
	size_t l = 0;
	enum err e = find_level(level, &l);
	if (!e)
		*ret = levels_known[l].words;
	return e;
}

const char *
consent_code_words(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(codes_known); i++)
		if (strcmp(codes_known[i].code, code) == 0)
			return codes_known[i].words;
	return code;
}
