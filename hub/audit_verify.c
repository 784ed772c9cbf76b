#include "hub/audit_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"
#include "common/trust/tlogcheck.h"
#include "hub/audit_log.h"

#define SCRATCH_MOST_BYTES  (2 * JSON_STREAM_PIECE_BYTES)
#define WITNESSES_MOST      NOTE_SIGNATURES_MOST_COUNT
#define MS_PER_S            1000
#define FINDINGS_MOST_BYTES ((size_t)16 << 20) /* of text; those beyond are counted only */
#define LOOKS_MOST_COUNT    5                  /* at a log that grows while it is looked at */

const struct program_option audit_verify_options[] = {
	{"key", "VKEY|@FILE", "public key of the log (required)"},
	{"witness", "VKEY|@FILE...", "public key of a witness that has to have cosigned"},
	{"old", "FILE", "a checkpoint kept from earlier; the log has to continue it"},
	{NULL, NULL, NULL},
};

/* One verification and where its lines go. */
struct verdict {
	struct program *program;
	struct audit_log log;
	struct json_out *json; /* NULL: lines for people */
	struct buf sentences;  /* of the findings, each with its newline */
	uint64_t findings;
	uint64_t leaves;
	struct note_key key; /* of the log */
	bool has_old;
	struct note_checkpoint old;
	size_t witness_count;
	struct {
		struct note_key key;
		int64_t time_s; /* of its cosignature; 0: none that fits */
		uint64_t size;  /* of the checkpoint it is on */
	} witness[WITNESSES_MOST];
};

static void
verdict_free(struct verdict *v)
{
	if (v) {
		audit_log_done(&v->log);
		buf_done(&v->sentences);
	}
	free(v);
}
OWNER(verdict)

static void
found(void *arg, const char *sentence)
{
	struct verdict *v = arg;
	v->findings++;
	buf_format(&v->sentences, "%s\n", sentence);
}

static void
look_at_leaf(void *arg, uint64_t index, struct view entry)
{
	struct verdict *v = arg;
	struct leaf l;
	OWNED(json) struct json *tree = NULL;
	v->leaves++;
	if (leaf_parse(&l, &tree, entry) == OK)
		return;
	OWNED_MEM char *sentence = xasprintf("leaf %" PRIu64 ": %s", index, err_text());
	found(v, sentence);
}

/* The checkpoint that a witness cosigned last may be an earlier one: it stands beside the log
 * (hub/witness.h), and the log has to continue it. */
static enum err
look_aside(struct verdict *v, size_t i)
{
	const struct note_key *key = &v->witness[i].key;
	OWNED_MEM uint8_t *bytes = NULL;
	OWNED_MEM struct note *n = xcalloc(1, sizeof(*n));
	OWNED_MEM char *path = xasprintf("%s/cosigned/%s", v->log.dir, key->name);
	struct note_checkpoint cp;
	size_t len = 0;
	char *name = strrchr(path, '/');
	if (strchr(key->name, '/') && name)
		*name = '-';
	if (text_read_file(&bytes, &len, path, NOTE_MOST_BYTES))
		return fail(E_NOTFOUND, "it has cosigned no checkpoint of this log");
	enum err e = note_checkpoint_open(&cp, n, view_of(bytes, len), &v->key);
	if (!e)
		e = note_check(n, key, &v->witness[i].time_s);
	if (!e)
		e = tlogcheck_grew(v->log.dir, &cp, &v->log.cp);
	if (e)
		v->witness[i].time_s = 0;
	v->witness[i].size = cp.size;
	return e;
}

/* On the checkpoint itself, or on an earlier one beside the log. */
static enum err
check_witness(struct verdict *v, size_t i)
{
	v->witness[i].size = v->log.cp.size;
	enum err e = note_check(&v->log.note, &v->witness[i].key, &v->witness[i].time_s);
	return e == E_NOTFOUND ? look_aside(v, i) : e;
}

/* The checkpoint's own signature, then each witness that was named, then what was kept
 * earlier. */
static void
check_checkpoint(struct verdict *v)
{
	if (audit_log_signed(&v->log, &v->key)) {
		OWNED_MEM char *sentence = xasprintf("checkpoint: %s", err_text());
		found(v, sentence);
	}
	for (size_t i = 0; i < v->witness_count; i++) {
		if (check_witness(v, i) == OK)
			continue;
		OWNED_MEM char *sentence = xasprintf(
			"checkpoint: witness %s: %s", v->witness[i].key.name, err_text());
		found(v, sentence);
	}
	if (v->has_old && tlogcheck_grew(v->log.dir, &v->old, &v->log.cp)) {
		OWNED_MEM char *sentence =
			xasprintf("earlier checkpoint of %" PRIu64 " leaves: %s", v->old.size,
				err_text());
		found(v, sentence);
	}
}

/* The earlier checkpoint has to be signed by the same log, or it says nothing. */
static enum err
read_old(struct verdict *v)
{
	const char *path = program_value(v->program, "old");
	if (!path)
		return OK;
	OWNED_MEM uint8_t *bytes = NULL;
	OWNED_MEM struct note *n = xcalloc(1, sizeof(*n));
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, path, NOTE_MOST_BYTES);
	if (e)
		return fail_in(E_IO, "cannot read");
	e = note_checkpoint_open(&v->old, n, view_of(bytes, len), &v->key);
	v->has_old = e == OK;
	return e ? fail_in(e, "%s", path) : OK;
}

static bool
is_witnessed(const struct verdict *v)
{
	for (size_t i = 0; i < v->witness_count; i++)
		if (v->witness[i].time_s > 0)
			return true;
	return false;
}

