/* node_place - a node directory with an open vault for each test, for the suites of node. */
#ifndef WEIR_TESTS_NODE_PLACE_H
#define WEIR_TESTS_NODE_PLACE_H

#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "node/vault_inside.h"

#define STUDY     "wvs-poverty"
#define MAP_BYTES ((size_t)64 << 20)

/* A place in the incarnation in use, for a call. */
#define AT(vault, lane, seq) ((struct vault_at[]){vault_here(vault, lane, seq)}[0])

struct place {
	char dir[32];
	struct vault_config config;
	struct vault *vault;
	struct secret *writer;
	void *more; /* of the suite */
};

static inline void
open_vault(struct place *p)
{
	assert_ok(vault_open(&p->vault, &p->config));
}

static inline void
close_vault(struct place *p)
{
	vault_free(take(p->vault));
}

static inline int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (crypto_init() || !own_dir_make(p->dir, sizeof(p->dir), "node"))
		return -1;
	p->config =
		(struct vault_config){.dir = p->dir, .study = STUDY, .map_bytes = MAP_BYTES};
	sign_keypair(p->config.writer, &p->writer);
	open_vault(p);
	*state = p;
	return 0;
}

static inline int
drop_place(void **state)
{
	struct place *p = *state;
	close_vault(p);
	secret_free(p->writer);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

/* Changes a byte of a row as a bad disk would, behind the vault's back. */
static inline void
spoil_row(struct place *p, enum table table, struct view key)
{
	struct view row;
	assert_ok(vault_commit(p->vault));
	assert_ok(vault_row_drop(p->vault, TABLE_META, view_text("no row")));
	assert_ok(store_get(p->vault->txn, table, key, &row));
	OWNED_MEM uint8_t *copy = xmemdup(row.at, row.len);
	copy[row.len / 2] ^= 1;
	assert_ok(store_put(p->vault->txn, table, key, view_of(copy, row.len)));
	p->vault->changed = true;
	assert_ok(vault_commit(p->vault));
}

static inline void
spoil_entry(struct place *p, enum lane lane, uint64_t seq)
{
	uint8_t place[PLACE_BYTES];
	vault_place(place, &AT(p->vault, lane, seq));
	spoil_row(p, TABLE_ENTRIES, view_of(place, sizeof(place)));
}

#define at_a_node(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

#endif
