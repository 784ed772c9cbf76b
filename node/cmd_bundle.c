#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/run/bundlecall.h"

#include "node/client.h"
#include "node/courier.h"
#include "node/hubcard.h"

#define LANES_MAX_COUNT 3
#define NAME_BYTES      256
#define BYTES_PER_MB    1000000
#define FILES_MB        2000 /* many sticks hold no file of 4 GiB */
#define FILES_MOST_MB   1000000
#define JSON_MAX_BYTES  ((size_t)65536)

/* The i-th lane's number of this name. */
static int64_t
of_lane(const struct json *about, size_t i, const char *key)
{
	const struct json *lanes, *lane;
	if (json_get_array(about, "lanes", LANES_MAX_COUNT, &lanes) ||
		json_item_object(lanes, i, "lanes", &lane))
		return 0;
	return json_int_or_0(lane, key);
}

static void
print_json(const struct buf *json)
{
	printf("%.*s\n", (int)json->len, (const char *)json->at);
}

/* writing */

/* A stick may not take colons in names. */
static enum err
name_of(struct program *p, char ret[static NAME_BYTES])
{
	struct hubcard card;
	char now[CLOCK_TEXT_BYTES];
	enum err e = hubcard_load(&card, program_dir(p));
	if (e)
		return e;
	clock_text(now, clock_wall_ms());
	for (char *c = now; *c; c++)
		if (*c == ':')
			*c = '-';
	(void)snprintf(ret, NAME_BYTES, "%s-to-hub-%s", card.site, now);
	return OK;
}

static void
print_written(const struct json *about, const char *path)
{
	printf("bundle %" PRId64 " of the node at %s for study %s\n",
		json_int_or_0(about, "number"), json_text_or_empty(about, "site"),
		json_text_or_empty(about, "study"));
	printf("  control entries %8" PRId64 "\n  records         %8" PRId64
	       "\n  acts            %8" PRId64 "\n",
		of_lane(about, 0, "entries"), of_lane(about, 1, "entries"),
		of_lane(about, 2, "entries"));
	if (json_int_or_0(about, "pieces"))
		printf("  of files        %8.1f MB in %" PRId64 " pieces\n",
			(double)json_int_or_0(about, "file_bytes") / BYTES_PER_MB,
			json_int_or_0(about, "pieces"));
	if (json_bool_or_false(about, "files_left"))
		printf("  more files wait here: they go with the bundles after this one, once "
		       "its answer was read\n");
	printf("sealed to the hub, written to %s and read back\n", path);
	printf("next: carry it to the research team, who read it with `weir-hub bundle read` "
	       "and give back an answer on the same stick; read that here with `weir-node "
	       "bundle read FILE`. Everything stays here, too; what has no receipt yet goes "
	       "into the next bundle again\n");
}

static enum err
run_write(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED(json) struct json *about = NULL;
	OWNED_BUF struct buf answer;
	char path[BUNDLEFILE_PATH_BYTES], name[NAME_BYTES];
	int64_t files_mb = FILES_MB;
	buf_init(&answer, JSON_MAX_BYTES);
	enum err e = program_number(p, "files-mb", 0, FILES_MOST_MB, &files_mb);
	const struct courier_asks asks =
		courier_asks(program_has(p, "all"), (uint64_t)files_mb * BYTES_PER_MB);
	if (!e)
		e = name_of(p, name);
	if (!e)
		e = bundlefile_place(path, program_arg(p, 0), name);
	if (!e)
		e = client_open(&sync, program_dir(p), "sync.sock");
	const struct bundlecall c = {courier_call, sync};
	if (!e)
		e = bundlecall_take(&c, path, view_of(asks.bytes, sizeof(asks.bytes)), &answer);
	if (!e && program_json(p)) {
		print_json(&answer);
		return OK;
	}
	if (!e)
		e = json_parse(&about, buf_view(&answer), JSON_MAX_BYTES);
	if (!e)
		print_written(about, path);
	return e;
}

/* reading */

static void
print_read(const struct json *about)
{
	static const char *const lanes[LANES_MAX_COUNT] = {
		"control entries", "records", "acts"};
	int64_t study = json_int_or_0(about, "study"),
		receipts = json_int_or_0(about, "receipts"),
		pieces = json_int_or_0(about, "pieces");
	printf("bundle %" PRId64 " of the hub, written %s\n", json_int_or_0(about, "number"),
		json_text_or_empty(about, "written"));
	for (size_t i = 0; i < LANES_MAX_COUNT; i++)
		if (of_lane(about, i, "receipt_up_to"))
			printf("  receipt: the hub has all %s up to number %" PRId64 "\n",
				lanes[i], of_lane(about, i, "receipt_up_to"));
	if (json_int_or_0(about, "files"))
		printf("  the hub has %" PRId64 " more files whole\n",
			json_int_or_0(about, "files"));
	else if (pieces)
		printf("  the hub has %" PRId64 " more pieces of files\n", pieces);
	if (study)
		printf("  version %" PRId64 " of the study came with it\n", study);
	if (!receipts && !study && !pieces)
		printf("  nothing in it is new here\n");
	printf("next: the stick can be emptied; `weir-node status` shows what is where\n");
}

static enum err
show_read(struct program *p, const struct buf *answer)
{
	OWNED(json) struct json *about = NULL;
	if (program_json(p)) {
		print_json(answer);
		return OK;
	}
	enum err e = json_parse(&about, buf_view(answer), JSON_MAX_BYTES);
	if (!e)
		print_read(about);
	return e;
}

static enum err
run_read(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf answer;
	buf_init(&answer, JSON_MAX_BYTES);
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	const struct bundlecall c = {courier_call, sync};
	if (!e)
		e = bundlecall_give(&c, program_arg(p, 0), BUNDLEFILE_MAX_BYTES, &answer);
	return e ? e : show_read(p, &answer);
}

/* sending */

static enum err
run_send(struct program *p)
{
	OWNED_BUF struct buf answer;
	struct settings settings;
	bool again = true;
	buf_init(&answer, JSON_MAX_BYTES);
	enum err e = settings_load(&settings, program_dir(p));
	if (!e && !settings.courier_url[0])
		e = fail(
			E_NOTFOUND, "node.ini names no address for bundles: set [courier] url");
	while (!e && again) {
		buf_reset(&answer);
		e = courier_once(program_dir(p), &settings, &answer, &again);
		if (!e)
			e = show_read(p, &answer);
	}
	return e;
}

static const struct program_option write_options[] = {
	{"all", NULL, "every entry, also what the hub has given a receipt for"},
	{"files-mb", "MB", "no more of attached files than this (2000); the rest goes later"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_bundle_write = {
	.name = "bundle write",
	.run = run_write,
	.help = "write what the hub has no receipt for to a sealed file, for a stick",
	.args = "FILE|DIR",
	.args_min = 1,
	.args_max = 1,
	.options = write_options,
};

const struct program_command cmd_bundle_read = {
	.name = "bundle read",
	.run = run_read,
	.help = "take in the hub's answer: receipts and the study",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
};

const struct program_command cmd_bundle_send = {
	.name = "bundle send",
	.run = run_send,
	.help = "send a bundle over HTTPS now, as [courier] of node.ini says, and read the "
		"answer",
};
