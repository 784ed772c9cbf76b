#include "hub/waiver.h"

#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/acts.h"
#include "hub/person.h"

#define ROLE "officer"

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
	OWNED_MEM char *path = xasprintf("%s/" WAIVER_FILE, h->dir);
	size_t len = 0;
	enum err e = text_read_file(&ret->bytes, &len, path, WAIVER_MAX_BYTES);
	if (e)
		return e;
	struct cursor c = cursor_of(view_of(ret->bytes, len));
	ret->statement = cursor_blob(&c);
	ret->body = cursor_blob(&c);
	return cursor_end(&c, "the waiver of the journal");
}

/* losses */

static enum err
add_officer(void *arg, const struct person *p, struct view signed_card)
{
	(void)signed_card;
	if (person_has_role(p, ROLE) && !p->revoked_s)
		buf_format(arg, "%s\n", p->id);
	return OK;
}

/* The same loss, however often the hub is started in vain. */
static void
loss_of(char ret[static WAIVER_LOSS_LEN + 1], const char *path)
{
	OWNED_MEM uint8_t *there = NULL;
	uint8_t raw[WAIVER_LOSS_LEN / 2];
	size_t len = 0;
	crypto_random(raw, sizeof(raw));
	text_hex(ret, raw, sizeof(raw));
	if (text_read_file(&there, &len, path, WAIVER_MAX_BYTES) || len < WAIVER_LOSS_LEN)
		return;
	memcpy(ret, there, WAIVER_LOSS_LEN);
}

enum err
waiver_ask(struct hub *h)
{
	OWNED_MEM char *path = xasprintf("%s/" WAIVER_LOSS_FILE, h->dir);
	OWNED_BUF struct buf file;
	struct vault_txn *t;
	char loss[WAIVER_LOSS_LEN + 1];
	buf_init(&file, WAIVER_MAX_BYTES);
	loss_of(loss, path);
	buf_format(&file, "%s\n", loss);
	enum err e = hub_txn(h, &t);
	if (!e)
		e = person_each(t, add_officer, &file);
	hub_abort(h); /* it was only read */
	if (!e)
		e = buf_check(&file, "loss of the journal");
	return e ? e : text_write_file(path, buf_view(&file), 0600);
}

static void
drop_file(const struct hub *h, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s", h->dir, name);
	(void)unlink(path);
}

void
waiver_drop(const struct hub *h)
{
	drop_file(h, WAIVER_LOSS_FILE);
	drop_file(h, WAIVER_FILE);
}

/* It has to name the loss that the hub stands before. */
static enum err
check_loss(const struct hub *h, struct view body)
{
	OWNED_MEM char *path = xasprintf("%s/" WAIVER_LOSS_FILE, h->dir);
	OWNED_MEM uint8_t *there = NULL;
	OWNED(json) struct json *tree = NULL;
	const char *loss = "";
	size_t len = 0;
	enum err e = text_read_file(&there, &len, path, WAIVER_MAX_BYTES);
	if (!e)
		e = json_parse(&tree, body, WAIVER_MAX_BYTES);
	if (!e)
		e = json_get_text(tree, "loss", WAIVER_LOSS_LEN, &loss);
	if (e)
		return e;
	return len >= WAIVER_LOSS_LEN && strlen(loss) == WAIVER_LOSS_LEN &&
			       memcmp(there, loss, WAIVER_LOSS_LEN) == 0
		       ? OK
		       : fail(E_DENIED, "the waiver of the journal is about another loss");
}

/* waivers */

enum err
waiver_check(struct hub *h)
{
	OWNED_BY(waiver_done) struct waiver w = {.bytes = NULL};
	enum err e = read_file(&w, h);
	if (!e)
		e = check_loss(h, w.body);
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
	OWNED_BUF struct buf reply;
	buf_init(&reply, WAIVER_MAX_BYTES);
	if (!h->is_journal_new)
		return OK;
	enum err e = read_file(&w, h);
	if (!e)
		e = acts_apply(h, w.statement, w.body, &reply);
	if (e)
		return e;
	log_warn("ledger", "the journal was lost and an officer has waived it: a new one is "
			   "begun, and the hub is in recovery");
	waiver_drop(h);
	return OK;
}
