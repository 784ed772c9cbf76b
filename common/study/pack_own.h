/* pack_own - what a pack keeps for itself, shared by the files of the room pack and by nobody
 * else. */
#ifndef WEIR_PACK_OWN_H
#define WEIR_PACK_OWN_H

#include "common/study/pack_partners.h"
#include "common/study/pattern.h"
#include "common/study/values.h"

#define PACK_MAX_FORMS     32
#define PACK_MAX_SITES     1000
#define PACK_MAX_WAVES     50
#define PACK_MAX_PARTNERS  2000
#define PACK_MAX_TELEPHONE 40
#define PACK_LEVELS        "no-further-contact|no-more-collection|no-further-use|erase"

/* What sites of a kind need before they collect: "rec site_agreement". */
struct pack_needs {
	char *kind;
	char *approvals;
};

/* Which sites have a form, and whether it takes new records. */
struct pack_rollout {
	const struct form *form;
	char *sites;    /* separated by blanks; "" for all */
	char *eligible; /* column of sites.csv with the people who could answer; "" none */
	bool closed;
	const char *reconsent; /* a word of pack_reconsent(), or "" */
	char *flow;            /* of data that its records are part of; "" for none */
	bool is_second;        /* of phase 2 */
};

struct pack_private {
	struct pack_document *documents; /* names and bytes are owned */
	size_t document_count;
	struct view partner_list; /* what forms are given of partners.csv; owned */
	struct pattern *code;
	char *zone;
	struct pack_needs *needs;
	size_t needs_count;
	struct pack_rollout *rollouts;
	size_t rollout_count;
	bool list_is_amended; /* [phase2] list.needs = amendment */
	bool formless;        /* some form could not be read: what refers to it is not judged */
};

/* Keys `phase`, `sites`, `state`, `reconsent` and `flow` of [form.ID]; a fault for any
 * site that sites.csv does not name, once it was read. */
void pack_rollout_read(struct pack *p, const struct values *v, const struct form *f);
void pack_rollout_check(const struct pack *p, struct faults *faults);
void pack_rollout_done(struct pack_private *own);

/* ---- documents (pack_files) ---- */

#define PACK_FORMS "forms/"

/* Copies the bytes under the name. */
CHECKED enum err pack_add_document(
	struct pack_private *own, const char *name, struct view bytes);
/* The document of this name, or NULL. */
const struct pack_document *pack_document_named(
	const struct pack_private *own, const char *name);
/* gives the NAME of "forms/NAME.xml", "forms/NAME.xlsx" and "forms/NAME/FILE"; NULL for any
 * other document. */
char *pack_form_of(const char *name);
/* May a document of a pack have this name? */
bool pack_belongs(const char *name);
/* All documents of a directory; a fault for each file of forms/ that cannot be one. */
CHECKED enum err pack_read_dir(
	struct pack_private *own, const char *dir, struct faults *faults);

/* ---- forms (pack_forms) ---- */

struct pack_forms;

/* gives where the forms stand; the forms are the pack's. */
struct pack_forms *pack_read_forms(struct pack *p, struct faults *faults);
/* What forms of a study have to keep to; study.ini has been read. */
void pack_check_forms(const struct pack_forms *forms, struct faults *faults);
void pack_forms_free(struct pack_forms *forms);
OWNER(pack_forms)

/* ---- partners (pack_partners) ---- */

/* lends the list that forms are given; NULL view without a partners.csv. */
struct view pack_partner_list(struct pack_private *own);
/* partners.csv into the pack; sites.csv has been read. */
void pack_read_partners(struct pack *p, struct view text, struct faults *faults);
/* What a pack as it is published has to keep to: a node sees its own partners only. */
void pack_check_partners(const struct pack *p, struct faults *faults);
void pack_partners_done(struct pack *p);

/* ---- study.ini and sites.csv ---- */

/* Each reads one document into the pack and adds faults; forms are read before study.ini, which
 * is read before sites.csv. */
/* Section study of study.ini. */
void pack_read_about(struct pack *p, const struct ini *ini, struct faults *faults);
/* Sections legal, plan, phase2, quality and withdrawal (its levels apart) of study.ini. */
void pack_read_plan(struct pack *p, const struct ini *ini, struct faults *faults);
void pack_read_study(struct pack *p, struct view text, struct faults *faults);
void pack_read_sites(struct pack *p, struct view text, struct faults *faults);

#endif
