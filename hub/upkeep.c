#include "hub/upkeep.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/forward.h"
#include "hub/ingest.h"
#include "hub/scrub.h"

#define ARGS_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define HELD_MAX_COUNT 4096
#define RETRY_MAX_S    86400
#define MS_PER_S       1000

static enum err
add_leaf(struct hub *h, const char *action, const char *reason)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	acts_leaf(&leaf, &room, &none, action);
	leaf.actor = "upkeep";
	leaf.role = "operator";
	leaf.object_type = "hub";
	leaf.reason_code = reason;
	leaf.outcome = "done";
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

static enum err
get_bytes(const struct json *o, const char *key, uint8_t *ret, size_t len)
{
	const char *hex = "";
	enum err e = json_get_text(o, key, 2 * len, &hex);
	if (!e && !text_unhex(ret, len, hex))
		e = fail(E_FORMAT, "%s is not of its form", key);
	return e;
}

/* backups */

static enum err
read_held(const struct json *o, struct forward_held *ret)
{
	static const char *const keys[] = {"writer", "incarnation", "C", "R", "A"};
	int64_t n = 0;
	enum err e = json_only(o, keys, ARRAY_LEN(keys));
	if (!e)
		e = get_bytes(o, "writer", ret->writer, sizeof(ret->writer));
	if (!e)
		e = json_get_int(o, "incarnation", 1, UINT32_MAX, &n);
	ret->incarnation = (uint32_t)n;
	for (size_t i = 0; !e && i < LANE_COUNT; i++) {
		e = json_get_int(o, keys[2 + i], 0, INT64_MAX, &n);
		ret->seq[i] = (uint64_t)n;
	}
	return e;
}

static enum err
read_backup(const struct json *o, struct forward_backup *ret)
{
	static const char *const keys[] = {"id", "made_s", "keyring", "vault_key", "held"};
	int64_t epoch = 0, vault_key = 0;
	const struct json *held, *one;
	enum err e = json_only(o, keys, ARRAY_LEN(keys));
	if (!e)
		e = get_bytes(o, "id", ret->id, sizeof(ret->id));
	if (!e)
		e = json_get_int(o, "made_s", 0, INT64_MAX, &ret->made_s);
	if (!e)
		e = json_get_int(o, "keyring", 0, UINT32_MAX, &epoch);
	ret->keyring_epoch = (uint32_t)epoch;
	if (!e)
		e = json_get_int(o, "vault_key", 0, UINT32_MAX, &vault_key);
	ret->vault_key = (uint32_t)vault_key;
	if (!e)
		e = json_get_array(o, "held", HELD_MAX_COUNT, &held);
	if (e)
		return e;
	ret->count = json_count(held);
	ret->held = xcalloc(ret->count + 1, sizeof(*ret->held));
	for (size_t i = 0; !e && i < ret->count; i++) {
		e = json_item_object(held, i, "held", &one);
		if (!e)
			e = read_held(one, &ret->held[i]);
	}
	return e;
}

/* Those that may be restored, without the one of this id. */
static size_t
other_backups(const struct hub *h, const uint8_t id[static ID_BYTES])
{
	size_t count, others = 0;
	const struct forward_backup *all = forward_backups(audit_forward(h->audit), &count);
	for (size_t i = 0; i < count; i++)
		others += memcmp(all[i].id, id, ID_BYTES) != 0;
	return others;
}

static enum err
note_backup(struct hub *h, struct ingest *g, const struct json *args, struct buf *reply)
{
	struct forward_backup b = {.made_s = 0};
	(void)g;
	enum err e = read_backup(args, &b);
	if (!e)
		e = add_leaf(h, "backup-noted", "");
	if (!e)
		forward_note_backup(audit_forward(h->audit), &b);
	mem_drop(&b.held);
	if (!e)
		buf_format(reply, "{\"backups\":%zu}", other_backups(h, b.id) + 1);
	return e;
}

static enum err
find_backup(struct hub *h, const char *digits, uint8_t ret[static ID_BYTES])
{
	size_t count, found = 0;
	const struct forward_backup *all = forward_backups(audit_forward(h->audit), &count);
	for (size_t i = 0; i < count; i++) {
		char hex[2 * ID_BYTES + 1];
		text_hex(hex, all[i].id, ID_BYTES);
		if (!digits[0] || strncmp(hex, digits, strlen(digits)) != 0)
			continue;
		memcpy(ret, all[i].id, ID_BYTES);
		found++;
	}
	if (found > 1)
		return fail(E_CONFLICT, "more than one backup begins with these digits");
	return found ? OK
		     : fail(E_NOTFOUND, "no backup that was noted begins with these digits");
}

