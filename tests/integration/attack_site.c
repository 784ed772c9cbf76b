/* attack_site - what a copy of a node's stores gives to whoever has some secrets.
 *
 * attack_site secrets DIR        every secret of the node in DIR as a pool (attack_try.h); on
 *                                standard input the passphrase of its services, then that of
 *                                its coordinator, a line each
 * attack_site try DIR STUDY POOL PERSON CODE
 *                                tries the pool on the stores of the node in DIR, which must
 *                                not run; PERSON: pseudonym in hex. What opened joins the pool.
 *                                Of the names of the desk: does the one under CODE open?
 */
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/custody.h"
#include "node/namebook.h"
#include "node/sitekeys.h"
#include "node/sync_review.h"
#include "tests/integration/attack_try.h"

#define MAP_BYTES  ((size_t)1 << 30)
#define PART_BYTES ((size_t)2 << 20)
#define LINE_BYTES 256
#define TRY_WORDS  7

/* secrets */

static struct secret *
read_line(void)
{
	char line[LINE_BYTES] = "";
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	return secret_copy(line, strcspn(line, "\n"));
}

static enum err
print_row_key(const char *dir, const struct sitekeys *keys, const char *study)
{
	OWNED(vault) struct vault *v = NULL;
	struct vault_config c = {
		.dir = dir, .study = study, .map_bytes = MAP_BYTES, .read_only = true};
	memcpy(c.writer, keys->writer_public, sizeof(c.writer));
	enum err e = vault_open(&v, &c);
	if (!e)
		attack_print(vault_row_key(v));
	return e;
}

static enum err
print_secrets(const char *dir)
{
	OWNED(sitekeys) struct sitekeys *keys = NULL;
	OWNED(custody) struct custody *desk = NULL;
	OWNED_SECRET struct secret *services = read_line(), *coordinator = read_line(),
				   *payload = NULL;
	struct hubcard card;
	char id[CUSTODY_ID_BYTES];
	enum err e = sitekeys_open(&keys, dir, services);
	if (!e)
		e = custody_open(&desk, id, dir, NULL, coordinator);
	if (!e)
		e = hubcard_load(&card, dir);
	if (e)
		return e;
	payload = sitekeys_payload(keys);
	for (size_t at = 0; at < secret_len(payload); at += ATTACK_SECRET_BYTES)
		attack_print(secret_bytes(payload) + at);
	attack_print(secret_bytes(desk->names));
	for (size_t i = 0; i < desk->count; i++)
		attack_print(secret_bytes(desk->review[i]));
	return print_row_key(dir, keys, card.study);
}

/* stores */

static enum err
add_part(struct vault *v, const struct vault_at *at, enum part_kind kind, struct buf *out)
{
	buf_reset(out);
	enum err e = vault_part(v, at, kind, out);
	return e == E_NOTFOUND ? OK : e;
}

static enum err
add_entry(struct attack *a, struct vault *v, const struct vault_at *at)
{
	OWNED_BUF struct buf rules, sealed, study, site, taken;
	struct buf *const all[] = {&rules, &sealed, &study, &site, &taken};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		buf_init(all[i], PART_BYTES);
	enum err e = add_part(v, at, PART_RULES, &rules);
	if (e || !rules.len)
		return e;
	e = add_part(v, at, at->lane == LANE_R ? PART_ANSWERS : PART_DETAIL, &sealed);
	if (!e)
		e = add_part(v, at, PART_WRAP_STUDY, &study);
	if (!e)
		e = add_part(v, at, PART_WRAP_SITE, &site);
	OWNED(wire_rules) struct wire_rules *r = NULL;
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&rules));
	if (!e && site.len)
		e = sync_review_wrap(v, r->instance, at, &taken);
	const struct attack_entry n = {buf_view(&rules), buf_view(&sealed),
		{buf_view(&study), buf_view(&site), buf_view(&taken)}};
	return e ? e : attack_add_entry(a, &n);
}

static enum err
add_chain(struct attack *a, struct vault *v, const struct lane_chain *chain)
{
	static const enum lane lanes[] = {LANE_C, LANE_R};
	enum err e = OK;
	for (size_t i = 0; i < ARRAY_LEN(lanes); i++)
		for (uint64_t seq = 1; !e && seq <= chain->last[lanes[i] - 1].seq; seq++) {
			const struct vault_at at = {chain->incarnation, lanes[i], seq};
			e = add_entry(a, v, &at);
		}
	return e;
}

static enum err
add_lanes(struct attack *a, struct vault *v)
{
	struct lane_chain chain = {.incarnation = 0};
	enum err e = OK;
	while (!e && vault_chain_above(v, chain.incarnation, &chain))
		e = add_chain(a, v, &chain);
	return e;
}

static enum err
add_local(void *arg, struct view key, struct view row)
{
	if (key.len == ID_BYTES)
		attack_add_box(arg, key.at, row);
	return OK;
}

static enum err
add_stores(struct attack *a, const char *dir, const char *study)
{
	OWNED(vault) struct vault *v = NULL;
	struct hubcard card;
	enum err e = hubcard_load(&card, dir);
	struct vault_config c = {
		.dir = dir, .study = study, .map_bytes = MAP_BYTES, .read_only = true};
	memcpy(c.writer, card.writer, sizeof(c.writer));
	if (!e)
		e = vault_open(&v, &c);
	if (!e)
		e = add_lanes(a, v);
	return e ? e : vault_each(v, VAULT_LOCALS, view_of(NULL, 0), add_local, a);
}

/* names */

struct names_seen {
	const char *code;
	unsigned person, others;
};

static enum err
see_name(void *arg, const struct name *p)
{
	struct names_seen *s = arg;
	if (view_same(p->code, view_text(s->code)))
		s->person++;
	else
		s->others++;
	return OK;
}

static void
try_names(const struct attack *a, const char *dir, const char *code)
{
	struct names_seen most = {.code = code};
	for (size_t i = 0; i < attack_pool_count(a); i++) {
		OWNED(namebook) struct namebook *n = NULL;
		OWNED_SECRET struct secret *s =
			secret_copy(attack_pool(a, i), ATTACK_SECRET_BYTES);
		struct names_seen seen = {.code = code};
		if (!namebook_open(&n, dir, s) && !namebook_each(n, see_name, &seen) &&
			seen.person + seen.others >= most.person + most.others)
			most = seen;
	}
	printf("names_person_opened %u\nnames_others_opened %u\n", most.person, most.others);
}

static enum err
try_all(char **words)
{
	OWNED(attack) struct attack *a = NULL;
	uint8_t person[ID_BYTES];
	if (!text_unhex(person, sizeof(person), words[5]))
		return fail(E_FORMAT, "PERSON is a pseudonym in hex");
	a = attack_new(words[3], person);
	enum err e = attack_read_pool(a, words[4]);
	if (!e)
		e = add_stores(a, words[2], words[3]);
	if (!e)
		e = attack_run(a, "site");
	if (!e)
		try_names(a, words[2], words[6]);
	return e ? e : attack_write_pool(a, words[4]);
}

int
main(int count, char **words)
{
	enum err e = crypto_init();
	if (e || count < 3)
		return 2;
	if (strcmp(words[1], "secrets") == 0)
		e = print_secrets(words[2]);
	else
		e = count == TRY_WORDS ? try_all(words) : fail(E_FORMAT, "see the source");
	if (e)
		fprintf(stderr, "attack_site: %s\n", err_text());
	return e ? 1 : 0;
}
