/* A node that takes from the hub what it lacks: chains, and what is known from them. */
#include "tests/unit/submit_bench.h"

#include "common/sync/lane.h"
#include "node/sync_batch.h"
#include "node/sync_chain.h"
#include "node/sync_item.h"
#include "node/sync_refill.h"
#include "node/vault_check.h"
#include "node/vault_erase.h"

/* What a copy of the node has, as the hub would hand it out: entries of one incarnation. */
struct hub {
	struct sync_reader *readers[LANE_COUNT];
	const struct sync_batch *batches[LANE_COUNT];
	struct lane_chain chain;
};

static void
hub_done(struct hub *h)
{
	for (size_t i = 0; i < LANE_COUNT; i++)
		sync_reader_free(h->readers[i]);
}
#define OWNED_HUB OWNED_BY(hub_done)

/* Reads what the vault has from `low[lane - 1]` + 1 on in its newest incarnation. */
static void
read_hub(struct hub *h, const struct door *d, const uint64_t low[static LANE_COUNT])
{
	struct vault *v = d->place->vault;
	*h = (struct hub){.chain = {.incarnation = 0}};
	assert_ok(vault_commit(v));
	assert_true(vault_chain(v, vault_incarnation(v), &h->chain));
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		const struct sync_reader_ask ask = {.incarnation = h->chain.incarnation,
			.lane = lane,
			.first = low[lane - 1] + 1,
			.max_bytes = SYNC_BATCH_FILL_BYTES,
			.limit_bytes = SYNC_BATCH_FILL_BYTES,
			.max_count = SYNC_BATCH_MAX_COUNT,
			.study = STUDY,
			.writer = d->place->config.writer,
			.key = d->place->writer};
		h->readers[lane - 1] = sync_reader_new();
		assert_ok(
			sync_reader_read(h->readers[lane - 1], v, &ask, &h->batches[lane - 1]));
	}
}

static struct lane_action
rebase_of(const struct hub *h, uint32_t opens)
{
	struct lane_action a = {.kind = LANE_REBASE,
		.incarnation = opens,
		.base_incarnation = h->chain.incarnation};
	memcpy(a.base, h->chain.last, sizeof(a.base));
	return a;
}

/* Hands over what the hub has. */
static void
take_all(struct vault *v, const struct hub *h)
{
	const struct lane_action forget = {.kind = LANE_TAKE};
	assert_ok(sync_chain_take(v, &forget, false));
	for (uint8_t lane = LANE_C; lane <= LANE_A; lane++) {
		struct lane_action a = {.kind = LANE_TAKE,
			.incarnation = h->chain.incarnation,
			.lane = lane,
			.batch = h->batches[lane - 1]};
		if (a.batch->count)
			assert_ok(sync_chain_take(v, &a, false));
		a.batch = NULL;
		a.mark = h->chain.last[lane - 1];
		assert_ok(sync_chain_take(v, &a, false));
	}
}

static enum err
rebase(struct door *d, const struct hub *h, uint32_t opens)
{
	const struct lane_action a = rebase_of(h, opens);
	const struct sync_judge j = judge_of(d);
	enum err e = sync_chain_rebase(&j, &a);
	if (e)
		vault_abort(d->place->vault);
	else
		assert_ok(vault_commit(d->place->vault));
	return e;
}

/* Same writer, same row key: the second is a copy of the first. */
static void
copy_node(struct place *to, struct place *from)
{
	OWNED_MEM char *command = xasprintf("rm -rf '%s/vault'", to->dir);
	OWNED_MEM char *path = xasprintf("%s/vault", to->dir);
	close_vault(to);
	assert_int_equal(system(command), 0);
	assert_ok(vault_commit(from->vault));
	assert_ok(vault_copy(from->vault, path));
	memcpy(to->config.writer, from->config.writer, SIGN_PUBLIC_BYTES);
	open_vault(to);
}

static void
keep(struct door *d, const char *code, const char *instance)
{
	agree(d, code, PERMIT);
	assert_outcome(d, (struct sent){.code = code, .instance = instance}, SUBMIT_NEW);
	assert_ok(vault_commit(d->place->vault));
}

static uint64_t
entries(const struct vault *v)
{
	struct lane_chain c = {.incarnation = 0};
	uint64_t count = 0;
	while (vault_chain_above(v, c.incarnation, &c))
		for (size_t i = 0; i < LANE_COUNT; i++)
			count += c.last[i].seq;
	return count;
}

