/* wire_sync_tables - row by row, what each frame of proto/sync.proto may hold.
 *
 * Only wire_sync.c includes this.
 */
#ifndef WEIR_WIRE_SYNC_TABLES_H
#define WEIR_WIRE_SYNC_TABLES_H

#include "common/codec/wire_fields.h"
#include "common/codec/wire_sync.h"

/* The table of a frame; NULL if there is no such kind. A WELCOME's is its envelope. */
const struct wire_table *sync_table(enum sync_kind kind);
/* What stands inside the envelope of a WELCOME; fills all but body and signature. */
const struct wire_table *sync_table_welcome_body(void);
const struct wire_table *sync_table_receipt(void);

#endif
