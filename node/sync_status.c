#include "node/sync_status.h"

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#define WRITER_SHOWN_BYTES 4

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

static const char *
about(enum lane lane)
{
	switch (lane) {
	case LANE_C:
		return "consents, keys and changes";
	case LANE_R:
		return "records";
	case LANE_A:
		return "acts at the site";
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
	json_put_text(w, "last_contact", when);
	json_put_int(w, "dropped", (int64_t)f.dropped_count);
}

static void
write_forms(struct json_out *w, const struct sync_config *config)
{
	const struct pack *pack = sync_config_pack(config);
	json_put_int(w, "manifest", (int64_t)sync_config_number(config));
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

static enum err
write_lanes(struct json_out *w, struct vault *v)
{
	static const char letters[][2] = {"", "C", "R", "A"};
	uint64_t kept = 0, sent = 0, at_hub = 0;
	json_put_array(w, "lanes");
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		struct vault_mark m;
		enum err e = vault_mark_get(v, lane, &m);
		if (e)
			return e;
		uint64_t here = vault_committed(v, lane).seq;
		json_put_object(w, NULL);
		json_put_text(w, "lane", letters[lane]);
		json_put_text(w, "about", about(lane));
		json_put_int(w, "kept", (int64_t)here);
		json_put_int(w, "sent", (int64_t)m.durable);
		json_put_int(w, "at_hub", (int64_t)m.at_hub);
		json_put_close(w);
		kept += here;
		sent += m.durable;
		at_hub += m.at_hub;
	}
	json_put_close(w);
	json_put_int(w, "kept", (int64_t)kept);
	json_put_int(w, "sent", (int64_t)sent);
	json_put_int(w, "at_hub", (int64_t)at_hub);
	return OK;
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

enum err
sync_status_write(
	const struct sync_link_site *site, const struct sync_link *link, struct buf *out)
{
	struct json_out w;
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", site->card->study);
	json_put_text(&w, "site", site->card->site);
	json_put_hex(&w, "writer", view_of(site->keys->writer_public, WRITER_SHOWN_BYTES));
	json_put_int(&w, "incarnation", vault_incarnation(site->vault));
	write_link(&w, link);
	write_forms(&w, site->config);
	enum err e = write_lanes(&w, site->vault);
	if (!e)
		e = write_room(&w, site->vault);
	json_put_close(&w);
	return e ? e : json_end(&w, "status of the node");
}
