#include "common/sync/lane_node_inside.h"

#include <string.h>

static void
ask(struct lane_node *n, struct lane_actions *out)
{
	struct sync_cfg_get *g = &lane_add_send(out, SYNC_CFG_GET)->msg.cfg_get;
	memcpy(g->session, n->session, sizeof(g->session));
	memcpy(g->hash, n->want.offer.hash, sizeof(g->hash));
	g->offset_bytes = n->want.offset_bytes;
	g->length_bytes = SYNC_CFG_PART_BYTES;
}

void
node_want(struct lane_node *n, const struct sync_offer *what, struct lane_actions *out)
{
	n->want = (struct lane_want){.offer = *what, .open = true};
	if (n->state == LANE_UP)
		ask(n, out);
}

void
node_want_again(struct lane_node *n, struct lane_actions *out)
{
	if (n->want.open)
		ask(n, out);
}

/* Only forward, and one that was refused is not fetched again until another one is offered. */
void
node_on_offer(struct lane_node *n, const struct sync_offer *offer, struct lane_actions *out)
{
	if (offer->number <= n->config || offer->number == n->config_refused || n->want.open ||
		offer->number == n->config_arrived)
		return;
	node_want(n, offer, out);
}

static void
done(struct lane_node *n, bool ok, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_CONFIG_DONE);
	a->config = n->want.offer;
	a->ok = ok;
	n->want.open = false;
	if (n->want.offer.number && ok)
		n->config_arrived = n->want.offer.number;
	if (n->want.offer.number && !ok)
		n->config_refused = n->want.offer.number;
}

void
node_on_cfg_part(struct lane_node *n, const struct sync_cfg_part *p, struct lane_actions *out)
{
	struct lane_want *w = &n->want;
	if (!w->open || !node_same_head(p->hash, w->offer.hash) ||
		p->offset_bytes != w->offset_bytes)
		return;
	if (p->total_bytes != w->offer.length_bytes || p->bytes.len == 0 ||
		p->bytes.len > w->offer.length_bytes - w->offset_bytes) {
		done(n, false, out);
		return;
	}
	struct lane_action *a = lane_add(out, LANE_CONFIG_PART);
	a->config = w->offer;
	a->offset_bytes = w->offset_bytes;
	a->bytes = p->bytes;
	w->offset_bytes += p->bytes.len;
	if (w->offset_bytes == w->offer.length_bytes)
		done(n, true, out);
	else
		ask(n, out);
}

void
node_on_applied(struct lane_node *n, const struct lane_event *ev, struct lane_actions *out)
{
	uint64_t number = ev->config.number;
	n->config_arrived = 0;
	if (ev->ok)
		n->config = MAX(n->config, number);
	else
		n->config_refused = number;
	/* It came another way, or is whole: what was being fetched of it is not asked for. */
	if (ev->ok && n->want.open && n->want.offer.number <= n->config)
		n->want.open = false;
	if (n->state != LANE_UP)
		return;
	struct sync_cfg_ack *a = &lane_add_send(out, SYNC_CFG_ACK)->msg.cfg_ack;
	memcpy(a->session, n->session, sizeof(a->session));
	a->number = number;
	a->applied = ev->ok;
}
