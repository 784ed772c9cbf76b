#include "tests/unit/hub_node.h"

#include "common/sync/lane.h"

struct fake_node *
node_new(struct hub_place *p, const char *site)
{
	struct fake_node *n = xcalloc(1, sizeof(*n));
	struct vault_txn *t = NULL;
	sign_keypair(n->writer.public, &n->sign);
	box_keypair(n->writer.box, &n->box);
	crypto_random(n->writer.transport, sizeof(n->writer.transport));
	(void)snprintf(n->writer.site, sizeof(n->writer.site), "%s", site);
	(void)snprintf(n->writer.name, sizeof(n->writer.name), "example node");
	n->writer.admitted_s = PLACE_NOW_S;
	n->incarnation = 1;
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(writer_put(t, &n->writer));
	assert_ok(hub_commit(&p->hub));
	return n;
}

void
node_wipe(struct fake_node *n)
{
	for (size_t l = 0; l < LANE_COUNT; l++) {
		for (size_t i = 0; i < n->count[l]; i++) {
			buf_done(&n->lanes[l][i].header);
			buf_done(&n->lanes[l][i].part);
		}
		n->count[l] = 0;
	}
}

void
node_rebase(struct fake_node *n, uint32_t incarnation, uint32_t base_incarnation,
	const struct sync_mark base[static LANE_COUNT])
{
	node_wipe(n);
	n->incarnation = incarnation;
	for (uint8_t i = 0; i < LANE_COUNT; i++)
		lane_link(n->link[i], base_incarnation, (uint8_t)(i + 1), &base[i]);
}

void
node_free(struct fake_node *n)
{
	node_wipe(n);
	secret_free(n->sign);
	secret_free(n->box);
	free(n);
}

struct node_entry *
node_add(struct fake_node *n, enum lane lane, uint8_t kind, struct view part)
{
	size_t i = n->count[lane - 1]++;
	struct node_entry *e = &n->lanes[lane - 1][i];
	struct entry_place place = {.study = PLACE_STUDY,
		.incarnation = n->incarnation,
		.lane = lane,
		.seq = i + 1};
	struct entry_part p = {(enum part_kind)kind, {0}};
	assert_true(i < NODE_LANE_COUNT);
	memcpy(place.writer, n->writer.public, sizeof(place.writer));
	memcpy(place.prev, i ? n->lanes[lane - 1][i - 1].hash : n->link[lane - 1], HASH_BYTES);
	memcpy(place.repeats, n->repeats, HASH_BYTES);
	memset(n->repeats, 0, HASH_BYTES);
	buf_init(&e->header, WIRE_HEADER_MAX_BYTES);
	buf_init(&e->part, 4 * WIRE_RULES_MAX_BYTES);
	buf_add_view(&e->part, part);
	e->kind = kind;
	p.bytes = buf_view(&e->part);
	assert_ok(entry_make(&e->header, e->hash, &place, &p, 1));
	return e;
}

void
node_add_rules(struct fake_node *n, enum lane lane, const struct wire_rules *r)
{
	OWNED_BUF struct buf part;
	struct wire_rules salted = *r;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	crypto_random(salted.salt, sizeof(salted.salt));
	assert_ok(wire_rules_pack(&part, &salted));
	(void)node_add(n, lane, PART_RULES, buf_view(&part));
}

struct sync_entry
node_entry(const struct fake_node *n, uint8_t lane, uint64_t seq)
{
	const struct node_entry *e = &n->lanes[lane - 1][seq - 1];
	struct sync_entry s = {.header = buf_view(&e->header), .part_count = 1};
	s.parts[0].kind = e->kind;
	s.parts[0].bytes = buf_view(&e->part);
	return s;
}

struct sync_mark
node_mark(const struct fake_node *n, uint8_t lane)
{
	struct sync_mark m = {.seq = n->count[lane - 1]};
	if (m.seq)
		memcpy(m.head, n->lanes[lane - 1][m.seq - 1].hash, sizeof(m.head));
	return m;
}

void
node_sign_head(const struct fake_node *n, uint8_t lane, uint64_t seq,
	uint8_t ret[static SIGNATURE_BYTES])
{
	struct entry_head h = {.study = PLACE_STUDY,
		.incarnation = n->incarnation,
		.lane = (enum lane)lane,
		.seq = seq};
	memcpy(h.writer, n->writer.public, sizeof(h.writer));
	memcpy(h.hash, n->lanes[lane - 1][seq - 1].hash, sizeof(h.hash));
	entry_head_sign(ret, &h, n->sign);
}

struct wire_rules
node_record(uint8_t person, uint8_t instance)
{
	struct wire_rules r = {.kind = RULES_RECORD,
		.form = NODE_FORM,
		.form_version = NODE_FORM_VERSION,
		.wave = "1",
		.captured_s = NODE_CAPTURED_S};
	memset(r.participant, person, sizeof(r.participant));
	memset(r.instance, instance, sizeof(r.instance));
	return r;
}

static const struct wire_permission node_permits[] = {
	{.code = "collect-direct", .permit = true}, {.code = "use-site-report", .permit = true},
	{.code = "use-aggregate", .permit = true}};

struct wire_rules
node_consent(uint8_t person, uint8_t instance)
{
	struct wire_rules r = {.kind = RULES_CONSENT,
		.form = "consent",
		.form_version = "1",
		.consent = {.event = "given",
			.grantor_role = "self",
			.form = "consent",
			.form_version = "1",
			.mode = "returned-questionnaire",
			.given_at_s = NODE_CAPTURED_S - 60,
			.permission_count = ARRAY_LEN(node_permits),
			.permissions = node_permits}};
	memset(r.participant, person, sizeof(r.participant));
	memset(r.instance, instance, sizeof(r.instance));
	return r;
}
