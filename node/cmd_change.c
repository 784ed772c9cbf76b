#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"

#include "node/capture.h"
#include "node/code.h"
#include "node/facts.h"

#define ENTRIES_MAX_BYTES ((size_t)1 << 20)

/* The consent in force: the last of the person's versions. */
struct last_consent {
	struct wire_rules *rules;
	size_t count;
};

static void
last_done(struct last_consent *l)
{
	wire_rules_free(l->rules);
}

static enum err
take_last(void *arg, struct view part)
{
	struct last_consent *l = arg;
	wire_rules_free(take(l->rules));
	l->count++;
	return wire_rules_unpack(&l->rules, part);
}

static enum err
check_level(const struct pack *pack, const char *level)
{
	struct consent_words words;
	enum err e = consent_words(level, &words);
	for (size_t i = 0; !e && i < pack->level_count; i++)
		if (strcmp(pack->levels[i], level) == 0)
			return OK;
	return e ? e
		 : fail(E_DENIED, "the information sheet of study %s did not promise %s",
			   pack->id, level);
}

static enum err
keep_change(struct client *sync, const struct capture_change *c)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, 65536);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_u8(&fields, 0);
	buf_u32(&fields, 1);
	enum err e = capture_change_item(&fields, c);
	if (!e)
		e = buf_check(&fields, "participation change");
	return e ? e : client_call(sync, SYNC_KEEP, buf_view(&fields), &answer);
}

static enum err
print_json(const char *level, const struct buf *entries)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, 2 * ENTRIES_MAX_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_text(&w, "level", level);
	json_put_array(&w, "entries");
	struct view rest = buf_view(entries);
	while (rest.len) {
		const uint8_t *blank = memchr(rest.at, ' ', rest.len);
		size_t n = blank ? (size_t)(blank - rest.at) : rest.len;
		json_put_view(&w, NULL, view_of(rest.at, n));
		rest = view_of(rest.at + n + (blank ? 1 : 0), rest.len - n - (blank ? 1 : 0));
	}
	json_put_close(&w);
	json_put_close(&w);
	enum err e = json_end(&w, "receipt");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

/* What the person is told, in plain words; the printed receipt of a later step builds on it. */
static enum err
print_receipt(struct program *p, const char *level, const struct buf *entries)
{
	struct consent_words words;
	char at[CLOCK_TEXT_BYTES];
	enum err e = consent_words(level, &words);
	if (e || program_json(p))
		return e ? e : print_json(level, entries);
	clock_text(at, clock_wall_ms());
	printf("Receipt, %.10s\n", at);
	printf("From now on, at this site:  %s\n", words.stops);
	printf("What stays:                 %s\n", words.stays);
	printf("What cannot be undone:      %s\n", words.final);
	printf("The research team is told as soon as this site is in touch with it.\n");
	printf("entries of the person: %.*s\n", (int)entries->len, (const char *)entries->at);
	return OK;
}

static enum err
change(struct program *p, struct client *sync, const char *code, struct buf *entries)
{
	OWNED_BY(last_done) struct last_consent last = {0};
	struct facts_person person;
	struct consent after;
	const char *level = program_value(p, "level");
	enum err e = facts_of_code(sync, code, &person, entries, take_last, &last);
	if (!e && last.count == 0)
		e = fail(E_NOTFOUND, "no consent is on file for this study code");
	if (e)
		return e;
	struct capture_change c = {
		.code = code, .after = &after, .captured_s = clock_wall_ms() / 1000};
	e = consent_change(&after, &last.rules->consent, level, c.captured_s);
	memcpy(c.participant, person.participant, ID_BYTES);
	memcpy(c.refers_to, last.rules->instance, ID_BYTES);
	return e ? e : keep_change(sync, &c);
}

static enum err
run_withdraw(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	OWNED(facts) struct facts *facts = NULL;
	OWNED_SECRET struct secret *code = NULL;
	OWNED_BUF struct buf entries;
	char normal[CODE_BYTES] = "";
	const char *level = program_value(p, "level");
	buf_init(&entries, ENTRIES_MAX_BYTES);
	if (!level)
		return program_usage(p, "--level is needed; none is chosen for you");
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = facts_load(&facts, sync);
	if (!e)
		e = check_level(facts->pack, level);
	if (!e)
		e = program_secret_text(p, "study code", &code);
	if (e)
		return e;
	OWNED_MEM char *text = xmemdup(secret_bytes(code), secret_len(code));
	const char *kept = text;
	if (!pack_is_code(facts->pack, text))
		kept = code_normal(normal, text) ? normal : NULL;
	if (!kept)
		e = fail(E_FORMAT, "this is not of the form of a study code");
	if (!e)
		e = change(p, sync, kept, &entries);
	crypto_wipe(normal, sizeof(normal));
	crypto_wipe(text, strlen(text));
	return e ? e : print_receipt(p, level, &entries);
}

static const struct program_option options[] = {
	{"level", "LEVEL", "no-further-contact, no-more-collection, no-further-use or erase"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_withdraw = {
	.name = "withdraw",
	.run = run_withdraw,
	.help = "record that a person takes part less, or no more; asks for the study code",
	.options = options,
};
