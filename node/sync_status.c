#include "node/sync_status.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "node/sync_chain.h"
#include "node/sync_change.h"
#include "node/sync_chunks.h"
#include "node/sync_decide.h"
#include "node/sync_needs.h"
#include "node/sync_witness.h"

#define WRITER_SHOWN_BYTES 4
#define MS_PER_S           1000

/* Entries of one lane over all incarnations. */
struct lane_counts {
	uint64_t kept, sent, at_hub, retained;
};

static const char *
link_word(enum sync_link_state state)
{
	switch (state) {
	case SYNC_LINK_WAITING:
		return "waiting";
	case SYNC_LINK_CONNECTING:
		return "connecting";
	case SYNC_LINK_UP:
		return "connected";
	case SYNC_LINK_REFUSED:
		return "refused";
	case SYNC_LINK_STOPPED:
		return "stopped";
	}
	return "";
}

static void
write_link(struct json_out *w, const struct sync_link *link)
{
	struct sync_link_facts f;
	char when[CLOCK_TEXT_BYTES] = "";
	sync_link_facts(link, &f);
	if (f.contact_ms)
		clock_text(when, f.contact_ms);
	json_put_text(w, "link", link_word(f.state));
	json_put_text(w, "reason", f.reason);
	/* Who was connected is told that it was revoked; who knocks later finds a closed
	 * door. */
	json_put_bool(w, "closed",
		f.state == SYNC_LINK_REFUSED || sync_link_node(link)->verdict == SYNC_REVOKED);
	json_put_text(w, "last_contact", when);
	json_put_int(w, "ahead_s", -sync_link_node(link)->skew_ms / MS_PER_S);
	json_put_int(w, "dropped", (int64_t)f.dropped_count);
}

static void
put_time(struct json_out *w, const char *name, int64_t at_s)
{
	char text[CLOCK_TEXT_BYTES] = "";
	if (at_s)
		clock_text(text, at_s * MS_PER_S);
	json_put_text(w, name, text);
}

/* How long the version in force here may be collected by. */
static void
write_until(struct json_out *w, struct sync_config *config)
{
	const struct sync_terms *t = sync_config_word(config);
	put_time(w, "in_force_until", sync_terms_until_s(t, sync_config_number(config)));
	json_put_bool(w, "over", sync_config_over_s(config) != 0);
	put_time(w, "refused_until", sync_terms_refused_s(t));
}

static void
write_forms(struct json_out *w, struct sync_config *config)
{
	const struct pack *pack = sync_config_pack(config);
	json_put_int(w, "manifest", (int64_t)sync_config_number(config));
	write_until(w, config);
	json_put_array(w, "forms");
	for (size_t i = 0; pack && i < pack->form_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "id", pack->forms[i]->id);
		json_put_text(w, "version", pack->forms[i]->version);
		json_put_text(w, "title", pack->forms[i]->title);
		json_put_close(w);
	}
	json_put_close(w);
}

/* what is where */

/* Incarnations below the one in use are what the hub had when it was opened: they are there
 * unless the hub was restored to before them. */
static enum err
count_lane(struct vault *v, enum lane lane, struct lane_counts *ret)
{
	struct vault_mark m;
	struct lane_chain c = {.incarnation = 0};
	uint32_t lost = 0;
	*ret = (struct lane_counts){0};
	enum err e = sync_chain_lost(v, &lost);
	if (!e)
		e = vault_mark_get(v, lane, &m);
	while (!e && vault_chain_above(v, c.incarnation, &c)) {
		uint64_t all = c.last[lane - 1].seq;
		bool there = !lost || c.incarnation < lost;
		ret->kept += all;
		ret->sent += !there ? 0 : c.more ? all : m.durable;
		ret->at_hub += !there ? 0 : c.more ? all : m.at_hub;
		ret->retained += !there || c.more ? 0 : m.retained;
	}
	return e;
}

static void
put_counts(struct json_out *w, const struct lane_counts *n)
{
	json_put_int(w, "kept", (int64_t)n->kept);
	json_put_int(w, "sent", (int64_t)n->sent);
	json_put_int(w, "at_hub", (int64_t)n->at_hub);
	json_put_int(w, "in_backups", (int64_t)n->retained);
}

