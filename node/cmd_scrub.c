#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/codec/json.h"

#include "node/client.h"

#define POLL_NS         200000000L
#define JSON_MAX_BYTES  1024
#define QUIET_POLLS_MAX 600 /* two minutes without any progress */

struct facts {
	bool running;
	uint64_t entries, all, damaged, mended, lost;
};

static enum err
ask(struct client *sync, bool begin, struct facts *ret)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, 1);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_u8(&fields, begin);
	enum err e = client_call(sync, SYNC_SCRUB, buf_view(&fields), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	*ret = (struct facts){.running = cursor_u8(&c) != 0};
	ret->entries = cursor_u64(&c);
	ret->all = cursor_u64(&c);
	ret->damaged = cursor_u64(&c);
	ret->mended = cursor_u64(&c);
	ret->lost = cursor_u64(&c);
	return cursor_end(&c, "answer of sync");
}

/* Until it is done, or nothing moves: what the hub cannot be asked for now is mended later. */
static enum err
wait(struct program *p, struct client *sync, struct facts *f)
{
	const struct timespec poll = {.tv_nsec = POLL_NS};
	unsigned quiet = 0;
	enum err e = OK;
	while (!e && f->running && quiet < QUIET_POLLS_MAX) {
		const struct facts before = *f;
		(void)nanosleep(&poll, NULL);
		e = ask(sync, false, f);
		bool moved = f->entries != before.entries || f->mended != before.mended;
		quiet = moved ? 0 : quiet + 1;
		program_progress(p, "%" PRIu64 " of %" PRIu64 " entries", f->entries, f->all);
	}
	program_progress(p, NULL);
	return e;
}

static enum err
print(struct program *p, const struct facts *f)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	if (!program_json(p)) {
		printf("entries %" PRIu64 " count\ndamaged %" PRIu64 " count\nmended %" PRIu64
		       " count\n",
			f->entries, f->damaged, f->mended);
		return OK;
	}
	buf_init(&out, JSON_MAX_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_int(&w, "entries", (int64_t)f->entries);
	json_put_int(&w, "damaged", (int64_t)f->damaged);
	json_put_int(&w, "mended", (int64_t)f->mended);
	json_put_int(&w, "lost", (int64_t)f->lost);
	json_put_close(&w);
	enum err e = json_end(&w, "scrub");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static enum err
run(struct program *p)
{
	OWNED(client) struct client *sync = NULL;
	struct facts f = {.running = true};
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = ask(sync, true, &f);
	if (!e)
		e = wait(p, sync, &f);
	if (!e)
		e = print(p, &f);
	if (!e && f.lost)
		e = fail(E_FORMAT,
			"%" PRIu64 " damaged entries were never at the hub: stop the node and "
			"restore it from a backup",
			f.lost);
	else if (!e && f.mended < f.damaged)
		e = fail(E_FORMAT,
			"%" PRIu64 " damaged entries are fetched from the hub when "
			"it can be reached",
			f.damaged - f.mended);
	return e;
}

const struct program_command cmd_scrub = {
	.name = "scrub",
	.run = run,
	.help = "read everything that is kept once more, and fetch again what is damaged",
};
