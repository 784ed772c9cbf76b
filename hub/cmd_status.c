#include "hub/cmd.h"

#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"

#include "hub/holders.h"
#include "hub/office.h"

#define NODES_MAX_COUNT     4096
#define LANES_MAX_COUNT     3
#define DECISIONS_MAX_COUNT 16384
#define RECORDS_MAX_COUNT   64
#define MS_PER_S            1000

static enum err
entries_of(const struct json *node, int64_t ret[static LANES_MAX_COUNT])
{
	const struct json *lanes, *lane;
	enum err e = json_get_array(node, "lanes", LANES_MAX_COUNT, &lanes);
	for (size_t i = 0; i < LANES_MAX_COUNT; i++) {
		ret[i] = 0;
		if (!e)
			e = json_item_object(lanes, i, "lane", &lane);
		if (!e)
			ret[i] = json_int_or_0(lane, "entries");
	}
	return e;
}

static void
contact_text(char ret[static CLOCK_TEXT_BYTES], const struct json *node)
{
	int64_t at_s = MAX(json_int_or_0(node, "heard_s"), json_int_or_0(node, "contact_s"));
	if (at_s)
		clock_text(ret, at_s * MS_PER_S);
	else
		(void)snprintf(ret, CLOCK_TEXT_BYTES, "never");
}

/* How many records came with which outcome, and why. */
static enum err
print_records(const struct json *node)
{
	const struct json *records, *row;
	enum err e = json_get_array(node, "records", RECORDS_MAX_COUNT, &records);
	for (size_t i = 0; !e && i < json_count(records); i++) {
		e = json_item_object(records, i, "records", &row);
		if (e)
			break;
		const char *reason = json_text_or_empty(row, "reason");
		printf("    %-6s %8lld%s%s\n", json_text_or_empty(row, "outcome"),
			(long long)json_int_or_0(row, "count"), *reason ? "  " : "", reason);
	}
	return e;
}

/* Records by form version: at a roll-out sites differ for a while. */
static enum err
print_forms(const struct json *node)
{
	const struct json *forms, *row;
	enum err e = json_get_array(node, "forms", RECORDS_MAX_COUNT, &forms);
	for (size_t i = 0; !e && i < json_count(forms); i++) {
		e = json_item_object(forms, i, "forms", &row);
		if (!e)
			printf("    form %s %s: %lld permit, %lld hold, %lld deny, when they "
			       "came\n",
				json_text_or_empty(row, "form"),
				json_text_or_empty(row, "version"),
				(long long)json_int_or_0(row, "permit"),
				(long long)json_int_or_0(row, "hold"),
				(long long)json_int_or_0(row, "deny"));
	}
	return e;
}

/* Which version is in force at the site, and until when without another word of the hub. */
static void
print_told(const struct json *node)
{
	char until[CLOCK_TEXT_BYTES];
	const int64_t until_s = json_int_or_0(node, "told_until_s");
	if (!until_s)
		return;
	clock_text(until, until_s * MS_PER_S);
	printf("    has version %lld of the study; told last that version %lld is in force "
	       "until %s\n",
		(long long)json_int_or_0(node, "manifest"),
		(long long)json_int_or_0(node, "told_manifest"), until);
}

static enum err
print_node(const struct json *node)
{
	int64_t entries[LANES_MAX_COUNT];
	char contact[CLOCK_TEXT_BYTES];
	enum err e = entries_of(node, entries);
	if (e)
		return e;
	contact_text(contact, node);
	printf("%-16s %-8s %8lld %8lld %8lld  %-20s  %s\n", json_text_or_empty(node, "site"),
		json_text_or_empty(node, "writer"), (long long)entries[0],
		(long long)entries[1], (long long)entries[2], contact,
		json_text_or_empty(node, "standing"));
	print_told(node);
	if (json_int_or_0(node, "files_missing"))
		printf("    %lld files have not come yet; %lld records wait for theirs and are "
		       "in no table\n",
			(long long)json_int_or_0(node, "files_missing"),
			(long long)json_int_or_0(node, "records_incomplete"));
	if (*json_text_or_empty(node, "trouble"))
		printf("    %s\n", json_text_or_empty(node, "trouble"));
	e = print_forms(node);
	return e ? e : print_records(node);
}

/* What came after the backup and nobody but its persons can do again. */
static enum err
print_recovery(const struct json *status)
{
	const struct json *r;
	enum err e = json_get_object(status, "recovery", &r);
	if (e)
		return e;
	printf("recovery  restored from a backup: nothing is released until every node was "
	       "heard\n");
	if (json_int_or_0(r, "acts"))
		printf("          %lld acts of persons came after the backup and have to be "
		       "done again: weir-audit list names them, from leaf %lld on\n",
			(long long)json_int_or_0(r, "acts"),
			(long long)json_int_or_0(r, "leaves_vault"));
	return OK;
}

