#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/lineage.h"

#include "hub/handed.h"
#include "hub/keeper_call.h"
#include "hub/office.h"

#define BODY_MAX_BYTES   65536
#define NOTES_BYTES      ((size_t)4 * 1024 * 1024)
#define WAVE_MAX         9999
#define ID_BYTES_MAX     64
#define INDICATORS_MOST  200
#define POLL_MS          300
#define CHECKPOINT_TRIES 40 /* of POLL_MS: twelve seconds */

static void
pause_ms(long ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	(void)nanosleep(&t, NULL);
}

static size_t
indicator_count(const struct program *p)
{
	return program_value_count(p, "indicator") + program_arg_count(p);
}

static void
put_indicators(struct json_out *w, const struct program *p)
{
	json_put_array(w, "indicators");
	for (size_t i = 0; i < program_value_count(p, "indicator"); i++)
		json_put_text(w, NULL, program_value_at(p, "indicator", i));
	for (size_t i = 0; i < program_arg_count(p); i++)
		json_put_text(w, NULL, program_arg(p, i));
	json_put_close(w);
}

/* 0 where the command does not say it. */
struct waves {
	int64_t wave;
	int64_t compared;
};

static enum err
read_waves(struct program *p, struct waves *ret)
{
	*ret = (struct waves){0, 0};
	enum err e = program_number(p, "wave", 1, WAVE_MAX, &ret->wave);
	return e ? e : program_number(p, "compare", 1, WAVE_MAX, &ret->compared);
}

static void
put_waves(struct json_out *w, const struct waves *waves)
{
	json_put_int(w, "wave", waves->wave);
	if (waves->compared)
		json_put_int(w, "compare", waves->compared);
}

/* An argument of office_ask() out of a buffer. */
static const char *
as_text(struct buf *b)
{
	buf_u8(b, 0);
	return (const char *)b->at;
}

static enum err
ask_release(struct office *o, const char *id, struct json **ret)
{
	OWNED_BUF struct buf args;
	struct json_out w;
	*ret = NULL;
	buf_init(&args, 1024);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", id);
	json_put_close(&w);
	enum err e = json_end(&w, "the release's id");
	return e ? e : office_ask(o, "release", as_text(&args), ret);
}

/* proposing */

static enum err
check_releasable(struct office *o, struct program *p)
{
	OWNED_BUF struct buf args;
	OWNED(json) struct json *answer = NULL;
	struct json_out w;
	struct waves waves;
	buf_init(&args, BODY_MAX_BYTES);
	enum err e = read_waves(p, &waves);
	json_begin(&w, &args);
	json_put_object(&w, NULL);
	put_indicators(&w, p);
	if (waves.compared)
		put_waves(&w, &waves);
	json_put_close(&w);
	if (!e)
		e = json_end(&w, "indicators");
	return e ? e : office_ask(o, "releasable", as_text(&args), &answer);
}

/* A cohort is frozen to be opened now, not some day. */
static enum err
check_keeper(const struct program *p)
{
	OWNED(keeper_call) struct keeper_call *c = NULL;
	struct keeper_status s;
	enum err e = keeper_call_open(&c, program_dir(p));
	if (!e)
		e = keeper_call_status(c, &s);
	if (!e && s.state != KEEPER_OPENED)
		e = fail(E_DENIED, "the keeper is locked: two holders open it first, with "
				   "`weir-hub keeper unlock`");
	return e;
}

static void
make_id(char ret[static ID_BYTES_MAX])
{
	uint8_t random[2];
	char day[CLOCK_TEXT_BYTES], hex[2 * sizeof(random) + 1];
	crypto_random(random, sizeof(random));
	text_hex(hex, random, sizeof(random));
	clock_text(day, clock_wall_ms());
	(void)snprintf(ret, ID_BYTES_MAX, "r%.4s%.2s%.2s-%s", day, day + 5, day + 8, hex);
}

static enum err
submit_proposal(struct office *o, struct program *p, struct signer *by, const char *id)
{
	OWNED_BUF struct buf body;
	OWNED(json) struct json *answer = NULL;
	struct json_out w;
	struct waves waves;
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = read_waves(p, &waves);
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", id);
	put_indicators(&w, p);
	json_put_text(&w, "purpose", program_value(p, "purpose"));
	put_waves(&w, &waves);
	if (program_value(p, "sites"))
		json_put_text(&w, "sites", program_value(p, "sites"));
	json_put_close(&w);
	if (!e)
		e = json_end(&w, "proposal");
	const struct office_act act = {"release-propose", id, buf_view(&body)};
	return e ? e : office_submit(o, by, &act, &answer);
}

