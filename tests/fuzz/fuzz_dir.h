/* fuzz_dir - a directory for doors that read files; made once a process, gone when it ends. */
#ifndef WEIR_FUZZ_DIR_H
#define WEIR_FUZZ_DIR_H

#include "common/codec/bytes.h"

/* lends its path: in memory where the system has such a place. */
const char *fuzz_dir(void);
/* Everything in it goes. */
void fuzz_dir_empty(void);
/* A file of it, or of a directory below it, which is made. */
void fuzz_dir_write(const char *name, struct view content);

#endif
