#include "node/consent.h"

#include <stdio.h>
#include <string.h>

/* What a level takes away; each level does what the bits say. */
enum takes {
	TAKES_CONTACT = 1 << 0,
	TAKES_COLLECTION = 1 << 1,
	TAKES_USE = 1 << 2,
	TAKES_STORAGE = 1 << 3,
};

static const struct {
	const char *code;
	unsigned taken_by; /* enum takes */
} codes_known[] = {
	{"approach", TAKES_CONTACT},
	{"contact", TAKES_CONTACT},
	{"collect-direct", TAKES_COLLECTION},
	{"collect-records", TAKES_COLLECTION},
	{"record-audio", TAKES_COLLECTION},
	{"quote-verbatim", TAKES_USE},
	{"store-identifiable", TAKES_STORAGE},
	{"use-site-report", TAKES_USE},
	{"use-aggregate", TAKES_USE},
	{"link", TAKES_USE},
	{"share-secondary", TAKES_USE},
	{"recontact-other-study", TAKES_CONTACT},
	{"inform-results", TAKES_USE},
	{"retain-after-loss-of-capacity", TAKES_STORAGE},
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
			"brought "
			"back."}},
	{"objection", TAKES_CONTACT | TAKES_COLLECTION | TAKES_USE,
		{"Nothing more is collected until the objection has been looked at.",
			"Answers already given stay stored and are in no table until then.",
			"Tables already published stay as they are."}},
	{"capacity-lost", TAKES_CONTACT | TAKES_COLLECTION,
		{"Nothing more is collected until a consultee has advised.",
			"What happens to answers already given is as the study's plan says.",
			"Tables already published stay as they are."}},
};

static const char *const modes[] = {"written", "electronic-drawn", "electronic-typed",
	"verbal-witnessed", "returned-questionnaire"};

bool
consent_is_mode(const char *mode)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (strcmp(modes[i], mode) == 0)
			return true;
	return false;
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
	return fail(E_FORMAT, "there is no level %s of a participation change", level);
}

static enum err
add_code(struct consent *c, const char *code, int64_t from_s)
{
	size_t known;
	if (!find_code(code, &known))
		return fail(E_FORMAT, "there is no permission \"%s\"", code);
	for (size_t i = 0; i < c->wire.permission_count; i++)
		if (strcmp(c->permissions[i].code, codes_known[known].code) == 0)
			return fail(E_FORMAT, "the permission %s is named twice", code);
	c->permissions[c->wire.permission_count++] = (struct wire_permission){
		.code = codes_known[known].code, .permit = true, .from_s = from_s};
	return OK;
}

enum err
consent_give(struct consent *ret, char codes[static CONSENT_LIST_BYTES],
	const struct consent_given *g)
{
	if (!consent_is_mode(g->mode))
		return fail(E_FORMAT, "there is no mode of consent \"%s\"", g->mode);
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
	size_t l = 0;
	enum err e = find_level(level, &l);
	if (e)
		return e;
	*ret = (struct consent){.wire = *before};
	ret->wire.event = CONSENT_CHANGED;
	ret->wire.level = levels_known[l].level;
	ret->wire.given_at_s = at_s;
	ret->wire.permissions = ret->permissions;
	for (size_t i = 0; i < before->permission_count; i++)
		ret->permissions[i] =
			change_permission(&before->permissions[i], levels_known[l].takes, at_s);
	return OK;
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
