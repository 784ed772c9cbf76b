#include "hub/approvalitems.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#define DAYS         "approval_days"
#define COST         "approval_cost"
#define NUMBER_BYTES 40

struct gathering {
	struct approval *rows;
	size_t count;
};

static enum err
gather(void *arg, const struct approval *a)
{
	struct gathering *g = arg;
	if ((g->count & (g->count - 1)) == 0)
		g->rows = xrealloc(g->rows, MAX(g->count * 2, (size_t)1), sizeof(*g->rows));
	g->rows[g->count++] = *a;
	return OK;
}

enum err
approvalitems_read(struct approval_figures **ret, struct vault_txn *t,
	const struct cohort_site *sites, size_t count)
{
	struct gathering g = {NULL, 0};
	enum err e = approval_each(t, gather, &g);
	*ret = e ? NULL : xcalloc(count + 1, sizeof(**ret));
	for (size_t i = 0; !e && i < count; i++)
		approval_figures_of(g.rows, g.count, sites[i].id, count, &(*ret)[i]);
	mem_drop(&g.rows);
	return e;
}

static bool
is_item(const struct form *written, const char *path, const char *name)
{
	const int at = form_field(written, name);
	return at >= 0 && written->fields[at].repeat < 0 &&
	       strcmp(written->fields[at].path, path) == 0;
}

bool
approvalitems_is(const struct form *written, const char *path)
{
	return written->per_site &&
	       (is_item(written, path, DAYS) || is_item(written, path, COST));
}

static enum err
put_one(struct record *r, const struct form *written, const char *name, const char *text)
{
	const int at = form_field(written, name);
	return at < 0 || written->fields[at].repeat >= 0
		       ? OK
		       : record_put(r, written->fields[at].path, text);
}

enum err
approvalitems_put(
	struct record *r, const struct form *written, const struct approval_figures *f)
{
	char days[NUMBER_BYTES] = "", cost[NUMBER_BYTES] = "";
	if (!written->per_site)
		return OK;
	if (f->count) {
		(void)snprintf(days, sizeof(days), "%lld", (long long)f->days);
		(void)snprintf(cost, sizeof(cost), "%.15g", f->cost);
	}
	enum err e = put_one(r, written, DAYS, days);
	return e ? e : put_one(r, written, COST, cost);
}
