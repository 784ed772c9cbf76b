#include "node/sync_ipc.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/call.h"
#include "common/trust/leaf.h"

#include "node/bundles.h"
#include "node/ipc_contact.h"
#include "node/putback.h"
#include "node/sync_act.h"
#include "node/sync_answers.h"
#include "node/sync_contact.h"
#include "node/sync_desk.h"
#include "node/sync_duties.h"
#include "node/sync_intake.h"
#include "node/sync_keep_frames.h"
#include "node/sync_lines.h"
#include "node/sync_people.h"
#include "node/sync_review.h"

#define SENTENCE_BYTES 512
#define ACT_OPENS      "desk-unlocked"
#define ACT_ROOM_BYTES ((size_t)LEAF_MOST_BYTES)

struct sync_ipc {
	struct sync_ipc_setup setup;
	struct link *door;
	struct sync_intake *intake;
	struct bundles *bundles;
	struct sync_desk_told told; /* papers of erasures */
	struct sync_desk_proof proof;
	struct sync_keep_frames *keeps;
	struct sync_answers *answers;
	enum err error; /* that ends the process, and its sentence */
	char sentence[SENTENCE_BYTES];
};

static void
end_with(struct sync_ipc *s, enum err e)
{
	s->error = e;
	(void)snprintf(s->sentence, sizeof(s->sentence), "%s", err_text());
}

/* verbs */

static enum err
apply(struct sync_ipc *s, struct sync_keep *keep, struct buf *out)
{
	const struct sync_link_site *site = &s->setup.site;
	struct sync_kept kept;
	enum err e = s->setup.flush(s->setup.arg);
	if (e) {
		end_with(s, e);
		return e;
	}
	/* Study and terms may have changed with that commit. */
	const struct sync_judge judge = sync_intake_judge(s->intake);
	e = sync_keep_apply(keep, &judge, &kept);
	if (e) {
		vault_abort(site->vault);
		return e;
	}
	buf_u32(out, kept.items);
	buf_u32(out, kept.skipped);
	buf_u32(out, kept.entries);
	return OK;
}

static enum err
on_keep(struct sync_ipc *s, struct view peer, struct cursor *fields, struct buf *out)
{
	OWNED(sync_keep) struct sync_keep *whole = NULL;
	enum err e = sync_keep_frames_add(s->keeps, peer, fields, &whole);
	return e || !whole ? e : apply(s, whole, out);
}

static enum err
on_facts(struct sync_ipc *s, struct buf *out)
{
	const struct sync_link_site *site = &s->setup.site;
	const struct wire_manifest *m = sync_config_manifest(site->config);
	static const uint8_t none[BOX_PUBLIC_BYTES];
	const struct wire_numbered_key *intake =
		m && m->intake_count ? &m->intake[m->intake_count - 1] : NULL;
	buf_blob_text(out, site->card->study);
	buf_u32(out, intake ? intake->number : 0);
	buf_add(out, intake ? intake->public : none, BOX_PUBLIC_BYTES);
	struct sync_review review;
	enum err e = sync_review_get(site->vault, site->card, &review);
	if (e)
		return e;
	buf_u32(out, review.number);
	buf_add(out, review.public, BOX_PUBLIC_BYTES);
	buf_add(out, vault_row_key(site->vault), HASH_BYTES);
	e = sync_config_write(site->config, out);
	return e ? e : sync_intake_facts(s->intake, out);
}

static enum err
on_act(struct sync_ipc *s, struct cursor *fields, struct buf *out)
{
	OWNED(json) struct json *tree = NULL;
	OWNED_BUF struct buf part;
	struct leaf leaf;
	struct sync_mark at;
	struct view json = cursor_blob(fields);
	buf_init(&part, WIRE_ACT_MAX_BYTES);
	enum err e = cursor_end(fields, "act");
	if (!e)
		e = leaf_parse(&leaf, &tree, json);
	if (!e)
		e = sync_duties_check(s->setup.site.vault, &leaf);
	/* Nothing is opened without its act. */
	if (!e && leaf.action && strcmp(leaf.action, ACT_OPENS) == 0)
		e = putback_check(s->setup.site.vault);
	if (!e)
		e = vault_room(s->setup.site.vault, ACT_ROOM_BYTES);
	if (!e)
		e = wire_act_pack(&part, json);
	struct entry_part parts[] = {{PART_ACT, buf_view(&part)}};
	if (!e)
		e = vault_append(s->setup.site.vault, LANE_A, parts, ARRAY_LEN(parts), &at);
	if (!e)
		e = sync_duties_note(s->setup.site.vault, &leaf, at.seq);
	if (!e && leaf.action && strcmp(leaf.action, CONTACT_DUE_ACTION) == 0)
		e = sync_contact_removed(s->setup.site.vault);
	if (!e)
		buf_u64(out, at.seq);
	return e;
}

