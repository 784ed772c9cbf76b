/* bench_lmdb - LMDB bare, for the limits: one table, default sync, no check of anything.
 *
 * It can hurt: it ends the program at every error (bench.h).
 */
#ifndef WEIR_BENCH_LMDB_H
#define WEIR_BENCH_LMDB_H

#include "common/codec/bytes.h"

struct bench_lmdb;
/* gives an empty environment in `dir`. */
struct bench_lmdb *bench_lmdb_open(const char *dir);
void bench_lmdb_free(struct bench_lmdb *l);
OWNER(bench_lmdb)

/* A row behind all others, under a key that counts up; the transaction begins by itself. */
void bench_lmdb_put(struct bench_lmdb *l, struct view value);
/* The row put as number n, from 0 on; lent until the next put or commit. */
struct view bench_lmdb_get(struct bench_lmdb *l, uint64_t n);
/* Durable when it returns. */
void bench_lmdb_commit(struct bench_lmdb *l);

#endif