static bool
has_ended(struct door *d, const char *code)
{
	const struct sync_judge j = judge_of(d);
	uint8_t person[ID_BYTES];
	bool ended = false;
	assert_ok(pseudonym_find(d->place->vault, view_text(code), person));
	assert_ok(sync_judge_ended(&j, person, &ended));
	return ended;
}

/* Opens again: all that opening checks holds, and the tables are what the chains say. */
static void
assert_sound(struct door *d)
{
	close_vault(d->place);
	open_vault(d->place);
}

static int
make_two(void **state)
{
	static void *places[2];
	*state = places;
	return make_place(&places[0]) || make_place(&places[1]) ? -1 : 0;
}

static int
drop_two(void **state)
{
	void **places = *state;
	return drop_place(&places[0]) || drop_place(&places[1]) ? -1 : 0;
}

#define at_two_nodes(test) cmocka_unit_test_setup_teardown(test, make_two, drop_two)

/* Row 44. */
static void
a_node_that_was_put_back_has_again_what_the_hub_has(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h;
	struct sync_refilled done;
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	struct lane_chain before;
	assert_true(vault_chain(two[1]->vault, 1, &before));
	keep(&d, "N0002", "uuid:2");
	end(&d, "N0002");
	read_hub(&h, &d, (uint64_t[]){before.last[0].seq, before.last[1].seq, 0});
	take_all(two[1]->vault, &h);
	assert_ok(rebase(&old, &h, 2));
	assert_int_equal(vault_incarnation(two[1]->vault), 2);
	assert_int_equal(entries(two[1]->vault), entries(two[0]->vault));
	assert_int_equal(vault_committed(two[1]->vault, LANE_R).seq, 0);
	/* Who withdrew elsewhere is known here, by a code that was in no backup. */
	assert_true(has_ended(&old, "N0002"));
	assert_false(has_ended(&old, "N0001"));
	assert_ok(sync_refill_last(two[1]->vault, &done));
	assert_int_equal(done.repeated, 0);
	assert_true(done.taken > 0);
	assert_sound(&old);
	assert_outcome(
		&old, (struct sent){.code = "N0002", .instance = "uuid:3"}, SUBMIT_DELETED);
}

/* The hub gives back nothing but the headers of somebody who was erased. */
static void
what_comes_back_bare_is_erased_and_no_damage(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h;
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	struct sync_refilled done;
	bool erased = false;
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	keep(&d, "N0002", "uuid:2");
	const struct vault_at at = vault_here(two[0]->vault, LANE_R, 2);
	assert_ok(vault_erase(two[0]->vault, &at));
	read_hub(&h, &d, (uint64_t[]){0, 0, 0});
	take_all(two[1]->vault, &h);
	assert_ok(rebase(&old, &h, 2));
	assert_ok(sync_refill_last(two[1]->vault, &done));
	assert_int_equal(done.erased, 1);
	assert_ok(vault_is_erased(two[1]->vault, &at, &erased));
	assert_true(erased);
	assert_ok(vault_check(two[1]->vault, true, &f, NULL));
	assert_int_equal(f.count, 0);
}

/* Row 45. */
static void
what_only_this_copy_has_is_said_again_once(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h;
	OWNED_BUF struct buf header;
	struct wire_header said;
	struct lane_chain before, again;
	uint8_t root[HASH_BYTES];
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	assert_true(vault_chain(two[1]->vault, 1, &before));
	keep(&d, "N0002", "uuid:2");
	keep(&old, "N0003", "uuid:3");
	assert_ok(vault_hash(two[1]->vault,
		&AT(two[1]->vault, LANE_R, before.last[LANE_R - 1].seq + 1), root));
	read_hub(&h, &d, (uint64_t[]){before.last[0].seq, before.last[1].seq, 0});
	take_all(two[1]->vault, &h);
	assert_ok(rebase(&old, &h, 2));
	assert_int_equal(entries(two[1]->vault), entries(two[0]->vault) + 3);
	assert_true(vault_chain(two[1]->vault, 2, &again));
	assert_int_equal(again.last[LANE_R - 1].seq, 1);
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	assert_ok(vault_header(two[1]->vault, &AT(two[1]->vault, LANE_R, 1), &header));
	assert_ok(wire_header_unpack(&said, buf_view(&header)));
	assert_memory_equal(said.repeats, root, HASH_BYTES);
	assert_sound(&old);
	assert_false(has_ended(&old, "N0003"));

	/* The other copy comes later: what was said again is not said a third time. */
	OWNED_HUB struct hub h2;
	read_hub(&h2, &old, (uint64_t[]){0, 0, 0});
	take_all(two[0]->vault, &h2);
	for (uint8_t lane = LANE_C; lane <= LANE_A; lane++) {
		struct lane_action a = {.kind = LANE_TAKE,
			.incarnation = 1,
			.lane = lane,
			.mark = h.chain.last[lane - 1]};
		assert_ok(sync_chain_take(two[0]->vault, &a, false));
	}
	assert_ok(rebase(&d, &h2, 3));
	assert_int_equal(entries(two[0]->vault), entries(two[1]->vault));
	assert_sound(&d);
}