static enum err
on_status(struct sync_ipc *s, struct buf *out)
{
	OWNED_BUF struct buf json;
	buf_init(&json, CALL_MAX_BYTES / 2);
	enum err e = sync_status_write(&s->setup.site, s->setup.link, s->setup.scrub, &json);
	if (!e)
		buf_blob(out, buf_view(&json));
	return e;
}

static enum err
on_scrub(struct sync_ipc *s, struct cursor *fields, struct buf *out)
{
	struct sync_scrub_facts f;
	bool begins = cursor_u8(fields) == 1;
	enum err e = cursor_end(fields, "scrub");
	if (e)
		return e;
	if (begins)
		sync_scrub_begin(s->setup.scrub);
	sync_scrub_facts(s->setup.scrub, &f);
	buf_u8(out, f.running);
	buf_u64(out, f.entries);
	buf_u64(out, f.all);
	buf_u64(out, f.damaged);
	buf_u64(out, f.mended);
	buf_u64(out, f.lost);
	return OK;
}

static struct sync_desk
desk_of(struct sync_ipc *s)
{
	const struct sync_link_site *site = &s->setup.site;
	return (struct sync_desk){.dir = site->dir,
		.vault = site->vault,
		.card = site->card,
		.keys = site->keys,
		.config = site->config,
		.intake = s->intake,
		.proof = &s->proof,
		.flush = s->setup.flush,
		.arg = s->setup.arg};
}

static enum err
on_desk(struct sync_ipc *s, uint16_t verb, struct cursor *fields, struct buf *out)
{
	const struct sync_desk desk = desk_of(s);
	return sync_desk_serve(&desk, verb, fields, out);
}

static enum err
on_survive(struct sync_ipc *s, struct cursor *fields)
{
	enum err e = cursor_end(fields, "decision");
	return e ? e : sync_link_survive(s->setup.link);
}

static enum err
on_log_again(struct sync_ipc *s, struct cursor *fields)
{
	const struct sync_judge judge = sync_intake_judge(s->intake);
	struct view text = cursor_blob(fields);
	OWNED_MEM char *by = cursor_text(fields, LEAF_TEXT_MOST_BYTES);
	OWNED_MEM char *role = cursor_text(fields, LEAF_TEXT_MOST_BYTES);
	char reason[LEAF_TEXT_MOST_BYTES + 1] = "";
	enum err e = cursor_end(fields, "reason");
	if (!e && (text.len == 0 || text.len > LEAF_TEXT_MOST_BYTES || !text_is_utf8(text) ||
			  memchr(text.at, 0, text.len)))
		e = fail(E_FORMAT, "a reason is 1 to %d bytes of text", LEAF_TEXT_MOST_BYTES);
	if (e)
		return e;
	memcpy(reason, text.at, text.len);
	/* First what can be refused, so that no act stands without its effect. */
	e = vault_room(s->setup.site.vault, ACT_ROOM_BYTES);
	if (!e)
		e = sync_link_log_again(s->setup.link);
	if (e)
		return e;
	e = sync_act(&judge, (struct leaf){.actor = by,
				     .role = role,
				     .action = "log-looked-at-again",
				     .object_type = "log",
				     .reason_code = reason,
				     .outcome = "done"});
	if (e)
		end_with(s, e);
	return e;
}

static enum err
on_people(struct sync_ipc *s, struct cursor *fields, struct buf *out)
{
	enum err e = vault_room(s->setup.site.vault, fields->left);
	return e ? e : sync_people_of(s->setup.site.vault, fields, out);
}

static enum err
on_contact(struct sync_ipc *s, struct cursor *fields, struct buf *out)
{
	const struct sync_judge judge = sync_intake_judge(s->intake);
	return sync_contact_of(&judge, fields, out);
}

/* What cannot be put any more is taken back for everybody of the turn. A decision that fails
 * half way is taken back alone: what came before it is kept first. */
static enum err
on_intake(struct sync_ipc *s, const struct link_message *m, uint16_t verb,
	struct cursor *fields, struct buf *out)
{
	struct sync_intake_ask ask = {verb, m->peer, fields};
	bool spoiled = false, decides = verb == SYNC_HELD_DECIDE;
	enum err e = decides ? s->setup.flush(s->setup.arg) : OK;
	if (e) {
		end_with(s, e);
		return e;
	}
	e = sync_intake_serve(s->intake, &ask, out, &spoiled);
	if (e && decides)
		vault_abort(s->setup.site.vault);
	else if (e && spoiled)
		end_with(s, e);
	return e;
}