/* Until the keeper has handed it back. */
static enum err
wait_staged(struct office *o, struct program *p, const char *id)
{
	for (;;) {
		OWNED(json) struct json *r = NULL;
		const char *state = "", *words = "";
		enum err e = ask_release(o, id, &r);
		if (!e)
			e = json_get_text(r, "state", 32, &state);
		if (!e)
			e = json_get_text(r, "words", 1024, &words);
		if (e || strcmp(state, "proposed") != 0)
			program_progress(p, NULL);
		if (e)
			return e;
		if (strcmp(state, "refused") == 0)
			return fail(E_DENIED, "release %s was refused: %s", id, words);
		if (strcmp(state, "proposed") != 0)
			return OK;
		e = check_keeper(p);
		if (e) {
			program_progress(p, NULL);
			return fail_in(e, "release %s is proposed and waits", id);
		}
		program_progress(p, "release %s: the keeper opens and protects", id);
		pause_ms(POLL_MS);
	}
}

static enum err
propose(struct office *o, struct program *p)
{
	OWNED(signer) struct signer *by = NULL;
	char id[ID_BYTES_MAX];
	bool waits = !program_has(p, "no-wait");
	make_id(id);
	if (program_value(p, "id"))
		(void)snprintf(id, sizeof(id), "%s", program_value(p, "id"));
	enum err e = office_signer(o, &by);
	if (!e)
		e = submit_proposal(o, p, by, id);
	if (!e && !program_json(p)) {
		printf("release %s is proposed\n", id);
		(void)fflush(stdout);
	}
	if (!e && waits)
		e = wait_staged(o, p, id);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"id\":\"%s\",\"state\":\"%s\"}\n", id, waits ? "staged" : "proposed");
	else if (waits)
		printf("release %s is staged; two approvers see it with `weir-hub release show "
		       "%s`\n",
			id, id);
	return OK;
}

static enum err
run_propose(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	if (indicator_count(p) == 0 || indicator_count(p) > INDICATORS_MOST)
		return program_usage(p, "name one to %d indicators", INDICATORS_MOST);
	if (!program_value(p, "purpose"))
		return program_usage(p, "--purpose TEXT is needed: what is it for?");
	if (program_value(p, "compare") && !program_value(p, "wave"))
		return program_usage(p, "--compare needs --wave N: which one is compared?");
	if (program_value(p, "id") && !text_is_name(program_value(p, "id"), ID_BYTES_MAX - 1))
		return program_usage(p, "an id is made of a-z, 0-9, _ and -");
	struct lineage_view view;
	if (program_value(p, "sites") && lineage_view_read(&view, program_value(p, "sites")))
		return program_usage(p, "--sites is recorded, lineage or as-of:YYYY-MM-DD");
	enum err e = office_open(&o, p);
	if (!e)
		e = check_releasable(o, p);
	if (!e)
		e = check_keeper(p);
	return e ? e : propose(o, p);
}

/* approving */

static enum err
print_summary(const struct handed *h)
{
	char digest[2 * HASH_BYTES + 1], frozen[CLOCK_TEXT_BYTES];
	size_t hidden = 0;
	struct staged_row row;
	enum err e = OK;
	for (size_t i = 0; !e && i < h->staged->row_count; i++) {
		e = staged_row(h->staged, i, &row);
		hidden += !e && strcmp(row.value, "[c]") == 0;
	}
	if (e)
		return e;
	OWNED_BUF struct buf notes;
	buf_init(&notes, NOTES_BYTES);
	e = staged_notes(h->staged, &notes);
	if (e)
		return e;
	text_hex(digest, h->digest, sizeof(h->digest));
	clock_text(frozen, h->staged->frozen_at_s * 1000);
	printf("release %s by %s: %s\n", h->staged->release, h->staged->author,
		h->staged->purpose);
	printf("  people    %s, frozen at %s\n", h->staged->count_bucket, frozen);
	printf("  figures   %zu, of them %zu hidden\n", h->staged->row_count, hidden);
	printf("  digest    %s\n", digest);
	printf("%.*s", (int)notes.len, (const char *)notes.at);
	return OK;
}

