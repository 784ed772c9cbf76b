#include "node/sync_witness.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#define META_CHECKPOINT   "checkpoint"
#define META_ALARM        "log-alarm"
#define META_WAS          "log-alarm-was"
#define WAS_KEY_BYTES     (sizeof(META_WAS) - 1 + 8)
#define ROW_MAX_BYTES     8192
#define ALARM_MAX_BYTES   16384
#define MS_PER_S          1000
#define NAME_DIGITS_BYTES 4
#define ALARM_WORDS                                                                            \
	"the hub's log does not continue what it showed here before: somebody may have "       \
	"edited it. "                                                                          \
	"Tell the ethics officer, and keep this machine as it is: it holds both versions, "    \
	"signed "                                                                              \
	"by the hub"

struct kept {
	struct view key, note;
	struct sync_mark mark;
	int64_t at_s;
};

static const char *
key_text(const struct sync_config *config)
{
	const struct wire_manifest *m = sync_config_manifest(config);
	return m && m->log_vkey ? m->log_vkey : "";
}

/* Found only if it is of the log in force. */
static enum err
get_kept(struct vault *v, const struct sync_config *config, const char *name, struct kept *ret,
	bool *ret_found)
{
	struct view row;
	*ret = (struct kept){0};
	*ret_found = false;
	enum err e = vault_get(v, VAULT_META, view_text(name), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	ret->key = cursor_blob(&c);
	ret->mark.seq = cursor_u64(&c);
	cursor_copy(&c, ret->mark.head, sizeof(ret->mark.head));
	ret->note = cursor_blob(&c);
	ret->at_s = (int64_t)cursor_u64(&c);
	if (c.broken)
		return fail(E_FORMAT, "the vault is damaged: checkpoint of the hub");
	*ret_found = view_same(ret->key, view_text(key_text(config)));
	return OK;
}

static void
write_kept(struct buf *out, const struct kept *k)
{
	buf_blob(out, k->key);
	buf_u64(out, k->mark.seq);
	buf_add(out, k->mark.head, sizeof(k->mark.head));
	buf_blob(out, k->note);
	buf_u64(out, (uint64_t)k->at_s);
}

enum err
sync_witness_setup(struct vault *v, const struct sync_config *config, struct note_key *room,
	struct lane_node_setup *ret)
{
	struct kept kept, shown;
	bool found = false;
	ret->log_key = NULL;
	if (note_key_parse(room, key_text(config)))
		return OK;
	enum err e = get_kept(v, config, META_CHECKPOINT, &kept, &found);
	if (!e && found)
		ret->checkpoint = kept.mark;
	if (!e)
		e = get_kept(v, config, META_ALARM, &shown, &ret->alarmed);
	if (!e)
		ret->log_key = room;
	return e;
}

bool
sync_witness_is_key(const struct sync_config *config, const struct note_key *key)
{
	struct note_key now;
	if (note_key_parse(&now, key_text(config)))
		return true;
	return strcmp(now.name, key->name) == 0 && crypto_same(now.public, key->public, 32);
}

bool
sync_witness_kept(struct sync_witness_wait *wait, struct lane_event *ret)
{
	bool open = wait->open;
	ret->ticket = wait->ticket;
	ret->wall_ms = clock_wall_ms();
	wait->open = false;
	return open;
}

enum err
sync_witness_keep(struct vault *v, const struct sync_config *config,
	const struct lane_action *a, struct sync_witness_wait *wait)
{
	*wait = (struct sync_witness_wait){true, a->ticket};
	OWNED_BUF struct buf row;
	const struct kept kept = {.key = view_text(key_text(config)),
		.mark = a->mark,
		.note = a->bytes,
		.at_s = clock_wall_ms() / MS_PER_S};
	buf_init(&row, ROW_MAX_BYTES);
	write_kept(&row, &kept);
	enum err e = buf_check(&row, "checkpoint of the hub");
	return e ? e : vault_put(v, VAULT_META, view_text(META_CHECKPOINT), buf_view(&row));
}

enum err
sync_witness_alarm(
	struct vault *v, const struct sync_config *config, const struct lane_action *a)
{
	OWNED_BUF struct buf row;
	struct kept kept;
	bool found = false;
	log_error("sync", "%s", ALARM_WORDS);
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = get_kept(v, config, META_CHECKPOINT, &kept, &found);
	kept.key = view_text(key_text(config));
	write_kept(&row, &kept);
	buf_blob(&row, a->bytes);
	buf_u64(&row, (uint64_t)(clock_wall_ms() / MS_PER_S));
	if (!e)
		e = buf_check(&row, "checkpoint of the hub");
	return e ? e : vault_put(v, VAULT_META, view_text(META_ALARM), buf_view(&row));
}

enum err
sync_witness_again(struct vault *v, const struct sync_config *config)
{
	OWNED_BUF struct buf key, copy;
	struct kept shown;
	struct view row;
	bool alarmed = false;
	buf_init(&key, WAS_KEY_BYTES);
	buf_init(&copy, ALARM_MAX_BYTES);
	enum err e = get_kept(v, config, META_ALARM, &shown, &alarmed);
	if (!e && !alarmed)
		e = fail(E_NOTFOUND, "there is no alarm about the hub's log");
	if (!e)
		e = vault_get(v, VAULT_META, view_text(META_ALARM), &row);
	if (e)
		return e;
	buf_add_view(&copy, row);
	buf_add(&key, META_WAS, sizeof(META_WAS) - 1);
	buf_u64(&key, (uint64_t)(clock_wall_ms() / MS_PER_S));
	e = buf_check(&copy, "alarm about the hub's log");
	if (!e)
		e = vault_put(v, VAULT_META, buf_view(&key), buf_view(&copy));
	return e ? e : vault_delete(v, VAULT_META, view_text(META_ALARM));
}

static void
write_key(const struct sync_witness_self *self, struct json_out *w)
{
	struct note_key key;
	char digits[2 * NAME_DIGITS_BYTES + 1];
	text_hex(digits, self->writer, NAME_DIGITS_BYTES);
	OWNED_MEM char *name = xasprintf("%s/%s", self->site, digits);
	OWNED_MEM char *text = note_key_make(&key, name, NOTE_COSIGNATURE, self->witness)
				       ? NULL
				       : note_key_text(&key);
	json_put_text(w, "witness", text ? text : "");
}

enum err
sync_witness_write(struct vault *v, const struct sync_config *config,
	const struct sync_witness_self *self, struct json_out *w)
{
	struct kept kept, shown;
	bool found = false, alarmed = false;
	char when[CLOCK_TEXT_BYTES] = "";
	enum err e = get_kept(v, config, META_CHECKPOINT, &kept, &found);
	if (found)
		clock_text(when, kept.at_s * MS_PER_S);
	json_put_object(w, "log");
	json_put_int(w, "size", found ? (int64_t)kept.mark.seq : 0);
	json_put_hex(w, "root", view_of(kept.mark.head, found ? HASH_BYTES : 0));
	json_put_text(w, "kept", when);
	if (!e)
		e = get_kept(v, config, META_ALARM, &shown, &alarmed);
	json_put_text(w, "alarm", alarmed ? ALARM_WORDS : "");
	write_key(self, w);
	json_put_close(w);
	return e;
}