/* The next finding's sentence, which ends at its newline; empty behind the last. */
static struct view
next_sentence(struct view *rest)
{
	const uint8_t *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
	struct view sentence = view_of(rest->at, end ? (size_t)(end - rest->at) : 0);
	if (end)
		*rest = view_of(end + 1, rest->len - sentence.len - 1);
	return sentence;
}

static void
tell_people(const struct verdict *v)
{
	struct view rest = buf_view(&v->sentences);
	for (struct view f = next_sentence(&rest); f.len; f = next_sentence(&rest))
		(void)printf("finding: %.*s\n", (int)f.len, (const char *)f.at);
	(void)printf("leaves %" PRIu64 " count\n", v->leaves);
	(void)printf("checkpoint %" PRIu64 " %s\n", v->log.cp.size, v->log.root);
	if (v->has_old && v->findings == 0)
		(void)printf("continues the checkpoint of %" PRIu64 " leaves that was kept\n",
			v->old.size);
	for (size_t i = 0; i < v->witness_count; i++) {
		char when[CLOCK_TEXT_BYTES];
		if (v->witness[i].time_s == 0)
			continue;
		clock_text(when, v->witness[i].time_s * MS_PER_S);
		(void)printf("cosigned %s %s", v->witness[i].key.name, when);
		if (v->witness[i].size != v->log.cp.size)
			(void)printf(" up to leaf %" PRIu64, v->witness[i].size);
		(void)putchar('\n');
	}
	if (!is_witnessed(v))
		(void)puts(AUDIT_NOT_WITNESSED);
	(void)puts(AUDIT_LIMIT);
}

static void
tell_programs(const struct verdict *v)
{
	struct json_out *w = v->json;
	struct view rest = buf_view(&v->sentences);
	json_put_object(w, NULL);
	json_put_array(w, "findings");
	for (struct view f = next_sentence(&rest); f.len; f = next_sentence(&rest))
		json_put_view(w, NULL, f);
	json_put_close(w);
	json_put_bool(w, "ok", v->findings == 0);
	json_put_int(w, "leaves", (int64_t)v->leaves);
	json_put_text(w, "origin", v->log.cp.origin);
	json_put_int(w, "size", (int64_t)v->log.cp.size);
	json_put_text(w, "root", v->log.root);
	json_put_bool(w, "witnessed", is_witnessed(v));
	json_put_array(w, "cosignatures");
	for (size_t i = 0; i < v->witness_count; i++) {
		if (v->witness[i].time_s == 0)
			continue;
		json_put_object(w, NULL);
		json_put_text(w, "name", v->witness[i].key.name);
		json_put_int(w, "time", v->witness[i].time_s);
		json_put_int(w, "size", (int64_t)v->witness[i].size);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_text(w, "limit", AUDIT_LIMIT);
	json_put_close(w);
}

static enum err
read_keys(struct verdict *v)
{
	const char *text = program_value(v->program, "key");
	if (!text)
		return program_usage(v->program, "--key is required");
	enum err e = audit_log_key(&v->key, text);
	if (!e && v->key.type != NOTE_ED25519)
		e = fail(E_FORMAT, "--key: is a witness's key, not a log's");
	v->witness_count = program_value_count(v->program, "witness");
	if (!e && v->witness_count > WITNESSES_MOST)
		e = fail(E_FORMAT, "--witness: more than %d", WITNESSES_MOST);
	for (size_t i = 0; !e && i < v->witness_count; i++) {
		e = audit_log_key(
			&v->witness[i].key, program_value_at(v->program, "witness", i));
		if (!e && v->witness[i].key.type != NOTE_COSIGNATURE)
			e = fail(E_FORMAT, "--witness: is a log's key, not a witness's");
	}
	return e;
}

/* One look at the whole log, from its checkpoint on. */
static enum err
look(struct verdict *v)
{
	struct tlogcheck to = {found, look_at_leaf, v};
	audit_log_done(&v->log);
	buf_reset(&v->sentences);
	v->findings = v->leaves = 0;
	enum err e = audit_log_open(&v->log, program_arg(v->program, 0));
	if (e)
		return e;
	check_checkpoint(v);
	if (tlogcheck_run(v->log.dir, &v->log.cp, &to) && v->findings == 0)
		found(v, err_text());
	return OK;
}

/* Did the log go on while it was looked at? Then what was missing may be what it replaced. */
static bool
has_moved(const struct verdict *v)
{
	struct audit_log now = {0};
	bool moved = audit_log_open(&now, v->log.dir) == OK &&
		     (now.len != v->log.len || memcmp(now.bytes, v->log.bytes, now.len) != 0);
	audit_log_done(&now);
	return moved;
}

static enum err
tell(struct verdict *v)
{
	OWNED_BUF struct buf scratch;
	struct json_out w;
	buf_init(&scratch, SCRATCH_MOST_BYTES);
	if (!program_json(v->program)) {
		tell_people(v);
		return OK;
	}
	json_begin_stream(&w, &scratch, stdout);
	v->json = &w;
	tell_programs(v);
	return json_end(&w, "output");
}

/* Everything is looked at and told; each thing found has its own line. */
static enum err
judge(struct verdict *v)
{
	enum err e = look(v);
	for (unsigned i = 1; !e && v->findings && i < LOOKS_MOST_COUNT && has_moved(v); i++)
		e = look(v);
	if (!e)
		e = tell(v);
	if (e)
		return e;
	return v->findings
		       ? fail(E_AUTH, "the log is not what it should be: %" PRIu64 " findings",
				 v->findings)
		       : OK;
}

enum err
audit_verify(struct program *p)
{
	OWNED(verdict) struct verdict *v = xcalloc(1, sizeof(*v));
	v->program = p;
	buf_init(&v->sentences, FINDINGS_MOST_BYTES);
	enum err e = read_keys(v);
	if (!e)
		e = read_old(v);
	return e ? e : judge(v);
}
