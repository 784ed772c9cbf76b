/* pack_own - what a pack keeps for itself, shared by the files of the room pack and by nobody
 * else. */
#ifndef WEIR_PACK_OWN_H
#define WEIR_PACK_OWN_H

#include "common/study/pack.h"
#include "common/study/pattern.h"
#include "common/study/values.h"

#define PACK_MAX_FORMS 32
#define PACK_MAX_SITES 1000
#define PACK_MAX_WAVES 50

/* What sites of a kind need before they collect: "rec site_agreement". */
struct pack_needs {
	char *kind;
	char *approvals;
};

/* Which sites have a form, and whether it takes new records. */
struct pack_rollout {
	const struct form *form;
	char *sites; /* separated by blanks; "" for all */
	bool closed;
};

struct pack_private {
	struct pack_document *documents; /* names and bytes are owned */
	size_t document_count;
	struct pattern *code;
	char *zone;
	struct pack_needs *needs;
	size_t needs_count;
	struct pack_rollout *rollouts;
	size_t rollout_count;
};

/* Keys `sites` and `state` of a section [form.ID]; a fault for any site that sites.csv does not
 * name, once it was read. */
void pack_rollout_read(struct pack *p, const struct values *v, const struct form *f);
void pack_rollout_check(const struct pack *p, struct faults *faults);
void pack_rollout_done(struct pack_private *own);

/* Each reads one document into the pack and adds faults; forms are read before study.ini, which
 * is read before sites.csv. */
void pack_read_study(struct pack *p, struct view text, struct faults *faults);
void pack_read_sites(struct pack *p, struct view text, struct faults *faults);

#endif
