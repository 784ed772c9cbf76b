#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"

#include "hub/office.h"
#include "hub/packfetch.h"
#include "hub/studydiff.h"
#include "hub/studypack.h"

#define REPLY_MAX_BYTES ((size_t)4 << 20)

static const char *
mark(const struct studydiff_change *c)
{
	return c->refused ? "refused  " : c->exploratory ? "explore  " : "         ";
}

static void
print_changes(const struct studydiff *d)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct studydiff_change *c = &d->changes[i];
		printf("%s%s%s%s: %s\n", mark(c), c->file, *c->what ? " " : "", c->what,
			c->text);
	}
	if (d->dropped)
		printf("and %zu more\n", d->dropped);
	if (!d->count)
		printf("nothing changes\n");
}

static enum err
print_json(const struct studydiff *d)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, REPLY_MAX_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_array(&w, "changes");
	for (size_t i = 0; i < d->count; i++) {
		const struct studydiff_change *c = &d->changes[i];
		json_put_object(&w, NULL);
		json_put_text(&w, "file", c->file);
		json_put_text(&w, "what", c->what);
		json_put_text(&w, "change", c->text);
		json_put_bool(&w, "refused", c->refused);
		json_put_bool(&w, "exploratory", c->exploratory);
		json_put_close(&w);
	}
	json_put_close(&w);
	json_put_int(&w, "refused", (int64_t)d->refused);
	json_put_int(&w, "dropped", (int64_t)d->dropped);
	json_put_close(&w);
	enum err e = json_end(&w, "changes");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}

static enum err
run(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(pack) struct pack *before = NULL;
	OWNED(pack) struct pack *after = NULL;
	OWNED(studydiff) struct studydiff *d = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = studypack_load(&after, program_arg(p, 0), "nothing can be compared");
	if (!e)
		e = packfetch(&before, o);
	if (!e && before && strcmp(before->id, after->id) != 0)
		e = fail(E_CONFLICT,
			"%s is the study %s, this hub serves %s: nothing can be "
			"compared",
			program_arg(p, 0), after->id, before->id);
	if (!e && !before)
		e = fail(E_NOTFOUND, "no study is in force yet: everything is new");
	if (e)
		return e;
	d = studydiff_make(before, after, clock_wall_ms());
	if (program_json(p))
		e = print_json(d);
	else
		print_changes(d);
	return e ? e : studydiff_check(d);
}

const struct program_command cmd_study_diff = {.name = "study diff",
	.run = run,
	.help = "what a study pack changes against the one in force, and what of it is refused",
	.args = "PACK",
	.args_min = 1,
	.args_max = 1};
