#include "node/whom.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "node/capture_said.h"
#include "node/keep_call.h"
#include "node/typed.h"

#define MS_PER_S 1000

enum err
whom_open(struct whom *w, struct program *p)
{
	enum err e = client_open(&w->sync, program_dir(p), "sync.sock");
	return e ? e : facts_load(&w->facts, w->sync);
}

void
whom_done(struct whom *w)
{
	client_free(take(w->sync));
	facts_free(take(w->facts));
	if (w->code)
		crypto_wipe(w->code, strlen(w->code));
	mem_drop(&w->code);
}

enum err
whom_ask(struct whom *w, struct program *p)
{
	return typed_code(p, w->sync, w->facts->pack, &w->code);
}

enum err
whom_look(struct whom *w, struct buf *entries, facts_consent_fn *each, void *arg)
{
	return facts_of_code(w->sync, w->code, &w->person, entries, each, arg);
}

enum err
whom_keep(const struct whom *w, const struct consent *after, const struct wire_rules *before,
	uint8_t *ret_instance)
{
	OWNED_BY(keep_call_done) struct keep_call call;
	struct sync_kept kept;
	uint8_t instance[ID_BYTES];
	struct capture_change change = {.code = w->code,
		.after = after,
		.captured_s = clock_wall_ms() / MS_PER_S,
		.instance = instance};
	memcpy(change.participant, w->person.participant, ID_BYTES);
	memcpy(change.refers_to, before->instance, ID_BYTES);
	crypto_random(instance, sizeof(instance));
	keep_call_begin(&call, w->sync);
	enum err e = keep_call_next(&call);
	if (!e)
		e = capture_change_item(&call.items, &change);
	if (!e)
		e = keep_call_end(&call, NULL, &kept);
	if (!e)
		memcpy(ret_instance, instance, ID_BYTES);
	return e;
}
