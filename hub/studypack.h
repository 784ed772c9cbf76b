/* studypack - a study pack of a directory, as commands load it: every fault is printed
 * (faultlist.h). */
#ifndef WEIR_HUB_STUDYPACK_H
#define WEIR_HUB_STUDYPACK_H

#include "common/study/pack.h"

/* gives the pack. With faults, which are printed: E_FORMAT "DIR: 3 faults; `otherwise`". */
CHECKED enum err studypack_load(struct pack **ret, const char *dir, const char *otherwise);

#endif
