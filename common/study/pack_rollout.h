/* pack_rollout - what study.ini says of a form as approvals see it: flow of data, and phase.
 *
 * Errors: none; of what is not there nothing is said.
 */
#ifndef WEIR_PACK_ROLLOUT_H
#define WEIR_PACK_ROLLOUT_H

#include "common/study/pack.h"

/* [form.ID] flow: the stream of data that its records are part of, which an approval may be
 * about (section 251); "" if it is not said, or there is no such form. */
const char *pack_flow(const struct pack *p, const char *form);
bool pack_has_flow(const struct pack *p, const char *flow);

/* Does a version of the form, the first one as well, need an agreed change of the study before
 * it takes records ([phase2] list.needs = amendment, and [form.ID] phase = 2)? */
bool pack_waits_for_amendment(const struct pack *p, const struct form *f);

#endif
