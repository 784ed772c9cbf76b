/* partnership - the example study pack as tests use it: forms, groups, missing codes and
 * codebook. */
#ifndef WEIR_PARTNERSHIP_H
#define WEIR_PARTNERSHIP_H

#include "common/study/codebook.h"

#define PARTNERSHIP_FORMS 4
#define PARTNERSHIP_DIR   WEIR_SOURCE_DIR "/ops/study/partnership"

struct partnership {
	struct form *forms[PARTNERSHIP_FORMS];
	struct missing_codes missing;
	struct group_rule *groups;
	size_t group_count;
	struct codebook *book; /* NULL when it has a fault */
	struct faults *faults;
};

/* gives */
struct partnership *partnership_open(void);
void partnership_free(struct partnership *p);
OWNER(partnership)

/* The form of this id, or NULL. */
const struct form *partnership_form(const struct partnership *p, const char *id);

#endif
