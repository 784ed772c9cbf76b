/* siteopens - which records open with every secret that a site has.
 *
 * siteopens DIR STUDY PASSPHRASE COORDINATOR: the passphrases of service.key and review.key of
 * the node in DIR, which must not run. Every secret is tried on every wrap of every key in the
 * vault, in every class of readers, and what that opens on every record. Prints a line a form:
 * its id, how many of its records opened, and of how many.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/trust/seal.h"

#include "node/custody.h"
#include "node/sitekeys.h"
#include "node/sync_review.h"
#include "node/vault.h"

#define MAP_BYTES  ((size_t)1 << 30)
#define PART_BYTES ((size_t)2 << 20)
#define FORMS_MAX  16
#define SECRETS    (CUSTODY_REVIEW_COUNT + 2)

struct tally {
	char form[64];
	unsigned opened, all;
};

struct site {
	struct vault *vault;
	const char *study;
	struct secret *secrets[SECRETS]; /* lent */
	int secret_count;
	struct tally forms[FORMS_MAX];
	size_t form_count;
};

static bool
opens_with(struct site *s, struct view wrap, const struct wire_rules *r, struct view sealed)
{
	struct seal_context c = {
		.study = s->study, .form = r->form, .form_version = r->form_version};
	memcpy(c.participant, r->participant, ID_BYTES);
	memcpy(c.instance, r->instance, ID_BYTES);
	for (int i = 0; i < s->secret_count * SEAL_SITE; i++) {
		OWNED_SECRET struct secret *key = NULL;
		c.class = (enum seal_class)(i % SEAL_SITE + 1);
		if (seal_open_wrap(&key, wrap, &c, s->secrets[i / SEAL_SITE]))
			continue;
		for (int class = SEAL_HUB; class <= SEAL_SITE; class ++) {
			OWNED_BUF struct buf plain;
			buf_init(&plain, PART_BYTES);
			c.class = (enum seal_class) class;
			if (!seal_open_answers(&plain, sealed, &c, key))
				return true;
		}
	}
	return false;
}

/* What was taken over under a later number stands beside the entries. */
static bool
opens_taken(struct site *s, const struct vault_at *at, const struct wire_rules *r,
	struct view sealed)
{
	OWNED_BUF struct buf part, wrap;
	OWNED(wire_rules) struct wire_rules *key = NULL;
	buf_init(&part, PART_BYTES);
	buf_init(&wrap, PART_BYTES);
	if (vault_part(s->vault, at, PART_RULES, &part) ||
		wire_rules_unpack(&key, buf_view(&part)) ||
		sync_review_wrap(s->vault, key->instance, at, &wrap))
		return false;
	return opens_with(s, buf_view(&wrap), r, sealed);
}

static bool
opens(struct site *s, const struct wire_rules *r, struct view sealed)
{
	static const enum part_kind kinds[] = {PART_WRAP_STUDY, PART_WRAP_SITE};
	uint64_t end = vault_committed(s->vault, LANE_C).seq;
	for (uint64_t seq = 1; seq <= end; seq++) {
		const struct vault_at at = vault_here(s->vault, LANE_C, seq);
		if (opens_taken(s, &at, r, sealed))
			return true;
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			OWNED_BUF struct buf wrap;
			buf_init(&wrap, PART_BYTES);
			if (!vault_part(s->vault, &at, kinds[k], &wrap) &&
				opens_with(s, buf_view(&wrap), r, sealed))
				return true;
		}
	}
	return false;
}

static struct tally *
tally_of(struct site *s, const char *form)
{
	for (size_t i = 0; i < s->form_count; i++)
		if (strcmp(s->forms[i].form, form) == 0)
			return &s->forms[i];
	struct tally *t = &s->forms[s->form_count < FORMS_MAX - 1 ? s->form_count++ : 0];
	(void)snprintf(t->form, sizeof(t->form), "%s", form);
	return t;
}

static enum err
try_lane(struct site *s, enum lane lane, enum part_kind kind)
{
	uint64_t end = vault_committed(s->vault, lane).seq;
	for (uint64_t seq = 1; seq <= end; seq++) {
		OWNED_BUF struct buf part, sealed;
		OWNED(wire_rules) struct wire_rules *r = NULL;
		const struct vault_at at = vault_here(s->vault, lane, seq);
		buf_init(&part, PART_BYTES);
		buf_init(&sealed, PART_BYTES);
		enum err e = vault_part(s->vault, &at, PART_RULES, &part);
		if (!e)
			e = wire_rules_unpack(&r, buf_view(&part));
		if (e)
			return e;
		if (vault_part(s->vault, &at, kind, &sealed))
			continue;
		struct tally *t = tally_of(s, r->form);
		t->all++;
		t->opened += opens(s, r, buf_view(&sealed));
	}
	return OK;
}

static enum err
try_all(char **words)
{
	OWNED(sitekeys) struct sitekeys *keys = NULL;
	OWNED(custody) struct custody *held = NULL;
	char id[CUSTODY_ID_BYTES];
	OWNED(vault) struct vault *vault = NULL;
	OWNED_SECRET struct secret *services = NULL, *coordinator = NULL;
	struct vault_config c = {
		.dir = words[1], .study = words[2], .map_bytes = MAP_BYTES, .read_only = true};
	services = secret_copy(words[3], strlen(words[3]));
	coordinator = secret_copy(words[4], strlen(words[4]));
	enum err e = sitekeys_open(&keys, words[1], services);
	if (!e)
		e = custody_open(&held, id, words[1], NULL, coordinator);
	if (e)
		return e;
	memcpy(c.writer, keys->writer_public, sizeof(c.writer));
	e = vault_open(&vault, &c);
	struct site s = {.vault = vault,
		.study = words[2],
		.secrets = {keys->box, keys->transport},
		.secret_count = 2};
	for (size_t i = 0; i < held->count; i++)
		s.secrets[s.secret_count++] = held->review[i];
	if (!e)
		e = try_lane(&s, LANE_R, PART_ANSWERS);
	if (!e)
		e = try_lane(&s, LANE_C, PART_DETAIL);
	for (size_t i = 0; !e && i < s.form_count; i++)
		printf("%s %u %u\n", s.forms[i].form, s.forms[i].opened, s.forms[i].all);
	return e;
}

int
main(int count, char **words)
{
	if (count != 5 || crypto_init())
		return 2;
	enum err e = try_all(words);
	if (e)
		fprintf(stderr, "siteopens: %s\n", err_text());
	return e ? 1 : 0;
}
