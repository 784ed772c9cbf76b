#include "hub/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/codec/json.h"

#include "hub/office.h"

#define POLL_NS         200000000L
#define QUIET_POLLS_MAX 750 /* two and a half minutes without any progress */

struct facts {
	bool runs, is_count_wrong;
	int64_t entries, all, damaged, mended;
};

static enum err
get_count(const struct json *o, const char *key, int64_t *ret)
{
	return json_get_int(o, key, 0, INT64_MAX, ret);
}

static enum err
ask(struct office *o, bool begin, struct facts *ret)
{
	OWNED(json) struct json *answer = NULL;
	int64_t runs = 0, wrong = 0;
	*ret = (struct facts){.runs = false};
	enum err e = office_do(
		o, "scrub", view_text(begin ? "{\"begin\":1}" : "{\"begin\":0}"), &answer);
	if (!e)
		e = get_count(answer, "running", &runs);
	if (!e)
		e = get_count(answer, "entries", &ret->entries);
	if (!e)
		e = get_count(answer, "all", &ret->all);
	if (!e)
		e = get_count(answer, "damaged", &ret->damaged);
	if (!e)
		e = get_count(answer, "mended", &ret->mended);
	if (!e)
		e = get_count(answer, "count_wrong", &wrong);
	ret->runs = runs != 0;
	ret->is_count_wrong = wrong != 0;
	return e;
}

/* Until it is done, or nothing moves: what a node cannot be asked for now is mended later. */
static enum err
wait(struct program *p, struct office *o, struct facts *f)
{
	const struct timespec poll = {.tv_nsec = POLL_NS};
	unsigned quiet = 0;
	enum err e = OK;
	while (!e && f->runs && quiet < QUIET_POLLS_MAX) {
		const struct facts before = *f;
		(void)nanosleep(&poll, NULL);
		e = ask(o, false, f);
		bool moved = f->entries != before.entries || f->mended != before.mended;
		quiet = moved ? 0 : quiet + 1;
		program_progress(p, "%" PRId64 " of %" PRId64 " entries", f->entries, f->all);
	}
	program_progress(p, NULL);
	return e;
}

static void
print(struct program *p, const struct facts *f)
{
	if (program_json(p))
		printf("{\"entries\":%" PRId64 ",\"damaged\":%" PRId64 ",\"mended\":%" PRId64
		       "}\n",
			f->entries, f->damaged, f->mended);
	else
		printf("entries %" PRId64 " count\ndamaged %" PRId64 " count\nmended %" PRId64
		       " count\n",
			f->entries, f->damaged, f->mended);
}

static enum err
run(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	struct facts f;
	enum err e = office_open(&o, p);
	if (!e)
		e = ask(o, true, &f);
	if (!e)
		e = wait(p, o, &f);
	if (e)
		return e;
	print(p, &f);
	if (f.mended < f.damaged)
		return fail(E_FORMAT,
			"%" PRId64 " damaged rows are not mended yet: see `weir-hub status`",
			f.damaged - f.mended);
	if (f.is_count_wrong)
		return fail(E_FORMAT, "the vault holds more or fewer entries than it should: "
				      "see `weir-hub check --read-data`");
	return OK;
}

const struct program_command cmd_scrub = {
	.name = "scrub",
	.run = run,
	.help = "read every entry once more beside the running hub, and fetch again what is "
		"damaged from its node",
};
