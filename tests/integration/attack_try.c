#include "tests/integration/attack_try.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_rules.h"

#define HEAD_BYTES      5 /* version and number in front of a sealed box */
#define POOL_MAX_BYTES  ((size_t)8 << 20)
#define PLAIN_MAX_BYTES ((size_t)4 << 20)
#define LINE_DIGITS     (2 * ATTACK_SECRET_BYTES)

struct copy {
	uint8_t *at; /* owned */
	size_t len;
};

struct entry {
	struct wire_rules *rules; /* owned */
	struct copy rules_bytes, sealed;
	struct copy wraps[3];
	bool opened;      /* what is sealed */
	bool wrap_opened; /* one of its wraps */
};

struct box {
	uint8_t instance[ID_BYTES];
	struct copy bytes;
	bool opened;
};

struct attack {
	const char *study;
	uint8_t person[ID_BYTES];
	uint8_t (*pool)[ATTACK_SECRET_BYTES];
	size_t pool_count, tried;
	struct entry *entries;
	size_t entry_count;
	struct box *boxes;
	size_t box_count;
};

struct attack *
attack_new(const char *study, const uint8_t person[static ID_BYTES])
{
	struct attack *a = xcalloc(1, sizeof(*a));
	a->study = study;
	memcpy(a->person, person, ID_BYTES);
	return a;
}

void
attack_free(struct attack *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->entry_count; i++) {
		struct entry *e = &a->entries[i];
		wire_rules_free(e->rules);
		mem_drop(&e->rules_bytes.at);
		mem_drop(&e->sealed.at);
		for (size_t k = 0; k < ARRAY_LEN(e->wraps); k++)
			mem_drop(&e->wraps[k].at);
	}
	for (size_t i = 0; i < a->box_count; i++)
		mem_drop(&a->boxes[i].bytes.at);
	mem_drop(&a->pool);
	mem_drop(&a->entries);
	mem_drop(&a->boxes);
	mem_drop(&a);
}

static struct copy
copy_of(struct view v)
{
	return (struct copy){v.len ? xmemdup(v.at, v.len) : NULL, v.len};
}

static struct view
view_copy(const struct copy *c)
{
	return view_of(c->at, c->len);
}

/* the pool */

void
attack_add_secret(struct attack *a, const uint8_t secret[static ATTACK_SECRET_BYTES])
{
	for (size_t i = 0; i < a->pool_count; i++)
		if (memcmp(a->pool[i], secret, ATTACK_SECRET_BYTES) == 0)
			return;
	a->pool = xrealloc(a->pool, a->pool_count + 1, sizeof(*a->pool));
	memcpy(a->pool[a->pool_count++], secret, ATTACK_SECRET_BYTES);
}

size_t
attack_pool_count(const struct attack *a)
{
	return a->pool_count;
}

const uint8_t *
attack_pool(const struct attack *a, size_t i)
{
	return a->pool[i];
}

enum err
attack_read_pool(struct attack *a, const char *path)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, path, POOL_MAX_BYTES);
	for (size_t at = 0; !e && at + LINE_DIGITS <= len; at += LINE_DIGITS + 1) {
		char line[LINE_DIGITS + 1] = "";
		uint8_t secret[ATTACK_SECRET_BYTES];
		memcpy(line, bytes + at, LINE_DIGITS);
		if (!text_unhex(secret, sizeof(secret), line))
			return fail(E_FORMAT, "%s holds a line that is no secret", path);
		attack_add_secret(a, secret);
	}
	return e;
}

enum err
attack_write_pool(const struct attack *a, const char *path)
{
	OWNED_BUF struct buf out;
	char line[LINE_DIGITS + 1];
	buf_init(&out, POOL_MAX_BYTES);
	for (size_t i = 0; i < a->pool_count; i++) {
		text_hex(line, a->pool[i], ATTACK_SECRET_BYTES);
		buf_format(&out, "%s\n", line);
	}
	enum err e = buf_check(&out, "pool");
	return e ? e : text_write_file(path, buf_view(&out), 0600);
}

void
attack_print(const uint8_t secret[static ATTACK_SECRET_BYTES])
{
	char line[LINE_DIGITS + 1];
	text_hex(line, secret, ATTACK_SECRET_BYTES);
	printf("%s\n", line);
}

/* what is in the stores */

enum err
attack_add_entry(struct attack *a, const struct attack_entry *e)
{
	struct entry n = {.rules_bytes = copy_of(e->rules)};
	enum err err = wire_rules_unpack(&n.rules, view_copy(&n.rules_bytes));
	if (err) {
		mem_drop(&n.rules_bytes.at);
		return err;
	}
	n.sealed = copy_of(e->sealed);
	for (size_t k = 0; k < ARRAY_LEN(n.wraps); k++)
		n.wraps[k] = copy_of(e->wraps[k]);
	a->entries = xrealloc(a->entries, a->entry_count + 1, sizeof(*a->entries));
	a->entries[a->entry_count++] = n;
	return OK;
}

