#include "tests/sim/sim_schedule.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/sim_ids.h"
#include "tests/sim/sim_inside.h"

#define LINE_BYTES      128
#define NAME_BYTES      32
#define REST_MOST_COUNT 1000

static bool
act_named(const char *name, enum sim_act *ret)
{
	for (size_t i = 0; i < SIM_ACTS_COUNT; i++)
		if (strcmp(sim_act_name((enum sim_act)i), name) == 0) {
			*ret = (enum sim_act)i;
			return true;
		}
	return false;
}

/* The next thing that happens by itself; false: nothing does. */
static bool
rest_step(struct sim *s)
{
	if (s->frame_count)
		sim_act(s, SIM_DELIVER, 0);
	else if (s->hub.is_dirty)
		sim_act(s, SIM_COMMIT_HUB, 0);
	else
		for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
			if (s->copies[i].token_waits) {
				sim_act(s, SIM_COMMIT_NODE, i);
				return true;
			} else if (i + 1 == SIM_COPIES_COUNT) {
				return false;
			}
	return true;
}

static bool
carry_out(struct sim *s, const char *name, size_t which)
{
	enum sim_act act;
	if (strcmp(name, "rest") == 0) {
		for (size_t i = 0; i < REST_MOST_COUNT && !s->breach && rest_step(s); i++)
			continue;
		return true;
	}
	if (strcmp(name, "large") == 0) {
		s->is_bulky = true;
		return true;
	}
	if (!act_named(name, &act) || !sim_can(s, act, which))
		return false;
	sim_act(s, act, which);
	return true;
}

static void
say_lines(const struct sim *s)
{
	for (size_t i = 0; i < s->frame_count; i++) {
		struct pool_room *room = pool_room(s->pool);
		struct sync_msg m = {0};
		room->arena.used = 0;
		(void)!sync_unpack(&m, &room->arena, pool_bytes(s->pool, s->frames[i].at));
		(void)printf("\t%zu: %s copy %u, message %d%s\n", i,
			s->frames[i].to_hub ? "from" : "to", s->frames[i].copy, m.kind,
			s->frames[i].is_old ? ", late" : "");
	}
}

bool
sim_schedule(struct sim *s, struct sim_pool *pool, const char *path, bool says)
{
	char line[LINE_BYTES], name[NAME_BYTES];
	size_t which, count = 0;
	bool fits = true;
	FILE *f = fopen(path, "re");
	sim_ids_explore();
	sim_begin(s, pool, 0);
	s->explores = true;
	while (f && fits && !s->breach && fgets(line, sizeof(line), f)) {
		count++;
		which = 0;
		line[strcspn(line, "#\n")] = '\0';
		if (sscanf(line, "%31s %zu", name, &which) < 1)
			continue;
		fits = carry_out(s, name, which);
		if (says)
			(void)printf("%zu %s %zu\n", count, name, which), say_lines(s);
	}
	if (f)
		(void)fclose(f);
	if (!f || !fits)
		(void)fprintf(stderr, "%s:%zu: %s\n", path, count,
			f ? "no such act, or not possible here" : "cannot be read");
	if (f && fits && !s->breach)
		sim_settle(s);
	return f && fits;
}
