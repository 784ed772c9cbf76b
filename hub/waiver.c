#include "hub/waiver.h"

#include <stdio.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#include "hub/acts.h"

#define FILE_NAME      "run/journal-waiver"
#define FILE_MAX_BYTES 65536

struct waiver {
	uint8_t *bytes;
	struct view statement, body;
};

static void
waiver_done(struct waiver *w)
{
	mem_drop(&w->bytes);
}

static enum err
read_file(struct waiver *ret, const struct hub *h)
{
	OWNED_MEM char *path = xasprintf("%s/" FILE_NAME, h->dir);
	size_t len = 0;
	enum err e = text_read_file(&ret->bytes, &len, path, FILE_MAX_BYTES);
	if (e)
		return e;
	struct cursor c = cursor_of(view_of(ret->bytes, len));
	ret->statement = cursor_blob(&c);
	ret->body = cursor_blob(&c);
	return cursor_end(&c, "the waiver of the journal");
}

enum err
waiver_check(struct hub *h)
{
	OWNED_BY(waiver_done) struct waiver w = {.bytes = NULL};
	enum err e = read_file(&w, h);
	if (!e)
		e = acts_check(h, WAIVER_KIND, w.statement, w.body);
	hub_abort(h); /* it was only read */
	h->is_journal_new = !e;
	return e;
}

enum err
waiver_apply(struct hub *h)
{
	OWNED_BY(waiver_done) struct waiver w = {.bytes = NULL};
	OWNED_MEM char *path = xasprintf("%s/" FILE_NAME, h->dir);
	OWNED_BUF struct buf reply;
	buf_init(&reply, FILE_MAX_BYTES);
	if (!h->is_journal_new)
		return OK;
	enum err e = read_file(&w, h);
	if (!e)
		e = acts_apply(h, w.statement, w.body, &reply);
	if (e)
		return e;
	log_warn("ledger", "the journal was lost and an officer has waived it: a new one is "
			   "begun, and the hub is in recovery");
	(void)unlink(path);
	return OK;
}
