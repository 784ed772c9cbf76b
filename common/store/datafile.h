/* datafile - the data file of an LMDB environment, judged and grown without mapping it.
 *
 * LMDB maps the file and trusts it: a page that is named by the tree and lies behind the end
 * of the file ends the process with SIGBUS. So the file is read here first, with bounds on
 * everything.
 *
 * Always true:  after OK every page up to the last one that the newest meta page counts is in
 *               the file, or is on the free list, where LMDB legally leaves the end unwritten
 *               (a page taken and given back in one transaction is never written).
 * Format:       page 0 and 1 are meta pages: pgno u64, pad u16, flags u16, lower u16, upper
 *               u16, then from byte 16: magic u32 0xBEEFC0DE, version u32 1, address u64, map
 *               size u64, two tree records of 48 bytes (free list, main: pad u32, flags u16,
 *               depth u16, branch, leaf, overflow pages u64, entries u64, root u64; the pad of
 *               the first is the page size), last page u64, transaction u64. Host byte order,
 *               little-endian (LMDB 0.9.24, struct MDB_meta and MDB_page).
 * Errors:       E_NOTFOUND no such file; E_FORMAT "... is damaged: ..."; E_IO.
 */
#ifndef WEIR_DATAFILE_H
#define WEIR_DATAFILE_H

#include "common/base/err.h"

/* Judges the file at `path`; changes nothing. */
CHECKED enum err datafile_check(const char *path);

/* Gives the open file room up to `bytes` at least, allocated in steps ahead of need (growing
 * page by page makes each commit dearer). Stays under `max_bytes`. What cannot be had is left
 * to the write that needs it. gives back the size of the file. */
size_t datafile_extend(int fd, size_t bytes, size_t max_bytes);

#endif
