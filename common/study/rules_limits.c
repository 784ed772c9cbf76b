#include "common/study/rules_limits.h"

#include <string.h>

#define NARROWER_MAX 3
#define NO_LIMIT     "NRES"

struct code {
	const char *code, *id;
	bool is_about; /* it means nothing without what it is about */
	const char *narrower[NARROWER_MAX + 1];
	const char *plain;
};

static const struct code codes[] = {
	{NO_LIMIT, "DUO:0000004", false, {NULL}, "without a limit"},
	{"GRU", "DUO:0000042", false, {"HMB", "DS", "POA"}, "for research only"},
	{"HMB", "DUO:0000006", false, {"DS"}, "for health research only"},
	{"DS", "DUO:0000007", true, {NULL}, "for research on one illness only"},
	{"POA", "DUO:0000011", false, {NULL}, "for research on ancestry only"},
	{"NPOA", "DUO:0000044", false, {NULL}, "not for research on ancestry"},
	{"NMDS", "DUO:0000015", false, {NULL}, "not to develop methods"},
	{"GSO", "DUO:0000016", false, {NULL}, "for genetic studies only"},
	{"RS", "DUO:0000012", true, {NULL}, "for one kind of research only"},
	{"NPU", "DUO:0000045", false, {"NPUNCU"}, "by organisations that make no profit"},
	{"NCU", "DUO:0000046", false, {"NPUNCU"}, "not for profit"},
	{"NPUNCU", "DUO:0000018", false, {NULL},
		"not for profit, and by organisations that make none"},
	{"PUB", "DUO:0000019", false, {NULL}, "only if the results are published"},
	{"COL", "DUO:0000020", false, {NULL}, "only together with the people of this study"},
	{"IRB", "DUO:0000021", false, {NULL}, "only when an ethics committee has agreed"},
	{"RTN", "DUO:0000029", false, {NULL}, "only if what is worked out is given back"},
	{"GS", "DUO:0000022", true, {NULL}, "in one region only"},
	{"MOR", "DUO:0000024", true, {NULL}, "with nothing published before a day"},
	{"TS", "DUO:0000025", true, {NULL}, "for a time only"},
	{"US", "DUO:0000026", true, {NULL}, "by approved people only"},
	{"PS", "DUO:0000027", true, {NULL}, "in one project only"},
	{"IS", "DUO:0000028", true, {NULL}, "in one institution only"},
};

static bool
is_about_something(const char *text)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz_-.:";
	return *text && text[strspn(text, letters)] == '\0';
}

static const struct code *
find(const char *word)
{
	const size_t len = strcspn(word, "=");
	if (strlen(word) >= RULES_LIMIT_BYTES)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		const struct code *c = &codes[i];
		if (strlen(c->code) != len || memcmp(c->code, word, len) != 0)
			continue;
		if (c->is_about ? word[len] == '=' && is_about_something(word + len + 1)
				: word[len] == '\0')
			return c;
	}
	return NULL;
}

bool
rules_limit_is_known(const char *word)
{
	return find(word) != NULL;
}

const char *
rules_limit_id(const char *word)
{
	const struct code *c = find(word);
	return c ? c->id : NULL;
}

const char *
rules_limit_plain(const char *word)
{
	const struct code *c = find(word);
	return c ? c->plain : word;
}

struct rules_list
rules_limits_of(const struct wire_consent *c)
{
	struct rules_list none = {NULL, 0};
	for (size_t i = 0; i < c->permission_count; i++)
		if (strcmp(c->permissions[i].code, RULES_SHARING) == 0)
			return (struct rules_list){
				c->permissions[i].limits, c->permissions[i].limit_count};
	return none;
}

bool
rules_limits_known(const struct rules_list *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (!find(words->words[i]))
			return false;
	return true;
}

static bool
is_narrower(const struct code *limit, const struct code *promised)
{
	for (size_t i = 0; promised && limit->narrower[i]; i++)
		if (strcmp(limit->narrower[i], promised->code) == 0)
			return true;
	return false;
}

static bool
is_kept(const char *word, const struct rules_list *promised)
{
	const struct code *limit = find(word);
	if (limit && strcmp(limit->code, NO_LIMIT) == 0)
		return true;
	for (size_t i = 0; limit && i < promised->count; i++)
		if (strcmp(promised->words[i], word) == 0 ||
			is_narrower(limit, find(promised->words[i])))
			return true;
	return false;
}

bool
rules_limits_kept(const struct rules_list *limits, const struct rules_list *promised)
{
	for (size_t i = 0; i < limits->count; i++)
		if (!is_kept(limits->words[i], promised))
			return false;
	return true;
}
