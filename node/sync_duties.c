#include "node/sync_duties.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX         "duty-"
#define KEY_BYTES      32
#define LIST_MAX_BYTES ((size_t)1 << 20)

enum err
sync_duties_note(struct vault *v, const struct leaf *act, uint64_t seq)
{
	OWNED_BUF struct buf line;
	char key[KEY_BYTES];
	buf_init(&line, LEAF_MOST_BYTES);
	if (strcmp(act->action, DUTY_ADDED) != 0 && strcmp(act->action, DUTY_ENDED) != 0)
		return OK;
	buf_format(&line, "%s %s", strcmp(act->action, DUTY_ADDED) == 0 ? "added" : "ended",
		act->reason_code);
	(void)snprintf(key, sizeof(key), PREFIX "%016" PRIx64, seq);
	enum err e = buf_check(&line, "delegation");
	return e ? e : vault_put(v, VAULT_META, view_text(key), buf_view(&line));
}

static enum err
add_line(void *arg, struct view key, struct view content)
{
	struct buf *lines = arg;
	(void)key;
	buf_add_view(lines, content);
	buf_u8(lines, '\n');
	return OK;
}

enum err
sync_duties_list(struct vault *v, struct buf *answer)
{
	OWNED_BUF struct buf lines;
	buf_init(&lines, LIST_MAX_BYTES);
	enum err e = vault_each(v, VAULT_META, view_text(PREFIX), add_line, &lines);
	if (!e)
		e = buf_check(&lines, "delegation log");
	if (!e)
		buf_blob(answer, buf_view(&lines));
	return e;
}
