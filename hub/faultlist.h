/* faultlist - the faults of a study pack or a form, shown to people and programs. */
#ifndef WEIR_HUB_FAULTLIST_H
#define WEIR_HUB_FAULTLIST_H

#include "common/study/faults.h"

/* One line each: faults on standard output, warnings on standard error. */
void faultlist_print(const struct faults *f);

/* {"faults":[{"file","row","column","reason","warning"}],"errors":N} on standard output. */
CHECKED enum err faultlist_print_json(const struct faults *f);

#endif
