#include "node/intake_token.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define MIN_MS         60000.0
#define DAY_MS         86400000.0
#define MIB_BYTES      1048576.0
#define ID_MAX_BYTES   255
#define TOKEN_PERSONAL "weir-token-v1"

struct intake_tokens {
	struct intake_collector *list; /* by token */
	size_t count;
};

static int
by_token(const void *a, const void *b)
{
	const struct intake_collector *x = a, *y = b;
	return memcmp(x->token, y->token, HASH_BYTES);
}

/* quotas */

static void
fill(struct intake_collector *c, int64_t now_mono_ms)
{
	double passed_ms = (double)MAX(now_mono_ms - c->filled_mono_ms, 0);
	double most = c->requests_per_min, most_bytes = c->mib_per_day * MIB_BYTES;
	c->requests_left = MIN(most, c->requests_left + passed_ms * most / MIN_MS);
	c->bytes_left = MIN(most_bytes, c->bytes_left + passed_ms * most_bytes / DAY_MS);
	c->filled_mono_ms = now_mono_ms;
}

enum err
intake_token_spend(struct intake_collector *c, uint64_t bytes, int64_t now_mono_ms)
{
	fill(c, now_mono_ms);
	if (c->requests_per_min && c->requests_left < 1)
		return fail(E_BUSY, "too many requests came with this access");
	if (c->mib_per_day && c->bytes_left < (double)bytes)
		return fail(E_BUSY, "too much was sent with this access today");
	c->requests_left -= c->requests_per_min ? 1 : 0;
	c->bytes_left -= c->mib_per_day ? (double)bytes : 0;
	return OK;
}

/* the list */

struct intake_tokens *
intake_tokens_new(void)
{
	return xcalloc(1, sizeof(struct intake_tokens));
}

static void
empty(struct intake_tokens *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->list[i].id);
	mem_drop(&t->list);
	t->count = 0;
}

void
intake_tokens_free(struct intake_tokens *t)
{
	if (!t)
		return;
	empty(t);
	free(t);
}

size_t
intake_tokens_count(const struct intake_tokens *t)
{
	return t->count;
}

static struct intake_collector *
find(const struct intake_tokens *t, const uint8_t token[static HASH_BYTES])
{
	struct intake_collector key;
	memcpy(key.token, token, HASH_BYTES);
	return t->count ? bsearch(&key, t->list, t->count, sizeof(key), by_token) : NULL;
}

static void
read_one(struct intake_collector *ret, struct cursor *c, const struct intake_tokens *before)
{
	cursor_copy(c, ret->token, HASH_BYTES);
	ret->id = cursor_text(c, ID_MAX_BYTES);
	ret->requests_per_min = cursor_u32(c);
	ret->mib_per_day = cursor_u32(c);
	ret->requests_left = ret->requests_per_min;
	ret->bytes_left = ret->mib_per_day * MIB_BYTES;
	const struct intake_collector *old = find(before, ret->token);
	if (!old)
		return;
	ret->requests_left = MIN(ret->requests_left, old->requests_left);
	ret->bytes_left = MIN(ret->bytes_left, old->bytes_left);
	ret->filled_mono_ms = old->filled_mono_ms;
}

enum err
intake_tokens_read(struct intake_tokens *t, struct cursor *c)
{
	OWNED_BY(empty) struct intake_tokens next = {.list = NULL};
	uint32_t count = cursor_u32(c);
	if (c->broken || count > INTAKE_COLLECTORS_MAX_COUNT)
		return fail(E_FORMAT, "facts of the node: too many collectors");
	next.list = xcalloc(count, sizeof(*next.list));
	while (next.count < count && !c->broken)
		read_one(&next.list[next.count++], c, t);
	if (c->broken)
		return fail(E_FORMAT, "facts of the node: the collectors are cut short");
	if (next.count)
		qsort(next.list, next.count, sizeof(*next.list), by_token);
	struct intake_tokens old = *t;
	*t = next;
	next = old;
	return OK;
}

enum err
intake_token_find(struct intake_tokens *t, const char *token, struct intake_collector **ret)
{
	uint8_t hash[HASH_BYTES];
	*ret = NULL;
	if (strlen(token) > INTAKE_TOKEN_MAX_BYTES)
		return fail(E_DENIED, "this access is not known");
	crypto_hash_one(hash, TOKEN_PERSONAL, view_text(token));
	*ret = find(t, hash);
	return *ret ? OK : fail(E_DENIED, "this access is not known");
}