/* Row 48. */
static void
an_emptied_node_is_filled_again(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, empty;
	OWNED_HUB struct hub h;
	open_door(&d, two[0]);
	open_door(&empty, two[1]);
	keep(&d, "N0001", "uuid:1");
	end(&d, "N0001");
	read_hub(&h, &d, (uint64_t[]){0, 0, 0});
	memcpy(two[1]->config.writer, two[0]->config.writer, SIGN_PUBLIC_BYTES);
	two[1]->config.row_key = vault_row_key(two[0]->vault);
	OWNED_MEM char *command = xasprintf("rm -rf '%s/vault'", two[1]->dir);
	close_vault(two[1]);
	assert_int_equal(system(command), 0);
	open_vault(two[1]);
	two[1]->config.row_key = NULL;
	take_all(two[1]->vault, &h);
	assert_ok(rebase(&empty, &h, 2));
	assert_int_equal(entries(two[1]->vault), entries(two[0]->vault));
	assert_true(has_ended(&empty, "N0001"));
	assert_sound(&empty);
}

static void
a_record_that_came_back_is_the_same_when_it_comes_again(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h;
	struct lane_chain before;
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	assert_true(vault_chain(two[1]->vault, 1, &before));
	agree(&d, "N0002", PERMIT);
	assert_outcome(&d, (struct sent){.code = "N0002", .instance = "uuid:2"}, SUBMIT_NEW);
	/* The tablet had no answer, and sends it once more to the node that was put back. */
	agree(&old, "N0002", PERMIT);
	read_hub(&h, &d, (uint64_t[]){before.last[0].seq, before.last[1].seq, 0});
	take_all(two[1]->vault, &h);
	assert_ok(rebase(&old, &h, 2));
	uint64_t count = entries(two[1]->vault);
	enum submit_outcome outcome;
	assert_ok(submit(&old, (struct sent){.code = "N0002", .instance = "uuid:2"}, &outcome));
	assert_ok(vault_commit(two[1]->vault));
	assert_int_equal(entries(two[1]->vault), count);
	assert_sound(&old);
}

