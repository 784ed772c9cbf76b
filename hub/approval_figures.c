#include "hub/approval_figures.h"

#include <string.h>

#include "common/base/base.h"

#define DAY_S        86400
#define WEEK_DAYS    7
#define WORKING_DAYS 5
/* 1970-01-01 was a Thursday; Monday is 0. */
#define FIRST_WEEKDAY 3

static int64_t
working_days_before(int64_t day)
{
	/* The Monday of the week of 1970-01-01 is day 0 of the count. */
	const int64_t since = day + FIRST_WEEKDAY;
	return since / WEEK_DAYS * WORKING_DAYS + MIN(since % WEEK_DAYS, (int64_t)WORKING_DAYS);
}

int64_t
approval_figures_working_days(int64_t from_s, int64_t until_s)
{
	return from_s < until_s ? working_days_before(until_s / DAY_S) -
					  working_days_before(from_s / DAY_S)
				: 0;
}

static bool
is_for(const struct approval *a, const char *site)
{
	static const char favourable[] = "favourable";
	bool agrees = strcmp(a->decision, "confirmed") == 0 ||
		      strncmp(a->decision, favourable, sizeof(favourable) - 1) == 0;
	return agrees && a->verified_by[0] && !a->person[0] &&
	       (!a->site[0] || strcmp(a->site, site) == 0);
}

void
approval_figures_of(const struct approval *rows, size_t count, const char *site, size_t sites,
	struct approval_figures *ret)
{
	*ret = (struct approval_figures){0};
	for (size_t i = 0; i < count; i++) {
		const struct approval *a = &rows[i];
		if (!is_for(a, site))
			continue;
		const int64_t asked_s = a->submitted_s ? a->submitted_s : a->from_s;
		if (!ret->first_s || asked_s < ret->first_s)
			ret->first_s = asked_s;
		ret->decided_s = MAX(ret->decided_s, a->from_s);
		ret->cost += a->site[0] ? (double)a->cost
					: (double)a->cost / (double)MAX(sites, (size_t)1);
		ret->count++;
	}
	ret->days = approval_figures_working_days(ret->first_s, ret->decided_s);
}

double
approval_figures_share(const struct approval_figures *f, double set_up_cost)
{
	const double all = f->cost + set_up_cost;
	return all > 0 ? f->cost / all : -1;
}