static enum err
approve(struct office *o, struct program *p, const struct handed *h)
{
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	const struct office_act act = {
		"release-approve", program_arg(p, 0), view_of(h->bytes, h->len)};
	const char *state = "";
	int64_t approvals = 0, needed = 0;
	enum err e = office_signer(o, &by);
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		e = json_get_text(answer, "state", 32, &state);
	if (!e)
		e = json_get_int(answer, "approvals", 0, INT64_MAX, &approvals);
	if (!e)
		e = json_get_int(answer, "needed", 0, INT64_MAX, &needed);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"id\":\"%s\",\"state\":\"%s\",\"approvals\":%lld,\"needed\":%lld}\n",
			program_arg(p, 0), state, (long long)approvals, (long long)needed);
	else
		printf("release %s is %s: %lld of %lld approvals\n", program_arg(p, 0), state,
			(long long)approvals, (long long)needed);
	return OK;
}

static enum err
run_approve(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(handed) struct handed *h = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = handed_fetch(&h, o, program_dir(p), program_arg(p, 0));
	if (!e && !program_json(p))
		e = print_summary(h);
	return e ? e : approve(o, p, h);
}

/* publishing */

/* The ledger waits for a checkpoint over the last approval, which takes a moment. */
static enum err
submit_publish(struct office *o, struct program *p, struct signer *by, const struct handed *h)
{
	OWNED_BUF struct buf body;
	struct json_out w;
	buf_init(&body, 1024);
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", program_arg(p, 0));
	json_put_hex(&w, "digest", view_of(h->digest, sizeof(h->digest)));
	json_put_close(&w);
	enum err e = json_end(&w, "publication");
	const struct office_act act = {"release-publish", program_arg(p, 0), buf_view(&body)};
	if (e)
		return e;
	for (size_t i = 0; i == 0 || (e == E_BUSY && i < CHECKPOINT_TRIES); i++) {
		OWNED(json) struct json *answer = NULL;
		if (i > 0)
			pause_ms(POLL_MS);
		e = office_submit(o, by, &act, &answer);
	}
	return e;
}

/* Publishing is not undone by a file that cannot be written. */
static enum err
write_released(const struct handed *h, const char *path, const char *release)
{
	enum err e = handed_write(h, path);
	return e ? fail_in(e,
			   "release %s is released, and `weir-hub release show %s --out FILE` "
			   "writes its table",
			   release, release)
		 : OK;
}

static enum err
run_publish(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(handed) struct handed *h = NULL;
	OWNED(signer) struct signer *by = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = handed_fetch(&h, o, program_dir(p), program_arg(p, 0));
	if (!e)
		e = office_signer(o, &by);
	if (!e)
		e = submit_publish(o, p, by, h);
	if (!e && program_value(p, "out"))
		e = write_released(h, program_value(p, "out"), program_arg(p, 0));
	if (!e)
		printf(program_json(p) ? "{\"id\":\"%s\",\"state\":\"released\"}\n"
				       : "release %s is released\n",
			program_arg(p, 0));
	return e;
}

/* commands */

static const struct program_option propose_options[] = {
	{"indicator", "ID...", "an indicator of the codebook, or all; more may follow"},
	{"purpose", "TEXT", "what the tables are for, in one line"},
	{"wave", "N", "the wave of the study; left out: the only one"},
	{"compare", "N",
		"an earlier wave of the same season: every figure of both, and the change"},
	{"sites", "VIEW",
		"name sites as recorded (default), by lineage, or as-of:YYYY-MM-DD: what "
		"they had become by that day"},
	{"id", "ID", "the release's name; left out: one is made"},
	{"no-wait", NULL, "do not wait for the keeper"},
	{"by", "PERSON", "the researcher who proposes it"},
	{NULL, NULL, NULL},
};

static const struct program_option approve_options[] = {
	{"by", "PERSON", "the approver; not the author, and not the other approver"},
	{NULL, NULL, NULL},
};

static const struct program_option publish_options[] = {
	{"out", "FILE.csv", "write the released table there, too"},
	{"by", "PERSON", "who publishes it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_release_propose = {.name = "release propose",
	.run = run_propose,
	.help = "freeze a cohort and have tables of it made for a purpose",
	.args = "[INDICATOR...]",
	.args_min = 0,
	.args_max = INDICATORS_MOST,
	.options = propose_options};

const struct program_command cmd_release_approve = {.name = "release approve",
	.run = run_approve,
	.help = "see what the keeper staged and sign it, as one of two approvers",
	.args = "RELEASE",
	.args_min = 1,
	.args_max = 1,
	.options = approve_options};

const struct program_command cmd_release_publish = {.name = "release publish",
	.run = run_publish,
	.help = "release what was approved, if every consent still holds",
	.args = "RELEASE",
	.args_min = 1,
	.args_max = 1,
	.options = publish_options};
