#include "hub/audit_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"
#include "common/trust/tlogcheck.h"
#include "hub/audit_log.h"

#define SCRATCH_MOST_BYTES (2 * JSON_STREAM_PIECE_BYTES)
#define MS_PER_S           1000
#define RULES_TEXT_BYTES   256

const struct program_option audit_list_options[] = {
	{"key", "VKEY|@FILE", "public key of the log: verify it first"},
	{"action", "ACTION", "only leaves of this action"},
	{"site", "SITE", "only leaves of this site"},
	{"object", "COMMIT|TYPE", "only leaves about this object or this type of object"},
	{"from", "INDEX", "begin at this leaf"},
	{"count", "N", "show at most so many"},
	{NULL, NULL, NULL},
};

const struct program_option audit_prove_options[] = {
	{"key", "VKEY|@FILE", "public key of the log (required)"},
	{NULL, NULL, NULL},
};

struct listing {
	const char *action, *site, *object; /* NULL: any */
	int64_t left;                       /* still to be shown */
	struct json_out *json;
};

static bool
is_wanted(const struct listing *s, const struct leaf *l)
{
	return (!s->action || strcmp(s->action, l->action) == 0) &&
	       (!s->site || strcmp(s->site, l->site) == 0) &&
	       (!s->object || strcmp(s->object, l->object_type) == 0 ||
		       strcmp(s->object, l->object_commit) == 0);
}

/* "R3,R18"; what does not fit is cut, the whole stands in --json. */
static void
join_rules(char *ret, size_t room, const struct leaf_list *rules)
{
	size_t at = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < rules->count && at < room; i++)
		at += (size_t)snprintf(ret + at, room - at, "%s%s", i ? "," : "", rules->at[i]);
}

static void
show_people(uint64_t index, const struct leaf *l)
{
	char when[CLOCK_TEXT_BYTES], rules[RULES_TEXT_BYTES];
	clock_text(when, l->t_s * MS_PER_S);
	join_rules(rules, sizeof(rules), &l->rules);
	(void)printf("%8" PRIu64 "  %s  %-12s  %-16s  %-20s  %-8s  %-12s  %s\n", index, when,
		l->site, l->actor, l->action, l->decision, rules, l->reason_code);
}

static void
show_programs(struct json_out *w, uint64_t index, const struct leaf *l)
{
	json_put_object(w, NULL);
	json_put_int(w, "index", (int64_t)index);
	json_put_int(w, "time", l->t_s);
	json_put_text(w, "site", l->site);
	json_put_text(w, "actor", l->actor);
	json_put_text(w, "role", l->role);
	json_put_text(w, "organisation", l->org);
	json_put_text(w, "action", l->action);
	json_put_text(w, "object_type", l->object_type);
	json_put_text(w, "object_commit", l->object_commit);
	json_put_text(w, "conf_basis", l->conf_basis);
	json_put_text(w, "art6", l->art6);
	json_put_text(w, "art9", l->art9);
	json_put_text(w, "consent_ref", l->consent_ref);
	json_put_text(w, "decision", l->decision);
	json_put_array(w, "rules");
	for (size_t i = 0; i < l->rules.count; i++)
		json_put_text(w, NULL, l->rules.at[i]);
	json_put_close(w);
	json_put_text(w, "reason", l->reason_code);
	json_put_close(w);
}

static enum err
show_leaf(struct listing *s, uint64_t index, struct view entry)
{
	struct leaf l;
	OWNED(json) struct json *tree = NULL;
	enum err e = leaf_parse(&l, &tree, entry);
	if (e)
		return fail_in(e, "leaf %" PRIu64, index);
	if (!is_wanted(s, &l))
		return OK;
	s->left--;
	if (s->json)
		show_programs(s->json, index, &l);
	else
		show_people(index, &l);
	return OK;
}

/* The leaves of one bundle from `from` on. */
static enum err
show_bundle(struct listing *s, const struct audit_log *a, uint64_t n, uint64_t from)
{
	OWNED_BUF struct buf b;
	buf_init(&b, TILE_BUNDLE_MOST_BYTES);
	unsigned width =
		n < tile_count(a->cp.size, 0) ? TILE_HASHES_COUNT : tile_width(a->cp.size, 0);
	enum err e = tile_read_bundle(&b, a->dir, n, width);
	struct cursor c = cursor_of(buf_view(&b));
	for (unsigned i = 0; !e && i < width && s->left > 0; i++) {
		struct view entry = tile_next_entry(&c);
		uint64_t index = n * TILE_HASHES_COUNT + i;
		if (index >= from)
			e = show_leaf(s, index, entry);
	}
	return e == E_NOTFOUND ? fail_in(E_IO, "cannot read") : e;
}

