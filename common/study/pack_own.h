/* pack_own - what a pack keeps for itself, shared by the files of the room pack and by nobody
 * else. */
#ifndef WEIR_PACK_OWN_H
#define WEIR_PACK_OWN_H

#include "common/study/pack.h"
#include "common/study/pattern.h"

#define PACK_MAX_FORMS 32
#define PACK_MAX_SITES 1000
#define PACK_MAX_WAVES 50

/* What sites of a kind need before they collect: "rec site_agreement". */
struct pack_needs {
	char *kind;
	char *approvals;
};

struct pack_private {
	struct pack_document *documents; /* names and bytes are owned */
	size_t document_count;
	struct pattern *code;
	char *zone;
	struct pack_needs *needs;
	size_t needs_count;
};

/* Each reads one document into the pack and adds faults; forms are read before study.ini, which
 * is read before sites.csv. */
void pack_read_study(struct pack *p, struct view text, struct faults *faults);
void pack_read_sites(struct pack *p, struct view text, struct faults *faults);

#endif
