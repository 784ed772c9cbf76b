#include "hub/renewal_status.h"

#include <stdio.h>

#include "common/codec/json.h"

#include "hub/renewal.h"
#include "hub/renewal_kept.h"

#define NODE_SHOWN_BYTES 4
#define WORDS_BYTES      200

struct putting {
	struct json_out *out;
	struct hub *hub;
};

static enum err
write_words(struct putting *p, const struct writer *w, enum renewal_wait why,
	char ret[static WORDS_BYTES])
{
	struct renewal_kept k;
	enum err e = OK;
	switch (why) {
	case RENEWAL_WAITS_NOT:
		*ret = '\0';
		break;
	case RENEWAL_WAITS_TAKES:
		(void)snprintf(ret, WORDS_BYTES,
			"has not taken the version of the study that names a newer one");
		break;
	case RENEWAL_WAITS_SAYS:
		(void)snprintf(ret, WORDS_BYTES, "has not said yet what it holds");
		break;
	case RENEWAL_WAITS_SENDS:
		(void)snprintf(ret, WORDS_BYTES, "has not sent all that it had sealed");
		break;
	case RENEWAL_WAITS_KEEPS:
		e = renewal_kept_get(p->hub->txn, w->public, &k);
		(void)snprintf(ret, WORDS_BYTES,
			"holds %u records that are sealed for an older one: they have to be "
			"accepted or dropped there",
			k.count);
		break;
	}
	return e;
}

static enum err
put_wait(void *arg, const struct writer *w, enum renewal_wait why, int64_t until_s)
{
	struct putting *p = arg;
	char words[WORDS_BYTES];
	enum err e = write_words(p, w, why, words);
	json_put_object(p->out, NULL);
	json_put_text(p->out, "site", w->site);
	json_put_hex(p->out, "node", view_of(w->public, NODE_SHOWN_BYTES));
	json_put_text(p->out, "words", words);
	json_put_int(p->out, "until_s", until_s);
	json_put_close(p->out);
	return e;
}

static enum err
put_kind(struct putting *p, enum renewal_kind kind, const char *name, int64_t days)
{
	struct renewal_state s;
	enum err e = renewal_state(p->hub, kind, days, &s);
	json_put_object(p->out, name);
	json_put_int(p->out, "newest", s.newest);
	json_put_int(p->out, "told", s.told);
	json_put_int(p->out, "oldest", s.oldest);
	json_put_int(p->out, "made_s", s.made_s);
	json_put_bool(p->out, "due", s.is_due);
	json_put_array(p->out, "waits");
	if (!e)
		e = renewal_each_waiting(p->hub, kind, put_wait, p);
	json_put_close(p->out);
	json_put_close(p->out);
	return e;
}

enum err
renewal_status_put(struct json_out *w, struct hub *h, int64_t days)
{
	struct putting p = {w, h};
	json_put_object(w, "keys");
	enum err e = put_kind(&p, RENEWAL_INTAKE, "intake", days);
	if (!e)
		e = put_kind(&p, RENEWAL_LEDGER, "ledger", days);
	json_put_close(w);
	return e;
}
