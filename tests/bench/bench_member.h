/* bench_member - a node's session as sync runs it, without its process: many share one loop.
 *
 * It can hurt: it ends the program at every error (bench.h).
 */
#ifndef WEIR_BENCH_MEMBER_H
#define WEIR_BENCH_MEMBER_H

#include "node/sync_link.h"

struct bench_member {
	struct hubcard card;
	struct sitekeys *keys;
	struct vault *vault;
	struct sync_config *config;
	struct sync_link *link;
};

/* Opens vault and line of DIR with the keys of this number (bench_keys.h); copies the card, in
 * which the writer is filled in; lends context and loop. */
void bench_member_open(struct bench_member *ret, const struct hubcard *card, const char *dir,
	unsigned number, struct link_context *context, struct reactor *reactor);
void bench_member_close(struct bench_member *m);

/* As sync ends its turns. */
CHECKED enum err bench_member_end_turn(struct bench_member *m);

/* Does the hub's receipt cover all entries of these lanes? */
bool bench_member_is_receipted(struct bench_member *m, enum lane first, enum lane last);

#endif
