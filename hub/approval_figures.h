/* approval_figures - how long approvals took and what they cost (Q07 and Q08 of the codebook),
 * from the approvals themselves.
 *
 * Days:        working days, Monday to Friday, from the first day anything that a site needed
 *              was asked for to the day the last of it was decided; approvals of the whole
 *              study count for every site. One without the day it was asked for counts its
 *              decision.
 * Cost:        of a site: its own, and its equal share of what the whole study's cost.
 * Left out:    approvals about a person; what is no agreement, or was never verified.
 */
#ifndef WEIR_HUB_APPROVAL_FIGURES_H
#define WEIR_HUB_APPROVAL_FIGURES_H

#include "hub/approval.h"

struct approval_figures {
	size_t count;      /* approvals that count for the site */
	int64_t days;      /* Q07 */
	double cost;       /* numerator of Q08 */
	int64_t first_s;   /* asked for; 0: none */
	int64_t decided_s; /* the last of them */
};

/* Of a site among `sites` of the study. */
void approval_figures_of(const struct approval *rows, size_t count, const char *site,
	size_t sites, struct approval_figures *ret);
/* Q08: approvals as a share of what taking part cost; negative if neither cost anything. */
double approval_figures_share(const struct approval_figures *f, double set_up_cost);

/* Days from Monday to Friday in [from_s, until_s), by the day each second lies in (UTC). */
int64_t approval_figures_working_days(int64_t from_s, int64_t until_s);

#endif