/* One line each, and below it the command, if a person has to decide. */
static enum err
print_list(const struct json *status, const char *key, const char *title)
{
	const struct json *list, *one;
	enum err e = json_get_array(status, key, DECISIONS_MAX_COUNT, &list);
	if (!e && json_count(list))
		printf("\n%s\n", title);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, key, &one);
		if (e)
			break;
		printf("  %-8s  %s\n", json_text_or_empty(one, "about"),
			json_text_or_empty(one, "words"));
		if (json_has(one, "command"))
			printf("            -> %s\n", json_text_or_empty(one, "command"));
	}
	return e;
}

static enum err
print_backups(const struct json *status)
{
	const struct json *list, *one;
	char at[CLOCK_TEXT_BYTES];
	enum err e = json_get_array(status, "backups", DECISIONS_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "backups", &one);
		if (e)
			break;
		clock_text(at, json_int_or_0(one, "made_s") * MS_PER_S);
		printf("backup    %s of %s; if it can never be restored again: weir-hub backup "
		       "forget %s\n",
			json_text_or_empty(one, "id"), at, json_text_or_empty(one, "id"));
	}
	return e;
}

/* Whom the oldest number stays for. */
static enum err
print_key_waits(const struct json *k)
{
	const struct json *list, *one;
	char until[CLOCK_TEXT_BYTES];
	enum err e = json_get_array(k, "waits", NODES_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "waits", &one);
		if (e)
			break;
		clock_text(until, json_int_or_0(one, "until_s") * MS_PER_S);
		printf("          the oldest stays until %s at most, for %s (%s): it %s\n",
			until, json_text_or_empty(one, "site"), json_text_or_empty(one, "node"),
			json_text_or_empty(one, "words"));
	}
	return e;
}

/* One kind of numbered key, and what has to be done about it. */
static enum err
print_key(const struct json *keys, const char *kind)
{
	const struct json *k = NULL;
	bool is_due = false;
	enum err e = json_get_object(keys, kind, &k);
	if (!e)
		e = json_get_bool(k, "due", &is_due);
	long long newest = e ? 0 : json_int_or_0(k, "newest");
	if (e || !newest)
		return e;
	printf("keys      %s key %lld is the newest", kind, newest);
	if (json_int_or_0(k, "oldest") < newest)
		printf(", those from %lld on still open",
			(long long)json_int_or_0(k, "oldest"));
	if (is_due)
		printf("; a new one is due: it is made while the keeper is open");
	else if (json_int_or_0(k, "told") < newest)
		printf("; nodes learn of it by `weir-hub study publish` and `study verify`");
	printf("\n");
	return print_key_waits(k);
}

static enum err
print_keys(const struct json *status)
{
	const struct json *keys = NULL;
	enum err e = json_get_object(status, "keys", &keys);
	if (!e)
		e = print_key(keys, "intake");
	return e ? e : print_key(keys, "ledger");
}

static void
print_holders(const char *dir)
{
	OWNED_MEM char *warning = holders_warning(dir);
	if (*warning)
		printf("holders   %s", warning);
}

static enum err
print_status(const struct program *p, const struct json *status)
{
	const struct json *nodes, *node;
	enum err e = json_get_array(status, "nodes", NODES_MAX_COUNT, &nodes);
	if (e)
		return e;
	printf("study     %s, manifest %lld\n", json_text_or_empty(status, "study"),
		(long long)json_int_or_0(status, "manifest"));
	if (json_int_or_0(status, "lost_packs"))
		printf("          %lld earlier packs cannot be read, their forms count as "
		       "never "
		       "published: %s\n",
			(long long)json_int_or_0(status, "lost_packs"),
			json_text_or_empty(status, "lost_why"));
	printf("log       %lld leaves, %lld in the last checkpoint\n",
		(long long)json_int_or_0(status, "leaves"),
		(long long)json_int_or_0(status, "published"));
	printf("journal   %lld bytes, epoch %lld\n",
		(long long)json_int_or_0(status, "journal_bytes"),
		(long long)json_int_or_0(status, "epoch"));
	e = print_backups(status);
	if (!e)
		e = print_keys(status);
	print_holders(program_dir(p));
	if (!e && json_has(status, "recovery"))
		e = print_recovery(status);
	if (!e)
		e = print_list(status, "decisions", "to be decided by a person");
	if (!e)
		e = print_list(status, "waits", "takes its time");
	printf("\n%-16s %-8s %8s %8s %8s  %-20s  %s\n", "site", "node", "control", "records",
		"acts", "last contact", "standing");
	for (size_t i = 0; !e && i < json_count(nodes); i++) {
		e = json_item_object(nodes, i, "nodes", &node);
		if (!e)
			e = print_node(node);
	}
	return e;
}

static enum err
run(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *status = NULL;
	enum err e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, "status", "{}");
	if (!e)
		e = office_ask(o, "status", "{}", &status);
	return e ? e : print_status(p, status);
}

const struct program_command cmd_status = {
	.name = "status",
	.run = run,
	.help = "what came from each site, what is held or denied and why, when a node was "
		"last "
		"heard",
};