void
attack_add_box(struct attack *a, const uint8_t instance[static ID_BYTES], struct view box)
{
	struct box b = {.bytes = copy_of(box)};
	memcpy(b.instance, instance, ID_BYTES);
	a->boxes = xrealloc(a->boxes, a->box_count + 1, sizeof(*a->boxes));
	a->boxes[a->box_count++] = b;
}

void
attack_each_key(struct attack *a, attack_key_fn *each, void *arg)
{
	for (size_t i = 0; i < a->entry_count; i++)
		if (a->entries[i].rules->kind == RULES_KEY)
			each(arg, a->entries[i].rules->instance,
				a->entries[i].rules->participant);
}

/* trying */

static enum err
open_box(struct buf *plain, const struct copy *box, const uint8_t *secret)
{
	OWNED_SECRET struct secret *s = secret_copy(secret, ATTACK_SECRET_BYTES);
	if (box->len < HEAD_BYTES + BOX_EXTRA_BYTES)
		return fail(E_FORMAT, "no box");
	return box_open(plain, view_of(box->at + HEAD_BYTES, box->len - HEAD_BYTES), s);
}

/* The key stands at the end of what a wrap holds, whatever the wrap says of itself. */
static bool
try_wrap(struct attack *a, const struct copy *wrap, size_t secret)
{
	OWNED_WIPED struct buf plain;
	buf_init(&plain, PLAIN_MAX_BYTES);
	if (open_box(&plain, wrap, a->pool[secret]) || plain.len < AEAD_KEY_BYTES)
		return false;
	attack_add_secret(a, plain.at + plain.len - AEAD_KEY_BYTES);
	return true;
}

static bool
opens(const struct attack *a, const struct entry *n, const uint8_t *key)
{
	OWNED_SECRET struct secret *s = secret_copy(key, ATTACK_SECRET_BYTES);
	struct seal_context c = {.study = a->study,
		.form = n->rules->form,
		.form_version = n->rules->form_version};
	memcpy(c.participant, n->rules->participant, ID_BYTES);
	memcpy(c.instance, n->rules->instance, ID_BYTES);
	for (int class = SEAL_HUB; class <= SEAL_SITE; class ++) {
		OWNED_WIPED struct buf plain;
		buf_init(&plain, PLAIN_MAX_BYTES);
		c.class = (enum seal_class) class;
		if (!seal_open_answers(&plain, view_copy(&n->sealed), &c, s))
			return true;
	}
	return false;
}

static void
try_secret(struct attack *a, size_t secret)
{
	for (size_t i = 0; i < a->entry_count; i++) {
		struct entry *n = &a->entries[i];
		for (size_t k = 0; k < ARRAY_LEN(n->wraps); k++)
			n->wrap_opened = try_wrap(a, &n->wraps[k], secret) || n->wrap_opened;
		if (n->sealed.len && !n->opened)
			n->opened = opens(a, n, a->pool[secret]);
	}
	for (size_t i = 0; i < a->box_count; i++) {
		OWNED_WIPED struct buf plain;
		buf_init(&plain, PLAIN_MAX_BYTES);
		if (!a->boxes[i].opened)
			a->boxes[i].opened =
				!open_box(&plain, &a->boxes[i].bytes, a->pool[secret]);
	}
}

struct tally {
	unsigned all, opened;
};

static bool
is_persons(const struct attack *a, const uint8_t *instance)
{
	for (size_t i = 0; i < a->entry_count; i++)
		if (memcmp(a->entries[i].rules->instance, instance, ID_BYTES) == 0)
			return memcmp(a->entries[i].rules->participant, a->person, ID_BYTES) ==
			       0;
	return false;
}

static void
count(struct tally *t, bool opened)
{
	t->all++;
	t->opened += opened;
}

static void
print(const char *name, const char *what, const struct tally *t)
{
	printf("%s_%s %u\n%s_%s_opened %u\n", name, what, t->all, name, what, t->opened);
}

enum err
attack_run(struct attack *a, const char *name)
{
	struct tally person = {0}, others = {0}, person_keys = {0}, others_keys = {0};
	for (; a->tried < a->pool_count; a->tried++)
		try_secret(a, a->tried);
	for (size_t i = 0; i < a->entry_count; i++) {
		const struct entry *n = &a->entries[i];
		bool is = memcmp(n->rules->participant, a->person, ID_BYTES) == 0;
		if (n->sealed.len)
			count(is ? &person : &others, n->opened);
		if (n->wraps[0].len || n->wraps[1].len)
			count(is ? &person_keys : &others_keys, n->wrap_opened);
	}
	for (size_t i = 0; i < a->box_count; i++)
		count(is_persons(a, a->boxes[i].instance) ? &person : &others,
			a->boxes[i].opened);
	print(name, "person", &person);
	print(name, "others", &others);
	print(name, "person_keys", &person_keys);
	print(name, "others_keys", &others_keys);
	return OK;
}
