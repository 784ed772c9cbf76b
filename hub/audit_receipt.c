#include "hub/audit_receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/statement.h"

#define HUB_FORMAT     "weir-erased-v1"
#define SITE_FORMAT    "weir-erased-site-v1"
#define FILE_MAX_BYTES 65536
#define TEXT_MAX_BYTES 8192
#define DAY_BYTES      32
#define LINE_BYTES     512

const struct program_option audit_receipt_options[] = {
	{"keys", "FILE", "lines \"hub HEX\" and \"node SITE HEX\" (required)"},
	{NULL, NULL, NULL},
};

/* keys */

struct file {
	uint8_t *bytes; /* owned */
	size_t len;
};

static void
file_done(struct file *f)
{
	mem_drop(&f->bytes);
}

/* Is there a line of this kind (and site) with this key? */
static bool
is_trusted(const struct file *keys, const char *kind, const char *site, const char *hex)
{
	char wanted[LINE_BYTES];
	int len = site ? snprintf(wanted, sizeof(wanted), "%s %s %s", kind, site, hex)
		       : snprintf(wanted, sizeof(wanted), "%s %s", kind, hex);
	const uint8_t *at = keys->bytes, *end = keys->bytes + keys->len;
	while (len > 0 && len < (int)sizeof(wanted) && at < end) {
		const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
		size_t line = (size_t)((stop ? stop : end) - at);
		if (line == (size_t)len && memcmp(at, wanted, line) == 0)
			return true;
		at += line + 1;
	}
	return false;
}

/* The hub's key, whichever of the trusted ones signed. */
static enum err
check_hub(const struct file *keys, struct view paper, const uint8_t *signature)
{
	const char *at = (const char *)keys->bytes, *end = at + keys->len;
	for (; at < end; at++) {
		char hex[2 * SIGN_PUBLIC_BYTES + 1] = "";
		uint8_t public[SIGN_PUBLIC_BYTES];
		if ((size_t)(end - at) < 4 + 2 * SIGN_PUBLIC_BYTES)
			break;
		if (memcmp(at, "hub ", 4) != 0 ||
			(at > (const char *)keys->bytes && at[-1] != '\n'))
			continue;
		memcpy(hex, at + 4, 2 * SIGN_PUBLIC_BYTES);
		if (text_unhex(public, sizeof(public), hex) &&
			signed_check(signature, HUB_FORMAT, paper, public))
			return OK;
	}
	return fail(E_AUTH, "the receipt is not signed by the hub of these keys");
}

/* papers */

struct paper {
	struct json *tree; /* owned */
	const char *study, *number, *state, *reach;
	const char *by, *reason; /* who granted it, or refused it and why; "": not said */
	int64_t stopped_s, erased_s;
	const char *site_paper, *site_writer, *site_signature;
};

static void
paper_done(struct paper *p)
{
	json_free(p->tree);
}

static enum err
read_paper(struct paper *p, struct view text)
{
	enum err e = json_parse(&p->tree, text, FILE_MAX_BYTES);
	const struct {
		const char *name;
		const char **to;
	} texts[] = {{"study", &p->study}, {"receipt", &p->number}, {"state", &p->state},
		{"could_open", &p->reach}, {"site_paper", &p->site_paper},
		{"site_writer", &p->site_writer}, {"site_signature", &p->site_signature}};
	for (size_t i = 0; !e && i < ARRAY_LEN(texts); i++)
		e = json_get_text(p->tree, texts[i].name, TEXT_MAX_BYTES, texts[i].to);
	/* Those of the first hubs did not say it. */
	p->by = json_text_or_empty(p->tree, "decided_by");
	p->reason = json_text_or_empty(p->tree, "reason");
	if (!e)
		e = json_get_int(p->tree, "stopped_s", 0, INT64_MAX, &p->stopped_s);
	return e ? e : json_get_int(p->tree, "erased_s", 0, INT64_MAX, &p->erased_s);
}

struct site_paper {
	struct json *tree; /* owned */
	const char *study, *number, *site;
	int64_t erased_s;
};

static void
site_paper_done(struct site_paper *p)
{
	json_free(p->tree);
}

static enum err
read_site(struct site_paper *s, const struct paper *p)
{
	enum err e = json_parse(&s->tree, view_text(p->site_paper), FILE_MAX_BYTES);
	if (!e)
		e = json_get_text(s->tree, "study", TEXT_MAX_BYTES, &s->study);
	if (!e)
		e = json_get_text(s->tree, "receipt", TEXT_MAX_BYTES, &s->number);
	if (!e)
		e = json_get_text(s->tree, "site", TEXT_MAX_BYTES, &s->site);
	return e ? e : json_get_int(s->tree, "erased_s", 0, INT64_MAX, &s->erased_s);
}