static void
what_does_not_fit_changes_nothing(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h;
	struct lane_chain before, after;
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	assert_true(vault_chain(two[1]->vault, 1, &before));
	keep(&d, "N0002", "uuid:2");
	keep(&d, "N0003", "uuid:3");
	const uint64_t low[][LANE_COUNT] = {
		{before.last[0].seq + 1, before.last[1].seq, 0}, /* one is missing */
		{before.last[0].seq, before.last[1].seq + 1, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(low); i++) {
		OWNED_HUB struct hub gap;
		read_hub(&gap, &d, low[i]);
		take_all(two[1]->vault, &gap);
		assert_err(rebase(&old, &gap, 2), E_CONFLICT);
	}
	read_hub(&h, &d, (uint64_t[]){before.last[0].seq, before.last[1].seq, 0});
	take_all(two[1]->vault, &h);
	h.chain.last[LANE_R - 1].seq++; /* not the end that was taken */
	assert_err(rebase(&old, &h, 2), E_CONFLICT);
	h.chain.last[LANE_R - 1].seq--;
	assert_err(rebase(&old, &h, 1), E_CONFLICT); /* no new incarnation */
	assert_true(vault_chain(two[1]->vault, 1, &after));
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(vault_incarnation(two[1]->vault), 1);
}

static void
what_was_taken_up_elsewhere_is_held_no_more_and_all_else_is(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h;
	struct lane_chain before;
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	assert_outcome(&d, (struct sent){.code = "N0002", .instance = "uuid:2"}, SUBMIT_HELD);
	assert_outcome(&d, (struct sent){.code = "N0003", .instance = "uuid:3"}, SUBMIT_HELD);
	assert_ok(vault_commit(two[0]->vault));
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	assert_true(vault_chain(two[1]->vault, 1, &before));
	agree(&d, "N0002", PERMIT);
	const struct sync_judge j = judge_of(&d);
	uint8_t person[ID_BYTES];
	person_of(&d, "N0002", person);
	assert_ok(sync_hold_release(&j, person));
	assert_int_equal(held(&d), 1);
	assert_int_equal(held(&old), 2);
	read_hub(&h, &d, (uint64_t[]){before.last[0].seq, before.last[1].seq, 0});
	take_all(two[1]->vault, &h);
	assert_ok(rebase(&old, &h, 2));
	assert_int_equal(held(&old), 1);
	assert_int_equal(entries(two[1]->vault), entries(two[0]->vault));
}

static void
entries_mend_only_where_the_chain_names_them(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, other;
	OWNED_HUB struct hub h, foreign;
	open_door(&d, two[0]);
	open_door(&other, two[1]);
	keep(&d, "N0001", "uuid:1");
	keep(&other, "N0001", "uuid:1");
	read_hub(&h, &d, (uint64_t[]){0, 0, 0});
	read_hub(&foreign, &other, (uint64_t[]){0, 0, 0});
	assert_ok(vault_mend(two[0]->vault, 1, h.batches[LANE_R - 1]));
	assert_ok(vault_commit(two[0]->vault));
	assert_err(vault_mend(two[0]->vault, 1, foreign.batches[LANE_R - 1]), E_CONFLICT);
	assert_err(vault_mend(two[0]->vault, 2, h.batches[LANE_R - 1]), E_CONFLICT);
	assert_false(vault_is_changed(two[0]->vault));
	assert_sound(&d);
}

static enum err
count_one(void *arg, struct view key, struct view content)
{
	(void)key;
	(void)content;
	++*(size_t *)arg;
	return OK;
}

static size_t
rows_of(struct vault *v, enum vault_table table)
{
	size_t count = 0;
	assert_ok(vault_each(v, table, view_of(NULL, 0), count_one, &count));
	return count;
}

/* The copy that took it up is gone, and with it the answers that stay at the site and the files
 * that it had not sent: those here are the last ones. */
static void
what_only_this_copy_held_of_a_record_stays_with_it(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h;
	OWNED_HOLD struct sync_hold hold;
	struct lane_chain before;
	uint8_t id[ID_BYTES], person[ID_BYTES];
	struct view row;
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	assert_outcome(&d,
		(struct sent){.code = "N0002",
			.instance = "uuid:2",
			.expected = "a.jpg",
			.file = "a.jpg",
			.bytes = "a picture"},
		SUBMIT_HELD);
	capture_instance_of(id, d.site.row_key, "uuid:2");
	assert_ok(sync_hold_get(two[0]->vault, id, &hold));
	hold.site_part = view_text("answers that stay at the site");
	assert_ok(sync_hold_put(two[0]->vault, id, &hold));
	assert_ok(vault_commit(two[0]->vault));
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	assert_true(vault_chain(two[1]->vault, 1, &before));
	agree(&d, "N0002", PERMIT);
	const struct sync_judge j = judge_of(&d);
	person_of(&d, "N0002", person);
	assert_ok(sync_hold_release(&j, person));
	assert_int_equal(held(&d), 0);
	read_hub(&h, &d, (uint64_t[]){before.last[0].seq, before.last[1].seq, 0});
	take_all(two[1]->vault, &h);
	size_t chunks = rows_of(two[1]->vault, VAULT_CHUNKS);
	assert_true(chunks > 0);
	assert_ok(rebase(&old, &h, 2));
	assert_int_equal(held(&old), 0);
	assert_int_equal(rows_of(two[1]->vault, VAULT_CHUNKS), chunks);
	assert_int_equal(rows_of(two[1]->vault, VAULT_FILES), 1);
	assert_ok(vault_get(two[1]->vault, VAULT_LOCALS, view_of(id, ID_BYTES), &row));
	assert_true(view_same(row, view_text("answers that stay at the site")));
}

/* A page of a disk holds several entries: they go bad together. */
static void
neighbours_that_are_damaged_both_come_back_one_after_the_other(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d;
	OWNED_HUB struct hub h;
	struct lane_action a = {.kind = LANE_TAKE, .incarnation = 1, .lane = LANE_R};
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	keep(&d, "N0002", "uuid:2");
	keep(&d, "N0003", "uuid:3");
	read_hub(&h, &d, (uint64_t[]){0, 0, 0});
	const struct sync_batch *all = h.batches[LANE_R - 1];
	struct sync_batch one = *all;
	assert_true(all->count >= 3);
	spoil_entry(two[0], LANE_R, 1);
	spoil_entry(two[0], LANE_R, 2);
	one.count = 1;
	a.batch = &one;
	/* Nobody can tell yet that it is the one that was here; that ends no session. */
	assert_err(sync_chain_take(two[0]->vault, &a, true), E_CONFLICT);
	one.first = 2;
	one.entries = all->entries + 1;
	assert_ok(sync_chain_take(two[0]->vault, &a, true));
	one.first = 1;
	one.entries = all->entries;
	assert_ok(sync_chain_take(two[0]->vault, &a, true));
	assert_ok(vault_commit(two[0]->vault));
	assert_sound(&d);
}

/* The hub greets with a place whose entry is damaged here: the one behind it names its hash. */
static void
a_damaged_entry_is_known_by_the_one_behind_it(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d;
	struct lane_action a = {.kind = LANE_FIND_HEAD, .incarnation = 1, .lane = LANE_R};
	struct lane_event ev = {0};
	uint8_t hash[HASH_BYTES];
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	keep(&d, "N0002", "uuid:2");
	assert_ok(vault_hash(two[0]->vault, &AT(two[0]->vault, LANE_R, 1), hash));
	spoil_entry(two[0], LANE_R, 1);
	a.mark.seq = 1;
	assert_ok(sync_chain_find(two[0]->vault, &a, &ev));
	assert_true(ev.found);
	assert_memory_equal(ev.mark.head, hash, HASH_BYTES);
	/* What the hub compares has to be here to count. */
	a.kind = LANE_LOOK;
	ev = (struct lane_event){0};
	assert_ok(sync_chain_find(two[0]->vault, &a, &ev));
	assert_false(ev.found);
}

/* A rebase meets entries that are damaged here: it ends, and says what is lost. */
static void
a_damaged_entry_ends_no_rebase(void **state)
{
	struct place **two = *state;
	OWNED_DOOR struct door d, old;
	OWNED_HUB struct hub h, whole;
	struct sync_refilled done;
	struct lane_chain ended, before;
	open_door(&d, two[0]);
	keep(&d, "N0001", "uuid:1");
	end(&d, "N0001");
	assert_true(vault_chain(two[0]->vault, 1, &ended));
	keep(&d, "N0005", "uuid:5");
	copy_node(two[1], two[0]);
	open_door(&old, two[1]);
	assert_true(vault_chain(two[1]->vault, 1, &before));
	keep(&d, "N0002", "uuid:2");
	keep(&old, "N0003", "uuid:3");
	keep(&old, "N0004", "uuid:4");
	read_hub(&whole, &d, (uint64_t[]){ended.last[0].seq - 1, 0, 0});
	read_hub(&h, &d, (uint64_t[]){before.last[0].seq, before.last[1].seq, 0});
	/* A withdrawal and a record that both have, and a record that only this copy has. */
	spoil_entry(two[1], LANE_C, ended.last[LANE_C - 1].seq);
	spoil_entry(two[1], LANE_R, before.last[LANE_R - 1].seq);
	spoil_entry(two[1], LANE_R, before.last[LANE_R - 1].seq + 2);
	take_all(two[1]->vault, &h);
	assert_ok(rebase(&old, &h, 2));
	assert_ok(sync_refill_last(two[1]->vault, &done));
	assert_int_equal(done.lost, 1);
	assert_int_equal(vault_committed(two[1]->vault, LANE_R).seq, 1);
	/* What is at the hub comes back, and with it what it says. */
	assert_false(has_ended(&old, "N0001"));
	struct sync_batch one = *whole.batches[LANE_C - 1];
	one.count = 1;
	const struct lane_action mend = {
		.kind = LANE_TAKE, .incarnation = 1, .lane = LANE_C, .batch = &one};
	assert_ok(sync_chain_take(two[1]->vault, &mend, true));
	assert_ok(vault_commit(two[1]->vault));
	assert_true(has_ended(&old, "N0001"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_two_nodes(a_node_that_was_put_back_has_again_what_the_hub_has),
		at_two_nodes(what_comes_back_bare_is_erased_and_no_damage),
		at_two_nodes(what_only_this_copy_has_is_said_again_once),
		at_two_nodes(an_emptied_node_is_filled_again),
		at_two_nodes(a_record_that_came_back_is_the_same_when_it_comes_again),
		at_two_nodes(what_does_not_fit_changes_nothing),
		at_two_nodes(what_was_taken_up_elsewhere_is_held_no_more_and_all_else_is),
		at_two_nodes(entries_mend_only_where_the_chain_names_them),
		at_two_nodes(neighbours_that_are_damaged_both_come_back_one_after_the_other),
		at_two_nodes(a_damaged_entry_is_known_by_the_one_behind_it),
		at_two_nodes(a_damaged_entry_ends_no_rebase),
		at_two_nodes(what_only_this_copy_held_of_a_record_stays_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
