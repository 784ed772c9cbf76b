#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"

#include "node/client.h"
#include "node/collector.h"
#include "node/ipc_submit.h"

#define PER_MINUTE_USUAL 600
#define MIB_A_DAY_USUAL  2048
#define NUMBER_MOST      10000000
#define FIELDS_MAX_BYTES 4096
#define PROJECT_USUAL    "weir"
#define LIST_TEXT_MOST   256
#define MS_PER_S         1000

/* add */

static enum err
print_new(struct program *p, const char *token)
{
	OWNED_BUF struct buf address, settings, out;
	OWNED_MEM char *code = NULL;
	const char *url = program_value(p, "url");
	struct json_out w;
	buf_init(&address, FIELDS_MAX_BYTES);
	buf_init(&settings, FIELDS_MAX_BYTES);
	buf_init(&out, (size_t)4 * FIELDS_MAX_BYTES);
	enum err e = collector_address(&address, url, token);
	buf_u8(&address, 0);
	if (!e)
		e = collector_settings(&settings, (const char *)address.at,
			program_value(p, "project") ? program_value(p, "project")
						    : PROJECT_USUAL);
	if (!e)
		e = collector_code(&code, buf_view(&settings));
	if (e)
		return e;
	if (!program_json(p)) {
		printf("token     %s\naddress   %s\nsettings  %.*s\nqr        %s\n", token,
			(const char *)address.at, (int)settings.len, (const char *)settings.at,
			code);
		printf("The token is shown this once; the site keeps no copy.\n");
		return OK;
	}
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_text(&w, "collector", program_arg(p, 0));
	json_put_text(&w, "token", token);
	json_put_text(&w, "url", (const char *)address.at);
	json_put_view(&w, "settings", buf_view(&settings));
	json_put_text(&w, "qr", code);
	json_put_close(&w);
	e = json_end(&w, "collector");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static enum err
add(struct program *p, struct client *sync, const char *token)
{
	OWNED_BUF struct buf fields, answer;
	uint8_t hash[HASH_BYTES];
	int64_t per_minute = PER_MINUTE_USUAL, mib = MIB_A_DAY_USUAL;
	const char *name = program_value(p, "name");
	buf_init(&fields, FIELDS_MAX_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = program_number(p, "requests-per-minute", 1, NUMBER_MOST, &per_minute);
	if (!e)
		e = program_number(p, "mib-per-day", 1, NUMBER_MOST, &mib);
	collector_token_hash(hash, token);
	buf_blob_text(&fields, program_arg(p, 0));
	buf_blob_text(&fields, name ? name : "");
	buf_add(&fields, hash, sizeof(hash));
	buf_u32(&fields, (uint32_t)per_minute);
	buf_u32(&fields, (uint32_t)mib);
	if (!e)
		e = buf_check(&fields, "collector");
	return e ? e : client_call(sync, SYNC_COLLECTOR_ADD, buf_view(&fields), &answer);
}

static enum err
run_add(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf address;
	char token[COLLECTOR_TOKEN_BYTES];
	buf_init(&address, FIELDS_MAX_BYTES);
	if (!program_value(p, "url"))
		return program_usage(p, "--url is needed: the address of the door as tablets "
					"reach it");
	collector_token_make(token);
	enum err e = collector_address(&address, program_value(p, "url"), token);
	if (!e)
		e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = add(p, sync, token);
	if (!e)
		e = print_new(p, token);
	crypto_wipe(token, sizeof(token));
	return e;
}

/* list */

struct shown {
	char *id, *name;
	int64_t made_s, revoked_s, used_s;
	uint32_t per_minute, mib;
};

static void
shown_done(struct shown *s)
{
	mem_drop(&s->id);
	mem_drop(&s->name);
}

static void
day_of(char ret[static CLOCK_TEXT_BYTES], int64_t s)
{
	ret[0] = 0;
	if (s)
		clock_text(ret, s * MS_PER_S);
}

static void
print_one(const struct shown *s)
{
	char used[CLOCK_TEXT_BYTES];
	day_of(used, s->used_s);
	printf("%-20s %-8s last used %-20s %8" PRIu32 " a minute %8" PRIu32 " MiB a day  %s\n",
		s->id, s->revoked_s ? "revoked" : "open", *used ? used : "never", s->per_minute,
		s->mib, s->name);
}

static void
put_one(struct json_out *w, const struct shown *s)
{
	char made[CLOCK_TEXT_BYTES], revoked[CLOCK_TEXT_BYTES], used[CLOCK_TEXT_BYTES];
	day_of(made, s->made_s);
	day_of(revoked, s->revoked_s);
	day_of(used, s->used_s);
	json_put_object(w, NULL);
	json_put_text(w, "collector", s->id);
	json_put_text(w, "name", s->name);
	json_put_text(w, "made", made);
	json_put_text(w, "revoked", revoked);
	json_put_text(w, "last_used", used);
	json_put_int(w, "requests_per_minute", s->per_minute);
	json_put_int(w, "mib_per_day", s->mib);
	json_put_close(w);
}

static void
say_one(void *arg, struct cursor *c, struct json_out *json)
{
	OWNED_BY(shown_done) struct shown s = {0};
	(void)arg;
	s.id = cursor_text(c, LIST_TEXT_MOST);
	s.name = cursor_text(c, LIST_TEXT_MOST);
	s.made_s = (int64_t)cursor_u64(c);
	s.revoked_s = (int64_t)cursor_u64(c);
	s.used_s = (int64_t)cursor_u64(c);
	s.per_minute = cursor_u32(c);
	s.mib = cursor_u32(c);
	if (c->broken)
		return;
	if (json)
		put_one(json, &s);
	else
		print_one(&s);
}

static enum err
run_list(struct program *p)
{
	static const struct client_list list = {.verb = SYNC_COLLECTORS,
		.what = "collectors",
		.none = "there is no collector yet: `weir-node collector add`",
		.row = say_one};
	OWNED(client) struct client *sync = NULL;
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	return e ? e : client_list(p, sync, &list);
}

/* revoke */

static enum err
run_revoke(struct program *p)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, FIELDS_MAX_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_blob_text(&fields, program_arg(p, 0));
	enum err e = buf_check(&fields, "collector");
	if (!e)
		e = client_ask(program_dir(p), "sync.sock", SYNC_COLLECTOR_REVOKE,
			buf_view(&fields), &answer);
	if (!e)
		printf(program_json(p) ? "{\"revoked\":true}\n"
				       : "the token is not taken any more\n");
	return e;
}

static const struct program_option add_options[] = {
	{"url", "URL", "address of the door as tablets reach it, https://node.example"},
	{"name", "TEXT", "what people call this collector"},
	{"project", "TEXT", "name of the project in ODK Collect (weir)"},
	{"requests-per-minute", "N", "most requests a minute (600)"},
	{"mib-per-day", "N", "most data a day in MiB (2048)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_collector_add = {
	.name = "collector add",
	.run = run_add,
	.help = "let a collector hand in records; shows the token once",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = add_options,
};

const struct program_command cmd_collector_list = {
	.name = "collector list",
	.run = run_list,
	.help = "who may hand in records",
};

const struct program_command cmd_collector_revoke = {
	.name = "collector revoke",
	.run = run_revoke,
	.help = "take a collector's token no more",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
};