static enum err
write_changes(struct json_out *w, struct vault *v)
{
	struct sync_change_counts n;
	struct vault_mark m;
	enum err e = vault_mark_get(v, LANE_C, &m);
	if (!e)
		e = sync_change_counts(v, m.at_hub, &n);
	if (e)
		return e;
	json_put_object(w, "changes");
	json_put_int(w, "waiting", (int64_t)n.waiting);
	json_put_int(w, "known", (int64_t)n.known);
	json_put_close(w);
	return OK;
}

static enum err
write_lanes(struct json_out *w, struct vault *v)
{
	static const char letters[][2] = {"", "C", "R", "A"};
	struct lane_counts all = {0};
	json_put_array(w, "lanes");
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		struct lane_counts n;
		enum err e = count_lane(v, lane, &n);
		if (e)
			return e;
		json_put_object(w, NULL);
		json_put_text(w, "lane", letters[lane]);
		json_put_text(w, "about", sync_decide_lane(lane));
		put_counts(w, &n);
		json_put_close(w);
		all.kept += n.kept;
		all.sent += n.sent;
		all.at_hub += n.at_hub;
		all.retained += n.retained;
	}
	json_put_close(w);
	put_counts(w, &all);
	return write_changes(w, v);
}

static enum err
write_files(struct json_out *w, struct vault *v)
{
	struct sync_chunks_count n;
	enum err e = sync_chunks_counts(v, &n);
	json_put_object(w, "files");
	json_put_int(w, "kept", (int64_t)n.all);
	json_put_int(w, "at_hub", (int64_t)n.sent);
	json_put_close(w);
	return e;
}

static enum err
write_needs(struct json_out *w, const struct sync_link_site *site)
{
	const struct sync_judge j = {.vault = site->vault,
		.pack = sync_config_pack(site->config),
		.terms = sync_config_terms(site->config),
		.over_s = sync_config_over_s(site->config),
		.site = site->card->site,
		.now_ms = clock_wall_ms()};
	return sync_needs_write(&j, w);
}

static enum err
write_room(struct json_out *w, struct vault *v)
{
	struct vault_usage u;
	enum err e = vault_usage(v, &u);
	if (e)
		return e;
	json_put_int(w, "used_bytes", (int64_t)u.used_bytes);
	json_put_int(w, "limit_bytes", (int64_t)u.limit_bytes);
	json_put_int(w, "disk_free_bytes", (int64_t)u.disk_free_bytes);
	return OK;
}

/* what was brought back */

static void
write_refilled(struct json_out *w, const struct sync_refilled *r)
{
	char when[CLOCK_TEXT_BYTES];
	if (!r->at_s)
		return;
	clock_text(when, r->at_s * MS_PER_S);
	json_put_object(w, "refilled");
	json_put_text(w, "at", when);
	json_put_int(w, "came_back", (int64_t)r->taken);
	json_put_int(w, "sent_again", (int64_t)r->repeated);
	json_put_int(w, "erased", (int64_t)r->erased);
	json_put_int(w, "without_code", (int64_t)r->without_code);
	json_put_int(w, "lost", (int64_t)r->lost);
	json_put_close(w);
}

enum err
sync_status_write(const struct sync_link_site *site, const struct sync_link *link,
	const struct sync_scrub *scrub, struct buf *out)
{
	struct json_out w;
	struct sync_refilled refilled;
	const struct lane_node *node = sync_link_node(link);
	const struct sync_witness_self self = {
		site->card->site, site->keys->writer_public, site->keys->witness_public};
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", site->card->study);
	json_put_text(&w, "site", site->card->site);
	json_put_hex(&w, "writer", view_of(site->keys->writer_public, WRITER_SHOWN_BYTES));
	json_put_int(&w, "incarnation", vault_incarnation(site->vault));
	write_link(&w, link);
	json_put_text(
		&w, "refilling", node->survivor && node->state != LANE_STOPPED ? "yes" : "no");
	write_forms(&w, site->config);
	enum err e = write_needs(&w, site);
	if (!e)
		e = write_lanes(&w, site->vault);
	if (!e)
		e = write_files(&w, site->vault);
	if (!e)
		e = sync_witness_write(site->vault, site->config, &self, &w);
	if (!e)
		e = write_room(&w, site->vault);
	if (!e)
		e = sync_refill_last(site->vault, &refilled);
	if (!e) {
		write_refilled(&w, &refilled);
		const struct sync_decide d = {site->vault, site, node, scrub, &refilled};
		e = sync_decide_write(&w, &d);
	}
	json_put_close(&w);
	return e ? e : json_end(&w, "status of the node");
}
