#include "hub/upnote.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/office.h"

#define ARGS_MAX_BYTES ((size_t)4 * 1024 * 1024)

static bool
is_same_writer(const struct backup_head *a, const struct backup_head *b)
{
	return memcmp(a->writer, b->writer, sizeof(a->writer)) == 0;
}

/* Heads come in the order of the vault's keys: writer, incarnation, lane. */
static bool
is_last_incarnation(const struct backup *b, size_t i, size_t *ret_next)
{
	const struct backup_head *h = &b->heads[i];
	size_t next = i;
	while (next < b->head_count && is_same_writer(&b->heads[next], h) &&
		b->heads[next].incarnation == h->incarnation)
		next++;
	*ret_next = next;
	return next == b->head_count || !is_same_writer(&b->heads[next], h);
}

static void
put_writer(struct json_out *w, const struct backup_head *heads, size_t count)
{
	static const char *const lanes[] = {"C", "R", "A"};
	uint64_t seq[ARRAY_LEN(lanes)] = {0};
	for (size_t i = 0; i < count; i++)
		if (heads[i].lane >= LANE_C && heads[i].lane <= LANE_A)
			seq[heads[i].lane - 1] = heads[i].seq;
	json_put_object(w, NULL);
	json_put_hex(w, "writer", view_of(heads->writer, sizeof(heads->writer)));
	json_put_int(w, "incarnation", heads->incarnation);
	for (size_t i = 0; i < ARRAY_LEN(lanes); i++)
		json_put_int(w, lanes[i], (int64_t)seq[i]);
	json_put_close(w);
}

static enum err
write_args(struct buf *out, const struct backup *b)
{
	struct json_out w;
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_hex(&w, "id", view_of(b->digest, ID_BYTES));
	json_put_int(&w, "made_s", b->made_s);
	json_put_int(&w, "keyring", b->keyring.epoch);
	json_put_int(&w, "vault_key", b->vault_key);
	json_put_array(&w, "held");
	for (size_t i = 0, next; i < b->head_count; i = next)
		if (is_last_incarnation(b, i, &next))
			put_writer(&w, &b->heads[i], next - i);
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "what a backup holds");
}

enum err
upnote_tell(struct program *p, const struct backup *b, char ret_id[static UPNOTE_ID_DIGITS + 1],
	int64_t *ret_count)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf args;
	buf_init(&args, ARGS_MAX_BYTES);
	text_hex(ret_id, b->digest, UPNOTE_ID_DIGITS / 2);
	*ret_count = 0;
	enum err e = write_args(&args, b);
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_do(o, "backup-note", buf_view(&args), &answer);
	return e ? e : json_get_int(answer, "backups", 0, INT64_MAX, ret_count);
}
