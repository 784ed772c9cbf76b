#include "tests/sim/sim_ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_pool.h"

#define FILL_ID         0xa5
#define FILL_SEED       0xb6
#define FILL_TOKEN      0xb7
#define FILL_HELLO      0xc5
#define FILL_TRANSCRIPT 0xc6
#define FILL_SIGNATURE  0xc8
#define FILL_LEAST      3  /* in a row: what a token keeps of the nonce's */
#define NUMBERS_MOST    96 /* below every fill */
#define BLOCK_WORDS     8
#define TEXT_MOST_BYTES ((size_t)256 * 1024)

/* What stands before a run of this byte. */
struct form {
	uint8_t numbers; /* 0: the byte is no fill */
	uint8_t kind;
};

static const struct form forms[256] = {
	[FILL_ID] = {1, SIM_ID},
	[FILL_SEED] = {1, SIM_SEED},
	[FILL_TOKEN] = {1, SIM_SEED},
	[FILL_HELLO] = {1, SIM_ID},
	[FILL_TRANSCRIPT] = {2, SIM_ID},
	[FILL_SIGNATURE] = {2, SIM_ID},
};

static bool explores;
static uint8_t text[TEXT_MOST_BYTES];

void
sim_ids_explore(void)
{
	explores = true;
}

static void
give_up(const char *what)
{
	(void)fprintf(stderr, "simulator: no room for more %s\n", what);
	abort();
}

/* ---- making ---- */

/* The number of the nth run of at least this many fills; 0: there is none. */
static uint8_t
number_in(struct view v, uint8_t fill, size_t least, size_t nth)
{
	size_t run = 0;
	for (size_t i = 0; i < v.len; i++) {
		run = v.at[i] == fill ? run + 1 : 0;
		if (run != least || i < least)
			continue;
		if (nth-- == 0)
			return v.at[i - least];
	}
	return 0;
}

void
__wrap_crypto_hash_one(uint8_t ret[static HASH_BYTES], const char *personal, struct view v)
{
	bool hello = explores && strcmp(personal, "weir-hello-v1") == 0;
	bool session = explores && strcmp(personal, "weir-session-v1") == 0;
	if (!hello && !session) {
		__real_crypto_hash_one(ret, personal, v);
		return;
	}
	memset(ret, hello ? FILL_HELLO : FILL_TRANSCRIPT, HASH_BYTES);
	if (hello) {
		ret[0] = number_in(v, FILL_ID, WIRE_ID_BYTES - 1, 0);
		return;
	}
	/* In the body of a WELCOME the session follows the nonce. */
	ret[0] = number_in(v, FILL_HELLO, HASH_BYTES - 1, 0);
	ret[1] = number_in(v, FILL_ID, WIRE_ID_BYTES - 1, 1);
}

void
__wrap_crypto_hash_id(uint8_t ret[static ID_BYTES], const char *personal, const uint8_t *key,
	const struct view *parts, size_t count)
{
	if (!explores || strcmp(personal, "weir-token-v1") != 0) {
		__real_crypto_hash_id(ret, personal, key, parts, count);
		return;
	}
	memset(ret, FILL_TOKEN, ID_BYTES);
	ret[0] = parts[0].at[0];
}

bool
sim_ids_sign(uint8_t ret[static SIGNATURE_BYTES], struct view message, uint8_t who)
{
	if (!explores || message.len < sizeof(uint32_t))
		return false;
	/* Format name and transcript, each with its length, as WELCOME and READY have it. */
	size_t name_bytes = message.at[sizeof(uint32_t) - 1];
	uint8_t session = number_in(message, FILL_TRANSCRIPT, HASH_BYTES - 2, 0);
	if (session == 0 || message.len != 2 * sizeof(uint32_t) + name_bytes + HASH_BYTES)
		return false;
	const uint8_t *at = memchr(message.at, FILL_TRANSCRIPT, message.len);
	memset(ret, FILL_SIGNATURE, SIGNATURE_BYTES);
	ret[0] = at[-2];
	ret[1] = session;
	/* The length of the format name tells WELCOME and READY apart. */
	ret[SIGNATURE_BYTES - 1] = (uint8_t)(who ^ name_bytes);
	return true;
}

/* ---- reading ---- */

static size_t
add_bytes(size_t at, const void *from, size_t len)
{
	if (at + len > TEXT_MOST_BYTES)
		give_up("bytes of a state");
	memcpy(text + at, from, len);
	return at + len;
}

