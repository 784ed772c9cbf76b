/* node_away - a node that has no connection, for suites about what is carried to it. */
#ifndef WEIR_TESTS_NODE_AWAY_H
#define WEIR_TESTS_NODE_AWAY_H

#include "node/bundles.h"

/* With the keys of its hub. */
struct away {
	char dir[32];
	struct hubcard card;
	struct sitekeys *keys;
	struct vault *vault;
	struct sync_config *config;
	struct link_context *context;
	struct reactor *reactor;
	struct sync_link *link;
	struct sync_link_site site;
	struct bundles *bundles;
	struct secret *receipt, *ledger;
	uint64_t number; /* of the hub's bundles */
};

int away_make(void **state);
int away_drop(void **state);
void away_end_turn(struct away *a);
/* So many more entries of a lane. */
void away_write(struct away *a, enum lane lane, size_t count);

#endif
