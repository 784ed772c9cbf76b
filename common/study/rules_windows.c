#include <stddef.h>

#include "common/study/rules_ask.h"

/* ---- R22: windows ---- */

static bool
is_for(const char *of, const char *what)
{
	return rules_blank(of) || rules_same(of, what);
}

static bool
is_asked(const struct rules_facts *f, const struct rules_window *w, bool of_site)
{
	return w->known <= f->known_upto && rules_blank(w->site) != of_site &&
	       is_for(w->site, f->site) && is_for(w->form, f->form);
}

/* Of the study or of the site: is there no such window for the form, or was one open in the
 * record's wave? */
static bool
is_open(const struct rules_facts *f, bool of_site)
{
	bool asked = false;
	for (size_t i = 0; i < f->window_count; i++) {
		const struct rules_window *w = &f->windows[i];
		if (!is_asked(f, w, of_site))
			continue;
		asked = true;
		if (is_for(w->wave, f->wave) &&
			rules_within(f->record.captured_ms, w->from_ms, w->until_ms))
			return true;
	}
	return !asked;
}

const char *
rules_judge_window(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)r;
	(void)v;
	if (!f->windows_known)
		return "the windows of collection are not known";
	if (f->window_count && f->record.captured_ms == 0)
		return "the time of collection is not known";
	if (!is_open(f, false))
		return "the record was not collected in a window of the study";
	if (!is_open(f, true))
		return "the record was not collected in a window of the site";
	return NULL;
}

/* ---- R23: the plan before the data ---- */

static bool
was_there(int64_t said_ms, uint64_t known, const struct rules_facts *f, int64_t before_ms)
{
	return said_ms && known <= f->known_upto && said_ms < before_ms;
}

/* Task and reason stand in a record about the site, which cannot wait for itself. */
const char *
rules_judge_plan(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_plan *p = &f->plan;
	int64_t first_ms = f->record.captured_ms;
	(void)r;
	(void)v;
	if (f->record.captured_ms == 0)
		return "the time of collection is not known";
	if (p->first_record_ms && p->first_record_ms < first_ms)
		first_ms = p->first_record_ms;
	if (!was_there(p->sealed_ms, p->sealed_known, f, first_ms))
		return "plan and indicators were not sealed before the wave's first record";
	if (!f->per_site && !was_there(p->task_ms, p->task_known, f, f->record.captured_ms))
		return "the site's task and stated reason were not recorded before";
	return NULL;
}
