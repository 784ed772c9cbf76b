#include "node/consent_form.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"
#include "common/study/zone.h"

#define MS_PER_S   1000
#define DATE_BYTES 11 /* YYYY-MM-DD and the zero */

bool
consent_form_is(const struct form *f)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (f->fields[i].permission && *f->fields[i].permission)
			return true;
	return false;
}

/* times */

/* The first moment behind a day's answer; a time of day behind the date is not looked at. */
static enum err
read_day_end(const char *name, const char *text, const char *zone, int64_t *ret_s)
{
	char day[DATE_BYTES];
	int64_t end_ms;
	(void)snprintf(day, sizeof(day), "%.10s", text);
	if (!zone_day_end(zone, day, &end_ms))
		return fail(E_FORMAT, "%s: this is no day", name);
	*ret_s = end_ms / MS_PER_S;
	return OK;
}

static enum err
read_times(struct wire_consent *c, const struct capture_cells *cells, const char *zone)
{
	const char *given = capture_cells_value(cells, "given_at");
	const char *until = capture_cells_value(cells, "valid_until");
	if (!zone_moment(zone, given, &c->given_at_s))
		return fail(E_FORMAT, "given_at: it does not say when the consent was given");
	return *until ? read_day_end("valid_until", until, zone, &c->valid_until_s) : OK;
}

/* What a parent says ends with the day before the sixteenth birthday, a no as well: that is its
 * last day, from which the rules know when the child's own word counts. An end that was agreed
 * is that of the permissions; on the same day it comes a second before, to be told from it. */
static enum err
end_at_sixteen(struct wire_consent *c, const struct form *f, const struct capture_cells *cells,
	const char *zone, int64_t *agreed_s)
{
	const char *day = capture_cells_value(cells, "turns_sixteen");
	char date[DATE_BYTES];
	int64_t sixteen_ms = 0;
	const bool agrees = !consent_permits_nothing(c);
	if (strcmp(c->grantor_role, "parent") != 0 || form_field(f, "turns_sixteen") < 0 ||
		(!agrees && !*day))
		return OK;
	(void)snprintf(date, sizeof(date), "%.10s", day);
	if (!zone_day(zone, date, &sixteen_ms))
		return fail(
			E_FORMAT, "turns_sixteen: say on which day the child turns sixteen");
	if (agrees && sixteen_ms / MS_PER_S <= c->given_at_s)
		return fail(E_FORMAT, "turns_sixteen: from sixteen on the young person agrees, "
				      "not a parent");
	c->valid_until_s = sixteen_ms / MS_PER_S;
	*agreed_s -= *agreed_s == c->valid_until_s;
	return OK;
}

static enum err
read_begin(const struct wire_consent *c, const struct capture_cells *cells, const char *zone,
	int64_t *ret_s)
{
	const char *from = capture_cells_value(cells, "valid_from");
	int64_t from_s = 0;
	*ret_s = c->given_at_s;
	if (!*from)
		return OK;
	if (!zone_moment(zone, from, &from_s))
		return fail(E_FORMAT, "valid_from: this is no day");
	*ret_s = MAX(from_s, c->given_at_s);
	return OK;
}

/* what goes with it */

static enum err
check_beside(
	const struct wire_consent *c, const struct form *f, const struct capture_cells *cells)
{
	const bool is_assessed = *c->capacity && strcmp(c->capacity, "presumed") != 0;
	if (consent_needs_witness(c) && !*capture_cells_value(cells, "witness") &&
		!*capture_cells_value(cells, "witness_ref"))
		return fail(E_FORMAT, "witness: consent given in this way needs a witness");
	if (is_assessed && form_field(f, "capacity_date") >= 0 &&
		!*capture_cells_value(cells, "capacity_date"))
		return fail(E_FORMAT, "capacity_date: say on which day this was assessed");
	return OK;
}

/* permissions */

struct period {
	int64_t from_s, until_s; /* until_s 0: no end */
};

static enum err
add_permission(
	struct consent *c, const struct form_field *f, const char *answer, struct period p)
{
	bool yes = strcmp(answer, "yes") == 0;
	if (!consent_is_permission(f->permission))
		return fail(
			E_FORMAT, "%s: there is no permission \"%s\"", f->name, f->permission);
	for (size_t i = 0; i < c->wire.permission_count; i++)
		if (strcmp(c->permissions[i].code, f->permission) == 0)
			return fail(E_FORMAT, "%s: the permission %s is asked twice", f->name,
				f->permission);
	if (c->wire.permission_count == WIRE_PERMISSIONS_MAX)
		return fail(E_FORMAT, "%s: too many permissions", f->name);
	c->permissions[c->wire.permission_count++] =
		(struct wire_permission){.code = f->permission,
			.permit = yes && !consent_permits_nothing(&c->wire),
			.from_s = p.from_s,
			.until_s = p.until_s,
			.limits = f->limits.at,
			.limit_count = f->limits.count};
	return OK;
}

static enum err
read_permissions(struct consent *c, const struct form *form, const struct capture_cells *cells,
	struct period p)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < form->field_count; i++) {
		const struct form_field *f = &form->fields[i];
		if (f->permission && *f->permission)
			e = add_permission(c, f, capture_cells_value(cells, f->name), p);
	}
	return e;
}

enum err
consent_form_read(struct consent *ret, const struct form *f, const struct capture_cells *cells,
	const char *zone)
{
	const char *version = capture_cells_value(cells, "form_version_shown");
	*ret = (struct consent){
		.wire = {.event = capture_cells_value(cells, "event"),
			.grantor_role = capture_cells_value(cells, "given_by"),
			.form = f->id,
			.form_version = *version ? version : f->version,
			.mode = capture_cells_value(cells, "mode"),
			.capacity = capture_cells_value(cells, "capacity"),
			.assent = capture_cells_value(cells, "assent"),
			.taken_by = capture_cells_value(cells, "taken_by"),
			.approach_by = capture_cells_value(cells, "approached_by"),
			.approacher = capture_cells_value(cells, "approacher")}};
	const char *days = zone ? zone : "UTC";
	struct period agreed = {0};
	struct wire_consent *c = &ret->wire;
	enum err e = consent_check(c);
	if (!e)
		e = check_beside(c, f, cells);
	if (!e)
		e = read_times(c, cells, days);
	agreed.until_s = c->valid_until_s;
	if (!e)
		e = end_at_sixteen(c, f, cells, days, &agreed.until_s);
	if (!e)
		e = read_begin(c, cells, days, &agreed.from_s);
	if (!e)
		e = read_permissions(ret, f, cells, agreed);
	c->permissions = ret->permissions;
	return e;
}
