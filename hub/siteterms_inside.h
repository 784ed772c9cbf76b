/* siteterms_inside - what the files of siteterms share; no other file includes this one.
 *
 * siteterms: which site has which terms, when they are signed anew. siteterms_source: what they
 * say, out of the vault.
 */
#ifndef WEIR_HUB_SITETERMS_INSIDE_H
#define WEIR_HUB_SITETERMS_INSIDE_H

#include "hub/approval_facts.h"
#include "hub/brought.h"
#include "hub/delegation.h"
#include "hub/hold.h"
#include "hub/judge_sheets.h"
#include "hub/leaving.h"
#include "hub/siteterms.h"

/* What all sites' terms are made from; lives while they are made. */
struct siteterms_source {
	struct hub *hub;
	struct vault_txn *txn;
	bool renews; /* their last day, whatever they say */
	struct approval *rows;
	size_t row_count;
	struct approval_site *sites;
	size_t site_count;
	struct approval_facts *facts;
	struct delegation delegation;
	struct hold *holds;
	char (*hold_sites)[ROW_ID_BYTES];
	size_t hold_count;
	struct leavings leavings;
	struct judge_sheets sheets;
	struct brought brought;
};

/* Fills one with hub and txn set; siteterms_source_done() releases it whatever the result. */
CHECKED enum err siteterms_source_read(struct siteterms_source *s);
void siteterms_source_done(struct siteterms_source *s);

/* All that terms of the site say but for their number and times. to: empty; own: for its rules;
 * both lend from the source and from own. */
CHECKED enum err siteterms_source_fill(
	struct siteterms_source *s, const char *site, struct terms *to, struct buf *own);

#endif
