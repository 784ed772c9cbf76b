/* pack - a whole study pack: what a research team edits and the hub publishes.
 *
 * Files:       study.ini, rules.ini, sites.csv, codebook.csv, and each form NAME in one of
 *              forms/NAME/{survey,choices,settings,entities}.csv, forms/NAME.xlsx,
 *              forms/NAME.xml, forms/NAME/NAME.xlsx, forms/NAME/NAME.xml. Whatever else stands
 *              in forms/NAME/ travels with the form: lists, pictures. partners.csv may be
 *              there (pack_partners.h). Other files of the directory are no part of the pack.
 * Always true: a pack that was loaded has no fault; what it refers to exists.
 *              document names are relative paths with '/', in byte order; the bytes are as they
 *              came.
 * Limits:      200 documents, 16 MiB each, 64 MiB together; 32 forms, 1,000 sites, 2,000
 *              partners, 50 waves.
 * Errors:      E_FORMAT when there are faults (all of them are in `faults`), E_NOTFOUND, E_IO,
 *              E_FULL.
 */
#ifndef WEIR_PACK_H
#define WEIR_PACK_H

#include "common/study/codebook.h"
#include "common/study/faults.h"
#include "common/study/pack_parts.h"
#include "common/study/profile.h"
#include "common/study/rules.h"

#define PACK_MAX_DOCUMENTS 200

struct pack_document {
	const char *name;
	struct view bytes;
};

struct pack {
	char *id;
	char *title;
	char *kind;
	char *protocol; /* number of the plan */
	char *log_origin;
	char *code_pattern;    /* POSIX extended, whole match; "" = no codes but our own */
	char *confidentiality; /* the basis: consent, s251, mca-s30-33, anonymised */
	struct pack_legal legal;
	bool unconfirmed;     /* nobody has confirmed the legal bases: collection is not open */
	int64_t retention_ms; /* of answers, behind the last release; 0: not said */
	int64_t retention_contact_ms;   /* of names, behind the last contact; 0: not said */
	int64_t sealed_ms;              /* date of the sealed analysis plan; 0: not sealed */
	uint32_t response_warn_percent; /* under it (F01) outcomes are marked; 0: not asked */
	uint32_t partner_warn_percent;  /* over it a note says so; 0: not asked */
	char *pooling;
	char *symbol_hidden, *symbol_none;
	char *symbol_no_site, *symbol_not_applicable;
	char **levels; /* participation changes that the information sheet promised */
	size_t level_count;
	/* Level that an objection acts as until it is reviewed, and what becomes of answers
	 * when a person loses capacity; 0: not said. */
	enum pack_objection {
		PACK_OBJECTION_CONTACT = 1,
		PACK_OBJECTION_COLLECTION,
		PACK_OBJECTION_USE,
		PACK_OBJECTION_ERASE,
	} objection;
	enum pack_incapable { PACK_INCAPABLE_STAYS = 1, PACK_INCAPABLE_AS_PERMITTED } incapable;
	char *telephone;        /* whom a participant rings; "" if study.ini names none */
	int64_t done_within_ms; /* a withdrawal has reached every store by then; 0: not said */
	int64_t in_force_s;     /* a site collects so long by one word of the hub */
	struct form **forms;
	size_t form_count;
	struct pack_site *sites;
	size_t site_count;
	struct pack_partner *partners;
	size_t partner_count;
	struct pack_wave *waves;
	size_t wave_count;
	struct pack_group *groups;
	size_t group_count;
	struct missing_codes missing; /* [missing] */
	struct codebook *codebook;
	struct rules *rules;
	struct profile profile;
	struct pack_private
		*own; /* documents, approvals by kind of site, compiled code pattern */
};

/* gives the pack. Faults and warnings go to `faults` (may hold warnings after OK). */
CHECKED enum err pack_load(struct pack **ret, const char *dir, struct faults *faults);
/* The same from documents in memory; copies their names and bytes. */
CHECKED enum err pack_load_documents(struct pack **ret, const struct pack_document *documents,
	size_t count, struct faults *faults);
void pack_free(struct pack *p);
OWNER(pack)

/* The documents of the pack, lent as long as it lives, in byte order of their names. */
const struct pack_document *pack_documents(const struct pack *p, size_t *ret_count);

/* May a person choose this level? Three need no promise on the information sheet. */
bool pack_offers(const struct pack *p, const char *level);
/* Each is NULL when there is none of that name. */
const struct form *pack_form(const struct pack *p, const char *id);
const struct pack_site *pack_site(const struct pack *p, const char *id);
const struct pack_wave *pack_wave(const struct pack *p, uint32_t number);
/* The wave in which the form takes records at this time. */
const struct pack_wave *pack_wave_at(
	const struct pack *p, const struct form *f, int64_t wall_ms);

/* Does the text match code.pattern, the codes that come with the data? False if there is no
 * pattern. The codes that nodes make themselves are the node's to check. */
bool pack_is_code(const struct pack *p, const char *code);
/* The time zone of the study's days (zone.h); lent. */
const char *pack_zone(const struct pack *p);

/* Staged roll-out ([form.ID] sites): is the form for this site? Without such a line for all. */
bool pack_form_at(const struct pack *p, const struct form *f, const char *site);
/* [form.ID] state = closed: no new records; corrections of old ones are still taken. */
bool pack_form_closed(const struct pack *p, const struct form *f);
/* [form.ID] reconsent: what a new version of a consent form asks of who agreed to an older one:
 * none, next-contact, before-collection or before-use; "" if it is not said. */
const char *pack_reconsent(const struct pack *p, const struct form *f);
/* How long the study is planned for: from the first day that a form opens to the last that one
 * closes; 0 without a window. */
int64_t pack_planned_ms(const struct pack *p);

#endif