/* With a key: signature and every file first. */
static enum err
verify_first(struct program *p, const struct audit_log *a)
{
	const char *text = program_value(p, "key");
	struct note_key key;
	if (!text) {
		(void)fprintf(
			stderr, "%s: not verified: no --key was given\n", program_name(p));
		return OK;
	}
	const struct tlogcheck silent = {NULL, NULL, NULL};
	enum err e = audit_log_key(&key, text);
	if (!e)
		e = audit_log_signed(a, &key);
	if (!e && tlogcheck_run(a->dir, &a->cp, &silent))
		e = fail(E_AUTH, "the log does not verify: see weir-audit verify");
	return e;
}

static enum err
show_all(struct listing *s, const struct audit_log *a, uint64_t from)
{
	enum err e = OK;
	for (uint64_t n = from / TILE_HASHES_COUNT; !e && s->left > 0; n++) {
		if (n * TILE_HASHES_COUNT >= a->cp.size)
			break;
		e = show_bundle(s, a, n, from);
	}
	return e;
}

static enum err
list_json(struct listing *s, const struct audit_log *a, uint64_t from)
{
	OWNED_BUF struct buf scratch;
	struct json_out w;
	buf_init(&scratch, SCRATCH_MOST_BYTES);
	json_begin_stream(&w, &scratch, stdout);
	s->json = &w;
	json_put_array(&w, NULL);
	enum err e = show_all(s, a, from);
	json_put_close(&w);
	s->json = NULL;
	enum err told = json_end(&w, "output");
	return e ? e : told;
}

enum err
audit_list(struct program *p)
{
	struct listing s = {.action = program_value(p, "action"),
		.site = program_value(p, "site"),
		.object = program_value(p, "object"),
		.left = INT64_MAX};
	int64_t from = 0;
	OWNED_AUDIT_LOG struct audit_log a = {0};
	enum err e = program_number(p, "from", 0, INT64_MAX, &from);
	if (!e)
		e = program_number(p, "count", 1, INT64_MAX, &s.left);
	if (!e)
		e = audit_log_open(&a, program_arg(p, 0));
	if (!e)
		e = verify_first(p, &a);
	if (e)
		return e;
	if (program_json(p))
		return list_json(&s, &a, (uint64_t)from);
	(void)printf("%8s  %-20s  %-12s  %-16s  %-20s  %-8s  %-12s  %s\n", "index", "time",
		"site", "actor", "action", "decision", "rules", "reason");
	int64_t most = s.left;
	e = show_all(&s, &a, (uint64_t)from);
	if (!e && s.left == most)
		(void)fprintf(stderr,
			"%s: no leaf of the %" PRIu64 " is one of these; without --action the "
			"list shows what actions are called\n",
			program_name(p), a.cp.size);
	return e;
}

/* The proof's text: index, hashes from the leaf upwards, the signed checkpoint as it stands. */
static void
print_proof(const struct audit_log *a, uint64_t index, const struct merkle_proof *proof)
{
	(void)printf("c2sp.org/tlog-proof@v1\nindex %" PRIu64 "\n", index);
	for (size_t i = 0; i < proof->count; i++) {
		OWNED_MEM char *base64 = text_base64(view_of(proof->hash[i], HASH_BYTES));
		(void)puts(base64);
	}
	(void)putchar('\n');
	(void)fwrite(a->bytes, 1, a->len, stdout);
}

static enum err
prove(const struct audit_log *a, uint64_t index)
{
	OWNED(tile_tree) struct tile_tree *tree = tile_tree_new(a->dir, a->cp.size);
	struct merkle_source from = tile_tree_source(tree);
	struct merkle_proof proof;
	uint8_t leaf[HASH_BYTES];
	enum err e = merkle_prove_inclusion(&proof, &from, index, a->cp.size);
	if (!e)
		e = from.at(from.arg, 0, index, leaf);
	if (!e)
		e = merkle_check_inclusion(&proof, index, a->cp.size, leaf, a->cp.root);
	if (!e)
		print_proof(a, index, &proof);
	return e == E_NOTFOUND ? fail_in(E_IO, "cannot read") : e;
}

enum err
audit_prove(struct program *p)
{
	OWNED_AUDIT_LOG struct audit_log a = {0};
	struct note_key key;
	int64_t index;
	const char *text = program_value(p, "key");
	if (!text)
		return program_usage(p, "--key is required");
	if (!text_int(view_text(program_arg(p, 1)), &index) || index < 0)
		return program_usage(p, "INDEX is a whole number");
	enum err e = audit_log_key(&key, text);
	if (!e)
		e = audit_log_open(&a, program_arg(p, 0));
	if (!e)
		e = audit_log_signed(&a, &key);
	if (!e && (uint64_t)index >= a.cp.size)
		return fail(E_NOTFOUND, "the log has no leaf of that index");
	return e ? e : prove(&a, (uint64_t)index);
}
