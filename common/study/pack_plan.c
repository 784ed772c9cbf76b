#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack_own.h"
#include "common/study/zone.h"

#define FILE_NAME "study.ini"

static struct values
values_of(const struct ini *ini, const char *section, struct faults *faults)
{
	return (struct values){ini, FILE_NAME, section, faults};
}

/* What receipts, exports and leaves repeat: shorter than a text of a leaf, as any line of an
 * ini file is. */
static char *
read_line(const struct values *v, const char *key)
{
	const char *text = values_text(v, key);
	if (!text_is_plain(text))
		faults_add(
			v->faults, values_place(v, key), "has characters that no paper prints");
	return xstrdup(text);
}

/* What every consent of the study has in common. */
static void
read_common(struct pack *p, const struct ini *ini, struct faults *faults)
{
	struct values study = values_of(ini, "study", faults);
	struct values legal = values_of(ini, "legal", faults);
	p->legal = (struct pack_legal){
		.protocol = read_line(&study, "protocol"),
		.controllers = read_line(&study, "controllers"),
		.recipients = read_line(&legal, "recipients"),
		.storage = read_line(&legal, "storage"),
		.retention = read_line(&legal, "retention.answers"),
		.art6 = read_line(&legal, "gdpr_art6"),
		.art9 = read_line(&legal, "gdpr_art9"),
		.dpa2018 = read_line(&legal, "dpa2018"),
		.jurisdiction = read_line(&legal, "jurisdiction"),
	};
}

static void
check_basis(const struct values *v)
{
	const char *basis = values_need(v, "confidentiality");
	if (strcmp(basis, "consent") != 0 && strcmp(basis, RULES_WITHOUT) != 0)
		faults_add(v->faults, values_place(v, "confidentiality"),
			"anything but 'consent' and 's251' is not built yet in this version");
}

static void
read_legal(struct pack *p, const struct ini *ini, struct faults *faults)
{
	struct values v = values_of(ini, "legal", faults);
	values_check_keys(&v, "|confidentiality|gdpr_art6|gdpr_art9|dpa2018|capacity_law|"
			      "jurisdiction|recipients|storage|retention.*|confirmed_by|");
	check_basis(&v);
	read_common(p, ini, faults);
	p->confidentiality = xstrdup(values_text(&v, "confidentiality"));
	p->retention_ms = values_time(&v, "retention.answers");
	p->retention_contact_ms = values_time(&v, "retention.contact");
	(void)values_time(&v, "retention.audit");
	p->unconfirmed =
		ini_find(ini, "legal", "confirmed_by") && !*values_text(&v, "confirmed_by");
	if (p->unconfirmed)
		faults_warn(faults, values_place(&v, "confirmed_by"),
			"nobody has confirmed the legal bases yet: nodes collect nothing");
}

static void
read_plan(struct pack *p, const struct ini *ini, struct faults *faults)
{
	struct values v = values_of(ini, "plan", faults);
	int64_t day_ms = 0;
	values_check_keys(&v, "|date|sealed|indicators|pooling|quartiles|interval.share|");
	if (!zone_day("UTC", values_need(&v, "date"), &day_ms))
		faults_add(faults, values_place(&v, "date"), "not a day YYYY-MM-DD");
	if (strcmp(ini_value(ini, "plan", "indicators", "all"), "all") != 0)
		faults_add(faults, values_place(&v, "indicators"),
			"anything but 'all' is not built yet in this version");
	p->sealed_ms = values_flag(&v, "sealed", false) ? MAX(day_ms, 1) : 0;
	(void)values_one_of(&v, "pooling", "records|population|equal");
	(void)values_share(&v, "interval.share");
	if (strcmp(ini_value(ini, "plan", "quartiles", "7"), "7") != 0)
		faults_add(faults, values_place(&v, "quartiles"),
			"anything but rule 7 is not built yet in this version");
	if (strcmp(ini_value(ini, "plan", "interval.share", "0.95"), "0.95") != 0)
		faults_add(faults, values_place(&v, "interval.share"),
			"anything but 0.95 is not built yet in this version");
	p->pooling = xstrdup(values_need(&v, "pooling"));
}

static void
read_phase2(struct pack *p, const struct ini *ini, struct faults *faults)
{
	struct values v = values_of(ini, "phase2", faults);
	values_check_keys(&v, "|list.indicator|list.cutoff|list.longest|list.needs|");
	(void)values_count(&v, "list.cutoff", "percent", 0);
	(void)values_count(&v, "list.longest", "outcomes", 0);
	p->own->list_is_amended = values_one_of(&v, "list.needs", "none|amendment") == 1;
}

static void
read_quality(struct pack *p, const struct ini *ini, struct faults *faults)
{
	static const char *const keys[] = {
		"response.warn", "partner.warn", "item_missing.warn"};
	struct values v = values_of(ini, "quality", faults);
	values_check_keys(&v, "|response.warn|partner.warn|item_missing.warn|");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (values_count(&v, keys[i], "percent", 0) > 100)
			faults_add(faults, values_place(&v, keys[i]), "more than 100 percent");
	p->response_warn_percent = values_count(&v, keys[0], "percent", 0);
	p->partner_warn_percent = values_count(&v, keys[1], "percent", 0);
}

static void
read_withdrawal(struct pack *p, const struct ini *ini, struct faults *faults)
{
	struct values v = values_of(ini, "withdrawal", faults);
	values_check_keys(&v, "|levels|telephone|done.within|objection|capacity-lost|");
	p->objection = (enum pack_objection)values_one_of(&v, "objection", PACK_LEVELS);
	p->incapable = (enum pack_incapable)values_one_of(
		&v, "capacity-lost", "no-more-collection|as-permitted");
}

void
pack_read_plan(struct pack *p, const struct ini *ini, struct faults *faults)
{
	read_legal(p, ini, faults);
	read_plan(p, ini, faults);
	read_phase2(p, ini, faults);
	read_quality(p, ini, faults);
	read_withdrawal(p, ini, faults);
}
