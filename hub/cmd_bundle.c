#include "hub/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/codec/json.h"
#include "common/run/bundlecall.h"

#include "hub/ipc.h"
#include "hub/office.h"

#define LANES_MAX_COUNT 3
#define JSON_MAX_BYTES  ((size_t)65536)
#define ASK_MAX_BYTES   ((size_t)512)
#define ASK_ANSWER      1
#define ASK_NAME        2

static int64_t
of_item(const struct json *about, const char *list, size_t i, const char *key)
{
	const struct json *items, *item;
	if (json_get_array(about, list, LANES_MAX_COUNT, &items) ||
		json_item_object(items, i, list, &item))
		return 0;
	return json_int_or_0(item, key);
}

static int64_t
of_pieces(const struct json *about, const char *key)
{
	const struct json *pieces;
	return json_get_object(about, "pieces", &pieces) ? 0 : json_int_or_0(pieces, key);
}

static const char *const lane_words[LANES_MAX_COUNT] = {"control entries", "records", "acts"};

static enum err
call(void *arg, enum bundlecall_verb verb, struct view fields, struct buf *reply)
{
	return office_bundle(
		arg, (enum hub_verb)(LEDGER_BUNDLE_OPEN + (int)verb), fields, reply);
}

/* writing */

static void
print_written(const struct json *about, const char *path)
{
	int64_t study = json_int_or_0(about, "study");
	printf("bundle %" PRId64 " for the node at %s (%s)\n", json_int_or_0(about, "number"),
		json_text_or_empty(about, "site"), json_text_or_empty(about, "node"));
	for (size_t i = 0; i < LANES_MAX_COUNT; i++)
		if (of_item(about, "receipts", i, "up_to"))
			printf("  receipt: %s up to number %" PRId64 "\n", lane_words[i],
				of_item(about, "receipts", i, "up_to"));
	if (json_int_or_0(about, "files_whole"))
		printf("  %" PRId64 " files came whole\n", json_int_or_0(about, "files_whole"));
	if (json_int_or_0(about, "files_wanted"))
		printf("  %" PRId64
		       " files are missing here: the next bundle of the site goes on "
		       "with them\n",
			json_int_or_0(about, "files_wanted"));
	if (study)
		printf("  version %" PRId64 " of the study, %" PRId64 " documents\n", study,
			json_int_or_0(about, "documents"));
	printf("sealed to that node, written to %s and read back\n", path);
	printf("next: carry it to the site; it is read there with `weir-node bundle read "
	       "FILE`\n");
}

static enum err
write_to(struct program *p, struct office *o, const char *path, struct view asks)
{
	OWNED(json) struct json *about = NULL;
	OWNED_BUF struct buf answer;
	const struct bundlecall c = {call, o};
	buf_init(&answer, JSON_MAX_BYTES);
	enum err e = bundlecall_take(&c, path, asks, &answer);
	if (!e)
		e = json_parse(&about, buf_view(&answer), JSON_MAX_BYTES);
	if (e)
		return e;
	if (program_json(p))
		printf("%.*s\n", (int)answer.len, (const char *)answer.at);
	else
		print_written(about, path);
	return OK;
}

static enum err
run_write(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED_BUF struct buf asks;
	const char *name = program_value(p, "node");
	buf_init(&asks, ASK_MAX_BYTES);
	if (!name)
		return program_usage(p, "say for which node: --node NAME");
	buf_u8(&asks, ASK_NAME);
	buf_blob_text(&asks, name);
	enum err e = buf_check(&asks, "name of a node");
	if (!e)
		e = office_open(&o, p);
	return e ? e : write_to(p, o, program_arg(p, 0), buf_view(&asks));
}

/* reading */

static void
print_read(const struct json *about, bool answered)
{
	printf("bundle %" PRId64 " of the node at %s (%s), written %s\n",
		json_int_or_0(about, "number"), json_text_or_empty(about, "site"),
		json_text_or_empty(about, "node"), json_text_or_empty(about, "written"));
	for (size_t i = 0; i < LANES_MAX_COUNT; i++)
		printf("  %-16s %8" PRId64 " taken, %8" PRId64 " were here already\n",
			lane_words[i], of_item(about, "lanes", i, "taken"),
			of_item(about, "lanes", i, "known"));
	if (of_pieces(about, "taken") || of_pieces(about, "known"))
		printf("  %-16s %8" PRId64 " taken, %8" PRId64 " were here already\n",
			"pieces of files", of_pieces(about, "taken"),
			of_pieces(about, "known"));
	if (of_pieces(about, "left"))
		printf("  %" PRId64 " pieces of files could not be kept: the answer asks for "
		       "them again\n",
			of_pieces(about, "left"));
	if (!answered)
		printf("next: give the site its receipts: `weir-hub bundle write --node %s "
		       "FILE`, or read it again with --reply FILE\n",
			json_text_or_empty(about, "node"));
}

/* With --json the answer's document is the second line. */
static enum err
run_read(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *about = NULL;
	OWNED_BUF struct buf answer;
	const char *reply = program_value(p, "reply");
	const uint8_t how = ASK_ANSWER;
	buf_init(&answer, JSON_MAX_BYTES);
	enum err e = office_open(&o, p);
	const struct bundlecall c = {call, o};
	if (!e)
		e = bundlecall_give(&c, program_arg(p, 0), BUNDLEFILE_MAX_BYTES, &answer);
	if (!e)
		e = json_parse(&about, buf_view(&answer), JSON_MAX_BYTES);
	if (e)
		return e;
	if (program_json(p))
		printf("%.*s\n", (int)answer.len, (const char *)answer.at);
	else
		print_read(about, reply != NULL);
	return reply ? write_to(p, o, reply, view_of(&how, sizeof(how))) : OK;
}

static const struct program_option read_options[] = {
	{"reply", "FILE", "also write the answer for the site: receipts, and the study if new"},
	{NULL, NULL, NULL},
};

static const struct program_option write_options[] = {
	{"node", "NAME", "of the installation, its site, or its digits in status"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_bundle_read = {
	.name = "bundle read",
	.run = run_read,
	.help = "take in what a site wrote to a stick",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
	.options = read_options,
};

const struct program_command cmd_bundle_write = {
	.name = "bundle write",
	.run = run_write,
	.help = "write receipts and the study for a site, for a stick",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
	.options = write_options,
};
