#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack_own.h"
#include "common/study/zone.h"

#define FILE_NAME "study.ini"
#define LETTERS   "0123456789ABCDEFGHJKMNPQRSTVWXYZ" /* the one alphabet of study codes */
#define DAY_S     86400

static void
only(const struct values *v, const char *key, const char *word)
{
	if (strcmp(ini_value(v->ini, v->section, key, word), word) != 0)
		faults_add(v->faults, values_place(v, key),
			"anything but '%s' is not built yet in this version", word);
}

static void
read_code(struct pack *p, const struct values *v)
{
	p->code_pattern = xstrdup(values_text(v, "code.pattern"));
	only(v, "code.alphabet", LETTERS);
	only(v, "code.groups", "4 4");
	if (*p->code_pattern && pattern_compile(&p->own->code, p->code_pattern) != OK)
		faults_add(v->faults, values_place(v, "code.pattern"), "%s", err_text());
}

static void
check_languages(const struct values *v)
{
	const char *at = values_need(v, "languages");
	const char *otherwise = values_text(v, "default_language");
	char word[VALUES_WORD_BYTES];
	bool found = !*otherwise;
	while (values_next(&at, word))
		found = found || strcmp(word, otherwise) == 0;
	if (!found)
		faults_add(v->faults, values_place(v, "default_language"),
			"is none of the languages of the study");
}

/* Why 60 days unless it is said: after so long the study's readers may have destroyed the key
 * that a site seals for (hub/renewal.h), and what it collects might open nowhere. Under two
 * weeks a holiday would stop a site; over a year nobody knows there what was decided since. */
static void
read_in_force(struct pack *p, const struct values *v)
{
	const uint32_t days = values_count(v, "manifest_days", "", PACK_IN_FORCE_DAYS);
	if (days < PACK_IN_FORCE_MIN_DAYS || days > PACK_IN_FORCE_MAX_DAYS)
		faults_add(v->faults, values_place(v, "manifest_days"), "is from %d to %d",
			PACK_IN_FORCE_MIN_DAYS, PACK_IN_FORCE_MAX_DAYS);
	p->in_force_s = (int64_t)days * DAY_S;
}

void
pack_read_about(struct pack *p, const struct ini *ini, struct faults *faults)
{
	const struct values v = {ini, FILE_NAME, "study", faults};
	values_check_keys(&v,
		"|id|title|kind|protocol|design|country|languages|default_language|time_zone|"
		"currency"
		"|principal_investigator|sponsor|funder|commissioner|controllers|code.pattern"
		"|code.alphabet|code.groups|manifest_days|");
	p->id = xstrdup(values_need(&v, "id"));
	p->title = xstrdup(values_need(&v, "title"));
	p->kind = xstrdup(values_need(&v, "kind"));
	p->own->zone = xstrdup(values_need(&v, "time_zone"));
	p->protocol = xstrdup(values_need(&v, "protocol"));
	(void)values_need(&v, "country");
	(void)values_need(&v, "default_language");
	(void)values_one_of(&v, "kind", "research|service-evaluation|audit");
	if (*p->id && !text_is_name(p->id, FORM_MAX_NAME_BYTES))
		faults_add(faults, values_place(&v, "id"),
			"an id is a small letter and a-z, 0-9, '-'");
	if (*p->own->zone && !zone_known(p->own->zone))
		faults_add(faults, values_place(&v, "time_zone"),
			"this time zone is not built yet in this version");
	check_languages(&v);
	read_code(p, &v);
	read_in_force(p, &v);
}
