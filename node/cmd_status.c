#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/codec/json.h"

#include "node/client.h"
#include "node/status_terms.h"

#define ALARM_MAX_BYTES     600
#define TEXT_MAX_BYTES      512
#define FORMS_MAX_COUNT     64
#define LANES_COUNT_MAX     8
#define DECISIONS_COUNT_MAX 16

static enum err
print_lanes(const struct json *status)
{
	const struct json *lanes = NULL, *one = NULL;
	enum err e = json_get_array(status, "lanes", LANES_COUNT_MAX, &lanes);
	for (size_t i = 0; !e && i < json_count(lanes); i++) {
		const char *about = "";
		int64_t kept = 0, sent = 0, at_hub = 0, safe = 0;
		e = json_item_object(lanes, i, "lanes", &one);
		if (!e)
			e = json_get_text(one, "about", TEXT_MAX_BYTES, &about);
		if (!e)
			e = json_get_int(one, "kept", 0, INT64_MAX, &kept);
		if (!e)
			e = json_get_int(one, "sent", 0, INT64_MAX, &sent);
		if (!e)
			e = json_get_int(one, "at_hub", 0, INT64_MAX, &at_hub);
		if (!e)
			e = json_get_int(one, "in_backups", 0, INT64_MAX, &safe);
		if (!e)
			printf("%-28s kept here %8" PRId64 "   sent %8" PRId64
			       "   at the hub by receipt %8" PRId64
			       "   in every backup of it %8" PRId64 "\n",
				about, kept, sent, at_hub, safe);
	}
	return e;
}

/* Withdrawals are what a site has to be sure of first. */
static enum err
print_changes(const struct json *status)
{
	const struct json *changes = NULL;
	int64_t waiting = 0, known = 0;
	enum err e = json_get_object(status, "changes", &changes);
	if (!e)
		e = json_get_int(changes, "waiting", 0, INT64_MAX, &waiting);
	if (!e)
		e = json_get_int(changes, "known", 0, INT64_MAX, &known);
	if (!e && waiting)
		printf("withdrawals and other changes that the hub does not know yet: %" PRId64
		       "\n",
			waiting);
	if (!e && known)
		printf("withdrawals and other changes that the hub knows and obeys, ahead of "
		       "their receipt: %" PRId64 "\n",
			known);
	return e;
}

static enum err
print_forms(const struct json *status)
{
	const struct json *forms = NULL, *one = NULL;
	int64_t number = 0;
	enum err e = json_get_int(status, "manifest", 0, INT64_MAX, &number);
	if (!e && number == 0)
		printf("no study has arrived from the hub yet\n");
	else if (!e)
		e = status_terms_until(status, number);
	if (!e)
		e = json_get_array(status, "forms", FORMS_MAX_COUNT, &forms);
	for (size_t i = 0; !e && i < json_count(forms); i++) {
		const char *id = "", *version = "", *title = "";
		e = json_item_object(forms, i, "forms", &one);
		if (!e)
			e = json_get_text(one, "id", TEXT_MAX_BYTES, &id);
		if (!e)
			e = json_get_text(one, "version", TEXT_MAX_BYTES, &version);
		if (!e)
			e = json_get_text(one, "title", TEXT_MAX_BYTES * 8, &title);
		if (!e)
			printf("form %s, version %s: %s\n", id, version, title);
	}
	return e;
}

static const char *
link_words(const char *state)
{
	static const char *const words[][2] = {
		{"connected", "connected to the hub"},
		{"connecting", "greeting the hub"},
		{"waiting", "the hub cannot be reached now; what is kept here waits, and it is "
			    "tried again by itself"},
		{"refused", "the hub does not admit this node; ask the research team"},
		{"stopped", "sending has stopped until somebody has looked at it"},
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i][0], state) == 0)
			return words[i][1];
	return state;
}

static enum err
print_link(const struct json *status)
{
	const char *state = "", *reason = "", *contact = "";
	enum err e = json_get_text(status, "link", TEXT_MAX_BYTES, &state);
	if (!e)
		e = json_get_text(status, "reason", TEXT_MAX_BYTES, &reason);
	if (!e)
		e = json_get_text(status, "last_contact", TEXT_MAX_BYTES, &contact);
	if (e)
		return e;
	printf("%s%s%s\n", link_words(state), reason[0] ? ": " : "", reason);
	printf("last word from the hub: %s\n", contact[0] ? contact : "none yet");
	return OK;
}