static enum err
forget_backup(struct hub *h, struct ingest *g, const struct json *args, struct buf *reply)
{
	static const char *const keys[] = {"id"};
	const char *digits = "";
	uint8_t id[ID_BYTES];
	(void)g;
	enum err e = json_only(args, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(args, "id", 2 * sizeof(id), &digits);
	if (!e)
		e = find_backup(h, digits, id);
	if (!e)
		e = add_leaf(h, "backup-gone", "");
	if (e)
		return e;
	forward_note_gone(audit_forward(h->audit), id);
	buf_format(reply, "{\"backups\":%zu}", other_backups(h, id));
	return OK;
}

/* pause */

static enum err
drain(struct hub *h, struct ingest *g, const struct json *args, struct buf *reply)
{
	static const char *const keys[] = {"retry_s"};
	int64_t retry_s = 0;
	enum err e = json_only(args, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_int(args, "retry_s", 0, RETRY_MAX_S, &retry_s);
	if (!e)
		e = add_leaf(h, "hub-drained", retry_s ? "begun" : "ended");
	if (!e)
		e = ingest_drain(g, (uint32_t)(retry_s * MS_PER_S), clock_mono_ms());
	if (!e)
		buf_format(reply, "{\"retry_s\":%lld}", (long long)retry_s);
	return e;
}

/* reading everything once more */

static enum err
scrub(struct hub *h, struct ingest *g, const struct json *args, struct buf *reply)
{
	static const char *const keys[] = {"begin"};
	struct scrub_facts f;
	int64_t begins = 0;
	(void)g;
	enum err e = json_only(args, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_int(args, "begin", 0, 1, &begins);
	if (!e && !h->scrub)
		e = fail(E_ABSENT, "the ledger does not serve yet");
	if (!e && begins)
		e = add_leaf(h, "scrub-begun", "");
	if (e)
		return e;
	if (begins)
		scrub_begin(h->scrub);
	scrub_facts(h->scrub, &f);
	buf_format(reply,
		"{\"running\":%d,\"entries\":%llu,\"all\":%llu,\"damaged\":%llu,"
		"\"mended\":%llu,\"count_wrong\":%d}",
		f.running, (unsigned long long)f.entries, (unsigned long long)f.all,
		(unsigned long long)f.damaged, (unsigned long long)f.mended, f.is_count_wrong);
	return OK;
}

/* who asked to be erased */

static enum err
list_erasures(struct hub *h, struct ingest *g, const struct json *args, struct buf *reply)
{
	(void)g;
	enum err e = json_only(args, NULL, 0);
	return e ? e : erase_list(h, reply);
}

static enum err
print_erasure(struct hub *h, struct ingest *g, const struct json *args, struct buf *reply)
{
	(void)g;
	return erase_receipt(h, args, reply);
}

static enum err
list_keys(struct hub *h, struct ingest *g, const struct json *args, struct buf *reply)
{
	(void)g;
	enum err e = json_only(args, NULL, 0);
	return e ? e : erase_keys(h, reply);
}

/* the table */

static const struct {
	const char *name;
	enum err (*act)(
		struct hub *h, struct ingest *g, const struct json *args, struct buf *reply);
} requests[] = {
	{"backup-note", note_backup},
	{"backup-gone", forget_backup},
	{"drain", drain},
	{"scrub", scrub},
	{"erase-list", list_erasures},
	{"erase-receipt", print_erasure},
	{"erase-keys", list_keys},
};

enum err
upkeep_do(
	struct hub *h, struct ingest *g, const char *name, struct view args, struct buf *reply)
{
	OWNED(json) struct json *tree = NULL;
	struct vault_txn *t;
	enum err e = json_parse(&tree, args, ARGS_MAX_BYTES);
	if (!e)
		e = hub_txn_reserve(h, &t);
	for (size_t i = 0; !e && i < ARRAY_LEN(requests); i++)
		if (strcmp(requests[i].name, name) == 0)
			return requests[i].act(h, g, tree, reply);
	return e ? e : fail(E_FORMAT, "the ledger does not know this request");
}
