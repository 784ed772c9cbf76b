#include "hub/cmd.h"

#include <stdio.h>

#include "common/codec/json.h"

#include "hub/office.h"
#include "hub/row.h"

#define SITES_MAX_COUNT 100000

/* A figure a line, as every command that reports figures prints them. */
static enum err
run_figures(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *tree = NULL;
	const struct json *sites, *one;
	enum err e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "approval-figures", "{}");
	if (!e)
		e = office_ask(o, "approval-figures", "{}", &tree);
	if (!e)
		e = json_get_array(tree, "sites", SITES_MAX_COUNT, &sites);
	for (size_t i = 0; !e && i < json_count(sites); i++) {
		const char *site = "";
		int64_t days = 0, count = 0;
		e = json_item_object(sites, i, "sites", &one);
		if (!e)
			e = json_get_text(one, "site", ROW_ID_BYTES, &site);
		if (!e)
			e = json_get_int(one, "days", 0, INT64_MAX, &days);
		if (!e)
			e = json_get_int(one, "approvals", 0, INT64_MAX, &count);
		if (!e)
			printf("approval_days.%s %lld working_days\napprovals.%s %lld "
			       "approvals\n",
				site, (long long)days, site, (long long)count);
	}
	return e;
}

const struct program_command cmd_approval_figures = {.name = "approval figures",
	.run = run_figures,
	.help = "how long approvals took at each site, and with --json what they cost"};