/* What the vault cannot hold takes the turn with it; what is wrong with a bundle does not. */
static enum err
on_bundle(struct sync_ipc *s, const struct link_message *m, uint16_t verb,
	struct cursor *fields, struct buf *out)
{
	enum err e = bundles_serve(s->bundles, verb, m->peer, fields, out);
	if (e == E_FULL)
		end_with(s, e);
	return e;
}

static enum err
serve(struct sync_ipc *s, const struct link_message *m, struct sync_answer *a)
{
	struct cursor fields;
	uint16_t verb = 0;
	enum err e = call_read(m->payload, &verb, &fields);
	if (e)
		return e;
	a->wrote = verb == SYNC_PEOPLE || verb == SYNC_KEEP || verb == SYNC_ACT ||
		   verb == SYNC_SURVIVE || verb == SYNC_LOG_AGAIN || verb == SYNC_CONTACT ||
		   sync_desk_knows(verb) || sync_intake_writes(verb) || bundles_knows(verb);
	if (sync_intake_knows(verb))
		return on_intake(s, m, verb, &fields, &a->frame);
	if (sync_desk_knows(verb))
		return on_desk(s, verb, &fields, &a->frame);
	if (bundles_knows(verb))
		return on_bundle(s, m, verb, &fields, &a->frame);
	switch (verb) {
	case SYNC_PEOPLE:
		return on_people(s, &fields, &a->frame);
	case SYNC_FACTS:
		return on_facts(s, &a->frame);
	case SYNC_KEEP:
		return on_keep(s, m->peer, &fields, &a->frame);
	case SYNC_ACT:
		return on_act(s, &fields, &a->frame);
	case SYNC_STATUS:
		return on_status(s, &a->frame);
	case SYNC_SCRUB:
		return on_scrub(s, &fields, &a->frame);
	case SYNC_SURVIVE:
		return on_survive(s, &fields);
	case SYNC_LOG_AGAIN:
		return on_log_again(s, &fields);
	case SYNC_DUTIES:
		return sync_duties_list(s->setup.site.vault, &a->frame);
	case SYNC_RECEIPT:
		return sync_people_receipt(s->setup.site.vault, &fields, &a->frame);
	case SYNC_LINES:
		return sync_lines_of(s->setup.site.vault, &fields, &a->frame);
	case SYNC_CONTACT:
		return on_contact(s, &fields, &a->frame);
	case SYNC_CODE:
		return sync_people_file(s->setup.site.vault, &fields, &a->frame);
	default:
		return fail(E_FORMAT, "sync does not know this request");
	}
}

static void
on_message(struct reactor *r, void *arg)
{
	struct sync_ipc *s = arg;
	OWNED(link_message) struct link_message *m = NULL;
	(void)r;
	if (link_recv(s->door, &m))
		return;
	struct sync_answer *a = sync_answers_begin(s->answers, m->peer);
	if (!a)
		return;
	enum err e = serve(s, m, a);
	if (!e)
		e = buf_check(&a->frame, "answer");
	if (!e)
		return;
	sync_answers_refuse(a, e);
	if (e == E_IO)
		end_with(s, e);
}

/* make, free */

struct sync_ipc *
sync_ipc_new(const struct sync_ipc_setup *setup)
{
	struct sync_ipc *s = xcalloc(1, sizeof(*s));
	s->setup = *setup;
	s->door = setup->door;
	struct sync_intake_setup intake = {
		setup->site.vault, setup->site.config, setup->site.card};
	s->intake = sync_intake_new(&intake);
	s->keeps = sync_keep_frames_new();
	s->answers = sync_answers_new(s->door);
	s->bundles = bundles_new(&s->setup.site, s->setup.link);
	link_watch(s->door, setup->site.reactor, on_message, s);
	return s;
}

void
sync_ipc_free(struct sync_ipc *s)
{
	if (!s)
		return;
	sync_answers_free(s->answers);
	sync_keep_frames_free(s->keeps);
	sync_intake_free(s->intake);
	bundles_free(s->bundles);
	link_free(s->door);
	mem_drop(&s);
}

void
sync_ipc_committed(struct sync_ipc *s, enum err result)
{
	sync_answers_send(s->answers, result);
}

enum err
sync_ipc_tick(struct sync_ipc *s)
{
	const struct sync_desk desk = desk_of(s);
	sync_intake_tick(s->intake);
	return sync_desk_tick(&desk, &s->told, clock_mono_ms());
}

enum err
sync_ipc_error(struct sync_ipc *s)
{
	enum err e = s->error;
	s->error = OK;
	return e ? fail(e, "%s", s->sentence) : OK;
}
