#include "common/figures/flow.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define NO_ARC SIZE_MAX

/* Half of a joint: half h goes one way, half h^1 the other. */
struct half {
	size_t to;
	size_t next; /* of the halves that leave the same node */
	int64_t capacity;
	int64_t left;
};

struct flow {
	size_t node_count;
	size_t *first; /* half that leaves each node */
	size_t *reached_by;
	size_t *queue;
	struct half *halves;
	size_t half_count;
	size_t half_room;
};

struct flow *
flow_new(size_t node_count)
{
	struct flow *f = xcalloc(1, sizeof *f);
	f->node_count = node_count;
	f->first = xcalloc(node_count + 1, sizeof *f->first);
	f->reached_by = xcalloc(node_count + 1, sizeof *f->reached_by);
	f->queue = xcalloc(node_count + 1, sizeof *f->queue);
	for (size_t i = 0; i < node_count; i++)
		f->first[i] = NO_ARC;
	return f;
}

void
flow_free(struct flow *f)
{
	if (!f)
		return;
	free(f->first);
	free(f->reached_by);
	free(f->queue);
	free(f->halves);
	free(f);
}

static void
half_put(struct flow *f, size_t from, size_t to, int64_t capacity)
{
	f->halves[f->half_count] =
		(struct half){.to = to, .next = f->first[from], .capacity = capacity};
	f->first[from] = f->half_count++;
}

void
flow_join(struct flow *f, size_t a, size_t b, int64_t there, int64_t back)
{
	if (f->half_count + 2 > f->half_room) {
		f->half_room = f->half_room ? 2 * f->half_room : 64;
		f->halves = xrealloc(f->halves, f->half_room, sizeof *f->halves);
	}
	half_put(f, a, b, there);
	half_put(f, b, a, back);
}

/* Find a shortest way with room on it; each node remembers the half that reached it. */
static bool
find_way(struct flow *f, size_t a, size_t b)
{
	for (size_t i = 0; i < f->node_count; i++)
		f->reached_by[i] = NO_ARC;
	size_t head = 0, tail = 0;
	f->queue[tail++] = a;
	while (head < tail) {
		size_t node = f->queue[head++];
		for (size_t h = f->first[node]; h != NO_ARC; h = f->halves[h].next) {
			size_t to = f->halves[h].to;
			if (f->halves[h].left <= 0 || to == a || f->reached_by[to] != NO_ARC)
				continue;
			f->reached_by[to] = h;
			if (to == b)
				return true;
			f->queue[tail++] = to;
		}
	}
	return false;
}

/* Send what the found way carries, at most `most`. */
static int64_t
send(struct flow *f, size_t a, size_t b, int64_t most)
{
	for (size_t node = b; node != a; node = f->halves[f->reached_by[node] ^ 1].to)
		most = MIN(most, f->halves[f->reached_by[node]].left);
	for (size_t node = b; node != a; node = f->halves[f->reached_by[node] ^ 1].to) {
		f->halves[f->reached_by[node]].left -= most;
		f->halves[f->reached_by[node] ^ 1].left += most;
	}
	return most;
}

int64_t
flow_most(struct flow *f, size_t a, size_t b, size_t without, int64_t enough)
{
	if (a == b)
		return enough;
	for (size_t h = 0; h < f->half_count; h++)
		f->halves[h].left = h / 2 == without ? 0 : f->halves[h].capacity;
	int64_t sent = 0;
	while (sent < enough && find_way(f, a, b))
		sent += send(f, a, b, enough - sent);
	return sent;
}