/* What came back after a copy was chosen, and whether it still comes. */
static enum err
print_refill(const struct json *status)
{
	const struct json *done = NULL;
	const char *at = "", *now = "";
	int64_t back = 0, again = 0, erased = 0;
	enum err e = json_get_text(status, "refilling", TEXT_MAX_BYTES, &now);
	if (!e && strcmp(now, "yes") == 0)
		printf("what this copy lacks is being fetched from the hub\n");
	if (e || !json_has(status, "refilled"))
		return e;
	e = json_get_object(status, "refilled", &done);
	if (!e)
		e = json_get_text(done, "at", TEXT_MAX_BYTES, &at);
	if (!e)
		e = json_get_int(done, "came_back", 0, INT64_MAX, &back);
	if (!e)
		e = json_get_int(done, "sent_again", 0, INT64_MAX, &again);
	if (!e)
		e = json_get_int(done, "erased", 0, INT64_MAX, &erased);
	if (!e)
		printf("this copy was chosen to go on (%s): %" PRId64
		       " entries came back from the hub, %" PRId64 " were sent again\n",
			at, back, again);
	if (!e && erased)
		printf("%" PRId64 " of them are about people who were erased: nothing of what "
		       "they say is kept anywhere\n",
			erased);
	return e;
}

static enum err
print_decisions(const struct json *status)
{
	const struct json *list = NULL, *one = NULL;
	enum err e = json_get_array(status, "decide", DECISIONS_COUNT_MAX, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		const char *what = "", *command = "";
		e = json_item_object(list, i, "decide", &one);
		if (!e)
			e = json_get_text(one, "what", TEXT_MAX_BYTES, &what);
		if (!e)
			e = json_get_text(one, "command", TEXT_MAX_BYTES, &command);
		if (!e)
			printf("to decide: %s%s%s\n", what, command[0] ? ": " : "", command);
	}
	return e;
}

/* Files of records, and what the hub's log has shown here. */
static enum err
print_files(const struct json *status)
{
	const struct json *files = NULL, *log = NULL;
	const char *alarm = "", *witness = "";
	int64_t kept = 0, at_hub = 0, size = 0;
	enum err e = json_get_object(status, "files", &files);
	if (!e)
		e = json_get_int(files, "kept", 0, INT64_MAX, &kept);
	if (!e)
		e = json_get_int(files, "at_hub", 0, INT64_MAX, &at_hub);
	if (!e && kept)
		printf("files of records for the hub: %" PRId64 ", of them at the hub %" PRId64
		       "\n",
			kept, at_hub);
	if (!e)
		e = json_get_object(status, "log", &log);
	if (!e)
		e = json_get_int(log, "size", 0, INT64_MAX, &size);
	if (!e)
		e = json_get_text(log, "alarm", ALARM_MAX_BYTES, &alarm);
	if (!e)
		e = json_get_text(log, "witness", TEXT_MAX_BYTES, &witness);
	if (!e && size)
		printf("the hub's log was seen up to its entry %" PRId64 ", unedited%s\n", size,
			alarm[0] ? " until then" : "");
	if (!e && size)
		printf("key for whoever verifies that log (weir-audit verify --witness): %s\n",
			witness);
	if (!e && alarm[0])
		printf("to decide: %s. Once the hub has its whole log again: weir-node "
		       "log-again --reason TEXT\n",
			alarm);
	return e;
}

static enum err
print_status(const struct json *status)
{
	const char *study = "", *site = "", *writer = "";
	enum err e = json_get_text(status, "study", TEXT_MAX_BYTES, &study);
	if (!e)
		e = json_get_text(status, "site", TEXT_MAX_BYTES, &site);
	if (!e)
		e = json_get_text(status, "writer", TEXT_MAX_BYTES, &writer);
	if (e)
		return e;
	printf("site %s of study %s, installation %s\n", site, study, writer);
	e = print_lanes(status);
	if (!e)
		e = print_changes(status);
	if (!e)
		e = print_forms(status);
	if (!e)
		e = status_terms_print(status);
	if (!e)
		e = print_files(status);
	if (!e)
		e = print_refill(status);
	if (!e)
		e = print_link(status);
	return e ? e : print_decisions(status);
}

static enum err
run(struct program *p)
{
	OWNED(json) struct json *status = NULL;
	OWNED_BUF struct buf answer;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e =
		client_ask(program_dir(p), "sync.sock", SYNC_STATUS, view_of(NULL, 0), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	struct view json = cursor_blob(&c);
	e = cursor_end(&c, "status of the node");
	if (!e && program_json(p)) {
		printf("%.*s\n", (int)json.len, (const char *)json.at);
		return OK;
	}
	if (!e)
		e = json_parse(&status, json, CLIENT_REPLY_BYTES);
	return e ? e : print_status(status);
}

const struct program_command cmd_status = {
	.name = "status",
	.run = run,
	.help = "what is kept here, what has reached the hub, and what a person has to decide",
};