/* Most of a state is zero: from a word that is, whole blocks that are too are passed over. */
static size_t
last_zero(const uint8_t *p, size_t at, size_t words)
{
	uint64_t block[BLOCK_WORDS];
	for (; at + BLOCK_WORDS < words; at += BLOCK_WORDS) {
		uint64_t any = 0;
		memcpy(block, p + (at + 1) * sizeof(*block), sizeof(block));
		for (size_t i = 0; i < BLOCK_WORDS; i++)
			any |= block[i];
		if (any)
			break;
	}
	return at;
}

/* Words that are not zero, each run of them with its place. Nothing that has a number in it
 * holds a byte of zero, so it stays in one piece. */
static size_t
add_runs(size_t at, const void *from, size_t len)
{
	const uint8_t *p = from;
	size_t words = len / sizeof(uint64_t), start = 0;
	for (size_t i = 0; i <= words; i++) {
		uint64_t w = 0;
		if (i < words)
			memcpy(&w, p + i * sizeof(w), sizeof(w));
		if (w)
			continue;
		if (i > start) {
			uint16_t head[2] = {(uint16_t)start, (uint16_t)(i - start)};
			at = add_bytes(at, head, sizeof(head));
			at = add_bytes(at, p + start * sizeof(w), (i - start) * sizeof(w));
		}
		i = last_zero(p, i, words);
		start = i + 1;
	}
	return at;
}

static size_t
add_frames(size_t at, const struct sim *s)
{
	for (size_t i = 0; i < s->frame_count; i++) {
		const struct sim_frame *f = &s->frames[i];
		struct view bytes = pool_bytes(s->pool, f->at);
		uint32_t head[] = {
			(uint32_t)bytes.len, f->to_hub, f->is_old, f->copy, f->welcome};
		at = add_bytes(at, head, sizeof(head));
		at = add_bytes(at, bytes.at, bytes.len);
	}
	return at;
}

struct view
sim_ids_text(const struct sim *s)
{
	size_t at = 0;
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
		if (s->copies[i].there)
			at = add_runs(at, &s->copies[i], sizeof(s->copies[i]));
	at = add_runs(at, &s->hub, sizeof(s->hub));
	at = add_frames(at, s);
	size_t from = offsetof(struct sim, ghost);
	at = add_runs(at, (const uint8_t *)s + from, sizeof(*s) - from);
	return view_of(text, at);
}

/* The next run of fills from `at` on; its numbers stand right before it. */
static size_t
next_run(size_t at, size_t len)
{
	for (; at + FILL_LEAST <= len; at++) {
		const uint8_t *p = text + at;
		if (forms[*p].numbers && p[1] == *p && p[2] == *p && at >= 2)
			return at;
	}
	return len;
}

static size_t
skip_run(size_t at, size_t len)
{
	uint8_t fill = text[at];
	while (at < len && text[at] == fill)
		at++;
	return at;
}

void
sim_ids_least(const struct sim *s, enum sim_id_kind kind, uint8_t ret[static WIRE_ID_BYTES])
{
	bool used[256] = {true};
	size_t len = sim_ids_text(s).len;
	for (size_t at = next_run(0, len); at < len; at = next_run(skip_run(at, len), len)) {
		const struct form *f = &forms[text[at]];
		for (size_t i = 1; i <= f->numbers && f->kind == kind; i++)
			used[text[at - i]] = true;
	}
	uint8_t n = 1;
	while (n < NUMBERS_MOST && used[n])
		n++;
	if (n == NUMBERS_MOST)
		give_up("ids");
	memset(ret, kind == SIM_ID ? FILL_ID : FILL_SEED, WIRE_ID_BYTES);
	ret[0] = n;
}

struct view
sim_ids_renamed(const struct sim *s)
{
	uint8_t names[2][256] = {{0}}, given[2] = {0};
	size_t len = sim_ids_text(s).len;
	for (size_t at = next_run(0, len); at < len; at = next_run(skip_run(at, len), len)) {
		const struct form *f = &forms[text[at]];
		for (size_t i = 1; i <= f->numbers; i++) {
			uint8_t *number = &text[at - i], *name = &names[f->kind][*number];
			if (!*name)
				*name = ++given[f->kind];
			*number = *name;
		}
	}
	return view_of(text, len);
}
