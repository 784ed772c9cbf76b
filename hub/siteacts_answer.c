#include "hub/siteacts.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/pack.h"

#include "hub/leaving_tick.h"
#include "hub/sitecut.h"
#include "hub/writer.h"

/* changes and leavings */

static void
put_side(
	struct json_out *w, const char *key, const char (*side)[LINEAGE_ID_BYTES], size_t count)
{
	json_put_array(w, key);
	for (size_t i = 0; i < count; i++)
		json_put_text(w, NULL, side[i]);
	json_put_close(w);
}

static enum err
put_change(void *arg, const struct lineage_row *r)
{
	struct json_out *w = arg;
	const struct lineage_change *c = &r->change;
	json_put_object(w, NULL);
	json_put_int(w, "number", r->number);
	json_put_text(w, "scope", r->scope);
	json_put_text(w, "kind", lineage_word(c->kind));
	json_put_text(w, "day", c->day);
	put_side(w, "from", c->from, c->from_count);
	put_side(w, "into", c->into, c->into_count);
	json_put_text(w, "was", c->was);
	json_put_text(w, "becomes", c->becomes);
	json_put_text(w, "reason", r->reason);
	json_put_text(w, "by", r->by);
	json_put_int(w, "at_s", r->at_s);
	json_put_int(w, "leaf", (int64_t)r->leaf);
	json_put_text(w, "struck_by", r->struck_by);
	json_put_close(w);
	return OK;
}

static enum err
put_leaving(struct hub *h, struct json_out *w, const struct leaving *l)
{
	uint64_t asked = 0;
	enum err e = leaving_tick_asked(h->txn, l->site, &asked);
	json_put_object(w, NULL);
	json_put_text(w, "site", l->site);
	json_put_text(w, "data", leaving_word(l->data));
	json_put_text(w, "day", l->day);
	json_put_text(w, "reason", l->reason);
	json_put_text(w, "by", l->by);
	json_put_text(w, "agreed_by", l->agreed_by);
	json_put_int(w, "agreed_s", l->agreed_s);
	json_put_bool(w, "begun",
		l->agreed_by[0] && h->pack &&
			leaving_begun(l, pack_zone(h->pack), clock_wall_ms()));
	json_put_int(w, "asked", l->data == LEAVING_ERASE ? (int64_t)asked : 0);
	json_put_close(w);
	return e;
}

enum err
siteacts_lineage(struct hub *h, struct json_out *w)
{
	OWNED_LEAVINGS struct leavings left = {.at = NULL};
	enum err e = leavings_read(&left, h->txn);
	json_put_object(w, NULL);
	json_put_array(w, "changes");
	if (!e)
		e = lineage_row_each(h->txn, put_change, w);
	json_put_close(w);
	json_put_array(w, "left");
	for (size_t i = 0; !e && i < left.count; i++)
		e = put_leaving(h, w, &left.at[i]);
	json_put_close(w);
	json_put_close(w);
	return e;
}

/* sites in a view */

struct joined {
	const struct pack *pack;
	bool *is;
};

static enum err
see_writer(void *arg, const struct writer *writer)
{
	struct joined *j = arg;
	for (size_t i = 0; i < j->pack->site_count; i++)
		if (strcmp(j->pack->sites[i].id, writer->site) == 0)
			j->is[i] = true;
	return OK;
}

static void
put_site(struct json_out *w, const struct pack_site *s, const struct sitecut_printed *as,
	const struct leaving *left)
{
	json_put_object(w, NULL);
	json_put_text(w, "id", s->id);
	json_put_text(w, "name", s->name);
	json_put_text(w, "as", as->id);
	json_put_text(w, "left", left ? left->day : "");
	json_put_text(w, "data", left ? leaving_word(left->data) : "");
}

static void
put_cut(struct json_out *w, const struct sitecut *cut)
{
	json_put_array(w, "printed");
	for (size_t i = 0; i < cut->printed_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "id", cut->printed[i].id);
		json_put_text(w, "name", cut->printed[i].name);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_array(w, "notes");
	for (size_t i = 0; i < cut->note_count; i++)
		json_put_text(w, NULL, cut->notes[i]);
	json_put_close(w);
}

enum err
siteacts_sites(struct hub *h, const struct json *args, struct json_out *w)
{
	OWNED(sitecut) struct sitecut *cut = NULL;
	OWNED_LEAVINGS struct leavings left = {.at = NULL};
	const struct pack *p = h->pack;
	OWNED_MEM bool *is_joined = xcalloc((p ? p->site_count : 0) + 1, sizeof(*is_joined));
	struct joined joined = {p, is_joined};
	const char *view = "";
	enum err e = p ? OK : fail(E_NOTFOUND, "no study is in force");
	if (!e)
		e = json_get_text(args, "view", LINEAGE_VIEW_BYTES - 1, &view);
	if (!e)
		e = sitecut_read(&cut, h->txn, p, view, clock_wall_ms());
	if (!e)
		e = leavings_read(&left, h->txn);
	if (!e)
		e = writer_each(h->txn, see_writer, &joined);
	if (e)
		return e;
	json_put_object(w, NULL);
	json_put_text(w, "view", cut->view);
	json_put_array(w, "sites");
	for (size_t i = 0; i < p->site_count; i++) {
		put_site(w, &p->sites[i], &cut->printed[cut->sites[i].printed],
			leaving_of(&left, p->sites[i].id, UINT64_MAX));
		json_put_bool(w, "joined", is_joined[i]);
		json_put_close(w);
	}
	json_put_close(w);
	put_cut(w, cut);
	json_put_close(w);
	return OK;
}