static enum err
check_site(const struct file *keys, const struct paper *p, const struct site_paper *s)
{
	uint8_t writer[SIGN_PUBLIC_BYTES], signature[SIGNATURE_BYTES];
	if (!text_unhex(writer, sizeof(writer), p->site_writer) ||
		!text_unhex(signature, sizeof(signature), p->site_signature))
		return fail(E_FORMAT, "the site's part of the receipt is not of its form");
	if (!signed_check(signature, SITE_FORMAT, view_text(p->site_paper), writer))
		return fail(E_AUTH, "the site's part of the receipt was changed");
	if (!is_trusted(keys, "node", s->site, p->site_writer))
		return fail(E_AUTH, "no node of site %s has the key that signed", s->site);
	if (strcmp(s->study, p->study) != 0 || strcmp(s->number, p->number) != 0)
		return fail(E_AUTH, "the site's part is about another erasure");
	if (p->erased_s && (!s->erased_s || s->erased_s > p->erased_s))
		return fail(E_AUTH, "the hub says erased, and the site does not");
	return OK;
}

/* the command */

static void
day(char ret[static DAY_BYTES], int64_t s)
{
	struct tm tm;
	time_t t = (time_t)s;
	(void)snprintf(ret, DAY_BYTES, "not yet");
	if (s && gmtime_r(&t, &tm))
		(void)strftime(ret, DAY_BYTES, "%Y-%m-%d %H:%M", &tm);
}

static void
print(struct program *program, const struct paper *p, const char *site)
{
	char stopped[DAY_BYTES], erased[DAY_BYTES];
	day(stopped, p->stopped_s);
	day(erased, p->erased_s);
	if (program_json(program))
		printf("{\"receipt\":\"%s\",\"state\":\"%s\",\"stopped_s\":%" PRId64
		       ",\"erased_s\":%" PRId64 ",\"site\":\"%s\"}\n",
			p->number, p->state, p->stopped_s, p->erased_s, site);
	else
		printf("receipt %s of study %s: %s\nstopped %s\nerased %s\nsigned by the "
		       "hub%s%s\n"
		       "could still open a copy: %s\n",
			p->number, p->study, p->state, stopped, erased,
			site[0] ? " and by site " : " alone", site, p->reach);
	if (!program_json(program) && p->by[0])
		printf("decided by %s%s%s\n", p->by, p->reason[0] ? ": " : "", p->reason);
}

/* Two lines: the paper, the hub's signature. */
static enum err
split(const struct file *f, struct view *ret_paper, uint8_t ret[static SIGNATURE_BYTES])
{
	const uint8_t *end = f->len ? memchr(f->bytes, '\n', f->len) : NULL;
	char hex[2 * SIGNATURE_BYTES + 1] = "";
	size_t left = end ? f->len - (size_t)(end + 1 - f->bytes) : 0;
	if (left >= 2 * SIGNATURE_BYTES)
		memcpy(hex, end + 1, 2 * SIGNATURE_BYTES);
	if (!end || !text_unhex(ret, SIGNATURE_BYTES, hex))
		return fail(
			E_FORMAT, "this is no receipt: a line of JSON and one of signature");
	*ret_paper = view_of(f->bytes, (size_t)(end - f->bytes));
	return OK;
}

enum err
audit_receipt(struct program *program)
{
	OWNED_BY(file_done) struct file receipt = {.bytes = NULL}, keys = {.bytes = NULL};
	OWNED_BY(paper_done) struct paper p = {.tree = NULL};
	OWNED_BY(site_paper_done) struct site_paper s = {.tree = NULL, .site = ""};
	struct view text;
	uint8_t signature[SIGNATURE_BYTES];
	const char *path = program_value(program, "keys");
	if (!path)
		return program_usage(program, "--keys FILE is needed: whom to believe");
	enum err e = text_read_file(
		&receipt.bytes, &receipt.len, program_arg(program, 0), FILE_MAX_BYTES);
	if (!e)
		e = split(&receipt, &text, signature);
	if (!e)
		e = text_read_file(&keys.bytes, &keys.len, path, FILE_MAX_BYTES);
	if (!e)
		e = check_hub(&keys, text, signature);
	if (!e)
		e = read_paper(&p, text);
	if (!e && p.site_paper[0]) {
		e = read_site(&s, &p);
		if (!e)
			e = check_site(&keys, &p, &s);
	} else if (!e && p.erased_s) {
		e = fail(E_AUTH, "the hub says erased, and no site signed");
	}
	if (!e)
		print(program, &p, s.site);
	return e;
}
